import { committed, type PredictedResource, parameterSets, type Snapshot } from '../../tools/bicep/project';
import { conventions } from './bicep-conventions';

const sets = parameterSets().map((set) => [`${set.layer}.${set.name}`, committed(set)] as const);
const snapshotOf = (name: string) => sets.find(([of]) => of === name)?.[1] as Snapshot;
const tags = { application: 'goldbot', 'azd-env-name': 'a' };

describe.each(Object.entries(conventions))('%s', (_name, convention) => {
  it.each(sets)('in %s', (_set, snapshot) => {
    expect(convention(snapshot)).toEqual([]);
  });
});

/** What would break one rule and no other. */
const mistakes: Readonly<Record<keyof typeof conventions, Partial<PredictedResource>>> = {
  'nobody becomes Owner, Contributor or administrator of access, but for staging groups': {
    id: "[resourceId('s', 'rg-image-builds', 'Microsoft.Authorization/roleAssignments', guid('a'))]",
    type: 'Microsoft.Authorization/roleAssignments',
    name: "[guid('a')]",
    properties: { roleDefinitionId: '/x/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c' },
  },
  'custom roles have no wildcard': {
    type: 'Microsoft.Authorization/roleDefinitions',
    name: '0b1ec700-601d-4b07-8000-00000000b070',
    properties: { permissions: [{ actions: ['Microsoft.Compute/*/read'] }] },
  },
  'roles and assignments are named by guid()': { type: 'Microsoft.Authorization/roleAssignments', name: 'mine' },
  'everything has tags': { type: 'Microsoft.Compute/galleries', tags: { application: 'goldbot' } },
  'everything that writes logs has a diagnostic setting': { type: 'Microsoft.Network/virtualNetworks', tags },
  'API versions are stable': { type: 'Microsoft.Compute/galleries', apiVersion: '2024-03-03-preview', tags },
  'there is no secret, in outputs or anywhere': {
    type: 'Microsoft.App/containerApps',
    tags,
    properties: { value: "[listCredentials('/x', '2025-04-01').passwords[0].value]" },
  },
  'Entra alone opens doors': {
    id: '/bot',
    type: 'Microsoft.BotService/botServices',
    tags,
    properties: { msaAppType: 'MultiTenant', disableLocalAuth: true },
  },
  'the compiler knows what would be made': {
    type: 'Microsoft.Authorization/policyDefinitions',
    properties: { policyRule: { if: { field: 'type', equals: "[variables('machine')]" } } },
  },
};

it.each(Object.entries(mistakes))('breaks “%s” alone', (rule, mistake) => {
  const resource = { id: '/a', name: 'a', apiVersion: '2024-01-01', ...mistake } as PredictedResource;
  const logs = {
    id: '/bot/providers/x',
    type: 'Microsoft.Insights/diagnosticSettings',
    name: 'a',
    apiVersion: '2024-01-01',
  };
  const snapshot = { predictedResources: [resource, logs], diagnostics: [] };
  const broken = Object.entries(conventions).filter(([, convention]) => convention(snapshot).length > 0);
  expect(broken.map(([name]) => name)).toEqual([rule]);
});

it.each([
  [{ allowSharedKeyAccess: true }],
  [{ allowBlobPublicAccess: true }],
  [{ minimumTlsVersion: 'TLS1_0' }],
  [{ supportsHttpsTrafficOnly: false }],
])('a storage account with %j lets in whom Entra does not know', (change) => {
  const shut = { allowSharedKeyAccess: false, allowBlobPublicAccess: false, minimumTlsVersion: 'TLS1_2' };
  const account = { id: '/a', type: 'Microsoft.Storage/storageAccounts', name: 'a', apiVersion: '2024-01-01' };
  const told = (properties: object) =>
    conventions['Entra alone opens doors']?.({ predictedResources: [{ ...account, properties }], diagnostics: [] });
  expect(told({ ...shut, supportsHttpsTrafficOnly: true })).toEqual([]);
  expect(told({ ...shut, supportsHttpsTrafficOnly: true, ...change })).toHaveLength(1);
});

it.each([
  ['Microsoft.Insights/components/appi', []],
  ['Microsoft.AppConfiguration/configurationStores/store', ['/a asks for a secret']],
])('the connection string of %s is a secret or none', (whose, problems) => {
  const value = `[reference('/subscriptions/1/resourceGroups/rg/providers/${whose}', '2020-02-02').ConnectionString]`;
  const app = {
    id: '/a',
    type: 'Microsoft.App/containerApps',
    name: 'a',
    apiVersion: '2025-01-01',
    properties: { value },
  };
  const rule = conventions['there is no secret, in outputs or anywhere'];
  expect(rule?.({ predictedResources: [app], diagnostics: [] })).toEqual(problems);
});

const valuesOf = (snapshot: Snapshot, type: string) => snapshot.predictedResources.filter((r) => r.type === type);

interface Endpoint {
  readonly subnet: { readonly id: string };
  readonly privateLinkServiceConnections: readonly [{ readonly properties: { readonly groupIds: readonly string[] } }];
}

describe('with the private network', () => {
  const { predictedResources } = snapshotOf('platform.private');

  it('nothing has a public address, and each service a private one', () => {
    const properties = predictedResources.map(
      (resource) => resource['properties'] as Record<string, unknown> | undefined,
    );
    const access = properties.flatMap((p) =>
      [
        p?.['publicNetworkAccess'] ?? (p?.['network'] as { publicNetworkAccess?: string })?.publicNetworkAccess ?? [],
      ].flat(),
    );
    expect(access).toEqual(['Disabled', 'Disabled', 'Disabled', 'Disabled']);
    expect(valuesOf(snapshotOf('platform.private'), 'Microsoft.Network/publicIPAddresses')).toEqual([]);
    const reached = valuesOf(snapshotOf('platform.private'), 'Microsoft.Network/privateEndpoints').map((one) => {
      const [connection] = (one['properties'] as Endpoint).privateLinkServiceConnections;
      return `${connection.properties.groupIds} from ${(one['properties'] as Endpoint).subnet.id.split('/').at(-3)}`;
    });
    // Disks are written from where builds are, and looked for from where goldbot is.
    expect(reached).toEqual([
      'postgresqlServer from vnet-goldbot-contoso',
      'vault from vnet-goldbot-contoso',
      'registry from vnet-goldbot-contoso',
      'blob from vnet-goldbot-contoso',
      'blob from vnet-images',
    ]);
  });

  it('nobody deletes what cannot be made again', () => {
    const locked = valuesOf(snapshotOf('platform.private'), 'Microsoft.Authorization/locks').map(
      ({ id }) => id.split('/')[7],
    );
    expect(locked.sort()).toEqual(['flexibleServers', 'vaults', 'workspaces']);
  });
});

it('rights and locks can be left to others', () => {
  const types = snapshotOf('platform.no-rights').predictedResources.map(({ type }) => type);
  expect(types.filter((type) => type.startsWith('Microsoft.Authorization/'))).toEqual([]);
});

it('policies can be left to others', () => {
  expect(snapshotOf('policy.none').predictedResources).toEqual([]);
});

it('disks are kept beside the gallery where somebody asks for that, and nowhere else', () => {
  const made = sets.filter(([, snapshot]) => valuesOf(snapshot, 'Microsoft.Storage/storageAccounts').length > 0);
  expect(made.map(([name]) => name)).toEqual(['platform.private']);
});

it('what is there is used and not made', () => {
  const types = new Set(snapshotOf('platform.bring-your-own').predictedResources.map(({ type }) => type));
  for (const type of [
    'Microsoft.Compute/galleries',
    'Microsoft.Network/virtualNetworks',
    'Microsoft.OperationalInsights/workspaces',
    'Microsoft.ContainerRegistry/registries',
  ]) {
    expect(types).not.toContain(type);
  }
});
