import { readFileSync } from 'node:fs';
import { parseAzureId, sameId } from '../../core/azure-id';
import type { Catalogue } from '../../core/catalogue';
import type { PublishRun } from '../../core/runs';
import { principalIdOf } from '../../sandbox/azure/identity';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { committed, parameterSets } from '../../tools/bicep/project';
import { ask } from '../sandbox/client';
import type { AzureWorld } from '../support/azure-world';
import {
  catalogueOf,
  type Deployed,
  deployedWorld,
  examinedIn,
  type Foretold,
  foretold,
  identityIn,
  refusedIn,
} from './deployed';

/** Parameter files of people who have a gallery, networks, a registry and a workspace already. */

const sets = parameterSets().filter(({ name }) => name === 'bring-your-own');

/** Ids that a parameter file names. */
const broughtBy = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/'(\/subscriptions\/[^']+)'/g)].map(([, id = '']) => id);

const isWithin = (id: string, brought: string): boolean => `${id.toLowerCase()}/`.includes(`${brought.toLowerCase()}/`);

it.each(sets.map((set) => [`${set.layer}.${set.name}`, set] as const))(
  'nothing of what %s names is made or changed: roles on it are given, and that is all',
  (_name, set) => {
    const brought = broughtBy(set.file);
    expect(brought.length).toBeGreaterThan(5);
    const touched = committed(set).predictedResources.filter(({ id }) =>
      brought.some((one) => isWithin(id.replaceAll("'", '/'), one)),
    );
    expect(new Set(touched.map(({ type }) => type))).toEqual(
      new Set(set.layer === 'platform' ? ['Microsoft.Authorization/roleAssignments'] : []),
    );
  },
);

describe('a tenant with a gallery and a network of its own, to which the platform was deployed', () => {
  const [file = ''] = sets.filter(({ layer }) => layer === 'platform').map((set) => set.file);
  const brought = broughtBy(file);
  const gallery = brought.find((id) => parseAzureId(id)?.isA('Microsoft.Compute/galleries')) ?? '';
  const subnet = (name: string) => brought.find((id) => id.endsWith(`/subnets/${name}`)) ?? '';
  const network = subnet('tests').replace(/\/subnets\/tests$/, '');
  const platform = foretold('platform.bring-your-own');
  const goldbot = principalIdOf(identityIn(platform));
  // The identity's object id is what `az` says; the parameter file has an example.
  const above = foretold('management-group.main').map(
    (one): Foretold => ({
      ...one,
      properties: { ...one.properties, principalId: goldbot },
    }),
  );
  const vault = platform.find(({ type }) => type === 'Microsoft.KeyVault/vaults')?.name ?? '';
  const catalogue = inGallery(catalogueOf({ network }, vault));

  let world: AzureWorld;
  let deployed: Deployed;
  let before: unknown;
  let published: PublishRun;

  beforeAll(async () => {
    ({ world, deployed } = await deployedWorld({
      resources: [...platform, ...above],
      catalogue,
      before: async (sandbox) => {
        await bring(sandbox);
        before = await shown(sandbox);
      },
    }));
    const { id } = await world.publish();
    await world.approve(id);
    await world.end(id);
    published = await world.run(id);
  }, 60_000);
  afterAll(() => world.close());

  it('has what was there as it was', async () => {
    expect(deployed.made.length).toBeGreaterThan(20);
    const { sandbox } = world;
    await ask(sandbox, 'POST', '/_sandbox/rbac', { enforce: false });
    expect(await shown(sandbox)).toEqual(before);
    await ask(sandbox, 'POST', '/_sandbox/rbac', { enforce: true });
  });

  it('has a first version in that gallery, built and tested in that network, and the doctor has nothing to mend', async () => {
    expect(published).toMatchObject({ outcome: 'published', subject: 'ubuntu-22' });
    expect(published.data.seen).toBeUndefined();
    const [version] = (await world.versions()).values();
    expect(version?.id.startsWith(`${gallery}/images/`)).toBe(true);
    const { findings, waiting } = await examinedIn(world, catalogue);
    expect(findings.map(({ severity, why }) => `${severity}: ${why}`)).toEqual([
      'warns: goldbot sees no machine of any team.',
    ]);
    expect(waiting).toEqual([]);
    expect(refusedIn(world)).toEqual([]);
  });

  function inGallery(of: Catalogue): Catalogue {
    const { subscription = '', resourceGroup = '', name = '' } = parseAzureId(gallery) ?? {};
    const test = { ...of.azure.test, subnetId: subnet('tests') };
    return { ...of, azure: { ...of.azure, gallery: { subscription, resourceGroup, name }, test } };
  }

  async function bring(sandbox: Sandbox): Promise<void> {
    const location = 'westeurope';
    const groupOf = (id: string) => id.split('/').slice(0, 5).join('/');
    const containers = [{ name: 'aci', properties: { serviceName: 'Microsoft.ContainerInstance/containerGroups' } }];
    const subnets = ['tests', 'builds', 'containers'].map((name, n) => ({
      name,
      properties: {
        addressPrefix: `10.9.${n}.0/24`,
        privateLinkServiceNetworkPolicies: 'Disabled',
        ...(name === 'containers' && { delegations: containers }),
      },
    }));
    const image = catalogue.images[0]?.imageDefinition ?? '';
    const definition = foretold('platform.private').find(
      ({ type, name }) => type.endsWith('/galleries/images') && name.endsWith(`/${image}`),
    );
    const steps: readonly (readonly [string, object])[] = [
      ...[...new Set(brought.map(groupOf))].map((id) => [`${id}?api-version=2025-04-01`, { location }] as const),
      [`${gallery}?api-version=2024-03-03`, { location, properties: {} }],
      [`${gallery}/images/${image}?api-version=2024-03-03`, { location, properties: definition?.properties }],
      [
        `${network}?api-version=2024-07-01`,
        { location, properties: { addressSpace: { addressPrefixes: ['10.9.0.0/16'] }, subnets } },
      ],
    ];
    for (const [url, body] of steps) {
      const { status, body: answer } = await ask(sandbox, 'PUT', url, body);
      if (status >= 300) throw new Error(`${url}: ${status} ${JSON.stringify(answer)}`);
    }
  }

  /** As Azure shows it, but for what is in the gallery: that goldbot makes. */
  async function shown(sandbox: Sandbox): Promise<unknown> {
    const found = [
      `${gallery}?api-version=2024-03-03`,
      `${gallery}/images?api-version=2024-03-03`,
      `${network}?api-version=2024-07-01`,
    ];
    return Promise.all(found.map(async (url) => (await ask(sandbox, 'GET', url)).body));
  }

  it('gives Image Builder and goldbot their roles on the gallery that was there', () => {
    const on = deployed.made.filter(({ id, type }) => type.endsWith('/roleAssignments') && isWithin(id, gallery));
    const whose = (principal: string) =>
      on.filter(({ properties }) => sameId(String(properties?.['principalId']), principal));
    expect(whose(goldbot).length).toBeGreaterThan(1);
    expect(whose(principalIdOf(catalogue.azure.identity))).toHaveLength(1);
  });
});
