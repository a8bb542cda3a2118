import { approverGroups } from '../../core/access';
import {
  baselineNames,
  canMend,
  type Machine,
  type MachinePolicy,
  machineTeams,
  policyWord,
} from '../../core/compliance';
import { isUserError } from '../../core/errors';
import { seconds, within } from '../../core/time';
import { askRights, type Dataset, type Deps, type Turn } from '../conversation';

/** What somebody has typed into a field that looks things up. None of it is trusted. */
export interface Letters {
  readonly dataset: string;
  readonly text: string;
}

export interface Offered {
  readonly title: string;
  readonly value: string;
}

/** Teams shows no more of them. */
const mostOffered = 15;
/** Machines are looked through for those of the person's teams. */
const mostMachines = 100;
/** A single letter fits too many. */
const fewestLetters = 2;
const patienceMs = seconds(2);

/** What fits the letters among what the person may see; nothing where nothing is known in time. Never throws. */
export async function offered(turn: Turn, { dataset, text }: Letters, deps: Deps): Promise<readonly Offered[]> {
  if (!deps.tenants.includes(turn.person.tenantId)) return [];
  const [kind = '', about = ''] = dataset.split('/', 2);
  const look = Object.hasOwn(looks, kind) ? looks[kind as Dataset] : undefined;
  const letters = text.trim().slice(0, 80);
  if (!look || (letters.length < fewestLetters && kind !== 'policies' && kind !== 'remedies')) return [];
  try {
    const { rights } = await askRights(deps.directory, deps.catalogue(), turn.person.oid);
    const found = await within(patienceMs, look({ letters, about, rights, deps }), () => []);
    return found.slice(0, mostOffered);
  } catch (error) {
    if (isUserError(error)) return [];
    throw error;
  }
}

interface Look {
  readonly letters: string;
  readonly about: string;
  readonly rights: Awaited<ReturnType<typeof askRights>>['rights'];
  readonly deps: Deps;
}

const looks: Readonly<Record<Dataset, (look: Look) => Promise<readonly Offered[]>>> = {
  ...{ machines, people },
  policies: (look) => policies(look, () => true, []),
  // What a remediation can mend there, and what brings what is missing.
  remedies: (look) => policies(look, ({ effect, state }) => canMend(effect) && state === 'NonCompliant', baselineNames),
  zones: async ({ letters }) => zonesLike(letters),
};

/** By the beginning of their names; of several with one name each by its resource group. */
async function machines({ letters, rights, deps }: Look): Promise<readonly Offered[]> {
  const [{ rows }, teamOf] = await Promise.all([
    deps.read.machineList({ nameBegins: letters, withoutInstances: true }, mostMachines),
    machineTeams(deps.read, deps.catalogue()),
  ]);
  const seen = rows.filter((machine) => rights.sees(teamOf(machine)));
  const namesake = ({ id, name }: Machine) => seen.some((other) => other.name === name && other.id !== id);
  return seen.map((machine) =>
    namesake(machine)
      ? { title: `${machine.name} · ${machine.resourceGroup}`, value: machine.id }
      : { title: machine.name, value: machine.name },
  );
}

/** Time zones by any part of their names: `new york` finds America/New_York. */
function zonesLike(letters: string): readonly Offered[] {
  const wanted = letters.toLowerCase().replaceAll(' ', '_');
  const all = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
  return all.filter((zone) => zone.toLowerCase().includes(wanted)).map((zone) => ({ title: zone, value: zone }));
}

/** Approvers whose names goldbot has met; to those who decide themselves. */
async function people({ letters, rights, deps }: Look): Promise<readonly Offered[]> {
  const { images, roles } = deps.catalogue();
  const own = images.filter(({ name }) => rights.has('approver', name));
  const groups = new Set(own.flatMap(({ name }) => approverGroups(roles, name)));
  const members = await Promise.all([...groups].map((group) => deps.deciders(group)));
  const names = await deps.reads.namesOf([...new Set(members.flatMap(({ ids }) => ids))]);
  const fit = [...names].filter(([, name]) => name.toLowerCase().includes(letters.toLowerCase()));
  return fit.map(([value, title]) => ({ title, value }));
}

/** Of one machine: the words that mean them there. */
async function policies(
  { letters, about, rights, deps }: Look,
  isMeant: (row: MachinePolicy) => boolean,
  others: readonly string[],
): Promise<readonly Offered[]> {
  const [{ rows }, teamOf] = await Promise.all([
    deps.read.machineList({ name: about, withoutInstances: true }, 2),
    machineTeams(deps.read, deps.catalogue()),
  ]);
  const [machine, ...namesakes] = rows;
  if (!machine || namesakes.length > 0 || !rights.sees(teamOf(machine))) return [];
  const { policies: judged } = await deps.read.machineCompliance(machine.id);
  const words = new Set([...judged.filter(isMeant).map((row) => policyWord(row, judged)), ...others]);
  return [...words]
    .filter((word) => word.toLowerCase().includes(letters.toLowerCase()))
    .map((word) => ({ title: word, value: word }));
}
