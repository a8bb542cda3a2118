/**
 * Azure Key Vault: signs with a key that never leaves it, and shows its public half. services/index.ts turns it into the
 * Signer that certificates are signed by, and into a question of AzureRead. A room of one file, which is its own index.
 * Two requests a certificate are no reason to load a client: they are plain ones.
 */
import { createHash } from 'node:crypto';
import type { AzureRead } from '../../core/azure';
import { UserError } from '../../core/errors';
import { derOfRaw, type Signer, type SigningKey } from '../../core/provenance';
import {
  type Fields,
  fieldsOf,
  type PlainResponse,
  type ReadContext,
  refusal,
  statusOf,
  textOf,
  unlessMissing,
} from '../azure';

const version = '7.4';

/**
 * Signs with the newest version of a key (elliptic curve, P-256), or with the one that `keyId` names. Takes a second; safe
 * to repeat.
 *
 * @throws UserError `AZ_FORBIDDEN` (role or network), `AZ_NOT_FOUND`, `AZ_SILENT`, `AZ_UNAVAILABLE`, `AZ_BAD_REQUEST` (no key of P-256).
 * @see GET …/keys/{name}, POST …/keys/{name}/{version}/sign (Key Vault 7.4)
 */
export function keyVaultSigner(azure: ReadContext, keyId: string): Signer {
  return {
    sign: (message) =>
      azure.ask(`signing with ${keyWords(keyId)}`, () =>
        explained(keyId, async () => {
          const key = await keyOf(azure, keyId);
          // The vault signs what it is given: the digest is made here.
          const digest = createHash('sha256').update(message).digest('base64url');
          const answer = await asked(azure, {
            method: 'POST',
            url: `${key.id}/sign`,
            body: { alg: 'ES256', value: digest },
          });
          const raw = Buffer.from(textOf(answer['value']) ?? '', 'base64url');
          return { key, value: derOfRaw(raw).toString('base64') };
        }),
      ),
  };
}

/** @see GET …/keys/{name}/{version} */
export function keyVaultRead(azure: ReadContext): Pick<AzureRead, 'vaultKey'> {
  return {
    vaultKey: (keyId) =>
      azure.ask(`asking for ${keyWords(keyId)}`, async () => {
        const found = await unlessMissing(explained(keyId, () => keyOf(azure, keyId)));
        return found?.public;
      }),
  };
}

async function keyOf(azure: ReadContext, keyId: string): Promise<SigningKey> {
  const { kid, kty, crv, x, y } = fieldsOf((await asked(azure, { method: 'GET', url: keyId }))['key']);
  const [id, first, second] = [textOf(kid), textOf(x), textOf(y)];
  if (kty === 'EC' && crv === 'P-256' && id && first && second) {
    return { id, kind: 'key vault', public: { kty, crv, x: first, y: second } };
  }
  throw new UserError('AZ_BAD_REQUEST', `${keyWords(keyId)} is not an elliptic-curve key of P-256.`, {
    hint: 'Make one with “az keyvault key create --kty EC --curve P-256”, and name it in catalog/azure.yaml.',
    again: 'once fixed',
  });
}

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: object;
}

async function asked(azure: ReadContext, { url, ...rest }: Asked): Promise<Fields> {
  // `https://<vault>.vault.azure.net`: behind the vault's name stands what its cloud calls all of them.
  const scope = `https://${new URL(url).hostname.replace(/^[^.]+\./, '')}/.default`;
  const answer: PlainResponse = await azure.request({ ...rest, url: `${url}?api-version=${version}`, scope });
  if (answer.status >= 400) throw refusal(answer);
  return fieldsOf(parsed(answer.text));
}

/** Between goldbot and a vault there may be something else that answers. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError('AZ_UNAVAILABLE', 'Something other than a key vault answered.', {
      hint: 'Check whether there is a proxy between goldbot and the vault.',
      cause,
    });
  }
}

/** What a vault refuses, in words that say who can mend it. */
async function explained<T>(keyId: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (statusOf(error) !== 403) throw error;
    throw new UserError('AZ_FORBIDDEN', `The vault does not let goldbot use ${keyWords(keyId)}${whyNot(error)}.`, {
      hint: 'Give goldbot’s identity the role Key Vault Crypto User on the key, and let the vault be reached from where goldbot runs.',
      cause: error,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ForbiddenByRbac: ': its identity has no role there',
  ForbiddenByPolicy: ': no access policy of the vault names its identity',
  ForbiddenByConnection: ': the vault is closed to the public network',
  ForbiddenByFirewall: ': the firewall of the vault does not let it in',
  KeyDisabled: ': the key is disabled',
};

function whyNot(error: unknown): string {
  const { details } = error as { details?: unknown };
  const inner = textOf(fieldsOf(fieldsOf(fieldsOf(details)['error'])['innererror'])['code']);
  return reasons[inner ?? ''] ?? '';
}

/** `the key goldbot of kv-gold`. */
function keyWords(keyId: string): string {
  const { hostname, pathname } = new URL(keyId);
  return `the key ${pathname.split('/')[2] ?? ''} of ${hostname.split('.')[0] ?? ''}`;
}
