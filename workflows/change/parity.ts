import type { AzureRead } from '../../core/azure';
import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { grouped } from '../../core/collections';
import { isUserError } from '../../core/errors';
import { type Difference, type Parity, type ParityFound, parityTopic, readParity } from '../../core/lifecycle';
import { weekOf } from '../../core/time';
import { type Queryable, wantCard } from '../../store';

/** The weekly comparison of the second gallery with the first, a part of the daily look. */

interface ParityDeps {
  readonly catalogue: () => Catalogue;
  readonly read: Pick<AzureRead, 'definitions' | 'publishedVersions'>;
}

/** Once a week, and each day as long as it could not be done. Undefined where the catalogue names no second gallery. */
export async function comparedIn(
  { read, catalogue }: ParityDeps,
  before: ParityFound | undefined,
  now: Date,
): Promise<ParityFound | undefined> {
  const { azure, images } = catalogue();
  if (!azure.secondGallery) return undefined;
  const week = weekOf(now, 'UTC');
  const about = { first: azure.gallery.name, second: azure.secondGallery.name, week, asOf: now.toISOString() };
  if (before?.week === week && before.second === about.second && before.trouble === undefined) return before;
  const channels = [...grouped(images, ({ approval }) => approval.channel)];
  const nothing = channels.map(([channel]) => ({ channel, differences: [] }));
  try {
    const found = await readParity(read, catalogue(), { images, now });
    if (!found) return undefined;
    const trouble = untoldBy(found);
    if (trouble !== undefined) return { ...about, told: nothing, trouble };
    const of = (names: readonly ImageConfig[]) => (one: Difference) => names.some(({ name }) => name === one.image);
    return {
      ...about,
      told: channels.map(([channel, own]) => ({ channel, differences: found.differences.filter(of(own)) })),
    };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { ...about, told: nothing, trouble: error.message };
  }
}

function untoldBy({ isThere, gallery, gaps }: Parity): string | undefined {
  if (!isThere) return `There is no gallery ${gallery}.`;
  return gaps.length > 0 ? 'Azure did not list all versions.' : undefined;
}

/** One message a channel and week, where there is something to say. */
export async function tellParity(tx: Queryable, { told, trouble }: ParityFound, now: Date): Promise<void> {
  for (const { channel, differences } of told) {
    if (differences.length === 0 && trouble === undefined) continue;
    await wantCard(tx, { topic: parityTopic(channel, now), channel, kind: 'parity' });
  }
}
