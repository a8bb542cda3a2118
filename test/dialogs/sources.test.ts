import type { AzureRead } from '../../core/azure';
import { type ImageConfig, parseCatalogue } from '../../core/catalogue';
import { UserError } from '../../core/errors';
import { imageRef, tattooTags } from '../../core/images';
import { newerBaseSentence, retiringWarning } from '../../dialogs/present/warnings';
import { roomForAll } from '../support/preflight';
import { catalogueFiles } from './support/catalogue';
import { aVersion, fixed } from './support/plan';
import { dialogWorld, type Who } from './support/world';

const parsed = parseCatalogue(catalogueFiles);
if (!parsed.ok) throw new Error('the catalogue of these tests has mistakes');
const { catalogue } = parsed;
const [ubuntu, noble] = catalogue.images as [ImageConfig, ImageConfig];
const parent = imageRef(catalogue.azure, ubuntu);
/** ubuntu-24 is built from ubuntu-22. */
const family = {
  ...catalogue,
  images: catalogue.images.map(
    (image): ImageConfig => (image === noble ? { ...image, source: { kind: 'imageVersion', image: parent } } : image),
  ),
};
const place = `gallery:${parent.subscription}/${parent.resourceGroup}/gold/ubuntu-22`;

function built(image: string, version: string, source: string) {
  const tattoo = {
    schema: '1',
    image,
    version,
    source,
    os: 'o',
    built: '2026-10-01',
    run: 'R-33333',
    recipe: 'c',
  } as const;
  return aVersion(version, { image, tags: tattooTags(tattoo) });
}

function says(text: string, read: Partial<AzureRead> = {}, who: Who = 'dana'): Promise<string> {
  const versions: AzureRead['versions'] = async ({ definition }) =>
    definition === 'ubuntu-24'
      ? [built('ubuntu-24', '1.0.0', `${place}:1.5.0`), built('ubuntu-24', '1.1.0', `${place}:1.4.0`)]
      : [aVersion('1.4.0'), aVersion('1.5.0')];
  const world = dialogWorld({
    catalogue: () => family,
    read: {
      versions,
      version: async (ref, version) => (await versions(ref)).find((v) => v.version === version),
      machinesByVersion: async () => new Map(),
      definitions: async () => [],
      ...read,
    },
  });
  return world.say(who, text).then((answer) => answer.text);
}

describe('an image that is built on another golden image', () => {
  it('names its parent, and the parent its children of that very version', async () => {
    expect(await says('show ubuntu-24@1.0.0')).toContain('Built from: gold/ubuntu-22 1.5.0\n');
    const shown = await says('show ubuntu-22@1.5.0');
    expect(shown).toContain('Base of: ubuntu-24 1.0.0\n');
    expect(shown).toContain('Built from: Canonical:o:22_04-lts-gen2:22.04.202610080\n');
  });

  it('is not planned from a parent that is not what goldbot tested', async () => {
    const definition = { state: 'Generalized', os: 'Linux', generation: 'V2', architecture: 'x64' } as const;
    const here = { name: catalogue.azure.location, replicas: 1, state: 'Completed', progress: 100 } as const;
    const plan = (tags: Record<string, string>) => {
      const own = {
        ...built('ubuntu-22', '1.5.0', 'Canonical:o:s:1'),
        regions: [{ ...here, excludedFromLatest: false }],
      };
      const versions = async ({ definition: of }: { definition: string }) =>
        of === 'ubuntu-22' ? [{ ...own, tags: { ...own.tags, ...tags } }] : [];
      const read = {
        ...roomForAll,
        scaleSets: async () => ({ rows: [], asOf: new Date(0) }),
        definition: async ({ definition: name }: { definition: string }) => ({ ...definition, name }),
        versions,
      };
      return says('publish ubuntu-24 --plan', { ...read, version: async (ref) => (await versions(ref))[0] }, 'ada');
    };
    expect(await plan({})).toContain('Base: gold/ubuntu-22 1.5.0');
    const forged = await plan({ 'goldbot-source': 'Evil' });
    expect(forged).toContain('The base gold/ubuntu-22 1.5.0 is not what goldbot tested: tag goldbot-tattoo-sha256: ');
    expect(forged).toContain('verify ubuntu-22@1.5.0');
  });

  it('has a parent of whose children Azure may say nothing', async () => {
    const silent = () => Promise.reject(new UserError('AZ_SILENT', 'x', { hint: 'x' }));
    expect(await says('show ubuntu-22@1.5.0', { publishedVersions: silent })).toContain('Base of: Azure did not say\n');
  });

  it('says so in the list of its versions', async () => {
    expect(await says('versions ubuntu-24')).toContain('gold/ubuntu-22 1.5.0 · built');
  });
});

describe('what deciders are told of a base in a gallery', () => {
  const golden = { ...fixed, base: { kind: 'imageVersion', image: parent, version: '1.4.0' } } as const;

  it('is where the newer one is, and when its life ends', () => {
    expect(newerBaseSentence(golden, '1.5.0')).toBe('The gallery gold has a newer base: 1.5.0.');
    expect(newerBaseSentence(fixed, '22.04.2')).toBe('The marketplace has a newer base: 22.04.2.');
    expect(retiringWarning({ ...golden, baseDeprecation: { at: '2026-12-20T00:00:00.000Z' } })).toBe(
      'The end of life of the base gold/ubuntu-22 1.4.0 is 20 Dec 2026: what is made from it needs a newer one by then.',
    );
    expect(retiringWarning(golden)).toBeUndefined();
  });
});
