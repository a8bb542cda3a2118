import { platformSubscription } from '../../sandbox/azure/names';
import { ask } from './client';
import { build, gallery, galleryUrl, open, regions, rg, start, url } from './gallery-world';

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

describe('the compute gallery, when it is asked for what it does not do', () => {
  it.each([
    ['a version whose definition is missing', '/images/nope/versions/1.0.0', 404, 'ParentResourceNotFound'],
    ['a version number of two parts', '/images/ubuntu-22/versions/1.0', 400, 'InvalidParameter'],
    ['a version number beyond 32 bits', '/images/ubuntu-22/versions/1.0.2147483648', 400, 'InvalidParameter'],
    ['a source that is not there', '/images/ubuntu-22/versions/9.0.0', 404, 'NotFound'],
  ])('refuses %s', async (_, path, status, code) => {
    const { sandbox } = open();
    const source = { id: `${galleryUrl}/images/ubuntu-22/versions/0.0.1` };
    const body = { location: 'westeurope', properties: { storageProfile: { source } } };

    const answer = await ask(sandbox, 'PUT', url(path), body);

    expect(answer).toMatchObject({ status, body: { error: { code } } });
  });

  it.each([
    [
      'the storage account type',
      { publishingProfile: { storageAccountType: 'Premium_LRS' } },
      'PropertyChangeNotAllowed',
    ],
    ['the replication mode', { publishingProfile: { replicationMode: 'Shallow' } }, 'PropertyChangeNotAllowed'],
    ['the source', { storageProfile: { source: { id: '/subscriptions/x' } } }, 'PropertyChangeNotAllowed'],
    [
      'a region that does not exist',
      { publishingProfile: { targetRegions: [{ name: 'Atlantis' }] } },
      'InvalidParameter',
    ],
    [
      '101 replicas',
      { publishingProfile: { targetRegions: [{ name: 'westeurope', regionalReplicaCount: 101 }] } },
      'InvalidParameter',
    ],
    ['regions without its own', { publishingProfile: { targetRegions: [{ name: 'eastus' }] } }, 'InvalidParameter'],
  ])('refuses a patch of %s', async (_, properties, code) => {
    const { sandbox } = open();

    const answer = await ask(sandbox, 'PATCH', url('/images/ubuntu-22/versions/1.5.0'), { properties });

    expect(answer).toMatchObject({ body: { error: { code } } });
    expect(answer.status).toBe(code === 'InvalidParameter' ? 400 : 409);
  });

  it('answers a second change with a conflict while the first one goes on', async () => {
    const { sandbox } = open();
    const path = url('/images/ubuntu-22/versions/1.5.0');

    const first = await ask(sandbox, 'PATCH', path, { tags: { a: '1' } });
    const second = await ask(sandbox, 'PATCH', path, { tags: { b: '2' } });

    expect(first.status).toBe(200);
    expect(first.headers?.['azure-asyncoperation']).toContain('/locations/westeurope/capsOperations/');
    expect(second).toMatchObject({ status: 409, body: { error: { code: 'Conflict' } } });
  });

  it('finds resources by ids of the wrong case', async () => {
    const { sandbox } = open();

    const answer = await ask(
      sandbox,
      'GET',
      url('/images/UBUNTU-22/versions/1.5.0').toUpperCase().replace('API-VERSION', 'api-version'),
    );

    expect(answer).toMatchObject({ status: 200, body: { name: '1.5.0' } });
  });

  it.each([
    ['failed', 'Failed', 'Failed'],
    ['canceled', 'Canceled', 'Failed'],
  ] as const)('lets an operation end %s when a fault says so', async (lro, status, provisioningState) => {
    const { sandbox, world, versions } = open();
    sandbox.faults.add({ match: { face: 'azure', method: 'PATCH' }, lro });
    const answer = await ask(sandbox, 'PATCH', url('/images/ubuntu-22/versions/1.5.0'), { tags: {} });
    world.clock.advance(5);

    const poll = await ask(sandbox, 'GET', answer.headers?.['azure-asyncoperation'] ?? '');

    expect(poll).toMatchObject({ status: 200, body: { status, error: { code: expect.any(String) } } });
    expect((await versions.get(rg, gallery, 'ubuntu-22', '1.5.0')).provisioningState).toBe(provisioningState);
  });

  it('forgets an operation that is gone although the change took place', async () => {
    const { sandbox, world, versions } = open();
    sandbox.faults.add({ match: { face: 'azure', method: 'PATCH' }, lro: 'gone' });
    const answer = await ask(sandbox, 'PATCH', url('/images/ubuntu-22/versions/1.5.0'), { tags: { x: 'y' } });
    world.clock.advance(5);

    const poll = await ask(sandbox, 'GET', answer.headers?.['azure-asyncoperation'] ?? '');

    expect(poll.status).toBe(404);
    expect(await versions.get(rg, gallery, 'ubuntu-22', '1.5.0')).toMatchObject({
      provisioningState: 'Succeeded',
      tags: { x: 'y' },
    });
  });
});
