import { versionRef } from '../../sandbox/azure/estate/images';
import { ask } from './client';
import { error, path, put, resting, source, version } from './gallery-version-world';
import { open, url } from './gallery-world';
import { deploy, testVm, rg as vmGroup, vmUrl } from './vm-world';

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
      409,
      'Conflict',
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
    const identifier = { publisher: 'contoso', offer: 'copies', sku: 'general' };
    const definition = { osType: 'Linux', osState: 'Generalized', hyperVGeneration: 'V2', identifier };
    await put(opened, definition, '/images/general', 1);
    const at = '/images/general/versions/2.0.0';
    const storageProfile = { source: { virtualMachineId: await resting(opened, false) } };
    const refused = await put(opened, { storageProfile }, at);
    await opened.client.virtualMachines.generalize(vmGroup, 'vm-test');
    const created = await put(opened, { storageProfile: { source: { virtualMachineId: vmUrl('vm-test') } } }, at);
    const imageReference = { id: versionRef('general', '2.0.0') };
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

describe('a specialized image', () => {
  it('comes of a VM that was not generalized, and makes VMs without a profile of their system', async () => {
    const opened = open();
    const virtualMachineId = await resting(opened, false);
    const identifier = { publisher: 'contoso', offer: 'copies', sku: 'special' };
    const definition = { hyperVGeneration: 'V2', osType: 'Linux', osState: 'Specialized', identifier };
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
