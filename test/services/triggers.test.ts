import { azureOf, place } from './azure';

/** Which image templates of others can build by themselves, and what Image Builder says of their triggers. */
const list = '/subscriptions/{s}/providers/Microsoft.VirtualMachineImages/imageTemplates';
const one = '/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.VirtualMachineImages/imageTemplates/{t}';

const template = (name: string, properties: object, tags: object = {}) => ({
  id: `/subscriptions/s/resourceGroups/g/providers/Microsoft.VirtualMachineImages/imageTemplates/${name}`,
  ...{ name, location: 'westeurope', tags, identity: { type: 'None' } },
  properties: { distribute: [], ...properties },
});
const platform = (version?: string) => ({
  source: { type: 'PlatformImage', publisher: 'p', offer: 'o', sku: 's', ...(version && { version }) },
});
const gallery = (version: string) => ({
  source: { type: 'SharedImageVersion', imageVersionId: `/g/images/i/versions/${version}` },
});

async function seen(values: readonly object[]) {
  const { read } = azureOf([
    { method: 'GET', path: list, handle: () => ({ status: 200, body: { value: values } as never }) },
  ]);
  return read.foreignTemplates('s');
}

it.each([
  ['at the newest of the marketplace', template('t', platform('latest')), true],
  ['at no version, which is the newest', template('t', platform()), true],
  ['at the newest of a gallery', template('t', gallery('latest')), true],
  ['at an exact version of the marketplace', template('t', platform('22.04.1')), false],
  ['at an exact version of a gallery', template('t', gallery('1.0.0')), false],
  ['from a managed image', template('t', { source: { type: 'ManagedImage', imageId: '/i' } }), false],
  ['that goldbot made', template('t', platform('latest'), { 'goldbot-run': 'R-7F3KQ' }), false],
])('a template %s', async (_, shown, counts) => {
  expect((await seen([shown])).length).toBe(counts ? 1 : 0);
});

it('tells where it puts what it builds, and how its last build ended', async () => {
  const distribute = [
    { type: 'SharedImage', galleryImageId: '/g/images/a', runOutputName: 'a' },
    { type: 'SharedImage', galleryImageId: '/g/images/b', runOutputName: 'b', excludeFromLatest: true },
    { type: 'VHD', runOutputName: 'c' },
  ];
  const run = (lastRunStatus: object) => template('t', { ...platform(), distribute, lastRunStatus });
  const started = '2026-11-20T09:00:00Z';
  const [over] = await seen([run({ runState: 'Failed', startTime: started, endTime: '2026-11-20T09:20:00Z' })]);
  expect(over).toMatchObject({
    targets: [
      { definition: '/g/images/a', excludedFromLatest: false },
      { definition: '/g/images/b', excludedFromLatest: true },
    ],
    lastRun: { state: 'Failed', at: new Date('2026-11-20T09:20:00Z') },
  });
  const [open] = await seen([run({ runState: 'Running', startTime: started, endTime: '0001-01-01T00:00:00Z' })]);
  expect(open?.lastRun).toEqual({ state: 'Running', at: new Date(started) });
  expect((await seen([template('t', platform())]))[0]).not.toHaveProperty('lastRun');
});

it('passes on what Image Builder says of a trigger, and that there is no template', async () => {
  const status = { code: 'Deactivated', message: 'Run the template.', time: '2026-11-20T09:00:00Z' };
  const trigger = { name: 'on-base', properties: { kind: 'SourceImage', status, provisioningState: 'Succeeded' } };
  const path = `${one}/triggers`;
  const { read } = azureOf([
    { method: 'GET', path, handle: () => ({ status: 200, body: { value: [trigger] } as never }) },
  ]);
  expect(await read.triggers(place, 't')).toEqual([
    {
      name: 'on-base',
      kind: 'SourceImage',
      health: 'Deactivated',
      message: 'Run the template.',
      at: new Date(status.time),
    },
  ]);
  const gone = { status: 404, body: { error: { code: 'ResourceNotFound', message: 'No.' } } as never };
  const { read: other } = azureOf([{ method: 'GET', path, handle: () => gone }]);
  expect(await other.triggers(place, 't')).toEqual([]);
});
