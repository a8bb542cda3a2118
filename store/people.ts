import type { Person } from '../core/access';
import { type Queryable, storable } from './database';

/** People as Teams calls them: whoever wrote to goldbot or was mentioned to it. A name is for people to read and says nothing of rights. */

/** Keeps the newest name of each. `at`: world time. Safe to repeat. */
export async function meet(db: Queryable, { oid, name }: Person, at: Date): Promise<void> {
  await db.query(
    `insert into person (oid, name, at) values ($1, $2, $3)
     on conflict (oid) do update set name = excluded.name, at = excluded.at where person.at < excluded.at`,
    [oid, storable(name), at],
  );
}
