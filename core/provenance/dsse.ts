import { createHash, createPrivateKey, createPublicKey, type JsonWebKey, sign, verify } from 'node:crypto';
import { z } from 'zod';

/**
 * Dead Simple Signing Envelope: how a statement is signed. ECDSA on P-256 with SHA-256 over the pre-authentication
 * encoding; the signature in DER, as other tools for such envelopes expect it.
 */

export const payloadType = 'application/vnd.in-toto+json';

/** The public half of a P-256 key, as a JSON Web Key. */
export interface PublicKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** A key that goldbot signs with. */
export interface SigningKey {
  /** Of a key vault: the id with its version. Of a local key: `local:` and the digest of its public half. */
  readonly id: string;
  readonly kind: 'key vault' | 'local';
  readonly public: PublicKey;
}

export interface Signature {
  readonly key: SigningKey;
  /** DER in base64. */
  readonly value: string;
}

/** Signs; may be asked twice for the same, and then answers differently: ECDSA draws a number each time. */
export interface Signer {
  /** @throws UserError `AZ_…` when a key vault refuses or is silent. */
  sign(message: Buffer): Promise<Signature>;
}

const envelopeSchema = z.object({
  payloadType: z.string(),
  payload: z.base64(),
  signatures: z.array(z.object({ keyid: z.string().default(''), sig: z.base64() })),
});

/** What is handed out, and what `npm run verify` reads. */
export type Envelope = z.output<typeof envelopeSchema>;

/** `value`: DER in base64; no signature yet when absent. */
export function envelopeOf(payload: string, signature?: { readonly keyId: string; readonly value: string }): Envelope {
  const signatures = signature ? [{ keyid: signature.keyId, sig: signature.value }] : [];
  return { payloadType, payload: Buffer.from(payload, 'utf8').toString('base64'), signatures };
}

/** Copied from a card it has line breaks in the midst of its texts, none of which has any. Undefined: it is no envelope. */
export function parseEnvelope(text: string): Envelope | undefined {
  try {
    return envelopeSchema.safeParse(JSON.parse(text.replace(/\s+/g, ''))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The bytes that are signed: type and length first, so that no other text can be taken for this one. */
export function preAuthentication(payload: string | Buffer, type = payloadType): Buffer {
  const body = Buffer.isBuffer(payload) ? payload : Buffer.from(payload, 'utf8');
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `, 'utf8'), body]);
}

/** `value`: DER in base64. False also for what is no signature at all. */
export function signatureFits(payload: string | Buffer, value: string, key: PublicKey, type = payloadType): boolean {
  const publicKey = createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
  return verify('sha256', preAuthentication(payload, type), publicKey, Buffer.from(value, 'base64'));
}

/** Digest of a public key by which a local one is known (RFC 7638, in hex). */
export function keyIdOf({ crv, kty, x, y }: PublicKey): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('hex');
}

/** Signs with a private key in PEM. @throws Error when it is none of P-256. */
export function localSigner(pem: string): Signer {
  const privateKey = createPrivateKey(pem);
  const { kty, crv, x, y } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (kty !== 'EC' || crv !== 'P-256' || !x || !y) throw new Error('the key is not an elliptic-curve key of P-256');
  const publicKey: PublicKey = { kty, crv, x, y };
  const key: SigningKey = { id: `local:${keyIdOf(publicKey)}`, kind: 'local', public: publicKey };
  return {
    sign: async (message) => ({ key, value: sign('sha256', message, privateKey).toString('base64') }),
  };
}

/** A key vault answers r and s one after the other (JWS); envelopes hold them as an ASN.1 sequence. */
export function derOfRaw(raw: Buffer): Buffer {
  const half = raw.length / 2;
  const integers = Buffer.concat([integerOf(raw.subarray(0, half)), integerOf(raw.subarray(half))]);
  return Buffer.concat([Buffer.from([0x30, integers.length]), integers]);
}

/** Shortest form, with a zero in front where the first bit would mean a minus. */
function integerOf(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = first < 0 ? Buffer.from([0]) : bytes.subarray(first);
  const value = (short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short;
  return Buffer.concat([Buffer.from([0x02, value.length]), value]);
}
