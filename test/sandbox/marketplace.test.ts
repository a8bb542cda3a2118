import { ComputeManagementClient } from '@azure/arm-compute';
import { marketplaceRoutes } from '../../sandbox/azure/marketplace/routes';
import { platformSubscription } from '../../sandbox/azure/names';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { ask, fakeCredential, sandboxHttpClient } from './client';
import { get, imageBuilder, put, template } from './image-builder-world';
import { deploy, open as openVms, rg, testVm } from './vm-world';

const jammy = ['Canonical', '0001-com-ubuntu-server-jammy', '22_04-lts-gen2'] as const;

function marketplace(start = '2026-11-22T12:00:00Z') {
  const world = new World({ startMs: Date.parse(start), speed: 0 });
  const sandbox = new Sandbox(world);
  sandbox.add('azure', marketplaceRoutes(world));
  const client = new ComputeManagementClient(fakeCredential, platformSubscription, {
    httpClient: sandboxHttpClient(sandbox),
  });
  return { world, sandbox, images: client.virtualMachineImages };
}

describe('a deprecated image', () => {
  const reference = { publisher: jammy[0], offer: jammy[1], sku: jammy[2] };
  const vmOf = (version: string) => {
    const vm = testVm();
    return { ...vm, storageProfile: { ...vm.storageProfile, imageReference: { ...reference, version } } };
  };

  it('makes no new VM, and its product makes them of the newest that is left', async () => {
    const azure = openVms();
    const made = azure.client.virtualMachines.createOrUpdate(rg, 'vm-old', vmOf('22.04.202602050'));
    await expect(made.submitted()).rejects.toMatchObject({
      statusCode: 404,
      code: 'ImageVersionDeprecated',
      message: `The platform image 'Canonical:${jammy[1]}:${jammy[2]}:22.04.202602050' is deprecated.`,
    });
    expect(await deploy(azure, 'vm-new', vmOf('latest'))).toMatchObject({
      storageProfile: { imageReference: { exactVersion: '22.04.202611120' } },
    });
  });

  it('makes no image template: it fails to provision', async () => {
    const azure = imageBuilder();
    const source = { type: 'PlatformImage', ...reference, version: '22.04.202602050' };
    await put(azure, 't1', template({ properties: { source } }));
    azure.world.clock.advance(1);
    expect((await get(azure, 't1')).body.properties).toMatchObject({
      provisioningState: 'Failed',
      provisioningError: { provisioningErrorCode: 'BadPIRSource' },
    });
  });
});

describe('the marketplace', () => {
  it('carries what platform teams build from, under its real names', async () => {
    const { images } = marketplace();
    const publishers = (await images.listPublishers('westeurope')).map((p) => p.name);
    expect(publishers).toEqual(['Canonical', 'MicrosoftWindowsServer', 'center-for-internet-security-inc']);
    expect((await images.listOffers('westeurope', 'Canonical')).map((o) => o.name)).toContain('ubuntu-24_04-lts');
    const skus = await images.listSkus('westeurope', 'MicrosoftWindowsServer', 'WindowsServer');
    expect(skus.map((s) => s.name)).toEqual(
      expect.arrayContaining(['2022-datacenter-azure-edition', '2025-datacenter-g2']),
    );
  });

  it('lists the newest version first when asked to, and tells about it', async () => {
    const { images } = marketplace();
    const [newest] = await images.list('westeurope', ...jammy, { top: 1, orderby: 'name desc' });
    expect(newest?.name).toBe('22.04.202611120');
    const image = await images.get('westeurope', ...jammy, '22.04.202611120');
    expect(image.hyperVGeneration).toBe('V2');
    expect(image.osDiskImage?.operatingSystem).toBe('Linux');
    expect(image.imageDeprecationStatus).toEqual({ imageState: 'Active' });
  });

  it('gains versions as time passes, and lets old ones go', async () => {
    const { world, images } = marketplace();
    const names = async () => (await images.list('westeurope', ...jammy)).map((v) => v.name);
    const before = await names();
    world.clock.advance(14 * 24 * 60);
    const after = await names();
    expect(after.at(-1)).toBe('22.04.202611260');
    expect(before).not.toContain(after.at(-1));
    world.clock.advance(400 * 24 * 60);
    await expect(images.get('westeurope', ...jammy, '22.04.202611120')).rejects.toMatchObject({
      statusCode: 404,
      code: 'NotFound',
    });
  });

  it('announces the end of a version, then hides it and says that it is deprecated', async () => {
    const { world, images } = marketplace();
    const [version, days] = ['22.04.202611120', (n: number) => n * 24 * 60];
    world.clock.advance(days(200));
    const { imageDeprecationStatus } = await images.get('westeurope', ...jammy, version);
    expect(imageDeprecationStatus).toEqual({
      imageState: 'ScheduledForDeprecation',
      scheduledDeprecationTime: new Date('2027-08-09T06:00:00Z'),
    });
    world.clock.advance(days(100));
    expect((await images.list('westeurope', ...jammy)).map((v) => v.name)).not.toContain(version);
    await expect(images.get('westeurope', ...jammy, version)).rejects.toMatchObject({
      statusCode: 404,
      code: 'ImageVersionDeprecated',
      message: `VM Image from publisher: Canonical with - Offer: ${jammy[1]}, Sku: ${jammy[2]}, Version: ${version} is deprecated.`,
    });
  });

  it.each([
    ['Offer', 'ubuntu-24_04-lts', ['Canonical', '0001-com-ubuntu-server-focal', '20_04-lts-gen2'], 0],
    ['Plan', '2019-datacenter-gensecond', ['MicrosoftWindowsServer', 'WindowsServer', '2019-Datacenter'], 200],
  ] as const)('names another %s instead, by its name alone', async (type, value, [publisher, offer, sku], days) => {
    const { world, images } = marketplace();
    const newest = (await images.list('westeurope', publisher, offer, sku)).at(-1)?.name ?? '';
    world.clock.advance(days * 24 * 60);
    const { imageDeprecationStatus } = await images.get('westeurope', publisher, offer, sku, newest);
    expect(imageDeprecationStatus).toMatchObject({
      imageState: 'ScheduledForDeprecation',
      alternativeOption: { type, value },
    });
  });

  it.each([
    ['publisher', ['Canonicol', jammy[1], jammy[2]]],
    ['offer', [jammy[0], 'ubuntu', jammy[2]]],
    ['sku', [jammy[0], jammy[1], '22_10']],
  ] as const)('does not find an unknown %s', async (_, [publisher, offer, sku]) => {
    const { images } = marketplace();
    const refusal = { statusCode: 404, code: 'NotFound', message: 'Artifact: VMImage was not found.' };
    await expect(images.list('westeurope', publisher, offer, sku)).rejects.toMatchObject(refusal);
  });

  it('compares names without regard to case', async () => {
    const { sandbox } = marketplace();
    const path = `/subscriptions/${platformSubscription}/providers/microsoft.compute/Locations/westeurope/publishers/canonical/artifacttypes/VMImage/offers/${jammy[1]}/skus/${jammy[2].toUpperCase()}/versions?api-version=2024-07-01`;
    expect((await ask(sandbox, 'GET', path)).status).toBe(200);
  });
});
