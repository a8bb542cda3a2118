import type { ImageConfig } from '../../core/catalogue';
import { momentOf } from '../../core/time';
import { findOpenRun, type Queryable } from '../../store';
import type { Hindrance } from '../schedule';

/**
 * Whether a schedule may begin a run of an image now; undefined: nothing is in the way. People who ask themselves join
 * the open run instead.
 */
export async function mayStart(db: Queryable, { name }: ImageConfig): Promise<Hindrance | undefined> {
  const open = await findOpenRun(db, 'publish', name);
  if (!open) return undefined;
  const by = open.actors.find(({ did }) => did === 'requested')?.name ?? 'the schedule';
  return { why: `${open.id}, begun by ${by} on ${momentOf(open.createdAt)}, is not over.` };
}
