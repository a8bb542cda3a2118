import type { GalleryVersion, ImageDefinition } from '../../core/azure';
import type { ImageConfig } from '../../core/catalogue';
import { type CommandCall, call } from '../../core/command-call';
import { type Bump, latestPublished, planPublish } from '../../core/images';
import type { PlanningInput } from '../../core/images/planning';
import { planChanges, planHash } from '../../core/runs';
import { exampleCatalogue } from '../support/catalogue';

const catalogue = exampleCatalogue();
const now = new Date('2026-11-22T10:00:00Z');

function gallery(version: string, more: Partial<GalleryVersion> = {}): GalleryVersion {
  return {
    id: `/versions/${version}`,
    image: 'ubuntu-22',
    version,
    provisioningState: 'Succeeded',
    excludedFromLatest: false,
    blockDeletionBeforeEndOfLife: false,
    regions: [],
    tags: {},
    ...more,
  };
}

const top = '2147483647.2147483647.2147483647';
const sold = { name: 'n', product: 'p', publisher: 'u' };
const definition: ImageDefinition = {
  name: 'ubuntu-22',
  state: 'Generalized',
  os: 'Linux',
  generation: 'V2',
  architecture: 'x64',
};

function exampleImage(name: string): ImageConfig {
  const config = catalogue.images.find((i) => i.name === name);
  if (!config) throw new Error(`no ${name} in the example catalogue`);
  return config;
}

function plan(more: Partial<PlanningInput> = {}) {
  return planPublish({
    request: {},
    image: exampleImage('ubuntu-22'),
    azure: catalogue.azure,
    bases: [{ version: '22.04.202611120' }, { version: '22.04.202610080' }, { version: '22.04.202609150' }],
    definition,
    versions: [gallery('1.4.1'), gallery('1.5.0')],
    taken: [],
    now,
    ...more,
  });
}

function failure(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('expected a failure');
}

describe('the plan of a publish', () => {
  it('takes the newest base and the next minor number', () => {
    expect(plan()).toMatchObject({ version: '1.6.0', base: { version: '22.04.202611120' }, previousVersion: '1.5.0' });
  });

  it('stays on the version that the catalogue names, until the command names another', () => {
    const ubuntu = exampleImage('ubuntu-22');
    const image = { ...ubuntu, source: { ...ubuntu.source, version: '22.04.202610080' } };
    expect(plan({ image }).base).toEqual({ ...ubuntu.source, version: '22.04.202610080' });
    expect(plan({ image, request: { from: 'latest' } }).base.version).toBe('22.04.202611120');
  });

  it('never takes a number twice, not even one of a run that failed', () => {
    expect(plan({ taken: ['1.6.0'] }).version).toBe('1.7.0');
    expect(plan({ taken: ['1.6.0', '1.6.1'], rebuildOf: '1.6.0' }).version).toBe('1.6.2');
    expect(() => plan({ taken: ['1.6.0'], request: { version: '1.6.0' } })).toThrow(/taken before/);
  });

  it('takes no version that failed for the one before, however high its number, nor one that is excluded', () => {
    const failed = gallery('1.6.0', { provisioningState: 'Failed' });
    const hidden = gallery('1.7.0', { excludedFromLatest: true });
    const known = [gallery('1.4.1'), gallery('1.5.0'), failed, hidden];
    expect(plan({ versions: known })).toMatchObject({ previousVersion: '1.5.0', version: '1.8.0' });
    expect(latestPublished(known)?.version).toBe('1.5.0');
    expect(latestPublished([failed, hidden])).toBeUndefined();
  });

  it('takes a base that will be deprecated, and notes when and what the publisher names instead', () => {
    const deprecation = {
      state: 'ScheduledForDeprecation',
      at: new Date('2027-01-31T00:00:00Z'),
      alternative: 'offer ubuntu-24_04-lts',
    };
    const bases = [{ version: '22.04.202610080' }, { version: '22.04.202611120', deprecation }];
    expect(plan({ bases })).toMatchObject({
      base: { version: '22.04.202611120' },
      baseDeprecation: { at: '2027-01-31T00:00:00.000Z', alternative: 'offer ubuntu-24_04-lts' },
    });
    expect(plan({ bases, request: { from: '22.04.202610080' } })).not.toHaveProperty('baseDeprecation');
  });

  it('never takes a deprecated base, and says what to do instead', () => {
    const gone = { state: 'Deprecated', alternative: 'plan server' };
    const bases = [{ version: '22.04.202610080' }, { version: '22.04.202611120', deprecation: gone }];
    expect(plan({ bases }).base.version).toBe('22.04.202610080');
    const asked = failure(() => plan({ bases, request: { from: '22.04.202611120' } }));
    expect(asked).toMatchObject({
      code: 'BAD_COMMAND',
      message: expect.stringMatching(/has deprecated 22_04-lts-gen2 22\.04\.202611120.*names the plan server instead/),
      hint: 'Take the newest, 22.04.202610080.',
      next: [call('publish', { image: 'ubuntu-22', from: '22.04.202610080' })],
    });
    const all = failure(() => plan({ bases: bases.slice(1) }));
    expect(all).toMatchObject({ hint: expect.stringContaining('Change the source in images/ubuntu-22.yaml') });
  });

  it('compares marketplace versions by number', () => {
    expect(plan({ bases: [{ version: '20348.999.1' }, { version: '20348.1000.1' }] }).base.version).toBe(
      '20348.1000.1',
    );
  });

  it('raises the part before one that is as high as a gallery takes, and refuses what is higher', () => {
    const highest = 2_147_483_647;
    const next = (version: string, bump: Bump = 'patch') =>
      plan({ versions: [gallery(version)], request: { bump } }).version;
    expect(next(`7.9.${highest - 1}`)).toBe(`7.9.${highest}`);
    expect(next(`7.9.${highest}`)).toBe('7.10.0');
    expect(next(`7.${highest}.${highest}`)).toBe('8.0.0');
    expect(next(`7.${highest}.0`, 'minor')).toBe('8.0.0');
    expect(() => next(`${highest}.${highest}.${highest}`)).toThrow(
      /No version number is left above 2147483647\.2147483647\.2147483647 in ubuntu-22/,
    );
    expect(() => next(`${highest}.0.0`, 'major')).toThrow(/No version number is left/);
    expect(plan({ request: { version: `7.9.${highest}` } }).version).toBe(`7.9.${highest}`);
    for (const version of [`7.9.${highest + 1}`, '7.9.2201041542', '99999999999.0.0']) {
      expect(failure(() => plan({ request: { version } }))).toMatchObject({
        message: `"${version}" is not a version number: each part is at most 2147483647.`,
        hint: 'Use three lower numbers.',
      });
    }
    expect(plan({ versions: [gallery(`7.9.${highest}`)], taken: ['7.10.0'], request: { bump: 'patch' } }).version).toBe(
      '7.10.1',
    );
  });

  it('passes on what is set for builds, regions and tests, and what the definition asks of machines', () => {
    const image = catalogue.images.find((i) => i.name === 'ubuntu-22');
    if (!image) throw new Error('no ubuntu-22');
    const own = {
      ...image,
      source: { ...image.source, plan: sold },
      build: { osDiskSizeGiB: 64, tags: { costCenter: '1' } },
      test: { vmSize: 'Standard_D4s_v5', tags: { costCenter: '2' } },
      regions: [{ name: 'West Europe', replicas: 3, storageAccountType: 'Standard_ZRS' as const }],
    };
    const bases = [
      { version: '22.04.1', traits: { os: 'Linux', generation: 'V2', architecture: 'x64', plan: sold } },
    ] as const;
    const fixed = plan({
      image: own,
      bases,
      definition: { ...definition, security: 'TrustedLaunchSupported', plan: sold },
    });
    expect(fixed).toMatchObject({
      base: { sku: '22_04-lts-gen2', version: '22.04.1', plan: sold },
      regions: [{ name: 'West Europe', replicas: 3, storageAccountType: 'Standard_ZRS' }],
      buildVmSize: 'Standard_D2s_v5',
      buildSettings: { osDiskSizeGiB: 64, tags: { costCenter: '1' } },
      testVmSize: 'Standard_D4s_v5',
      testSecurity: 'TrustedLaunch',
      testTags: { costCenter: '2' },
    });
    const plain = plan();
    expect([plain.buildSettings, plain.testSecurity, plain.testTags, plain.base]).toEqual([
      undefined,
      undefined,
      undefined,
      { ...image.source, version: '22.04.202611120' },
    ]);
  });

  it('is none where the definition is missing or does not fit', () => {
    expect(failure(() => plan({ definition: undefined }))).toMatchObject({
      code: 'CANNOT_BE_BUILT',
      message: 'The gallery gold has no image definition ubuntu-22.',
    });
    const bases = [{ version: '22.04.1', traits: { os: 'Linux', generation: 'V1', architecture: 'x64' } }] as const;
    expect(failure(() => plan({ bases }))).toMatchObject({
      code: 'CANNOT_BE_BUILT',
      message: expect.stringContaining('is of generation V1'),
    });
  });

  it('does not count hidden versions as published', () => {
    const versions = [gallery('1.5.0'), gallery('1.6.0', { excludedFromLatest: true })];
    expect(plan({ versions })).toMatchObject({ previousVersion: '1.5.0', version: '1.7.0' });
  });

  it('keeps to the regions of the catalogue, and to the one where it is built', () => {
    expect(plan({ request: { regions: ['westeurope', 'East US'], replicas: 5 } }).regions).toEqual([
      { name: 'West Europe', replicas: 5 },
      { name: 'East US', replicas: 5 },
    ]);
    expect(() => plan({ request: { regions: ['Mars North'] } })).toThrow(/does not go to "Mars North"/);
    expect(() => plan({ request: { regions: ['eastus'] } })).toThrow(/leave out westeurope/);
  });

  it('ends the version when the catalogue says, or when the person says', () => {
    expect(plan().endOfLife).toBe('2027-05-22T00:00:00.000Z');
    expect(plan({ request: { endOfLife: null } }).endOfLife).toBeNull();
  });

  it('has no end of life where the catalogue says none, and asks as long as the catalogue says', () => {
    const own = catalogue.images.find((i) => i.name === 'ubuntu-22');
    if (!own) throw new Error('no ubuntu-22');
    expect(plan({ image: { ...own, endOfLife: 'none' } }).endOfLife).toBeNull();
    const { approval } = own;
    expect(plan({ image: { ...own, approval: { ...approval, expires: '+3d' } } }).approvalTtlMs).toBe(259_200_000);
  });

  it.each<[string, Partial<PlanningInput>, string, string, CommandCall[]]>([
    [
      'base',
      { request: { from: '22.04.1' } },
      'The marketplace has no 22_04-lts-gen2 22.04.1.',
      'The newest are 22.04.202609150, 22.04.202610080, 22.04.202611120.',
      [call('publish', { image: 'ubuntu-22', from: '22.04.202611120' })],
    ],
    [
      'number',
      { request: { version: 'next' } },
      '"next" is not a version number.',
      'Use three numbers.',
      [call('publish', { image: 'ubuntu-22', version: '1.6.0' })],
    ],
    [
      'number that was used',
      { request: { version: '1.6.0' }, taken: ['1.6.0'] },
      'ubuntu-22 1.6.0 was taken before; numbers are never used twice.',
      'Use the next free one, 1.7.0.',
      [call('publish', { image: 'ubuntu-22', version: '1.7.0' })],
    ],
    [
      'number that was used, above which none is left',
      { request: { version: top }, versions: [gallery(top)] },
      `ubuntu-22 ${top} was taken before; numbers are never used twice.`,
      'Use another one.',
      [],
    ],
    [
      'region',
      { request: { regions: ['Mars North'] } },
      'ubuntu-22 does not go to "Mars North".',
      'Its regions are West Europe, North Europe, East US; add others in images/ubuntu-22.yaml.',
      [],
    ],
    [
      'place to build',
      { request: { regions: ['eastus'] } },
      'The regions leave out westeurope, where the image is built.',
      'Azure keeps a version in its own region too: add westeurope to --regions.',
      [],
    ],
  ])('says what is wrong with a %s, and what to type', (_, more, message, hint, next) => {
    expect(failure(() => plan(more))).toMatchObject({ message, hint, next });
  });

  it('is none without a base', () => {
    expect(() => plan({ bases: [] })).toThrow(/marketplace has no version/);
  });

  it('gives a build of Windows more time, unless the catalogue says how much', () => {
    const windows = exampleImage('windows-2022');
    const { buildTimeoutMinutes: _, ...unsaid } = windows;
    const minutesOf = (image: ImageConfig) =>
      plan({ image, definition: { ...definition, name: image.imageDefinition, os: image.os } }).buildTimeoutMinutes;
    const { buildTimeoutMinutes: __, ...linux } = exampleImage('ubuntu-22');
    expect([minutesOf(linux), minutesOf(unsaid), minutesOf({ ...windows, buildTimeoutMinutes: 200 })]).toEqual([
      120, 300, 200,
    ]);
  });
});

describe('the hash of a plan', () => {
  it('changes with everything that an approver decides about, and with nothing else', () => {
    const base = plan();
    const changes = [
      { ...base, version: '1.6.1' },
      { ...base, base: { ...base.base, version: '22.04.202610080' } },
      { ...base, recipeHash: 'another' },
      { ...base, tests: base.tests.slice(1) },
      { ...base, regions: base.regions.slice(1) },
      { ...base, endOfLife: null },
      { ...base, rule: { ...base.rule, quorum: 2 } },
    ];
    expect(new Set([base, ...changes].map(planHash)).size).toBe(changes.length + 1);
    const informing = { previousVersion: null, buildVmSize: 'other', baseDeprecation: { at: '2027-01-31' } };
    expect(planHash({ ...base, ...informing })).toBe(planHash(base));
  });
});

describe('what differs between two plans of a run', () => {
  const base = plan();
  it.each<[string, Partial<typeof base>, readonly string[]]>([
    ['nothing but the number', { version: '9.9.9', previousVersion: null }, []],
    [
      'the base',
      { base: { ...base.base, version: '22.04.209901010' } },
      [`base ${base.base.version} → 22.04.209901010`],
    ],
    ['the recipe', { recipeHash: 'another' }, ['the recipe has changed']],
    ['tests', { tests: base.tests.slice(1) }, ['the tests have changed']],
    ['regions', { regions: base.regions.slice(1) }, ['the regions have changed']],
    ['a later hour of the same last day', { endOfLife: base.endOfLife?.replace(/T.*/, 'T23:59:59.000Z') ?? null }, []],
    ['no end of life', { endOfLife: null }, ['the end of life has changed']],
    ['two deciders', { rule: { ...base.rule, quorum: 2 } }, ['the approvers have changed']],
  ])('%s', (_, change, words) => {
    expect(planChanges(base, { ...base, ...change })).toEqual(words);
  });
});
