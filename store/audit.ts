import type { AuditRecord } from '../core/audit';
import { canonical, sha256 } from '../core/hash';
import type { Checkpoint, TrustedKey } from '../core/provenance';
import { type AuditHead, auditHead, type KeptCheckpoint } from './checkpoints';
import { type Database, type Queryable, storable } from './database';

export const goldbot = { oid: null, name: 'goldbot' } as const;

/** How far the record is whole. */
export type AuditVerdict = (
  | { readonly intact: true }
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
};

export interface AuditCheck {
  /** From the first entry on, and against all checkpoints; otherwise from the newest one that is signed and fits. */
  readonly whole?: boolean;
  /** Whose signature counts on the checkpoints of the database; the keys that it knows when absent. */
  readonly keys?: readonly TrustedKey[];
  /** Checkpoints that somebody kept outside, whose signatures were looked at. */
  readonly given?: readonly Checkpoint[];
}

interface AuditRow {
  seq: number;
  at: Date;
  entry: string;
  prev: string;
  hash: string;
}

const pageSize = 2_000;

/**
 * Appends to the hash chain. Always the last thing of a transaction: the chain's head stays locked until the commit,
 * and every other transaction ends there.
 */
export async function appendAudit(tx: Queryable, records: readonly AuditRecord[]): Promise<void> {
  if (records.length === 0) return;
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
  { whole = false, keys, given = [] }: AuditCheck,
): Promise<{ readonly verdict: AuditVerdict; readonly hash: string }> {
  const head = await auditHead(database, { all: whole, keys });
  if (!head) {
    return { verdict: { intact: false, entries: 0, firstBroken: 1, why: 'the head of the chain is gone' }, hash: '' };
  }
  const [newest] = head.kept;
  if (whole || !newest) return walk(database, head, { given });
  const stands = !head.wasBroken && newest.against === undefined && (await isAsSigned(database, newest));
  return stands ? walk(database, head, { from: newest }) : checkAudit(database, { whole: true, ...(keys && { keys }) });
}

async function isAsSigned(database: Queryable, { entries, head }: Checkpoint): Promise<boolean> {
  const [row] = await database.query<AuditRow>('select seq, at, entry, prev, hash from audit where seq = $1', [
    entries,
  ]);
  return row?.hash === head && brokenLink(row, entries - 1, row.prev) === undefined;
}

interface Walk {
  /** What comes before is taken for true; the first entry when absent. */
  readonly from?: Checkpoint;
  readonly given?: readonly Checkpoint[];
}

async function walk(database: Queryable, head: AuditHead, { from, given = [] }: Walk) {
  let [seq, hash, fits] = [from?.entries ?? 0, from?.head ?? '', from];
  const anchors = [...head.kept, ...given].filter(({ entries }) => entries > seq).sort((a, b) => a.entries - b.entries);
  const known = new Map(head.kept.map((one) => [one.entries, one.head]));
  const told = (verdict: { intact: true } | Broken) => {
    const checkpoint = fits && { checkpoint: { entries: fits.entries, at: fits.at } };
    return { verdict: { ...verdict, entries: seq, ...checkpoint }, hash };
  };
  for (;;) {
    const rows = await database.query<AuditRow>(
      'select seq, at, entry, prev, hash from audit where seq > $1 and seq <= $2 order by seq limit $3',
      [seq, head.seq, pageSize],
    );
    for (const row of rows) {
      const why = brokenLink(row, seq, hash) ?? goneCheckpoint(row, known);
      if (why) return told(broken(seq + 1, why));
      for (; anchors[0]?.entries === row.seq; fits = anchors.shift()) {
        const against = unfit(anchors[0], row);
        if (against) return told(broken((fits?.entries ?? 0) + 1, against, row.seq));
      }
      [seq, hash] = [row.seq, row.hash];
    }
    if (rows.length < pageSize) break;
  }
  if (seq !== head.seq) return told(broken(seq + 1, 'the end of the chain is missing'));
  if (hash !== head.hash) return told(broken(seq, 'the head does not fit the last entry'));
  const [ahead] = anchors;
  if (ahead) return told(broken(seq + 1, `the checkpoint of ${ahead.at} counts ${ahead.entries} entries`));
  const forged = await firstBeyond(database);
  return told(forged ? broken(forged, 'the entry stands behind the head of the chain') : { intact: true });
}

interface Broken {
  readonly intact: false;
  readonly firstBroken: number;
  readonly upTo?: number;
  readonly why: string;
}

const broken = (firstBroken: number, why: string, upTo = firstBroken): Broken => ({
  ...{ intact: false, firstBroken, why },
  ...(upTo > firstBroken && { upTo }),
});

/** Entries after the head can only be forged, unless they were appended since the head was read. */
async function firstBeyond(database: Queryable): Promise<number | undefined> {
  const [first] = await database.query<{ seq: number }>(
    'select min(a.seq) as seq from audit a, audit_head h where h.id = 1 and a.seq > h.seq having min(a.seq) is not null',
  );
  return first?.seq;
}

function unfit({ at, head, against }: KeptCheckpoint, { hash, seq }: AuditRow): string | undefined {
  if (against !== undefined) return `the checkpoint over ${seq} entries ${against}`;
  if (head !== hash) return `entry ${seq} is not the one that the checkpoint of ${at} was signed over`;
  return undefined;
}

/** The chain tells of each checkpoint: one that was taken out of its table is missed here. */
function goneCheckpoint({ entry }: AuditRow, known: ReadonlyMap<number, string>): string | undefined {
  if (!entry.includes('"action":"checkpoint"')) return undefined;
  const { action, detail } = JSON.parse(entry) as { action: string; detail: { entries?: number; head?: string } };
  if (action !== 'checkpoint' || known.get(detail.entries ?? 0) === detail.head) return undefined;
  return 'the checkpoint that the entry tells of is gone';
}

function brokenLink(row: AuditRow, seq: number, hash: string): string | undefined {
  if (row.seq !== seq + 1) return 'the entry is missing';
  if (row.prev !== hash) return 'the entry does not follow the one before it';
  if (row.hash !== chained(row.seq, row.prev, row.entry)) return 'the entry was edited';
  if (row.at.toISOString() !== (JSON.parse(row.entry) as { at: string }).at) return 'the time of the entry was edited';
  return undefined;
}

function chained(seq: number, prev: string, entry: string): string {
  return sha256(`${seq}\n${prev}\n${entry}`);
}

function textOf({ at, who, action, subject, request, runId, detail }: AuditRecord): string {
  const text = { at, who, action, subject: subject ?? null, request: request ?? null, runId: runId ?? null };
  // Through JSON first: it may contain dates and undefined, and NUL, which PostgreSQL refuses.
  return canonical(JSON.parse(JSON.stringify({ ...text, detail }, clean)));
}

function clean(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? storable(value) : value;
}
