import type { GalleryVersion, RegionStatus } from '../../core/azure';
import {
  afterCopies,
  blastRadius,
  type Consumer,
  type CopiesPlan,
  copyAdvice,
  planCopies,
  seenOf,
} from '../../core/lifecycle';

const now = new Date('2026-11-28T09:00:00Z');
const region = (name: string, more: Partial<RegionStatus> = {}): RegionStatus => ({
  ...{ name, replicas: 1, state: 'Completed', progress: 100, excludedFromLatest: false },
  ...more,
});
const version = (number: string, more: Partial<GalleryVersion> = {}): GalleryVersion => ({
  ...{ id: number, image: 'ubuntu-22', version: number, provisioningState: 'Succeeded', home: 'westeurope' },
  ...{ excludedFromLatest: false, blockDeletionBeforeEndOfLife: false, tags: { 'goldbot-published': 'x' } },
  regions: [region('West Europe', { replicas: 2 }), region('North Europe')],
  ...more,
});
const failedThere = version('1.5.0', {
  provisioningState: 'Failed',
  regions: [
    region('West Europe'),
    region('East US', { state: 'Failed', replicas: 2, storageAccountType: 'Standard_ZRS', excludedFromLatest: true }),
  ],
});

type Wish = Partial<Parameters<typeof planCopies>[0]>;
const plan = (wish: Wish) =>
  planCopies({
    ...{ image: 'ubuntu-22', version: version('1.5.0'), add: [], remove: [], retry: false, now },
    configured: [{ name: 'UK South', replicas: 3, storageAccountType: 'Standard_ZRS' }],
    ...wish,
  });
const uk: Wish['add'] = [{ name: 'uksouth' }];

describe('copies that are asked for', () => {
  it('are made as the catalogue says, or as many as were named', () => {
    expect(plan({ add: [...uk, { name: 'Northeurope', replicas: 4 }], remove: [] })).toEqual({
      set: [
        { name: 'UK South', replicas: 3, storageAccountType: 'Standard_ZRS' },
        { name: 'North Europe', replicas: 4 },
      ],
      again: [],
      remove: [],
    });
    expect(plan({ remove: ['northeurope'] })).toEqual({ set: [], again: [], remove: ['North Europe'] });
  });

  it('stay out of latest where the version is promoted region by region, and are offered where it is offered everywhere', () => {
    const partly = version('1.5.0', {
      regions: [region('West Europe'), region('East US', { excludedFromLatest: true })],
    });
    expect(plan({ version: partly, add: uk })).toMatchObject({ set: [{ name: 'UK South', hidden: true }] });
    expect(plan({ add: uk })).not.toMatchObject({ set: [{ hidden: true }] });
  });

  it('are given up and made again as they were where they failed', () => {
    const again = [{ name: 'East US', replicas: 2, storageAccountType: 'Standard_ZRS', hidden: true }];
    expect(plan({ version: failedThere, retry: true })).toEqual({ set: [], again, remove: [] });
  });

  const encrypted = version('1.5.0', { regions: [region('West Europe', { diskEncryptionSetId: '/des' })] });
  const refused: readonly (readonly [why: string, wish: Wish])[] = [
    ['UK South is named twice.', { add: [...uk, { name: 'UK South', replicas: 2 }] }],
    ['North Europe is named twice.', { add: [{ name: 'North Europe', replicas: 2 }], remove: ['northeurope'] }],
    [
      'West Europe has 2 copies of 1.5.0 already: name another number, such as “West Europe:3”.',
      { add: [{ name: 'westeurope' }] },
    ],
    ['UK South can have 1 to 100 copies.', { add: [{ name: 'UK South', replicas: 0 }] }],
    [
      '1.5.0 would have 101 copies in all; Azure makes at most 100 of a version.',
      { add: [{ name: 'UK South', replicas: 98 }] },
    ],
    ['1.5.0 has no copy in East US; it is in West Europe, North Europe.', { remove: ['East US'] }],
    ['West Europe is where 1.5.0 was made: Azure keeps a copy there.', { remove: ['West Europe'] }],
    ['No copy of 1.5.0 has failed: there is nothing to try again.', { retry: true }],
    [
      'The copies of 1.5.0 are encrypted with keys of your own, and the catalogue names no disk encryption set in UK South.',
      { version: encrypted, add: uk },
    ],
    [
      '1.5.0 was never published: its run copies it to its regions.',
      { version: version('1.5.0', { tags: {}, excludedFromLatest: true }), add: uk },
    ],
    [
      'The gallery is working on 1.5.0 (Updating; East US at 45 %): ask again once it is done.',
      {
        version: version('1.5.0', {
          provisioningState: 'Updating',
          regions: [region('West Europe'), region('East US', { state: 'Replicating', progress: 45 })],
        }),
        add: uk,
      },
    ],
    [
      '1.5.0 was revoked: it gets no new copies.',
      { version: version('1.5.0', { tags: { 'goldbot-published': 'x', 'goldbot-state': 'revoked' } }), add: uk },
    ],
    [
      'The life of 1.5.0 ended on 27 Nov 2026: it gets no new copies.',
      { version: version('1.5.0', { endOfLife: new Date('2026-11-27T00:00:00Z') }), add: uk },
    ],
    [
      'Azure could not make 1.5.0: its state is Failed.',
      { version: version('1.5.0', { provisioningState: 'Failed' }), add: uk },
    ],
    [
      '1.5.0 failed in East US, where it was made, and Azure lets no copy go there: publish it again.',
      { version: { ...failedThere, home: 'eastus' }, retry: true },
    ],
  ];
  it.each(refused)('are refused: %s', (why, wish) => {
    const found = plan(wish);
    if (!('message' in found)) throw new Error('it was not refused');
    expect(found.message).toBe(why);
    expect(found.next.length).toBeGreaterThan(0);
  });

  it('may be removed of what is revoked or past its end', () => {
    const over = version('1.5.0', { endOfLife: new Date('2026-11-27T00:00:00Z') });
    expect(plan({ version: over, remove: ['North Europe'] })).toMatchObject({ remove: ['North Europe'] });
  });
});

const consumer = (more: Partial<Consumer>): Consumer => ({
  ...{ kind: 'scale set', id: 'set', name: 'set', team: 'web', location: 'northeurope', version: '' },
  ...more,
});

describe('who is hit', () => {
  const all = [
    version('1.4.1', { regions: [region('West Europe'), region('North Europe'), region('UK South')] }),
    version('1.5.0'),
  ];
  const radius = (copies: CopiesPlan, consumers: readonly Consumer[]) =>
    blastRadius({ act: 'replicate', versions: ['1.5.0'], copies, all, users: { consumers, gaps: [] }, now });
  const without: CopiesPlan = { set: [], again: [], remove: ['North Europe'] };

  it('breaks what names the version where its copy goes, and nothing elsewhere', () => {
    const pinned = consumer({ version: '1.5.0' });
    const found = radius(without, [pinned, consumer({ ...pinned, id: 'west', location: 'westeurope' })]);
    expect(found.breaks.map(({ consumer: { id }, why }) => [id, why])).toEqual([
      ['set', 'could not scale out, reimage or repair: it names this version, which would have no copy there'],
    ]);
    expect(found.survives.map(({ consumer: { id } }) => id)).toEqual(['west']);
    expect(radius(without, [consumer({ kind: 'machines', version: '1.5.0', machines: 3 })]).breaks).toEqual([]);
  });

  it('moves what follows latest there, down and up', () => {
    const follows = consumer({ upgradesItself: true });
    expect(radius(without, [follows]).moves[0]?.why).toMatch(/^takes 1\.4\.1 for its next machines; nothing says that/);
    const more: CopiesPlan = { set: [{ name: 'UK South', replicas: 1 }], again: [], remove: [] };
    expect(radius(more, [{ ...follows, location: 'uksouth' }]).moves[0]?.why).toMatch(/^takes 1\.5\.0 .*upgrades/);
    const hidden: CopiesPlan = { ...more, set: [{ name: 'UK South', replicas: 1, hidden: true }] };
    expect(radius(hidden, [{ ...follows, location: 'uksouth' }]).moves).toEqual([]);
  });

  it('is another plan with another number of copies', () => {
    const of = (replicas: number) => seenOf(radius({ ...without, set: [{ name: 'UK South', replicas }] }, [])).digest;
    expect(of(1)).not.toBe(of(2));
  });
});

describe('how many copies Azure advises', () => {
  const regions = version('1.5.0').regions;
  const machines = (location: string, n: number) =>
    consumer({ kind: 'machines', location, version: '1.4.1', machines: n });

  it('is three at least, one for each 20 machines and one for each scale set, also where there is none', () => {
    const sets = Array.from({ length: 5 }, () => consumer({ location: 'northeurope' }));
    expect(
      copyAdvice({ regions }, [machines('westeurope', 61), machines('westeurope', 20), ...sets, machines('eastus', 1)]),
    ).toEqual([
      { region: 'North Europe', machines: 0, scaleSets: 5, replicas: 5 },
      { region: 'West Europe', machines: 81, scaleSets: 0, replicas: 5 },
      { region: 'eastus', machines: 1, scaleSets: 0, replicas: 3 },
    ]);
  });

  it('is together no more than Azure makes', () => {
    const found = copyAdvice({ regions }, [machines('westeurope', 4_000), machines('northeurope', 1_000)]);
    expect(found.map(({ replicas }) => replicas)).toEqual([20, 80]);
  });
});

it('a version has what was asked for once it is done', () => {
  const plan: CopiesPlan = {
    set: [{ name: 'UK South', replicas: 3 }],
    again: [{ name: 'East US', replicas: 2 }],
    remove: ['West Europe'],
  };
  expect(afterCopies(failedThere, plan).regions.map(({ name, replicas, state }) => [name, replicas, state])).toEqual([
    ['East US', 2, 'Completed'],
    ['UK South', 3, 'Completed'],
  ]);
});
