import { exactSourceText, sourceInText, sourceText } from '../../core/build-source';
import {
  countTeams,
  type MachineCount,
  packFigures,
  retiringGaps,
  retiringMachines,
  unpackFigures,
} from '../../core/compliance';
import { publishedBases, retiringOf } from '../../core/compliance/retiring';
import { type BaseAnswers, goldenFor, outlookOf, retirementOf, tattooTags } from '../../core/images';
import { exampleCatalogue } from '../support/catalogue';

const catalogue = exampleCatalogue();
const now = new Date('2026-11-23T12:00:00Z');
const jammy = 'canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2';
const focal = 'canonical:0001-com-ubuntu-server-focal:20_04-lts-gen2';
/** As people read them: jammy stands in the catalogue, of focal only its publisher does. */
const writtenJammy = jammy.replace('canonical', 'Canonical');
const writtenFocal = focal.replace('canonical', 'Canonical');
const key = (source: string) => `${catalogue.azure.location}:${source}`;
const [asOf, older] = ['2026-11-23T11:00:00.000Z', '2026-11-23T10:00:00.000Z'];

const said: BaseAnswers = new Map([
  [
    key(jammy),
    {
      found: {
        ...{ newest: '9', asOf },
        deprecations: {
          '1': { gone: true },
          '2': { announced: true, deprecated: true, at: '2026-10-01T00:00:00.000Z' },
          '3': { announced: true, at: '2026-12-24T00:00:00.000Z' },
          '4': {},
          '9': {},
        },
      },
    },
  ],
  [
    key(focal),
    {
      found: {
        ...{ newest: '20', asOf: older },
        deprecations: {
          '20': { announced: true, at: '2027-05-31T00:00:00.000Z', alternative: 'offer ubuntu-24_04-lts' },
        },
      },
    },
  ],
  [key('gallery:sub/rg/gold/base'), { found: { deprecations: { '1.0.0': { gone: true } } } }],
  [key('dead:o:s'), { failed: { code: 'AZ_SILENT', message: 'Azure did not answer.' } }],
]);

const run = (source: string, version: string, machines = 1) => ({ source, version, machines });
const judge = (...counts: Parameters<typeof retiringOf>[0]) => retiringOf(counts, said, catalogue, now);

describe('marketplace images of machines', () => {
  it('are gone, deprecated or scheduled, with the newer version or what its publisher names; what stays is not told', () => {
    const counts = [run(jammy, '3', 5), run(jammy, '4', 90), run(jammy, '2', 2), run(jammy, '1'), run(focal, '20', 6)];
    const newer = { newer: '9', golden: 'ubuntu-22' };
    expect(judge(...counts, run(jammy, '2', 3))).toEqual({
      asOf: new Date(older),
      images: [
        { ...run(writtenJammy, '2', 5), state: 'deprecated', retiresAt: new Date('2026-10-01'), ...newer },
        { ...run(writtenJammy, '1', 1), state: 'gone', ...newer },
        { ...run(writtenJammy, '3', 5), state: 'scheduled', retiresAt: new Date('2026-12-24'), ...newer },
        {
          ...{ ...run(writtenFocal, '20', 6), state: 'scheduled', retiresAt: new Date('2027-05-31') },
          alternative: 'offer ubuntu-24_04-lts',
        },
      ],
      unknown: [],
    });
  });

  it('are deprecated from the day that was announced on, though nobody has asked since', () => {
    const at = (day: string) => retirementOf(said.get(key(jammy))?.found ?? never(), '3', new Date(day));
    expect(at('2026-12-23T23:59:59Z')).toMatchObject({ state: 'scheduled' });
    expect(at('2026-12-24T00:00:00Z')).toMatchObject({ state: 'deprecated' });
  });

  it('are not known where nobody asked, not about this version, or Azure was silent: each is told, with why', () => {
    const team = judge(run('dead:o:s', '1', 4), run('new:o:s', '1', 3), run(jammy, '7', 2), run(jammy, '', 1));
    expect(team.images).toEqual([]);
    expect(team.unknown).toEqual([
      { source: 'dead:o:s', machines: 4, message: 'Azure did not answer.' },
      { source: writtenJammy, machines: 3 },
      { source: 'new:o:s', machines: 3 },
    ]);
    expect(retiringGaps([team, undefined, team])).toEqual([
      {
        ...{ figure: 'marketplace images', reason: 'not known', machines: 20 },
        ...{ first: ['dead:o:s'], total: 3, message: 'Azure did not answer.' },
      },
    ]);
    expect(retiringGaps([judge(run(jammy, '4'))])).toEqual([]);
  });

  it('are counted for each team, kept with its figures, and read back as they were', () => {
    const machine = (source: string, version: string, team: string): MachineCount => ({
      ...{ type: 'vm', subscription: 's', resourceGroup: 'g', tags: { team }, location: 'westeurope' },
      ...{ source, version, machines: 2, behindModel: false },
    });
    const rows = [machine(jammy, '3', 'web'), machine(jammy, '3', 'data'), machine('/galleries/x', '3', 'web')];
    const figures = countTeams({
      ...{ catalogue, managementGroups: new Map(), now, bases: said },
      ...{ machines: { rows, members: [], asOf: now }, versions: { rows: [], asOf: now } },
    });
    const web = figures.find(({ team }) => team === 'web') ?? never();
    expect(web.retiring?.images).toMatchObject([
      { source: writtenJammy, machines: 2, retiresAt: new Date('2026-12-24') },
    ]);
    expect(unpackFigures(JSON.parse(JSON.stringify(packFigures(web))))).toEqual(packFigures(web));
    expect(retiringMachines(figures)).toMatchObject([{ source: writtenJammy, machines: 4, teams: ['data', 'web'] }]);
    const many = { ...web, retiring: judge(...Array.from({ length: 1 }, () => run(jammy, '3'))) };
    const images = Array.from({ length: 201 }, () => many.retiring.images[0] ?? never());
    const packed = packFigures({ ...web, retiring: { images, unknown: [] } });
    expect(packed.retiring?.images).toHaveLength(200);
    expect(packed.gaps).toContainEqual({ figure: 'marketplace images', reason: 'not kept', first: 200, total: 201 });
  });
});

describe('the bases of golden versions', () => {
  const tagged = (version: string, source: string) => ({
    ...{ image: 'ubuntu-22', version, excludedFromLatest: false },
    tags: tattooTags({
      ...{
        schema: '1',
        image: 'ubuntu-22',
        version,
        source,
        os: 'Ubuntu 22.04',
        built: asOf,
        run: 'R-22222',
        recipe: 'x',
      },
    }),
  });

  it('are those of their tattoos, whatever the catalogue names today, and what is not known is named', () => {
    const versions = [
      tagged('1.0.0', `${focal}:20`),
      tagged('1.1.0', `${jammy}:4`),
      tagged('1.2.0', `${jammy}:7`),
      tagged('1.3.0', 'gallery:sub/rg/gold/base:1.0.0'),
      tagged('1.4.0', 'image:sub/rg/hardened:0badcafe'),
      { ...tagged('1.5.0', `${focal}:20`), excludedFromLatest: true },
      { image: 'ubuntu-22', version: '0.1.0', excludedFromLatest: false, tags: {} },
    ];
    const found = publishedBases(versions, said, catalogue, now);
    expect(found.retiring).toMatchObject([
      { image: 'ubuntu-22', version: '1.0.0', base: `${focal}:20`, state: 'scheduled' },
      { version: '1.3.0', base: 'gallery:sub/rg/gold/base:1.0.0', state: 'gone' },
    ]);
    expect([...found.unknown]).toEqual([['ubuntu-22', ['1.2.0']]]);
  });

  it('that are bought are told as such: what was made from them stops working', () => {
    const plan = { name: 'n', product: 'p', publisher: 'x' };
    const traits = { os: 'Linux', generation: 'V2', architecture: 'x64', plan } as const;
    const answers: BaseAnswers = new Map([[key(jammy), { found: { traits, deprecations: { '1': { gone: true } } } }]]);
    const of = (bases: BaseAnswers) => publishedBases([tagged('1.0.0', `${jammy}:1`)], bases, catalogue, now).retiring;
    expect(of(answers)).toMatchObject([{ state: 'gone', bought: true }]);
    expect(of(said)[0]).not.toHaveProperty('bought');
  });

  it('of the next build: nothing to tell while the newest stays, and the alternative where none is left', () => {
    expect(outlookOf(said.get(key(jammy))?.found ?? never(), now)).toBeUndefined();
    expect(outlookOf(said.get(key(focal))?.found ?? never(), now)).toMatchObject({ state: 'scheduled' });
    const gone = { deprecations: { '1': { gone: true, alternative: 'plan server' } } } as const;
    expect(outlookOf(gone, now)).toEqual({ state: 'deprecated', alternative: 'plan server' });
  });
});

describe('what the tattoo says of a source', () => {
  it.each([
    ['canonical:o:s:1', { publisher: 'canonical', offer: 'o', sku: 's' }, '1'],
    ['canonical:o:s', { publisher: 'canonical', offer: 'o', sku: 's' }, ''],
    [
      'gallery:sub/rg/gold/base:1.0.0',
      {
        kind: 'imageVersion',
        image: { subscription: 'sub', resourceGroup: 'rg', gallery: 'gold', definition: 'base' },
      },
      '1.0.0',
    ],
  ] as const)('%s is read back as it was written', (text, source, version) => {
    expect(sourceInText(text)).toEqual({ source, version });
    expect(exactSourceText({ ...source, version: 'x' })).toBe(`${sourceText(source)}:x`);
    expect(sourceInText(exactSourceText({ ...source, version: 'x' }))).toEqual({ source, version: 'x' });
  });

  it.each([
    '',
    'image:sub/rg/name:abcd',
    'a:b',
    'a:b:c:d:e',
    '/subscriptions/x:1',
    'gallery:a/b/c:1',
    'gallery:a/b/c/d:1:2',
  ])('%j is none that somebody could ask about', (text) => {
    expect(sourceInText(text)).toBeUndefined();
  });
});

describe('the golden image that fits', () => {
  const image = (name: string, offer: string, sku: string, publisher = 'Canonical') => ({
    name,
    source: { publisher, offer, sku },
  });
  const images = [
    image('ubuntu-22', 'jammy', '22_04-lts-gen2'),
    image('ubuntu-24', 'ubuntu-24_04-lts', 'server'),
    image('windows-2022', 'WindowsServer', '2022-datacenter-azure-edition', 'MicrosoftWindowsServer'),
  ];
  const from = (publisher: string, offer: string, sku: string) => ({ publisher, offer, sku });

  it.each([
    ['of the same release', from('canonical', 'jammy', '22_04-lts'), {}, 'ubuntu-22'],
    [
      'of the release that is named instead',
      from('canonical', 'focal', '20_04-lts'),
      { alternative: 'offer ubuntu-24_04-lts' },
      'ubuntu-24',
    ],
    ['of the same release while that goes on', from('canonical', 'jammy', '22_04-lts'), { newer: '9' }, 'ubuntu-22'],
    [
      'of what is named instead once nothing of the same goes on',
      from('canonical', 'jammy', '22_04-lts'),
      { alternative: 'offer ubuntu-24_04-lts' },
      'ubuntu-24',
    ],
    [
      'of a plan of the same offer',
      from('microsoftwindowsserver', 'windowsserver', '2019-datacenter'),
      { alternative: 'plan 2022-datacenter-azure-edition' },
      'windows-2022',
    ],
    ['not of another release', from('microsoftwindowsserver', 'windowsserver', '2019-datacenter'), {}, undefined],
    ['not of another publisher', from('other', 'jammy', '22_04-lts'), { newer: '9' }, undefined],
  ])('is one %s', (_, machine, fate, golden) => {
    expect(goldenFor(images, machine, fate)).toBe(golden);
  });
});

function never(): never {
  throw new Error('nothing is known of it');
}
