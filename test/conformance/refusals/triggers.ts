import { type Azure, outcome } from './azure';
import { build } from './fits';
import { buildGroup, gallery, ubuntu } from './names';
import type { Refusal } from './row';
import { steps } from './templates';

type Ask = Refusal['request'];

const templateId = (name = 'row') => `${buildGroup}/providers/Microsoft.VirtualMachineImages/imageTemplates/${name}`;
const output = (galleryImageId: string) => ({
  distribute: [{ type: 'SharedImage', galleryImageId, runOutputName: 'row' }],
});
/** What a trigger needs: a source at latest, and a definition of its own without a version. */
const fit = output(ubuntu);
const put =
  (change: object = {}, name = 'row'): Ask =>
  (azure) =>
    azure.send('PUT', templateId(name), build({}, { ...fit, ...change }));
const made =
  (change: object = {}, name = 'row'): Ask =>
  (azure) =>
    azure.done('PUT', templateId(name), build({}, { ...fit, ...change }));
const trigger =
  (name = 'row', template = 'row'): Ask =>
  (azure) =>
    azure.send('PUT', `${templateId(template)}/triggers/${name}`, { properties: { kind: 'SourceImage' } });
const fine = steps(made(), trigger());

const other = `${gallery}/images/other`;
const defined: Ask = (azure) =>
  azure.done('PUT', other, {
    location: 'westeurope',
    properties: {
      osType: 'Linux',
      osState: 'Generalized',
      hyperVGeneration: 'V2',
      identifier: { publisher: 'contoso', offer: 'triggers', sku: 'other' },
    },
  });
const exact = '22.04.202611120';
const jammy = { publisher: 'Canonical', offer: '0001-com-ubuntu-server-jammy', sku: '22_04-lts-gen2' };
const fromGallery = { source: { type: 'SharedImageVersion', imageVersionId: `${ubuntu}/versions/latest` } };
const oneOnly: Ask = async (azure) => {
  await azure.conditions({ limits: [{ what: 'imageBuilderTriggers', most: 1 }] });
  return { status: 200 };
};

const built: Ask = async (azure) => {
  const answer = await azure.send('POST', `${templateId()}/run`);
  await outcome(azure, answer);
  return answer;
};
const broken = { customize: [{ type: 'Shell', name: 'breaks', inline: ['false'] }] };
const shown = async (azure: Azure) => (await azure.send('GET', `${templateId()}/triggers/row`)).body;
const lastStart = async (azure: Azure) => {
  const { body } = await azure.send('GET', templateId());
  return (body as { properties: { lastRunStatus: { startTime: string } } }).properties.lastRunStatus.startTime;
};

/** Triggers of image templates. goldbot makes none: they build past every approval. */
export const triggerRefusals: readonly Refusal[] = [
  { id: 'AIB-44', given: put(), request: trigger(), fine, refused: { status: 400 }, names: ['row'] },
  {
    id: 'AIB-45',
    given: steps(made(), trigger('first')),
    request: trigger(),
    fine,
    refused: { status: 400 },
    names: ['first'],
  },
  {
    id: 'AIB-46',
    request: steps(made({ source: { type: 'PlatformImage', ...jammy, version: exact } }), trigger()),
    fine: steps(made({ source: { type: 'PlatformImage', ...jammy, version: 'latest' } }), trigger()),
    refused: { status: 400 },
    names: [exact],
  },
  {
    id: 'AIB-47',
    request: steps(made(fromGallery), trigger()),
    fine: steps(defined, made({ ...fromGallery, ...output(other) }), trigger()),
    refused: { status: 400 },
    names: [ubuntu],
  },
  {
    id: 'AIB-48',
    request: steps(made(output(`${ubuntu}/versions/9.0.0`)), trigger()),
    fine,
    refused: { status: 400 },
    names: [`${ubuntu}/versions/9.0.0`],
  },
  {
    id: 'AIB-49',
    given: steps(oneOnly, made(), made({}, 'other'), trigger('first', 'other')),
    request: trigger(),
    fine: steps(oneOnly, fine),
    refused: { status: 400 },
    names: ['1 triggers', 'westeurope'],
  },
  {
    id: 'AIB-50',
    given: steps(made(broken), trigger(), built, built),
    request: built,
    refused: {
      silent: async (azure) => {
        expect(await shown(azure)).toMatchObject({
          properties: { status: { code: expect.not.stringMatching('Healthy') } },
        });
        const before = await lastStart(azure);
        // Two newer versions of the source come out meanwhile.
        azure.later(28 * 24 * 60);
        expect(await lastStart(azure)).toBe(before);
      },
    },
  },
];
