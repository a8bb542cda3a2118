import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Cloud } from '../../core/cloud';
import type { SignIn } from '../../core/doctor';
import { UserError } from '../../core/errors';
import { withoutSecrets } from '../../core/log';
import { tokenOf } from './clients';
import { toUserError } from './errors';

/** An app or identity that asks for a token as itself. */
export interface AppSignIn {
  readonly appId: string;
  readonly tenantId: string;
  /** A managed identity has none. */
  readonly secret?: string;
  /** Where Entra is, without the tenant. */
  readonly login: string;
  /** Whom the token is for. */
  readonly audience: string;
  readonly httpClient?: HttpClient | undefined;
}

/**
 * Asks Entra for a token once. What it refuses is told in its own words.
 *
 * @throws UserError `AZ_SILENT`
 * @see POST {login}/{tenant}/oauth2/v2.0/token, or the endpoint of the managed identity
 */
export async function signIn(app: AppSignIn): Promise<SignIn> {
  try {
    const found = await credentialOf(app).getToken(`${app.audience}/.default`);
    const tenant = claimIn(found?.token ?? '', 'tid');
    return { kind: 'in', ...(tenant !== undefined && { tenant }) };
  } catch (error) {
    const said = withoutSecrets((error as Error).message);
    const why = refusals.map((pattern) => pattern.exec(said)?.[0]).find((one) => one !== undefined);
    if (why !== undefined) return { kind: 'refused', why };
    throw new UserError('AZ_SILENT', 'Entra did not say whether goldbot may sign in as its bot.', {
      hint: 'Ask again in a minute, from where goldbot runs.',
      cause: error,
    });
  }
}

/** The first sentence of a refusal, and what the endpoint of managed identities says of one that the app does not have. */
const refusals = [/AADSTS\d+: .*?\.(?=\s|$)/s, /Identity not found/];

function credentialOf({ appId, tenantId, secret, login, httpClient }: AppSignIn): TokenCredential {
  const identity = require('@azure/identity') as typeof import('@azure/identity');
  const options = { ...(httpClient && { httpClient }), retryOptions: { maxRetries: 1 } };
  if (secret === undefined) return new identity.ManagedIdentityCredential({ clientId: appId, ...options });
  return new identity.ClientSecretCredential(tenantId, appId, secret, { authorityHost: login, ...options });
}

/**
 * Object id of goldbot's own identity, in lower case, by the claim `oid` of its token for Azure: goldbot has no permission
 * to ask Microsoft Graph for applications. Undefined: the token does not tell.
 *
 * @throws UserError `AZ_FORBIDDEN`, `AZ_SILENT`: there is no token.
 */
export function ownIdentity(
  credential: TokenCredential,
  { arm }: Pick<Cloud, 'arm'>,
): () => Promise<string | undefined> {
  const token = tokenOf(credential, `${arm}/.default`);
  return async () => {
    try {
      return claimIn(await token(), 'oid')?.toLowerCase();
    } catch (error) {
      throw toUserError(error, 'asking who goldbot is');
    }
  };
}

/** What a token says of whose it is, in its own words: nobody relies on them. */
function claimIn(token: string, name: 'oid' | 'tid'): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const claim = (claims as Readonly<Record<string, unknown>>)[name];
    return typeof claim === 'string' ? claim : undefined;
  } catch {
    return undefined;
  }
}
