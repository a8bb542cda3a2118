import type { GalleryVersion, RegionStatus } from '../../core/azure';
import {
  type Act,
  acts,
  blastRadius,
  type Consumer,
  type ConsumerKind,
  consumerWords,
  latestIn,
  latestOfRegions,
  newBreaks,
  notLookedAt,
  radiusLines,
  radiusOfTeams,
  readUsers,
  restrains,
  seenOf,
} from '../../core/lifecycle';
import { exampleCatalogue } from '../support/catalogue';

const now = new Date('2026-11-28T09:00:00Z');

type Flags = Partial<Pick<RegionStatus, 'excludedFromLatest' | 'shownThere' | 'state'>>;
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
const consumer = (kind: ConsumerKind, more: Partial<Consumer> = {}): Consumer => ({
  ...{ kind, id: `${kind} ${more.name ?? 'one'}`, name: 'one', team: 'web', location: 'westeurope', version: '1.5.0' },
  ...more,
});

interface Asked {
  readonly versions?: readonly string[];
  readonly all?: readonly GalleryVersion[];
}
const three = [version('1.3.0', { excludedFromLatest: true }), version('1.4.1'), version('1.5.0')];
const radius = (act: Act, consumers: readonly Consumer[], { versions = ['1.5.0'], all = three }: Asked = {}) =>
  blastRadius({ act, versions, all, users: { consumers, gaps: [] }, now });
const told = (act: Act, one: Consumer, asked?: Asked) => {
  const { breaks, moves, survives } = radius(act, [one], asked);
  const [[how, effect] = []] = Object.entries({ breaks, moves, survives }).flatMap(([name, [first]]) =>
    first ? [[name, first.why] as const] : [],
  );
  return how === undefined ? undefined : `${how}: ${effect}`;
};

describe('what is latest in a region', () => {
  it('is the highest number that is there and not excluded, as numbers go', () => {
    const all = [version('1.9.0'), version('1.10.0'), version('2.0.0', { excludedFromLatest: true })];
    expect(latestIn(all, 'westeurope')?.version).toBe('1.10.0');
    expect(latestIn(all, 'West Europe')?.version).toBe('1.10.0');
    expect(latestIn(all, 'East US')).toBeUndefined();
  });

  it('goes by the region’s own flag where it has one', () => {
    const hiddenHere = version('2.0.0', {
      regions: [region('West Europe', { excludedFromLatest: true }), region('East US')],
    });
    expect(latestIn([version('1.0.0'), hiddenHere], 'westeurope')?.version).toBe('1.0.0');
    expect(latestIn([version('1.0.0'), hiddenHere], 'eastus')?.version).toBe('2.0.0');
    const shown = [region('West Europe', { shownThere: true }), region('East US')];
    const hidden = version('2.0.0', { excludedFromLatest: true, regions: shown });
    expect(latestIn([hidden], 'westeurope')?.version).toBe('2.0.0');
    expect(latestIn([hidden], 'eastus')).toBeUndefined();
  });

  it.each(['Failed', 'Creating', 'Deleting'] as const)(
    'does not count on a version that is %s',
    (provisioningState) => {
      expect(latestIn([version('2.0.0', { provisioningState })], 'westeurope')).toBeUndefined();
    },
  );

  it.each(['Failed', 'Replicating'] as const)('does not count on a copy that is %s', (state) => {
    expect(latestIn([version('2.0.0', { regions: [region('West Europe', { state })] })], 'westeurope')).toBeUndefined();
  });

  it('is told for each region, with the end of life of what comes next', () => {
    const endOfLife = new Date('2026-11-01T00:00:00Z');
    const before = [version('1.0.0', { endOfLife }), version('1.1.0', { regions: [region('West Europe')] })];
    expect(latestOfRegions(before, before.slice(0, 1))).toEqual([
      { region: 'North Europe', before: '1.0.0', after: '1.0.0', afterEnds: endOfLife },
      { region: 'West Europe', before: '1.1.0', after: '1.0.0', afterEnds: endOfLife },
    ]);
    expect(latestOfRegions(before.slice(1), [])).toEqual([{ region: 'West Europe', before: '1.1.0' }]);
  });
});

describe('what becomes of whoever names a version', () => {
  const kinds: readonly (readonly [ConsumerKind, string, string])[] = [
    ['machines', 'survives: keep running', 'survives: keep running; to reimage one would fail'],
    [
      ...(['scale set', 'survives: names its number and goes on deploying it'] as const),
      'breaks: could not scale out, reimage or repair: it names this version',
    ],
    [
      ...(['template', 'survives: names its number and goes on building from it'] as const),
      'breaks: could not build any more: it names this version',
    ],
    [
      ...(['recipe', 'survives: names its number and goes on being built from it'] as const),
      'breaks: could not be published any more: the catalogue names this version as its base',
    ],
    ['descendant', 'survives: has a copy of its own', 'survives: has a copy of its own'],
    [
      ...(['shallow copy', 'survives: reads its disks from this version, which stays'] as const),
      'breaks: could not be deployed any more: it has no disks but those of this version',
    ],
    ['disk', 'survives: has a copy of its own', 'survives: has a copy of its own'],
    [
      ...(['other', 'survives: names its number and goes on using it'] as const),
      'breaks: could not make anything new any more: it names this version',
    ],
  ];
  it.each(kinds)('%s, when it is revoked and when it is retired', (kind, revoked, retired) => {
    expect(told('revoke', consumer(kind))).toBe(revoked);
    expect(told('retire', consumer(kind))).toBe(retired);
    for (const act of ['eol', 'age', 'restore'] as const)
      expect(told(act, consumer(kind))).toBe('survives: goes on as it is');
  });

  it('is nothing when it names another version', () => {
    expect(told('retire', consumer('scale set', { version: '1.4.1' }))).toBeUndefined();
  });
});

describe('what becomes of whoever takes the latest', () => {
  const follows = (kind: ConsumerKind, more: Partial<Consumer> = {}) => consumer(kind, { version: '', ...more });

  it('is that it takes the next one down', () => {
    expect(told('revoke', follows('scale set'))).toBe('moves: takes 1.4.1 for its next machines');
    expect(told('retire', follows('template'))).toBe('moves: builds from 1.4.1 at its next run');
    expect(told('revoke', follows('recipe'))).toBe('moves: is built from 1.4.1 next');
    expect(told('revoke', follows('other'))).toBe('moves: takes 1.4.1 for what it makes next');
  });

  it('is that it breaks where none is left, region by region', () => {
    const all = [version('1.4.1', { regions: [region('North Europe')] }), version('1.5.0')];
    expect(told('revoke', follows('scale set'), { all })).toBe(
      'breaks: could not scale out: no version would be latest where it is',
    );
    expect(told('revoke', follows('scale set', { location: 'northeurope' }), { all })).toBe(
      'moves: takes 1.4.1 for its next machines',
    );
    for (const kind of ['template', 'recipe', 'other'] as const)
      expect(told('revoke', follows(kind), { all })).toMatch(
        /^breaks: could .*no version would be latest where it is$/,
      );
  });

  it('is nothing when its latest stays what it is, or there was none', () => {
    expect(told('revoke', follows('scale set'), { versions: ['1.4.1'] })).toBeUndefined();
    expect(told('revoke', follows('scale set', { location: 'eastus' }))).toBeUndefined();
    expect(told('eol', follows('scale set'))).toBeUndefined();
  });

  it('counts all versions of the act together', () => {
    expect(told('retire', follows('scale set'), { versions: ['1.5.0', '1.4.1'] })).toMatch(/^breaks/);
  });

  it('says of one that upgrades itself what is known of its running machines', () => {
    const itself = follows('scale set', { upgradesItself: true });
    expect(told('revoke', itself)).toBe(
      'moves: takes 1.4.1 for its next machines; nothing says that Azure moves its running machines back',
    );
    const all = [version('1.4.1'), version('1.5.0', { excludedFromLatest: true })];
    expect(told('restore', itself, { all })).toBe(
      'moves: takes 1.5.0 for its next machines; Azure upgrades its running machines to it by itself',
    );
  });

  it('shows a restored version in regions that hid it by their own flag, too', () => {
    const all = [
      version('1.4.1'),
      version('1.5.0', { regions: [region('West Europe', { excludedFromLatest: true })] }),
    ];
    expect(told('restore', follows('scale set'), { all })).toMatch(/^moves: takes 1.5.0/);
  });
});

describe('the blast radius', () => {
  const users = [
    consumer('machines', { id: 'a', machines: 7 }),
    consumer('machines', { id: 'b', machines: 5, version: '1.4.1' }),
    consumer('scale set', { id: 's1', name: 'b-set' }),
    consumer('scale set', { id: 's2', name: 'a-set' }),
    consumer('scale set', { id: 's3', name: 'c-set', version: '' }),
  ];

  it('counts the machines that run these versions, and puts what breaks in order', () => {
    const found = radius('retire', users);
    expect(found.machines).toBe(7);
    expect(found.breaks.map(({ consumer: { name } }) => name)).toEqual(['a-set', 'b-set']);
    expect(found.moves.map(({ consumer: { name } }) => name)).toEqual(['c-set']);
    expect(seenOf(found)).toMatchObject({ machines: 7, breaks: ['s2', 's1'] });
  });

  it('has another word as soon as anything of it is different', () => {
    const words = [
      seenOf(radius('retire', users)),
      seenOf(radius('revoke', users)),
      seenOf(radius('retire', users, { versions: ['1.4.1'] })),
      seenOf(radius('retire', users.slice(1))),
      seenOf(radius('retire', users.slice(0, 4))),
      seenOf(radius('retire', users, { all: three.slice(1) })),
      seenOf(radius('retire', users, { all: [...three, version('1.4.2')] })),
    ].map(({ digest }) => digest);
    // An excluded version that nobody could take changes nothing.
    expect(new Set(words).size).toBe(words.length - 1);
    expect(words[5]).toBe(words[0]);
  });

  it('names what breaks now and nobody agreed to', () => {
    const seen = seenOf(radius('retire', users.slice(0, 3)));
    expect(newBreaks(radius('retire', users), seen).map(({ consumer: { id } }) => id)).toEqual(['s2']);
    expect(newBreaks(radius('retire', users.slice(0, 3)), seen)).toEqual([]);
  });

  it('is told in sentences, what matters most first', () => {
    const many = Array.from({ length: 7 }, (_, n) => consumer('template', { id: `t${n}`, name: `t${n}` }));
    expect(radiusLines(radius('retire', [...users, ...many]))).toEqual([
      '9 would break: scale set a-set (web), scale set b-set (web), image template t0 (web), image template t1 (web), and 5 more.',
      'In North Europe, West Europe, 1.4.1 would be latest instead of 1.5.0.',
      '1 would take another version: scale set c-set (web).',
      '7 machines run it and would keep running.',
    ]);
    const ended = [version('1.4.1', { endOfLife: now }), version('1.5.0')];
    expect(radiusLines(radius('revoke', [], { all: ended }))).toEqual([
      'In North Europe, West Europe, 1.4.1 would be latest, which is past its own end of life, instead of 1.5.0.',
      '0 machines run it and would keep running.',
    ]);
    expect(radiusLines(radius('revoke', [consumer('machines', { machines: 1 })], { all: [version('1.5.0')] }))).toEqual(
      [
        'In North Europe, West Europe, no version would be latest instead of 1.5.0.',
        '1 machine runs it and would keep running.',
      ],
    );
    expect(radiusLines(radius('age', users))).toEqual([]);
  });

  it('is told to each team as it is once it is done, what is broken first', () => {
    const others = [
      consumer('scale set', { id: 's4', name: 'd-set', team: 'data', version: '' }),
      consumer('template', { id: 't', name: 't', team: null }),
    ];
    const told = (act: Act, asked?: Asked) =>
      Object.fromEntries(radiusOfTeams(radius(act, [...users, ...others], asked)));
    const cannot = 'cannot scale out, reimage or repair: it names this version.';
    const running = '7 machines of yours run it and keep running: replace them as soon as you can.';
    expect(told('retire')).toEqual({
      data: ['scale set d-set takes 1.4.1 for its next machines.'],
      web: [
        ...[`scale set a-set ${cannot}`, `scale set b-set ${cannot}`, 'Let them name another version by its number.'],
        ...[running, 'scale set c-set takes 1.4.1 for its next machines.'],
      ],
    });
    expect(told('revoke', { all: [version('1.5.0')] })['data']).toEqual([
      'scale set d-set cannot scale out: no version is latest where it is.',
      'Let it name another version by its number.',
    ]);
  });

  it('knows which acts take something away', () => {
    expect((Object.keys(acts) as Act[]).filter(restrains)).toEqual([
      'revoke',
      'retire',
      'rollback',
      'replicate',
      'copy',
    ]);
  });
});

describe('who uses an image', () => {
  const catalogue = exampleCatalogue();
  const [image] = catalogue.images;
  if (!image) throw new Error('no image');
  const { subscription, gallery } = catalogue.azure;
  const source =
    `/subscriptions/${subscription}/resourcegroups/${gallery.resourceGroup}/providers/microsoft.compute/galleries/${gallery.name}/images/ubuntu-22`.toLowerCase();
  const place = { subscription: 's', resourceGroup: 'rg' };
  const machine = { ...place, type: 'vm', source, behindModel: false } as const;
  const web = { team: 'web' };
  const answers = {
    machineCounts: async () => ({
      rows: [
        { ...machine, tags: web, location: 'westeurope', version: '1.5.0', machines: 3 },
        { ...machine, type: 'instance' as const, tags: web, location: 'West Europe', version: '1.5.0', machines: 2 },
        { ...machine, tags: {}, location: 'westeurope', version: '1.5.0', machines: 1 },
        { ...machine, tags: web, location: 'westeurope', version: '', machines: 9 },
        { ...machine, source: `${source}-22`, tags: web, location: 'westeurope', version: '1.5.0', machines: 9 },
      ],
      members: [],
      asOf: now,
    }),
    managementGroups: async () => new Map(),
    scaleSets: async () => ({
      rows: [
        {
          ...{ ...place, id: '/S/One', name: 'one', tags: web, source, version: '', location: 'West Europe' },
          selfUpgrading: true,
          takesReimage: true,
          mode: 'Automatic' as const,
        },
      ],
      asOf: now,
      partial: [{ reason: 'subscriptions' } as const],
    }),
    imageConsumers: async () => ({
      rows: [
        {
          ...{ ...place, kind: 'descendant' as const, id: '/g/Galleries/x/Images/own/versions/2.0.0', name: '2.0.0' },
          ...{
            type: 'microsoft.compute/galleries/images/versions',
            location: 'westeurope',
            source: '',
            tags: web,
            version: '1.5.0',
          },
        },
        {
          ...{ ...place, kind: 'other' as const, id: '/b/pools/nodes', name: 'nodes', tags: {}, version: '' },
          ...{ type: 'microsoft.batch/batchaccounts/pools', location: 'westeurope', source: '' },
        },
        {
          ...{ ...place, kind: 'unseen' as const, id: '/b', name: 'risk', tags: {}, version: '' },
          ...{ type: 'microsoft.batch/batchaccounts', location: 'westeurope', source: '' },
        },
      ],
      asOf: now,
      partial: [{ reason: 'rows', read: 2, total: 3 } as const],
    }),
  };

  it('is put together of three answers, each with its team, and says what is missing', async () => {
    const { consumers, unseen, gaps, asOf } = await readUsers(answers, catalogue, image);
    expect(consumers.map((one) => [consumerWords(one), one.location, one.version, one.machines])).toEqual([
      ['machines in westeurope (web)', 'westeurope', '1.5.0', 5],
      ['machines in westeurope', 'westeurope', '1.5.0', 1],
      ['scale set one (web)', 'westeurope', '', undefined],
      ['version own@2.0.0 (web)', 'westeurope', '1.5.0', undefined],
      ['batchaccounts pools nodes', 'westeurope', '', undefined],
    ]);
    expect(consumers[2]).toMatchObject({ id: '/s/one', upgradesItself: true });
    expect(unseen).toEqual([{ type: 'microsoft.batch/batchaccounts', name: 'risk' }]);
    expect(gaps.map(({ figure }) => figure)).toEqual(['scale sets', 'consumers']);
    expect(asOf).toBe(now);
  });

  it('are images of the catalogue that are built from it, too', async () => {
    const from = (name: string, version?: string) => ({
      ...image,
      ...{ name, imageDefinition: name },
      source: {
        ...{ kind: 'imageVersion' as const, ...(version !== undefined && { version }) },
        image: {
          ...{ subscription, resourceGroup: gallery.resourceGroup, gallery: gallery.name.toUpperCase() },
          definition: 'ubuntu-22',
        },
      },
    });
    const images = [image, from('web-base'), from('data-base', '1.4.1')];
    const { consumers } = await readUsers(answers, { ...catalogue, images }, image);
    expect(consumers.slice(-2)).toMatchObject([
      { kind: 'recipe', name: 'web-base', version: '', location: 'westeurope', team: null },
      { kind: 'recipe', name: 'data-base', version: '1.4.1' },
    ]);
  });
});

describe('what was not looked at', () => {
  const batch = (name: string) => ({ type: 'microsoft.batch/batchaccounts', name });
  const said = [
    [[], 'Not checked: subscriptions that goldbot may not read.'],
    [[batch('risk')], 'Not checked: pools of Batch account risk; subscriptions that goldbot may not read.'],
    [
      [batch('risk'), { type: 'microsoft.compute/galleries', name: 'gold' }, batch('night')],
      'Not checked: whoever gold is shared with, if anybody; pools of 2 Batch accounts, such as risk; subscriptions that goldbot may not read.',
    ],
    [
      [
        { type: 'microsoft.devtestlab/labs', name: 'lab' },
        { type: 'microsoft.devcenter/devcenters', name: 'desk' },
        { type: 'microsoft.desktopvirtualization/hostpools', name: 'office' },
      ],
      'Not checked: session hosts of host pool office; Dev Boxes of dev center desk; formulas of lab lab; subscriptions that goldbot may not read.',
    ],
  ] as const;

  it.each(said)('is named where it is there: %j', (unseen, sentence) => {
    expect(notLookedAt(unseen)).toBe(sentence);
  });
});
