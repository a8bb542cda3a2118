import { randomUUID } from 'node:crypto';
import { definitionId } from '../../core/azure-id';
import { clouds } from '../../core/cloud';
import { holdings } from '../../core/image-access';
import { imageRef } from '../../core/images';
import { createSandbox } from '../../sandbox';
import { createAzure, sandboxCredential } from '../../services';
import { ownIdentity } from '../../services/azure';
import { ask, sandboxHttpClient } from '../sandbox/client';
import { exampleCatalogue } from '../support/catalogue';

const { azure: place, images } = exampleCatalogue();
const [image] = images;
if (!image) throw new Error('the example catalogue has no image');
const ubuntu = imageRef(place, image);
const reader = 'cf7c76d2-98a3-4358-a134-615aa78bf44d';
const viewers = 'b0bb1e50-0000-4000-8000-000000000004';

function open() {
  const { sandbox, world } = createSandbox({ speed: 0 });
  const httpClient = sandboxHttpClient(sandbox);
  const { read, write } = createAzure({ credential: sandboxCredential, httpClient, subscription: place.subscription });
  const arm = (method: string, path: string, body?: unknown) =>
    ask(sandbox, method, `https://management.azure.com${path}`, body);
  const assign = (scope: string) =>
    arm('PUT', `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`, {
      properties: {
        roleDefinitionId: `/subscriptions/${place.subscription}/providers/Microsoft.Authorization/roleDefinitions/${reader}`,
        principalId: viewers,
        principalType: 'Group',
      },
    });
  return { read, arm, assign, world, write: write({ leftMs: () => 60_000 }) };
}

const gallery = definitionId(ubuntu).split('/images/')[0] ?? '';

describe('who may use an image, as Azure has it', () => {
  it('is read on the image and on everything above it, and not beside or below', async () => {
    const { read, assign } = open();
    const scopes = [definitionId(ubuntu), gallery, `/subscriptions/${place.subscription}`];
    for (const scope of scopes) await assign(scope);
    await assign(`${definitionId(ubuntu)}-other`);
    await assign(`${definitionId(ubuntu)}/versions/1.5.0`);
    const found = holdings(await read.assignmentsAt(ubuntu)).filter(({ principal }) => principal.id === viewers);
    expect(found.map(({ scope }) => scope)).toEqual(scopes);
    expect(found[0]).toMatchObject({
      ...{ principal: { kind: 'group' }, role: { name: 'Compute Gallery Image Reader' }, rights: ['view'] },
      by: ['Microsoft.Compute/galleries/images/versions/read'],
    });
  });

  it('has goldbot’s own assignment above the subscription', async () => {
    const { read } = open();
    const above = (await read.assignmentsAt(ubuntu)).filter(({ scope }) =>
      scope.startsWith('/providers/Microsoft.Man'),
    );
    expect(above[0]).toMatchObject({ principal: { kind: 'service' }, role: { name: 'Owner' } });
    // The same as its token says.
    expect(above[0]?.principal.id).toBe(await ownIdentity(sandboxCredential, clouds.Public)());
    const opaque = { getToken: async () => ({ token: 'opaque', expiresOnTimestamp: 0 }) };
    await expect(ownIdentity(opaque, clouds.Public)()).resolves.toBeUndefined();
    const none = {
      getToken: () => Promise.reject(Object.assign(new Error('none'), { name: 'CredentialUnavailableError' })),
    };
    await expect(ownIdentity(none, clouds.Public)()).rejects.toThrow('sign in to Azure while asking who goldbot is.');
  });
});

describe('with whom a gallery is shared', () => {
  it('is nobody, or those that it was shared with directly; undefined when there is no gallery', async () => {
    const { read, arm, write, world } = open();
    const made = gallery.replace(/[^/]+$/, 'shared');
    const body = { location: 'westeurope', properties: { sharingProfile: { permissions: 'Groups' } } };
    await arm('PUT', `${made}?api-version=2024-03-03`, body);
    const shared = { ...ubuntu, gallery: 'shared' };
    const uniqueName = `${place.subscription}-SHARED`;
    await expect(read.gallerySharing(shared)).resolves.toEqual({
      ...{ madeFor: 'groups', subscriptions: [], tenants: [], uniqueName },
    });
    await expect(read.gallerySharing({ ...ubuntu, gallery: 'none' })).resolves.toBeUndefined();
    const unseen = async () =>
      (await read.imageConsumers([shared], [])).rows.filter(({ kind }) => kind === 'unseen').map(({ name }) => name);
    expect(await unseen()).toEqual(['shared']);
    for (const add of [
      { kind: 'subscription', id: viewers },
      { kind: 'tenant', id: reader },
    ] as const) {
      await write.shareGallery(shared, { add });
      const { unsettled } = (await read.gallerySharing(shared)) ?? {};
      expect(unsettled).toEqual([{ region: 'a region', failed: false }]);
      world.clock.advance(1);
    }
    await write.shareGallery(shared, { remove: { kind: 'subscription', id: viewers } });
    world.clock.advance(1);
    await expect(read.gallerySharing(shared)).resolves.toEqual({
      ...{ madeFor: 'groups', subscriptions: [], tenants: [reader], uniqueName },
    });
    await write.shareGallery(shared, 'reset');
    world.clock.advance(1);
    await expect(read.gallerySharing(shared)).resolves.toMatchObject({ madeFor: 'private', tenants: [] });
    expect(await unseen()).toEqual([]);
  });
});
