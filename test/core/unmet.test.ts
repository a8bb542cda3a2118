import type { GalleryVersion, VersionChange } from '../../core/azure';
import { latestPublished, unmet } from '../../core/images';
import { aVersion } from '../dialogs/support/plan';

const region = (name: string, replicas: number, excludedFromLatest = false) =>
  ({ name, replicas, state: 'Completed', progress: 100, excludedFromLatest }) as const;
const end = new Date('2027-05-23T00:00:00.000Z');
const version = aVersion('1.6.0', {
  excludedFromLatest: false,
  endOfLife: end,
  blockDeletionBeforeEndOfLife: true,
  regions: [region('West Europe', 3), region('North Europe', 1)],
  tags: { Owner: 'ada' },
});

const texts = (change: VersionChange, more: Partial<GalleryVersion> = {}) =>
  unmet({ ...version, ...more }, change).map(({ text }) => text);

/** What of a change Azure accepted and did not make, read back. */
describe('a change that was read back', () => {
  it.each<[string, VersionChange, Partial<GalleryVersion>?]>([
    ['nothing', {}],
    ['the flag', { excludedFromLatest: false }],
    ['the flag that hides', { excludedFromLatest: true }, { excludedFromLatest: true }],
    ['the date', { endOfLife: new Date(end), blockDeletionBeforeEndOfLife: true }],
    ['regions, by any spelling', { regions: [{ name: 'westeurope', replicas: 3 }] }],
    ['a region that is gone', { removeRegions: ['East US'] }],
    ['tags, in any case', { tags: { owner: 'ada', other: null } }],
  ])('stands: %s', (...[, change, more]) => expect(texts(change, more)).toEqual([]));

  const { endOfLife: _, ...endless } = version;
  it('does not stand, and says what not', () => {
    expect(texts({ excludedFromLatest: true })).toEqual(['it is not excluded from latest']);
    expect(texts({ excludedFromLatest: false }, { excludedFromLatest: true })).toEqual([
      'it is still excluded from latest',
    ]);
    expect(texts({ endOfLife: null })).toEqual(['its end of life is 23 May 2027 instead of none']);
    expect(unmet(endless, { endOfLife: end })).toEqual([
      { part: 'endOfLife', text: 'its end of life is none instead of 23 May 2027' },
    ]);
    expect(texts({ blockDeletionBeforeEndOfLife: false })).toEqual(['it cannot be deleted before its end of life']);
    expect(texts({ blockDeletionBeforeEndOfLife: true }, { blockDeletionBeforeEndOfLife: false })).toEqual([
      'it can be deleted before its end of life',
    ]);
    expect(texts({ tags: { owner: 'eve', Owner: null, new: 'x' } })).toEqual([
      'its tag owner is ada instead of eve',
      'its tag Owner is ada instead of gone',
      'its tag new is missing instead of x',
    ]);
    expect(texts({ removeRegions: ['northeurope'] })).toEqual(['it still has a copy in northeurope']);
    const regions = [
      { name: 'North Europe', replicas: 2 },
      { name: 'East US', replicas: 1 },
    ];
    expect(texts({ regions })).toEqual(['North Europe has 1 replica instead of 2', 'it has no copy in East US']);
  });

  it('looks whether a region that is to stay hidden is', () => {
    const change = { excludedFromLatest: false, hiddenIn: ['northeurope'] };
    expect(texts(change)).toEqual(['it is not excluded from latest in North Europe']);
    const [west, north] = [region('West Europe', 3), region('North Europe', 1, true)];
    expect(texts(change, { regions: [west, north] })).toEqual([]);
    expect(texts({ ...change, hiddenIn: [] }, { regions: [west, north] })).toEqual([
      'it is still excluded from latest in North Europe',
    ]);
  });

  it("looks at a region's own exclusion, which wins over the version's", () => {
    const regions = [region('West Europe', 3), region('North Europe', 2, true)];
    expect(texts({ excludedFromLatest: false }, { regions })).toEqual([
      'it is still excluded from latest in North Europe',
    ]);
  });
});

describe('the latest version', () => {
  it('is the highest that is neither hidden nor failed', () => {
    const all = [
      aVersion('1.5.0'),
      aVersion('1.4.9'),
      aVersion('1.6.0', { excludedFromLatest: true }),
      aVersion('1.7.0', { provisioningState: 'Failed' }),
    ];
    expect(latestPublished(all)?.version).toBe('1.5.0');
    expect(latestPublished(all.slice(2))).toBeUndefined();
  });
});
