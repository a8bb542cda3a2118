import type { Params, Route, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { scopeError } from '../compute/groups';
import { regionName } from '../compute/regions';
import { exactly } from '../conditions';
import { isRunning, templates } from './section';

/** Every build is run by a container group in the subscription of its template, and takes so many standard cores. */
export const containerCores = 4;
/** Documented: what a subscription has of them in a region as long as nobody asks for more. */
const usualCores = 100;

interface Place {
  readonly subscriptionId: string;
  readonly location: string;
}

/** Standard cores of container instances: what runs there are builds alone. */
export function containerUse(world: World, { subscriptionId, location }: Place) {
  const running = Object.values(templates(world)).filter(
    (t) => t.subscriptionId === subscriptionId && regionName(t.location) === regionName(location) && isRunning(t),
  ).length;
  const cores = exactly(world, 'quota', { location: regionName(location), family: 'containerInstances' })?.['cores'];
  return { groups: running, used: running * containerCores, limit: typeof cores === 'number' ? cores : usualCores };
}

export function containerRoutes(world: World): Route[] {
  const path = '/subscriptions/{subscriptionId}/providers/Microsoft.ContainerInstance/locations/{location}/usages';
  return [{ method: 'GET', path, handle: (_, params) => usages(world, params) }];
}

function usages(world: World, { subscriptionId = '', location = '' }: Params): SandboxResponse {
  const { groups, used, limit } = containerUse(world, { subscriptionId, location });
  const usage = (value: string, localizedValue: string, numbers: { currentValue: number; limit: number }) => ({
    id: `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerInstance/locations/${location}/usages/${value}`,
    unit: 'Count',
    ...numbers,
    name: { value, localizedValue },
  });
  const value = [
    usage('ContainerGroups', 'Container Groups', { currentValue: groups, limit: 100 }),
    usage('StandardCores', 'Standard Cores', { currentValue: used, limit }),
  ];
  return scopeError(world, subscriptionId) ?? { status: 200, body: { value } };
}
