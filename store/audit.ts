import type { AuditRecord } from '../core/audit';
import { canonical, sha256 } from '../core/hash';
import { type Database, type Queryable, storable } from './database';

export const goldbot = { oid: null, name: 'goldbot' } as const;

export type AuditVerdict =
  | { readonly intact: true; readonly entries: number }
  | { readonly intact: false; readonly entries: number; readonly firstBroken: number; readonly why: string };

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

/** Recomputes the whole chain, oldest first; names the first entry that was edited, deleted, inserted or cut off. */
export async function verifyAudit(database: Queryable): Promise<AuditVerdict> {
  const [head] = await database.query<{ seq: number; hash: string }>('select seq, hash from audit_head where id = 1');
  let [seq, hash] = [0, ''];
  const broken = (at: number, why: string): AuditVerdict => ({ intact: false, entries: seq, firstBroken: at, why });
  if (!head) return broken(1, 'the head of the chain is gone');
  for (;;) {
    const rows = await database.query<AuditRow>(
      'select seq, at, entry, prev, hash from audit where seq > $1 and seq <= $2 order by seq limit $3',
      [seq, head.seq, pageSize],
    );
    for (const row of rows) {
      const why = brokenLink(row, seq, hash);
      if (why) return broken(seq + 1, why);
      [seq, hash] = [row.seq, row.hash];
    }
    if (rows.length < pageSize) break;
  }
  if (seq !== head.seq) return broken(seq + 1, 'the end of the chain is missing');
  if (hash !== head.hash) return broken(seq, 'the head does not fit the last entry');
  return beyond(database, head.seq, { intact: true, entries: seq });
}

/** Entries after the head can only be forged, unless they were appended since the head was read. */
async function beyond(database: Queryable, seq: number, verdict: AuditVerdict): Promise<AuditVerdict> {
  const forged = await database.query<{ seq: number }>(
    'select min(a.seq) as seq from audit a, audit_head h where h.id = 1 and a.seq > h.seq having min(a.seq) is not null',
  );
  const [first] = forged;
  if (!first) return verdict;
  return { intact: false, entries: seq, firstBroken: first.seq, why: 'the entry stands behind the head of the chain' };
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
