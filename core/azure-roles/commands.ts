import { parseAzureId, resourceGroupId, subscriptionId } from '../azure-id';
import type { AzureRole } from './roles';

/** Whom a role is given to, and where something was refused. */
interface Grantee {
  /** Object id of goldbot's identity, or words in its place. */
  readonly objectId: string;
  /** The id of what was refused, or of what contains it. */
  readonly scope: string;
}

/** What an administrator runs when the role of an earlier version lacks an action. */
export function updateCommand({ name }: AzureRole): string {
  return `az role definition update --role-definition deploy/roles/${name}.json`;
}

/** What an administrator runs when the role is not assigned, as near to what was refused as the role is meant for. */
export function assignCommand(role: AzureRole, { objectId, scope }: Grantee): string {
  return `az role assignment create --role ${role.name} --assignee-object-id ${objectId} --assignee-principal-type ServicePrincipal --scope ${scopeFor(role, scope)}`;
}

/** Kinds of resources that the builder's role is given for one by one, wherever they are. */
const byThemselves = /\/(?:userAssignedIdentities|subnets)\/[^/]+$/i;

function scopeFor({ at }: AzureRole, scope: string): string {
  const above = /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+/i.exec(scope)?.[0];
  if (above !== undefined) return above;
  const id = parseAzureId(scope);
  if (at === 'resource' || !id || byThemselves.test(scope)) return scope;
  if (at === 'gallery') return /^.*\/galleries\/[^/]+/i.exec(scope)?.[0] ?? scope;
  return at === 'resource group' && id.resourceGroup !== '' ? resourceGroupId(id) : subscriptionId(id.subscription);
}
