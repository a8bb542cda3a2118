import type { BuildSource } from '../../core/azure';
import {
  exactSourceText,
  isOfSource,
  shortSourceWords,
  sourceName,
  sourcePlace,
  sourceTitle,
  sourceWords,
} from '../../core/build-source';
import { type ImageConfig, parseCatalogue } from '../../core/catalogue';
import { tattooTags, usedBase } from '../../core/images';
import { planChanges } from '../../core/runs';
import { fixed } from '../dialogs/support/plan';
import { exampleFiles } from '../support/catalogue';
import { childFile, goldenId, managedId } from '../support/sources';

const jammy: BuildSource = { publisher: 'Canonical', offer: 'jammy', sku: '22_04', version: '22.04.1' };
const gold = { subscription: 's', resourceGroup: 'g', gallery: 'gold', definition: 'base' };
const golden: BuildSource = { kind: 'imageVersion', image: gold, version: '1.4.0' };
const hardened: BuildSource = {
  kind: 'managedImage',
  id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/hardened',
  version: '3f9c1ab2',
};

const withoutVersion = (words: string): string => words.replace(/[: ][^: ]*$/, '');

describe('what a build starts from', () => {
  it.each([
    [jammy, 'Canonical 22_04', 'Canonical jammy 22_04', 'the marketplace'],
    [golden, 'gold/base', 'gold/base', 'the gallery gold'],
    [hardened, 'managed image hardened', 'managed image hardened', 'Azure'],
  ])('has one name in each place (%#)', (source, name, title, place) => {
    expect([sourceName(source), sourceTitle(source), sourcePlace(source)]).toEqual([name, title, place]);
  });

  it.each([
    [jammy, 'Canonical:jammy:22_04:22.04.1', 'Canonical:jammy:22_04:22.04.1', '22.04.1'],
    [golden, 'gallery:s/g/gold/base:1.4.0', 'gold/base 1.4.0', 'gold/base 1.4.0'],
    [hardened, 'image:s/g/hardened:3f9c1ab2', 'managed image hardened 3f9c1ab2', 'managed image hardened 3f9c1ab2'],
  ])('stands in the tattoo, and is read back from there (%#)', (source, text, words, short) => {
    expect(exactSourceText(source)).toBe(text);
    expect([sourceWords(text), shortSourceWords(text)]).toEqual([words, short]);
    expect([words, sourceWords(text.replace(/:[^:]*$/, ''))]).toEqual([words, withoutVersion(words)]);
    expect([jammy, golden, hardened].filter((other) => isOfSource(text.toUpperCase(), other))).toEqual([source]);
  });

  it.each(['', 'gallery', 'gallery:x:1', 'image:a/b/c/d:1', 'whatever'])('leaves "%s" as it is', (text) => {
    expect(sourceWords(text)).toBe(text);
  });

  it('fits into the value of a tag, however long the names are', () => {
    const image = { subscription: 'a'.repeat(36), resourceGroup: 'g'.repeat(60), gallery: 'x'.repeat(40) };
    const source: BuildSource = {
      kind: 'imageVersion',
      image: { ...image, definition: 'd'.repeat(60) },
      version: '2147483647.0.0',
    };
    expect(exactSourceText(source).length).toBeLessThanOrEqual(256);
  });
});

describe('what differs between two plans', () => {
  it.each([
    [golden, { ...golden, version: '1.5.0' }, 'base 1.4.0 → 1.5.0'],
    [jammy, golden, 'base Canonical 22_04 22.04.1 → gold/base 1.4.0'],
    [golden, { ...golden, image: { ...gold, definition: 'other' } }, 'base gold/base 1.4.0 → gold/other 1.4.0'],
    [hardened, { ...hardened, version: 'ffffffff' }, 'base 3f9c1ab2 → ffffffff'],
  ] as const)('is the base, by the name of the source where that is another (%#)', (before, after, said) => {
    expect(planChanges({ ...fixed, base: before }, { ...fixed, base: after })).toEqual([said]);
    expect(planChanges({ ...fixed, base: before }, { ...fixed, base: { ...before } })).toEqual([]);
  });
});

describe('the base of the latest version', () => {
  const built = (source: string) => {
    const tattoo = {
      schema: '1',
      image: 'x',
      version: '1.0.0',
      source,
      os: 'o',
      built: 'b',
      run: 'r',
      recipe: 'c',
    } as const;
    return [
      {
        version: '1.0.0',
        excludedFromLatest: false,
        provisioningState: 'Succeeded',
        tags: tattooTags(tattoo),
      } as const,
    ];
  };

  it('is a version of the source of today, or another source by its name', () => {
    expect(usedBase(built('gallery:s/g/gold/base:1.4.0'), golden)).toEqual({ version: '1.4.0', words: '1.4.0' });
    expect(usedBase(built('Canonical:jammy:22_04:22.04.1'), golden)).toEqual({
      words: 'Canonical:jammy:22_04:22.04.1',
    });
    expect(usedBase(built('gallery:s/g/gold/base:1.4.0'), jammy)).toEqual({ words: 'gold/base 1.4.0' });
    expect(usedBase([], golden)).toBeUndefined();
  });
});

describe('the file of an image', () => {
  const read = (source: string): ImageConfig['source'] | string => {
    const parsed = parseCatalogue([...exampleFiles(), { path: 'images/payments-base.yaml', text: childFile(source) }]);
    if (!parsed.ok) return parsed.problems.map((p) => `${p.file}:${p.line}: ${p.message}`).join('\n');
    return parsed.catalogue.images.find(({ name }) => name === 'payments-base')?.source ?? 'no such image';
  };

  it('names a version of a gallery, its latest, or a managed image', () => {
    const version = read(`{ imageVersion: ${goldenId('ubuntu-22')}/versions/1.4.0 }`);
    expect(version).toMatchObject({ kind: 'imageVersion', image: { definition: 'ubuntu-22' }, version: '1.4.0' });
    expect(read(`{ imageVersion: ${goldenId('ubuntu-22')}/versions/latest }`)).not.toHaveProperty('version');
    expect(read(`{ managedImage: ${managedId('a')} }`)).toEqual({ kind: 'managedImage', id: managedId('a') });
  });

  it.each([
    [
      'a definition',
      `{ imageVersion: ${goldenId('ubuntu-22')} }`,
      /:4: source\.imageVersion: must be the id of a gallery version/,
    ],
    ['no id', '{ managedImage: hardened }', /:4: source\.managedImage: must be the id of a managed image/],
    ['two sources', `{ managedImage: ${managedId('a')}, sku: x }`, /:4: source: Unrecognized key: "sku"/],
    [
      'nothing',
      '{}',
      /:4: source: must be publisher, offer and sku of a marketplace image, or imageVersion, or managedImage/,
    ],
    ['half a source', '{ publisher: Canonical, offer: x }', /:4: source\.sku: is missing/],
  ])('is told by name and line when it has %s', (_, source, said) => {
    expect(read(source)).toMatch(said);
  });
});
