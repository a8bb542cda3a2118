import type { OutputTarget } from '../../core/azure';
import type { Route, SandboxResponse } from '../../sandbox/kernel/types';
import { armError, azureOf, failure, place, ubuntu } from './azure';

/** What Azure is asked about what is made of a version beside the gallery. */
const templates = '/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.VirtualMachineImages/imageTemplates';
const images = '/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Compute/images/{name}';
const managed: OutputTarget = {
  kind: 'managed-image',
  place: `/subscriptions/${ubuntu.subscription}/resourceGroups/rg-out/providers/Microsoft.Compute/images/ubuntu-22-1.6.0`,
};
const vhd: OutputTarget = { kind: 'vhd', place: 'https://out.blob.core.windows.net/vhds/ubuntu-22-1.6.0.vhd' };

const answers = (path: string, response: SandboxResponse, more: Partial<Route> = {}): Route => ({
  ...{ method: 'GET', path, handle: () => response },
  ...more,
});
const image = (provisioningState: string, tags?: object): SandboxResponse => ({
  status: 200,
  body: {
    id: managed.place,
    name: 'ubuntu-22-1.6.0',
    location: 'westeurope',
    ...(tags && { tags }),
    properties: { provisioningState },
  },
});
const head = (status: number, code?: string): Route =>
  answers(
    '/{container}/{name+}',
    { status, headers: code ? { 'x-ms-error-code': code } : {} },
    {
      ...{ method: 'HEAD', host: '*.blob.core.windows.net' },
    },
  );

it.each<[string, OutputTarget, Route, object | undefined]>([
  [
    'a managed image that is there',
    managed,
    answers(images, image('Succeeded', { 'goldbot-run': 'R-22222' })),
    { state: 'ready', runId: 'R-22222' },
  ],
  ['one that says nothing of a run', managed, answers(images, image('Succeeded')), { state: 'ready' }],
  ['one that is being made', managed, answers(images, image('Creating')), { state: 'making' }],
  ['one that could not be made', managed, answers(images, image('Failed')), { state: 'failed' }],
  ['no managed image', managed, answers(images, armError(404, 'ResourceNotFound', 'None.')), undefined],
  ['a blob', vhd, head(200), { state: 'ready' }],
  ['no blob', vhd, head(404, 'BlobNotFound'), undefined],
])('%s', async (_, target, route, expected) => {
  const azure = azureOf([route]);
  expect(await azure.read.output(target)).toEqual(expected);
  expect(azure.sandbox.exchanges).toHaveLength(1);
});

it.each([
  ['a container that is not there', 404, 'ContainerNotFound', 'AZ_NOT_FOUND', 'The container does not exist.'],
  [
    'a container that goldbot may not read',
    403,
    'AuthorizationPermissionMismatch',
    'AZ_FORBIDDEN',
    'The storage account did not let goldbot read it',
  ],
  [
    'an account that keeps goldbot out',
    403,
    'AuthorizationFailure',
    'AZ_FORBIDDEN',
    'The network of the storage account keeps goldbot out',
  ],
])('%s is no “there is nothing”', async (_, status, code, as, message) => {
  const error = await failure(azureOf([head(status, code)]).read.output(vhd));
  expect(error).toMatchObject({ code: as, message: expect.stringContaining(message) });
});

it('what a template has made is what its run outputs say has succeeded', async () => {
  const output = (name: string, properties: object) => ({ name, properties });
  const value = [
    output('managed-image', { provisioningState: 'Succeeded', artifactId: managed.place }),
    output('vhd', { provisioningState: 'Succeeded', artifactUri: vhd.place }),
    output('other', { provisioningState: 'Failed', artifactUri: 'https://x' }),
    output('empty', { provisioningState: 'Succeeded' }),
  ];
  const path = `${templates}/{t}/runOutputs`;
  expect(await azureOf([answers(path, { status: 200, body: { value } })]).read.distributed(place, 't')).toEqual([
    managed.place,
    vhd.place,
  ]);
  const none = azureOf([answers(path, armError(404, 'ResourceNotFound', 'None.'))]);
  expect(await none.read.distributed(place, 't')).toEqual([]);
});
