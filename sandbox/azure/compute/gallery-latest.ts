import type { World } from '../../kernel/world';
import { key } from '../arm';
import { isReplicated, targetRegions } from './replication';
import { object, type Resource } from './resource';
import { compute } from './section';

/** The versions of a definition, highest number first, as `latest` orders them. */
export function versionsOf(world: World, imageId: string): Resource[] {
  const prefix = `${key(imageId)}/versions/`;
  return Object.entries(compute(world).resources)
    .filter(([id]) => id.startsWith(prefix))
    .map(([, version]) => version)
    .sort((a, b) => compareVersions(b.name, a.name));
}

/** What a VM in this region gets from the definition: the highest version there that is not excluded from latest. */
export function latestVersion(world: World, imageId: string, region: string): Resource | undefined {
  return versionsOf(world, imageId).find((version) => {
    if (!['Succeeded', 'Updating'].includes(String(version.properties['provisioningState']))) return false;
    return !isExcluded(version, region) && isReplicated(world, version, region);
  });
}

/** A region's own flag wins over the version's. */
function isExcluded(version: Resource, region: string): boolean {
  const name = region.toLowerCase().replaceAll(' ', '');
  const own = targetRegions(version).find((t) => String(t['name']).toLowerCase().replaceAll(' ', '') === name);
  const flag = own?.['excludeFromLatest'] ?? object(version.properties['publishingProfile'])['excludeFromLatest'];
  return flag === true;
}

export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let i = 0; i < 3; i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
