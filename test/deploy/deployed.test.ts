import { randomUUID } from 'node:crypto';
import { resourceGroupId, resourceId, sameId } from '../../core/azure-id';
import { type RoleAt, rolesFor } from '../../core/azure-roles';
import { galleryId, restrictionName } from '../../core/compliance';
import type { Examination } from '../../core/doctor';
import { imageRoles } from '../../core/image-access';
import { preflight } from '../../core/preflight';
import { type ChangePlan, type ChangeRun, changeSubject, type PublishRun } from '../../core/runs';
import { createSandbox } from '../../sandbox';
import { principalIdOf } from '../../sandbox/azure/identity';
import { platformSubscription, teamSubscriptions } from '../../sandbox/azure/names';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { ask } from '../sandbox/client';
import { type AzureWorld, people } from '../support/azure-world';
import { accessPlan, sharePlan } from '../support/changes';
import { until } from '../support/until';
import { worldStart } from '../support/world-start';
import {
  catalogueOf,
  containerOf,
  type Deployed,
  deploy,
  deployedWorld,
  emptyTenant,
  enforce,
  examinedIn,
  foretold,
  identityIn,
  keyOf,
  refusedIn,
  secondGalleryIn,
} from './deployed';

/** The scopes of goldbot's own roles, as deployed and as the catalogue needs them. */
interface Assigned {
  readonly role: string;
  readonly scope: string;
}

function assignedTo(principalId: string, { made }: Deployed): readonly Assigned[] {
  const names = new Map(
    made.flatMap(({ type, name, properties }) =>
      type.endsWith('/roleDefinitions') ? [[name, String(properties?.['roleName'])] as const] : [],
    ),
  );
  return made.flatMap(({ type, id, properties }) => {
    if (!type.endsWith('/roleAssignments') || properties?.['principalId'] !== principalId) return [];
    const role = names.get(String(properties['roleDefinitionId']).split('/').at(-1) ?? '');
    return role === undefined ? [] : [{ role, scope: id.replace(/\/providers\/Microsoft\.Authorization\/.*$/, '') }];
  });
}

const inOrder = (all: readonly Assigned[]): readonly string[] =>
  all.map(({ role, scope }) => `${role} ${scope}`.toLowerCase()).sort();

const building = `/subscriptions/${platformSubscription}`;

describe('the roles that the templates assign', () => {
  it.each([
    [
      ...(['platform.main', [building]] as const),
      [
        ...(['goldbot-classifier', 'goldbot-policy', 'goldbot-runner'] as const),
        ...(['goldbot-trials', 'goldbot-access', 'goldbot-sharer'] as const),
      ],
    ],
    ['platform.private', teamSubscriptions.map((id) => `/subscriptions/${id}`), []],
  ] as const)(
    'are those that docs/roles.md derives, where it derives them: %s',
    async (snapshot, teams, off: readonly RoleAt['role'][]) => {
      const resources = foretold(snapshot);
      const { sandbox } = createSandbox({ speed: 0, startMs: worldStart, azure: { throttle: false } });
      await emptyTenant(sandbox, secondGalleryIn(resources));
      const deployed = await deploy(sandbox, resources);
      const network = resources.find(({ name }) => name === 'vnet-images')?.id;
      const staging = resources.find(({ name }) => name.startsWith('rg-image-staging'))?.id;
      const second = secondGalleryIn(resources);
      const catalogue = catalogueOf({ ...(network && { network }), ...(staging && { staging }), second }, 'any');
      const container = containerOf(resources);
      const places = { teams, key: keyOf(resources), ...(container !== undefined && { container }) };
      // These are assigned by hand, team by team.
      const byHand = ['goldbot-rollout', 'goldbot-reimage'];
      const wanted = rolesFor(catalogue, places).filter(({ role }) => ![...off, ...byHand].includes(role));
      expect(inOrder(assignedTo(principalIdOf(identityIn(resources)), deployed))).toEqual(inOrder(wanted));
    },
  );
});

it.each([0.3, 0.7])('a deployment that stopped at %d of its way is finished by the next', async (part) => {
  const resources = foretold('platform.private');
  const tenant = async () => {
    const { sandbox, world } = createSandbox({ speed: 0, startMs: worldStart, azure: { throttle: false } });
    await emptyTenant(sandbox, secondGalleryIn(resources));
    return { sandbox, world };
  };
  const [whole, stopped] = [await tenant(), await tenant()];
  const { made } = await deploy(whole.sandbox, resources);
  await deploy(stopped.sandbox, made.slice(0, Math.floor(made.length * part)));
  await deploy(stopped.sandbox, resources);
  for (const { world } of [whole, stopped]) world.clock.advance(60);
  const shownIn = (sandbox: Sandbox) =>
    Promise.all(
      made.map(async ({ id, apiVersion }) => (await ask(sandbox, 'GET', `${id}?api-version=${apiVersion}`)).body),
    );
  const dateless = (all: unknown) =>
    JSON.parse(JSON.stringify(all, (name, value) => (/On$|At$|^keyUri/.test(name) ? undefined : value)));
  expect(dateless(await shownIn(stopped.sandbox))).toEqual(dateless(await shownIn(whole.sandbox)));
});

describe('an empty tenant with what the templates deploy, their roles enforced', () => {
  const platform = foretold('platform.private');
  const all = [...platform, ...foretold('policy.strict')];
  const goldbot = principalIdOf(identityIn(platform));
  const network = platform.find(({ name }) => name === 'vnet-images')?.id ?? '';
  const staging = platform.find(({ name }) => name.startsWith('rg-image-staging'))?.id ?? '';
  const vault = platform.find(({ type }) => type === 'Microsoft.KeyVault/vaults')?.name ?? '';
  const disks = containerOf(platform);
  const catalogue = catalogueOf({ network, staging, disks, second: secondGalleryIn(platform) }, vault);
  const team = `/subscriptions/${teamSubscriptions[0]}`;
  const api = resourceId(
    { subscription: teamSubscriptions[0], resourceGroup: 'rg-payments' },
    'Microsoft.Compute/virtualMachines',
    'vm-payments-1',
  );

  let world: AzureWorld;
  let deployed: Deployed;
  let published: PublishRun;
  const examined: Examination[] = [];
  let log: string | undefined;

  beforeAll(async () => {
    ({ world, deployed } = await deployedWorld({ resources: all, catalogue }));
    examined.push(await doctor());
    const { id } = await world.publish();
    const place = { ...catalogue.azure, resourceGroup: catalogue.azure.buildResourceGroup };
    await world.until(id, async ({ data }) => {
      log ??= data.template === undefined ? undefined : await world.azure.read.buildLog(place, data.template);
      return log !== undefined;
    });
    await world.approve(id);
    await world.end(id);
    published = await world.run(id);
    examined.push(await doctor());
  }, 60_000);
  afterAll(() => world.close());

  const doctor = () => examinedIn(world, catalogue);
  const refused = () => refusedIn(world);

  it('has everything that the sandbox knows, and nothing of what it does not', () => {
    const providers = new Set(deployed.unknown.map((type) => type.split('/')[0]));
    expect([...providers].sort()).toEqual([
      'Microsoft.ContainerRegistry',
      'Microsoft.DBforPostgreSQL',
      'Microsoft.Insights',
      'Microsoft.Network',
      'Microsoft.OperationalInsights',
    ]);
    expect(deployed.made.length).toBeGreaterThan(40);
  });

  it('publishes the first version, signed in the vault, without a finding before the build and without a refusal', async () => {
    expect(published).toMatchObject({ outcome: 'published', subject: 'ubuntu-22' });
    expect(published.data.seen).toBeUndefined();
    expect(log).toContain('==> ');
    expect([...(await world.versions()).keys()]).toEqual(['1.0.0']);
    const id = (await world.versions()).get('1.0.0')?.id ?? '';
    await until(async () => (await world.reads.certificate(id))?.signature !== undefined);
    const signed = (await world.reads.certificate(id))?.signature;
    expect(signed?.keyId).toContain(`https://${vault}.vault.azure.net/keys/goldbot/`);
    expect(refused()).toEqual([]);
  });

  it('gives out the disk of what was published, which Image Builder may write and goldbot may look for', async () => {
    const [, account] = /storageAccounts\/([^/]+)/.exec(disks ?? '') ?? [];
    const place = `https://${account}.blob.core.windows.net/vhds/ubuntu-22-1.0.0.vhd`;
    expect(published.data.distribution?.made).toMatchObject([{ place }]);
    const looked = world.sandbox.exchanges.filter(({ url, method }) => url === place && method === 'HEAD');
    expect([...new Set(looked.map(({ status }) => status))]).toEqual([404, 200]);
  });

  it('has nothing that the doctor would mend, before its first version and after, but that teams have no machines', async () => {
    for (const { findings, waiting } of examined) {
      expect(findings.map(({ severity, why }) => `${severity}: ${why}`)).toEqual([
        'warns: goldbot sees no machine of any team.',
      ]);
      expect(waiting).toEqual([]);
    }
    expect(examined.map(({ fine }) => fine.length)).toEqual([30, 30]);
  });

  it('does what teams ask for, and reads inside their machine', async () => {
    await enforce(world.sandbox, false);
    await makeMachine(world.sandbox);
    await enforce(world.sandbox);
    const about = { target: 'payments', team: 'payments', reason: 'because' };
    const assignment = `${team}/providers/Microsoft.Authorization/policyAssignments/${restrictionName}`;
    const target = { scope: team, name: `${restrictionName}-payments`, notScopes: [], buildGroups: [] };
    const restrict = {
      verb: 'restrict',
      galleries: [galleryId(catalogue.azure)],
      dryRun: [],
      targets: [target],
      ...about,
    } as const;
    const plans: readonly ChangePlan[] = [
      { verb: 'classify', machineId: api, model: 'pet', ...about },
      {
        verb: 'exempt',
        machineId: api,
        assignment,
        policy: restrictionName,
        until: '2027-01-01T00:00:00.000Z',
        ...about,
      },
      { verb: 'rescan', scopes: [team], ...about },
      { ...restrict, effect: 'deny' },
      { ...restrict, effect: 'off' },
      { verb: 'tattoo', machineId: api, os: 'Linux', location: 'westeurope', ...about },
    ];
    for (const plan of plans) expect([plan.verb, (await changed(plan)).data.ending?.how]).toEqual([plan.verb, 'done']);
    expect((await doctor()).findings.map(({ severity, why }) => `${severity}: ${why}`)).toEqual([
      'warns: goldbot sees no machine of web, data and legacy.',
    ]);
    expect(refused()).toEqual([]);
  });

  it('gives the machine what guest configuration needs, as the identity that the templates made for it', async () => {
    const assignment = `${team}/providers/Microsoft.Authorization/policyAssignments/goldbot-guest-config`;
    const about = { target: 'payments', team: 'payments', reason: 'because' };
    for (const reference of ['identitywithnone', 'extensionlinux']) {
      for (const plan of [
        { verb: 'rescan', scopes: [team], ...about },
        { verb: 'remediate', machineId: api, assignment, policy: 'x', reference, ...about },
      ] as const) {
        expect([reference, plan.verb, (await changed(plan)).data.ending]).toMatchObject([
          ...[reference, plan.verb, { how: 'done' }],
        ]);
      }
    }
    await changed({ verb: 'rescan', scopes: [team], ...about });
    const { policies: judged } = await world.azure.read.machineCompliance(api);
    const ofInitiative = judged.filter((one) => sameId(one.assignment, assignment));
    expect(ofInitiative.map(({ reference, state }) => `${reference} ${state}`).sort()).toEqual([
      ...['extensionlinux', 'identitywithnone', 'identitywithuserassigned'].map((one) => `${one} Compliant`),
    ]);
    expect(refused()).toEqual([]);
  });

  it('shows before a build, and to the doctor, what a template forgot to assign', async () => {
    const forgotten = assignedTo(goldbot, deployed).find(
      ({ role, scope }) => role === 'goldbot-builder' && scope.includes('/userAssignedIdentities/'),
    );
    const made = deployed.made.find(
      ({ id, type, properties }) =>
        type.endsWith('/roleAssignments') &&
        id.startsWith(`${forgotten?.scope}/`) &&
        properties?.['principalId'] === goldbot,
    );
    await enforce(world.sandbox, false);
    expect((await ask(world.sandbox, 'DELETE', `${made?.id}?api-version=2022-04-01`)).status).toBe(200);
    await enforce(world.sandbox);
    const { fixed } = published.plan;
    if (!fixed) throw new Error('no plan');
    const [finding, ...others] = (await preflight(world.azure.read, fixed)).filter(({ why }) =>
      why.includes('own identity'),
    );
    expect(finding?.why).toContain(
      `lacks “Microsoft.ManagedIdentity/userAssignedIdentities/assign/action” on ${forgotten?.scope}`,
    );
    expect(others).toEqual([]);
    const found = (await doctor()).findings.filter(({ severity }) => severity === 'stops');
    expect(found.map(({ why }) => why)).toEqual([
      `goldbot’s identity lacks “Microsoft.ManagedIdentity/userAssignedIdentities/assign/action” on ${forgotten?.scope}.`,
    ]);
  });

  it('stays as it is when it is deployed again', async () => {
    await enforce(world.sandbox, false);
    const before = await shown();
    await deploy(world.sandbox, all);
    expect(timeless(await shown())).toEqual(timeless(before));
    await enforce(world.sandbox);
  });

  it('gives groups the roles that were made for them, shares the gallery, and takes both back', async () => {
    const creator = deployed.made.find(({ properties }) => properties?.['roleName'] === imageRoles.create.name);
    const asked = { right: 'create', role: { id: creator?.name ?? '', name: imageRoles.create.name } } as const;
    for (const plan of [
      ...[accessPlan('grant', asked), accessPlan('grant'), accessPlan('ungrant', asked)],
      ...[sharePlan('share'), sharePlan('unshare')],
    ]) {
      expect([plan.verb, (await changed(plan)).data.ending]).toMatchObject([plan.verb, { how: 'done' }]);
    }
    expect(refused()).toEqual([]);
  });

  it('lets goldbot give a group no other role', async () => {
    const { gallery, group } = accessPlan('grant');
    const owner = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
    const write = world.azure.write({ leftMs: () => 60_000 });
    const giving = write.assignImageRole(gallery, randomUUID(), { role: owner, group: group.id, why: 'by mistake' });
    await expect(giving).rejects.toMatchObject({ code: 'AZ_FORBIDDEN' });
  });

  /** Azure dates what is put again, whether or not it changes. */
  const timeless = (all: unknown) =>
    JSON.parse(JSON.stringify(all, (name, value) => (name === 'updatedOn' ? undefined : value)));

  async function shown(): Promise<unknown> {
    const found = deployed.made.filter(({ type }) => !type.endsWith('/roleAssignments') && !type.includes('policy'));
    return Promise.all(
      found.map(
        async ({ id, apiVersion }) => (await ask(world.sandbox, 'GET', `${id}?api-version=${apiVersion}`)).body,
      ),
    );
  }

  async function changed(plan: ChangePlan): Promise<ChangeRun> {
    const request = { kind: 'change', subject: changeSubject(plan) + randomUUID(), plan, person: people.ada } as const;
    const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
    return world.endOfChange(run.id);
  }

  /** A team's machine, made by the team from the golden version. */
  async function makeMachine(sandbox: Sandbox): Promise<void> {
    const group = resourceGroupId({ subscription: teamSubscriptions[0], resourceGroup: 'rg-payments' });
    const version = (await world.versions()).get('1.0.0');
    const vnet = `${group}/providers/Microsoft.Network/virtualNetworks/vnet-payments`;
    const subnet = { id: `${vnet}/subnets/vms` };
    const configuration = { name: 'nic', properties: { ipConfigurations: [{ name: 'ip', properties: { subnet } }] } };
    const steps: readonly (readonly [string, object])[] = [
      [`${group}?api-version=2025-04-01`, { location: 'westeurope' }],
      [
        `${vnet}?api-version=2024-07-01`,
        {
          location: 'westeurope',
          properties: {
            addressSpace: { addressPrefixes: ['10.9.0.0/24'] },
            subnets: [{ name: 'vms', properties: { addressPrefix: '10.9.0.0/25' } }],
          },
        },
      ],
      [
        `${api}?api-version=2024-07-01`,
        {
          location: 'westeurope',
          tags: { team: 'payments', 'service-model': 'cattle' },
          properties: {
            hardwareProfile: { vmSize: 'Standard_D2s_v5' },
            securityProfile: {
              securityType: 'TrustedLaunch',
              uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
            },
            storageProfile: { imageReference: { id: version?.id }, osDisk: { createOption: 'FromImage' } },
            osProfile: { computerName: 'vm-payments-1', adminUsername: 'web', adminPassword: 'for-a-test-Alone-1' },
            networkProfile: { networkApiVersion: '2022-11-01', networkInterfaceConfigurations: [configuration] },
          },
        },
      ],
    ];
    for (const [url, body] of steps) {
      const { status, body: answer } = await ask(sandbox, 'PUT', url, body);
      if (status >= 300) throw new Error(`${url}: ${status} ${JSON.stringify(answer)}`);
    }
  }
});
