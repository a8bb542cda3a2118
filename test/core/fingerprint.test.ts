import type { GalleryVersion } from '../../core/azure';
import {
  type Difference,
  differences,
  differenceText,
  type Fingerprint,
  fingerprintDigest,
  fingerprintOf,
  forgeries,
  shortFingerprint,
  tattooDigest,
  versionTags,
  withTattoo,
} from '../../core/images';
import { tattooTags } from '../../core/images/tattoo';
import type { Approval } from '../../core/runs';
import { lapsesAt } from '../../core/runs';
import { aVersion } from '../dialogs/support/plan';

const tattoo = {
  schema: '1',
  image: 'ubuntu-22',
  version: '1.6.0',
  source: 'Canonical:jammy:lts:22.04.1',
  os: 'Ubuntu 22.04.5 LTS',
  built: '2026-11-01T00:00:00.000Z',
  run: 'R-7F3KQ',
  recipe: 'abc',
} as const;

const built = aVersion('1.6.0', {
  source: 'https://sa.blob.core.windows.net/vhds/1.6.0.vhd',
  createdAt: new Date('2026-11-01T01:00:00.000Z'),
  disks: [
    { lun: null, sizeGiB: 30 },
    { lun: 0, sizeGiB: 10 },
  ],
  tags: { ...tattooTags(tattoo), VMImageBuilderSource: 'PlatformImage x', correlationId: 'c-1', owner: 'ada' },
});

const since = (change: Partial<GalleryVersion>) =>
  differences(fingerprintOf(built), fingerprintOf({ ...built, ...change })).map((d) => d.part);
const tagged = (tags: Record<string, string>) => since({ tags: { ...built.tags, ...tags } });
const without = (name: string) => {
  const { [name]: _, ...tags } = built.tags;
  return since({ tags });
};

describe('the fingerprint of a version', () => {
  it.each<[string, readonly string[]]>([
    ['another source', since({ source: '/subscriptions/s/…/images/evil' })],
    [
      'a source that is gone',
      (({ source: _, ...rest }) => differences(fingerprintOf(built), fingerprintOf(rest)))(built).map((d) => d.part),
    ],
  ])('has %s as another object', (_, parts) => expect(parts).toEqual(['source']));

  it('has another date, size or disk as another object', () => {
    expect(since({ createdAt: new Date('2026-11-01T01:00:00.001Z') })).toEqual(['published date']);
    expect(
      since({
        disks: [
          { lun: null, sizeGiB: 31 },
          { lun: 0, sizeGiB: 10 },
        ],
      }),
    ).toEqual(['OS disk']);
    expect(since({ disks: [{ lun: null, sizeGiB: 30 }] })).toEqual(['data disk 0']);
    expect(since({ disks: [...(built.disks ?? []), { lun: 1, sizeGiB: 1 }] })).toEqual(['data disk 1']);
    expect(
      since({
        disks: [
          { lun: null, sizeGiB: 30 },
          { lun: 0, sizeGiB: 10, source: '/evil' },
        ],
      }),
    ).toEqual(['data disk 0']);
  });

  it.each(Object.keys(tattooTags(tattoo)))('has a rewritten or removed tag %s as another object', (name) => {
    expect(tagged({ [name]: 'Evil' })).toEqual([`tag ${name}`]);
    expect(without(name)).toEqual([`tag ${name}`]);
  });

  it.each(['VMImageBuilderSource', 'correlationId'])("has Image Builder's own tag %s in it", (name) => {
    expect(tagged({ [name]: 'Evil' })).toEqual([`tag ${name}`]);
    expect(without(name)).toEqual([`tag ${name}`]);
  });

  it('knows a tag in any case', () => {
    const { correlationId, ...tags } = built.tags;
    expect(since({ tags: { ...tags, CORRELATIONID: correlationId ?? '' } })).toEqual([]);
  });

  it('leaves out what may change: regions, flags, end of life, the state of its life, tags that others add', () => {
    expect(
      since({
        excludedFromLatest: !built.excludedFromLatest,
        blockDeletionBeforeEndOfLife: !built.blockDeletionBeforeEndOfLife,
        endOfLife: new Date(0),
        regions: [],
        provisioningState: 'Updating',
      }),
    ).toEqual([]);
    const { published, state, replacedBy } = versionTags;
    for (const name of [published, state, replacedBy, 'owner', 'cost', 'goldbot-certificate-sha256']) {
      expect(tagged({ [name]: 'anything' })).toEqual([]);
    }
    expect(without('owner')).toEqual([]);
  });

  it('foresees what goldbot writes once it has read the guest', () => {
    const read = { ...tattoo, os: 'Ubuntu 22.04.6 LTS' };
    const after = { ...built, tags: { ...built.tags, ...tattooTags(read) } };
    expect(withTattoo(fingerprintOf(built), read)).toEqual(fingerprintOf(after));
    expect(tattooDigest(fingerprintOf(after))).toBe(tattooTags(read)['goldbot-tattoo-sha256']);
  });

  it('has a digest that does not depend on the order in which its parts are kept', () => {
    const fingerprint = fingerprintOf(built);
    const reversed = Object.fromEntries(Object.entries(fingerprint).reverse());
    expect(fingerprintDigest(reversed)).toBe(fingerprintDigest(fingerprint));
    expect(fingerprintDigest(fingerprint)).toMatch(/^[0-9a-f]{64}$/);
    expect(shortFingerprint(fingerprint)).toBe(fingerprintDigest(fingerprint).slice(0, 8));
  });
});

describe('what differs', () => {
  const was: Fingerprint = { source: '/a', 'published date': '1', 'tag goldbot-source': 'x' };

  it('is named with both values, the source first', () => {
    expect(differences(was, { ...was, source: '/b', 'tag goldbot-source': 'Evil' })).toEqual([
      { part: 'source', was: '/a', is: '/b' },
      { part: 'tag goldbot-source', was: 'x', is: 'Evil' },
    ]);
  });

  it.each<[Difference, string]>([
    [{ part: 'tag goldbot-os', was: 'Ubuntu' }, 'tag goldbot-os: Ubuntu → none'],
    [{ part: 'data disk 1', is: '4 GiB' }, 'data disk 1: none → 4 GiB'],
    [{ part: 'tag goldbot-recipe', was: 'a'.repeat(64), is: 'b' }, 'tag goldbot-recipe: aaaaaaaa → b'],
    [
      {
        part: 'source',
        was: '/subscriptions/s/resourcegroups/g/providers/microsoft.compute/images/good',
        is: '/subscriptions/s/resourcegroups/g/providers/microsoft.compute/galleries/g/images/i/versions/1.0.0',
      },
      'source: images/good → galleries/g/images/i/versions/1.0.0',
    ],
  ])('reads %j', (difference, words) => expect(differenceText(difference)).toBe(words));
});

describe('a forged version', () => {
  const recorded = fingerprintOf(built);
  const parts = (version: GalleryVersion, known?: Fingerprint) => forgeries(version, known).map((d) => d.part);
  const { source: _, ...sourceless } = built;

  it('is proven by what goldbot recorded, unless Azure just does not tell any more', () => {
    expect(parts(built, recorded)).toEqual([]);
    expect(parts(sourceless, recorded)).toEqual([]);
    expect(parts({ ...built, source: '/evil' }, recorded)).toEqual(['source']);
    expect(parts({ ...built, createdAt: new Date(0) }, recorded)).toEqual(['published date']);
    expect(parts({ ...built, tags: {} }, recorded)).toHaveLength(11);
  });

  it('betrays itself without a record: by a tattoo of another number, or a digest that does not fit', () => {
    expect(parts(built)).toEqual([]);
    expect(parts({ ...built, tags: {} })).toEqual([]);
    expect(parts({ ...built, version: '1.7.0' })).toEqual(['tag goldbot-version']);
    expect(parts({ ...built, tags: { ...built.tags, 'goldbot-source': 'Evil' } })).toEqual([
      'tag goldbot-tattoo-sha256',
    ]);
    const { 'goldbot-tattoo-sha256': digest = '', ...undigested } = built.tags;
    expect(parts({ ...built, tags: undigested })).toEqual([]);
    expect(parts({ ...built, tags: { ...undigested, 'goldbot-tattoo-sha256': digest.toUpperCase() } })).toEqual([]);
  });
});

describe('an approval', () => {
  it('may be used for as long after its last decision as its request would have stayed open', () => {
    const at = (day: number) => new Date(Date.UTC(2026, 10, day));
    const decision = { oid: 'o', name: 'Grace', verdict: 'approve', reason: null, via: 'text' } as const;
    const approval: Approval = {
      id: 'R-22222',
      runId: 'R-33333',
      planHash: 'h',
      rule: { group: 'g', groupName: 'G', quorum: 2 },
      status: 'approved',
      askedAt: at(1),
      expiresAt: at(4),
      decisions: [
        { ...decision, at: at(3) },
        { ...decision, at: at(2) },
      ],
    };
    expect(lapsesAt(approval)).toEqual(at(6));
  });
});
