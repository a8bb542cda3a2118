import { randomUUID } from 'node:crypto';
import { type AzureRole, azureRoles, type Elsewhere, rolesFor } from '../../core/azure-roles';
import type { Catalogue } from '../../core/catalogue';
import {
  goldbotIdentity,
  initialAssignment,
  logsAssignment,
  rootManagementGroup,
  signingAssignment,
} from '../../sandbox/azure/authorization/names';
import { managementGroupId } from '../../sandbox/azure/estate/management-groups';
import {
  auditContainer,
  galleryResourceGroup,
  outputsAccount,
  outputsContainer,
  platformSubscription,
  vaultId,
} from '../../sandbox/azure/names';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { ask } from '../sandbox/client';
import { exampleCatalogue } from '../support/catalogue';

export const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const version = 'api-version=2022-04-01';
const platform = `/subscriptions/${platformSubscription}`;
const landingZones = managementGroupId('landing-zones');

/** A role for tests alone, fixed, so that an action can be taken away from it later. */
export const testRole = '601db070-0000-4000-8000-000000000001';

/** Writes a custom role for tests as `az role definition create` does; a second time changes it. */
export function defineRole(sandbox: Sandbox, actions: readonly string[], below = platform): Promise<void> {
  const permissions = [{ actions, notActions: [] }];
  return define(sandbox, testRole, { roleName: 'for tests', permissions, assignableScopes: [below] });
}

interface Definition {
  readonly roleName: string;
  readonly description?: string;
  readonly permissions: readonly object[];
  readonly assignableScopes: readonly string[];
}

async function define(sandbox: Sandbox, id: string, properties: Definition): Promise<void> {
  const url = `${properties.assignableScopes[0]}/providers/Microsoft.Authorization/roleDefinitions/${id}?${version}`;
  await asked(ask(sandbox, 'PUT', url, { properties: { ...properties, type: 'CustomRole' } }), 201);
}

export async function assignRole(sandbox: Sandbox, scope: string, definition: string): Promise<void> {
  const url = `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?${version}`;
  const properties = {
    roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${definition}`,
    principalId: goldbotIdentity.objectId,
    principalType: 'ServicePrincipal',
  };
  await asked(ask(sandbox, 'PUT', url, { properties }), 201);
}

/** goldbot's identity loses what the sandbox gives it to begin with. */
export async function withdrawAll(sandbox: Sandbox): Promise<void> {
  const held = [
    [rootManagementGroup, initialAssignment],
    [platform, logsAssignment],
    [vaultId, signingAssignment],
  ];
  for (const [scope, name] of held) {
    const url = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?${version}`;
    await asked(ask(sandbox, 'DELETE', url), 200);
  }
}

const containersOf = `${platform}/resourceGroups/${galleryResourceGroup}/providers/Microsoft.Storage/storageAccounts/${outputsAccount}/blobServices/default/containers`;

/** Where in the sandbox is what a catalogue does not say. */
export const elsewhere: Elsewhere = {
  teams: [landingZones],
  key: `${vaultId}/keys/goldbot`,
  container: `${containersOf}/${outputsContainer}`,
  record: `${containersOf}/${auditContainer}`,
};

interface Less {
  /** Only these roles; all when absent. */
  readonly roles?: readonly AzureRole[];
  readonly catalogue?: Catalogue;
}

/** From here on goldbot has what `docs/roles.md` says, where it says it, and nothing else. */
export async function restrict(sandbox: Sandbox, { roles = azureRoles, catalogue = exampleCatalogue() }: Less = {}) {
  await withdrawAll(sandbox);
  for (const role of roles) await defineAs(sandbox, role);
  for (const { role, scope } of rolesFor(catalogue, elsewhere)) {
    if (roles.some(({ name }) => name === role)) await assignRole(sandbox, scope, idOf(role));
  }
}

/** Writes one of goldbot's roles, or changes it. */
export function defineAs(sandbox: Sandbox, { name, description, actions, dataActions }: AzureRole): Promise<void> {
  const named = (rights: AzureRole['actions']) => rights.map(({ action }) => action);
  const permissions = [{ actions: named(actions), notActions: [], dataActions: named(dataActions) }];
  // Azure takes no role with data actions at a management group.
  const assignableScopes = dataActions.length > 0 ? [platform] : [rootManagementGroup];
  return define(sandbox, idOf(name), { ...{ roleName: name, description, permissions }, assignableScopes });
}

function idOf(role: AzureRole['name']): string {
  const n = azureRoles.findIndex(({ name }) => name === role);
  return `601db070-0000-4000-8000-0000000001${String(n).padStart(2, '0')}`;
}

export function roleNamed(name: AzureRole['name']): AzureRole {
  const found = azureRoles.find((role) => role.name === name);
  if (!found) throw new Error(`no role ${name}`);
  return found;
}

/** The role without one of its actions. */
export function without(role: AzureRole, action: string): AzureRole {
  const actions = role.actions.filter((right) => right.action !== action);
  if (actions.length === role.actions.length) throw new Error(`${role.name} does not have ${action}`);
  return { ...role, actions };
}

async function asked(answer: ReturnType<typeof ask>, status: number): Promise<void> {
  const got = await answer;
  if (got.status !== status) throw new Error(`${got.status}: ${JSON.stringify(got.body)}`);
}
