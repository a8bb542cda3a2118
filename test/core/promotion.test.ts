import type { GalleryVersion, RegionStatus } from '../../core/azure';
import {
  blastRadius,
  type Consumer,
  hiddenIn,
  isShown,
  offeredAbove,
  radiusLines,
  whyNotPromote,
} from '../../core/lifecycle';

const now = new Date('2026-11-28T09:00:00Z');

type Flags = Partial<Pick<RegionStatus, 'excludedFromLatest' | 'shownThere'>>;
const region = (name: string, flags: Flags = {}): RegionStatus => ({
  ...{ name, replicas: 1, state: 'Completed', progress: 100, excludedFromLatest: false },
  ...flags,
});
const version = (number: string, more: Partial<GalleryVersion> = {}): GalleryVersion => ({
  ...{ id: `/v/${number}`, image: 'ubuntu-22', version: number, provisioningState: 'Succeeded' },
  ...{ excludedFromLatest: false, blockDeletionBeforeEndOfLife: false, tags: {} },
  regions: [region('West Europe'), region('North Europe')],
  ...more,
});
const hidden = (number: string, more: Partial<GalleryVersion> = {}) =>
  version(number, { excludedFromLatest: true, ...more });

describe('what stands against promoting a version', () => {
  const why = (one: GalleryVersion, regions?: readonly string[], others = [version('1.4.1')]) =>
    whyNotPromote({ image: 'ubuntu-22', version: one, all: [...others, one], regions, now });

  it('is nothing when it is out of latest and would be the highest', () => {
    expect(why(hidden('1.5.0'))).toBeUndefined();
    expect(why(hidden('1.5.0'), ['westeurope'])).toBeUndefined();
  });

  it.each([
    ['it failed', hidden('1.5.0', { provisioningState: 'Failed' }), /state is Failed/],
    ['it was revoked', hidden('1.5.0', { tags: { 'goldbot-state': 'revoked' } }), /was revoked.*restoring it/],
    ['it was retired', hidden('1.5.0', { tags: { 'goldbot-state': 'retired' } }), /was retired/],
    ['its life is over', hidden('1.5.0', { endOfLife: now }), /ended on 2026-11-28|ended on 28 Nov/],
    ['it is offered', version('1.5.0'), /offered there already/],
    ['a higher one is offered', hidden('1.4.0'), /1\.4\.0 would be latest nowhere: 1\.4\.1 is higher/],
  ])('%s', (_, one, words) => {
    expect(why(one)?.message).toMatch(words);
  });

  it('says which way there is instead', () => {
    expect(why(hidden('1.5.0', { tags: { 'goldbot-state': 'revoked' } }))?.next[0]).toMatchObject({ verb: 'restore' });
    expect(why(hidden('1.4.0'))?.next[0]).toMatchObject({ verb: 'rollback', values: { to: '1.4.0' } });
  });

  it('is a region without a copy, named with those that have one', () => {
    expect(why(hidden('1.5.0'), ['West Europe', 'East US'])?.message).toBe(
      '1.5.0 has no copy in East US; it is in West Europe, North Europe.',
    );
  });

  it('is told region by region: offered in one, it can still be promoted in the other', () => {
    const half = version('1.5.0', {
      regions: [region('West Europe'), region('North Europe', { excludedFromLatest: true })],
    });
    expect(why(half, ['West Europe'])?.message).toMatch(/offered there already/);
    expect(why(half, ['North Europe'])).toBeUndefined();
    expect(why(half)).toBeUndefined();
  });
});

describe('promoting in some regions', () => {
  const all = [version('1.4.1'), hidden('1.5.0')];
  const set = (location: string): Consumer => ({
    ...{ kind: 'scale set', id: location, name: location, team: 'web', location, version: '', upgradesItself: true },
  });
  const names: Consumer = {
    kind: 'scale set',
    id: 'n',
    name: 'n',
    team: null,
    location: 'westeurope',
    version: '1.4.1',
  };

  it('makes it latest there alone', () => {
    const about = { act: 'promote', versions: ['1.5.0'], regions: ['West Europe'], all, now } as const;
    const found = blastRadius({
      ...about,
      users: { consumers: [set('westeurope'), set('northeurope'), names], gaps: [] },
    });
    expect(found.latest).toEqual([
      { region: 'North Europe', before: '1.4.1', after: '1.4.1' },
      { region: 'West Europe', before: '1.4.1', after: '1.5.0' },
    ]);
    expect(found.moves.map(({ consumer, why }) => [consumer.name, why])).toEqual([
      ['westeurope', 'takes 1.5.0 for its next machines; Azure upgrades its running machines to it by itself'],
    ]);
    // Who names another version is told of: it will not follow.
    expect(found.survives.map(({ why }) => why)).toEqual(['names 1.4.1 and stays on it']);
  });

  it('leaves a region as it is that nobody named', () => {
    expect(hiddenIn(hidden('1.5.0'), ['westeurope'])).toEqual(['North Europe']);
    expect(hiddenIn(hidden('1.5.0'))).toEqual([]);
    const shown = hidden('1.5.0', { regions: [region('West Europe', { shownThere: true }), region('North Europe')] });
    expect(hiddenIn(shown, ['North Europe'])).toEqual([]);
  });
});

describe('what stands above a version', () => {
  it('is what is offered anywhere, highest first, and not what is hidden or going', () => {
    const inOne = hidden('1.6.0', { regions: [region('West Europe', { shownThere: true }), region('North Europe')] });
    const all = [version('1.4.1'), version('1.5.0'), version('1.10.0'), inOne, hidden('2.0.0')];
    const going = version('3.0.0', { provisioningState: 'Deleting' });
    expect(offeredAbove([...all, going], '1.4.1').map((one) => one.version)).toEqual(['1.10.0', '1.6.0', '1.5.0']);
    expect(offeredAbove(all, '1.10.0')).toEqual([]);
    expect(isShown(inOne)).toBe(true);
    expect(isShown(hidden('1.0.0'))).toBe(false);
  });

  it('survives a rollback with its scale sets told of', () => {
    const all = [version('1.4.1'), version('1.5.0')];
    const consumers: Consumer[] = [
      { kind: 'scale set', id: 'a', name: 'a', team: null, location: 'westeurope', version: '', upgradesItself: true },
      { kind: 'scale set', id: 'b', name: 'b', team: null, location: 'westeurope', version: '1.4.1' },
    ];
    const found = blastRadius({ act: 'rollback', versions: ['1.5.0'], all, users: { consumers, gaps: [] }, now });
    expect(found.moves[0]?.why).toBe(
      'takes 1.4.1 for its next machines; nothing says that Azure moves its running machines back',
    );
    expect(found.survives.map(({ why }) => why)).toEqual(['names 1.4.1 and stays on it']);
  });

  it('comes back as a copy: both halves are told of, and what breaks in the first breaks', () => {
    const west = [region('West Europe')];
    const all = [version('1.4.1', { regions: west }), version('1.5.0'), hidden('1.5.1')];
    const set = (location: string): Consumer => ({
      ...{ kind: 'scale set', id: location, name: location, team: 'web', location, version: '', upgradesItself: true },
    });
    const about = { act: 'rollback', versions: ['1.5.0'], to: '1.4.1', forward: '1.5.1', now } as const;
    const users = { consumers: [set('westeurope'), set('northeurope')], gaps: [] };
    const found = blastRadius({ ...about, all, users });
    // What it is made from has no copy in North Europe, so that the one that is hidden there already does not help.
    expect(found.latest).toEqual([
      { region: 'North Europe', before: '1.5.0' },
      { region: 'West Europe', before: '1.5.0', meanwhile: '1.4.1', after: '1.5.1' },
    ]);
    expect(radiusLines(found)[2]).toBe(
      'In West Europe, 1.5.1 would be latest instead of 1.5.0, and 1.4.1 until 1.5.1 is in place.',
    );
    expect(found.moves.map(({ why }) => why)).toEqual([
      'takes 1.5.1 for its next machines; Azure upgrades its running machines to it by itself',
    ]);
    expect(found.breaks.map(({ consumer }) => consumer.name)).toEqual(['northeurope']);

    const shownLater = hidden('1.4.1', { regions: west });
    const late = blastRadius({ ...about, all: [shownLater, version('1.5.0')], users });
    expect(late.latest.at(-1)).toEqual({ region: 'West Europe', before: '1.5.0', meanwhile: null, after: '1.5.1' });
    expect(late.breaks.map(({ consumer }) => consumer.name).sort()).toEqual(['northeurope', 'westeurope']);
  });
});
