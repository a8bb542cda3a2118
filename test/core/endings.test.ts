import type { GalleryVersion } from '../../core/azure';
import { type Consumer, endingsTopic, type HeldVersion, heldOn, overdue, retention } from '../../core/lifecycle';

const now = new Date('2026-11-28T09:00:00Z');
const past = new Date('2026-11-20T00:00:00Z');
const ahead = new Date('2027-03-01T00:00:00Z');

const version = (number: string, more: Partial<GalleryVersion> = {}): GalleryVersion => ({
  ...{ id: `/v/${number}`, image: 'ubuntu-22', version: number, provisioningState: 'Succeeded' },
  ...{ excludedFromLatest: false, blockDeletionBeforeEndOfLife: false, tags: {} },
  regions: ['West Europe', 'East US'].map((name) => ({
    ...{ name, replicas: 1, state: 'Completed', progress: 100, excludedFromLatest: more.excludedFromLatest ?? false },
  })),
  ...more,
});
const uses = (more: Partial<Consumer>): Consumer => ({
  ...{ kind: 'machines', id: 'x', name: 'in westeurope', team: 'web', location: 'westeurope', version: '1.4.1' },
  ...more,
});
const estate = (all: readonly GalleryVersion[], consumers: readonly Consumer[] = []) => ({
  ...{ all, now },
  users: { consumers, gaps: [] },
});
const ends = (all: readonly GalleryVersion[], consumers?: readonly Consumer[]) =>
  overdue(estate(all, consumers)).map(({ version: number, against }) => [number, ...against]);

describe('a version past its end of life that is still offered', () => {
  it('is to leave latest once another one takes its place; hidden ones and ones with life left are not', () => {
    const all = [
      version('1.3.0', { endOfLife: past, excludedFromLatest: true }),
      version('1.4.1', { endOfLife: ahead }),
      version('1.5.0', { endOfLife: past }),
      version('1.2.0', { endOfLife: past, provisioningState: 'Deleting' }),
      version('1.6.0', { endOfLife: now }),
    ];
    // 1.6.0 ends at this very moment, and what would be latest instead is over as well.
    expect(ends(all)).toEqual([
      ['1.5.0'],
      ['1.6.0', '1.5.0 would be latest in East US, and its own life ended on 20 Nov 2026; the same goes for 1 more.'],
    ]);
  });

  it('stays where nothing would be latest, where something would break, and where not everybody is known', () => {
    const only = version('1.5.0', { endOfLife: past });
    const [here] = only.regions;
    const elsewhere = version('1.4.1', { regions: here ? [here] : [] });
    expect(ends([only, elsewhere])).toEqual([['1.5.0', 'No version would be latest in East US.']]);
    const follower = uses({ kind: 'scale set', name: 'vmss', version: '', location: 'eastus' });
    expect(ends([only, elsewhere], [follower])).toEqual([
      ['1.5.0', expect.stringMatching(/^scale set vmss \(web\) could not scale out/), expect.any(String)],
    ]);
    const gaps = [{ figure: 'scale sets', reason: 'forbidden', message: 'x' }] as const;
    const both = [only, version('1.4.1')];
    expect(overdue({ all: both, now, users: { consumers: [], gaps } })).toMatchObject([
      { against: ['Azure did not tell everybody who uses it.'] },
    ]);
  });
});

describe('what goes of an image that keeps a few versions', () => {
  const five = [
    version('1.0.0'),
    version('1.1.0', { endOfLife: ahead, blockDeletionBeforeEndOfLife: true }),
    version('1.2.0', { tags: { 'goldbot-channel-lts': 'R-22222' } }),
    version('1.4.1', { excludedFromLatest: true, tags: { 'goldbot-state': 'aged' } }),
    version('1.10.0'),
    version('2.0.0', { excludedFromLatest: true }),
  ];

  it('are those beyond the highest that nobody uses and that are nobody’s; a candidate does not count', () => {
    expect(retention(estate(five), 1)).toEqual({
      kept: ['1.10.0'],
      goes: ['1.0.0', '1.4.1'],
      stays: [
        { version: '1.1.0', why: 'its life goes on until 1 Mar 2027' },
        { version: '1.2.0', why: 'it is the lts version' },
      ],
    });
    expect(retention(estate(five), 4)).toMatchObject({ kept: ['1.10.0', '1.4.1', '1.2.0', '1.1.0'], goes: ['1.0.0'] });
    expect(retention(estate(five), 5).goes).toEqual([]);
  });

  it('never the latest of any region, nor one that somebody names', () => {
    const west = version('2.1.0', { regions: version('x').regions.slice(0, 1) });
    const all = [version('1.3.0'), version('1.4.1'), west];
    expect(retention(estate(all), 1).stays).toEqual([{ version: '1.4.1', why: 'it is latest in East US' }]);
    const why = (more: Partial<Consumer>) => retention(estate(five, [uses(more)]), 1).stays.at(-1)?.why;
    expect(why({ machines: 1 })).toBe('1 machine of web runs it');
    expect(why({ machines: 28, team: null })).toBe('28 machines of no team run it');
    expect(why({ kind: 'scale set', name: 'vmss' })).toBe('scale set vmss (web) names it');
    // It has a copy of its own.
    expect(why({ kind: 'descendant' })).toBe('it is the lts version');
  });
});

it('is told of on one card a channel and day', () => {
  const held = ['a / b', 'c / d'].map(
    (channel): HeldVersion => ({ image: 'x', version: '1.0.0', ended: past.toISOString(), why: [], channel }),
  );
  const topic = endingsTopic('a / b', now);
  expect(endingsTopic('a / b', new Date('2026-11-28T23:00:00Z'))).toBe(topic);
  expect(endingsTopic('a / b', new Date('2026-11-29T00:00:00Z'))).not.toBe(topic);
  expect(heldOn(topic, { asOf: now.toISOString(), held })).toEqual([held[0]]);
});
