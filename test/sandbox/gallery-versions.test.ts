import { versionRef } from '../../sandbox/azure/estate/images';
import { teamSubscriptions } from '../../sandbox/azure/names';
import { ask } from './client';
import { current, error, type Opened, put, source, version } from './gallery-version-world';
import { build, gallery, open, rg, url } from './gallery-world';
import { deploy, testVm, vmUrl } from './vm-world';

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
      'InvalidParameter',
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

  it('takes a region without its kind of storage for one with the global kind', async () => {
    const opened = open();
    const targetRegions = [{ name: 'westeurope', storageAccountType: 'standard_zrs' }];
    await put(opened, { storageProfile: { source }, publishingProfile: { targetRegions } });
    const more = { name: 'West Europe', regionalReplicaCount: 2 };

    const refused = await put(opened, { publishingProfile: { targetRegions: [more] } });
    const named = { ...more, storageAccountType: 'Standard_ZRS' };
    const accepted = await put(opened, { publishingProfile: { targetRegions: [named] } });

    expect(refused.status).toBe(400);
    expect(error(refused).message).toContain(
      "in the existing TargetRegion: 'West Europe'. Please specify 'Standard_ZRS'",
    );
    expect(accepted.status).toBe(200);
    expect((await version(opened))['publishingProfile']).toMatchObject({ targetRegions: [named] });
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

    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'BadRequest' } } });
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

  it('of a region is one that this region does not exclude, though the version is excluded elsewhere', async () => {
    const opened = open();
    build(opened.world, '1.6.0', true);
    opened.world.clock.advance(15);
    const targetRegions = [{ name: 'westeurope' }, { name: 'northeurope', excludeFromLatest: false }];
    await ask(opened.sandbox, 'PATCH', url('/images/ubuntu-22/versions/1.6.0'), {
      properties: { publishingProfile: { targetRegions } },
    });
    opened.world.clock.advance(15);

    expect(await latestIn(opened, 'westeurope', 'west')).toBe('1.5.0');
    expect(await latestIn(opened, 'northeurope', 'north')).toBe('1.6.0');
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

const front = `/subscriptions/${teamSubscriptions[1]}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-web-front/virtualMachines?api-version=2024-07-01`;
const api = `/subscriptions/${teamSubscriptions[0]}/resourceGroups/rg-payments/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-payments-api/virtualMachines?api-version=2024-07-01`;
const pinned = `/subscriptions/${teamSubscriptions[2]}/resourceGroups/rg-data/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-data-workers/virtualMachines?api-version=2024-07-01`;
const released = '/images/ubuntu-22/versions/1.6.0';

/** How many instances there are of each version. */
async function versionsIn({ sandbox }: Opened, set: string): Promise<Record<string, number>> {
  const { body } = await ask(sandbox, 'GET', set);
  const found: Record<string, number> = {};
  for (const { properties } of (body as { value: { properties: Instance }[] }).value) {
    const version = properties.storageProfile.imageReference.exactVersion;
    found[version] = (found[version] ?? 0) + 1;
  }
  return found;
}

interface Instance {
  readonly storageProfile: { readonly imageReference: { readonly exactVersion: string } };
}

describe('a scale set with automatic upgrades', () => {
  it('takes a version once it is the latest, a fifth of its instances at a time', async () => {
    const opened = open();
    await put(opened, { storageProfile: { source }, publishingProfile: { excludeFromLatest: true } }, released, 60);
    const excluded = await versionsIn(opened, api);
    const properties = { publishingProfile: { excludeFromLatest: false } };
    await ask(opened.sandbox, 'PATCH', url(released), { properties });
    opened.world.clock.advance(12);

    const begun = await versionsIn(opened, api);
    opened.world.clock.advance(60);

    expect(excluded).toEqual({ '1.5.0': 6 });
    expect(begun['1.6.0']).toBe(2);
    expect(await versionsIn(opened, api)).toEqual({ '1.6.0': 6 });
  });

  it('goes on with nothing when a version is only tagged, nor back when the latest is excluded', async () => {
    const opened = open();
    await ask(opened.sandbox, 'PATCH', url('/images/ubuntu-22/versions/1.5.0'), { tags: { seen: 'yes' } });
    opened.world.clock.advance(90);
    const tagged = await versionsIn(opened, front);
    const properties = { publishingProfile: { excludeFromLatest: true } };
    await ask(opened.sandbox, 'PATCH', url('/images/ubuntu-22/versions/1.5.0'), { properties });
    opened.world.clock.advance(90);

    expect(tagged).toEqual({ '1.4.1': 2, '1.5.0': 6 });
    expect(await versionsIn(opened, front)).toEqual(tagged);
  });

  it('is another matter than one that names its version', async () => {
    const opened = open();
    await put(opened, { storageProfile: { source } }, released, 180);

    expect(await versionsIn(opened, pinned)).toEqual({ '1.3.0': 5 });
  });
});
