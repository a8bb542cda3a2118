import { type ManagementGroups, placeKey, placeOf } from '../access';
import { byText, grouped } from '../collections';
import { many } from '../phrases';
import type { Counted, Exemption, Place } from './inventory';

interface Exempted {
  /** That end first stand first; those for ever at the end. */
  readonly rows: readonly Exemption[];
  readonly missing: readonly string[];
}

interface Held extends Place {
  readonly alone: boolean;
}

type Teams = ReadonlySet<string | null>;

/** Parts of the id of a VM or Arc machine. */
const machineDepth = 9;
const machineId = /\/(virtualmachines|virtualmachinescalesets|microsoft\.hybridcompute\/machines)\//;

/**
 * The exemptions in force at `now` that concern a team's machines: one of a resource group or more concerns every team
 * with machines there, one of a machine in a group of several teams may concern each of them, unless `known` says whose the machine is.
 */
export function exemptionsOfTeams(
  input: {
    readonly exemptions: Counted<Exemption>;
    readonly managementGroups: ManagementGroups;
    readonly now: Date;
  },
  shares: ReadonlyMap<string | null, readonly Held[]>,
  known: ReadonlyMap<string, string | null> = new Map(),
): ReadonlyMap<string | null, Exempted> {
  const holders = [...shares].flatMap(([team, held]) => held.map((share) => ({ team, ...share })));
  const byGroup = teamsBy(holders, (h) => [placeKey(h)]);
  const bySubscription = teamsBy(holders, (h) => [h.subscription]);
  const byManagementGroup = teamsBy(holders, ({ subscription }) =>
    (input.managementGroups.get(subscription) ?? []).map((name) => name.toLowerCase()),
  );
  const concerned = ({ scope }: Exemption): Teams | undefined => {
    const above = /^\/providers\/microsoft\.management\/managementgroups\/([^/]+)$/.exec(scope);
    if (above) return byManagementGroup.get(above[1] ?? '');
    const place = placeOf(scope);
    const owner = known.get(scope.split('/').slice(0, machineDepth).join('/'));
    if (owner !== undefined) return new Set([owner]);
    const depth = scope.split('/').length;
    if (depth === 3) return bySubscription.get(place.subscription);
    return depth === 5 || machineId.test(scope) ? byGroup.get(placeKey(place)) : undefined;
  };
  const given = input.exemptions.rows
    .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > input.now)
    .flatMap((row) => {
      const teams = concerned(row) ?? new Set();
      const unsure = teams.size > 1 && machineId.test(row.scope);
      return [...teams].map((team) => ({ team, row, unsure }));
    });
  return new Map([...grouped(given, ({ team }) => team)].map(([team, own]) => [team, exempted(own)]));
}

function exempted(own: readonly { readonly row: Exemption; readonly unsure: boolean }[]): Exempted {
  const end = (row: Exemption) => row.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const rows = own.map(({ row }) => row);
  const unsure = own.filter((o) => o.unsure).length;
  const which = many(unsure, 'exemption');
  return {
    rows: rows.sort((a, b) => (end(a) === end(b) ? byText(a.id, b.id) : end(a) - end(b))),
    missing:
      unsure === 0 ? [] : [`${which} may concern another team: the machines lie in resource groups of several teams.`],
  };
}

function teamsBy(
  holders: readonly (Held & { readonly team: string | null })[],
  keysOf: (holder: Held) => readonly string[],
): ReadonlyMap<string, Teams> {
  const entries = holders.flatMap((holder) => keysOf(holder).map((key) => ({ key, team: holder.team })));
  return new Map([...grouped(entries, (e) => e.key)].map(([key, own]) => [key, new Set(own.map((e) => e.team))]));
}
