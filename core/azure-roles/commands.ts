import { parseAzureId, resourceGroupId, subscriptionId } from '../azure-id';
import type { AzureRole } from './roles';

/** Whom a role is given to, and where something was refused. */
interface Grantee {
  /** Object id of goldbot's identity, or words in its place. */
  readonly objectId: string;
  /** The id of what was refused, or of what contains it. */
  readonly scope: string;
}

/** A role of goldbot's, or one that an administrator has yet to make. */
type Assigned = { readonly name: string } & Pick<AzureRole, 'at'>;

/** What an administrator runs once, before the role can be assigned anywhere. */
export function createCommand({ name }: { readonly name: string }): string {
  return `az role definition create --role-definition deploy/roles/${name}.json`;
}

/** What an administrator runs when the role of an earlier version lacks an action. Refused where there is no such role. */
export function updateCommand({ name }: AzureRole): string {
  return `az role definition update --role-definition deploy/roles/${name}.json`;
}

/** What an administrator runs when the role is not assigned, as near to what was refused as the role is meant for. */
export function assignCommand(role: Assigned, { objectId, scope }: Grantee): string {
  const [name, whom, where] = [role.name, objectId, scopeFor(role, scope)].map(word);
  return `az role assignment create --role ${name} --assignee-object-id ${whom} --assignee-principal-type ServicePrincipal --scope ${where}`;
}

/** What is to be filled in stands in quotes: a shell would take < and > for files. */
function word(value = ''): string {
  return value.includes('<') ? `"${value}"` : value;
}

/** Kinds of resources that the builder's role is given for one by one, wherever they are; what reads all of them is given for more. */
const byThemselves = /\/(?:userAssignedIdentities|subnets)\/[^/]+$/i;

/** Where a role is assigned for something that was refused at `scope`. */
export function scopeFor({ at }: Assigned, scope: string): string {
  const above = /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+/i.exec(scope)?.[0];
  if (above !== undefined) return above;
  const id = parseAzureId(scope);
  if (at === 'resource' || !id || (at !== 'subscription' && byThemselves.test(scope))) return scope;
  const gallery = /^.*\/galleries\/[^/]+/i.exec(scope)?.[0];
  if (gallery !== undefined && at !== 'subscription') return gallery;
  return at === 'resource group' && id.resourceGroup !== '' ? resourceGroupId(id) : subscriptionId(id.subscription);
}
