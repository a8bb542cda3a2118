import type { Catalogue, TeamConfig } from '../catalogue';
import type { MachineScope, Place } from '../compliance';

/** Where a machine lies and the tags it has, as far as teams are mapped by them. */
export interface Mapped extends Place {
  readonly tags: Readonly<Record<string, string>>;
}

export interface Ownership {
  /** Null: an orphan. */
  readonly team: string | null;
  /** Why it is one although teams claim it: they claim it alike. */
  readonly claimedBy?: readonly string[];
}

/** Names of the management groups above each subscription, nearest first, by lower-case subscription id. */
export type ManagementGroups = ReadonlyMap<string, readonly string[]>;

type Teams = Catalogue['teams'];

/**
 * Tells whose a machine is. A tag wins over a resource group, that over a subscription, that over a management group, and
 * of management groups the nearest. Azure compares all their names without case; values of tags it compares exactly.
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

/** Names of the tags that map machines to teams, each once, as `teams.yaml` first writes it. */
export function teamTags(teams: Teams): readonly string[] {
  const names = [...teams.values()].flatMap(({ scope }) => ('tag' in scope ? [scope.tag.name] : []));
  const lower = names.map((name) => name.toLowerCase());
  return names.filter((_, i) => lower.indexOf(lower[i] ?? '') === i);
}

/**
 * Where a team's machines are looked for. Machines there may still be another team's, by a narrower scope: `teamOf` each
 * row decides.
 */
export function scopeOf({ scope }: Pick<TeamConfig, 'scope'>, above: ManagementGroups): MachineScope {
  if ('tag' in scope) return { tag: scope.tag };
  if ('resourceGroup' in scope) return { resourceGroup: placeOf(scope.resourceGroup) };
  if ('subscription' in scope) return { subscriptions: [scope.subscription.toLowerCase()] };
  const wanted = scope.managementGroup.toLowerCase();
  const under = [...above].filter(([, groups]) => groups.some((name) => name.toLowerCase() === wanted));
  return { subscriptions: under.map(([subscription]) => subscription) };
}

/** The same for scopes that Azure takes for the same: two teams must not share one. */
export function scopeKey(scope: TeamConfig['scope']): string {
  if ('tag' in scope) return `tag ${scope.tag.name.toLowerCase()} ${scope.tag.value}`;
  if ('resourceGroup' in scope) return placeKey(placeOf(scope.resourceGroup));
  if ('subscription' in scope) return `subscription ${scope.subscription.toLowerCase()}`;
  return `management group ${scope.managementGroup.toLowerCase()}`;
}

export function placeKey({ subscription, resourceGroup }: Place): string {
  return `${subscription.toLowerCase()}/${resourceGroup.toLowerCase()}`;
}

/** Of any resource id; empty names where the id has none. */
export function placeOf(id: string): Place {
  const [, , subscription = '', , resourceGroup = ''] = id.toLowerCase().split('/');
  return { subscription, resourceGroup };
}
