import { goldbotIdentity } from '../azure/authorization/names';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import { foreignTenantId, tenantId } from './people';

/** The app registration of the bot in the home tenant, with its secret; the other tenant has no apps. */
export const botApp = { appId: 'b07b07b0-7b07-4b07-8b07-b07b07b07b07', secret: 'secret-of-the-sandbox' };

const names: Readonly<Record<string, string>> = { [tenantId]: 'Contoso', [foreignTenantId]: 'Mallory' };

/** Entra's token endpoint as far as an app signs in as itself, with a secret. */
export function tokenRoutes(): Route[] {
  const [method, host, path] = ['POST', 'login.microsoftonline.com', '/{tenant}/oauth2/v2.0/token'];
  return [{ method, host, path, handle: (request, params) => token(request, params) }];
}

function token({ body }: SandboxRequest, { tenant = '' }: Params): SandboxResponse {
  const form = new URLSearchParams(typeof body === 'string' ? body : '');
  const [client = '', secret] = [form.get('client_id') ?? '', form.get('client_secret')];
  const directory = names[tenant.toLowerCase()];
  if (directory === undefined) return refused(400, 'invalid_request', 90002, noTenant(tenant));
  const isThere = tenant.toLowerCase() === tenantId && client.toLowerCase() === botApp.appId;
  if (!isThere) return refused(400, 'unauthorized_client', 700016, noApp(client, directory));
  if (secret !== botApp.secret) return refused(401, 'invalid_client', 7000215, noSecret(client));
  return {
    status: 200,
    body: { token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599, access_token: made() },
  };
}

const noTenant = (tenant: string) =>
  `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`;
const noApp = (client: string, directory: string) =>
  `Application with identifier '${client}' was not found in the directory '${directory}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`;
const noSecret = (client: string) =>
  `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client}'.`;

/** Unsigned: nobody here looks at signatures. */
function made(): string {
  const claims = { tid: tenantId, appid: botApp.appId, oid: goldbotIdentity.objectId };
  return ['{}', JSON.stringify(claims), ''].map((part) => Buffer.from(part).toString('base64url')).join('.');
}

function refused(status: number, error: string, code: number, said: string): SandboxResponse {
  return { status, body: { error, error_description: `AADSTS${code}: ${said}`, error_codes: [code] } };
}
