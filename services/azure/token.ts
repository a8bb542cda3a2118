import type { TokenCredential } from '@azure/core-auth';

/** A token that ends sooner is not used any more. */
const leftMs = 300_000;

/**
 * A token of `scope` for somebody who sends it as a password: the same one until five minutes before it ends, asked for
 * once however many want it.
 *
 * @throws what the credential throws.
 */
export function tokenOf(credential: TokenCredential, scope: string, now: () => number = Date.now) {
  let known = { token: '', expiresOnTimestamp: 0 };
  let asking: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    const found = await credential.getToken(scope);
    if (found === null) throw new Error('Entra gave no token');
    known = found;
    return found.token;
  };
  return async (): Promise<string> => {
    if (known.expiresOnTimestamp - now() > leftMs) return known.token;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}
