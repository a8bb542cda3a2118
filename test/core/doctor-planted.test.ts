import { botSignIn } from '../../app/bot-sign-in';
import { type AzureRole, azureRoles } from '../../core/azure-roles';
import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { clouds } from '../../core/cloud';
import { type Examination, examine, type HouseRead } from '../../core/doctor';
import { createSandbox } from '../../sandbox';
import { builderAssignment, goldbotIdentity, rootManagementGroup } from '../../sandbox/azure/authorization/names';
import {
  builderIdentity,
  buildResourceGroup,
  galleryResourceGroup,
  platformSubscription,
} from '../../sandbox/azure/names';
import { foreignTenantId, tenantId } from '../../sandbox/entra/people';
import { botApp } from '../../sandbox/entra/tokens';
import { type AzureOptions, createAzure, sandboxCredential } from '../../services';
import { restrict, without } from '../deploy/restricted';
import { ask, sandboxHttpClient } from '../sandbox/client';
import { ruleOf } from '../sandbox/policy-world';
import { exampleCatalogue } from '../support/catalogue';
import { healthyHouse } from '../support/house';
import { worldStart } from '../support/world-start';

/** The doctor against the sandbox: what is planted there is found and named, and a healthy house has nothing. */

const example = exampleCatalogue();
const subscription = `/subscriptions/${platformSubscription}`;
const groupOf = (name: string) => `${subscription}/resourceGroups/${name}`;

const ubuntu = example.images.find(({ name }) => name === 'ubuntu-22') as ImageConfig;
const nobody = '00000000-0000-4000-8000-000000000000';
const well = { wrong: [], mistakes: [], isRunning: true, cloud: clouds.Public, localKey: true };
/** It is sold with a plan, whose terms nobody has accepted. */
const plan = {
  publisher: 'center-for-internet-security-inc',
  product: 'cis-ubuntu-linux-2204-l1',
  name: 'cis-ubuntu-linux-2204-l1-gen2',
};
const cis = { kind: undefined, publisher: plan.publisher, offer: plan.product, sku: plan.name, plan };
/** Defines a policy that forbids a type of resource, and assigns it somewhere. */
function forbid(name: string, type: string, scope: string): NonNullable<Planted['asked']> {
  const definition = `${subscription}/providers/Microsoft.Authorization/policyDefinitions/${name}`;
  const assignment = `${scope}/providers/Microsoft.Authorization/policyAssignments/${name}`;
  const policyRule = ruleOf({ field: 'type', equals: type });
  return [
    ['PUT', `${definition}?api-version=2021-06-01`, { properties: { mode: 'Indexed', policyRule } }],
    ['PUT', `${assignment}?api-version=2024-05-01`, { properties: { policyDefinitionId: definition } }],
  ];
}
const lacking: Readonly<Record<string, string>> = {
  'goldbot-publisher': 'Microsoft.Compute/galleries/images/versions/write',
  'goldbot-builder': 'Microsoft.VirtualMachineImages/imageTemplates/run/action',
  'goldbot-planner': 'Microsoft.Network/virtualNetworks/read',
};

const clone = (): Catalogue => ({ ...example, images: [...example.images], teams: new Map(example.teams) });
const image = (name: string, change: Partial<ImageConfig>): Catalogue => ({
  ...clone(),
  images: example.images.map((one) => (one.name === name ? { ...one, ...change } : one)),
});

interface Planted {
  readonly house?: Partial<HouseRead>;
  readonly catalogue?: Catalogue;
  readonly azure?: Partial<AzureOptions>;
  /** What goldbot signs in with as its bot. */
  readonly bot?: { readonly tenantId: string; readonly secret: string };
  /** goldbot's identity has these roles and no others, and Azure asks for them. */
  readonly roles?: readonly AzureRole[];
  /** Requests to the sandbox: its documented control endpoints and Azure's own verbs. */
  readonly asked?: readonly (readonly [method: string, url: string, body?: object])[];
}

async function examined(planted: Planted = {}): Promise<Examination> {
  const { house, catalogue = example, azure, roles, asked = [], bot } = planted;
  const throttle = { throttle: false, resourceGraph: { queries: 1_000 } };
  const { sandbox, world } = createSandbox({ speed: 0, startMs: worldStart, azure: throttle });
  for (const [method, url, body] of asked) {
    const answer = await ask(sandbox, method, url, body);
    if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  if (roles) {
    await restrict(sandbox, { roles, catalogue });
    await ask(sandbox, 'POST', '/_sandbox/rbac', { enforce: true });
  }
  const { read, directory } = createAzure({
    ...{ credential: sandboxCredential, httpClient: sandboxHttpClient(sandbox), sleep: async () => {} },
    ...{ subscription: example.azure.subscription, clock: world.clock, ...azure },
  });
  const signs = bot && { appId: botApp.appId, credentials: { kind: 'secret', ...bot } as const };
  const own = { deciders: directory.deciders, botSignIn: botSignIn(signs, sandboxHttpClient(sandbox)) };
  const asks = { azure: read, house: { ...healthyHouse, ...own, ...house } };
  return examine(asks, { catalogue, busy: new Set() });
}

const conditions = (body: object) => ['POST', '/_sandbox/conditions', body] as const;
const graph = 'https://graph.microsoft.com/v1.0';

/** What is planted, and what must be told: severity, why and a command. Those of one house do not hide each other. */
type Row = readonly [what: string, severity: 'stops' | 'warns' | 'unseen', why: string, command: string];
const houses: readonly (readonly [name: string, planted: Planted, rows: readonly Row[]])[] = [
  [
    'a subscription in which little is right',
    {
      catalogue: {
        ...image('ubuntu-22', {
          regions: [...(example.images[0]?.regions ?? []), { name: 'Atlantis', replicas: 1 }],
          approval: { ...(example.images[0] as ImageConfig).approval, quorum: 4 },
        }),
        azure: {
          ...example.azure,
          build: { ...example.azure.build, stagingResourceGroup: groupOf(galleryResourceGroup) },
          test: { ...example.azure.test, subnetId: example.azure.test.subnetId.replace(/tests$/, 'none') },
        },
        teams: new Map([
          ...example.teams,
          [
            'ghosts',
            {
              ...(example.teams.get('web') as never as object),
              scope: { tag: { name: 'team', value: 'ghosts' } },
            } as never,
          ],
        ]),
      },
      asked: [
        conditions({
          registration: [
            { subscription: platformSubscription, namespace: 'Microsoft.ContainerInstance', registered: false },
          ],
          quota: [{ location: 'westeurope', cores: 1 }],
          sizes: [{ location: 'westeurope', size: 'Standard_D2s_v5', offered: false }],
          regions: [{ location: 'westeurope', imageBuilder: false }],
        }),
        [
          'PUT',
          `${groupOf(buildResourceGroup)}/providers/Microsoft.Authorization/locks/keep?api-version=2020-05-01`,
          { properties: { level: 'CanNotDelete' } },
        ],
        [
          'PUT',
          `${groupOf(galleryResourceGroup)}/providers/Microsoft.Authorization/locks/hold?api-version=2020-05-01`,
          { properties: { level: 'ReadOnly' } },
        ],
        [
          'DELETE',
          `${graph}/groups/b0bb1e50-0000-4000-8000-000000000012/members/a1d0c000-0000-4000-8000-000000000004/$ref`,
        ],
      ],
    },
    [
      [
        'a provider',
        'stops',
        'is not registered for Microsoft.ContainerInstance (NotRegistered)',
        'az provider register',
      ],
      ['cores', 'stops', 'The quota “cores” of westeurope leaves', 'az quota update --resource-name cores'],
      ['cores of a family', 'stops', 'The quota “standardDSv5Family” of westeurope leaves', 'value=4'],
      ['a size', 'stops', 'may not use the size Standard_D2s_v5 in westeurope', 'az vm list-skus'],
      ['a subnet', 'stops', 'has no subnet none', 'az network vnet subnet create'],
      [
        'a region without Image Builder',
        'stops',
        'Azure Image Builder is not offered in westeurope',
        'az provider show',
      ],
      ['a lock on deleting', 'warns', 'The lock keep on', 'az lock delete'],
      ['a lock on changing', 'stops', 'The lock hold on', 'az lock update'],
      ['a region', 'stops', 'names the region “Atlantis”', 'az account list-locations'],
      ['a staging group in use', 'stops', 'is not empty; Image Builder takes an empty one alone', 'az resource list'],
      ['a group with nobody in it', 'warns', 'Nobody is in the group web-owners', 'az ad group member add'],
      [
        'a quorum above the group',
        'warns',
        '3 people are in the group goldbot-approvers; 4 have to decide',
        'az ad group member add',
      ],
      ['a team without machines', 'warns', 'goldbot sees no machine of ghosts', 'az graph query'],
    ],
  ],
  [
    'a house whose catalogue names what is not there',
    {
      catalogue: {
        ...image('ubuntu-22', {
          imageDefinition: 'ubuntu-99',
          source: { kind: undefined, publisher: 'Canonical', offer: 'none', sku: 'none' },
          approval: { ...ubuntu.approval, group: nobody, groupName: 'nobody' },
        }),
        azure: {
          ...example.azure,
          identity: `${builderIdentity}-none`,
          buildResourceGroup: 'rg-none',
          provenance: { keyVaultKey: 'https://kv-golden-images.vault.azure.net/keys/none' },
        },
      },
      house: {
        channels: async () => [
          { name: 'payments / ops', conversationId: null, parkedWhy: null, others: 0 },
          { name: 'web / ops', conversationId: null, parkedWhy: null, others: 2 },
          { name: 'data / ops', conversationId: '19:data', parkedWhy: 'BotNotInConversationRoster', others: 0 },
        ],
      },
    },
    [
      ['an image definition', 'stops', 'has no image definition ubuntu-99', 'az sig image-definition create'],
      ['a base', 'stops', 'There is no Canonical none none', 'az vm image list-skus'],
      ['a group', 'stops', `Entra has no group ${nobody}`, 'az ad group list'],
      ['the identity of the builds', 'stops', 'id-image-builder-none, does not exist', 'az identity create'],
      ['the group that builds', 'stops', 'The resource group rg-none', 'az group create'],
      ['a key', 'stops', 'The vault does not let goldbot use the key none of kv-golden-images', ''],
      [
        'a channel that fits nothing',
        'stops',
        'goldbot is in no channel called “payments / ops”',
        'channels "payments / ops" --here',
      ],
      ['a channel that fits two', 'stops', '2 channels are called “web / ops”', 'channels "web / ops" --here'],
      ['a channel that is closed', 'stops', 'may not write in the channel “data / ops” any more', ''],
    ],
  ],
  [
    'a house with definitions that do not fit, a policy against it, and builds without roles',
    {
      catalogue: image('ubuntu-22', { imageDefinition: 'windows-2022', source: cis }),
      asked: [
        ...forbid('no-machines', 'Microsoft.Compute/virtualMachines', groupOf(buildResourceGroup)),
        ...forbid('no-addresses', 'Microsoft.Network/publicIPAddresses', subscription),
        [
          'DELETE',
          `${rootManagementGroup}/providers/Microsoft.Authorization/roleAssignments/${builderAssignment}?api-version=2022-04-01`,
        ],
        ['DELETE', `${graph}/servicePrincipals/${goldbotIdentity.objectId}/appRoleAssignments/sJ0Cx2fQ5Ee8`],
      ],
      azure: { machineMs: () => Date.now() + 600_000 },
      house: { settings: async () => ({ ...well, cloud: clouds.China, localKey: false, tenant: nobody }) },
      bot: { tenantId: foreignTenantId, secret: botApp.secret },
    },
    [
      [
        'a bot id of another tenant, in Entra’s own words',
        'stops',
        `${botApp.appId} of the tenant ${foreignTenantId}: AADSTS700016: Application with identifier '${botApp.appId}' was not found in the directory 'Mallory'.`,
        `az login --tenant ${foreignTenantId}`,
      ],
      ['an operating system', 'stops', 'takes Windows images; ubuntu-22 is a Linux image', ''],
      ['a purchase plan', 'stops', 'The image definition windows-2022 has no purchase plan', ''],
      ['terms that nobody has accepted', 'stops', 'Nobody has accepted the terms', 'az vm image terms accept'],
      ['a policy', 'stops', 'The policy assignment no-machines forbids the test machine', 'az policy exemption create'],
      [
        'a policy against public addresses, of builds without a network of their own',
        'warns',
        'The policy assignment no-addresses forbids the public address of Image Builder’s machine',
        'az policy exemption create',
      ],
      [
        'roles of the builds’ identity for ubuntu-22',
        'stops',
        'The identity of the builds, id-image-builder, lacks',
        'az role assignment create',
      ],
      [
        'consent',
        'stops',
        'lacks the Microsoft Graph application permission GroupMember.Read.All',
        'https://microsoftgraph.chinacloudapi.cn/v1.0/servicePrincipals/$goldbot/appRoleAssignments',
      ],
      ['a clock', 'stops', 'This machine’s clock is 10 minutes ahead of that of Azure', 'timedatectl'],
      ['no key', 'warns', 'No key is set to sign certificates with', 'az keyvault key create'],
      ['a tenant', 'stops', `goldbot’s app is in ${nobody}`, 'az account list'],
    ],
  ],
  [
    'a house whose roles lack single actions',
    {
      roles: azureRoles.map((role) => {
        const lacks = lacking[role.name];
        return lacks ? without(role, lacks) : role;
      }),
    },
    [
      [
        'a right to publish',
        'stops',
        'lacks “Microsoft.Compute/galleries/images/versions/write” on',
        'goldbot-publisher',
      ],
      [
        'a right to build',
        'stops',
        'lacks “Microsoft.VirtualMachineImages/imageTemplates/run/action” on',
        'goldbot-builder',
      ],
      ['a right to read', 'stops', 'lacks “Microsoft.Network/virtualNetworks/read” on', 'goldbot-planner'],
    ],
  ],
  [
    'an empty tenant in which nobody gave goldbot a role',
    { asked: [['POST', '/_sandbox/reset', { empty: true }]] },
    [
      [
        'a role, told once whatever it keeps from being looked at',
        'stops',
        `imageTemplates/read”, “Microsoft.Resources/subscriptions/resourcegroups/read”, “Microsoft.Resources/subscriptions/providers/read” and 6 more on ${subscription}.`,
        `--role goldbot-planner --assignee-object-id ${goldbotIdentity.objectId} --assignee-principal-type ServicePrincipal --scope ${subscription}`,
      ],
      [
        'an inventory that shows nothing',
        'stops',
        "goldbot's identity has no role in any subscription, or none that Azure has noticed yet",
        '',
      ],
      [
        'a right to read a list in pages',
        'stops',
        'lacks “Microsoft.Compute/galleries/images/read” on',
        '--role goldbot-observer',
      ],
    ],
  ],
  [
    'another subscription',
    {
      catalogue: {
        ...clone(),
        azure: {
          ...example.azure,
          subscription: nobody,
          gallery: { ...example.azure.gallery, subscription: platformSubscription },
        },
      },
    },
    [['that does not exist', 'stops', `Azure shows no subscription ${nobody}`, 'az account list']],
  ],
  [
    'a subscription that is disabled, with no gallery',
    {
      catalogue: { ...clone(), azure: { ...example.azure, gallery: { ...example.azure.gallery, name: 'silver' } } },
      asked: [conditions({ subscriptions: [{ subscription: platformSubscription, state: 'Disabled' }] })],
    },
    [
      ['a subscription', 'stops', 'The subscription contoso-1001 is disabled.', 'az account show'],
      ['what can only be read', 'unseen', 'is disabled and can only be read', ''],
      ['a gallery', 'stops', 'There is no gallery silver', 'az sig create'],
    ],
  ],
];

it('has nothing to say of a healthy house, the example in the sandbox', async () => {
  const { findings, waiting, fine } = await examined({ bot: { tenantId, secret: botApp.secret } });
  expect({ findings, waiting }).toEqual({ findings: [], waiting: [] });
  expect(fine.length).toBeGreaterThan(25);
});

it('has nothing to say where goldbot has its own roles and no others', async () => {
  const { findings, waiting } = await examined({ roles: azureRoles });
  expect({ findings, waiting }).toEqual({ findings: [], waiting: [] });
});

describe.each(houses)('%s', (_, planted, rows) => {
  let found: Examination;
  beforeAll(async () => {
    found = await examined(planted);
  });

  it.each(rows)('has %s: %s, %s', (_what, severity, why, command) => {
    const [finding, ...others] = found.findings.filter((one) => one.why.includes(why));
    expect([finding?.severity, others]).toEqual([severity, []]);
    expect(finding?.commands.join('\n')).toContain(command);
  });

  it('has nothing else', () => {
    const untold = found.findings.filter(({ why }) => !rows.some((row) => why.includes(row[2])));
    expect(untold).toEqual([]);
  });
});
