import { placeKey, scopeOf, teamFinder, teamTags } from '../../core/access';
import type { Catalogue } from '../../core/catalogue';
import { sumOf } from '../../core/collections';
import {
  definitionsOf,
  fits,
  type Gap,
  groupsAbove,
  isTold,
  type Lineage,
  type MachineCount,
  type MachineFilter,
  type MachineTraits,
  type Only,
  type Place,
  partial,
  questions,
  type Share,
  shareGaps,
  sharesOfTeams,
} from '../../core/compliance';
import { type GoldenGallery, goldenGallery, lineageOf } from '../../core/images';
import type { Deps } from '../conversation';

/** Which machines are asked for. */
export interface Wanted extends Only {
  /** Null: machines that no team has. */
  readonly teams: readonly (string | null)[];
  readonly lineages?: readonly Lineage[];
}

/** What must be known before single machines are asked for: how many there are, and where. */
export interface Ground {
  readonly gallery: GoldenGallery;
  /** Of all that are wanted, counted by Azure. */
  readonly total: number;
  teamOf(machine: MachineTraits): string | null;
  /** Whether a machine is wanted. */
  wants(machine: MachineTraits): boolean;
  /** Questions whose answers together hold every machine that is wanted, and maybe others. */
  readonly filters: readonly MachineFilter[];
  /** What the teams have in each resource group. */
  readonly shares: readonly Share[];
  /** Resource groups of the teams where it can be told what policies say of their machines. */
  readonly places: readonly Place[];
  readonly gaps: readonly Gap[];
  readonly asOf: Date;
}

/** Machines that one answer reads at most. */
export const mostListed = 5_000;

/** More questions than these cost more than reading a few machines too many. */
const mostFilters = 8;

export async function groundOf(deps: Pick<Deps, 'read'>, catalogue: Catalogue, wanted: Wanted, now: Date) {
  const { ask, gaps } = questions();
  const [counts, above, versions] = await Promise.all([
    deps.read.machineCounts(teamTags(catalogue.teams)),
    ask('management groups', groupsAbove(deps.read, catalogue)),
    ask('versions', deps.read.publishedVersions(definitionsOf(catalogue))),
  ]);
  const gallery = goldenGallery(catalogue, versions?.rows ?? []);
  const find = teamFinder(catalogue.teams, above ?? new Map());
  const fitting = fits(wanted, catalogue);
  const wants = (machine: MachineTraits) =>
    wanted.teams.includes(find(machine).team) &&
    fitting(machine) &&
    (wanted.lineages === undefined || wanted.lineages.includes(lineageOf(machine, gallery, now).lineage));
  const rows = counts.rows.filter(wants);
  const shares = sharesOfTeams(counts.rows.map((count) => ({ count, team: find(count).team })));
  const total = sumOf(rows, (row) => row.machines);
  const own = wanted.teams.flatMap((team) => shares.get(team) ?? []);
  // What several teams share is read machine by machine, where that is few.
  const reached = own.map((share): Share => (share.few && total <= mostListed ? { ...share, read: true } : share));
  const scope = scopeFor(wanted.teams, catalogue, above ?? new Map());
  return {
    gallery,
    total,
    teamOf: (machine) => find(machine).team,
    wants,
    filters: filtersFor(rows, wanted, scope),
    shares: reached,
    places: reached.filter(isTold),
    gaps: [...gaps, ...partial('machines', counts), ...partial('versions', versions)],
    asOf: counts.asOf,
  } satisfies Ground as Ground;
}

/** Undefined: no one scope holds them all. */
function scopeFor(
  teams: Wanted['teams'],
  catalogue: Catalogue,
  above: Parameters<typeof scopeOf>[1],
): MachineFilter['scope'] {
  const [team] = teams;
  const config = typeof team === 'string' && teams.length === 1 ? catalogue.teams.get(team) : undefined;
  return config && scopeOf(config, above);
}

/** By image and version where that narrows it, by resource group where there is no scope. */
function filtersFor(
  rows: readonly MachineCount[],
  { image, version, class: model, lineages }: Wanted,
  scope: MachineFilter['scope'],
): readonly MachineFilter[] {
  if (rows.length === 0) return [];
  const base = { ...(scope && { scope }), ...(model && { model }) };
  const images = new Map(rows.map(({ source, version }) => [`${source} ${version}`, { source, version }]));
  if ((image ?? version ?? lineages) !== undefined && images.size <= mostFilters)
    return [...images.values()].map((one) => ({ ...base, ...one }));
  const places = new Map(rows.map((row) => [placeKey(row), row]));
  if (scope || places.size > mostFilters) return [base];
  return [...places.values()].map(({ subscription, resourceGroup }) => ({
    ...base,
    scope: { resourceGroup: { subscription, resourceGroup } },
  }));
}

/** Why not every machine of the teams has a state that can be told. */
export function stateGaps({ shares }: Ground): readonly Gap[] {
  return shareGaps(shares);
}
