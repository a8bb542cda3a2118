import { goldbotIdentity } from '../azure/authorization/names';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { foreignTenantId, tenantId } from './people';
import { entraKeys, signToken } from './signing';

/** The app registration of the bot in the home tenant, with its secret; the other tenant has no apps. */
export const botApp = { appId: 'b07b07b0-7b07-4b07-8b07-b07b07b07b07', secret: 'secret-of-the-sandbox' };

/** The app registration that stands for goldbot's own API; it issues version 2.0 with the claim `idtyp`. */
export const goldbotApi = { appId: 'b07b07b0-7b07-4b07-8b07-b07b07b0a900' };
/** The app registration of a pipeline, with the object id of its service principal. */
export const pipelineApp = {
  appId: 'c1c1c1c1-5eed-4a5c-8a11-0c1c1c1c1001',
  objectId: 'c1c1c1c1-5eed-4a5c-8a11-0c1c1c1c1002',
  secret: 'secret-of-the-pipeline',
};

/** Of another pipeline, which no catalogue of the example lists. */
export const unlistedApp = {
  appId: 'c1c1c1c1-5eed-4a5c-8a11-0c1c1c1c2001',
  objectId: 'c1c1c1c1-5eed-4a5c-8a11-0c1c1c1c2002',
  secret: 'secret-of-the-other-pipeline',
};

const names: Readonly<Record<string, string>> = { [tenantId]: 'Contoso', [foreignTenantId]: 'Mallory' };

const host = 'login.microsoftonline.com';

/** Entra's token endpoint as far as an app signs in as itself, with a secret; and the keys that its tokens are signed with. */
export function tokenRoutes(world: World): Route[] {
  const keysAt = (tenant = '') => `https://${host}/${tenant}/discovery/v2.0/keys`;
  return [
    {
      ...{ method: 'POST', host, path: '/{tenant}/oauth2/v2.0/token' },
      handle: (request, params) => token(world, request, params),
    },
    {
      ...{ method: 'GET', host, path: '/{tenant}/v2.0/.well-known/openid-configuration' },
      handle: (_, { tenant = '' }) => ({
        status: 200,
        body: { issuer: issuerOf(tenant), jwks_uri: keysAt(tenant), id_token_signing_alg_values_supported: ['RS256'] },
      }),
    },
    {
      ...{ method: 'GET', host, path: '/{tenant}/discovery/v2.0/keys' },
      handle: (_, { tenant = '' }) => ({ status: 200, body: { keys: entraKeys(world, issuerOf(tenant)) } }),
    },
  ];
}

const issuerOf = (tenant: string) => `https://${host}/${tenant}/v2.0`;

async function token(world: World, { body }: SandboxRequest, { tenant = '' }: Params): Promise<SandboxResponse> {
  const form = new URLSearchParams(typeof body === 'string' ? body : '');
  const [client = '', secret] = [form.get('client_id') ?? '', form.get('client_secret')];
  const directory = names[tenant.toLowerCase()];
  if (directory === undefined) return refused(400, 'invalid_request', 90002, noTenant(tenant));
  const isHome = tenant.toLowerCase() === tenantId;
  const app = [botApp, pipelineApp, unlistedApp].find(({ appId }) => isHome && client.toLowerCase() === appId);
  if (!app) return refused(400, 'unauthorized_client', 700016, noApp(client, directory));
  if (secret !== app.secret) return refused(401, 'invalid_client', 7000215, noSecret(client));
  if (!isPipeline(app)) return issued(made());
  const resource = /^(?:api:\/\/)?([^/]+)\/\.default$/.exec(form.get('scope') ?? '')?.[1] ?? '';
  if (resource.toLowerCase() !== goldbotApi.appId) {
    return refused(400, 'invalid_resource', 500011, noResource(resource, directory));
  }
  return issued(await signToken(world, { ...claimsOf(app, tenantId), iss: issuerOf(tenantId) }));
}

type Pipeline = typeof pipelineApp;
const isPipeline = (app: { readonly appId: string }): app is Pipeline => 'objectId' in app;

const issued = (access_token: string): SandboxResponse => ({
  status: 200,
  body: { token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599, access_token },
});

/** As Entra has them for an application that acts as itself. */
const claimsOf = ({ appId, objectId }: Pipeline, tid: string) => ({
  ...{ aud: goldbotApi.appId, azp: appId, azpacr: '1', idtyp: 'app' },
  ...{ oid: objectId, sub: objectId, tid, ver: '2.0' },
});

const noTenant = (tenant: string) =>
  `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`;
const noApp = (client: string, directory: string) =>
  `Application with identifier '${client}' was not found in the directory '${directory}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`;
const noSecret = (client: string) =>
  `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client}'.`;

const noResource = (resource: string, directory: string) =>
  `The resource principal named ${resource} was not found in the tenant named ${directory}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`;

/** Unsigned: nobody here looks at signatures. */
function made(): string {
  const claims = { tid: tenantId, appid: botApp.appId, oid: goldbotIdentity.objectId };
  return ['{}', JSON.stringify(claims), ''].map((part) => Buffer.from(part).toString('base64url')).join('.');
}

function refused(status: number, error: string, code: number, said: string): SandboxResponse {
  return { status, body: { error, error_description: `AADSTS${code}: ${said}`, error_codes: [code] } };
}
