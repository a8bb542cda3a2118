import type { Lock } from '../core/runs';
import { type Queryable, storable } from './database';

/** Images that somebody has locked by name. */

interface Row {
  image: string;
  by_oid: string;
  by_name: string;
  reason: string;
  since: Date;
}

const columns = 'image, by_oid, by_name, reason, since';
const toLock = ({ image, by_oid, by_name, reason, since }: Row): Lock => ({
  image,
  by: { oid: by_oid, name: by_name },
  reason,
  since,
});

export async function lockOf(db: Queryable, image: string): Promise<Lock | undefined> {
  const [row] = await db.query<Row & Record<string, unknown>>(`select ${columns} from image_lock where image = $1`, [
    image,
  ]);
  return row && toLock(row);
}

export async function allLocks(db: Queryable): Promise<Lock[]> {
  return (await db.query<Row & Record<string, unknown>>(`select ${columns} from image_lock order by image`)).map(
    toLock,
  );
}

/** False when the image is locked already; the first lock stands. */
export async function insertLock(tx: Queryable, { image, by, reason, since }: Lock): Promise<boolean> {
  const rows = await tx.query(
    `insert into image_lock (${columns}) values ($1, $2, $3, $4, $5) on conflict do nothing returning image`,
    [image, by.oid, storable(by.name), storable(reason), since],
  );
  return rows.length > 0;
}

export async function deleteLock(tx: Queryable, image: string): Promise<void> {
  await tx.query('delete from image_lock where image = $1', [image]);
}
