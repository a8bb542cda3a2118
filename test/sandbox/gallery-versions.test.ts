import { versionRef } from '../../sandbox/azure/estate/images';
import type { SandboxResponse } from '../../sandbox/kernel/types';
import { ask } from './client';
import { build, gallery, open, rg, url } from './gallery-world';
import { deploy, testVm, rg as vmGroup, vmUrl } from './vm-world';

type Opened = ReturnType<typeof open>;

const path = '/images/ubuntu-22/versions/2.0.0';
const current = '/images/ubuntu-22/versions/1.5.0';
const source = { id: versionRef('ubuntu-22', '1.5.0') };

async function put({ sandbox, world }: Opened, properties: object, at = path, minutes = 10): Promise<SandboxResponse> {
  const answer = await ask(sandbox, 'PUT', url(at), { location: 'westeurope', properties });
  world.clock.advance(minutes);
  return answer;
}

async function version({ sandbox }: Opened, at = path) {
  const answer = await ask(sandbox, 'GET', url(at));
  return (answer.body as { properties: Record<string, Record<string, unknown>> }).properties;
}

const error = (answer: SandboxResponse) => (answer.body as { error: { code: string; message: string } }).error;

async function resting(opened: Opened, generalize: boolean): Promise<string> {
  const { client, world } = opened;
  await deploy({ ...opened, clientOf: () => client });
  const poller = client.virtualMachines.deallocate(vmGroup, 'vm-test');
  await poller.submitted();
  world.clock.advance(1);
  await poller;
  if (generalize) await client.virtualMachines.generalize(vmGroup, 'vm-test');
  return vmUrl('vm-test');
}

describe('a new version', () => {
  it('shows the source at once, its disks when it is there, and every default', async () => {
    const opened = open();

    const created = await put(opened, { storageProfile: { source } });

    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ location: 'westeurope', tags: {} });
    expect((created.body as { properties: object }).properties).toEqual({
      publishingProfile: {
        targetRegions: [{ name: 'West Europe', regionalReplicaCount: 1, storageAccountType: 'Standard_LRS' }],
        replicaCount: 1,
        excludeFromLatest: false,
        publishedDate: '2026-11-23T09:00:00.000Z',
        storageAccountType: 'Standard_LRS',
      },
      storageProfile: { source },
      safetyProfile: { reportedForPolicyViolation: false, allowDeletionOfReplicatedLocations: false },
      provisioningState: 'Creating',
    });
    expect((await version(opened))['storageProfile']).toEqual({
      source,
      osDiskImage: { sizeInGB: 30, hostCaching: 'ReadWrite', source: {} },
    });
  });

  it('passes through what Azure only keeps', async () => {
    const opened = open();
    const diskEncryptionSetId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/diskEncryptionSets/d';
    const securityProfile = { uefiSettings: { signatureTemplateNames: ['MicrosoftWindowsTemplate'] } };
    const encryption = { osDiskImage: { diskEncryptionSetId } };
    const targetRegions = [{ name: 'westeurope', encryption, excludeFromLatest: true }];
    const publishingProfile = { targetRegions, endOfLifeDate: null, replicationMode: 'Shallow' };
    await put(opened, { storageProfile: { source }, publishingProfile, securityProfile });

    const shown = await version(opened);

    expect(shown['securityProfile']).toEqual(securityProfile);
    expect(shown['publishingProfile']).toMatchObject({
      replicationMode: 'Shallow',
      targetRegions: [
        { excludeFromLatest: true, encryption: { osDiskImage: { securityProfile: {}, diskEncryptionSetId } } },
      ],
    });
    expect(shown['publishingProfile']).not.toHaveProperty('endOfLifeDate');
  });

  it('cannot say of itself that it was reported', async () => {
    const opened = open();
    await put(opened, { storageProfile: { source }, safetyProfile: { reportedForPolicyViolation: true } });

    expect((await version(opened))['safetyProfile']).toMatchObject({ reportedForPolicyViolation: false });
  });

  it.each([
    ['no source', {}, 400, 'InvalidParameter', 'One and only one source type'],
    [
      'two sources',
      { source, osDiskImage: { source: { uri: 'https://a.blob.core.windows.net/v/os.vhd' } } },
      400,
      'InvalidParameter',
      'One and only one source type',
    ],
    [
      'a VM that is not there',
      { source: { virtualMachineId: vmUrl('nobody') } },
      404,
      'NotFound',
      'Source was not found',
    ],
    [
      'a snapshot that is not there',
      { osDiskImage: { source: { id: vmUrl('x').replace('virtualMachines', 'snapshots') } } },
      404,
      'NotFound',
      'Source was not found',
    ],
    [
      'a disk source of another type',
      { osDiskImage: { source: { id: vmUrl('x') } } },
      400,
      'InvalidParameter',
      'must be a managed disk or snapshot',
    ],
    [
      'Windows for Linux',
      { source: { id: versionRef('windows-2022', '1.2.0') } },
      400,
      'BadRequest',
      "has a different OS type ['Windows'] than the parent gallery image OS type generation ['Linux']",
    ],
  ])('is refused of %s', async (_, storageProfile, status, code, words) => {
    const answer = await put(open(), { storageProfile });

    expect(answer.status).toBe(status);
    expect(error(answer)).toMatchObject({ code, message: expect.stringContaining(words) });
  });

  it('is refused of a source that has no replica in its region', async () => {
    const { sandbox } = open();
    const properties = { storageProfile: { source } };

    const answer = await ask(sandbox, 'PUT', url(path), { location: 'japaneast', properties });

    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'NotFound' } } });
  });

  it('comes of a generalized VM, and not of one that is not', async () => {
    const opened = open();
    const refused = await put(opened, {
      storageProfile: { source: { virtualMachineId: await resting(opened, false) } },
    });
    await opened.client.virtualMachines.generalize(vmGroup, 'vm-test');
    const created = await put(opened, { storageProfile: { source: { virtualMachineId: vmUrl('vm-test') } } });
    const imageReference = { id: versionRef('ubuntu-22', '2.0.0') };
    const vm = testVm({ storageProfile: { ...testVm().storageProfile, imageReference } });
    const copy = await deploy({ ...opened, clientOf: () => opened.client }, 'copy', vm);

    expect(refused.status).toBe(400);
    expect(error(refused).message).toContain(
      "has a different OS state ['Specialized'] than the parent gallery image OS state ['Generalized']",
    );
    expect(created.status).toBe(201);
    expect(copy.provisioningState).toBe('Succeeded');
  });

  it('comes of disks and of VHDs, which it shows from the beginning', async () => {
    const opened = open();
    await resting(opened, false);
    const vm = await opened.client.virtualMachines.get(vmGroup, 'vm-test');
    const id = vm.storageProfile?.osDisk?.managedDisk?.id ?? '';
    const uri = 'https://contoso.blob.core.windows.net/vhds/data.vhd';
    const osDiskImage = { source: { id }, hostCaching: 'ReadOnly' };
    const storageProfile = { osDiskImage, dataDiskImages: [{ lun: 1, source: { uri }, hostCaching: 'None' }] };

    const created = await put(opened, { storageProfile });

    expect((created.body as { properties: object }).properties).toMatchObject({ storageProfile });
    expect((await version(opened))['storageProfile']).toEqual({
      osDiskImage: { ...osDiskImage, sizeInGB: 30 },
      dataDiskImages: [{ lun: 1, source: { uri }, hostCaching: 'None', sizeInGB: 30 }],
    });
  });
});

describe('a version that is there', () => {
  it('keeps what a PUT cannot change and puts the rest back to its default', async () => {
    const opened = open();
    const publishingProfile = { storageAccountType: 'Premium_LRS', replicaCount: 2, excludeFromLatest: true };
    await put(opened, { storageProfile: { source }, publishingProfile });
    const again = await put(opened, { storageProfile: { osDiskImage: { hostCaching: 'ReadWrite' } } });

    expect(again.status).toBe(200);
    expect((again.body as { properties: object }).properties).toMatchObject({
      provisioningState: 'Updating',
      publishingProfile: {
        targetRegions: [{ name: 'West Europe', regionalReplicaCount: 1, storageAccountType: 'Premium_LRS' }],
        replicaCount: 1,
        excludeFromLatest: false,
        storageAccountType: 'Premium_LRS',
      },
      storageProfile: { source },
    });
  });

  it.each([
    [
      'the storage of a region',
      { publishingProfile: { targetRegions: [{ name: 'westeurope', storageAccountType: 'Premium_LRS' }] } },
      'PropertyChangeNotAllowed',
    ],
    [
      'the source of its disk',
      { storageProfile: { osDiskImage: { source: { id: vmUrl('x') } } } },
      'PropertyChangeNotAllowed',
    ],
    ['new data disks', { storageProfile: { dataDiskImages: [{ lun: 3, hostCaching: 'None' }] } }, 'InvalidParameter'],
    [
      'a replication mode that does not exist',
      { publishingProfile: { replicationMode: 'Deep' } },
      'PropertyChangeNotAllowed',
    ],
    [
      'a region twice',
      { publishingProfile: { targetRegions: [{ name: 'westeurope' }, { name: 'West Europe' }] } },
      'InvalidParameter',
    ],
    ['an end of life that is no date', { publishingProfile: { endOfLifeDate: 'soon' } }, 'InvalidParameter'],
  ])('refuses %s', async (_, properties, code) => {
    const { sandbox } = open();

    const answer = await ask(sandbox, 'PATCH', url(current), { properties });

    expect(error(answer).code).toBe(code);
  });

  it('keeps the storage of a region that a change names without it', async () => {
    const opened = open();
    const targetRegions = [{ name: 'westeurope', storageAccountType: 'Standard_ZRS' }];
    await put(opened, { storageProfile: { source }, publishingProfile: { targetRegions } });
    const named = [{ name: 'West Europe', regionalReplicaCount: 2 }];
    await put(opened, { publishingProfile: { targetRegions: named } });

    expect((await version(opened))['publishingProfile']).toMatchObject({
      targetRegions: [{ name: 'West Europe', regionalReplicaCount: 2, storageAccountType: 'Standard_ZRS' }],
    });
  });

  it('cannot move to another region', async () => {
    const { sandbox } = open();

    const answer = await ask(sandbox, 'PUT', url(current), { location: 'northeurope', properties: {} });

    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'InvalidResourceLocation' } } });
  });

  it('gives a region up only when its safety profile allows it', async () => {
    const opened = open();
    const publishingProfile = { targetRegions: [{ name: 'westeurope' }] };
    const safetyProfile = { allowDeletionOfReplicatedLocations: true };

    const refused = await ask(opened.sandbox, 'PATCH', url(current), { properties: { publishingProfile } });
    const allowed = await ask(opened.sandbox, 'PATCH', url(current), {
      properties: { publishingProfile, safetyProfile },
    });

    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'OperationNotAllowed' } } });
    expect(allowed.status).toBe(200);
  });

  it('is deleted before its end of life only when that is not blocked', async () => {
    const opened = open();
    const unblock = { properties: { safetyProfile: { blockDeletionBeforeEndOfLife: false } } };
    const refused = await ask(opened.sandbox, 'DELETE', url(current));
    await ask(opened.sandbox, 'PATCH', url(current), unblock);
    opened.world.clock.advance(10);
    const deleted = await ask(opened.sandbox, 'DELETE', url(current));

    expect(refused.status).toBe(409);
    expect(deleted.status).toBe(202);
  });

  it('is deleted once the world is past its end of life', async () => {
    const opened = open();
    opened.world.clock.advance(146 * 24 * 60);
    const early = await ask(opened.sandbox, 'DELETE', url(current));
    opened.world.clock.advance(2 * 24 * 60);
    const late = await ask(opened.sandbox, 'DELETE', url(current));

    expect([early.status, late.status]).toEqual([409, 202]);
  });
});

describe('the latest version', () => {
  const latestIn = async (opened: Opened, location: string, name: string) => {
    const imageReference = { id: versionRef('ubuntu-22', 'x').replace('/versions/x', '') };
    const vm = testVm({ location, storageProfile: { ...testVm().storageProfile, imageReference } });
    const made = await deploy({ ...opened, clientOf: () => opened.client }, name, vm);
    return made.storageProfile?.imageReference?.exactVersion;
  };

  it('of a region is not one that this region excludes', async () => {
    const opened = open();
    build(opened.world, '1.6.0', false);
    opened.world.clock.advance(15);
    const targetRegions = [
      { name: 'westeurope', regionalReplicaCount: 3 },
      { name: 'northeurope', excludeFromLatest: true },
    ];
    await ask(opened.sandbox, 'PATCH', url('/images/ubuntu-22/versions/1.6.0'), {
      properties: { publishingProfile: { targetRegions } },
    });
    opened.world.clock.advance(15);

    expect(await latestIn(opened, 'westeurope', 'west')).toBe('1.6.0');
    expect(await latestIn(opened, 'northeurope', 'north')).toBe('1.5.0');
  });

  it('is not one that is soft-deleted', async () => {
    const opened = open();
    const { client, world, versions } = opened;
    const enable = client.galleries.update(rg, gallery, { softDeletePolicy: { isSoftDeleteEnabled: true } });
    await enable.submitted();
    build(world, '1.6.0', false);
    world.clock.advance(15);
    const before = await latestIn(opened, 'westeurope', 'before');
    await versions.delete(rg, gallery, 'ubuntu-22', '1.6.0').submitted();
    world.clock.advance(1);

    expect(before).toBe('1.6.0');
    expect(await latestIn(opened, 'westeurope', 'after')).toBe('1.5.0');
  });
});

describe('a specialized image', () => {
  it('comes of a VM that was not generalized, and makes VMs without a profile of their system', async () => {
    const opened = open();
    const virtualMachineId = await resting(opened, false);
    const identifier = { publisher: 'contoso', offer: 'copies', sku: 'special' };
    const definition = { osType: 'Linux', osState: 'Specialized', identifier };
    await put(opened, definition, '/images/special', 1);
    const created = await put(
      opened,
      { storageProfile: { source: { virtualMachineId } } },
      '/images/special/versions/1.0.0',
    );
    const imageReference = { id: versionRef('special', '1.0.0') };
    const given = testVm({ storageProfile: { ...testVm().storageProfile, imageReference } });
    const { osProfile: _, ...without } = given;

    const refused = opened.client.virtualMachines.createOrUpdate(vmGroup, 'copy', given);

    expect(created.status).toBe(201);
    await expect(refused).rejects.toMatchObject({
      message: expect.stringContaining("Parameter 'osProfile' is not allowed."),
    });
    const copy = await deploy({ ...opened, clientOf: () => opened.client }, 'copy', without);
    expect(copy.osProfile).toBeUndefined();
  });
});
