import { z } from 'zod';
import { canonical } from '../hash';
import { type Envelope, parseEnvelope, preAuthentication, type Signature, signatureFits } from './dsse';
import { isNamed, type TrustedKey } from './verification';

/**
 * A checkpoint of the audit: how many entries it had at a moment, and the hash of the last of them, signed like a
 * certificate. Whoever keeps one outside of the database can hold the record against it for ever.
 */

export const checkpointType = 'application/vnd.goldbot.audit-checkpoint+json';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const checkpointSchema = z.object({
  /** How many entries the audit had. */
  entries: z.number().int().positive(),
  /** Hash of the last of them, and by it of each before. */
  head: hash,
  /** World time, ISO 8601. */
  at: z.iso.datetime(),
});
export type Checkpoint = z.output<typeof checkpointSchema>;

/** The message that tells one in a channel, by its number of entries. */
export type CheckpointTopic = `checkpoint:${number}`;
export const checkpointTopic = (entries: number): CheckpointTopic => `checkpoint:${entries}`;

/** A place outside of the database in which what is written stays as it is. */
export interface OutsidePlace {
  /** `another`: something else stands under this name, and stays there. */
  keep(name: string, envelope: Envelope): Promise<'kept' | 'another'>;
  /** In their order. */
  names(): Promise<readonly string[]>;
  /** Undefined when there is none of this name. */
  read(name: string): Promise<string | undefined>;
}

/** Its name there: in order they are by age. */
export const checkpointName = (entries: number): string => `${String(entries).padStart(12, '0')}.json`;

/** What the check at midnight found wrong with the audit. */
export interface Alteration {
  /** When it was found first, ISO 8601; it is said anew each day. */
  readonly since: string;
  /** Number of the first entry that is wrong or missing; `upTo`: it is one up to there. */
  readonly firstBroken: number;
  readonly upTo?: number;
  readonly why: string;
  /** The newest checkpoint that the record fits; absent: it fits none. */
  readonly fits?: Pick<Checkpoint, 'entries' | 'at'>;
}

/** The message that tells of one, by the day, or that it is over. */
export type AlterationTopic = `altered:${string}`;
export const alterationTopic = (now: Date): AlterationTopic => `altered:${now.toISOString().slice(0, 10)}`;

/** The text that is signed. */
export function checkpointPayload({ entries, head, at }: Checkpoint): string {
  return canonical({ entries, head, at });
}

/** Undefined when the payload is no checkpoint. */
export function parseCheckpoint(payload: string): Checkpoint | undefined {
  try {
    return checkpointSchema.safeParse(JSON.parse(payload)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function checkpointEnvelope(payload: string, { keyId, value }: { keyId: string; value: string }): Envelope {
  const signatures = [{ keyid: keyId, sig: value }];
  return { payloadType: checkpointType, payload: Buffer.from(payload, 'utf8').toString('base64'), signatures };
}

/** The bytes that are signed. */
export function checkpointPreAuthentication(payload: string): Buffer {
  return preAuthentication(payload, checkpointType);
}

export function checkpointSigned(payload: string, { key, value }: Signature): boolean {
  return signatureFits(payload, value, key.public, checkpointType);
}

/** What one says who has public keys alone. */
export type GivenCheckpoint =
  | { readonly state: 'signed'; readonly keyId: string; readonly checkpoint: Checkpoint }
  | { readonly state: 'not a checkpoint' }
  /** `stranger`: by a key that is not among those given; `forged`: by none that it names. */
  | { readonly state: 'stranger' | 'forged'; readonly keyId: string; readonly checkpoint: Checkpoint };

export function openCheckpoint(envelope: Envelope, keys: readonly TrustedKey[]): GivenCheckpoint {
  const payload = Buffer.from(envelope.payload, 'base64');
  const checkpoint = parseCheckpoint(payload.toString('utf8'));
  if (!checkpoint || envelope.payloadType !== checkpointType) return { state: 'not a checkpoint' };
  const [signature] = envelope.signatures;
  const keyId = signature?.keyid ?? '';
  const candidates = keys.filter((one) => isNamed(one, keyId));
  if (!signature || candidates.length === 0) return { state: 'stranger', keyId, checkpoint };
  const fits = candidates.some(({ key }) => signatureFits(payload, signature.sig, key, checkpointType));
  return { state: fits ? 'signed' : 'forged', keyId, checkpoint };
}

/**
 * Every envelope in a text, whatever stands around it: a file of them, or messages copied from a channel, with line breaks
 * or as Markdown, which puts a backslash before brackets. No envelope has either.
 */
export function envelopesIn(text: string): readonly Envelope[] {
  const found = text.replace(/[\s\\]+/g, '').match(/\{"payloadType":"[^{}]*\[\{[^{}]*\}\]\}/g) ?? [];
  return found.flatMap((one) => parseEnvelope(one) ?? []);
}
