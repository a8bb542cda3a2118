import { type Catalogue, freezesImage, type ImageConfig } from '../../core/catalogue';
import { holdSentence, holdsAt, isOfKind, lockSentence } from '../../core/runs';
import { momentOf } from '../../core/time';
import { freeFrom } from '../../core/windows';
import { findOpenRun, lockOf, type Queryable } from '../../store';
import type { Hindrance } from '../schedule';

/**
 * Whether a schedule may begin a run of an image now, given the catalogue in force; undefined: nothing is in the way.
 * People who ask themselves join the open run instead, are refused by a lock, and wait in their run for a freeze.
 */
export const mayStart =
  (catalogue: () => Pick<Catalogue, 'azure'>) =>
  async (db: Queryable, image: ImageConfig, now: Date): Promise<Hindrance | undefined> => {
    const lock = await lockOf(db, image.name);
    return lock ? { why: lockSentence(lock) } : (frozen(catalogue(), image, now) ?? running(db, image));
  };

/** A window that is open for where it would be built or copied to. */
function frozen({ azure }: Pick<Catalogue, 'azure'>, { name, regions }: ImageConfig, now: Date): Hindrance | undefined {
  const into = [azure.location, ...regions.map((region) => region.name)];
  const windows = azure.freeze.filter((window) => freezesImage(window, name, into));
  const [first] = holdsAt(now, undefined, windows);
  if (!first) return undefined;
  const until = freeFrom(windows, now);
  return { why: holdSentence(first), ...(until && { until }) };
}

async function running(db: Queryable, { name }: ImageConfig): Promise<Hindrance | undefined> {
  const open = await findOpenRun(db, 'publish', name);
  if (!open) return undefined;
  const by = open.actors.find(({ did }) => did === 'requested')?.name ?? 'the schedule';
  const why = `${open.id}, begun by ${by} on ${momentOf(open.createdAt)}, is not over.`;
  return { why, ...(isOfKind(open, 'publish') && { run: open }) };
}
