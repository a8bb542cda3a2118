import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtInRoles } from '../../sandbox/azure/authorization/built-in';
import {
  goldbotIdentity,
  initialAssignment,
  logsAssignment,
  rootManagementGroup,
} from '../../sandbox/azure/authorization/names';
import { platformSubscription, teamSubscriptions } from '../../sandbox/azure/names';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { ask } from '../sandbox/client';

export const role = JSON.parse(readFileSync(join(__dirname, '../../deploy/role.json'), 'utf8')) as {
  readonly Name: string;
  readonly Description: string;
  readonly Actions: readonly string[];
};

/** What goldbot may change for teams, beside Reader. */
export const teamsRole = JSON.parse(
  readFileSync(join(__dirname, '../../deploy/role-teams.json'), 'utf8'),
) as typeof role;

/** Fixed, so that an action can be taken away from it later. */
const roleId = '601db070-0000-4000-8000-000000000001';
export const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const version = 'api-version=2022-04-01';

/** Writes the custom role as `az role definition create` does; a second time changes it. */
export async function defineRole(sandbox: Sandbox, actions: readonly string[]): Promise<void> {
  const scope = `/subscriptions/${platformSubscription}`;
  const properties = {
    roleName: role.Name,
    description: role.Description,
    type: 'CustomRole',
    permissions: [{ actions, notActions: [] }],
    assignableScopes: [scope],
  };
  const url = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${roleId}?${version}`;
  await asked(ask(sandbox, 'PUT', url, { properties }), 201);
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
    [`/subscriptions/${platformSubscription}`, logsAssignment],
  ];
  for (const [scope, name] of held) {
    const url = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?${version}`;
    await asked(ask(sandbox, 'DELETE', url), 200);
  }
}

/** From here on goldbot has what `deploy/README.md` says, and nothing else. */
export async function restrict(sandbox: Sandbox, actions: readonly string[] = role.Actions): Promise<void> {
  await withdrawAll(sandbox);
  await defineRole(sandbox, actions);
  await assignRole(sandbox, `/subscriptions/${platformSubscription}`, roleId);
  await assignRole(sandbox, `/subscriptions/${platformSubscription}`, builtInRoles.blobDataReader.name);
  for (const team of teamSubscriptions) await assignRole(sandbox, `/subscriptions/${team}`, reader);
}

/** From here on goldbot looks at everything and changes for teams what the role says, and nothing else. */
export async function restrictToTeams(sandbox: Sandbox, actions: readonly string[] = teamsRole.Actions): Promise<void> {
  await withdrawAll(sandbox);
  const id = '601db070-0000-4000-8000-000000000002';
  const properties = {
    roleName: teamsRole.Name,
    description: teamsRole.Description,
    type: 'CustomRole',
    permissions: [{ actions, notActions: [] }],
    assignableScopes: [rootManagementGroup],
  };
  const url = `${rootManagementGroup}/providers/Microsoft.Authorization/roleDefinitions/${id}?${version}`;
  await asked(ask(sandbox, 'PUT', url, { properties }), 201);
  await assignRole(sandbox, rootManagementGroup, id);
  await assignRole(sandbox, rootManagementGroup, reader);
}

export const without = (action: string): readonly string[] => {
  if (!role.Actions.includes(action)) throw new Error(`deploy/role.json does not have ${action}`);
  return role.Actions.filter((a) => a !== action);
};

async function asked(answer: ReturnType<typeof ask>, status: number): Promise<void> {
  const got = await answer;
  if (got.status !== status) throw new Error(`${got.status}: ${JSON.stringify(got.body)}`);
}
