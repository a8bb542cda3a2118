import type { Route } from '../../sandbox/kernel/types';
import { azureOf } from './azure';
import { wholeAzure } from './whole-azure';

const vm = '/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Compute/virtualMachines/{vm}';
const id = '/subscriptions/1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web-01';
const diskId = '/subscriptions/1/resourceGroups/rg/providers/Microsoft.Compute/disks/web-01-os';
const definition = '/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/galleries/gold/images/ubuntu-22';
const platform =
  '/Subscriptions/1/Providers/Microsoft.Compute/Locations/westeurope/Publishers/Canonical/ArtifactTypes/VMImage/Offers/jammy/Skus/22_04-lts/Versions/22.04.1';

function machineOf(imageReference: object | undefined, creationData?: object, tags: object = {}) {
  const osDisk = { createOption: 'FromImage', ...(creationData && { managedDisk: { id: diskId } }) };
  const body = {
    id,
    name: 'web-01',
    location: 'westeurope',
    tags,
    properties: { storageProfile: { imageReference, osDisk }, instanceView: { osName: 'ubuntu', osVersion: '22.04' } },
  };
  const routes: Route[] = [
    { method: 'GET', path: vm, handle: () => ({ status: 200, body }) },
    {
      method: 'GET',
      path: diskId,
      handle: () => ({ status: 200, body: { location: 'westeurope', properties: { creationData } } }),
    },
  ];
  return azureOf(routes).read;
}

describe('what a machine says about its image', () => {
  const references: [title: string, reference: object | undefined, expected: string][] = [
    ['a version', { id: `${definition}/versions/1.2.0`, exactVersion: '1.2.0' }, `${definition}/versions/1.2.0`],
    ['the latest of a definition', { id: definition, exactVersion: '1.2.0' }, `${definition}/versions/1.2.0`],
    [
      'the marketplace',
      { publisher: 'Canonical', offer: 'jammy', sku: '22_04-lts', version: 'latest', exactVersion: '22.04.1' },
      'Canonical:jammy:22_04-lts:22.04.1',
    ],
    [
      'a shared gallery',
      { sharedGalleryImageId: '/SharedGalleries/g/Images/i/Versions/1.0.0', exactVersion: '1.0.0' },
      '/SharedGalleries/g/Images/i/Versions/1.0.0',
    ],
    ['a disk alone', undefined, ''],
  ];
  it.each(references)('made from %s', async (_, reference, imageReference) => {
    await expect(machineOf(reference).machines(id)).resolves.toMatchObject([{ id, imageReference }]);
  });

  it('beside what its disk says', async () => {
    const gallery = machineOf({ id: definition }, { galleryImageReference: { id: `${definition}/versions/1.1.0` } });
    await expect(gallery.machines(id)).resolves.toMatchObject([{ diskReference: `${definition}/versions/1.1.0` }]);
    const market = machineOf({ id: definition }, { imageReference: { id: platform } });
    await expect(market.machines(id)).resolves.toMatchObject([{ diskReference: 'Canonical:jammy:22_04-lts:22.04.1' }]);
  });

  it('with its operating system', async () => {
    const found = await machineOf({ id: definition }, undefined, { team: 'web' }).machines(id);
    expect(found).toMatchObject([{ osName: 'ubuntu', osVersion: '22.04', location: 'westeurope' }]);
  });
});

describe('a machine of the sandbox', () => {
  it('is found by its name, in any case, and by its id', async () => {
    const { read, sandbox } = wholeAzure();
    const answer = await sandbox.handle({
      face: 'azure',
      method: 'POST',
      url: new URL('https://management.azure.com/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01'),
      headers: {},
      body: { query: "resources | where type =~ 'microsoft.compute/virtualmachines' | project id, name | take 1" },
    });
    const [row] = (answer.body as { data: { id: string; name: string }[] }).data;
    const byName = await read.machines(row?.name.toUpperCase() ?? '');
    const byId = await read.machines(row?.id ?? '');
    expect(byName).toEqual(byId);
    expect(byName[0]?.imageReference).not.toBe('');
  });

  it('that does not exist is none', async () => {
    const { read } = wholeAzure();
    await expect(read.machines('nobody')).resolves.toEqual([]);
    await expect(read.machines(`${id}-gone`)).resolves.toEqual([]);
    await expect(read.machines('/not/an/id')).resolves.toEqual([]);
  });
});
