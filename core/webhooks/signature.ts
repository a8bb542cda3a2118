import { createHmac } from 'node:crypto';

/** As the Standard Webhooks specification writes secrets: `whsec_` and 24 to 64 bytes in base64. */
function keyIn(secret: string): Buffer | undefined {
  const text = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const key = text === undefined ? undefined : Buffer.from(text, 'base64');
  return key && key.length >= 24 && key.length <= 64 ? key : undefined;
}

/** What is wrong with a secret, as the end of a sentence and without any part of it; undefined when nothing is. */
export function secretProblem(secret: string | undefined): string | undefined {
  if (secret === undefined || secret === '') return 'is not set';
  return keyIn(secret) ? undefined : 'must be whsec_ and 24 to 64 bytes in base64';
}

/**
 * The value of `webhook-signature`: HMAC-SHA256 of `id.timestamp.body`. `at`: seconds since 1970, of the machine's clock.
 *
 * @throws Error for a secret that `secretProblem` finds wrong.
 */
export function signatureOf(secret: string, { id, at, body }: { id: string; at: number; body: string }): string {
  const key = keyIn(secret);
  if (!key) throw new Error('the secret of a webhook was not checked');
  return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
}
