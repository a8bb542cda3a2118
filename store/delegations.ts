import type { Delegation } from '../core/runs';
import { redrawRun } from './cards';
import { type Queryable, storable } from './database';

/** Who decides in whose place. What has ended stays until it is said anew: nothing reads it. */

interface Row extends Record<string, unknown> {
  readonly from_oid: string;
  readonly from_name: string;
  readonly to_oid: string;
  readonly to_name: string;
  readonly image: string;
  readonly until: Date;
  readonly at: Date;
}

const everyImage = '';

/** In force at this moment, what ends first first. */
export async function delegationsAt(db: Queryable, now: Date): Promise<Delegation[]> {
  const rows = await db.query<Row>('select * from delegation where until > $1 order by until, from_oid, image', [now]);
  return rows.map((row) => ({
    from: { oid: row.from_oid, name: row.from_name },
    to: { oid: row.to_oid, name: row.to_name },
    image: row.image === everyImage ? null : row.image,
    until: row.until,
    at: row.at,
  }));
}

/** It takes the place of what the same person said of the same image. Safe to repeat. */
export async function writeDelegation(tx: Queryable, { from, to, image, until, at }: Delegation): Promise<void> {
  await tx.query(
    `insert into delegation (from_oid, from_name, to_oid, to_name, image, until, at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (from_oid, image) do update set from_name = excluded.from_name, to_oid = excluded.to_oid,
       to_name = excluded.to_name, until = excluded.until, at = excluded.at`,
    [from.oid, storable(from.name), to.oid, storable(to.name), image ?? everyImage, until, at],
  );
}

/** Of what nobody said nothing is deleted. */
export async function deleteDelegation(tx: Queryable, from: string, image: string | null): Promise<void> {
  await tx.query('delete from delegation where from_oid = $1 and image = $2', [from, image ?? everyImage]);
}

/** Every card that asks shows who may decide in whose place. Call before anything else is locked. */
export async function redrawAsking(tx: Queryable): Promise<void> {
  const rows = await tx.query<{ run_id: string }>(
    `select run_id from approval where status = 'pending' order by run_id`,
  );
  await redrawRun(tx, ...rows.map((row) => row.run_id));
}
