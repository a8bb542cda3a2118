import type { GalleryVersion, ImageDefinition, ManagedImage } from '../../core/azure';
import { UserError } from '../../core/errors';
import {
  type BaseRead,
  baseNews,
  isNewerBase,
  latestBase,
  lookUpBase,
  planPublish,
  readBase,
  readBases,
  withdrawn,
} from '../../core/images';
import { childCatalogue, goldenId, imageNamed, managedId } from '../support/sources';

const now = new Date('2026-11-22T10:00:00Z');
const definition: ImageDefinition = {
  name: 'ubuntu-22',
  state: 'Generalized',
  os: 'Linux',
  generation: 'V2',
  architecture: 'x64',
};

function version(number: string, more: Partial<GalleryVersion> = {}): GalleryVersion {
  return {
    id: `/versions/${number}`,
    image: 'ubuntu-22',
    version: number,
    provisioningState: 'Succeeded',
    excludedFromLatest: false,
    blockDeletionBeforeEndOfLife: false,
    regions: [here],
    tags: {},
    ...more,
  };
}
const here = {
  name: 'West Europe',
  replicas: 1,
  state: 'Completed',
  progress: 100,
  excludedFromLatest: false,
} as const;

const managed: ManagedImage = {
  id: managedId('hardened'),
  location: 'westeurope',
  os: 'Linux',
  generation: 'V2',
  state: 'Generalized',
  provisioningState: 'Succeeded',
  madeFrom: ['/disks/a'],
};

interface Known {
  readonly source?: Partial<ImageDefinition> | null;
  readonly versions?: readonly GalleryVersion[];
  readonly image?: Partial<ManagedImage> | null;
}

/** Azure with the source's definition and versions, or a managed image; lists say nothing of replication. */
function azure({ source = {}, versions = [], image = {} }: Known, asked: string[] = []): BaseRead {
  return {
    definition: async () => (source ? { ...definition, ...source } : undefined),
    versions: async () =>
      versions.map((v) => ({ ...v, regions: v.regions.map((r) => ({ ...r, state: 'Unknown' as const })) })),
    version: async (_: object, number: string) => {
      asked.push(number);
      return versions.find((v) => v.version === number);
    },
    managedImage: async () => (image ? { ...managed, ...image } : undefined),
  } as Partial<BaseRead> as BaseRead;
}

const gallery = childCatalogue(`{ imageVersion: ${goldenId('ubuntu-22')}/versions/latest }`);
const outside = childCatalogue(`{ managedImage: ${managedId('hardened')} }`);

/** What a publish of the child would do, or why it would not. */
async function planned(known: Known, { from = 'latest', catalogue = gallery, target = {} } = {}) {
  const image = imageNamed(catalogue);
  const bases = await readBases(azure(known), catalogue.azure, image.source, from);
  const request = from === 'latest' ? {} : { from };
  const own = { ...definition, name: 'payments-base', ...target };
  return planPublish({ request, image, azure: catalogue.azure, bases, definition: own, versions: [], taken: [], now });
}

async function refusal(...given: Parameters<typeof planned>): Promise<string> {
  try {
    await planned(...given);
  } catch (error) {
    if (error instanceof UserError) return `${error.message} ${error.hint}`;
    throw error;
  }
  throw new Error('it was planned');
}

describe('the base in a gallery', () => {
  it('is the highest version that is not excluded and has a copy where images are built', async () => {
    const versions = [
      version('1.4.0'),
      version('1.10.0'),
      version('1.11.0', { regions: [{ ...here, excludedFromLatest: true }] }),
      version('1.12.0', { excludedFromLatest: true }),
      version('1.13.0', { regions: [{ ...here, name: 'North Europe' }] }),
      version('1.14.0', { provisioningState: 'Failed' }),
      version('1.15.0', { regions: [{ ...here, state: 'Replicating', progress: 40 }] }),
    ];
    const { base } = await planned({ versions });
    expect(base).toEqual({
      kind: 'imageVersion',
      image: {
        subscription: gallery.azure.subscription,
        resourceGroup: 'rg-golden-images',
        gallery: 'gold',
        definition: 'ubuntu-22',
      },
      version: '1.10.0',
    });
  });

  it('costs one question besides definition and list when nothing is wrong with the newest', async () => {
    const asked: string[] = [];
    const read = azure(
      { versions: [version('1.4.0'), version('1.5.0'), version('1.6.0', { excludedFromLatest: true })] },
      asked,
    );
    const bases = await readBases(read, gallery.azure, imageNamed(gallery).source, 'latest');
    expect(latestBase(bases)?.version).toBe('1.5.0');
    expect(asked).toEqual(['1.5.0']);
  });

  it('is the one that the command names, and the one that the catalogue names', async () => {
    const versions = [version('1.4.0'), version('1.5.0')];
    expect((await planned({ versions }, { from: '1.4.0' })).base.version).toBe('1.4.0');
    const pinned = childCatalogue(`{ imageVersion: ${goldenId('ubuntu-22')}/versions/1.4.0 }`);
    expect((await planned({ versions }, { from: '1.4.0', catalogue: pinned })).base.version).toBe('1.4.0');
  });

  it.each<[string, Known, string, RegExp]>([
    [
      'gone',
      { versions: [version('1.4.0')] },
      '1.5.0',
      /^The gallery gold has no ubuntu-22 1\.5\.0\. The newest are 1\.4\.0\.$/,
    ],
    ['no number', { versions: [version('1.4.0')] }, 'newest', /has no ubuntu-22 newest/],
    [
      'without a version',
      {},
      'latest',
      /^The gallery gold has no version of ubuntu-22 to build from\. Correct `source\.imageVersion` in images\/payments-base\.yaml, or publish ubuntu-22 first\.$/,
    ],
    ['without a definition', { source: null }, 'latest', /has no version of ubuntu-22 to build from/],
    [
      'excluded',
      { versions: [version('1.4.0', { excludedFromLatest: true })] },
      '1.4.0',
      /^gold\/ubuntu-22 1\.4\.0 is excluded from latest: it was never released, or has been withdrawn\. Name another version, or let whoever keeps it release it\. The catalogue names it as `source\.imageVersion` in images\/payments-base\.yaml\./,
    ],
    [
      'excluded, with another that is not',
      { versions: [version('1.4.0', { excludedFromLatest: true }), version('1.3.0')] },
      '1.4.0',
      /Take the newest, 1\.3\.0\.$/,
    ],
    [
      'in another region',
      { versions: [version('1.4.0', { regions: [{ ...here, name: 'North Europe' }] })] },
      'latest',
      /1\.4\.0 has no copy in westeurope, where images are built\. Let whoever keeps it replicate it there/,
    ],
    [
      'still on its way',
      { versions: [version('1.4.0', { regions: [{ ...here, state: 'Replicating', progress: 40 }] })] },
      'latest',
      /is still being copied to West Europe \(40 %\)\. Publish again once it is there/,
    ],
    [
      'not replicated',
      { versions: [version('1.4.0', { regions: [{ ...here, state: 'Failed' }] })] },
      '1.4.0',
      /has no copy in West Europe: replication failed there/,
    ],
    [
      'failed',
      { versions: [version('1.4.0', { provisioningState: 'Failed' })] },
      '1.4.0',
      /1\.4\.0 could not be made by its gallery/,
    ],
    [
      'being made',
      { versions: [version('1.4.0', { provisioningState: 'Creating' })] },
      '1.4.0',
      /is not ready \(Creating\)/,
    ],
    [
      'specialized',
      { source: { state: 'Specialized' }, versions: [version('1.4.0')] },
      'latest',
      /is a specialized image; Image Builder builds from generalized ones/,
    ],
    [
      'of a definition that demands Trusted Launch',
      { source: { security: 'TrustedLaunch' }, versions: [version('1.4.0')] },
      'latest',
      /takes machines of the security type TrustedLaunch alone, and Image Builder makes others/,
    ],
    [
      'of the other system',
      { source: { os: 'Windows' }, versions: [version('1.4.0')] },
      'latest',
      /^payments-base cannot be built\. The source gold\/ubuntu-22 is a Windows image; payments-base is a Linux image\./,
    ],
    [
      'of the other generation',
      { source: { generation: 'V1' }, versions: [version('1.4.0')] },
      'latest',
      /The source gold\/ubuntu-22 is of generation V1; the image definition payments-base takes V2 alone\. Name a version of a definition of V2 as `source\.imageVersion`/,
    ],
    [
      'for another processor',
      { source: { architecture: 'Arm64' }, versions: [version('1.4.0')] },
      'latest',
      /is made for Arm64; the image definition payments-base takes x64 alone/,
    ],
    [
      'sold with a plan',
      { source: { plan: { name: 'n', product: 'p', publisher: 'u' } }, versions: [version('1.4.0')] },
      'latest',
      /The image definition payments-base has no purchase plan; the source gold\/ubuntu-22 is sold with u:p:n\./,
    ],
  ])('that is %s is told before anything is built', async (_, known, from, said) => {
    expect(await refusal(known, { from })).toMatch(said);
  });

  it('brings its purchase plan to the machines that are made from the image', async () => {
    const plan = { name: 'n', product: 'p', publisher: 'u' };
    const { base } = await planned({ source: { plan }, versions: [version('1.4.0')] }, { target: { plan } });
    expect(base).toMatchObject({ version: '1.4.0', plan });
  });

  it('has an end of life, which is news once it is near', async () => {
    const ending = (endOfLife: string) => planned({ versions: [version('1.4.0', { endOfLife: new Date(endOfLife) })] });
    expect((await ending('2026-12-20T00:00:00Z')).baseDeprecation).toEqual({ at: '2026-12-20T00:00:00.000Z' });
    expect(await ending('2027-02-20T00:00:00Z')).not.toHaveProperty('baseDeprecation');
  });

  it.each([
    ['stands', version('1.4.0'), undefined],
    ['has not ended yet', version('1.4.0', { endOfLife: new Date(now.getTime() + 1) }), undefined],
    ['ends at this moment', version('1.4.0', { endOfLife: now }), { why: 'ended', at: now.toISOString() }],
    ['was taken back', version('1.4.0', { excludedFromLatest: true }), { said: /excluded from latest/ }],
    [
      'was taken back here',
      version('1.4.0', { regions: [{ ...here, excludedFromLatest: true }] }),
      { said: /excluded/ },
    ],
    ['has no copy here any more: a matter of the next build', version('1.4.0', { regions: [] }), undefined],
    ['is just being changed', version('1.4.0', { provisioningState: 'Updating' }), undefined],
    ['is gone', undefined, { said: /^gold\/ubuntu-22 1\.4\.0 is gone from its gallery\.$/ }],
  ])('that %s after the build is told as it is', async (_, found, news) => {
    const { source } = imageNamed(gallery);
    const base = await readBase(azure({ versions: found ? [found] : [] }), gallery.azure, source, '1.4.0');
    const told = baseNews(source, '1.4.0', base, now);
    if (news && 'said' in news) {
      expect(told).toEqual({ why: 'withdrawn', said: expect.stringMatching(news.said) });
    } else expect(told).toEqual(news);
  });

  it('may be read by whoever is let: what is missing is a role, on that gallery', async () => {
    const forbidden = () => Promise.reject(new UserError('AZ_FORBIDDEN', 'x', { hint: 'x' }));
    const read = { ...azure({}), definition: forbidden };
    await expect(readBases(read, gallery.azure, imageNamed(gallery).source, 'latest')).rejects.toMatchObject({
      code: 'AZ_FORBIDDEN',
      message: 'goldbot may not read the gallery gold, from which the image is built.',
      hint: expect.stringContaining(
        "give goldbot's identity the role goldbot-observer on it and that of the build the role Reader,",
      ),
    });
  });

  it.each<[string, GalleryVersion[], string | undefined]>([
    ['as it was', [version('1.4.0')], undefined],
    ['gone', [], 'gold/ubuntu-22 1.4.0 is gone from its gallery.'],
    [
      'withdrawn',
      [version('1.4.0', { excludedFromLatest: true })],
      'gold/ubuntu-22 1.4.0 is excluded from latest: it was never released, or has been withdrawn.',
    ],
  ])('is looked at again before the build: %s', async (_, versions, said) => {
    const { source } = imageNamed(gallery);
    const found = await readBase(azure({ versions }), gallery.azure, source, '1.4.0');
    expect(withdrawn(source, '1.4.0', found)).toBe(said);
  });
});

describe('what is known of a base in a gallery', () => {
  it('is that nothing can be built from a version which is held back; what ends some day is told with the day', async () => {
    const endOfLife = new Date('2027-01-01T00:00:00Z');
    const versions = [version('1.3.0', { excludedFromLatest: true, endOfLife }), version('1.4.0', { endOfLife })];
    const { source } = imageNamed(gallery);
    const use = { source, versions: ['1.2.0', '1.3.0', '1.4.0'], elsewhere: [] };
    const known = await lookUpBase(azure({ versions }), use, { home: gallery.azure, now });
    expect(known.newest).toBe('1.4.0');
    expect(known.deprecations).toEqual({
      '1.2.0': { gone: true },
      '1.3.0': { announced: true, deprecated: true },
      '1.4.0': { announced: true, at: endOfLife.toISOString() },
    });
  });

  it.each([
    ['1.10.0', { version: '1.9.0' }, true],
    ['1.9.0', { version: '1.10.0' }, false],
    ['1.9.0', { version: '1.9.0' }, false],
    ['1.9.0', {}, true],
    ['3f9c1ab2', { version: 'ffffffff' }, true],
    ['3f9c1ab2', { version: '3f9c1ab2' }, false],
  ])('is newer by its number, or another one: %s after %j', (newest, used, isNewer) => {
    expect(isNewerBase(newest, used)).toBe(isNewer);
  });
});

describe('a managed image as base', () => {
  const look = (image: NonNullable<Known['image']> | null, from?: string) =>
    refusal({ image }, { catalogue: outside, ...(from && { from }) });

  it('is named by what it was made from: another image of the same name is another base', async () => {
    const base = async (madeFrom: readonly string[]) =>
      (await planned({ image: { madeFrom } }, { catalogue: outside })).base;
    const first = await base(['/disks/a', '/disks/b']);
    expect(first).toEqual({
      kind: 'managedImage',
      id: managedId('hardened'),
      version: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
    expect(await base(['/disks/b', '/disks/a'])).toEqual(first);
    expect((await base(['/disks/c'])).version).not.toBe(first.version);
  });

  it('that became another one since the plan is told before the build', async () => {
    const { source } = imageNamed(outside);
    const [base] = await readBases(azure({}), outside.azure, source, 'latest');
    const changed = azure({ image: { madeFrom: ['/disks/z'] } });
    const version = base?.version ?? '';
    expect(withdrawn(source, version, await readBase(azure({}), outside.azure, source, version))).toBeUndefined();
    expect(withdrawn(source, version, await readBase(changed, outside.azure, source, version))).toBe(
      'The managed image hardened is gone, or is another one than when the build was planned.',
    );
  });

  it.each<[string, NonNullable<Known['image']> | null, RegExp]>([
    [
      'gone',
      null,
      /^Azure has no managed image hardened in rg-image-builds\. Correct `source\.managedImage` in images\/payments-base\.yaml/,
    ],
    [
      'in another region',
      { location: 'northeurope' },
      /^managed image hardened [0-9a-f]{8} is in northeurope; images are built in westeurope, and Image Builder takes managed images of its own region alone\./,
    ],
    [
      'in another subscription',
      { id: managedId('hardened', { subscription: 'other' }) },
      /is in another subscription; Image Builder takes managed images of its own alone\./,
    ],
    ['specialized', { state: 'Specialized' }, /is a specialized image; Image Builder builds from generalized ones/],
    ['not ready', { provisioningState: 'Creating' }, /is not ready \(Creating\)/],
    ['of the other system', { os: 'Windows' }, /The source managed image hardened is a Windows image/],
    [
      'of the other generation',
      { generation: 'V1' },
      /The source managed image hardened is of generation V1; .* Name a managed image of V2 as `source\.managedImage`/,
    ],
  ])('that is %s is told before anything is built', async (_, image, said) => {
    expect(await look(image)).toMatch(said);
  });

  it('has no versions that a command could name', async () => {
    expect(await look({}, '1.0.0')).toMatch(
      /^The managed image hardened has no versions, so it has no 1\.0\.0\. Leave `--from` out/,
    );
  });

  it('without Trusted Launch makes no image of a definition that demands it', async () => {
    expect(await refusal({}, { catalogue: outside, target: { security: 'TrustedLaunch' } })).toMatch(
      /takes machines with Trusted Launch alone; the source managed image hardened cannot start with it\./,
    );
  });
});
