import type { World } from '../../kernel/world';
import { guestIds } from '../guest/guest';
import type { ImageBuilderHooks } from './distribute';
import { type JsonObject, objectOf, textOf } from './section';

type Numbers = readonly [major: number, minor: number, patch: number];

/** The definition and the version a SharedImage output goes to: named in the id, or the next of its scheme. */
export function versionFor(
  world: World,
  output: JsonObject,
  source: JsonObject,
  hooks: ImageBuilderHooks,
): { galleryImageId: string; version: string } {
  const [galleryImageId = '', named] = textOf(output['galleryImageId']).split(/\/versions\//i);
  if (named) return { galleryImageId, version: named };
  const existing = (hooks.listVersions?.(world, galleryImageId) ?? withGuests(world, galleryImageId)).map(numbers);
  const { scheme, major } = objectOf(output['versioning']);
  if (scheme === 'Source') return { galleryImageId, version: free(sourceNumbers(source), existing).join('.') };
  const fixed = typeof major === 'number' && major >= 0 ? major : undefined;
  const inMajor = existing.filter(([m]) => fixed === undefined || m === fixed);
  const newest = inMajor.sort(compare).at(-1);
  const next: Numbers = newest ? [newest[0], newest[1], newest[2] + 1] : [fixed ?? 1, 0, 0];
  return { galleryImageId, version: next.join('.') };
}

function withGuests(world: World, galleryImageId: string): string[] {
  const prefix = `${galleryImageId.toLowerCase()}/versions/`;
  return guestIds(world)
    .filter((id) => id.startsWith(prefix))
    .map((id) => id.slice(prefix.length));
}

function numbers(version: string): Numbers {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return [major, minor, patch];
}

function sourceNumbers(source: JsonObject): Numbers {
  return numbers(textOf(source['exactVersion']).split('/').at(-1) ?? '');
}

function free([major, minor, patch]: Numbers, taken: readonly Numbers[]): Numbers {
  const isTaken = taken.some((t) => compare(t, [major, minor, patch]) === 0);
  return isTaken ? free([major, minor, patch + 1], taken) : [major, minor, patch];
}

function compare(a: Numbers, b: Numbers): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
