import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import type { World } from '../kernel/world';

interface KeySection {
  readonly jwk: JsonWebKey;
}

const kid = 'goldbot-sandbox-entra';

/** Outlives restarts and resets of one process: whoever checks tokens remembers keys for a day. */
let madeHere: JsonWebKey | undefined;

function keyOf(world: World) {
  const { jwk } = world.section<KeySection>('entra-key', () => {
    madeHere ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
    return { jwk: madeHere };
  });
  madeHere = jwk;
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

/** A token valid for an hour of machine time; `claims` replaces claims (undefined removes). */
export async function signToken(world: World, claims: JWTPayload): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({ iat: now, nbf: now - 5, exp: now + 3_600, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
    .sign(keyOf(world));
}

/** As a tenant's keys are published. */
export function entraKeys(world: World, issuer: string): readonly object[] {
  const jwk = createPublicKey(keyOf(world)).export({ format: 'jwk' });
  return [{ ...jwk, use: 'sig', kid, x5t: kid, issuer }];
}
