import type { AzureRead, ImageRef } from '../../core/azure';
import { definitionId, galleryVersionId } from '../../core/azure-id';
import { findImage } from '../../core/catalogue';
import type { ListedVersion } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { imageRef } from '../../core/images';
import { isToldIn, parityTopic, readParity, secondImageRef } from '../../core/lifecycle';
import { differencesOf } from '../../core/lifecycle/parity';
import { exampleCatalogue } from '../support/catalogue';

const example = exampleCatalogue();
const azure = { ...example.azure, secondGallery: { name: 'gold_dr', resourceGroup: 'rg-dr' } };
const ubuntu = findImage(example, 'ubuntu-22');
if (!ubuntu) throw new Error('the example lacks ubuntu-22');
const home = imageRef(azure, ubuntu);
const away = secondImageRef(azure, ubuntu) as ImageRef;
const now = new Date('2026-11-30T00:00:00Z');
const end = new Date('2027-05-01T00:00:00Z');
const copies = [
  { name: 'West Europe', replicas: 3 },
  { name: 'East US', replicas: 2 },
];

const version = (number: string, more: Partial<ListedVersion> = {}): ListedVersion => ({
  ...{ source: definitionId(home).toLowerCase(), version: number, provisioningState: 'Succeeded', endOfLife: end },
  ...{ excludedFromLatest: false, tags: { 'goldbot-published': 'x' }, regions: ['westeurope'], disks: [], copies },
  ...more,
});
const compare = (
  first: readonly ListedVersion[],
  second: readonly ListedVersion[] | undefined,
  regions?: readonly string[],
) => differencesOf({ image: 'ubuntu-22', home, first, second, regions, now });
const kinds = (...sides: Parameters<typeof compare>) => compare(...sides).map(({ kind, version: n }) => [n, kind]);

describe('the galleries', () => {
  it('are alike where the second has a copy in each region of what the first offers', () => {
    const origin = galleryVersionId(home, '1.5.0').toLowerCase();
    const copy = version('1.5.0', { copies: [{ name: 'westeurope', replicas: 1 }, ...copies.slice(1)], origin });
    expect(compare([version('1.5.0')], [copy])).toEqual([]);
    expect(compare([version('1.5.0', { copies: [] })], [version('1.5.0', { copies: [] })])).toEqual([]);
  });

  it.each([
    ['it was never published', { excludedFromLatest: true, tags: {} }],
    ['it is out of latest', { excludedFromLatest: true }],
    ['its life is over', { endOfLife: now }],
    ['it failed', { provisioningState: 'Failed' }],
    ['Azure is making it', { provisioningState: 'Creating' }],
  ] as const)('need not share what nobody is meant to take: %s', (_, more) => {
    expect(compare([version('1.5.0', more)], [])).toEqual([]);
    expect(compare([version('1.5.0', more)], undefined)).toEqual([]);
    expect(compare([], [version('1.5.0', more)])).toEqual([]);
  });

  it('differ in what is missing there, with the copies that it takes', () => {
    const absent = { image: 'ubuntu-22', version: '1.5.0', copies, end: end.toISOString() };
    expect(compare([version('1.5.0')], [])).toEqual([{ kind: 'absent', ...absent }]);
    const failed = version('1.5.0', { provisioningState: 'Failed' });
    expect(compare([version('1.5.0')], [failed])).toEqual([{ kind: 'failed', ...absent }]);
    expect(kinds([version('1.5.0')], [version('1.5.0', { provisioningState: 'Deleting' })])).toEqual([
      ['1.5.0', 'absent'],
    ]);
    expect(kinds([version('1.5.0')], [version('1.5.0', { provisioningState: 'Creating', copies: [] })])).toEqual([]);
    expect(compare([version('1.5.0')], [version('1.5.0', { copies: copies.slice(0, 1) })])).toEqual([
      { kind: 'copies', image: 'ubuntu-22', version: '1.5.0', copies: [{ name: 'East US', replicas: 2 }] },
    ]);
    expect(compare([version('1.5.0')], undefined)).toEqual([
      { kind: 'no definition', image: 'ubuntu-22', version: '' },
    ]);
  });

  it('are compared in the regions that the catalogue names, if it does', () => {
    const there = version('1.5.0', { copies: [{ name: 'West Europe', replicas: 1 }] });
    expect(compare([version('1.5.0')], [there], ['westeurope'])).toEqual([]);
    expect(compare([version('1.5.0')], [there], ['West Europe', 'Norway East'])).toEqual([
      { kind: 'copies', image: 'ubuntu-22', version: '1.5.0', copies: [{ name: 'Norway East', replicas: 1 }] },
    ]);
  });

  it('differ in what the second offers and the first does not, which is told first', () => {
    const first = [version('1.5.0'), version('1.4.0', { excludedFromLatest: true })];
    const second = [version('1.3.0'), version('1.4.0'), version('1.5.0', { copies: [] })];
    expect(kinds(first, second)).toEqual([
      ['1.4.0', 'still offered'],
      ['1.3.0', 'only there'],
      ['1.5.0', 'copies'],
    ]);
    expect(kinds([version('1.5.0', { provisioningState: 'Deleting' })], [version('1.5.0')])).toEqual([
      ['1.5.0', 'only there'],
    ]);
  });

  it('differ in what is of the same number and no copy, and in what is said of it', () => {
    const origin = galleryVersionId({ ...home, gallery: 'theirs' }, '1.5.0').toLowerCase();
    expect(compare([version('1.5.0')], [version('1.5.0', { origin })])).toEqual([
      { kind: 'another', image: 'ubuntu-22', version: '1.5.0', origin, copies, end: end.toISOString() },
    ]);
    expect(kinds([version('1.5.0')], [version('1.5.0', { excludedFromLatest: true })])).toEqual([
      ['1.5.0', 'not offered'],
    ]);
    const { endOfLife: _, ...endless } = version('1.5.0');
    expect(compare([version('1.5.0')], [endless])).toEqual([
      { kind: 'end', image: 'ubuntu-22', version: '1.5.0', end: end.toISOString() },
    ]);
    expect(compare([endless], [version('1.5.0')])).toEqual([
      { kind: 'end', image: 'ubuntu-22', version: '1.5.0', otherEnd: end.toISOString() },
    ]);
    // Over in the first gallery, and offered by the second for months to come.
    const over = new Date('2026-11-01T00:00:00Z');
    expect(compare([version('1.5.0', { endOfLife: over })], [version('1.5.0')])).toEqual([
      { kind: 'end', image: 'ubuntu-22', version: '1.5.0', end: over.toISOString(), otherEnd: end.toISOString() },
    ]);
  });
});

describe('the comparison', () => {
  const asked: (readonly ImageRef[])[] = [];
  const read = (definitions: AzureRead['definitions']): Pick<AzureRead, 'definitions' | 'publishedVersions'> => ({
    definitions,
    publishedVersions: async (images) => {
      asked.push(images);
      return { rows: images.some(({ gallery }) => gallery === 'gold_dr') ? [] : [version('1.5.0')], asOf: now };
    },
  });
  const compared = (definitions: AzureRead['definitions']) =>
    readParity(read(definitions), { ...example, azure }, { images: [ubuntu], now });
  const definition = { name: 'Ubuntu-22' } as Awaited<ReturnType<AzureRead['definitions']>>[number];

  it('costs two lists and one question, however many images there are, and nothing without a second gallery', async () => {
    const found = await compared(async () => [definition]);
    expect(found).toMatchObject({ gallery: 'gold_dr', isThere: true, offered: 1, differences: [{ kind: 'absent' }] });
    expect(asked).toHaveLength(2);
    expect(
      await readParity(
        read(async () => []),
        example,
        { images: [ubuntu], now },
      ),
    ).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it('says that there is no such gallery or definition, and throws what goldbot may not see', async () => {
    const refusing = (code: 'AZ_NOT_FOUND' | 'AZ_FORBIDDEN') => () =>
      Promise.reject(new UserError(code, 'x', { hint: 'y' }));
    expect(await compared(refusing('AZ_NOT_FOUND'))).toMatchObject({ isThere: false, offered: 1, differences: [] });
    expect((await compared(async () => []))?.differences).toEqual([
      { kind: 'no definition', image: 'ubuntu-22', version: '' },
    ]);
    // Resource Graph would have told of an empty gallery.
    await expect(compared(refusing('AZ_FORBIDDEN'))).rejects.toThrow('x');
  });
});

it('is told once a channel and week', () => {
  const topic = parityTopic('Image Factory / approvals', now);
  expect(topic).toBe(parityTopic('Image Factory / approvals', new Date('2026-12-06T23:00:00Z')));
  expect(topic).not.toBe(parityTopic('Image Factory / approvals', new Date('2026-12-07T00:00:00Z')));
  expect(isToldIn(topic, 'Image Factory / approvals')).toBe(true);
  expect(isToldIn(topic, 'web / ops')).toBe(false);
  expect(away).toMatchObject({ subscription: azure.subscription, gallery: 'gold_dr', definition: 'ubuntu-22' });
});
