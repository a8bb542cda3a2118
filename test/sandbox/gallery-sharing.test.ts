import { targetRegions } from '../../sandbox/azure/compute/replication';
import type { Resource } from '../../sandbox/azure/compute/resource';
import { compute } from '../../sandbox/azure/compute/section';
import { platformSubscription, teamSubscriptions } from '../../sandbox/azure/names';
import { tenantId } from '../../sandbox/entra/people';
import type { SandboxResponse } from '../../sandbox/kernel/types';
import { ask } from './client';
import { gallery, galleryUrl, open, rg, url } from './gallery-world';
import { deploy, testVm } from './vm-world';

const [payments, other] = teamSubscriptions;
const unique = `${platformSubscription}-GOLD`;
const communityGalleryInfo = {
  publisherUri: 'https://contoso.example',
  publisherContact: 'images@contoso.example',
  eula: 'https://contoso.example/eula',
  publicNamePrefix: 'contoso',
};

type Opened = ReturnType<typeof open>;

/** A gallery is made for direct sharing or never is. The story's was; it is taken for one that was not. */
function openPrivate(): Opened {
  const opened = open();
  delete compute(opened.world).resources[galleryUrl.toLowerCase()]?.properties['sharingProfile'];
  return opened;
}

async function permit({ client, world }: Opened, permissions: string): Promise<void> {
  const poller = client.galleries.update(rg, gallery, { sharingProfile: { permissions, communityGalleryInfo } });
  await poller.submitted();
  world.clock.advance(1);
  await poller;
}

async function share({ sandbox, world }: Opened, update: object): Promise<SandboxResponse> {
  const answer = await ask(sandbox, 'POST', url('/share'), update);
  world.clock.advance(1);
  return answer;
}

const groups = (...ids: string[]) => [{ type: 'Subscriptions', ids }];

async function shown({ sandbox }: Opened, query = '') {
  const answer = await ask(sandbox, 'GET', `${url('')}${query}`);
  return (answer.body as { properties: { sharingProfile?: unknown; sharingStatus?: unknown } }).properties;
}

const sharedUrl = (subscription: string, rest = '') =>
  `/subscriptions/${subscription}/providers/Microsoft.Compute/locations/westeurope/sharedGalleries${rest}?api-version=2023-07-03`;

describe('a gallery shared with groups', () => {
  it('takes who may use it as an operation, which ends with an empty answer', async () => {
    const opened = open();
    await permit(opened, 'Groups');

    const answer = await share(opened, { operationType: 'Add', groups: groups(payments) });
    const done = await ask(opened.sandbox, 'GET', answer.headers?.['azure-asyncoperation'] ?? '');
    const monitor = await ask(opened.sandbox, 'GET', answer.headers?.['location'] ?? '');

    expect(answer.status).toBe(202);
    expect(answer.body).toBeUndefined();
    expect(answer.headers?.['location']).toContain('/capsOperations/');
    expect(answer.headers?.['x-ms-ratelimit-remaining-resource']).toContain('Microsoft.Compute/PostShareGallery3Min;');
    expect(done.body).toMatchObject({ status: 'Succeeded' });
    expect(monitor.status).toBe(200);
    expect(monitor.body).toBeUndefined();
  });

  it('shows whom it is shared with only to those who ask', async () => {
    const opened = open();
    await permit(opened, 'Groups');
    await share(opened, { operationType: 'Add', groups: groups(payments, other) });
    await share(opened, { operationType: 'Add', groups: [{ type: 'AADTenants', ids: [tenantId] }] });
    await share(opened, { operationType: 'Remove', groups: groups(other) });

    const kept = [
      { type: 'Subscriptions', ids: [payments] },
      { type: 'AADTenants', ids: [tenantId] },
    ];
    expect((await shown(opened)).sharingProfile).toMatchObject({ permissions: 'Groups' });
    expect((await shown(opened)).sharingProfile).not.toHaveProperty('groups');
    expect((await shown(opened, '&$select=Permissions')).sharingProfile).toMatchObject({ groups: kept });
    const expanded = await shown(opened, '&$expand=SharingProfile/Groups');
    expect(expanded.sharingProfile).toMatchObject({ groups: kept });
    expect(expanded.sharingStatus).toMatchObject({
      aggregatedState: 'Succeeded',
      summary: expect.arrayContaining([{ region: 'North Europe', state: 'Succeeded', details: '' }]),
    });
  });

  it('is private again after a reset', async () => {
    const opened = open();
    await permit(opened, 'Groups');
    await share(opened, { operationType: 'Add', groups: groups(payments) });
    await share(opened, { operationType: 'Reset' });

    expect((await shown(opened, '&$select=Permissions')).sharingProfile).toEqual({ permissions: 'Private' });
    expect((await ask(opened.sandbox, 'GET', sharedUrl(payments, `/${unique}`))).status).toBe(404);
  });

  it('stays shared when it is written again without its groups', async () => {
    const opened = open();
    await permit(opened, 'Groups');
    await share(opened, { operationType: 'Add', groups: groups(payments) });
    await permit(opened, 'Groups');
    await ask(opened.sandbox, 'PUT', url(''), { location: 'westeurope', properties: { description: 'new' } });

    expect((await shown(opened, '&$select=Permissions')).sharingProfile).toMatchObject({ groups: groups(payments) });
  });

  it('is seen by those subscriptions with its definitions and versions, and by no others', async () => {
    const opened = open();
    await permit(opened, 'Groups');
    await share(opened, { operationType: 'Add', groups: groups(payments) });
    const get = async (rest: string, subscription: string = payments) =>
      (await ask(opened.sandbox, 'GET', sharedUrl(subscription, rest))).body;

    expect(await get('')).toMatchObject({ value: [{ name: unique, location: 'westeurope' }] });
    expect(await get('', other)).toEqual({ value: [] });
    expect(await get(`/${unique}`)).toMatchObject({ identifier: { uniqueId: `/SharedGalleries/${unique}` } });
    expect(await get(`/${unique}/images`)).toMatchObject({ value: [{ name: 'ubuntu-22' }, { name: 'windows-2022' }] });
    expect(await get(`/${unique}/images/ubuntu-22`)).toMatchObject({
      properties: { osType: 'Linux', osState: 'Generalized', hyperVGeneration: 'V2', architecture: 'x64' },
      identifier: { uniqueId: `/SharedGalleries/${unique}/Images/ubuntu-22` },
    });
    expect(await get(`/${unique}/images/ubuntu-22/versions/1.5.0`)).toEqual({
      properties: {
        publishedDate: expect.any(String),
        endOfLifeDate: expect.any(String),
        excludeFromLatest: false,
        storageProfile: { osDiskImage: { diskSizeGB: 30, hostCaching: 'ReadWrite' } },
      },
      location: 'westeurope',
      name: '1.5.0',
      identifier: { uniqueId: `/SharedGalleries/${unique}/Images/ubuntu-22/Versions/1.5.0` },
    });
    expect(await get(`/${unique}/images/ubuntu-22`, other)).toMatchObject({ error: { code: 'NotFound' } });
  });

  it('makes VMs that name it by its shared id', async () => {
    const opened = open();
    await permit(opened, 'Groups');
    await share(opened, { operationType: 'Add', groups: groups(payments) });
    const sharedGalleryImageId = `/SharedGalleries/${unique}/Images/ubuntu-22/Versions/1.5.0`;
    const vm = testVm({ storageProfile: { ...testVm().storageProfile, imageReference: { sharedGalleryImageId } } });

    const made = await deploy({ ...opened, clientOf: () => opened.client }, 'vm-test', vm);

    expect(made.storageProfile?.imageReference).toEqual({ sharedGalleryImageId, exactVersion: '1.5.0' });
  });

  it('that is not shared makes none', async () => {
    const { client } = open();
    const sharedGalleryImageId = `/SharedGalleries/${unique}/Images/ubuntu-22/Versions/1.5.0`;
    const vm = testVm({ storageProfile: { ...testVm().storageProfile, imageReference: { sharedGalleryImageId } } });

    await expect(client.virtualMachines.createOrUpdate(rg, 'vm-test', vm)).rejects.toMatchObject({
      statusCode: 404,
      code: 'GalleryImageNotFound',
    });
  });
});

describe('a gallery shared with the community', () => {
  it('gets a public name when it is enabled, by which everybody sees it', async () => {
    const opened = open();
    await permit(opened, 'Community');
    const before = await shown(opened);
    await share(opened, { operationType: 'EnableCommunity' });
    const after = await shown(opened);

    const [publicName = ''] = (after.sharingProfile as { communityGalleryInfo: { publicNames: string[] } })
      .communityGalleryInfo.publicNames;
    const at = sharedUrl(other).replace('sharedGalleries', `communityGalleries/${publicName}`);
    expect(before.sharingProfile).toEqual({ permissions: 'Community', communityGalleryInfo });
    expect(after.sharingProfile).toMatchObject({ communityGalleryInfo: { communityGalleryEnabled: true } });
    expect(publicName).toMatch(/^contoso-[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect((await ask(opened.sandbox, 'GET', at)).body).toMatchObject({
      name: publicName,
      properties: { communityMetadata: { publisherContact: 'images@contoso.example', publicNames: [publicName] } },
    });
    const version = at.replace('?', '/images/ubuntu-22/versions/1.5.0?');
    expect((await ask(opened.sandbox, 'GET', version)).body).toMatchObject({
      type: 'Microsoft.Compute/locations/communityGalleryImageVersion',
      identifier: { uniqueId: `/CommunityGalleries/${publicName}/Images/ubuntu-22/Versions/1.5.0` },
    });
  });
});

describe('sharing is refused', () => {
  it.each([
    ['more than 30 subscriptions', 'Subscriptions', 30, '31'],
    ['more than 5 tenants', 'AADTenants', 5, '6'],
  ])('with %s', async (_, type, most, names) => {
    const opened = open();
    await permit(opened, 'Groups');
    const ids = Array.from({ length: most }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
    const full = await share(opened, { operationType: 'Add', groups: [{ type, ids }] });
    const again = await share(opened, { operationType: 'Add', groups: [{ type, ids: ids.slice(1) }] });

    const answer = await share(opened, { operationType: 'Add', groups: [{ type, ids: [payments] }] });

    expect([full.status, again.status, answer.status]).toEqual([202, 202, 409]);
    expect(JSON.stringify(answer.body)).toContain(names);
  });

  it('for a gallery that was not made for it, and for one that was reset', async () => {
    const [opened, closed] = [open(), openPrivate()];
    const sharingProfile = { permissions: 'Groups' };
    const never = await ask(closed.sandbox, 'PATCH', url(''), { properties: { sharingProfile } });
    await permit(opened, 'Groups');
    await share(opened, { operationType: 'Reset' });
    const noMore = await ask(opened.sandbox, 'PATCH', url(''), { properties: { sharingProfile } });

    const refused = { status: 409, body: { error: { code: 'PropertyChangeNotAllowed' } } };
    expect([never, noMore]).toMatchObject([refused, refused]);
  });

  it('while a version is encrypted with a key of its owner', async () => {
    const opened = open();
    await permit(opened, 'Groups');
    const version = compute(opened.world).resources[`${galleryUrl}/images/ubuntu-22/versions/1.5.0`.toLowerCase()];
    const [region] = targetRegions(version as Resource);
    Object.assign(region as object, { encryption: { osDiskImage: { diskEncryptionSetId: '/des' } } });

    const answer = await share(opened, { operationType: 'Add', groups: groups(payments) });

    expect(JSON.stringify(answer)).toContain('1.5.0');
    expect(answer.status).toBe(409);
  });

  it.each([
    ['with groups while the gallery is private', { operationType: 'Add', groups: groups(payments) }, 409],
    ['with the community while the gallery is private', { operationType: 'EnableCommunity' }, 409],
    ['by an operation that does not exist', { operationType: 'Lend' }, 400],
    [
      'with a kind of group that does not exist',
      { operationType: 'Add', groups: [{ type: 'Friends', ids: ['x'] }] },
      400,
    ],
    ['without an operation', {}, 400],
  ])('%s', async (_, update, status) => {
    expect((await share(openPrivate(), update)).status).toBe(status);
  });

  it.each([
    ['permissions that do not exist', { permissions: 'Everybody' }],
    ['a community without its publisher', { permissions: 'Community', communityGalleryInfo: { eula: 'x' } }],
  ])('for a gallery with %s', async (_, sharingProfile) => {
    const { sandbox } = open();
    const body = { location: 'westeurope', properties: { sharingProfile } };

    const answer = await ask(sandbox, 'PUT', url('').replace(galleryUrl, galleryUrl.replace(/gold$/, 'silver')), body);

    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'InvalidParameter' } } });
  });
});
