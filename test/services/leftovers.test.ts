import type { Route } from '../../sandbox/kernel/types';
import { azureOf, place, ubuntu } from './azure';

const group = '/subscriptions/{s}/resourceGroups/{g}/providers';
const list = (path: string, value: object[]): Route => ({
  method: 'GET',
  path: `${group}/${path}`,
  handle: ({ url }) =>
    url.searchParams.has('page')
      ? { status: 200, body: { value: value.slice(1) } }
      : { status: 200, body: { value: value.slice(0, 1), nextLink: `${url.href}&page=2` } },
});

const tagged = (name: string, tags: object, properties: object = {}) => ({
  id: `/x/${name}`,
  name,
  location: 'westeurope',
  tags,
  properties,
});
const template = { source: { type: 'PlatformImage' }, distribute: [], identity: {} };
const run = { 'goldbot-run': 'R-7F3KQ' };
const version = (name: string, tags: object, excludeFromLatest: boolean) =>
  tagged(name, tags, { publishingProfile: { excludeFromLatest }, storageProfile: {} });

describe('what runs left behind', () => {
  it('is what carries a run, on every page, and was never published', async () => {
    const azure = azureOf([
      list('Microsoft.VirtualMachineImages/imageTemplates', [
        { ...tagged('by-hand', {}, template), identity: {} },
        { ...tagged('t1', run, template), identity: {} },
      ]),
      list('Microsoft.Compute/virtualMachines', [tagged('pet', { team: 'web' }), tagged('gbt-7f3kq-a1', run)]),
      list('Microsoft.Compute/galleries/gold/images/ubuntu-22/versions', [
        version('1.0.0', { ...run, 'goldbot-published': '2026-11-01' }, true),
        version('1.1.0', run, false),
        version('1.2.0', {}, true),
        version('1.3.0', run, true),
      ]),
    ]);
    await expect(azure.read.leftovers(place, ubuntu)).resolves.toEqual([
      { id: '/x/t1', kind: 'template', runId: 'R-7F3KQ', name: 't1' },
      { id: '/x/gbt-7f3kq-a1', kind: 'machine', runId: 'R-7F3KQ', name: 'gbt-7f3kq-a1' },
      { id: '/x/1.3.0', kind: 'version', runId: 'R-7F3KQ', name: 'ubuntu-22@1.3.0' },
    ]);
  });

  it('is nothing where there is no group', async () => {
    const azure = azureOf([]);
    azure.sandbox.faults.add({ match: {}, status: 404 });
    await expect(azure.read.leftovers(place, ubuntu)).resolves.toEqual([]);
  });

  it('is not known when one of the lists cannot be read', async () => {
    const azure = azureOf([]);
    azure.sandbox.faults.add({ match: { url: 'virtualMachines' }, status: 403 });
    azure.sandbox.faults.add({ match: {}, status: 404 });
    await expect(azure.read.leftovers(place, ubuntu)).rejects.toMatchObject({ code: 'AZ_FORBIDDEN' });
  });
});

describe('what builds left behind', () => {
  const image = ubuntu;
  const group = (name: string, tags: object) => ({ id: `/subscriptions/s/resourceGroups/${name}`, name, tags });
  const builder = { createdBy: 'AzureVMImageBuilder', imageTemplateName: 't1' };
  const disk = { osDiskImage: { sizeInGB: 30 } };
  const hidden = (name: string, tags: object, excludeFromLatest = true) =>
    tagged(name, tags, {
      publishingProfile: {
        excludeFromLatest,
        publishedDate: '2026-11-01T00:00:00Z',
        targetRegions: [{ name: 'West Europe', regionalReplicaCount: 2, storageAccountType: 'Standard_ZRS' }],
      },
      storageProfile: disk,
    });

  it('is told whoever made it, with what is known of its age and size; published versions and groups of other builds are none', async () => {
    const asked: string[] = [];
    const azure = azureOf([
      list('Microsoft.VirtualMachineImages/imageTemplates', [
        { ...tagged('by-hand', {}, template), identity: {} },
        { ...tagged('t1', run, template), identity: {} },
      ]),
      list('Microsoft.Compute/virtualMachines', [
        tagged('pet', {}, { timeCreated: '2026-11-02T00:00:00Z', hardwareProfile: { vmSize: 'Standard_D2s_v5' } }),
      ]),
      list('Microsoft.Compute/galleries/gold/images/ubuntu-22/versions', [
        hidden('1.0.0', { ...run, 'goldbot-published': '2026-11-01' }),
        hidden('1.1.0', run, false),
        hidden('1.2.0', {}),
        hidden('1.3.0', run),
      ]),
      {
        method: 'GET',
        path: '/subscriptions/{s}/resourcegroups',
        handle: ({ url }) => {
          asked.push(url.searchParams.get('$filter') ?? '');
          const value = [
            group('IT_ours', { ...builder, ...run, imageTemplateResourceGroupName: 'RG-Image-Builds' }),
            group('IT_theirs', { ...builder, imageTemplateResourceGroupName: 'rg-of-others' }),
          ];
          return { status: 200, body: { value } };
        },
      },
    ]);
    const found = await azure.read.remains(place, [image]);
    expect(found.map(({ kind, name, runId }) => [kind, name, runId])).toEqual([
      ['template', 'by-hand', undefined],
      ['template', 't1', 'R-7F3KQ'],
      ['machine', 'pet', undefined],
      ['staging group', 'IT_ours', 'R-7F3KQ'],
      ['candidate', 'ubuntu-22@1.3.0', 'R-7F3KQ'],
    ]);
    expect(found[2]).toMatchObject({ vmSize: 'Standard_D2s_v5', madeAt: new Date('2026-11-02T00:00:00Z') });
    expect(found[3]).toMatchObject({ template: 't1' });
    expect(found[4]).toMatchObject({ gib: 30, copies: 2, storage: 'Standard_ZRS', image });
    expect(asked).toEqual(["tagName eq 'createdBy' and tagValue eq 'AzureVMImageBuilder'"]);
  });
});
