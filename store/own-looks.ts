import type { AsksFound, EndingsFound } from '../core/lifecycle';
import type { Alteration } from '../core/provenance';
import { type Clock, seconds } from '../core/time';
import { type Database, jsonb, type Queryable } from './database';
import type { Work } from './holding';
import { claim, givesBack, type Lease, type LeaseTerms, lockHeld, updateHeld } from './leases';
import { type LeasedRun, selectRuns } from './runs';

/**
 * Looks that goldbot takes by itself, each a row: when it comes next, and what it last found. `endings`: daily, after
 * versions whose life is over; `asks`: every few minutes, after scale sets whose owner Azure asks; `checkpoints`: daily, at the audit
 * itself; `outside`: every few minutes, at what of it is to be kept outside of the database.
 */
export interface LooksFound {
  readonly endings: EndingsFound;
  readonly asks: AsksFound;
  readonly checkpoints: CheckpointsFound;
  readonly outside: OutsideFound;
}

/** Which checkpoints of the audit are kept outside of the database. */
export interface OutsideFound {
  readonly container: string;
  /** All up to the one over so many entries are. */
  readonly entries: number;
  /** The newest of them. */
  readonly fits?: Alteration['fits'];
  /** Why the next one is not, in the words of Azure's refusal. */
  readonly said?: string;
  /** In the place of the one over so many entries another is kept. */
  readonly differs?: { readonly since: string; readonly entries: number };
}

/** What came of the daily check of the audit. */
export interface CheckpointsFound {
  /** The record is not as it was written: nothing is signed, and every check is one of the whole. */
  readonly broken: boolean;
  /** What is wrong with it; earlier versions did not keep it. */
  readonly altered?: Alteration;
  /** Why nothing was signed although the record is whole. */
  readonly said?: string;
}
type Look = keyof LooksFound;

const ids: Readonly<Record<Look, string>> = {
  endings: 'all',
  asks: 'asks',
  checkpoints: 'checkpoints',
  outside: 'outside',
};

interface LookTaken {
  readonly look: Look;
  /** World time of the first one, where none was taken yet. */
  readonly firstAt: (now: Date) => Date;
  /** Nothing is looked at while this is false; always when absent. */
  readonly isWanted?: () => boolean;
  readonly take: (lease: Lease) => Promise<void>;
}

/** A look as work. Asks the database only once the world's time has come: other work wakes the worker many times a second. */
export function ownLookWork(
  name: string,
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  { look, firstAt, isWanted = () => true, take }: LookTaken,
): Work {
  let dueAt: Date | undefined;
  return {
    name,
    atOnce: 1,
    pollMs: seconds(1),
    claim: async (terms) => {
      const now = clock.now();
      if (!isWanted() || (dueAt && dueAt > now)) return undefined;
      dueAt = await ownLookDue(database, look, firstAt(now));
      if (dueAt > now) return undefined;
      const lease = await claimOwnLook(database, look, now, terms);
      return lease && { lease, work: () => take(lease) };
    },
  };
}

/** When the next look is due, world time; the first one is noted as due at `firstAt`. */
async function ownLookDue(db: Queryable, look: Look, firstAt: Date): Promise<Date> {
  const id = ids[look];
  await db.query('insert into ending (id, due_at) values ($1, $2) on conflict (id) do nothing', [id, firstAt]);
  const [row] = await db.query<{ dueAt: Date }>('select due_at as "dueAt" from ending where id = $1', [id]);
  if (!row) throw new Error(`the row of the look ${look} is gone`);
  return row.dueAt;
}

/** Undefined: it is not due, or another replica is at it. */
export async function claimOwnLook(
  db: Queryable,
  look: Look,
  now: Date,
  terms: LeaseTerms,
): Promise<Lease | undefined> {
  const row = await claim<{ token: number }>(db, 'ending', terms, {
    where: 'due.due_at <= $3 and due.id = $4',
    values: [now, ids[look]],
    returning: 'ending.lease_token as token',
  });
  return row && { of: 'ending', id: ids[look], token: row.token };
}

/** Must come first in its transaction; false when another replica holds the lease by now. */
export const holdOwnLook = (tx: Queryable, lease: Lease): Promise<boolean> => lockHeld(tx, lease);

export async function writeOwnLook<Of extends Look>(
  tx: Queryable,
  lease: Lease,
  found: LooksFound[Of],
  dueAt: Date,
): Promise<void> {
  const set = `found = $3, due_at = $4, tries = 0, last_error = null, ${givesBack}`;
  await updateHeld(tx, lease, set, [jsonb(found), dueAt]);
}

/** What the last look found; undefined before the first. */
export async function ownLookFound<Of extends Look>(db: Queryable, look: Of): Promise<LooksFound[Of] | undefined> {
  const [row] = await db.query<{ found: LooksFound[Of] | null }>('select found from ending where id = $1', [ids[look]]);
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

/** What the checks of the audit found wrong with it: that of the whole record at midnight, and its copies outside. */
export async function alterationFound(db: Queryable): Promise<Alteration | undefined> {
  const altered = (await ownLookFound(db, 'checkpoints'))?.altered;
  if (altered) return altered;
  const outside = await ownLookFound(db, 'outside');
  if (!outside?.differs) return undefined;
  const { since, entries } = outside.differs;
  const why = `${outside.container} keeps another checkpoint over ${entries} entries`;
  const { fits } = outside;
  return { since, firstBroken: (fits?.entries ?? 0) + 1, upTo: entries, why, ...(fits && { fits }) };
}
