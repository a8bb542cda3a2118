import { parseAzureId } from '../azure-id';
import type { Catalogue, TeamConfig } from '../catalogue';
import type { MachineScope, Place } from '../compliance';

/** Where a machine is, and the tags that map it to a team. */
export interface Mapped extends Place {
  readonly tags: Readonly<Record<string, string>>;
}

export interface Ownership {
  /** Null for an orphan. */
  readonly team: string | null;
  /** The teams that claim an orphan equally. */
  readonly claimedBy?: readonly string[];
}

/** The management groups above each subscription, nearest first, keyed by subscription id in lower case. */
export type ManagementGroups = ReadonlyMap<string, readonly string[]>;

type Teams = Catalogue['teams'];

/**
 * Which team a machine belongs to. A tag wins over a resource group, a resource group over a subscription, a
 * subscription over a management group, and the nearest management group over the others. Azure ignores case in names,
 * but not in tag values.
 */
export function teamFinder(teams: Teams, above: ManagementGroups): (machine: Mapped) => Ownership {
  const byKey = new Map<string, string>();
  for (const [team, { scope }] of teams) if (!byKey.has(scopeKey(scope))) byKey.set(scopeKey(scope), team);
  const mapping = new Set(teamTags(teams).map((name) => name.toLowerCase()));
  return ({ subscription, resourceGroup, tags }) => {
    const tagged = Object.entries(tags)
      .filter(([name]) => mapping.has(name.toLowerCase()))
      .flatMap(([name, value]) => byKey.get(scopeKey({ tag: { name, value } })) ?? []);
    const claims = [...new Set(tagged)];
    if (claims.length > 1) return { team: null, claimedBy: claims.sort() };
    const groups = above.get(subscription.toLowerCase()) ?? [];
    const wider = [
      placeKey({ subscription, resourceGroup }),
      scopeKey({ subscription }),
      ...groups.map((managementGroup) => scopeKey({ managementGroup })),
    ];
    return { team: claims[0] ?? wider.map((key) => byKey.get(key)).find((team) => team !== undefined) ?? null };
  };
}

export function teamOf(teams: Teams, machine: Mapped, above: ManagementGroups): Ownership {
  return teamFinder(teams, above)(machine);
}

/** The tags that map machines to teams, each once, spelt as `teams.yaml` first spells it. */
export function teamTags(teams: Teams): readonly string[] {
  const names = [...teams.values()].flatMap(({ scope }) => ('tag' in scope ? [scope.tag.name] : []));
  const lower = names.map((name) => name.toLowerCase());
  return names.filter((_, i) => lower.indexOf(lower[i] ?? '') === i);
}

/**
 * Where to look for a team's machines. Some of them may belong to another team by a narrower scope: `teamOf` decides
 * for each row.
 */
export function scopeOf({ scope }: Pick<TeamConfig, 'scope'>, above: ManagementGroups): MachineScope {
  if ('tag' in scope) return { tag: scope.tag };
  if ('resourceGroup' in scope) return { resourceGroup: placeOf(scope.resourceGroup) };
  if ('subscription' in scope) return { subscriptions: [scope.subscription.toLowerCase()] };
  const wanted = scope.managementGroup.toLowerCase();
  const under = [...above].filter(([, groups]) => groups.some((name) => name.toLowerCase() === wanted));
  return { subscriptions: under.map(([subscription]) => subscription) };
}

/** Equal for scopes that Azure considers the same; two teams must not share one. */
export function scopeKey(scope: TeamConfig['scope']): string {
  if ('tag' in scope) return `tag ${scope.tag.name.toLowerCase()} ${scope.tag.value}`;
  if ('resourceGroup' in scope) return placeKey(placeOf(scope.resourceGroup));
  if ('subscription' in scope) return `subscription ${scope.subscription.toLowerCase()}`;
  return `management group ${scope.managementGroup.toLowerCase()}`;
}

export function placeKey({ subscription, resourceGroup }: Place): string {
  return `${subscription.toLowerCase()}/${resourceGroup.toLowerCase()}`;
}

/** Where a resource is, in lower case; empty names for an id without subscription or resource group. */
export function placeOf(id: string): Place {
  const { subscription = '', resourceGroup = '' } = parseAzureId(id.toLowerCase()) ?? {};
  return { subscription, resourceGroup };
}
