import { createHash } from 'node:crypto';
import type { AuditRecord } from '../core/audit';
import { canonical, hashOf } from '../core/hash';
import { type Account, type Checkpoint, isAccountedFor, type TrustedKey } from '../core/provenance';
import { hours } from '../core/time';
import { type AuditRow, type Broken, broken, brokenLink, Chain, chained } from './chain';
import { type AuditHead, accountsBy, auditHead } from './checkpoints';
import { type Database, type Queryable, storable } from './database';
import { keepNames, withoutNames } from './names';

export const goldbot = { oid: null, name: 'goldbot' } as const;

/** How far the record is whole. */
export type AuditVerdict = (
  | {
      readonly intact: true;
      /** How many entries were not looked at, because the time for it was over. */
      readonly left?: number;
    }
  | {
      readonly intact: false;
      readonly firstBroken: number;
      /** The first broken one is not known more exactly: it is one up to here. Absent: it is `firstBroken`. */
      readonly upTo?: number;
      readonly why: string;
    }
) & {
  /** Those of the chain that fit, from the first on. */
  readonly entries: number;
  /** The newest checkpoint that the record fits; absent: it fits none. */
  readonly checkpoint?: Pick<Checkpoint, 'entries' | 'at'>;
  /** Alterations that somebody has answered for, oldest first: they are named for ever. */
  readonly accounted?: readonly Account[];
};

export interface AuditCheck {
  /** From the first entry on, and against all checkpoints; otherwise from the newest one that is signed and fits. */
  readonly whole?: boolean;
  /** Whose signature counts on the checkpoints of the database; the keys that it knows when absent. */
  readonly keys?: readonly TrustedKey[];
  /** Checkpoints that somebody kept outside, whose signatures were looked at. */
  readonly given?: readonly Checkpoint[];
  /** Whose signature counts on accounts of alterations; `keys` when absent. */
  readonly accountKeys?: readonly TrustedKey[];
  /** Milliseconds of the machine after which nothing more is read; everything is when absent. */
  readonly patienceMs?: number;
}

const pageSize = 2_000;

/**
 * Appends to the hash chain. Always the last thing of a transaction: the chain's head stays locked until the commit,
 * and every other transaction ends there.
 */
export async function appendAudit(tx: Queryable, records: readonly AuditRecord[]): Promise<void> {
  if (records.length === 0) return;
  await keepNames(tx, records);
  const [head] = await tx.query<{ seq: number; hash: string }>(
    'select seq, hash from audit_head where id = 1 for update',
  );
  let { seq, hash } = head ?? { seq: 0, hash: '' };
  for (const record of records) {
    seq += 1;
    const entry = textOf(record);
    const next = chained(seq, hash, entry);
    await tx.query('insert into audit (seq, at, entry, prev, hash) values ($1, $2, $3, $4, $5)', [
      seq,
      record.at,
      entry,
      hash,
      next,
    ]);
    hash = next;
  }
  await tx.query('update audit_head set seq = $1, hash = $2 where id = 1', [seq, hash]);
}

/** A separate entry for something that changed nothing: a refused click, a card that may be missing. */
export function auditAlone(database: Database, record: AuditRecord): Promise<void> {
  return database.transaction((tx) => appendAudit(tx, [record]));
}

/**
 * Whether the record is as it was written; names the first entry that was edited, deleted, inserted or cut off. What the
 * chain alone cannot tell, since whoever can write can compute it anew, the signed checkpoints do.
 */
export async function verifyAudit(database: Queryable, check: AuditCheck = {}): Promise<AuditVerdict> {
  return (await checkAudit(database, check)).verdict;
}

/** The same with the hash of the last entry that fits. */
export async function checkAudit(
  database: Queryable,
  check: AuditCheck,
): Promise<{ readonly verdict: AuditVerdict; readonly hash: string }> {
  const accounts = await accountsBy(database, check.accountKeys ?? check.keys);
  const { verdict, hash } = await checkBy(database, check, accounts.at(-1));
  return { verdict: { ...verdict, ...(accounts.length > 0 && { accounted: accounts }) }, hash };
}

/** `account`: the newest one, which answers for all that was wrong until then. */
async function checkBy(
  database: Queryable,
  { whole = false, keys, given = [], patienceMs }: AuditCheck,
  account: Account | undefined,
): Promise<{ readonly verdict: AuditVerdict; readonly hash: string }> {
  const head = await auditHead(database, { all: whole, keys });
  if (!head) {
    return { verdict: { intact: false, entries: 0, firstBroken: 1, why: 'the head of the chain is gone' }, hash: '' };
  }
  const [newest] = head.kept;
  const until = patienceMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + patienceMs;
  if (whole || !newest) return walkAll(database, head, { given, until, account });
  const stands = !head.wasBroken && newest.against === undefined && (await isAsSigned(database, newest));
  if (stands) return walk(database, head, { from: newest, until });
  const again = { whole: true, ...(keys && { keys }), ...(patienceMs !== undefined && { patienceMs }) };
  return checkBy(database, again, account);
}

/** An alteration that is accounted for is passed over as long as every entry up to there stands as it stood then. */
async function walkAll(
  database: Queryable,
  head: AuditHead,
  { account, ...how }: Omit<Walk, 'account'> & { readonly account: Account | undefined },
) {
  if (!account) return walk(database, head, how);
  if ((await stoodBy(database, account.entries, how.until)) === account.stood) {
    return walk(database, head, { ...how, account });
  }
  const { verdict, hash } = await walk(database, head, how);
  const why = (of: string) => `${of}; nor is the record as it was accounted for on ${account.at}`;
  return { verdict: verdict.intact ? verdict : { ...verdict, why: why(verdict.why) }, hash };
}

/** All entries up to this number, whatever is wrong with them. Undefined: there was no time to read them. */
export async function stoodBy(
  database: Queryable,
  last: number,
  until = Number.POSITIVE_INFINITY,
): Promise<string | undefined> {
  const stood = createHash('sha256');
  for (let after = 0; ; ) {
    const rows = await auditPage(database, { after, last, limit: pageSize });
    for (const { seq, at, entry, prev, hash } of rows) {
      stood.update(JSON.stringify([seq, at, entry, prev, hash]));
      after = seq;
    }
    if (rows.length < pageSize) return stood.digest('hex');
    if (performance.now() > until) return undefined;
  }
}

async function isAsSigned(database: Queryable, { entries, head }: Checkpoint): Promise<boolean> {
  const [row] = await database.query<AuditRow & Record<string, unknown>>(
    'select seq, at, entry, prev, hash from audit where seq = $1',
    [entries],
  );
  return row?.hash === head && brokenLink(row, entries - 1, row.prev) === undefined;
}

interface Walk {
  /** What comes before is taken for true; the first entry when absent. */
  readonly from?: Checkpoint;
  /** What comes before stands as it was accounted for, and so do checkpoints that were signed before. */
  readonly account?: Account;
  readonly given?: readonly Checkpoint[];
  /** By the clock of `performance`: no page is asked for later. */
  readonly until: number;
}

async function walk(database: Queryable, head: AuditHead, { from, account, given = [], until }: Walk) {
  const known = new Map(head.kept.map((one) => [one.entries, one.head]));
  const anchors = [...head.kept, ...given].filter((one) => !account || !isAccountedFor(one, account));
  const begin = account ? { entries: account.entries, head: account.head } : from;
  const chain = new Chain({ ...(begin && { from: begin }), anchors, known });
  const told = (found: { intact: true; left?: number } | Broken) => ({
    verdict: chain.verdict(found),
    hash: chain.hash,
  });
  for (;;) {
    const rows = await auditPage(database, { after: chain.seq, last: head.seq, limit: pageSize });
    for (const row of rows) {
      const wrong = chain.take(row);
      if (wrong) return told(wrong);
    }
    if (rows.length < pageSize) break;
    if (performance.now() > until) return told({ intact: true, left: head.seq - chain.seq });
  }
  if (chain.seq !== head.seq) return told(broken(chain.seq + 1, 'the end of the chain is missing'));
  if (chain.hash !== head.hash) return told(broken(chain.seq, 'the head does not fit the last entry'));
  const ahead = chain.cutOff();
  if (ahead) return told(ahead);
  const forged = await firstBeyond(database);
  return told(forged ? broken(forged, 'the entry stands behind the head of the chain') : { intact: true });
}

/** Entries as they stand in the database, in their order. */
export function auditPage(
  db: Queryable,
  { after, last, limit }: { readonly after: number; readonly last: number; readonly limit: number },
): Promise<AuditRow[]> {
  return db.query<AuditRow & Record<string, unknown>>(
    'select seq, at, entry, prev, hash from audit where seq > $1 and seq <= $2 order by seq limit $3',
    [after, last, limit],
  );
}

/**
 * Numbers of the first and the last entry of a time: those between belong to it, whatever their own times are, so that
 * none is missing in the chain. Undefined: there are none.
 */
export async function auditRange(
  db: Queryable,
  { from, until }: { readonly from?: Date | undefined; readonly until?: Date | undefined },
): Promise<{ readonly first: number; readonly last: number } | undefined> {
  const [row] = await db.query<{ first: number | null; last: number | null }>(
    `select
       (select seq from audit where at >= coalesce($1::timestamptz, '-infinity') order by at, seq limit 1) as first,
       (select seq from audit where at < coalesce($2::timestamptz, 'infinity') order by at desc, seq desc limit 1) as last`,
    [from ?? null, until ?? null],
  );
  const { first, last } = row ?? {};
  return first && last && first <= last ? { first, last } : undefined;
}

/** Entries after the head can only be forged, unless they were appended since the head was read. */
async function firstBeyond(database: Queryable): Promise<number | undefined> {
  const [first] = await database.query<{ seq: number }>(
    'select min(a.seq) as seq from audit a, audit_head h where h.id = 1 and a.seq > h.seq having min(a.seq) is not null',
  );
  return first?.seq;
}

function textOf({ at, who, action, subject, request, runId, detail }: AuditRecord): string {
  // Nothing of a person but these: what finds an entry by who made it reads its end.
  const { oid, name } = who;
  const text = {
    at,
    who: { oid, name },
    action,
    subject: subject ?? null,
    request: request ?? null,
    runId: runId ?? null,
  };
  // Through JSON first: it may contain dates and undefined, and NUL, which PostgreSQL refuses.
  return canonical(withoutNames(JSON.parse(JSON.stringify({ ...text, detail }, clean))));
}

function clean(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? storable(value) : value;
}

export interface LookedAt extends Pick<AuditRecord<'look'>, 'at' | 'who'> {
  readonly verb: string;
  /** Null: machines of no team. */
  readonly teams: readonly (string | null)[];
}

/** As many as an entry names; the number of all stands in its subject. */
const mostNamed = 50;

/** An entry for what somebody was shown of other teams, once an hour for the same teams and command. `at`: world time. */
export async function noteLooked(database: Database, { at, who, verb, teams }: LookedAt): Promise<void> {
  const names = teams.map((team) => team ?? 'no team').sort();
  const hour = new Date(Math.floor(at.getTime() / hours(1)) * hours(1));
  const key = hashOf([who.oid, verb, names, hour]);
  const subject = names.length === 1 ? names[0] : `${names.length} teams`;
  const detail = { verb, teams: names.slice(0, mostNamed) };
  await database.transaction(async (tx) => {
    const isNew = await tx.query(
      'insert into looked (key, at) values ($1, $2) on conflict (key) do nothing returning 1',
      [key, hour],
    );
    if (isNew.length === 0) return;
    await tx.query('delete from looked where at < $1', [new Date(hour.getTime() - hours(2))]);
    await appendAudit(tx, [{ at, who, action: 'look', subject: subject ?? '', detail }]);
  });
}
