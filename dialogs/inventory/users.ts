import type { ScaleSetRow, UserRow, WhoUsesView } from '../../cards';
import { sameId } from '../../core/azure-id';
import type { Catalogue } from '../../core/catalogue';
import { each, grouped, sumOf } from '../../core/collections';
import { call } from '../../core/command-call';
import {
  type Counted,
  definitionsOf,
  type Gap,
  type Machine,
  type MachineTraits,
  machinesByTeam,
  type PublishedVersion,
  partial,
  questions,
  type ScaleSet,
  type TeamOf,
} from '../../core/compliance';
import { UserError } from '../../core/errors';
import { isVersion } from '../../core/images';
import type { Deps } from '../conversation';
import { type ImagesMeant, numberOf } from './meant';

interface Asked {
  readonly asked: ImagesMeant;
  /** Whose machines the person sees and asked about. */
  readonly teams: readonly (string | null)[];
}

/** How many members of scale sets are read to tell how many in each set run it. */
const mostMembers = 1_000;

type Users = Omit<WhoUsesView, 'team'>;

/**
 * Which teams run it, counted by Azure, and which scale sets refer to it.
 *
 * @throws UserError `UNKNOWN_VERSION` when neither the gallery has it nor any machine runs it; Azure's own when a version
 * is asked for by a word, which only the gallery can tell.
 */
export async function usersOf(
  deps: Pick<Deps, 'read'>,
  catalogue: Catalogue,
  { asked, teams }: Asked,
  now: Date,
): Promise<Users> {
  const { ask, gaps } = questions();
  const read = deps.read.publishedVersions(definitionsOf(catalogue));
  const [counted, versions, sets, members] = await Promise.all([
    machinesByTeam(deps.read, catalogue, ask),
    byWord(asked) ? read : ask('versions', read),
    ask('scale sets', scaleSetsOf(deps, asked)),
    ask('scale set instances', membersOf(deps, asked)),
  ]);
  const { teamOf } = counted;
  const published = versions?.rows.filter(({ source }) => asked.kind === 'golden' && asked.sources.includes(source));
  const version = versionMeant(asked, published ?? []);
  const runs = uses(asked, version);
  const rows = counted.rows.filter(({ count }) => runs(count));
  const referring = (sets?.rows ?? []).filter(refers(asked, version, published ?? []));
  const own = published?.find((v) => v.version === version);
  if (asked.kind === 'golden' && version !== undefined && published && !own && rows.length + referring.length === 0) {
    throw unknown(asked.image, `The gallery has no version ${version} of ${asked.image}, and no machine runs it.`);
  }
  const running = (members?.rows ?? []).filter(runs);
  return {
    ref: refOf(asked, version),
    ...(asked.kind === 'golden' && { golden: goldenOf(asked.image, version, own) }),
    teams: byTeam(rows.filter(({ team }) => teams.includes(team))),
    ...(sets && { scaleSets: setRows(referring, { running, teamOf, teams }) }),
    gaps: [
      ...gaps,
      ...counted.gaps,
      ...partial('versions', versions),
      ...partial('scale sets', sets),
      ...(members ? memberGaps(members) : []),
    ],
    asOf: counted.asOf ?? now,
  };
}

/** `latest`, `previous` or `candidate`. */
const byWord = (asked: ImagesMeant): boolean =>
  asked.kind === 'golden' && asked.version !== undefined && !isVersion(asked.version);

function versionMeant(asked: ImagesMeant, published: readonly PublishedVersion[]): string | undefined {
  if (asked.version === undefined || asked.kind === 'marketplace') return asked.version;
  const number = numberOf(asked.version, published);
  if (number === undefined) throw unknown(asked.image, `${asked.image} has no ${asked.version} version now.`);
  return number;
}

function uses(asked: ImagesMeant, version: string | undefined) {
  return (machine: Pick<MachineTraits, 'source' | 'version'>): boolean =>
    ofImage(asked, machine.source) && (version === undefined || machine.version === version);
}

function ofImage(asked: ImagesMeant, source: string): boolean {
  const lower = source.toLowerCase();
  if (asked.kind === 'golden') return asked.sources.includes(lower);
  const market = !lower.startsWith('/') && lower.includes(':');
  return market && (asked.source === '' || lower === asked.source || lower.startsWith(`${asked.source}:`));
}

/** A model that names no version takes the latest, so it refers to that too. */
function refers(asked: ImagesMeant, version: string | undefined, published: readonly PublishedVersion[]) {
  const latest = numberOf('latest', published);
  return (set: ScaleSet): boolean =>
    ofImage(asked, set.source) &&
    (version === undefined || set.version === version || (set.version === '' && version === latest));
}

/** By the definitions' own ids, which also find those that name them through direct sharing. */
const ownSources = (asked: ImagesMeant) =>
  asked.kind === 'golden' ? asked.sources.filter((source) => !source.startsWith('/sharedgalleries/')) : undefined;

function scaleSetsOf({ read }: Pick<Deps, 'read'>, asked: ImagesMeant): Promise<Counted<ScaleSet>> {
  return read.scaleSets(ownSources(asked));
}

function membersOf({ read }: Pick<Deps, 'read'>, asked: ImagesMeant) {
  const source = ownSources(asked);
  return read.machineList({ ...(source !== undefined && { source }), inScaleSet: true }, mostMembers);
}

function byTeam(
  rows: readonly { readonly count: MachineTraits & { machines: number }; readonly team: string | null }[],
) {
  const teams = [...grouped(rows, ({ team }) => team)].map(
    ([team, own]): UserRow => ({
      team,
      machines: each(['vm', 'instance', 'arc'], (type) =>
        sumOf(own, ({ count }) => (count.type === type ? count.machines : 0)),
      ),
    }),
  );
  const all = ({ machines }: UserRow) => machines.vm + machines.instance + machines.arc;
  return teams.sort((a, b) => all(b) - all(a));
}

interface Members {
  readonly running: readonly Machine[];
  readonly teamOf: TeamOf;
  readonly teams: Asked['teams'];
}

function setRows(sets: readonly ScaleSet[], { running, teamOf, teams }: Members): NonNullable<Users['scaleSets']> {
  const items = sets
    .map((set) => ({ set, team: teamOf(set) }))
    .filter(({ team }) => teams.includes(team))
    .map(
      ({ set, team }): ScaleSetRow => ({
        name: set.name,
        resourceGroup: set.resourceGroup,
        team,
        selfUpgrading: set.selfUpgrading,
        instances: running.filter((machine) => isMember(machine, set)).length,
      }),
    )
    .sort((a, b) => b.instances - a.instances);
  return { items, total: items.length };
}

function isMember({ scaleSet, subscription, resourceGroup }: Machine, set: ScaleSet): boolean {
  return sameId(scaleSet ?? '', set.name) && subscription === set.subscription && resourceGroup === set.resourceGroup;
}

function goldenOf(image: string, version: string | undefined, own: PublishedVersion | undefined) {
  return { image, ...(version !== undefined && { version }), ...(own?.endOfLife && { endOfLife: own.endOfLife }) };
}

function refOf(asked: ImagesMeant, version: string | undefined): string {
  if (asked.kind === 'golden') return version === undefined ? asked.image : `${asked.image}@${version}`;
  return version === undefined ? asked.written : `${asked.written}:${version}`;
}

function unknown(image: string, message: string): UserError {
  return new UserError('UNKNOWN_VERSION', message, {
    hint: 'See which versions there are.',
    next: [call('versions', { image })],
  });
}

function memberGaps(members: Counted<Machine> & { readonly total: number }): readonly Gap[] {
  const { rows, total } = members;
  const unread = { figure: 'scale set instances', reason: 'not read', first: rows.length, total } as const;
  return [...partial('scale set instances', members), ...(total > rows.length ? [unread] : [])];
}
