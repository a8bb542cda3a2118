import type { CycloneDx } from '../core/contents';
import type { RequestId } from '../core/runs';
import { jsonb, type Queryable } from './database';

/** What is inside the versions that goldbot tested: one document each. Numbers of versions are never used again. */

export interface NewContents {
  /** As the catalogue names it. */
  readonly image: string;
  readonly version: string;
  readonly runId: RequestId;
  /** World time. */
  readonly readAt: Date;
  readonly document: CycloneDx;
}

/** Reading it again says the same. */
export async function keepContents(tx: Queryable, kept: NewContents): Promise<void> {
  const { image, version, runId, readAt, document } = kept;
  await tx.query(
    `insert into contents (image, version, run_id, read_at, document) values ($1, $2, $3, $4, $5)
     on conflict (image, version) do update
       set run_id = excluded.run_id, read_at = excluded.read_at, document = excluded.document`,
    [image, version, runId, readAt, jsonb(document)],
  );
}

const columns = 'image, version, run_id as "runId", read_at as "readAt", document';

/** By version; those of which nothing is kept are not there. */
export async function contentsOf(
  db: Queryable,
  image: string,
  versions: readonly string[],
): Promise<ReadonlyMap<string, NewContents>> {
  const rows = await db.query<NewContents & Record<string, unknown>>(
    `select ${columns} from contents where image = $1 and version = any ($2)`,
    [image, versions],
  );
  return new Map(rows.map((row) => [row.version, row]));
}
