import {
  type Account,
  accountType,
  type Checkpoint,
  checkpointEnvelope,
  type Envelope,
  openAccount,
  openCheckpoint,
  type Signature,
  type TrustedKey,
} from '../core/provenance';
import { signingKeys } from './certificates';
import { jsonb, type Queryable } from './database';

/** Signed checkpoints of the audit: kept for ever, and never changed. */

interface Row {
  payload: string;
  keyId: string;
  signature: string;
}

const columns = 'c.payload, c.key_id as "keyId", c.signature';

/** The same again changes nothing. */
export async function keepCheckpoint(
  tx: Queryable,
  { entries, head, at, payload }: Checkpoint & { readonly payload: string },
  { key, value }: Signature,
): Promise<void> {
  await keepKey(tx, key, at);
  await tx.query(
    `insert into audit_checkpoint (entries, head, at, payload, key_id, signature) values ($1, $2, $3, $4, $5, $6)
     on conflict (entries) do nothing`,
    [entries, head, at, payload, key.id, value],
  );
}

async function keepKey(tx: Queryable, { id, kind, public: key }: Signature['key'], since: string): Promise<void> {
  await tx.query(
    'insert into signing_key (id, kind, public, since) values ($1, $2, $3, $4) on conflict (id) do nothing',
    [id, kind, jsonb(key), since],
  );
}

export async function keepAccount(
  tx: Queryable,
  { at, payload }: Pick<Account, 'at'> & { readonly payload: string },
  { key, value }: Signature,
): Promise<void> {
  await keepKey(tx, key, at);
  await tx.query('insert into audit_account (at, payload, key_id, signature) values ($1, $2, $3, $4)', [
    ...[at, payload, key.id, value],
  ]);
}

/** Those that one of these keys signed (of the keys that the database knows when absent), oldest first. */
export async function accountsBy(db: Queryable, keys?: readonly TrustedKey[]): Promise<readonly Account[]> {
  const rows = await db.query<Row & Record<string, unknown>>(
    'select payload, key_id as "keyId", signature from audit_account order by at, id',
  );
  if (rows.length === 0) return [];
  const trusted = keys ?? (await knownKeys(db));
  return rows.flatMap(({ payload, keyId, signature }) => {
    const envelope = { ...checkpointEnvelope(payload, { keyId, value: signature }), payloadType: accountType };
    return openAccount(envelope, trusted) ?? [];
  });
}

async function knownKeys(db: Queryable): Promise<readonly TrustedKey[]> {
  return [...(await signingKeys(db)).values()].map(({ id, public: key }) => ({ id, key }));
}

/** The one over so many entries, as it is handed out. */
export async function checkpointOf(db: Queryable, entries: number): Promise<Envelope | undefined> {
  const [row] = await db.query<Row & Record<string, unknown>>(
    `select ${columns} from audit_checkpoint c where c.entries = $1`,
    [entries],
  );
  return row && checkpointEnvelope(row.payload, { keyId: row.keyId, value: row.signature });
}

/** Those over more entries, oldest first. */
export async function checkpointsAfter(db: Queryable, entries: number, most: number) {
  const rows = await db.query<Row & { entries: number; at: Date }>(
    `select ${columns}, c.entries, c.at from audit_checkpoint c where c.entries > $1 order by c.entries limit $2`,
    [entries, most],
  );
  return rows.map(({ payload, keyId, signature, ...one }) => ({
    checkpoint: { entries: one.entries, at: one.at.toISOString() },
    envelope: checkpointEnvelope(payload, { keyId, value: signature }),
  }));
}

/** One that the table has; `against`: why it vouches for nothing. */
export interface KeptCheckpoint extends Checkpoint {
  readonly against?: string;
}

export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
  /** The last full check of the day found the record altered. */
  readonly wasBroken: boolean;
  /** Oldest first. */
  readonly kept: readonly KeptCheckpoint[];
}

/**
 * The head of the chain and the checkpoints (the newest alone, unless all are asked for) as of one moment: what the
 * chain tells of a checkpoint is known then. `keys`: who may have signed them; those that the database knows when absent.
 * Undefined: the head is gone.
 */
export async function auditHead(
  db: Queryable,
  { all, keys }: { readonly all: boolean; readonly keys?: readonly TrustedKey[] | undefined },
): Promise<AuditHead | undefined> {
  type HeadRow = { seq: number; hash: string; broken: boolean; entries: number | null } & (Row | { payload: null });
  const rows = await db.query<HeadRow & Record<string, unknown>>(
    `select h.seq, h.hash, c.entries, ${columns},
       coalesce((select found -> 'broken' = 'true' from ending where id = 'checkpoints'), false) as broken
     from audit_head h left join audit_checkpoint c
       on $1 or c.entries = (select max(entries) from audit_checkpoint)
     where h.id = 1 order by c.entries`,
    [all],
  );
  const [head] = rows;
  if (!head) return undefined;
  const trusted = keys ?? (await knownKeys(db));
  const kept = rows.flatMap((row) => (row.payload === null ? [] : [keptIn(row, row.entries ?? 0, trusted)]));
  return { seq: head.seq, hash: head.hash, wasBroken: head.broken, kept };
}

function keptIn({ payload, keyId, signature }: Row, entries: number, keys: readonly TrustedKey[]): KeptCheckpoint {
  const opened = openCheckpoint(checkpointEnvelope(payload, { keyId, value: signature }), keys);
  if (opened.state === 'not a checkpoint') return { entries, head: '', at: '', against: 'is none any more' };
  const { state, checkpoint } = opened;
  if (state === 'stranger') return { ...checkpoint, entries, against: `is signed by ${keyId}, which is no known key` };
  const isWhole = state === 'signed' && checkpoint.entries === entries;
  return isWhole ? checkpoint : { ...checkpoint, entries, against: 'is not as it was signed' };
}
