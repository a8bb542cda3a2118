import type { TokenCredential } from '@azure/core-auth';
import { type CloudName, clouds } from '../core/cloud';
import { UserError } from '../core/errors';
import { withoutSecrets } from '../core/log';
import { createAzure, createCredential } from '../services';
import { passwordIn } from '../store';
import { type Patient, settled } from './examination';
import { productionSoFar } from './settings';

/** `npm run doctor -- --as me`: with the rights of whoever ran `az login`, on whatever machine that is. */

interface Asked {
  readonly environment: NodeJS.ProcessEnv;
  /** Object id or resource id of goldbot's identity. */
  readonly identity: string | undefined;
  /** How requests reach Azure; tests pass their own. */
  readonly httpClient?: Patient['azure']['httpClient'];
}

/**
 * What is looked at, and whose rights it is looked at with.
 *
 * @throws UserError `AZ_FORBIDDEN` (nobody is signed in to the Azure CLI), `AZ_NOT_FOUND` (no such identity)
 */
export async function patientAtDesk({ environment, identity, httpClient }: Asked): Promise<Patient> {
  const { settings, malformed, missing } = productionSoFar(environment);
  const { GOLDBOT_CLOUD: name = 'Public', MicrosoftAppTenantId: tenantId, DATABASE_URL: url } = settings;
  const credential = askedOnce(createCredential({ kind: 'azure-cli', ...(tenantId && { tenantId }) }));
  const person = await signedIn(credential, { name, tenantId });
  // Neither does this process tunnel, nor is the proxy taken out of its environment: the Azure CLI needs it there.
  const azure = { credential, cloud: clouds[name], ...(httpClient && { httpClient }) };
  const { AZURE_CLIENT_ID, MicrosoftAppId, MicrosoftAppType } = settings;
  const clientId = AZURE_CLIENT_ID ?? (MicrosoftAppType === 'SingleTenant' ? undefined : MicrosoftAppId);
  const mayOpen = url !== undefined && (passwordIn(url) || environment['PGPASSWORD'] !== undefined);
  const objectId = identity && (await objectIdOf(identity, azure));
  return {
    ...settled(settings, { azure, wrong: malformed }),
    databaseUrl: mayOpen ? url : undefined,
    ...(url !== undefined && { databaseShut: ofGoldbotAlone }),
    azure,
    now: new Date(),
    desk: {
      ...{ person, identity: objectId, unset: [...missing.keys()].filter((one) => one !== 'MicrosoftAppPassword') },
      ...(clientId && { clientId }),
    },
  };
}

const ofGoldbotAlone = new UserError(
  'DATABASE_SILENT',
  'goldbot signs in to it as its identity, which nobody else can.',
  {
    hint: 'Name a user of your own.',
  },
);

/** Each token costs a second of somebody's time, and several clients want the same one at once. */
function askedOnce(credential: TokenCredential): TokenCredential {
  const asked = new Map<string, ReturnType<TokenCredential['getToken']>>();
  return {
    getToken(scopes) {
      const scope = String(scopes);
      const token = asked.get(scope) ?? credential.getToken(scopes);
      asked.set(scope, token);
      return token;
    },
  };
}

/** Who it is, in words; what does not let them look is told before anything else. */
async function signedIn(
  credential: TokenCredential,
  at: { readonly name: CloudName; readonly tenantId: string | undefined },
): Promise<string> {
  try {
    return nameIn((await credential.getToken(`${clouds[at.name].arm}/.default`))?.token ?? '');
  } catch (cause) {
    throw notSignedIn(cause as Error, at.tenantId);
  }
}

/** Nobody looks at its signature: it is only told to whom it belongs. */
function nameIn(token: string): string {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return String(claims.upn ?? claims.unique_name ?? claims.appid ?? claims.oid ?? 'somebody without a name');
  } catch {
    return 'somebody without a name';
  }
}

function notSignedIn(cause: Error, tenantId: string | undefined): UserError {
  const login = `az login${tenantId ? ` --tenant ${tenantId}` : ''}`;
  const said = withoutSecrets(cause.message).split('\n').find(Boolean)?.trim() ?? '';
  const [why, hint] = /could not be found/.test(said)
    ? ['there is no Azure CLI on this machine', `Install it (https://aka.ms/azure-cli), then run \`${login}\`.`]
    : /az login/.test(said)
      ? ['nobody is signed in to the Azure CLI here', `Run \`${login}\`, then look again.`]
      : [`the Azure CLI gave no token: ${said}`, `Run \`${login}\`; if it says the same, mend what it says.`];
  return new UserError('AZ_FORBIDDEN', `Nothing was looked at: ${why}.`, { hint, cause });
}

const objectId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function objectIdOf(identity: string, azure: Patient['azure']): Promise<string> {
  if (objectId.test(identity)) return identity.toLowerCase();
  const hint = 'Give its object id, or its resource id as `azd env get-value GOLDBOT_IDENTITY_ID` shows it.';
  if (!identity.startsWith('/')) {
    throw new UserError('BAD_COMMAND', `\`--identity ${identity}\` is neither an object id nor a resource id.`, {
      hint,
    });
  }
  const found = await createAzure({ ...azure, subscription: '' }).read.builderIdentity(identity);
  if (found) return found.principalId;
  throw new UserError('AZ_NOT_FOUND', `Azure shows you no identity ${identity}.`, { hint });
}
