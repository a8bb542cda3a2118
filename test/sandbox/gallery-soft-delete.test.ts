import { createVersionFromBuild } from '../../sandbox/azure/compute/gallery-versions';
import { compute } from '../../sandbox/azure/compute/section';
import { baseGuestNamed } from '../../sandbox/azure/guest/base';
import { ask } from './client';
import { gallery, galleryUrl, open as openWorld, regions, rg, url } from './gallery-world';
import { deploy, testVm } from './vm-world';

const day = 24 * 60;
const image = 'ubuntu-22';
/** Past its end of life, so nothing but the gallery decides what deleting means. */
const version = '1.3.0';

type Opened = ReturnType<typeof openWorld>;

async function open(isSoftDeleteEnabled = true): Promise<Opened> {
  const opened = openWorld();
  const poller = opened.client.galleries.update(rg, gallery, { softDeletePolicy: { isSoftDeleteEnabled } });
  await poller.submitted();
  opened.world.clock.advance(1);
  await poller;
  return opened;
}

async function deleteVersion({ versions, world }: Opened): Promise<void> {
  const poller = versions.delete(rg, gallery, image, version);
  await poller.submitted();
  world.clock.advance(1);
  await poller;
}

async function softDeleted({ client }: Opened) {
  const found = [];
  for await (const kept of client.softDeletedResource.listByArtifactName(rg, gallery, 'images', image))
    found.push(kept);
  return found;
}

function restoreVersion({ versions }: Opened, location = 'westeurope') {
  return versions.createOrUpdate(rg, gallery, image, version, { location, restore: true, storageProfile: {} });
}

describe('a version deleted in a gallery with soft delete', () => {
  it('is not there any more but is listed among the soft-deleted ones', async () => {
    const opened = await open();
    const before = await softDeleted(opened);
    await deleteVersion(opened);

    const [kept, ...others] = await softDeleted(opened);

    expect(before).toEqual([]);
    expect(others).toEqual([]);
    expect(kept).toMatchObject({
      id: `${galleryUrl}/softDeletedArtifactTypes/Images/artifacts/${image}/versions/${version}`,
      name: version,
      type: 'Microsoft.Compute/galleries/softDeletedArtifactTypes/artifacts/versions',
      location: 'westeurope',
      resourceArmId: `${galleryUrl}/images/${image}/versions/${version}`,
      softDeletedArtifactType: 'Images',
      softDeletedTime: '2026-11-23T09:01:30.000Z',
    });
    await expect(opened.versions.get(rg, gallery, image, version)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('comes back by a PUT with restore, with its replicas, its tags and what is inside', async () => {
    const opened = await open();
    const before = await opened.versions.get(rg, gallery, image, version);
    await deleteVersion(opened);
    opened.world.clock.advance(6 * day);

    const poller = restoreVersion(opened);
    await poller.submitted();
    const during = (await opened.versions.get(rg, gallery, image, version)).provisioningState;
    opened.world.clock.advance(1);
    const restored = await poller;
    opened.world.clock.advance(7 * day);

    expect(during).toBe('Updating');
    expect(restored).toEqual(before);
    expect(await softDeleted(opened)).toEqual([]);
    expect((await opened.versions.get(rg, gallery, image, version)).tags).toEqual(before.tags);
    expect((await regions(opened.versions, version))?.aggregatedState).toBe('Completed');
  });

  it.each([
    ['a PUT of nothing but its location', 'PUT', { location: 'westeurope' }],
    ['a PATCH with restore', 'PATCH', { properties: { restore: true, storageProfile: {} } }],
  ])('comes back by %s', async (_, method, body) => {
    const opened = await open();
    const before = await opened.versions.get(rg, gallery, image, version);
    await deleteVersion(opened);

    const answer = await ask(opened.sandbox, method, url(`/images/${image}/versions/${version}`), body);
    opened.world.clock.advance(1);

    expect(answer.status).toBe(200);
    expect(await opened.versions.get(rg, gallery, image, version)).toEqual(before);
    expect(await softDeleted(opened)).toEqual([]);
  });

  it('is gone for good once its retention is ended by hand', async () => {
    const opened = await open();
    await deleteVersion(opened);
    const kept = `/softDeletedArtifactTypes/Images/artifacts/${image}/versions/${version}`;

    const answer = await ask(opened.sandbox, 'DELETE', url(kept));
    const again = await ask(opened.sandbox, 'DELETE', url(kept));

    expect([answer.status, again.status]).toEqual([202, 204]);
    expect(await softDeleted(opened)).toEqual([]);
    await expect(restoreVersion(opened).submitted()).rejects.toMatchObject({ statusCode: 404 });
  });

  it('keeps its definition only for as long as the gallery keeps what is deleted', async () => {
    const { world, sandbox } = await open();
    const at = (rest: string) => url(rest).replace(`/${gallery}`, '/silver');
    const send = async (method: string, path: string, body?: object) => {
      const { status } = await ask(sandbox, method, at(path), body);
      world.clock.advance(10);
      return status;
    };
    const identifier = { publisher: 'contoso', offer: 'x', sku: 'y' };
    const properties = { osType: 'Linux', osState: 'Generalized', identifier };
    const source = { id: `${galleryUrl}/images/${image}/versions/1.5.0` };
    const policy = (isSoftDeleteEnabled: boolean) => ({
      location: 'westeurope',
      properties: { softDeletePolicy: { isSoftDeleteEnabled } },
    });
    await send('PUT', '', policy(true));
    await send('PUT', '/images/copy', { location: 'westeurope', properties });
    const made = { location: 'westeurope', properties: { storageProfile: { source } } };
    await send('PUT', '/images/copy/versions/1.0.0', made);
    await send('PUT', '', { location: 'westeurope', tags: { a: 'gallery without a word about its policy' } });
    await send('DELETE', '/images/copy/versions/1.0.0');

    const kept = await send('DELETE', '/images/copy');
    await send('PUT', '', policy(false));

    expect(kept).toBe(409);
    expect(await send('DELETE', '/images/copy')).toBe(202);
    expect(await send('DELETE', '')).toBe(202);
    expect((await ask(sandbox, 'GET', at(''))).status).toBe(404);
  });

  it('is really gone after seven days of world time', async () => {
    const opened = await open();
    await deleteVersion(opened);
    opened.world.clock.advance(7 * day);

    expect(await softDeleted(opened)).toEqual([]);
    await expect(restoreVersion(opened).submitted()).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });

  it('starts its seven days anew when it is restored and deleted again', async () => {
    const opened = await open();
    await deleteVersion(opened);
    opened.world.clock.advance(5 * day);
    const poller = restoreVersion(opened);
    await poller.submitted();
    opened.world.clock.advance(1);
    await poller;
    await deleteVersion(opened);
    opened.world.clock.advance(3 * day);

    expect(await softDeleted(opened)).toHaveLength(1);
  });

  it('is restored in its own region only', async () => {
    const opened = await open();
    await deleteVersion(opened);

    await expect(restoreVersion(opened, 'northeurope').submitted()).rejects.toMatchObject({
      statusCode: 409,
      code: 'InvalidResourceLocation',
    });
  });

  it('still makes VMs that ask for exactly it', async () => {
    const opened = await open();
    await deleteVersion(opened);
    const imageReference = { id: `${galleryUrl}/images/${image}/versions/${version}` };
    const vm = testVm({ storageProfile: { ...testVm().storageProfile, imageReference } });

    expect((await deploy({ ...opened, clientOf: () => opened.client }, 'vm-test', vm)).provisioningState).toBe(
      'Succeeded',
    );
  });

  it('keeps its name, its definition and its gallery from being used again or deleted', async () => {
    const opened = await open();
    const { world, client, sandbox } = opened;
    const wait = async (poller: PromiseLike<unknown> & { submitted(): Promise<void> }) => {
      await poller.submitted();
      world.clock.advance(10);
      await poller;
    };
    const identifier = { publisher: 'contoso', offer: 'x', sku: 'y' };
    const definition = { location: 'westeurope', osType: 'Linux', osState: 'Generalized', identifier } as const;
    await wait(
      client.galleries.createOrUpdate(rg, 'silver', {
        location: 'westeurope',
        softDeletePolicy: { isSoftDeleteEnabled: true },
      }),
    );
    await wait(client.galleryImages.createOrUpdate(rg, 'silver', 'copy', definition));
    const body = {
      location: 'westeurope',
      storageProfile: { source: { id: `${galleryUrl}/images/${image}/versions/1.5.0` } },
    };
    await wait(client.galleryImageVersions.createOrUpdate(rg, 'silver', 'copy', '1.0.0', body));
    await wait(client.galleryImageVersions.delete(rg, 'silver', 'copy', '1.0.0'));

    await expect(client.galleryImages.delete(rg, 'silver', 'copy').submitted()).rejects.toMatchObject({
      statusCode: 409,
      code: 'CannotDeleteResource',
    });
    await expect(
      client.galleryImageVersions.createOrUpdate(rg, 'silver', 'copy', '1.0.0', body).submitted(),
    ).rejects.toMatchObject({ statusCode: 409, code: 'Conflict' });
    world.clock.advance(7 * day);
    const answer = await ask(sandbox, 'DELETE', url('/images/copy').replace(`/${gallery}/`, '/silver/'));
    expect(answer.status).toBe(202);
  });

  it('cannot be built again under its number', async () => {
    const opened = await open();
    await deleteVersion(opened);
    const guest = baseGuestNamed('canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:22.04.202611120');
    if (!guest) throw new Error('no base guest');
    const input = { galleryImageId: `${galleryUrl}/images/${image}`, version, targetRegions: [{ name: 'westeurope' }] };
    const build = {
      ...input,
      excludeFromLatest: true,
      tags: {},
      storageAccountId: '/subscriptions/s/resourceGroups/IT_x_t/providers/Microsoft.Storage/storageAccounts/a',
      guest,
      at: opened.world.clock.nowMs(),
    };

    expect(() => createVersionFromBuild(opened.world, build)).toThrow('already exists');
  });
});

describe('a version deleted in a gallery without soft delete', () => {
  it('is gone for good', async () => {
    const opened = await open(false);
    await deleteVersion(opened);

    expect(await softDeleted(opened)).toEqual([]);
    await expect(restoreVersion(opened).submitted()).rejects.toMatchObject({ statusCode: 404 });
  });
});

it('lists only soft-deleted images, and only of a definition that exists', async () => {
  const { sandbox } = await open();

  const other = await ask(sandbox, 'GET', url('/softDeletedArtifactTypes/applications/artifacts/a/versions'));
  const nowhere = await ask(sandbox, 'GET', url('/softDeletedArtifactTypes/Images/artifacts/nope/versions'));

  expect(other.status).toBe(400);
  expect(nowhere).toMatchObject({ status: 404, body: { error: { code: 'ResourceNotFound' } } });
});

it('keeps a version whose provisioning failed until the policy is off', async () => {
  const opened = await open();
  const failed = compute(opened.world).resources[`${galleryUrl}/images/${image}/versions/${version}`.toLowerCase()];
  Object.assign(failed?.properties ?? {}, { provisioningState: 'Failed' });
  const address = url(`/images/${image}/versions/${version}`);
  const kept = await ask(opened.sandbox, 'DELETE', address);
  const softDeletePolicy = { isSoftDeleteEnabled: false };
  await ask(opened.sandbox, 'PATCH', url(''), { properties: { softDeletePolicy } });

  expect(kept).toMatchObject({ status: 409, body: { error: { code: 'OperationNotAllowed' } } });
  expect((await ask(opened.sandbox, 'DELETE', address)).status).toBe(202);
});
