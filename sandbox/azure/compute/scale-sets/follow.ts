import type { World } from '../../../kernel/world';
import { key } from '../../arm';
import { compareVersions } from '../gallery-latest';
import type { JsonObject, Resource } from '../resource';
import { compute } from '../section';
import { followedImage, isAutomatic, latestOf, setType } from './sets';

/** World time from a new latest version to the first batch of those who follow it. */
export const noticeMs = 10 * 60_000;

/** What each set that follows this image would take now; remembered while a version is written. */
export function followed(world: World, imageId: string): JsonObject {
  const sets = Object.entries(compute(world).resources).filter(([, r]) => follows(r, imageId));
  return Object.fromEntries(sets.map(([id, set]) => [id, latestOf(world, set) ?? '']));
}

/** Starts the sets for which a write has brought a newer version than there was. */
export function rollOut(world: World, imageId: string, before: JsonObject, atMs: number): void {
  for (const [set, now] of Object.entries(followed(world, imageId))) {
    const then = String(before[set] ?? '');
    if (now === '' || (then !== '' && compareVersions(String(now), then) <= 0)) continue;
    world.schedule(atMs + noticeMs, 'compute.osUpgrade', { set });
  }
}

function follows(set: Resource, imageId: string): boolean {
  return set.type === setType && isAutomatic(set) && key(followedImage(set) ?? '') === key(imageId);
}
