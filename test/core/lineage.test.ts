import type { PublishedVersion } from '../../core/compliance';
import { followedOf, goldenGallery, lineageOf } from '../../core/images';
import { exampleCatalogue } from '../support/catalogue';

const catalogue = exampleCatalogue();
const now = new Date('2026-11-23T12:00:00Z');
const days = (n: number) => new Date(now.getTime() + n * 86_400_000);
const { subscription, gallery } = catalogue.azure;
const source =
  `/subscriptions/${subscription}/resourcegroups/${gallery.resourceGroup}/providers/microsoft.compute/galleries/${gallery.name}/images/ubuntu-22`.toLowerCase();

function published(version: string, age: number, more: Partial<PublishedVersion> = {}): PublishedVersion {
  const regions = ['westeurope', 'northeurope'];
  return { source, version, publishedAt: days(-age), excludedFromLatest: false, regions, ...more };
}

function stands(version: string, versions: readonly PublishedVersion[], where = 'westeurope', from = source) {
  const machine = { source: from, version, location: where };
  return lineageOf(machine, goldenGallery(catalogue, versions), now);
}

describe('a lineage', () => {
  const three = [published('1.3.0', 90), published('1.4.1', 60), published('1.5.0', 20)];

  it('counts newer versions by number and days since the first of them', () => {
    expect(stands('1.5.0', three)).toEqual({ image: 'ubuntu-22', lineage: 'latest', versionsBehind: 0 });
    expect(stands('1.4.1', three)).toMatchObject({ lineage: 'behind', versionsBehind: 1, daysBehind: 20 });
    expect(stands('1.3.0', three)).toMatchObject({ lineage: 'farBehind', versionsBehind: 2, daysBehind: 60 });
  });

  it('takes the highest number for the latest, also when a lower one was published after it', () => {
    const hotfix = [...three, published('1.4.2', 1)];
    expect(stands('1.5.0', hotfix)).toMatchObject({ lineage: 'latest' });
    expect(stands('1.4.1', hotfix)).toMatchObject({ lineage: 'farBehind', versionsBehind: 2, daysBehind: 20 });
    expect(stands('1.10.0', [...three, published('1.10.0', 2)])).toMatchObject({ lineage: 'latest' });
  });

  it('does not hold a machine behind a version that its own region has not got', () => {
    const travelling = [...three.slice(0, 2), published('1.5.0', 20, { regions: ['northeurope'] })];
    expect(stands('1.4.1', travelling, 'westeurope')).toMatchObject({ lineage: 'latest', versionsBehind: 0 });
    expect(stands('1.4.1', travelling, 'northeurope')).toMatchObject({ lineage: 'behind' });
    expect(stands('1.3.0', travelling, 'westeurope')).toMatchObject({ lineage: 'behind', daysBehind: 60 });
  });

  it('does not count what is excluded from latest, and says when that alone is above', () => {
    const candidate = [...three, published('1.6.0', 1, { excludedFromLatest: true, regions: [] })];
    expect(stands('1.5.0', candidate)).toMatchObject({ lineage: 'latest', versionsBehind: 0 });
    expect(stands('1.6.0', candidate)).toMatchObject({
      lineage: 'latest',
      doubt: 'excluded',
    });
  });

  it('does not hold a machine behind a candidate that is excluded from latest and already in its region', () => {
    const candidate = [...three, published('1.6.0', 1, { excludedFromLatest: true, regions: ['westeurope'] })];
    expect(stands('1.5.0', candidate)).toMatchObject({ lineage: 'latest', versionsBehind: 0 });
    expect(stands('1.4.1', candidate)).toMatchObject({ lineage: 'behind', versionsBehind: 1 });
  });

  it('is behind by one version from the moment of its publication, and by whole days', () => {
    const soon = (hours: number) => [...three, published('1.6.0', hours / 24)];
    expect(stands('1.5.0', soon(0))).toMatchObject({ lineage: 'behind', versionsBehind: 1, daysBehind: 0 });
    expect(stands('1.5.0', soon(23.9))).toMatchObject({ daysBehind: 0 });
    expect(stands('1.5.0', soon(24))).toMatchObject({ daysBehind: 1 });
  });

  it('is past its end from that moment on, whatever else is true', () => {
    const ended = (end: Date) => [published('1.5.0', 20, { endOfLife: end })];
    expect(stands('1.5.0', ended(now))).toMatchObject({ lineage: 'pastEnd', versionsBehind: 0, endOfLife: now });
    expect(stands('1.5.0', ended(days(0.001)))).toMatchObject({ lineage: 'latest' });
  });

  it('still counts what is newer than a deleted version, and never calls one the latest', () => {
    expect(stands('1.2.0', three)).toMatchObject({
      lineage: 'farBehind',
      versionsBehind: 3,
      daysBehind: 90,
      doubt: 'version gone',
    });
    expect(stands('1.9.0', three)).toMatchObject({ lineage: 'unknown', doubt: 'version gone' });
  });

  it('is not known where Azure or the gallery is silent', () => {
    expect(stands('', three)).toMatchObject({ lineage: 'unknown', image: 'ubuntu-22', doubt: 'version unknown' });
    expect(stands('1.5.0', [])).toMatchObject({ lineage: 'unknown', doubt: 'no versions' });
    expect(stands('', [], 'westeurope', '')).toEqual({ lineage: 'unknown', versionsBehind: 0 });
  });

  it('says that the date is missing when the gallery gives none', () => {
    const { publishedAt: _, ...undated } = published('1.5.0', 20);
    const told = stands('1.4.1', [published('1.4.1', 60), undated]);
    expect(told).toMatchObject({ lineage: 'behind', doubt: 'newer undated' });
    expect(told).not.toHaveProperty('daysBehind');
  });

  it('knows the gallery by its shared name too, and tells other galleries from the marketplace', () => {
    const shared = `/SharedGalleries/${subscription}-${gallery.name.toUpperCase()}/Images/ubuntu-22`;
    expect(stands('1.4.1', three, 'westeurope', shared)).toMatchObject({ image: 'ubuntu-22', lineage: 'behind' });
    const lineage = (from: string) => stands('1.0.0', three, 'westeurope', from).lineage;
    expect(lineage(source.replace('/galleries/', '/galleries/old-'))).toBe('otherGallery');
    expect(lineage('/communitygalleries/x-1/images/y')).toBe('otherGallery');
    expect(lineage('canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2')).toBe('marketplace');
    expect(lineage('/subscriptions/s/resourcegroups/g/providers/microsoft.compute/images/x')).toBe('unknown');
  });
});

describe('a team that follows a channel', () => {
  const follows = followedOf([
    { team: 'payments', image: 'ubuntu-22', channel: 'stable' },
    { team: 'data', image: 'ubuntu-22', channel: 'lts' },
  ]);
  const four = [
    published('1.3.0', 90),
    published('1.4.0', 70),
    published('1.4.1', 60, { tags: { 'Goldbot-channel-stable': 'R-22222' } }),
    published('1.5.0', 20),
  ];
  const of = (team: string | null, version: string) =>
    lineageOf({ source, version, location: 'westeurope' }, goldenGallery(catalogue, four, follows), now, team);

  it('is behind up to the version of the channel alone, and at it or above it behind nothing', () => {
    expect(of('payments', '1.5.0')).toMatchObject({ lineage: 'latest', versionsBehind: 0, follows: 'stable' });
    expect(of('payments', '1.4.1')).toMatchObject({ lineage: 'latest', versionsBehind: 0, follows: 'stable' });
    expect(of('payments', '1.4.0')).toMatchObject({ lineage: 'behind', versionsBehind: 1, daysBehind: 60 });
    expect(of('payments', '1.3.0')).toMatchObject({ lineage: 'farBehind', versionsBehind: 2 });
  });

  it('is measured by latest while no version is the channel’s, as are other teams and machines without one', () => {
    for (const team of ['data', 'web', null]) {
      expect(of(team, '1.4.1')).toMatchObject({ lineage: 'behind', versionsBehind: 1 });
      expect(of(team, '1.4.1').follows).toBeUndefined();
    }
  });
});
