import { platformSubscription } from '../../sandbox/azure/names';

import { build, gallery, galleryUrl, open, regions, rg, start } from './gallery-world';

describe('the compute gallery', () => {
  it('begins with images whose versions are past their end of life, aged and current', async () => {
    const { client, versions } = open();
    const names: string[] = [];
    for await (const v of versions.listByGalleryImage(rg, gallery, 'ubuntu-22')) names.push(v.name ?? '');
    const images: string[] = [];
    for await (const i of client.galleryImages.listByGallery(rg, gallery)) images.push(i.name ?? '');

    const old = await versions.get(rg, gallery, 'ubuntu-22', '1.3.0');
    const aged = await versions.get(rg, gallery, 'ubuntu-22', '1.4.1');

    expect(images).toEqual(['ubuntu-22', 'windows-2022']);
    expect(names).toEqual(['1.3.0', '1.4.1', '1.5.0']);
    expect(old.publishingProfile?.endOfLifeDate?.getTime()).toBeLessThan(start);
    expect(aged.tags).toMatchObject({ 'goldbot-state': 'aged', 'goldbot-replaced-by': '1.5.0' });
    expect(aged.publishingProfile?.targetRegions?.map((r) => [r.name, r.regionalReplicaCount])).toEqual([
      ['West Europe', 3],
      ['North Europe', 2],
      ['East US', 2],
    ]);
  });

  it('replicates the version of a build region by region and is Creating until the last one is done', async () => {
    const { world, versions } = open();
    const { readyAt } = build(world);

    const first = await regions(versions, '1.6.0');
    world.clock.advance(3);
    const later = await regions(versions, '1.6.0');
    const creating = (await versions.get(rg, gallery, 'ubuntu-22', '1.6.0')).provisioningState;
    world.clock.advance((readyAt - world.clock.nowMs()) / 60_000);
    const done = await regions(versions, '1.6.0');

    expect(first?.summary?.map((s) => [s.region, s.state, s.progress])).toEqual([
      ['West Europe', 'Replicating', 0],
      ['North Europe', 'Replicating', 0],
    ]);
    expect(first?.aggregatedState).toBe('InProgress');
    expect(later?.summary?.every((s) => (s.progress ?? 0) > 40)).toBe(true);
    expect(creating).toBe('Creating');
    expect(done?.aggregatedState).toBe('Completed');
    expect((await versions.get(rg, gallery, 'ubuntu-22', '1.6.0')).provisioningState).toBe('Succeeded');
  });

  it('publishes by a patch that is absolute, and lets the operation end when the new region has its replicas', async () => {
    const { world, versions } = open();
    build(world);
    world.clock.advance(15);
    const poller = versions.update(rg, gallery, 'ubuntu-22', '1.6.0', {
      tags: { only: 'this' },
      publishingProfile: {
        excludeFromLatest: false,
        endOfLifeDate: new Date(start + 180 * 86_400_000),
        targetRegions: [
          { name: 'westeurope', regionalReplicaCount: 3 },
          { name: 'northeurope', regionalReplicaCount: 2 },
          { name: 'eastus', regionalReplicaCount: 2 },
        ],
      },
      safetyProfile: { blockDeletionBeforeEndOfLife: true },
    } as never);
    await poller.submitted();
    const during = await regions(versions, '1.6.0');
    const state = (await versions.get(rg, gallery, 'ubuntu-22', '1.6.0')).provisioningState;
    world.clock.advance(10);
    const result = await poller;

    expect(state).toBe('Updating');
    expect(during?.summary?.map((s) => [s.region, s.state])).toEqual([
      ['West Europe', 'Completed'],
      ['North Europe', 'Replicating'],
      ['East US', 'Replicating'],
    ]);
    expect(result.tags).toEqual({ only: 'this' });
    expect(result.publishingProfile?.excludeFromLatest).toBe(false);
    expect(result.publishingProfile?.publishedDate?.getTime()).toBe(start);
    expect(result.provisioningState).toBe('Succeeded');
    expect((await regions(versions, '1.6.0'))?.aggregatedState).toBe('Completed');
  });

  it('refuses to delete a version before its end of life, and deletes one that is past it', async () => {
    const { world, versions } = open();

    await expect(versions.delete(rg, gallery, 'ubuntu-22', '1.5.0')).rejects.toMatchObject({
      statusCode: 409,
      code: 'DeleteGalleryImageVersionBlockedBeforeEndOfLife',
    });
    const poller = versions.delete(rg, gallery, 'ubuntu-22', '1.3.0');
    await poller.submitted();
    const deleting = (await versions.get(rg, gallery, 'ubuntu-22', '1.3.0')).provisioningState;
    world.clock.advance(2);
    await poller;

    expect(deleting).toBe('Deleting');
    await expect(versions.get(rg, gallery, 'ubuntu-22', '1.3.0')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
      message: expect.stringContaining("'Microsoft.Compute/galleries/gold/images/ubuntu-22/versions/1.3.0'"),
    });
    await expect(versions.delete(rg, gallery, 'ubuntu-22', '1.3.0')).resolves.toBeUndefined();
  });

  it('makes a gallery, a definition and a version of another version, with the defaults that Azure fills in', async () => {
    const { world, client } = open();
    const patient = async <T>(poller: PromiseLike<T> & { submitted(): Promise<void> }, minutes: number) => {
      await poller.submitted();
      world.clock.advance(minutes);
      return poller;
    };
    await patient(client.galleries.createOrUpdate(rg, 'silver', { location: 'West Europe' }), 1);
    const image = await patient(
      client.galleryImages.createOrUpdate(rg, 'silver', 'copy', {
        location: 'westeurope',
        osType: 'Linux',
        osState: 'Generalized',
        identifier: { publisher: 'contoso', offer: 'copies', sku: 'one' },
      }),
      1,
    );
    const version = await patient(
      client.galleryImageVersions.createOrUpdate(rg, 'silver', 'copy', '1.0.0', {
        location: 'westeurope',
        storageProfile: { source: { id: `${galleryUrl}/images/ubuntu-22/versions/1.5.0` } },
      }),
      10,
    );

    expect((await client.galleries.get(rg, 'silver')).identifier?.uniqueName).toBe(`${platformSubscription}-SILVER`);
    expect(image).toMatchObject({ hyperVGeneration: 'V2', architecture: 'x64', provisioningState: 'Succeeded' });
    expect(version.publishingProfile).toMatchObject({
      targetRegions: [{ name: 'West Europe', regionalReplicaCount: 1, storageAccountType: 'Standard_LRS' }],
      replicaCount: 1,
      excludeFromLatest: false,
    });
    expect(version.safetyProfile).toMatchObject({ reportedForPolicyViolation: false });
  });
});
