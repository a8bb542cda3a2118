import { addAzureFace } from '../../sandbox/azure';
import { versionRef } from '../../sandbox/azure/estate/images';
import { testSubnet } from '../../sandbox/azure/names';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { ask } from './client';
import { deploy, open, parts, rg, run, start, testVm, vmUrl } from './vm-world';

describe('virtual machines', () => {
  it('are deployed from a gallery version, with its tattoo inside and its exact version on the outside', async () => {
    const opened = open();

    const vm = await deploy(opened);
    const result = await run(opened, 'cat /etc/goldbot/tattoo');

    expect(vm).toMatchObject({ provisioningState: 'Succeeded', tags: { 'goldbot-run': 'R-7F3KQ' } });
    expect(vm.storageProfile?.imageReference).toMatchObject({
      id: versionRef('ubuntu-22', '1.5.0'),
      exactVersion: '1.5.0',
    });
    expect(vm.osProfile?.adminPassword).toBeUndefined();
    expect(vm.timeCreated?.getTime()).toBe(start);
    expect(result.instanceView).toMatchObject({ exitCode: 0, executionState: 'Succeeded', error: '' });
    expect(result.instanceView?.output).toContain('image=ubuntu-22\nversion=1.5.0\n');
  });

  it('take the latest version that is not excluded when they name the definition', async () => {
    const opened = open();
    const storageProfile = {
      ...testVm().storageProfile,
      imageReference: { id: versionRef('ubuntu-22', '1.5.0').replace(/\/versions.*/, '') },
    };

    const before = await deploy(opened, 'vm-test', testVm({ storageProfile }));
    const url = `${versionRef('ubuntu-22', '1.5.0')}?api-version=2025-03-03`;
    await ask(opened.sandbox, 'PATCH', url, { properties: { publishingProfile: { excludeFromLatest: true } } });
    opened.world.clock.advance(10);
    const after = await deploy(opened, 'vm-test-2', testVm({ storageProfile }));

    expect(before.storageProfile?.imageReference?.exactVersion).toBe('1.5.0');
    expect(after.storageProfile?.imageReference?.exactVersion).toBe('1.4.1');
  });

  it('keep the login that they were made with, whoever sends them again', async () => {
    const opened = open();
    const { virtualMachines } = opened.client;
    const linux = (keyData: string) => ({
      linuxConfiguration: {
        disablePasswordAuthentication: true,
        ssh: { publicKeys: [{ path: '/home/goldbot/.ssh/authorized_keys', keyData }] },
      },
    });
    const again = (osProfile: object) =>
      virtualMachines.createOrUpdate(rg, 'vm-test', testVm({ osProfile: { ...names, ...osProfile } })).submitted();
    const names = { computerName: 'test', adminUsername: 'goldbot' };
    await deploy(
      opened,
      'vm-test',
      testVm({ osProfile: { ...names, ...linux('ssh-rsa AAAA one'), customData: 'eDE=' } }),
    );

    await again({ ...linux('ssh-rsa AAAA one'), customData: 'eDE=' });
    opened.world.clock.advance(1);

    for (const [changed, target] of [
      [linux('ssh-rsa AAAA two'), 'linuxConfiguration.ssh.publicKeys'],
      [
        { linuxConfiguration: { disablePasswordAuthentication: false } },
        'linuxConfiguration.disablePasswordAuthentication',
      ],
      [{ ...linux('ssh-rsa AAAA one'), customData: 'eDI=' }, 'customData'],
      [{ ...linux('ssh-rsa AAAA one'), adminPassword: 'Correct-Horse-8-Battery' }, 'adminPassword'],
    ] as const) {
      await expect(again(changed)).rejects.toMatchObject({
        statusCode: 409,
        code: 'PropertyChangeNotAllowed',
        message: `Changing property '${target}' is not allowed.`,
      });
    }
  });

  it('have a disk that remembers the gallery version it came from', async () => {
    const opened = open();
    const vm = await deploy(opened);
    const disk = vm.storageProfile?.osDisk?.name ?? '';

    const found = await opened.client.disks.get(rg, disk);

    expect(found.creationData?.galleryImageReference?.id).toBe(versionRef('ubuntu-22', '1.5.0'));
    expect(found).toMatchObject({ managedBy: vm.id, diskState: 'Attached', diskSizeGB: 30 });
  });

  it('are Creating until their agent answers, and say then what runs inside', async () => {
    const opened = open();
    const poller = opened.client.virtualMachines.createOrUpdate(rg, 'vm-test', testVm());
    await poller.submitted();

    const creating = await opened.client.virtualMachines.get(rg, 'vm-test', { expand: 'instanceView' });
    opened.world.clock.advance(3);
    await poller;
    const ready = await opened.client.virtualMachines.get(rg, 'vm-test', { expand: 'instanceView' });

    expect(creating.provisioningState).toBe('Creating');
    expect(creating.instanceView?.vmAgent).toBeUndefined();
    expect(ready.instanceView).toMatchObject({ osName: 'ubuntu', osVersion: '22.04' });
    expect(ready.instanceView?.statuses?.map((s) => s.code)).toEqual([
      'ProvisioningState/succeeded',
      'PowerState/running',
    ]);
  });

  it('take their disk and network card along when they are deleted, as their delete options say', async () => {
    const opened = open();
    await deploy(opened);
    const deployed = parts(opened.world);
    const poller = opened.client.virtualMachines.delete(rg, 'vm-test');
    await poller.submitted();
    const state = (await opened.client.virtualMachines.get(rg, 'vm-test')).provisioningState;
    opened.world.clock.advance(1);
    await poller;

    expect(deployed).toEqual([
      'Microsoft.Compute/disks',
      'Microsoft.Compute/virtualMachines',
      'Microsoft.Network/networkInterfaces',
    ]);
    expect(state).toBe('Deleting');
    expect(parts(opened.world)).toEqual([]);
    await expect(opened.client.virtualMachines.get(rg, 'vm-test')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
    await expect(opened.client.virtualMachines.delete(rg, 'vm-test')).resolves.toBeUndefined();
  });

  it('leave disk and network card behind by default', async () => {
    const opened = open();
    const vm = testVm();
    delete vm.storageProfile?.osDisk?.deleteOption;
    delete vm.networkProfile?.networkInterfaceConfigurations?.[0]?.deleteOption;
    await deploy(opened, 'vm-test', vm);
    const poller = opened.client.virtualMachines.delete(rg, 'vm-test');
    await poller.submitted();
    opened.world.clock.advance(1);
    await poller;

    expect(parts(opened.world)).toEqual(['Microsoft.Compute/disks', 'Microsoft.Network/networkInterfaces']);
  });

  it.each([
    [
      'a subnet that does not exist',
      {
        networkProfile: {
          networkApiVersion: '2020-11-01',
          networkInterfaceConfigurations: [
            { name: 'n', ipConfigurations: [{ name: 'i', subnet: { id: `${testSubnet}x` } }] },
          ],
        },
      },
      400,
      'InvalidResourceReference',
    ],
    ['a size that does not exist', { hardwareProfile: { vmSize: 'Standard_Z99' } }, 400, 'InvalidParameter'],
    [
      'a version that does not exist',
      { storageProfile: { imageReference: { id: versionRef('ubuntu-22', '9.9.9') } } },
      404,
      'GalleryImageNotFound',
    ],
    ['a region without replicas', { location: 'japaneast' }, 404, 'GalleryImageNotFound'],
    ['a region that does not exist', { location: 'atlantis' }, 400, 'LocationNotAvailableForResourceType'],
    ['no way to log in', { osProfile: { computerName: 'x', adminUsername: 'goldbot' } }, 400, 'InvalidParameter'],
    [
      'a marketplace image that does not exist',
      { storageProfile: { imageReference: { publisher: 'Canonical', offer: 'x', sku: 'y', version: 'latest' } } },
      404,
      'PlatformImageNotFound',
    ],
  ] as const)('are refused with %s', async (_, change, statusCode, code) => {
    const { client } = open();

    await expect(client.virtualMachines.createOrUpdate(rg, 'vm-test', testVm(change as never))).rejects.toMatchObject({
      statusCode,
      code,
    });
  });

  it('can be made in a region only once the version has its replicas there', async () => {
    const opened = open();
    const url = `${versionRef('ubuntu-22', '1.5.0')}?api-version=2025-03-03`;
    const regions = ['westeurope', 'northeurope', 'eastus', 'uksouth'];
    const targetRegions = regions.map((name) => ({ name, regionalReplicaCount: 2 }));
    await ask(opened.sandbox, 'PATCH', url, { properties: { publishingProfile: { targetRegions } } });
    const inUk = testVm({ location: 'uksouth' });

    const early = opened.client.virtualMachines.createOrUpdate(rg, 'vm-test', inUk);
    await expect(early).rejects.toMatchObject({ code: 'GalleryImageNotFound' });
    opened.world.clock.advance(10);

    expect((await deploy(opened, 'vm-test', inUk)).provisioningState).toBe('Succeeded');
  });

  it('fail to provision when a fault says so, and stay until they are deleted', async () => {
    const opened = open();
    opened.sandbox.faults.add({ match: { face: 'azure', method: 'PUT', url: 'virtualMachines/' }, lro: 'failed' });

    await expect(deploy(opened)).rejects.toMatchObject({
      message: expect.stringContaining('did not finish in the allotted time'),
    });

    expect((await opened.client.virtualMachines.get(rg, 'vm-test')).provisioningState).toBe('Failed');
  });

  it('are Creating for ever when a fault says never, and can be deleted all the same', async () => {
    const opened = open();
    opened.sandbox.faults.add({ match: { face: 'azure', method: 'PUT', url: 'virtualMachines/' }, lro: 'never' });
    await opened.client.virtualMachines.createOrUpdate(rg, 'vm-test', testVm()).submitted();
    opened.world.clock.advance(600);
    const state = (await opened.client.virtualMachines.get(rg, 'vm-test')).provisioningState;
    const poller = opened.client.virtualMachines.delete(rg, 'vm-test');
    await poller.submitted();
    opened.world.clock.advance(1);
    await poller;

    expect(state).toBe('Creating');
    expect(parts(opened.world)).toEqual([]);
  });

  it('go on over a restart of the sandbox', async () => {
    const opened = open();
    await opened.client.virtualMachines.createOrUpdate(rg, 'vm-test', testVm()).submitted();
    const saved = JSON.parse(JSON.stringify((opened.world as unknown as { saved: object }).saved)) as object;
    const world = new World({ startMs: start + 10 * 60_000, speed: 0 });
    Object.assign((world as unknown as { saved: object }).saved, saved);
    const sandbox = new Sandbox(world);
    addAzureFace(sandbox);

    const answer = await ask(sandbox, 'GET', `${vmUrl('vm-test')}?api-version=2026-03-01`);

    expect(answer).toMatchObject({ status: 200, body: { properties: { provisioningState: 'Succeeded' } } });
  });
});

type Opened = ReturnType<typeof open>;

async function conditions({ sandbox }: Opened, body: object): Promise<void> {
  expect((await ask(sandbox, 'POST', '/_sandbox/conditions', body)).status).toBe(200);
}

const sized = (vmSize: string, location = 'westeurope') => testVm({ hardwareProfile: { vmSize }, location });

describe('cores', () => {
  it('are plenty by default', async () => {
    const opened = open();

    const vm = await deploy(opened, 'vm-test', sized('Standard_D96s_v5'));

    expect(vm.provisioningState).toBe('Succeeded');
  });

  it('of a region are counted over all sizes, and one VM too many is refused in Azure’s words', async () => {
    const opened = open();
    await deploy(opened, 'first', sized('Standard_D8s_v5', 'northeurope'));
    await conditions(opened, { quota: [{ location: 'North Europe', cores: 10 }] });
    await deploy(opened, 'second', sized('Standard_D2s_v3', 'northeurope'));

    const refused = opened.client.virtualMachines.createOrUpdate(rg, 'third', sized('Standard_B2s', 'northeurope'));

    await expect(refused).rejects.toMatchObject({
      statusCode: 409,
      code: 'OperationNotAllowed',
      message: expect.stringContaining(
        'Operation could not be completed as it results in exceeding approved Total Regional Cores quota. Additional details - Deployment Model: Resource Manager, Location: northeurope, Current Limit: 10, Current Usage: 10, Additional Required: 2, (Minimum) New Limit Required: 12.',
      ),
    });
    expect((await deploy(opened, 'elsewhere')).provisioningState).toBe('Succeeded');
  });

  it('of one family are counted apart from the others', async () => {
    const opened = open();
    await conditions(opened, { quota: [{ location: 'northeurope', family: 'standardDSv5Family', cores: 4 }] });
    await deploy(opened, 'first', sized('Standard_D4s_v5', 'northeurope'));

    const refused = opened.client.virtualMachines.createOrUpdate(rg, 'second', sized('Standard_D2s_v5', 'northeurope'));

    await expect(refused).rejects.toMatchObject({
      message: expect.stringContaining('exceeding approved standardDSv5Family Cores quota'),
    });
    expect((await deploy(opened, 'third', sized('Standard_E8s_v5', 'northeurope'))).provisioningState).toBe(
      'Succeeded',
    );
  });

  it('of a VM are free again when it is deleted, and a resize needs only the difference', async () => {
    const opened = open();
    await deploy(opened, 'vm-test', sized('Standard_D8s_v5', 'northeurope'));
    await conditions(opened, { quota: [{ location: 'northeurope', cores: 16 }] });
    const resize = (vmSize: string) =>
      opened.client.virtualMachines.update(rg, 'vm-test', { hardwareProfile: { vmSize } }).submitted();

    await expect(resize('Standard_D32s_v5')).rejects.toMatchObject({
      message: expect.stringContaining('Current Limit: 16, Current Usage: 8, Additional Required: 24'),
    });
    await resize('Standard_D16s_v5');
    const poller = opened.client.virtualMachines.delete(rg, 'vm-test');
    await poller.submitted();
    opened.world.clock.advance(2);
    await poller;

    const vm = await deploy(opened, 'next', sized('Standard_D16s_v5', 'northeurope'));
    expect(vm.provisioningState).toBe('Succeeded');
  });
});

describe('a VM size', () => {
  it('that has run out in a region is refused there as not available', async () => {
    const opened = open();
    await conditions(opened, { sizes: [{ location: 'westeurope', size: 'Standard_D2s_v5', offered: false }] });

    await expect(opened.client.virtualMachines.createOrUpdate(rg, 'vm-test', testVm())).rejects.toMatchObject({
      statusCode: 409,
      code: 'SkuNotAvailable',
      message: expect.stringContaining("is currently not available in location 'westeurope'"),
    });
    expect((await deploy(opened, 'north', sized('Standard_D2s_v5', 'northeurope'))).provisioningState).toBe(
      'Succeeded',
    );
    await conditions(opened, { sizes: [{ location: 'westeurope', size: 'Standard_D2s_v5', offered: true }] });
    expect((await deploy(opened)).provisioningState).toBe('Succeeded');
  });
});
