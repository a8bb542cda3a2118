import { randomUUID } from 'node:crypto';
import { outputsAssignment } from '../../sandbox/azure/authorization/names';
import { principalIdOf } from '../../sandbox/azure/identity';
import { builderIdentity, outputsAccount, platformSubscription } from '../../sandbox/azure/names';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { ask } from './client';
import { galleryUrl, open } from './gallery-world';
import { template, templates } from './image-builder-world';

type Opened = ReturnType<typeof open>;
const source = `${galleryUrl}/images/ubuntu-22/versions/1.5.0`;

/** The images and disks that builds leave outside of the gallery. */
const group = `/subscriptions/${platformSubscription}/resourceGroups/rg-golden-images`;
const account = `${group}/providers/Microsoft.Storage/storageAccounts/${outputsAccount}`;
const container = `${account}/blobServices/default/containers/vhds?api-version=2023-01-01`;
const disk = (name = 'ubuntu-22-1.5.0.vhd', of = outputsAccount) => `https://${of}.blob.core.windows.net/vhds/${name}`;
const asOwner = { authorization: 'Bearer somebody', 'x-ms-version': '2023-11-03' };
const imageId = `${group}/providers/Microsoft.Compute/images/ubuntu-22-1.5.0`;

/** Storage Blob Data Contributor. */
const contributor = '/providers/Microsoft.Authorization/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe';
const builder = principalIdOf(builderIdentity);

const vhd = (uri: string) => ({ type: 'VHD', runOutputName: 'vhd', uri });
const managed = { type: 'ManagedImage', runOutputName: 'managed-image', imageId, location: 'westeurope' };

/** Of a version that is there already, without a step of its own. */
async function distributed({ sandbox, world }: Opened, ...distribute: object[]) {
  const { customize: _, ...properties } = template({
    properties: { source: { type: 'SharedImageVersion', imageVersionId: source }, distribute },
  }).properties;
  const path = `${templates}/out?api-version=2024-02-01`;
  const { status } = await ask(sandbox, 'PUT', path, { ...template(), properties });
  expect(status).toBe(201);
  world.clock.advance(120);
  const { body } = await ask(sandbox, 'GET', path);
  return (body as { properties: { lastRunStatus: { runState: string; message: string } } }).properties.lastRunStatus;
}

const head = (sandbox: Sandbox, uri: string) => ask(sandbox, 'HEAD', uri, undefined, asOwner);

it('a version becomes a managed image and a disk in the account of somebody, as large as its own disk', async () => {
  const azure = open();
  expect(await distributed(azure, managed, vhd(disk()))).toMatchObject({ runState: 'Succeeded' });
  const made = await ask(azure.sandbox, 'GET', `${imageId}?api-version=2024-07-01`);
  expect(made.body).toMatchObject({ properties: { storageProfile: { osDisk: { diskSizeGB: 30 } } } });
  const { status, headers } = await head(azure.sandbox, disk());
  expect({ status, headers }).toMatchObject({
    ...{ status: 200, headers: { 'content-length': String(30 * 2 ** 30 + 512), 'x-ms-blob-type': 'PageBlob' } },
  });
  const list = await ask(azure.sandbox, 'GET', `${disk('')}?restype=container&comp=list`, undefined, asOwner);
  expect(String(list.body)).toContain('<Name>ubuntu-22-1.5.0.vhd</Name>');
  const outputs = await ask(azure.sandbox, 'GET', `${templates}/out/runOutputs?api-version=2024-02-01`);
  expect(outputs.body).toMatchObject({
    value: expect.arrayContaining([
      expect.objectContaining({ name: 'vhd', properties: expect.objectContaining({ artifactUri: disk() }) }),
    ]),
  });
});

describe('a disk is not written', () => {
  const refused: readonly (readonly [string, (azure: Opened) => Promise<unknown>, RegExp])[] = [
    [
      'by an identity without a role for blobs',
      ({ sandbox }) => {
        const id = `${account}/providers/Microsoft.Authorization/roleAssignments/${outputsAssignment}`;
        return ask(sandbox, 'DELETE', `${id}?api-version=2022-04-01`);
      },
      /Error publishing VHD to https:\S+ Error: .*StatusCode=403, ErrorCode=AuthorizationPermissionMismatch/,
    ],
    [
      'into an account that is closed to the public network',
      ({ sandbox }) =>
        ask(sandbox, 'POST', '/_sandbox/conditions', {
          storage: [{ account: outputsAccount, publicNetworkAccess: 'Disabled' }],
        }),
      /StatusCode=403, ErrorCode=AuthorizationFailure/,
    ],
    [
      'into a container that somebody has deleted',
      ({ sandbox }) => ask(sandbox, 'DELETE', container),
      /StatusCode=404, ErrorCode=ContainerNotFound/,
    ],
  ];
  it.each(refused)('%s', async (_, make, said) => {
    const azure = open();
    await make(azure);
    const { runState, message } = await distributed(azure, managed, vhd(disk()));
    expect(runState).toBe('PartiallySucceeded');
    expect(message).toMatch(said);
    expect((await ask(azure.sandbox, 'GET', `${imageId}?api-version=2024-07-01`)).status).toBe(200);
    expect((await head(azure.sandbox, disk())).status).not.toBe(200);
  });

  it('into an account that there is none of', async () => {
    const { runState, message } = await distributed(open(), vhd(disk('a.vhd', 'nobodys')));
    expect(runState).toBe('Failed');
    expect(message).toContain('lookup nobodys.blob.core.windows.net: no such host');
  });
});

it('a disk and its container are made, told and deleted by Azure’s own verbs', async () => {
  const { sandbox } = open();
  const make = { ...asOwner, 'x-ms-blob-type': 'PageBlob', 'x-ms-blob-content-length': '1024' };
  const put = (headers: Record<string, string>) => ask(sandbox, 'PUT', disk('mine.vhd'), undefined, headers);
  expect((await put(make)).status).toBe(201);
  expect((await put({ ...make, 'x-ms-blob-content-length': '1000' })).status).toBe(400);
  expect(await head(sandbox, disk('mine.vhd'))).toMatchObject({ status: 200, headers: { 'content-length': '1024' } });
  expect((await ask(sandbox, 'GET', disk('mine.vhd'), undefined, asOwner)).status).toBe(501);
  expect((await ask(sandbox, 'DELETE', disk('mine.vhd'), undefined, asOwner)).status).toBe(202);
  expect((await ask(sandbox, 'DELETE', disk('mine.vhd'), undefined, asOwner)).status).toBe(404);
  await put(make);
  const statuses = [];
  for (const method of ['DELETE', 'DELETE', 'GET', 'PUT', 'PUT', 'GET'])
    statuses.push((await ask(sandbox, method, container)).status);
  expect(statuses).toEqual([200, 204, 404, 201, 200, 200]);
  expect((await head(sandbox, disk('mine.vhd'))).status).toBe(404);
});

describe('an account that somebody makes', () => {
  const made = `${group}/providers/Microsoft.Storage/storageAccounts/contosodisks`;
  const version = 'api-version=2024-01-01';
  const body = { location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_LRS' } };
  const properties = { allowSharedKeyAccess: false, publicNetworkAccess: 'Enabled' };

  async function withAccount() {
    const azure = open();
    for (const [path, sent] of [
      [made, { ...body, properties }],
      [`${made}/blobServices/default`, { properties: { containerDeleteRetentionPolicy: { enabled: true, days: 14 } } }],
      [`${made}/blobServices/default/containers/vhds`, { properties: { publicAccess: 'None' } }],
    ] as const) {
      expect((await ask(azure.sandbox, 'PUT', `${path}?${version}`, sent)).status).toBeLessThan(300);
    }
    return azure;
  }

  it('is there with its containers, and takes no key that it was told not to take', async () => {
    const { sandbox } = await withAccount();
    expect((await ask(sandbox, 'GET', `${made}?${version}`)).body).toMatchObject({ id: made, ...body, properties });
    expect((await ask(sandbox, 'GET', `${made}/blobServices/default?${version}`)).body).toMatchObject({
      properties: { containerDeleteRetentionPolicy: { days: 14 } },
    });
    const signed = { authorization: 'SharedKey contosodisks:x', 'x-ms-version': '2023-11-03' };
    const list = `${disk('', 'contosodisks')}?restype=container&comp=list`;
    expect((await ask(sandbox, 'GET', list, undefined, signed)).body).toMatch(/KeyBasedAuthenticationNotPermitted/);
  });

  it('takes the disks of Image Builder once its identity has a role there', async () => {
    expect(await distributed(await withAccount(), vhd(disk('a.vhd', 'contosodisks')))).toMatchObject({
      ...{ runState: 'Failed', message: expect.stringMatching(/AuthorizationPermissionMismatch/) },
    });
    const azure = await withAccount();
    const role = { roleDefinitionId: contributor, principalId: builder, principalType: 'ServicePrincipal' };
    const at = `${made}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`;
    expect((await ask(azure.sandbox, 'PUT', at, { properties: role })).status).toBe(201);
    expect(await distributed(azure, vhd(disk('a.vhd', 'contosodisks')))).toMatchObject({ runState: 'Succeeded' });
  });

  it.each([
    [
      'a name that somebody has',
      made.replace('contosodisks', outputsAccount).replace('rg-golden-images', 'rg-image-builds'),
      body,
      'StorageAccountAlreadyTaken',
    ],
    ['a name that is none', made.replace('contosodisks', 'Contoso-disks'), body, 'AccountNameInvalid'],
    ['no region', made, {}, 'LocationRequired'],
  ])('is refused with %s', async (_, path, sent, code) => {
    const { body: told } = await ask(open().sandbox, 'PUT', `${path}?${version}`, sent);
    expect(told).toMatchObject({ error: { code } });
  });
});
