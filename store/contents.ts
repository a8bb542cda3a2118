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

/** A version, and what it has of that name. */
export interface Holder {
  readonly image: string;
  readonly version: string;
  /** Components of its document. */
  readonly components: NonNullable<CycloneDx['components']>;
  /** Properties of its document that tell of the system. */
  readonly system: CycloneDx['metadata']['component']['properties'];
  /** It has a Windows update of that name. */
  readonly update: boolean;
}

/**
 * Versions that have a package, or an update, of exactly this name; those that are built from a source of it too. Each
 * condition for itself: of three in one `or` the server thinks that reading all documents is cheaper.
 */
export async function holdersOf(db: Queryable, name: string): Promise<readonly Holder[]> {
  const component = { components: [{ name }] };
  const source = { components: [{ properties: [{ name: 'goldbot:source', value: name }] }] };
  const update = { metadata: { component: { properties: [{ name: 'goldbot:updates', value: name }] } } };
  return db.query<Holder & Record<string, unknown>>(
    `select image, version, document @> $3::jsonb as update,
       jsonb_path_query_array(document, '$.components[*] ? (@.name == $name ||
         exists (@.properties[*] ? (@.name == "goldbot:source" && @.value == $name)))',
         jsonb_build_object('name', $4::text)) as components,
       jsonb_path_query_array(document, '$.metadata.component.properties[*] ? (@.name starts with "goldbot:os:")') as system
     from (select image, version, document from contents where document @> $1::jsonb
       union all select image, version, document from contents where document @> $2::jsonb and not document @> $1::jsonb
       union all select image, version, document from contents
         where document @> $3::jsonb and not document @> $1::jsonb and not document @> $2::jsonb) held
     order by image, version`,
    [jsonb(component), jsonb(source), jsonb(update), name],
  );
}

/** All versions of which something is kept. */
export function keptVersions(db: Queryable): Promise<{ readonly image: string; readonly version: string }[]> {
  return db.query('select image, version from contents order by image, version');
}

/**
 * Names of packages that have these letters in them, in any case; for somebody who mistyped one. Of the versions that were
 * read last: those of five years take seconds.
 */
export async function packagesLike(db: Queryable, letters: string, limit: number): Promise<readonly string[]> {
  const rows = await db.query<{ name: string }>(
    `select distinct part ->> 'name' as name, length(part ->> 'name') as size
     from (select document from contents order by read_at desc limit 200) newest, jsonb_array_elements(document -> 'components') part
     where position(lower($1) in lower(part ->> 'name')) > 0 order by size, name limit $2`,
    [letters, limit],
  );
  return rows.map(({ name }) => name);
}
