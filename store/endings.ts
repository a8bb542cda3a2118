import type { EndingsFound } from '../core/lifecycle';
import { jsonb, type Queryable } from './database';
import { claim, givesBack, type Lease, type LeaseTerms, lockHeld, updateHeld } from './leases';
import { type LeasedRun, selectRuns } from './runs';

/** The daily look after versions whose life is over: when it comes next, and what it last found. */

const only = 'all';

/** When the next look is due, world time; the first one is noted as due at `firstAt`. */
export async function endingsDue(db: Queryable, firstAt: Date): Promise<Date> {
  await db.query('insert into ending (id, due_at) values ($1, $2) on conflict (id) do nothing', [only, firstAt]);
  const [row] = await db.query<{ dueAt: Date }>('select due_at as "dueAt" from ending where id = $1', [only]);
  if (!row) throw new Error('the row of the daily look is gone');
  return row.dueAt;
}

/** Undefined: it is not due, or another replica is at it. */
export async function claimEndings(db: Queryable, now: Date, terms: LeaseTerms): Promise<Lease | undefined> {
  const row = await claim<{ token: number }>(db, 'ending', terms, {
    where: 'due.due_at <= $3',
    values: [now],
    returning: 'ending.lease_token as token',
  });
  return row && { of: 'ending', id: only, token: row.token };
}

/** Must come first in its transaction; false when another replica holds the lease by now. */
export const holdEndings = (tx: Queryable, lease: Lease): Promise<boolean> => lockHeld(tx, lease);

export async function writeEndings(tx: Queryable, lease: Lease, found: EndingsFound, dueAt: Date): Promise<void> {
  const set = `found = $3, due_at = $4, tries = 0, last_error = null, ${givesBack}`;
  await updateHeld(tx, lease, set, [jsonb(found), dueAt]);
}

/** What the last look found; undefined before the first. */
export async function endingsFound(db: Queryable): Promise<EndingsFound | undefined> {
  const [row] = await db.query<{ found: EndingsFound | null }>('select found from ending where id = $1', [only]);
  return row?.found ?? undefined;
}

/** The newest run for each of these subjects that goldbot began by itself, open or ended. */
export async function ownRuns(db: Queryable, subjects: readonly string[]): Promise<ReadonlyMap<string, LeasedRun>> {
  if (subjects.length === 0) return new Map();
  const runs = await selectRuns(
    db,
    `where kind = 'change' and subject = any ($1) and plan -> 'byItself' is not null order by created_at, id`,
    [subjects],
  );
  return new Map(runs.map((run) => [run.subject, run]));
}

/** The newest restriction of each scope that was made as asked: what holds there, as far as goldbot decides it. */
export async function restrictionsMade(db: Queryable): Promise<readonly LeasedRun[]> {
  return selectRuns(
    db,
    `where id in (
      select distinct on (subject) id from run
      where kind = 'change' and subject like 'restrict:%' and outcome = 'done'
      order by subject, created_at desc, id desc
    ) order by subject`,
  );
}
