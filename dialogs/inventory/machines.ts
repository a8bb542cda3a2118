import type { MachineRow } from '../../cards';
import { placeKey, placeOf, scopeOf } from '../../core/access';
import type { AzureRead } from '../../core/azure';
import { nameOfId } from '../../core/azure-id';
import type { Catalogue } from '../../core/catalogue';
import { sumOf } from '../../core/collections';
import {
  type Counted,
  definitionsOf,
  fits,
  type Gap,
  type GuestStatus,
  isAttributable,
  type Judged,
  type Lineage,
  type Machine,
  type MachineCount,
  type MachineFilter,
  type MachineTraits,
  type MachineType,
  machinesByTeam,
  type Only,
  type Place,
  type PolicyState,
  partial,
  questions,
  type Share,
  shareGaps,
  writtenSource,
} from '../../core/compliance';
import { followedOf, type GoldenGallery, goldenGallery, lineageOf } from '../../core/images';
import type { Deps } from '../conversation';

/** How policy states are typed on a command line. */
export const stateWords = [
  'compliant',
  'not-compliant',
  'not-evaluated',
  'exempt',
  'conflict',
  'unknown',
  'error',
] as const;

const states: Readonly<Record<(typeof stateWords)[number], PolicyState | undefined>> = {
  compliant: 'Compliant',
  'not-compliant': 'NonCompliant',
  'not-evaluated': undefined,
  exempt: 'Exempt',
  conflict: 'Conflict',
  unknown: 'Unknown',
  error: 'Error',
};

/** Undefined: Azure Policy never evaluated it. */
export function policyState(word: (typeof stateWords)[number]): PolicyState | undefined {
  return states[word];
}

/** How guest configuration statuses are typed; `none`: without any check. */
export const guestWords = ['compliant', 'not-compliant', 'pending', 'none'] as const;

const statuses: Readonly<Record<(typeof guestWords)[number], GuestStatus | undefined>> = {
  compliant: 'Compliant',
  'not-compliant': 'NonCompliant',
  pending: 'Pending',
  none: undefined,
};

export function guestStatus(word: (typeof guestWords)[number]): GuestStatus | undefined {
  return statuses[word];
}

/**
 * How machines compare with golden images, as it is typed; `behind` is by one version or more, be the life of its own over
 * or not, `not-golden` any other source.
 */
export const lineageSets = [
  'latest',
  'behind',
  'one-behind',
  'far-behind',
  'past-end',
  'not-golden',
  'marketplace',
  'other-gallery',
  'unknown',
] as const;

const sets: Readonly<Record<(typeof lineageSets)[number], readonly Lineage[]>> = {
  latest: ['latest'],
  behind: ['behind', 'farBehind'],
  'one-behind': ['behind'],
  'far-behind': ['farBehind'],
  'past-end': ['pastEnd'],
  'not-golden': ['marketplace', 'otherGallery'],
  marketplace: ['marketplace'],
  'other-gallery': ['otherGallery'],
  unknown: ['unknown'],
};

export function lineagesOf(word: (typeof lineageSets)[number]): Pick<Wanted, 'lineages' | 'late'> {
  return { lineages: sets[word], ...(word === 'behind' && { late: true as const }) };
}

/** What a row says about a machine, apart from its state. */
export function rowOf(
  machine: Machine,
  { gallery, teamOf }: Pick<Ground, 'gallery' | 'teamOf'>,
  now: Date,
): MachineRow {
  const { image, lineage, follows } = lineageOf(machine, gallery, now, teamOf(machine));
  const shown = image === undefined ? writtenSource(machine) : `${image} ${machine.version}`.trim();
  return {
    name: machine.name,
    resourceGroup: machine.resourceGroup,
    type: machine.type,
    ...(shown !== '' && { image: shown }),
    lineage,
    ...(follows && { follows }),
    model: machine.model ?? 'undecided',
  };
}

/** Which machines are wanted. */
export interface Wanted extends Only {
  /** Null: machines that no team has. */
  readonly teams: readonly (string | null)[];
  readonly lineages?: readonly Lineage[];
  /** And those whose life is over, where there is a newer version to go to. */
  readonly late?: true;
  readonly type?: MachineType;
}

/** What must be known before single machines are queried: how many there are, and where. */
export interface Ground {
  readonly gallery: GoldenGallery;
  /** How many are wanted, as counted by Azure. */
  readonly total: number;
  teamOf(machine: MachineTraits): string | null;
  /** Whether a machine is wanted. */
  wants(machine: MachineTraits): boolean;
  /** Of the machines in `places`, by lower-case id: whether it belongs to the teams. */
  owns(machine: string): boolean;
  /** Every machine of the teams as counted by Azure, wanted or not. */
  readonly counts: readonly MachineCount[];
  /** What holds every machine that is wanted, and possibly others; absent when there is none. */
  readonly filter?: MachineFilter;
  /** What the teams have in each resource group. */
  readonly shares: readonly Share[];
  /** Resource groups where policy states can be attributed to the teams. */
  readonly places: readonly Place[];
  readonly gaps: readonly Gap[];
  readonly asOf: Date;
}

const stands = ({ lineages = [], late }: Wanted, { lineage, versionsBehind }: ReturnType<typeof lineageOf>): boolean =>
  lineages.includes(lineage) || (late === true && lineage === 'pastEnd' && versionsBehind > 0);

/** The most machines that one answer reads. */
export const mostListed = 5_000;

/** Beyond this, naming what is wanted costs more than reading some machines in vain. */
const mostKeys = 200;

export async function groundOf(deps: Pick<Deps, 'read' | 'reads'>, catalogue: Catalogue, wanted: Wanted, now: Date) {
  const { ask, gaps } = questions();
  const [counted, versions, follows] = await Promise.all([
    machinesByTeam(deps.read, catalogue, ask),
    ask('versions', deps.read.publishedVersions(definitionsOf(catalogue))),
    deps.reads.follows(),
  ]);
  const gallery = goldenGallery(catalogue, versions?.rows ?? [], followedOf(follows));
  const { teamOf } = counted;
  const fitting = fits(wanted, catalogue);
  const wants = (machine: MachineTraits) =>
    wanted.teams.includes(teamOf(machine)) &&
    fitting(machine) &&
    (wanted.type === undefined || machine.type === wanted.type) &&
    (wanted.lineages === undefined || stands(wanted, lineageOf(machine, gallery, now, teamOf(machine))));
  const counts = counted.rows.filter(({ team }) => wanted.teams.includes(team)).map(({ count }) => count);
  const rows = counts.filter(wants);
  const total = sumOf(rows, (row) => row.machines);
  const own = wanted.teams.flatMap((team) => counted.shares.get(team) ?? []);
  // Machines in shared groups are read one by one where they are few.
  const reached = own.map(
    (share): Share => (share.few && share.named && total <= mostListed ? { ...share, read: true } : share),
  );
  const scope = scopeFor(wanted.teams, catalogue, counted.managementGroups);
  const filter = filterFor(rows, wanted, scope);
  const shared = new Set(reached.filter(({ alone }) => !alone).map(placeKey));
  return {
    gallery,
    total,
    teamOf,
    wants,
    owns: (machine) => {
      const team = counted.members.get(machine);
      return !shared.has(placeKey(placeOf(machine))) || (team !== undefined && wanted.teams.includes(team));
    },
    counts,
    ...(filter && { filter }),
    shares: reached,
    places: reached.filter(isAttributable),
    gaps: [...gaps, ...counted.gaps, ...partial('versions', versions)],
    asOf: counted.asOf,
  } satisfies Ground as Ground;
}

/** Undefined: no single scope holds them all. */
function scopeFor(
  teams: Wanted['teams'],
  catalogue: Catalogue,
  above: Parameters<typeof scopeOf>[1],
): MachineFilter['scope'] {
  const [team] = teams;
  const config = typeof team === 'string' && teams.length === 1 ? catalogue.teams.get(team) : undefined;
  return config && scopeOf(config, above);
}

/** By image and version where that narrows it, by resource group where there is no scope: one question in any case. */
function filterFor(
  rows: readonly MachineCount[],
  { image, version, class: model, lineages, type }: Wanted,
  scope: MachineFilter['scope'],
): MachineFilter | undefined {
  if (rows.length === 0) return undefined;
  const instances = rows.filter((row) => row.type === 'instance').length;
  const base: MachineFilter = {
    ...(scope && { scope }),
    ...(model && { model }),
    ...(instances === rows.length && { type: 'instance' }),
    ...(instances === 0 && { withoutInstances: true }),
    ...(type && { type }),
  };
  const images = new Map(rows.map(({ source, version }) => [`${source} ${version}`, { source, version }]));
  if ((image ?? version ?? lineages) !== undefined && images.size <= mostKeys)
    return { ...base, images: [...images.values()] };
  const places = new Map(
    rows.map(({ subscription, resourceGroup }) => {
      const place = { subscription, resourceGroup };
      return [placeKey(place), place];
    }),
  );
  return scope || places.size > mostKeys ? base : { ...base, places: [...places.values()] };
}

/** Why the states of some of the teams' machines are not known. */
export function stateGaps({ shares }: Ground): readonly Gap[] {
  return shareGaps(shares);
}

/** A slice of a list. */
export interface Slice {
  /** How many come before it. */
  readonly skip: number;
  readonly take: number;
}

/** The machines of a slice, in the order of their ids, and how many there are in all. */
export interface Found {
  readonly machines: readonly Machine[];
  readonly total: number;
  readonly gaps: readonly Gap[];
}

/** The policy state or guest status asked for; undefined: machines without any. */
export type Verdict =
  | { readonly of: 'policy'; readonly is: PolicyState | undefined }
  | { readonly of: 'guest'; readonly is: GuestStatus | undefined };

/** Rows of one page of Resource Graph. */
const page = 1_000;

/** Machines that are wanted, whatever their state. */
export async function wantedMachines(read: AzureRead, ground: Ground, { skip, take }: Slice): Promise<Found> {
  const { machines, gaps } = await listed(read, ground, skip + take);
  return { machines: machines.slice(skip, skip + take), total: ground.total, gaps };
}

/** Machines that are wanted and have this state; among several policies the worst counts. */
export async function judgedMachines(
  read: AzureRead,
  ground: Ground,
  verdict: Verdict,
  slice: Slice & { readonly narrowed: boolean },
): Promise<Found> {
  if (ground.places.length === 0) return { machines: [], total: 0, gaps: [] };
  if (verdict.is !== undefined && !slice.narrowed) return pageOfVerdicts(read, ground, verdict, slice);
  const [said, { machines, gaps }] = await Promise.all([
    verdicts(read, ground, verdict, mostListed),
    listed(read, ground, mostListed),
  ]);
  const ids = new Set(said.rows.map((row) => row.machine));
  const places = new Set(ground.places.map(placeKey));
  const judged = (machine: Machine) => ids.has(machine.id.toLowerCase());
  // Both lists are in the order of ids: beyond the end of a list that was cut short nobody knows who has a state.
  const last = said.rows.length < said.total ? said.rows.at(-1)?.machine : undefined;
  const known = ({ id }: Machine) => last === undefined || id.toLowerCase() <= last;
  const silent = (machine: Machine) =>
    machine.type !== 'instance' && places.has(placeKey(machine)) && known(machine) && !judged(machine);
  const found = machines.filter(verdict.is === undefined ? silent : judged);
  return {
    machines: found.slice(slice.skip, slice.skip + slice.take),
    total: found.length,
    gaps: [...gaps, ...cutShort('machines', said, said.total), ...partial(verdict.of, said)],
  };
}

/**
 * Azure returns the rows in order and counts them: only those that are shown need to be read, unless some lie among those
 * of others.
 */
async function pageOfVerdicts(
  read: AzureRead,
  ground: Ground,
  verdict: Verdict,
  { skip, take }: Slice,
): Promise<Found> {
  const shared = ground.shares.some(({ read }) => read);
  const said = await verdicts(read, ground, verdict, shared ? mostListed : skip + take);
  const own = shared ? said.rows.filter(({ machine }) => ground.owns(machine)) : said.rows;
  const ids = own.slice(skip, skip + take).map((row) => row.machine);
  const known = ids.length === 0 ? [] : (await read.machineList({ ids }, ids.length)).rows;
  const byId = new Map(known.map((machine) => [machine.id.toLowerCase(), machine]));
  const names = ids.filter((id) => !byId.has(id)).map(nameOfId);
  return {
    machines: ids.flatMap((id) => byId.get(id) ?? []),
    total: shared ? own.length : said.total,
    gaps: [
      ...(shared ? cutShort('machines', said, said.total) : []),
      ...partial(verdict.of, said),
      ...(names.length > 0 ? [{ figure: 'machines', reason: 'gone', names } as const] : []),
    ],
  };
}

function verdicts(
  read: AzureRead,
  { places }: Ground,
  verdict: Verdict,
  limit: number,
): Promise<Counted<Judged<string>> & { readonly total: number }> {
  return verdict.of === 'policy'
    ? read.policyMachines({ places }, verdict.is, limit)
    : read.guestMachines({ places }, verdict.is, limit);
}

/**
 * The first `upTo` that are wanted. The filters may let others pass: when these took the places of wanted ones in what
 * was read, more is read once.
 */
async function listed(read: AzureRead, ground: Ground, upTo: number) {
  const enough = Math.min(mostListed, Math.ceil(upTo / page) * page);
  const first = await readUpTo(read, ground, enough);
  const short = first.machines.length < Math.min(upTo, ground.total) && first.cut.length > 0;
  const { machines, cut, gaps } = short && enough < mostListed ? await readUpTo(read, ground, mostListed) : first;
  return { machines, gaps: [...(machines.length < Math.min(upTo, ground.total) ? cut : []), ...gaps] };
}

async function readUpTo(read: AzureRead, { filter, wants }: Ground, limit: number) {
  if (!filter) return { machines: [], cut: [], gaps: [] };
  const list = await read.machineList(filter, limit);
  return {
    machines: list.rows.filter((machine: MachineTraits) => wants(machine)),
    cut: cutShort('machines', list, list.total),
    gaps: partial('machines', list),
  };
}

export function cutShort(figure: 'machines' | 'guest', { rows }: Counted<unknown>, total: number): readonly Gap[] {
  return rows.length < total ? [{ figure, reason: 'not read', first: rows.length, total }] : [];
}
