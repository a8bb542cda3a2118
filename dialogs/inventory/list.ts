import { type MachineRow, machinesCard, machinesPage } from '../../cards';
import { type CommandCall, call } from '../../core/command-call';
import { type Machine, type MachineType, type Only, type PolicyState, questions } from '../../core/compliance';
import type { Answer, CommandContext, Deps } from '../conversation';
import {
  type Found,
  type Ground,
  groundOf,
  guestStatus,
  type guestWords,
  judgedMachines,
  type lineageSets,
  lineagesOf,
  policyState,
  rowOf,
  stateGaps,
  type stateWords,
  type Verdict,
  wantedMachines,
} from './machines';

/** The options of `compliance` that select machines. */
export interface ListAsked {
  /** As it was typed. */
  readonly team?: string | undefined;
  readonly teams: readonly (string | null)[];
  readonly image?: string | undefined;
  readonly version?: string | undefined;
  readonly class?: Only['class'] | undefined;
  readonly state?: (typeof stateWords)[number] | undefined;
  readonly guest?: (typeof guestWords)[number] | undefined;
  readonly lineage?: (typeof lineageSets)[number] | undefined;
  readonly type?: MachineType | undefined;
  /** Number of the first one to show, counted from 1. */
  readonly from?: number | undefined;
}

/** `compliance <team> --list …`: the machines behind a number, a page at a time. */
export async function listMachines(ctx: CommandContext, asked: ListAsked, deps: Deps): Promise<Answer> {
  const ground = await groundOf(
    deps,
    deps.catalogue(),
    {
      teams: asked.teams,
      ...(asked.image && { image: asked.image }),
      ...(asked.version && { version: asked.version }),
      ...(asked.class && { class: asked.class }),
      ...(asked.type && { type: asked.type }),
      ...(asked.lineage && lineagesOf(asked.lineage)),
    },
    ctx.now,
  );
  const skip = (asked.from ?? 1) - 1;
  const verdict = verdictOf(asked);
  const found = await find(ground, verdict, { asked, skip }, deps);
  const last = skip + found.machines.length;
  const { ask, gaps } = questions();
  const states = verdict?.of === 'guest' ? undefined : await ask('policy', statesOf(found.machines, verdict, deps));
  return machinesCard({
    whose: whoseOf(asked),
    asked: askedWords(asked),
    machines: found.machines.map((machine) => {
      const state = states && stateIn(states, machine);
      return {
        ...rowOf(machine, ground, ctx.now),
        ...(asked.teams.length > 1 && { team: ground.teamOf(machine) }),
        ...(state && { state }),
        ...(verdict?.of === 'guest' && { guest: verdict.is ?? 'without any check' }),
      };
    }),
    total: found.total,
    skipped: skip,
    ...(found.total > last && found.machines.length > 0 && { next: nextPage(asked, last + 1) }),
    gaps: [...ground.gaps, ...(verdict ? stateGaps(ground) : []), ...found.gaps, ...gaps],
    asOf: ground.asOf,
  });
}

function find(
  ground: Ground,
  verdict: Verdict | undefined,
  { asked, skip }: { readonly asked: ListAsked; readonly skip: number },
  { read }: Deps,
): Promise<Found> {
  const slice = { skip, take: machinesPage };
  if (!verdict) return wantedMachines(read, ground, slice);
  const narrowed = (asked.image ?? asked.version ?? asked.class ?? asked.lineage ?? asked.type) !== undefined;
  return judgedMachines(read, ground, verdict, { ...slice, narrowed });
}

function verdictOf({ state, guest }: ListAsked): Verdict | undefined {
  if (state !== undefined) return { of: 'policy', is: policyState(state) };
  return guest === undefined ? undefined : { of: 'guest', is: guestStatus(guest) };
}

type States = ReadonlyMap<string, PolicyState> | { readonly all: PolicyState | undefined };

/** By lower-case id, of the machines that are shown; where policies were asked about, they all have the same. */
async function statesOf(shown: readonly Machine[], verdict: Verdict | undefined, { read }: Deps): Promise<States> {
  if (verdict?.of === 'policy') return { all: verdict.is };
  const ids = shown.filter(({ type }) => type !== 'instance').map(({ id }) => id);
  const said = ids.length === 0 ? [] : (await read.policyMachines({ ids }, undefined, ids.length)).rows;
  return new Map(said.map(({ machine, worst }) => [machine, worst]));
}

function stateIn(states: States, { id, type }: Machine): NonNullable<MachineRow['state']> {
  if ('all' in states) return states.all ?? 'not evaluated';
  return type === 'instance' ? 'by its scale set' : (states.get(id.toLowerCase()) ?? 'not evaluated');
}

function whoseOf({ team, teams }: ListAsked): string {
  const [one] = teams;
  if (teams.length > 1) return `of ${team === undefined || team === 'all' ? 'all teams' : team}`;
  return one === null || one === undefined ? 'without a team' : `of ${one}`;
}

/** The options in words, so that the card says what it lists. */
function askedWords({ state, guest, lineage, image, version, class: kind, type }: ListAsked): string {
  return [
    type && kinds[type],
    state && `policies: ${inWords(state)}`,
    guest && `in the guest: ${inWords(guest)}`,
    lineage && `images: ${inWords(lineage)}`,
    image,
    version,
    kind,
  ]
    .filter((word) => word !== undefined)
    .join(' · ');
}

const kinds: Readonly<Record<MachineType, string>> = {
  vm: 'VMs',
  instance: 'scale set instances',
  arc: 'Arc machines',
};

/** As cards put it; the options keep their names, because the buttons of earlier cards carry them. */
function inWords(option: string): string {
  return option === 'not-compliant' ? 'non-compliant' : option.replaceAll('-', ' ');
}

function nextPage({ teams: _, from: __, ...asked }: ListAsked, from: number): CommandCall {
  const options = { ...asked, list: true, from };
  const given = Object.entries(options).filter((entry): entry is [string, string | number | true] => Boolean(entry[1]));
  return call('compliance', Object.fromEntries(given));
}
