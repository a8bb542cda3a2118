import type { GalleryVersion, InventoryRead } from '../../core/azure';
import { definitionId, galleryVersionId } from '../../core/azure-id';
import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { goldenGalleries } from '../../core/compliance';
import { copiedIn, goldenGallery, homesOf, lineageOf, secondNameOf } from '../../core/images';
import {
  blastRadius,
  changedSince,
  consumerWords,
  joinedRadius,
  planCopy,
  readPastEnd,
  readUsers,
  type SecondCopy,
  tagsInSecond,
} from '../../core/lifecycle';
import { exampleCatalogue } from '../support/catalogue';

const example = exampleCatalogue();
const azure = { ...example.azure, secondGallery: { name: 'gold_dr', resourceGroup: 'rg-dr' } };
const [ubuntu] = example.images as readonly [ImageConfig];
const catalogue: Catalogue = { ...example, azure, images: [ubuntu] };
const [home, away] = homesOf(azure, ubuntu) as [ReturnType<typeof homesOf>[number], ReturnType<typeof homesOf>[number]];
const [own, copied] = [home, away].map((ref) => definitionId(ref).toLowerCase()) as [string, string];
const now = new Date('2026-11-30T00:00:00Z');

const version = (number: string, more: Partial<GalleryVersion> = {}): GalleryVersion => ({
  ...{ id: `/v/${number}`, image: 'x', version: number, provisioningState: 'Succeeded', tags: {} },
  ...{ excludedFromLatest: false, blockDeletionBeforeEndOfLife: false },
  regions: [{ name: 'West Europe', replicas: 1, state: 'Completed', progress: 100, excludedFromLatest: false }],
  ...more,
});
const place = { subscription: 's', resourceGroup: 'r' };
const counted = (source: string, machines: number) => ({
  ...{ ...place, type: 'vm' as const, source, version: '1.4.1', location: 'westeurope', behindModel: false, tags: {} },
  machines,
});
const set = (name: string, source: string, number: string) => ({
  ...{ ...place, id: `/sets/${name}`, name, location: 'westeurope', tags: {}, source, version: number },
  ...{ selfUpgrading: number === '', mode: 'Automatic' as const, takesReimage: true },
});
const found = (id: string, source: string) => ({
  ...{ ...place, kind: 'descendant' as const, id, name: '1.4.1', type: 'x/y', location: 'westeurope', tags: {} },
  ...{ source, version: '1.4.1' },
});
const asked: unknown[] = [];
const read = {
  machineCounts: async () => ({ rows: [counted(own, 3), counted(copied, 2)], members: [], asOf: now }),
  managementGroups: async () => new Map(),
  scaleSets: async (sources: unknown) => {
    asked.push(sources);
    return { rows: [set('one', own, '1.4.1'), set('two', copied, '1.4.1'), set('three', copied, '')], asOf: now };
  },
  imageConsumers: async (homes: unknown) => {
    asked.push(homes);
    return {
      rows: [found(`${copied}/versions/1.4.1`, own), found('/g/images/child/versions/1.0.0', copied)],
      asOf: now,
    };
  },
} satisfies Pick<InventoryRead, 'machineCounts' | 'managementGroups' | 'scaleSets' | 'imageConsumers'>;
const radius = async (act: 'retire' | 'revoke', gallery?: string) => {
  const users = await readUsers(read, catalogue, ubuntu);
  const all = [version('1.4.1'), version('1.3.0')];
  return blastRadius({ act, versions: ['1.4.1'], all, users, gallery, now });
};
const words = (effects: Awaited<ReturnType<typeof radius>>['breaks']) =>
  effects.map(({ consumer, why }) => `${consumerWords(consumer)} ${why}`);

describe('an image that is in both galleries', () => {
  it('is one image to whatever asks what a machine runs', () => {
    const gallery = goldenGallery(catalogue, [
      { source: own, version: '1.5.0', excludedFromLatest: false, regions: ['westeurope'] },
    ]);
    const machine = { source: copied, version: '1.5.0', location: 'westeurope' };
    expect(lineageOf(machine, gallery, now)).toMatchObject({ image: 'ubuntu-22', lineage: 'latest' });
    const shared = `/sharedGalleries/${away.subscription}-gold_dr/images/ubuntu-22`;
    expect(lineageOf({ ...machine, source: shared }, gallery, now).image).toBe('ubuntu-22');
    expect(lineageOf(machine, goldenGallery(example, []), now)).toMatchObject({ lineage: 'otherGallery' });
    expect([own, copied, shared].map(copiedIn(catalogue))).toEqual([undefined, 'gold_dr', 'gold_dr']);
    expect([home, away].map((ref) => secondNameOf(azure, ref))).toEqual([undefined, 'gold_dr']);
    expect(goldenGalleries(azure).map((id) => id.split('/').at(-1))).toEqual(['gold', 'gold_dr']);
  });

  it('has users in both, and copies of its versions are none of them', async () => {
    const { consumers } = await readUsers(read, catalogue, ubuntu);
    expect(asked).toEqual([
      [definitionId(home), definitionId(away)],
      [home, away],
    ]);
    expect(consumers.map((one) => [one.name, one.gallery, one.machines])).toEqual([
      ['in westeurope', undefined, 3],
      ['in westeurope', 'gold_dr', 2],
      ['one', undefined, undefined],
      ['two', 'gold_dr', undefined],
      ['three', 'gold_dr', undefined],
      ['child@1.4.1', 'gold_dr', undefined],
    ]);
  });

  it('breaks for nobody who names the copy when the version goes, and counts who runs it', async () => {
    const { breaks, survives, moves, machines } = await radius('retire');
    expect(words(breaks)).toEqual(['scale set one could not scale out, reimage or repair: it names this version']);
    expect(words(survives)).toContain('scale set two from gold_dr names the copy in gold_dr, which stays as it is');
    expect(words(survives)).toContain('machines in westeurope from gold_dr keep running');
    expect(moves).toEqual([]);
    expect(machines).toBe(5);
  });

  it('breaks for those alone who name the copy when that goes', async () => {
    const { breaks, moves, survives, machines } = await radius('retire', 'gold_dr');
    expect(words(breaks)).toEqual([
      'scale set two from gold_dr could not scale out, reimage or repair: it names this version',
    ]);
    expect(words(moves)).toEqual([
      'scale set three from gold_dr takes 1.3.0 for its next machines; nothing says that Azure moves its running machines back',
    ]);
    expect(survives.map(({ consumer }) => consumer.gallery)).toEqual(['gold_dr', 'gold_dr']);
    expect(machines).toBe(2);
  });

  it('counts nobody twice when both go', async () => {
    const both = await Promise.all([radius('retire', 'gold_dr'), radius('retire')]);
    const joined = joinedRadius(
      both.map((one) => ({ ...one, image: 'ubuntu-22' })),
      new Set(),
    );
    expect(joined.machines).toBe(5);
    expect(words(joined.breaks)).toHaveLength(2);
    expect(words(joined.survives).filter((line) => line.includes('machines'))).toHaveLength(2);
    expect(words(joined.survives).join()).not.toContain('which stays as it is');
    expect(joined.latest.map(({ region }) => region)).toEqual([
      'West Europe (ubuntu-22 in gold_dr)',
      'West Europe (ubuntu-22)',
    ]);
  });

  it('is past its end in both, but for those who name a copy', async () => {
    const over = { endOfLife: now, excludedFromLatest: true, tags: { 'goldbot-published': 'x' } };
    const listed = { source: own, version: '1.4.1', excludedFromLatest: true, regions: [], endOfLife: now };
    const rest = { provisioningState: 'Succeeded' as const, tags: {}, copies: [], disks: [] };
    const [past] = await readPastEnd(
      {
        ...read,
        publishedVersions: async () => ({ rows: [{ ...listed, ...rest }], asOf: now }),
        versions: async () => [version('1.4.1', over)],
        scaleSets: async () => ({
          rows: [{ ...set('two', copied, '1.4.1'), id: '/subscriptions/s/sets/two' }],
          asOf: now,
        }),
      },
      catalogue,
      {
        targets: [{ scope: '/subscriptions/s', name: 'x', notScopes: [], buildGroups: [] }],
        effect: 'deny',
      },
      now,
    );
    expect(past?.refused.map(({ id }) => id)).toEqual([galleryVersionId(home, '1.4.1')]);
    expect(past?.spared.map(({ ended, why }) => [ended.id, why])).toEqual([
      [galleryVersionId(away, '1.4.1'), 'scale set two names it'],
    ]);
  });
});

describe('a copy in the second gallery', () => {
  const digest = { 'goldbot-tattoo-sha256': 'aa', 'goldbot-published': 'x' };
  const region = (name: string, more: object = {}) => ({
    ...{ name, replicas: 2, state: 'Completed' as const, progress: 100, excludedFromLatest: false },
    ...more,
  });
  const first = version('1.5.0', {
    ...{ tags: { ...digest, owner: 'me' }, home: 'westeurope', source: 'https://blob/x.vhd' },
    regions: [region('West Europe'), region('North Europe', { excludedFromLatest: true })],
    endOfLife: new Date('2027-05-01T00:00:00Z'),
  });
  const origin = galleryVersionId(home, '1.5.0').toLowerCase();
  const about = { image: 'ubuntu-22', from: home, version: first, gallery: 'gold_dr', there: undefined };
  const plan = (more: Partial<Parameters<typeof planCopy>[0]> = {}) =>
    planCopy({ ...about, configured: [], now, ...more });
  const refusal = (more: Parameters<typeof plan>[0]) => {
    const found = plan(more);
    return 'message' in found ? found.message : 'none';
  };
  const { source, hidden, hiddenIn, ...made } = plan() as SecondCopy;
  const copyOf = (more: Partial<GalleryVersion> = {}) => ({ ...first, source: origin, tags: digest, ...more });

  it('is made where the version is and best not at home, with its end, and as far out of latest', () => {
    expect(made).toEqual({
      ...{ from: home, location: 'northeurope', blocks: false, end: '2027-05-01T00:00:00.000Z' },
      regions: ['West Europe', 'North Europe'].map((name) => ({ name, replicas: 2 })),
    });
    expect([hidden, hiddenIn]).toEqual([false, ['North Europe']]);
    expect(source).toMatchObject({ 'tag goldbot-tattoo-sha256': 'aa' });
    expect(tagsInSecond(first)).toEqual(digest);
    const out = plan({ version: { ...first, excludedFromLatest: true } });
    expect(out).toMatchObject({ hidden: true, hiddenIn: [] });
    const home1 = plan({
      regions: ['westeurope'],
      configured: [{ name: 'West Europe', replicas: 9, storageAccountType: 'Standard_ZRS' }],
    });
    expect(home1).toMatchObject({
      location: 'westeurope',
      regions: [{ name: 'West Europe', replicas: 2, storageAccountType: 'Standard_ZRS' }],
    });
  });

  it.each([
    ['nobody published', { version: { ...first, excludedFromLatest: true, tags: {} } }, 'was never published'],
    ['is being changed', { version: { ...first, provisioningState: 'Updating' as const } }, 'its state is Updating'],
    ['is past its end', { version: { ...first, endOfLife: now } }, 'The life of 1.5.0 ended on'],
    ['has no copy where one is wanted', { regions: ['Norway East'] }, '1.5.0 has none in Norway East'],
    ['is there already', { there: copyOf() }, 'there is nothing to copy'],
    [
      'is there from elsewhere',
      { there: copyOf({ source: '/else' }) },
      'gold_dr has another ubuntu-22 1.5.0: it was made from /else.',
    ],
    [
      'is there with another tattoo',
      { there: copyOf({ tags: { ...digest, 'goldbot-tattoo-sha256': 'bb' } }) },
      'gold_dr has another ubuntu-22 1.5.0',
    ],
    [
      'is there from nobody knows what',
      { there: { ...first, tags: {}, source: undefined as never } },
      'nothing says what',
    ],
    ['failed there', { there: copyOf({ provisioningState: 'Failed' }) }, 'has to be deleted there first'],
  ])('is refused for a version that %s', (_, more, words) => {
    expect(refusal(more)).toContain(words);
  });

  it('is brought in line where it is not what the version is', () => {
    for (const there of [
      copyOf({ excludedFromLatest: true }),
      copyOf({ regions: [region('West Europe')] }),
      copyOf({ endOfLife: now }),
      copyOf({ tags: {} }),
    ]) {
      expect(plan({ there })).toMatchObject({ location: 'northeurope' });
    }
  });

  it('is what was agreed to as long as the version is', () => {
    const copy = plan() as SecondCopy;
    expect(changedSince(first, copy)).toBeUndefined();
    expect(changedSince(undefined, copy)).toBe('somebody deleted it meanwhile');
    expect(changedSince({ ...first, source: 'https://blob/y.vhd' }, copy)).toContain('source: https://blob/x.vhd');
    expect(changedSince({ ...first, excludedFromLatest: true }, copy)).toBe('it left latest meanwhile');
  });

  it('moves those who follow the latest of that gallery', async () => {
    const users = await readUsers(read, catalogue, ubuntu);
    const all = [version('1.4.1')];
    const { moves, breaks } = blastRadius({
      ...{ act: 'copy', versions: ['1.5.0'], all, users, gallery: 'gold_dr', now },
      second: plan() as SecondCopy,
    });
    expect(words(moves)).toEqual([
      'scale set three from gold_dr takes 1.5.0 for its next machines; Azure upgrades its running machines to it by itself',
    ]);
    expect(breaks).toEqual([]);
  });
});
