import { days } from '../core/time';
import { cardsOfRuns } from './cards';
import type { Database, Queryable } from './database';
import { messageWindowMs } from './deliveries';

/** What goes once it is old: records of what was done an hour ago, and those of runs that ended years ago. The audit stays. */

/** Rows of one statement, which ends in time whatever has come together, and statements of one sweep of a table. */
const sweptAtOnce = 5_000;
const mostSweeps = 100;

/**
 * Deletes rows that are too old to detect repeats or to limit the pace, by machine time: the audit has the results of
 * old acts, and after a day a bucket is full and a thread is free. Oldest first, so many at once; what is left is for the
 * next sweep. Idempotent.
 */
export async function sweepOld(db: Queryable): Promise<void> {
  await older(db, 'delivery', { by: 'first_at', ms: messageWindowMs });
  await older(db, 'act', { by: 'first_at', ms: days(1) });
  await older(db, 'intent', { by: 'machine_at', ms: days(30) });
  await older(db, 'webhook', { by: 'machine_at', ms: days(90), where: 'due_at is null' });
  const isToBeShown = `exists (select from card where card.topic = 'told:' || notice.event_id and card.wanted > card.shown)`;
  await older(db, 'notice', { by: 'machine_at', ms: days(90), where: `due_at is null and not ${isToBeShown}` });
  await older(db, 'bucket', { by: 'at', ms: days(1) });
  await older(db, 'thread_pace', { by: 'touched_at', ms: days(1) });
}

interface Older {
  readonly by: string;
  readonly ms: number;
  readonly where?: string;
}

async function older(db: Queryable, table: string, { by, ms, where = 'true' }: Older): Promise<void> {
  // Of a volatile clock the server would ask each row; as an array, it takes the rows by their places.
  const statement = `delete from ${table} where ctid = any (array(
    select ctid from ${table} where ${by} < statement_timestamp() - $1 * interval '1 ms' and ${where}
    order by ${by} limit $2 for update skip locked)) returning 1`;
  for (let n = 0; n < mostSweeps; n += 1) {
    if ((await db.query(statement, [ms, sweptAtOnce])).length < sweptAtOnce) return;
  }
}

/** How long what people may still ask for is kept, once it is over. */
interface Keeping {
  readonly keepMs: number;
  /** World time. */
  readonly now: Date;
}

/** Runs of one transaction, each with a handful of rows. */
const runsAtOnce = 500;

/**
 * Deletes what is left of runs that ended long ago, and messages of which nothing was wanted for as long: messages as far
 * as goldbot follows them, what people said to a run, and requests with their decisions. Runs stay, as what later ones are
 * compared with, and so does who approved a version. So many at once; what is left is for the next sweep. Idempotent.
 */
export async function sweepOver(database: Database, { keepMs, now }: Keeping): Promise<void> {
  const before = new Date(now.getTime() - keepMs);
  for (let n = 0; n < mostSweeps; n += 1) {
    if ((await clearRuns(database, before, now)) < runsAtOnce) break;
  }
  await older(database, 'card', { by: 'wanted_at', ms: keepMs, where: `not ${isHeld} and not ${isOfOpenRun}` });
}

const isHeld = `coalesce(leased_until > statement_timestamp(), false)`;

/** Topics name their run, their request, or, where requests share a card, that. */
const named = `substring(card.topic from 'R-[A-Z0-9]{5}')`;
const isOfOpenRun = `(exists (select from run where run.id = ${named} and run.ended_at is null)
  or exists (select from approval join run on run.id = approval.run_id
    where approval.id = ${named} and run.ended_at is null)
  or exists (select from approval join run on run.id = approval.run_id
    where approval.card_topic = substring(card.topic from 'requests:[^:]+') and run.ended_at is null))`;

/** Who approved what was published or may still be is the history of a version. */
const staysKnown = `approval.status = 'approved'
  and exists (select from run where run.id = approval.run_id and run.kind = 'publish')`;

function clearRuns(database: Database, before: Date, now: Date): Promise<number> {
  return database.transaction(async (tx) => {
    const over = await tx.query<{ id: string }>(
      `select id from run where ended_at < $1 and cleared_at is null order by ended_at limit $2
       for update skip locked`,
      [before, runsAtOnce],
    );
    if (over.length === 0) return 0;
    const ids = over.map(({ id }) => id);
    const requests = await tx.query<{ id: string }>(
      `select id from approval where run_id = any ($1) and not (${staysKnown}) order by id for update`,
      [ids],
    );
    await tx.query('delete from signal where run_id = any ($1)', [ids]);
    // Whoever draws a request needs its row: its messages go with it.
    await tx.query(`delete from card where ${cardsOfRuns} and topic not like 'requests:%'`, [ids]);
    const gone = requests.map(({ id }) => id);
    await tx.query('delete from decision where approval_id = any ($1)', [gone]);
    await tx.query('delete from approval where id = any ($1)', [gone]);
    await tx.query('update run set cleared_at = $2 where id = any ($1)', [ids, now]);
    return over.length;
  });
}
