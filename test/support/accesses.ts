import { azureRoles, type RoleAt, rolesFor } from '../../core/azure-roles';
import type { Catalogue } from '../../core/catalogue';
import { type Access, accessOf, decoded } from '../../sandbox/azure/authorization/action';
import { linkedAccess } from '../../sandbox/azure/authorization/linked';
import { rootManagementGroup } from '../../sandbox/azure/authorization/names';
import { isWithin } from '../../sandbox/azure/authorization/scope';
import type { Exchange } from '../../sandbox/kernel/types';
import { elsewhere } from '../deploy/restricted';

/** What goldbot's own token was used for: what the request itself needs, and what it needs on resources it names. */
export function accessesOf(exchange: Exchange): readonly Access[] {
  const { method, requestHeaders: headers, requestBody: body } = exchange;
  if (!headers['authorization']?.startsWith('Bearer sandbox')) return [];
  const url = new URL(exchange.url);
  if (url.hostname.endsWith('.vault.azure.net')) return [ofKey(method)];
  if (url.hostname.endsWith('.blob.core.windows.net')) return [ofBlob(method, url)];
  const own = url.hostname === 'management.azure.com' ? accessOf(method, decoded(url.pathname)) : undefined;
  return own ? [own, ...linkedAccess({ face: 'azure', method, url, headers, body }, own.scope)] : [];
}

function ofKey(method: string): Access {
  const verb = method === 'POST' ? 'sign/action' : 'read';
  return { action: `Microsoft.KeyVault/vaults/keys/${verb}`, scope: elsewhere.key ?? '', isData: true };
}

/** An account of a build stands in a group that its template made; the other one is the catalogue's. */
function ofBlob(method: string, { hostname, pathname }: URL): Access {
  const action = `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/${method === 'PUT' ? 'add/action' : 'read'}`;
  if (pathname.startsWith('/audit/')) return { action, scope: elsewhere.record ?? '', isData: true };
  const container = elsewhere.container ?? '';
  const isOwn = container.includes(`/storageAccounts/${hostname.split('.')[0]}/`) && pathname.startsWith('/vhds/');
  return { action, scope: isOwn ? container : container.split('/').slice(0, 3).join('/'), isData: true };
}

/**
 * What goldbot asked for and no role of docs/roles.md allows, as if teams were everywhere; each world of the tests looks at
 * its end. Requests of a catalogue whose places changed meanwhile are judged by the last one.
 *
 * @throws Error that names every action with its scope
 */
export function mustBeAllowed(exchanges: readonly Exchange[], catalogue: Catalogue): void {
  const assigned = rolesFor(catalogue, { ...elsewhere, teams: [rootManagementGroup] });
  const seen = new Set<string>();
  const lacking = exchanges.flatMap((exchange) => {
    const asked = `${exchange.method} ${exchange.url.split('?')[0]}`;
    // What a write needs depends on its body as well.
    if (exchange.method === 'GET' && seen.has(asked)) return [];
    seen.add(asked);
    return accessesOf(exchange).filter((access) => holdersOf(access, assigned).length === 0);
  });
  if (lacking.length === 0) return;
  const lines = new Set(lacking.map(({ action, scope }) => `${action} on ${scope}`));
  throw new Error(`No role of core/azure-roles allows what goldbot asked for:\n${[...lines].sort().join('\n')}`);
}

/** The assigned roles that allow an access. */
export function holdersOf({ action, scope, isData }: Access, assigned: readonly RoleAt[]): readonly RoleAt[] {
  return assigned.filter((one) => {
    const role = azureRoles.find(({ name }) => name === one.role);
    const rights = (isData ? role?.dataActions : role?.actions) ?? [];
    return isWithin(scope, one.scope) && rights.some((right) => right.action.toLowerCase() === action.toLowerCase());
  });
}
