import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { definitionId } from '../../core/azure-id';
import type { Catalogue } from '../../core/catalogue';
import { imageRef } from '../../core/images';
import { judged, shared, sharedFiles } from '../conformance/shared';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { goldenId } from '../support/sources';
import { bareTemplate, bareValues, parsedWith } from '../support/templates';

function catalogueWith(...given: Parameters<typeof parsedWith>): Catalogue {
  const parsed = parsedWith(...given);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.catalogue;
}

interface Sent {
  readonly identity: object;
  readonly properties: {
    readonly source: object;
    readonly customize: readonly { readonly name: string }[];
    readonly distribute: readonly object[];
    readonly vmProfile: object;
  };
}

describe('the publish of an image from an existing template', () => {
  let current = catalogueWith(bareTemplate, bareValues);
  let world: AzureWorld;
  beforeAll(async () => {
    world = await azureWorld({ catalogue: () => current });
  });
  afterAll(() => world.close());

  it('sends the steps of the template with the tattoo after them, and the outputs of the catalogue', async () => {
    const { id } = await world.publish({}, people.ada, 'ubuntu-22');
    const asking = await world.stage(id, 'approve');
    const [put] = world.changes('PUT', /imageTemplates/);
    if (!put) throw new Error('nothing was ordered');
    const { properties, identity } = put.requestBody as unknown as Sent;
    expect(properties.customize.map(({ name }) => name)).toEqual(['Shell 1', 'upgrade', 'tattoo']);
    expect(properties.source).toMatchObject({ sku: '22_04-lts-gen2', version: asking.plan.fixed?.base.version });
    expect(properties.vmProfile).toMatchObject({ vmSize: 'Standard_D2s_v3', osDiskSizeGB: 30 });
    expect(properties.distribute).toMatchObject([{ type: 'SharedImage', excludeFromLatest: true }]);
    expect(JSON.stringify([properties.distribute, identity])).not.toMatch(/there|<|"id"/);
    expect(asking.plan.fixed?.template?.changes).toContain('added: the tattoo, as the last step');
    await world.approve(id);
    expect((await world.end(id)).outcome).toBe('published');
  });

  it('builds from what latest means in a gallery, where the template names one', async () => {
    const platform = /"type": "PlatformImage",[^}]*/;
    const from = `"type": "SharedImageVersion", "imageVersionId": "${goldenId('ubuntu-22')}/versions/latest"`;
    current = catalogueWith(bareTemplate.replace(platform, from), bareValues);
    const newest = [...(await world.versions()).keys()].at(-1);
    const { id } = await world.publish({}, people.ada, 'ubuntu-22');
    await world.stage(id, 'approve');
    const put = world.changes('PUT', /imageTemplates/).at(-1);
    expect(put?.requestBody).toHaveProperty('properties.source', {
      type: 'SharedImageVersion',
      imageVersionId: `${goldenId('ubuntu-22')}/versions/${newest}`,
    });
    await world.approve(id);
    expect((await world.end(id)).outcome).toBe('published');
  });

  /** As Microsoft publishes them, every placeholder filled: into which definition, and what becomes of it. */
  const given = { imageTemplateName: 't', 'api-version': '2020-02-14', svclocation: 'westeurope' };
  const quickstarts: readonly (readonly [string, string, string, Record<string, string>, RegExp])[] = [
    ['helloImageTemplateforSIG', 'ubuntu-22', 'ubuntu-22', {}, /^published$/],
    [
      'helloImageTemplateVHD',
      'ubuntu-22',
      'ubuntu-22',
      {},
      /is of generation V1; the image definition ubuntu-22 takes V2/,
    ],
    ['helloImageTemplateVHD', 'ubuntu-22', 'linux-v1', {}, /^published$/],
    [
      'armTemplateWinSIG',
      'windows-2022',
      'windows-2022',
      given,
      /is of generation V1; the image definition windows-2022 takes V2/,
    ],
    ['armTemplateWinSIG', 'windows-2022', 'windows-v1', given, /^published$/],
  ];
  judged('templates that Microsoft publishes', () => {
    it.each(quickstarts)('%s of %s into %s', async (name, image, definition, values, becomes) => {
      const file = sharedFiles('aib-quickstarts').find((f) => f.includes(name)) ?? '';
      const text = readFileSync(join(shared, 'aib-quickstarts', file), 'utf8');
      const names = [...text.matchAll(/<([A-Za-z][\w.-]*)>/g)].map(([, n]) => [n ?? '', 'filled']);
      current = into(definition, catalogueWith(text, { ...Object.fromEntries(names), ...values }, image));
      if (definition.endsWith('-v1')) await define(world, current, image);
      const { id } = await world.publish({}, people.ada, image);
      const run = await world.until(id, (r) => r.endedAt !== null || r.stage === 'approve' || r.stage === 'repair');
      if (run.stage === 'approve') await world.approve(id);
      const ended = run.stage === 'repair' ? run : await world.end(id);
      expect(ended.outcome === 'published' ? 'published' : JSON.stringify(ended.data)).toMatch(becomes);
    });
  });
});

function into(imageDefinition: string, catalogue: Catalogue): Catalogue {
  const images = catalogue.images.map((image) => (image.template ? { ...image, imageDefinition } : image));
  return { ...catalogue, images };
}

/** A definition of first generation, in the gallery of the catalogue. */
async function define({ sandbox }: AzureWorld, { azure, images }: Catalogue, name: string): Promise<void> {
  const image = images.find((i) => i.name === name);
  if (!image) throw new Error(`no image ${name}`);
  const properties = {
    ...{ osType: image.os, osState: 'Generalized', hyperVGeneration: 'V1' },
    identifier: { publisher: 'golden', offer: 'v1', sku: image.imageDefinition },
  };
  const url = `${definitionId(imageRef(azure, image))}?api-version=2023-07-03`;
  const { status } = await ask(sandbox, 'PUT', url, { location: azure.location, properties });
  expect(status).toBe(201);
}
