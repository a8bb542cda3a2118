import type { World } from '../../../kernel/world';
import { condition } from '../../conditions';
import { type JsonObject, type Resource, text } from '../resource';
import { insideOf } from '../vm-fate';
import { powerOf } from '../vm-view';
import { instancesOf, referenceOf, reportsHealth } from './sets';

/**
 * Whether an instance does its work, as its probe or its health extension says. `/_sandbox/conditions` (`health`) makes
 * one unhealthy, or all that run an image; one that does not run or boot is, too.
 */
export function isHealthy(world: World, set: Resource, instance: Resource): boolean {
  const { id = '', exactVersion } = referenceOf(instance);
  const image = String(id).replace(/\/versions\/[^/]+$/i, '');
  const about = [{ set: set.id }, { instance: instance.id }, { image }, { image: `${image}/versions/${exactVersion}` }];
  const said = Object.assign({}, ...about.map((place) => condition(world, 'health', place))) as JsonObject;
  if (said['healthy'] === false || instance.properties['provisioningState'] === 'Failed') return false;
  return powerOf(world, instance) === 'running' && insideOf(world, instance).boots !== false;
}

/** What an instance view tells of it; nothing where nobody looks. */
export function healthStatus(world: World, set: Resource, instance: Resource): JsonObject {
  if (!reportsHealth(set)) return {};
  const healthy = isHealthy(world, set, instance);
  return {
    vmHealth: {
      status: {
        code: `HealthState/${healthy ? 'healthy' : 'unhealthy'}`,
        level: healthy ? 'Info' : 'Error',
        displayStatus: `The VM is reporting itself as ${healthy ? 'healthy' : 'unhealthy'}.`,
        time: text(instance.properties['timeCreated']) ?? world.clock.now().toISOString(),
      },
    },
  };
}

/** In percent of all instances of a set; of none, 0. */
export function unhealthyShare(world: World, set: Resource): number {
  const all = instancesOf(world, set);
  const sick = all.filter((instance) => !isHealthy(world, set, instance));
  return all.length === 0 ? 0 : (100 * sick.length) / all.length;
}
