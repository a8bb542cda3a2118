import { readsAll } from '../../sandbox/azure/authorization/access';
import {
  builderAssignment,
  goldbotIdentity,
  initialAssignment,
  logsAssignment,
  rootManagementGroup,
} from '../../sandbox/azure/authorization/names';
import { managementGroupId } from '../../sandbox/azure/estate/management-groups';
import {
  buildResourceGroup,
  galleryResourceGroup,
  platformSubscription,
  teamSubscriptions,
} from '../../sandbox/azure/names';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import type { World } from '../../sandbox/kernel/world';
import { assignRole, defineRole, reader, testRole, withdrawAll } from '../deploy/restricted';
import { ask } from './client';
import { make, path, policyWorld, ruleOf } from './policy-world';

let sandbox: Sandbox;
let world: World;
beforeEach(() => {
  ({ sandbox, world } = policyWorld());
});

const subscription = `/subscriptions/${platformSubscription}`;
const machines = `${subscription}/resourceGroups/${buildResourceGroup}/providers/Microsoft.Compute/virtualMachines`;
const landingZones = managementGroupId('landing-zones');
const asGoldbot = { authorization: 'Bearer sandbox' };
const goldbot = (method: string, url: string, body?: unknown) =>
  ask(sandbox, method, `${url}?api-version=${versionFor(url)}`, body, asGoldbot);
const anybody = (method: string, url: string, body?: unknown) =>
  ask(sandbox, method, `${url}${url.includes('?') ? '&' : '?'}api-version=${versionFor(url)}`, body);

function versionFor(url: string): string {
  if (/ResourceGraph/.test(url)) return '2024-04-01';
  if (/Microsoft.Compute\/galleries/.test(url)) return '2023-07-03';
  return /Authorization/.test(url) ? '2022-04-01' : '2024-07-01';
}

const errorOf = ({ body }: { body?: unknown }) => (body as { error: { code: string; message: string } }).error;
const count = (subscriptions?: readonly string[]) =>
  goldbot('POST', '/providers/Microsoft.ResourceGraph/resources', {
    query: "resources | where type =~ 'microsoft.compute/virtualmachines' | summarize n = count() by subscriptionId",
    ...(subscriptions && { subscriptions }),
  });

describe("goldbot's identity", () => {
  it('may do everything until its first role is taken away', async () => {
    expect((await goldbot('GET', machines)).status).toBe(200);
    await withdrawAll(sandbox);
    const refused = await goldbot('GET', `${machines}/x`);
    expect(refused.status).toBe(403);
    expect(refused.headers?.['x-ms-failure-cause']).toBe('gateway');
    expect(errorOf(refused)).toEqual({
      code: 'AuthorizationFailed',
      message: `The client '${goldbotIdentity.client}' with object id '${goldbotIdentity.objectId}' does not have authorization to perform action 'Microsoft.Compute/virtualMachines/read' over scope '${machines}/x' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    });
  });

  it('is asked for its role before any policy: who may not write learns nothing of policies', async () => {
    const condition = { field: 'type', equals: 'Microsoft.Compute/virtualMachines' };
    const { id } = await make(sandbox, path(subscription, 'policyDefinitions', 'none'), {
      mode: 'All',
      policyRule: ruleOf(condition),
    });
    await make(sandbox, path(subscription, 'policyAssignments', 'none'), { policyDefinitionId: id });
    expect(errorOf(await goldbot('PUT', `${machines}/x`, {})).code).toBe('RequestDisallowedByPolicy');
    await withdrawAll(sandbox);
    expect(errorOf(await goldbot('PUT', `${machines}/x`, {})).code).toBe('AuthorizationFailed');
  });

  it('is nobody else: every other token goes on as before', async () => {
    await withdrawAll(sandbox);
    expect((await anybody('GET', machines)).status).toBe(200);
    expect(
      (await ask(sandbox, 'GET', `${machines}?api-version=2024-07-01`, undefined, { authorization: 'Bearer x' }))
        .status,
    ).toBe(200);
  });

  it('may do below a scope what it may do on it, and nothing beside it', async () => {
    await withdrawAll(sandbox);
    await assignRole(sandbox, `${subscription}/resourceGroups/${buildResourceGroup}`, reader);
    expect((await goldbot('GET', machines)).status).toBe(200);
    expect((await goldbot('GET', machines.replace(buildResourceGroup, galleryResourceGroup))).status).toBe(403);
    expect((await goldbot('GET', `${subscription}/providers/Microsoft.Compute/virtualMachines`)).status).toBe(403);
    expect((await goldbot('DELETE', `${machines}/x`)).status).toBe(403);
  });

  it('loses by notActions what the same role gives, and keeps what another one gives', async () => {
    await withdrawAll(sandbox);
    const url = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/601db070-0000-4000-8000-00000000000f`;
    const permissions = [{ actions: ['Microsoft.Compute/*'], notActions: ['Microsoft.Compute/virtualMachines/*'] }];
    const properties = { roleName: 'no machines', permissions, assignableScopes: [subscription] };
    await anybody('PUT', url, { properties });
    await assignRole(sandbox, subscription, url.split('/').at(-1) ?? '');
    expect((await goldbot('GET', machines)).status).toBe(403);
    expect((await goldbot('GET', `${subscription}/providers/Microsoft.Compute/galleries`)).status).toBe(200);
    await assignRole(sandbox, subscription, reader);
    expect((await goldbot('GET', machines)).status).toBe(200);
  });

  it('is told of a subscription that is not there rather than of a missing role', async () => {
    await withdrawAll(sandbox);
    const nowhere = '/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Compute/virtualMachines';
    expect(errorOf(await goldbot('GET', nowhere)).code).toBe('SubscriptionNotFound');
  });

  it('sees in Resource Graph and in the list of subscriptions those of which it may read something', async () => {
    const all = ((await count()).body as { data: { subscriptionId: string }[] }).data.map((r) => r.subscriptionId);
    expect(all.length).toBeGreaterThan(2);
    await withdrawAll(sandbox);
    await assignRole(sandbox, `/subscriptions/${teamSubscriptions[0]}`, reader);
    const seen = ((await count()).body as { data: { subscriptionId: string }[] }).data.map((r) => r.subscriptionId);
    expect(seen).toEqual([teamSubscriptions[0]]);
    expect((await count([teamSubscriptions[1]])).status).toBe(400);
    const listed = (await goldbot('GET', '/subscriptions')).body as { value: { subscriptionId: string }[] };
    expect(listed.value.map((s) => s.subscriptionId)).toEqual([teamSubscriptions[0]]);
  });

  it('sees in Resource Graph what a role of its allows to read, by type and place', async () => {
    const types = async () => {
      const query = 'resources | summarize n = count() by type | order by type asc';
      const { body } = await goldbot('POST', '/providers/Microsoft.ResourceGraph/resources', { query });
      return (body as { data: { type: string; n: number }[] }).data;
    };
    expect(readsAll(world, asGoldbot)).toBe(true);
    const [all, ...others] = [
      (await types()).find(({ type }) => type.endsWith('/virtualmachines')),
      ...(await types()),
    ];
    expect(others.length).toBeGreaterThan(3);
    await withdrawAll(sandbox);
    await defineRole(
      sandbox,
      ['Microsoft.Compute/virtualMachines/read', 'Microsoft.Compute/galleries/read'],
      landingZones,
    );
    await assignRole(sandbox, landingZones, testRole);
    expect(readsAll(world, asGoldbot)).toBe(false);
    expect(await types()).toEqual([all]);
    await assignRole(sandbox, `${subscription}/resourceGroups/${galleryResourceGroup}`, reader);
    const seen = (await types()).map(({ type }) => type);
    expect(seen).toEqual(
      expect.arrayContaining(['microsoft.compute/galleries', 'microsoft.compute/galleries/images/versions']),
    );
    expect(seen).not.toContain('microsoft.compute/virtualmachinescalesets');
  });

  it('needs the status of an operation as an action of its own', async () => {
    await withdrawAll(sandbox);
    await defineRole(sandbox, ['Microsoft.Compute/virtualMachines/*']);
    await assignRole(sandbox, subscription, testRole);
    const poll = `${subscription}/providers/Microsoft.Compute/locations/westeurope/operations/o`;
    expect(errorOf(await goldbot('GET', poll)).message).toContain("'Microsoft.Compute/locations/operations/read'");
  });
});

describe('role assignments', () => {
  const assignments = `${subscription}/providers/Microsoft.Authorization/roleAssignments`;
  const name = '7e571e57-0000-4000-8000-000000000001';
  const principalId = '7e571e57-0000-4000-8000-0000000000aa';
  const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${reader}`;
  const principalType = 'ServicePrincipal';
  const list = async (filter: string, scope = assignments) => {
    const answer = await anybody('GET', `${scope}?$filter=${encodeURIComponent(filter)}`);
    return (answer.body as { value: { name: string }[] }).value.map((a) => a.name);
  };

  it('are found at, above and below a scope, and by principal', async () => {
    const below = assignments.replace(subscription, `${subscription}/resourceGroups/${buildResourceGroup}`);
    expect(
      (await anybody('PUT', `${below}/${name}`, { properties: { roleDefinitionId, principalId, principalType } }))
        .status,
    ).toBe(201);
    expect(await list(`principalId eq '${principalId}'`)).toEqual([name]);
    expect(await list(`atScope() and principalId eq '${principalId}'`)).toEqual([]);
    expect(await list('atScope()')).toEqual([initialAssignment, builderAssignment, logsAssignment]);
    expect(await list('', `${rootManagementGroup}/providers/Microsoft.Authorization/roleAssignments`)).toHaveLength(9);
  });

  it.each([
    ['a name that is no GUID', 'x', { roleDefinitionId, principalId }, 400, 'InvalidRoleAssignmentId'],
    ['a principal that is no GUID', name, { roleDefinitionId, principalId: 'ada' }, 400, 'InvalidPrincipalId'],
    [
      'a role that is not there',
      name,
      { roleDefinitionId: `${roleDefinitionId}0`, principalId },
      400,
      'RoleDefinitionDoesNotExist',
    ],
  ])('refuse %s', async (_, as, properties, status, code) => {
    const answer = await anybody('PUT', `${assignments}/${as}`, { properties });
    expect([answer.status, errorOf(answer).code]).toEqual([status, code]);
  });

  it('are not made twice, and do not change whom they are for', async () => {
    const properties = { roleDefinitionId, principalId, principalType };
    expect((await anybody('PUT', `${assignments}/${name}`, { properties })).status).toBe(201);
    expect((await anybody('PUT', `${assignments}/${name}`, { properties })).status).toBe(200);
    const other = await anybody('PUT', `${assignments}/${name.replace(/1$/, '2')}`, { properties });
    expect([other.status, errorOf(other).code]).toEqual([409, 'RoleAssignmentExists']);
    const moved = await anybody('PUT', `${assignments}/${name}`, { properties: { ...properties, principalId: name } });
    expect(errorOf(moved).code).toBe('RoleAssignmentUpdateNotPermitted');
  });

  it('keep their role from being deleted', async () => {
    await defineRole(sandbox, ['*/read']);
    const role = testRole;
    await assignRole(sandbox, subscription, role);
    const definition = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
    expect(errorOf(await anybody('DELETE', definition)).code).toBe('RoleDefinitionHasAssignments');
  });

  it('do not reach beyond the assignable scopes of a custom role', async () => {
    await defineRole(sandbox, ['*/read']);
    const elsewhere = `/subscriptions/${teamSubscriptions[0]}/providers/Microsoft.Authorization/roleAssignments/${name}`;
    const role = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/601db070-0000-4000-8000-000000000001`;
    const answer = await anybody('PUT', elsewhere, { properties: { roleDefinitionId: role, principalId } });
    expect(errorOf(answer).code).toBe('RoleAssignmentScopeNotAssignableToRoleDefinition');
  });
});
