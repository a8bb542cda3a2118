import type { SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError } from '../arm';
import { estateGroups, estateSubscriptions } from '../estate/shape';
import type { ResourceGroup } from './resource';
import { compute } from './section';

interface GroupsSection {
  groups: Record<string, ResourceGroup>;
}

/** Resource groups by lower-case id; Image Builder puts its staging groups here too. */
export function resourceGroups(world: World): Record<string, ResourceGroup> {
  const begin = () => (world.isEmpty ? [] : estateGroups());
  const initial = () => ({ groups: Object.fromEntries(begin().map((g) => [g.id.toLowerCase(), g])) });
  return world.section<GroupsSection>('resourceGroups', initial).groups;
}

export function subscriptionIds(world: World): string[] {
  return estateSubscriptions(compute(world).seed);
}

/** ARM's answer when the subscription or the resource group of a request does not exist. */
export function scopeError(world: World, subscriptionId: string, group?: string): SandboxResponse | undefined {
  if (!subscriptionIds(world).includes(subscriptionId.toLowerCase())) {
    return armError(404, 'SubscriptionNotFound', `The subscription '${subscriptionId}' could not be found.`);
  }
  if (group === undefined || compute(world).seed) return undefined;
  if (resourceGroups(world)[`/subscriptions/${subscriptionId}/resourceGroups/${group}`.toLowerCase()]) return undefined;
  return armError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
}
