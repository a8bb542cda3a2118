import type { AzureRead } from '../../core/azure';
import { assignCommand, azureRoles } from '../../core/azure-roles';
import { UserError } from '../../core/errors';
import { type Finding, type PreflightRead, preflight } from '../../core/preflight';
import type { FixedPlan } from '../../core/runs';
import { fixed } from '../dialogs/support/plan';
import { roomForAll } from '../support/preflight';

const group = '/subscriptions/s/resourceGroups/rg';
const network = `${group}/providers/Microsoft.Network/virtualNetworks/v`;
const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-builder`;
const staging = '/subscriptions/s/resourceGroups/rg-staging';
const versions = 'Microsoft.Compute/galleries/images/versions';

/** With everything that can be set. */
const plan: FixedPlan = {
  ...fixed,
  identity,
  testSubnetId: `${network}/subnets/tests`,
  base: { ...fixed.base, plan: { name: 'n', product: 'o', publisher: 'p' } } as FixedPlan['base'],
  buildSettings: {
    network: {
      subnetId: `${network}/subnets/builds`,
      containerInstanceSubnetId: `${network}/subnets/containers`,
    },
    stagingResourceGroup: staging,
  },
};
const { buildSettings: _, ...plain } = plan;
const privately: FixedPlan = { ...plain, buildSettings: { network: { subnetId: `${network}/subnets/builds` } } };

const found = (read: Partial<PreflightRead> = {}, of: FixedPlan = plan): Promise<readonly Finding[]> =>
  preflight({ ...roomForAll, ...read } as AzureRead, of);

const told = ({ severity, why }: Finding) => `${severity}: ${why}`;
const permission = (actions: readonly string[], notActions: readonly string[] = []) => [{ actions, notActions }];
const vnet = (change: object, location = 'westeurope'): Partial<PreflightRead> => ({
  network: async () => ({
    location,
    subnets: [
      { name: 'Tests', delegations: [], privateLinkServiceNetworkPolicies: true },
      { name: 'builds', delegations: [], privateLinkServiceNetworkPolicies: false, ...change },
      {
        name: 'containers',
        delegations: ['microsoft.containerinstance/containergroups'],
        privateLinkServiceNetworkPolicies: true,
        ...(change as { containers?: object }).containers,
      },
    ],
  }),
});
const lock = (level: 'ReadOnly' | 'CanNotDelete', scope: string): Partial<PreflightRead> => ({
  locksOver: async () => [{ id: `${scope}/providers/Microsoft.Authorization/locks/keep`, level, scope }],
});

type Row = readonly [what: string, read: Partial<PreflightRead>, why: string, command: string, of: FixedPlan];

const rowsOfAll: readonly (readonly [string, Partial<PreflightRead>, string, string, FixedPlan?])[] = [
  [
    'a provider that is not registered',
    {
      providers: async (_s, names) =>
        names.map((namespace, n) => ({
          namespace,
          state: n === 5 ? 'NotRegistered' : 'Registered',
          regions: new Map([['imageTemplates', ['westeurope']]]),
        })),
    },
    'stops: The subscription s is not registered for Microsoft.ContainerInstance (NotRegistered).',
    'az provider register --subscription s --namespace Microsoft.ContainerInstance --wait',
  ],
  [
    'an identity that does not exist',
    { builderIdentity: async () => undefined },
    `stops: The identity of the builds, ${identity}, does not exist.`,
    'az identity create --subscription s --resource-group rg --name id-builder',
  ],
  [
    'an identity that may not write versions',
    {
      grants: async () => [
        { scope: group, permissions: permission(['*'], [`${versions}/write`]) },
        { scope: staging, permissions: permission(['*']) },
      ],
    },
    `stops: The identity of the builds, id-builder, lacks “${versions}/write” on ${group}/providers/Microsoft.Compute/galleries/gold/images/ubuntu-22: Image Builder distributes the image into the gallery as it.`,
    `az role assignment create --assignee-object-id 11111111-0000-4000-8000-000000000001 --assignee-principal-type ServicePrincipal --role "Contributor" --scope ${group}/providers/Microsoft.Compute/galleries/gold/images/ubuntu-22`,
  ],
  [
    'a staging group that is not empty',
    { groupState: async () => ({ location: 'West Europe', isEmpty: false }) },
    `stops: The staging group ${staging} is not empty; Image Builder takes an empty one alone.`,
    'az resource list --subscription s --resource-group rg-staging --output table',
  ],
  [
    'a staging group elsewhere',
    { groupState: async () => ({ location: 'northeurope', isEmpty: true }) },
    `stops: The staging group ${staging} is in northeurope; images are built in westeurope.`,
    'az group create --subscription s --name rg-staging-westeurope --location westeurope',
  ],
  [
    'a staging group that is gone',
    { groupState: async () => undefined },
    `stops: The staging group ${staging} does not exist.`,
    'az group create --subscription s --name rg-staging --location westeurope',
  ],
  [
    'a subnet that is not there',
    vnet({ name: 'others' }),
    'stops: The virtual network v has no subnet builds.',
    'az network vnet subnet create --subscription s --resource-group rg --vnet-name v --name builds --address-prefixes <range>',
  ],
  [
    'containers whose subnet is not delegated',
    vnet({ containers: { delegations: ['Microsoft.Web/serverFarms'] } }),
    'stops: The subnet containers is not delegated to container instances.',
    `az network vnet subnet update --ids ${network}/subnets/containers --delegations Microsoft.ContainerInstance/containerGroups`,
  ],
  [
    'policies for private link services, where Image Builder comes by one',
    vnet({ privateLinkServiceNetworkPolicies: true }),
    'stops: The subnet builds has network policies for private link services; Image Builder reaches its machine by one.',
    `az network vnet subnet update --ids ${network}/subnets/builds --private-link-service-network-policies Disabled`,
    privately,
  ],
  [
    'a lock that lets nothing be changed',
    lock('ReadOnly', group),
    `stops: The lock keep on ${group} lets nothing be changed there (ReadOnly).`,
    `az lock update --ids ${group}/providers/Microsoft.Authorization/locks/keep --lock-type CanNotDelete`,
  ],
  [
    'a lock that lets nothing be deleted',
    lock('CanNotDelete', group),
    `warns: The lock keep on ${group} lets nothing be deleted there (CanNotDelete): candidates, templates or test machines of the run would stay.`,
    `az lock delete --ids ${group}/providers/Microsoft.Authorization/locks/keep`,
  ],
  [
    'a policy against the test machine',
    {
      policyDenials: async (scope) => (scope === group ? [{ assignment: '/a/cheap', definition: '/d' }] : []),
    },
    `stops: The policy assignment cheap forbids the test machine in ${group}.`,
    `az policy exemption create --name goldbot-builds --exemption-category Waiver --policy-assignment /a/cheap --scope ${group}`,
  ],
  [
    'a policy against what Image Builder makes, of which goldbot knows a part',
    {
      policyDenials: async (scope) => (scope === staging ? [{ assignment: '/a/public', definition: '/d' }] : []),
    },
    `warns: The policy assignment public forbids Image Builder’s storage account in ${staging}. It may be content with what Image Builder adds.`,
    `az policy exemption create --name goldbot-builds --exemption-category Waiver --policy-assignment /a/public --scope ${staging}`,
  ],
  [
    'a policy against the address of a build that has no network of its own',
    {
      policyDenials: async (_scope, { type }) =>
        type === 'Microsoft.Network/publicIPAddresses' ? [{ assignment: '/a/public', definition: '/d' }] : [],
    },
    'warns: The policy assignment public forbids the public address of Image Builder’s machine in /subscriptions/s. It may be content with what Image Builder adds.',
    'az policy exemption create --name goldbot-builds --exemption-category Waiver --policy-assignment /a/public --scope /subscriptions/s',
    plain,
  ],
  [
    'a region in which Image Builder is not',
    {
      providers: async (_s, names) =>
        names.map((namespace) => ({
          namespace,
          state: 'Registered',
          regions: new Map([['imageTemplates', ['eastus', 'westus2']]]),
        })),
    },
    'stops: Azure Image Builder is not offered in westeurope, where images are to be built.',
    'az provider show --subscription s --namespace Microsoft.VirtualMachineImages --query "resourceTypes[?resourceType==\'imageTemplates\'].locations[]" --output table',
  ],
  [
    'terms that nobody has accepted',
    { termsAccepted: async () => false },
    'stops: Nobody has accepted the terms of p:o:n for the subscription s.',
    'az vm image terms accept --subscription s --publisher p --offer o --plan n',
  ],
  [
    'what goldbot itself may not do',
    {
      ownPermissions: async (scope) => permission(['*'], scope.includes('/galleries/') ? [`${versions}/delete`] : []),
    },
    `warns: goldbot’s own identity lacks “${versions}/delete” on ${group}/providers/Microsoft.Compute/galleries/gold: the run will wait for it.`,
    'az role definition update --role-definition deploy/roles/goldbot-publisher.json',
  ],
];

const rows = rowsOfAll.map(([what, read, why, command, of = plan]): Row => [what, read, why, command, of]);

describe('a look before a build', () => {
  it('finds nothing where nothing is in the way, with all that can be set and with nothing', async () => {
    expect(await found()).toEqual([]);
    expect(await found(vnet({}))).toEqual([]);
    expect(await found(vnet({}), privately)).toEqual([]);
    expect(await found({ groupState: () => Promise.reject(new Error('nobody asks')) }, plain)).toEqual([]);
  });

  it.each(rows)('finds %s, and says the command that mends it', async (_what, read, why, command, of) => {
    const all = await found(read, of);
    expect(all.map(told)).toEqual([why]);
    expect(all[0]?.commands[0]).toBe(command);
    for (const one of all[0]?.commands ?? []) expect(one).toMatch(/^az \S+/);
  });

  it.each([
    ['a staging group', staging, { groupState: async () => undefined }],
    ['a virtual network', network, { network: async () => undefined }],
    ['a subnet', plan.testSubnetId, { network: async () => ({ location: 'westeurope', subnets: [] }) }],
    ['an identity', identity, { builderIdentity: async () => undefined }],
  ])('tells %s that does not exist, and not besides what cannot be seen there', async (_what, id, gone) => {
    const within = (scope: string) => `${scope}/`.toLowerCase().startsWith(`${id}/`.toLowerCase());
    const none = (scope: string) =>
      within(scope) ? Promise.reject(new UserError('AZ_NOT_FOUND', 'Azure has no such thing.', { hint: 'Look.' })) : [];
    const kept = { id: '/locks/keep', level: 'ReadOnly', scope: group } as const;
    const read: Partial<PreflightRead> = {
      locksOver: async (scope) => (scope === group ? [kept] : none(scope)),
      policyDenials: async (scope) => none(scope),
      ownPermissions: async (scope) => (within(scope) ? none(scope) : permission(['*'])),
    };
    const all = await found({ ...read, ...gone });
    expect(all.filter(({ severity }) => severity === 'unseen')).toEqual([]);
    expect(all.map(told)).toContain(`stops: The lock keep on ${group} lets nothing be changed there (ReadOnly).`);
    expect(all.filter(({ why }) => !why.startsWith('The lock')).length).toBeGreaterThan(0);
    const unsaid = await found(read);
    expect(unsaid.filter(({ severity }) => severity === 'unseen').length).toBeGreaterThan(0);
  });

  it('does not take what the attempt before left in the staging group for somebody else’s', async () => {
    const full = { ...roomForAll, groupState: async () => ({ location: 'westeurope', isEmpty: false }) };
    expect(await preflight(full as unknown as AzureRead, plan, 1)).toHaveLength(1);
    expect(await preflight(full as unknown as AzureRead, plan, 2)).toEqual([]);
  });

  it('finds every subnet that is elsewhere, each by the field that names it', async () => {
    const all = await found(vnet({}, 'North Europe'));
    expect(all.map(({ mend }) => /`([^`]+)`/.exec(mend)?.[1])).toEqual([
      'test.subnetId',
      'build.network.subnetId',
      'build.network.containerInstanceSubnetId',
    ]);
  });

  it('takes a role that is assigned above for one that is assigned here, and none that is assigned beside it', async () => {
    const at = (scope: string) => found({ grants: async () => [{ scope, permissions: permission(['*']) }] });
    for (const scope of ['/', '/providers/Microsoft.Management/managementGroups/mg', '/SUBSCRIPTIONS/S']) {
      expect(await at(scope)).toEqual([]);
    }
    expect(await at(`${group}-2`)).toHaveLength(4);
  });

  it('adds up what several roles allow: what one takes away, another may give', async () => {
    const grants = async () => [
      { scope: '/subscriptions/s', permissions: permission(['*'], [`${versions}/write`]) },
      { scope: group, permissions: permission(['Microsoft.Compute/galleries/*/WRITE']) },
    ];
    expect(await found({ grants })).toEqual([]);
  });

  it('tells forty findings in one answer, what stops before what warns', async () => {
    const denials = Array.from({ length: 40 }, (_, n) => ({ assignment: `/a/p${n}`, definition: '/d' }));
    const all = await found({
      ...lock('CanNotDelete', group),
      policyDenials: async (s) => (s === group ? denials : []),
    });
    expect(all).toHaveLength(41);
    expect(all.at(-1)?.severity).toBe('warns');
  });

  it('asks of goldbot’s own identity nothing that its roles do not have', async () => {
    const actions = azureRoles.flatMap((role) => role.actions.map(({ action }) => action));
    const all = await found({ ownPermissions: async () => permission(actions) });
    expect(all).toEqual([]);
    const none = await found({ ownPermissions: async () => [] });
    expect(none).toHaveLength(4);
    const [builds] = none;
    expect(builds?.commands.filter((command) => command.includes('definition create'))).toEqual(
      ['planner', 'builder', 'observer'].map((role) => expect.stringContaining(`deploy/roles/goldbot-${role}.json`)),
    );
  });
});

describe('a command that assigns a role', () => {
  it('has in quotes what is to be filled in, and nothing else', () => {
    const scope = '/subscriptions/11111111-0000-4000-8000-000000000001';
    expect(assignCommand({ name: '<role>', at: 'subscription' }, { objectId: '<object id>', scope })).toBe(
      `az role assignment create --role "<role>" --assignee-object-id "<object id>" --assignee-principal-type ServicePrincipal --scope ${scope}`,
    );
  });
});
