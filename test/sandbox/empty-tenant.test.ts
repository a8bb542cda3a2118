import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox } from '../../sandbox';
import { builderIdentity, outputsAccount, platformSubscription, testSubnet, vaultId } from '../../sandbox/azure/names';
import { ask } from './client';
import { policyWorld } from './policy-world';

const subscription = `/subscriptions/${platformSubscription}`;
const group = `${subscription}/resourceGroups/rg-new`;
const network = `${group}/providers/Microsoft.Network/virtualNetworks/vnet`;
const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv-new`;
const json = { 'content-type': 'application/json' };

function empty() {
  const { sandbox, world } = policyWorld();
  const azure = async (method: string, path: string, body?: unknown) => {
    const answer = await ask(
      sandbox,
      method,
      `${path}${path.includes('?') ? '&' : '?'}api-version=2024-07-01`,
      body,
      json,
    );
    return { status: answer.status, body: answer.body as { value?: unknown[]; properties?: Record<string, unknown> } };
  };
  const reset = (body?: unknown) => ask(sandbox, 'POST', '/_sandbox/reset', body, json);
  return { sandbox, world, azure, reset };
}

const all = async ({ sandbox }: ReturnType<typeof empty>, table: string) => {
  const url = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01';
  const { body } = await ask(sandbox, 'POST', url, { query: `${table} | summarize n = count()` }, json);
  return (body as { data: { n: number }[] }).data[0]?.n;
};

describe('an empty tenant', () => {
  it('has its subscriptions and its directory, and nothing that anybody has made', async () => {
    const tenant = empty();
    const { azure, sandbox, reset } = tenant;
    const tables = ['resources', 'policyresources', 'guestconfigurationresources', 'computeresources'];
    for (const table of tables) expect(await all(tenant, table)).toBeGreaterThan(0);
    expect((await reset({ empty: true })).status).toBe(200);
    for (const table of tables) expect(await all(tenant, table)).toBe(0);
    expect((await azure('GET', '/subscriptions')).body.value).toHaveLength(4);
    expect((await azure('GET', `${subscription}/resourcegroups`)).body.value).toEqual([]);
    for (const id of [builderIdentity, vaultId, testSubnet.replace(/\/subnets.*/, '')])
      expect((await azure('GET', id)).status).toBe(404);
    const roles = `${subscription}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01`;
    expect((await ask(sandbox, 'GET', roles)).body).toEqual({ value: [] });
    const blob = await ask(
      sandbox,
      'GET',
      `https://${outputsAccount}.blob.core.windows.net/vhds?restype=container&comp=list`,
    );
    expect(blob.status).toBeGreaterThanOrEqual(400);
    await expect(
      ask(sandbox, 'GET', 'https://kv-golden-images.vault.azure.net/keys/goldbot?api-version=7.4'),
    ).rejects.toThrow('socket hang up');
    const people = (await ask(sandbox, 'GET', 'https://graph.microsoft.com/v1.0/users')).body as { value: unknown[] };
    expect(people.value).toHaveLength(6);
    const asGoldbot = { ...json, authorization: 'Bearer sandbox' };
    expect(
      (await ask(sandbox, 'GET', `${subscription}/resourcegroups?api-version=2024-07-01`, undefined, asGoldbot)).status,
    ).toBe(403);
  });

  it('ends with the next reset, and takes no other word for it', async () => {
    const tenant = empty();
    const bad = [{ empty: 'yes' }, { emty: true }, [true]];
    for (const body of bad) expect((await tenant.reset(body)).status).toBe(400);
    expect(await all(tenant, 'resources')).toBeGreaterThan(0);
    await tenant.reset({ empty: true });
    await tenant.reset();
    expect(await all(tenant, 'resources')).toBeGreaterThan(0);
  });

  it('is still empty after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-empty-'));
    const file = join(folder, 'sandbox.json');
    const before = createSandbox({ file, speed: 0 });
    before.world.reset({ empty: true });
    before.world.close();
    const after = createSandbox({ file, speed: 0 });
    expect(after.world.isEmpty).toBe(true);
    expect((await ask(after.sandbox, 'GET', `${subscription}/resourcegroups?api-version=2024-07-01`)).body).toEqual({
      value: [],
    });
    after.world.close();
    rmSync(folder, { recursive: true });
  });
});

describe('what is made in it', () => {
  async function withGroup() {
    const tenant = empty();
    await tenant.reset({ empty: true });
    await tenant.azure('PUT', group, { location: 'westeurope' });
    return tenant;
  }

  it('is a network with its subnets, which containers may join where they are delegated', async () => {
    const { azure } = await withGroup();
    const delegations = [{ name: 'c', properties: { serviceName: 'Microsoft.ContainerInstance/containerGroups' } }];
    const subnets = [
      { name: 'tests', properties: { addressPrefix: '10.0.0.0/26' } },
      {
        name: 'containers',
        properties: { addressPrefix: '10.0.0.64/26', privateLinkServiceNetworkPolicies: 'Disabled', delegations },
      },
    ];
    const addressSpace = { addressPrefixes: ['10.0.0.0/24'] };
    expect((await azure('PUT', network, { location: 'westeurope', properties: { subnets } })).status).toBe(400);
    const body = { location: 'West Europe', properties: { addressSpace, subnets } };
    expect((await azure('PUT', network, body)).status).toBe(201);
    expect((await azure('PUT', network, body)).status).toBe(200);
    const { body: found } = await azure('GET', network);
    expect(found).toMatchObject({
      location: 'westeurope',
      properties: {
        addressSpace,
        subnets: [
          // Azure's default, which keeps Image Builder's private link out.
          {
            id: `${network}/subnets/tests`,
            properties: { privateLinkServiceNetworkPolicies: 'Enabled', delegations: [] },
          },
          { properties: { privateLinkServiceNetworkPolicies: 'Disabled', delegations } },
        ],
      },
    });
  });

  it('is a vault of a name that nobody else has, with a key that is made once', async () => {
    const { azure } = await withGroup();
    const properties = { enableRbacAuthorization: true };
    expect((await azure('PUT', `${vault}/keys/goldbot`, { properties: { kty: 'EC' } })).status).toBe(404);
    expect((await azure('PUT', vault, { location: 'westeurope', properties: {} })).status).toBe(400);
    expect((await azure('PUT', vault, { location: 'westeurope', properties })).status).toBe(201);
    expect((await azure('PUT', vault, { location: 'westeurope', properties })).status).toBe(200);
    await azure('PUT', `${subscription}/resourceGroups/rg-other`, { location: 'westeurope' });
    const taken = await azure('PUT', vault.replace('rg-new', 'rg-other'), { location: 'westeurope', properties });
    expect(taken).toMatchObject({ status: 409, body: { error: { code: 'VaultAlreadyExists' } } });
    expect((await azure('PUT', `${vault}/keys/goldbot`, { properties: { kty: 'RSA' } })).status).toBe(400);
    const made = await azure('PUT', `${vault}/keys/goldbot`, { properties: { kty: 'EC', curveName: 'P-256' } });
    expect(made.body.properties?.['keyUri']).toBe('https://kv-new.vault.azure.net/keys/goldbot');
    expect(await azure('PUT', `${vault}/keys/goldbot`, { properties: { kty: 'EC' } })).toEqual(made);
    expect(await azure('GET', `${vault}/keys/goldbot`)).toEqual(made);
    expect((await azure('GET', `${vault}/keys/another`)).status).toBe(404);
  });

  it('is an assignment of Azure’s own initiative of guest configuration', async () => {
    const world = await withGroup();
    const azure = (method: string, id: string, sent?: unknown) =>
      world.azure(method, `${id}?api-version=2024-05-01`, sent);
    const initiative = '/providers/Microsoft.Authorization/policySetDefinitions/12794019-7a00-42cf-95c2-882eed337cc8';
    const { body } = await azure('GET', initiative);
    const members = body.properties?.['policyDefinitions'] as { policyDefinitionId: string }[];
    expect(body.properties).toMatchObject({ policyType: 'BuiltIn' });
    const found = await Promise.all(members.map((one) => azure('GET', one.policyDefinitionId)));
    expect(found.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await azure('GET', initiative.replace('12794019', '22794019'))).status).toBe(404);
    const properties = { policyDefinitionId: initiative };
    const assignment = `${subscription}/providers/Microsoft.Authorization/policyAssignments/guest`;
    expect(await azure('PUT', assignment, { properties })).toMatchObject({
      ...{ status: 400, body: { error: { code: 'ResourceIdentityRequired' } } },
    });
    const identity = { type: 'SystemAssigned' };
    expect((await azure('PUT', assignment, { location: 'westeurope', identity, properties })).status).toBe(201);
  });
});
