import type { BaseAnswer, BaseAnswers } from '../core/images';
import { jsonb, type Queryable } from './database';
import { claim, givesBack, type Lease, type LeaseTerms, updateHeld } from './leases';

/** What the marketplace last said of the images that builds start from, by `baseKey`. */

export interface LeasedBase {
  readonly key: string;
  readonly lease: Lease;
}

/** Those that are not known yet are due at once. */
export async function noteBases(db: Queryable, keys: readonly string[], now: Date): Promise<void> {
  await db.query(
    'insert into base (id, due_at) select key, $2 from unnest($1::text[]) as key on conflict (id) do nothing',
    [keys, now],
  );
}

/** Leases what has been due longest among these. */
export async function claimBase(
  db: Queryable,
  keys: readonly string[],
  now: Date,
  terms: LeaseTerms,
): Promise<LeasedBase | undefined> {
  const row = await claim<{ id: string; token: number }>(db, 'base', terms, {
    where: 'due.id = any ($3) and due.due_at <= $4',
    values: [keys, now],
    order: 'due.due_at',
    returning: 'base.id, base.lease_token as token',
  });
  return row && { key: row.id, lease: { of: 'base', id: row.id, token: row.token } };
}

/** Keeps what was found before when nothing was now; false when another replica holds the lease. */
export function writeBase(tx: Queryable, lease: Lease, { found, failed }: BaseAnswer, dueAt: Date): Promise<boolean> {
  const set = `found = coalesce($3, found), failed = $4, due_at = $5, tries = 0, last_error = null, ${givesBack}`;
  return updateHeld(tx, lease, set, [found ? jsonb(found) : null, failed ? jsonb(failed) : null, dueAt]);
}

/** All that have been asked about. */
export async function knownBases(db: Queryable): Promise<BaseAnswers> {
  const rows = await db.query<{ id: string; found: BaseAnswer['found'] | null; failed: BaseAnswer['failed'] | null }>(
    'select id, found, failed from base where found is not null or failed is not null',
  );
  return new Map(rows.map(({ id, found, failed }) => [id, { ...(found && { found }), ...(failed && { failed }) }]));
}
