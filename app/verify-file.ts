import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../core/errors';
import {
  digestOf,
  type PublicKey,
  parseEnvelope,
  type Statement,
  type TrustedKey,
  type Verified,
  verifyAlone,
} from '../core/provenance';

/** What `npm run verify` prints and how it ends; the file itself is read by verify.ts. */
export interface Judged {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

const exitCodes: Readonly<Record<Verified, number>> = { verified: 0, tampered: 2, unsigned: 3, unknown: 4 };

/** A certificate by itself. `text`: as `verify … --certificate` shows it, line breaks and all. */
export function judged(text: string, keys: readonly TrustedKey[]): Judged {
  const envelope = parseEnvelope(text);
  if (!envelope) {
    throw new UserError('BAD_COMMAND', 'The file is not a certificate.', {
      hint: 'Save the text that “verify ubuntu-22@1.6.0 --certificate” shows, from the first brace to the last.',
    });
  }
  const { verdict, statement, checks } = verifyAlone(envelope, keys);
  const by = shown(envelope.signatures[0]?.keyid ?? 'nobody');
  const differs = checks.flatMap(({ name, state }) => (state === 'differs' ? [name] : []));
  const words: Readonly<Record<Verified, string>> = {
    verified: `verified: signed by ${by}, and whole.`,
    tampered: `tampered: ${differs.join(' and ')}. The signature of ${by} does not vouch for this text.`,
    unsigned: 'unsigned: no key has signed it; anybody could have written it.',
    unknown: `unknown: signed by ${by}, and none of the ${keys.length} public keys given is that key.`,
  };
  const payload = Buffer.from(envelope.payload, 'base64').toString('utf8');
  // What nobody vouches for is not repeated as if it were so.
  const told = verdict === 'verified' && statement ? toldBy(statement, digestOf(payload)) : [];
  return { lines: [words[verdict], ...told], exitCode: exitCodes[verdict] };
}

/** Anybody can write the file: nothing in it becomes a line of its own, or a command to the terminal. */
export function shown(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd').slice(0, 300);
}

function toldBy({ subject: [subject], predicate }: Statement, digest: string): readonly string[] {
  const { externalParameters: what, internalParameters } = predicate.buildDefinition;
  const { goldbot_tests: tests, goldbot_approval: approval, invocationId } = predicate.runDetails.metadata;
  const deciders = approval.decisions.map(({ name, oid, verdict, at }) => `${verdict} by ${name} (${oid}), ${at}`);
  return [
    `  version    ${what.image} ${what.version}`,
    `  id         ${subject.name}`,
    `  source     ${what.source}`,
    `  run        ${invocationId}`,
    `  plan hash  ${internalParameters.planHash}`,
    `  tests      ${tests.map(({ name, passed }) => `${name} ${passed ? 'passed' : 'failed'}`).join(', ')}`,
    ...(approval.change === undefined ? [] : [`  change     ${approval.change}`]),
    ...(approval.changes ?? []).map((changed) => `  changed    ${changed}`),
    ...deciders.map((decider) => `  decided    ${approval.id}: ${decider}`),
    `The version's tag goldbot-certificate must be ${digest};`,
    `the tattoo inside a machine must have the SHA-256 ${subject.digest.sha256}.`,
  ];
}

const jwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string().optional(),
});
/** A key, a set of keys, or what `az keyvault key show` prints. */
const keyFile = z.union([
  jwk.transform((one) => [one]),
  z.object({ keys: z.array(jwk) }).transform(({ keys }) => keys),
  z.object({ key: jwk }).transform(({ key }) => [key]),
]);

/**
 * Public keys from a file: PEM, a JSON Web Key or a set of them, or what `az keyvault key show` prints.
 *
 * @throws UserError `BAD_COMMAND` when there is no key of P-256 in it, or it holds a private one.
 */
export function keysIn(text: string, name: string): readonly TrustedKey[] {
  if (/PRIVATE KEY|"d"\s*:\s*"/.test(text)) {
    throw new UserError('BAD_COMMAND', `${name} is a private key; it is none of this command's business.`, {
      hint: 'Give its public half: “openssl ec -in key.pem -pubout”.',
    });
  }
  const found = /^\s*\{/.test(text) ? fromJson(text) : fromPem(text);
  if (found) return found;
  throw new UserError('BAD_COMMAND', `${name} holds no public key of P-256.`, {
    hint: 'Give PEM, a JSON Web Key, or what “az keyvault key show --id <key>” prints.',
  });
}

function fromJson(text: string): readonly TrustedKey[] | undefined {
  try {
    const keys = keyFile.safeParse(JSON.parse(text)).data;
    return keys?.map(({ kid, x, y, ...rest }) => ({
      ...(kid !== undefined && { id: kid }),
      // The command line of Azure writes base64 where the standard wants base64url.
      key: { ...rest, x: urlSafe(x), y: urlSafe(y) },
    }));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const urlSafe = (base64: string): string => Buffer.from(base64, 'base64').toString('base64url');

function fromPem(text: string): readonly TrustedKey[] | undefined {
  let exported: JsonWebKey;
  try {
    exported = createPublicKey(text).export({ format: 'jwk' });
  } catch {
    return undefined;
  }
  const { kty, crv, x, y } = exported;
  if (kty !== 'EC' || crv !== 'P-256' || !x || !y) return undefined;
  return [{ key: { kty, crv, x, y } satisfies PublicKey }];
}
