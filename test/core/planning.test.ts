import type { GalleryVersion, ImageDefinition } from '../../core/azure';
import { call } from '../../core/command-call';
import { planPublish } from '../../core/images';
import type { PlanningInput } from '../../core/images/planning';
import { planHash } from '../../core/runs';
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

const definition: ImageDefinition = {
  name: 'ubuntu-22',
  state: 'Generalized',
  os: 'Linux',
  generation: 'V2',
  architecture: 'x64',
};

function plan(more: Partial<PlanningInput> = {}, image = 'ubuntu-22') {
  const config = catalogue.images.find((i) => i.name === image);
  if (!config) throw new Error(`no ${image} in the example catalogue`);
  return planPublish({
    request: {},
    image: config,
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

  it('never takes a number twice, not even one of a run that failed', () => {
    expect(plan({ taken: ['1.6.0'] }).version).toBe('1.7.0');
    expect(plan({ taken: ['1.6.0', '1.6.1'], rebuildOf: '1.6.0' }).version).toBe('1.6.2');
    expect(() => plan({ taken: ['1.6.0'], request: { version: '1.6.0' } })).toThrow(/taken before/);
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

  it('names what is wrong with an unknown base, number or system', () => {
    expect(() => plan({ request: { from: '22.04.1' } })).toThrow(/no 22_04-lts-gen2 22.04.1/);
    expect(() => plan({ request: { version: 'next' } })).toThrow(/"next" is no version number/);
    expect(() => plan({ bases: [] })).toThrow(/marketplace has no version/);
    expect(() => plan({}, 'windows-2022')).toThrow(/Windows image/);
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
