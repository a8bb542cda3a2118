import type { PublicKey, Signature, SigningKey } from '../core/provenance';
import type { RequestId } from '../core/runs';
import { jsonb, type Queryable } from './database';
import { claim, givesBack, type Lease, type LeaseTerms, updateHeld } from './leases';

/** The birth certificates of versions, signed or not yet, and the keys that they were signed with. */

export interface NewCertificate {
  /** Id of the gallery version. */
  readonly versionId: string;
  readonly runId: RequestId;
  /** The statement, byte for byte as it is signed. */
  readonly payload: string;
  readonly digest: string;
  /** World time. */
  readonly madeAt: Date;
}

export interface Certificate extends NewCertificate {
  /** Absent: nobody has signed it yet. `value`: DER in base64. */
  readonly signature?: { readonly keyId: string; readonly value: string; readonly at: Date };
  /** Why the last try to sign it failed. */
  readonly said?: string;
  /** World time of the next try; absent when there is none. */
  readonly dueAt?: Date;
}

export interface LeasedCertificate extends Certificate {
  /** How often it was tried to sign it. */
  readonly looks: number;
  readonly lease: Lease;
}

interface Row {
  versionId: string;
  runId: RequestId;
  payload: string;
  digest: string;
  madeAt: Date;
  signature: string | null;
  keyId: string | null;
  signedAt: Date | null;
  said: string | null;
  dueAt: Date | null;
}

const columns = `certificate.id as "versionId", certificate.run_id as "runId", certificate.payload, certificate.digest,
  certificate.made_at as "madeAt", certificate.signature, certificate.key_id as "keyId",
  certificate.signed_at as "signedAt", certificate.said, certificate.due_at as "dueAt"`;

/** The same statement again changes nothing; another one of the same version takes the place of the one before. */
export async function keepCertificate(tx: Queryable, certificate: NewCertificate): Promise<void> {
  const { versionId, runId, payload, digest, madeAt } = certificate;
  await tx.query(
    `insert into certificate (id, run_id, payload, digest, made_at, due_at) values (lower($1), $2, $3, $4, $5, $5)
     on conflict (id) do update set run_id = excluded.run_id, payload = excluded.payload, digest = excluded.digest,
       made_at = excluded.made_at, due_at = excluded.due_at, signature = null, key_id = null, signed_at = null,
       said = null, looks = 0
     where certificate.digest <> excluded.digest`,
    [versionId, runId, payload, digest, madeAt],
  );
}

/** Leases the one that has waited longest for its signature. */
export async function claimCertificate(
  db: Queryable,
  now: Date,
  terms: LeaseTerms,
): Promise<LeasedCertificate | undefined> {
  const row = await claim<Row & { token: number; looks: number }>(db, 'certificate', terms, {
    where: 'due.signature is null and due.due_at <= $3',
    values: [now],
    order: 'due.due_at',
    returning: `${columns}, certificate.looks, certificate.lease_token as token`,
  });
  if (!row) return undefined;
  const { looks, token } = row;
  return { ...certificateIn(row), looks, lease: { of: 'certificate', id: row.versionId, token } };
}

/** Keeps a signature and its key, and gives the lease back; false when another replica holds it, or the statement is another. */
export async function writeSigned(
  tx: Queryable,
  { lease, digest }: Pick<LeasedCertificate, 'lease' | 'digest'>,
  { key, value }: Signature,
  at: Date,
): Promise<boolean> {
  const set = `signature = $3, key_id = $4, signed_at = $5, said = null, due_at = null, tries = 0, last_error = null, ${givesBack}`;
  const [same] = await tx.query('select 1 from certificate where id = $1 and digest = $2 for update', [
    lease.id,
    digest,
  ]);
  if (!same || !(await updateHeld(tx, lease, set, [value, key.id, at]))) return false;
  await tx.query(
    'insert into signing_key (id, kind, public, since) values ($1, $2, $3, $4) on conflict (id) do nothing',
    [key.id, key.kind, jsonb(key.public), at],
  );
  return true;
}

/** Notes why it could not be signed, and when that is tried again (null: never), and gives the lease back. */
export function writeUnsigned(tx: Queryable, lease: Lease, said: string, dueAt: Date | null): Promise<boolean> {
  const set = `said = $3, due_at = $4, looks = looks + 1, tries = 0, last_error = null, ${givesBack}`;
  return updateHeld(tx, lease, set, [said, dueAt]);
}

/** Of a gallery version, by its id in any case. */
export async function certificateOf(db: Queryable, versionId: string): Promise<Certificate | undefined> {
  const [row] = await db.query<Row & Record<string, unknown>>(
    `select ${columns} from certificate where id = lower($1)`,
    [versionId],
  );
  return row && certificateIn(row);
}

/** Of a run's latest attempt. */
export async function certificateOfRun(db: Queryable, runId: RequestId): Promise<Certificate | undefined> {
  const [row] = await db.query<Row & Record<string, unknown>>(
    `select ${columns} from certificate where run_id = $1 order by made_at desc limit 1`,
    [runId],
  );
  return row && certificateIn(row);
}

/** Every key that goldbot has signed with, by its id. */
export async function signingKeys(db: Queryable): Promise<ReadonlyMap<string, SigningKey>> {
  const rows = await db.query<{ id: string; kind: SigningKey['kind']; public: PublicKey }>(
    'select id, kind, public from signing_key',
  );
  return new Map(rows.map((key) => [key.id, key]));
}

function certificateIn({ signature, keyId, signedAt, said, dueAt, versionId, runId, payload, digest, madeAt }: Row) {
  const signed = signature !== null && keyId !== null && signedAt !== null;
  return {
    ...{ versionId, runId, payload, digest, madeAt },
    ...(signed && { signature: { keyId, value: signature, at: signedAt } }),
    ...(said !== null && { said }),
    ...(dueAt && { dueAt }),
  };
}
