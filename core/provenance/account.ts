import { z } from 'zod';
import { canonical } from '../hash';
import type { Checkpoint } from './checkpoint';
import { type Envelope, preAuthentication, signatureFits } from './dsse';
import { isNamed, type TrustedKey } from './verification';

/**
 * Somebody has looked into an alteration of the audit and answers for how it stands now. The record stays as it was
 * found: the account says of every entry that it is this one (`stood`), and the chain goes on from there. Signed like a
 * checkpoint, so that whoever can write to the database cannot account for what they did.
 */

export const accountType = 'application/vnd.goldbot.audit-account+json';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const accountSchema = z.object({
  /** Number of the first entry that was wrong or missing; `upTo`: it was one up to there. */
  altered: z.object({ firstBroken: z.number().int(), upTo: z.number().int().optional(), why: z.string() }),
  /** Of all entries up to this number, as they stood. */
  entries: z.number().int().nonnegative(),
  stood: hash,
  /** What the next entry follows. */
  head: z.string(),
  /** Object id of who answers for it, and what they found. */
  by: z.string(),
  reason: z.string(),
  /** World time, ISO 8601. Every checkpoint that was signed before is accounted for too. */
  at: z.iso.datetime(),
});
export type Account = z.output<typeof accountSchema>;

/** The text that is signed. */
export const accountPayload = (account: Account): string => canonical(JSON.parse(JSON.stringify(account)));

export const accountPreAuthentication = (payload: string): Buffer => preAuthentication(payload, accountType);

/** Undefined: none of these keys signed it, or it is no account. */
export function openAccount({ payloadType, payload, signatures }: Envelope, keys: readonly TrustedKey[]) {
  const [signature] = signatures;
  if (payloadType !== accountType || !signature) return undefined;
  const bytes = Buffer.from(payload, 'base64');
  const isSigned = keys.some(
    (key) => isNamed(key, signature.keyid) && signatureFits(bytes, signature.sig, key.key, accountType),
  );
  return isSigned ? accountSchema.safeParse(JSON.parse(bytes.toString('utf8'))).data : undefined;
}

/** What was signed before it is accounted for with the record. */
export const isAccountedFor = ({ at }: Pick<Checkpoint, 'at'>, account: Pick<Account, 'at'>): boolean =>
  Date.parse(at) < Date.parse(account.at);
