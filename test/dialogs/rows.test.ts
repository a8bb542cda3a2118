import type { GalleryVersion } from '../../core/azure';
import { call } from '../../core/command-call';
import type { ForecastEntry } from '../../core/compliance';
import { entryRow } from '../../dialogs/present/forecast-entry';
import {
  needVersion,
  pickVersion,
  publishedAt,
  regionView,
  tattooFields,
  versionRow,
  versionState,
} from '../../dialogs/present/versions';
import { aVersion, fixed, tattooed } from './support/plan';
import { aRun, now } from './support/world';

const judging = { latest: '1.6.0', now, recorded: new Map() };
const published = { 'goldbot-published': '2026-10-21T09:00:00.000Z' };

describe('what a version is', () => {
  it.each<[string, string, Partial<GalleryVersion>]>([
    ['failed', '1.7.0', { provisioningState: 'Failed' }],
    ['building', '1.7.0', { provisioningState: 'Creating' }],
    ['candidate', '1.7.0', { excludedFromLatest: true, tags: {} }],
    ['aged', '1.4.0', { excludedFromLatest: true, tags: published }],
    ['aged', '1.4.0', { excludedFromLatest: true, tags: { 'goldbot-state': 'current' } }],
    ['aged', '1.4.0', { tags: { 'goldbot-state': 'aged' } }],
    ['latest', '1.6.0', { endOfLife: now }],
    ['past-end', '1.5.0', { endOfLife: now }],
    ['current', '1.5.0', { endOfLife: new Date(now.getTime() + 1) }],
    ['current', '1.5.0', {}],
  ])('is %s: %s %j', (state, version, change) => {
    expect(versionState(aVersion(version, change), judging)).toBe(state);
  });

  it('was published when goldbot says, else when it was made, and a candidate never', () => {
    const made = new Date('2026-10-01T00:00:00Z');
    expect(publishedAt(aVersion('1.5.0', { tags: published }))).toEqual(new Date('2026-10-21T09:00:00.000Z'));
    expect(publishedAt(aVersion('1.5.0', { tags: {} }))).toEqual(made);
    expect(publishedAt(aVersion('1.5.0', { tags: { 'goldbot-published': 'soon' } }))).toEqual(made);
    expect(publishedAt(aVersion('1.5.0', { excludedFromLatest: true, tags: {} }))).toBeUndefined();
  });

  it('is a row of what is known', () => {
    const full = aVersion('1.5.0', { tags: { ...tattooed('1.5.0'), ...published }, endOfLife: now });
    expect(versionRow(full, judging)).toEqual({
      ...{ version: '1.5.0', state: 'past-end', base: '22.04.202610080', builtAt: '2026-10-01T00:00:00.000Z' },
      ...{ publishedAt: new Date('2026-10-21T09:00:00.000Z'), endOfLife: now },
    });
    const bare = aVersion('1.7.0', { excludedFromLatest: true, tags: {} });
    expect(versionRow(bare, judging)).toEqual({ version: '1.7.0', state: 'candidate' });
  });

  it('has the mark and words of each region', () => {
    const region = { name: 'West Europe', replicas: 3, progress: 40, excludedFromLatest: false };
    const shown = (state: Parameters<typeof regionView>[0]['state'], details?: string) => {
      const { mark, detail } = regionView({ ...region, state, ...(details && { details }) });
      return [mark, detail];
    };
    expect(shown('Completed')).toEqual(['done', 'in place']);
    expect(shown('Replicating')).toEqual(['now', '40 %']);
    expect(shown('Failed')).toEqual(['failed', 'failed']);
    expect(shown('Unknown')).toEqual(['todo', 'not known']);
    expect(shown('Failed', 'no quota')).toEqual(['failed', 'no quota']);
  });
});

describe('a version by what people call it', () => {
  const hidden = { excludedFromLatest: true, tags: {} };
  const all = [
    aVersion('1.9.0'),
    aVersion('1.10.0'),
    aVersion('1.12.0', hidden),
    aVersion('1.13.0', { ...hidden, provisioningState: 'Failed' }),
    aVersion('1.9.5', { provisioningState: 'Failed' }),
    aVersion('1.9.6', { excludedFromLatest: true, tags: published }),
    aVersion('1.11.0', hidden),
  ];

  it.each([
    ['latest', '1.10.0'],
    ['previous', '1.9.0'],
    ['candidate', '1.12.0'],
    ['1.9.5', '1.9.5'],
    ['1.2.3', undefined],
  ])('%s is %s', (word, version) => {
    expect(pickVersion(all, word)?.version).toBe(version);
  });

  it('is none of an empty gallery', () => {
    for (const word of ['latest', 'previous', 'candidate', '1.0.0']) expect(pickVersion([], word)).toBeUndefined();
  });

  it.each([
    [all, '1.2.3', 'no version 1.2.3 of ubuntu-22', 'See what there is; the highest is 1.13.0.', 'versions'],
    [
      all.slice(0, 1),
      'previous',
      'no previous version of ubuntu-22',
      'See what there is; the highest is 1.9.0.',
      'versions',
    ],
    [[], 'latest', 'no latest version of ubuntu-22', 'Make the first one.', 'publish'],
  ] as const)('is refused when there is none (%#), with what there is instead', (versions, word, none, hint, verb) => {
    let told: unknown;
    try {
      needVersion(versions, word, { name: 'ubuntu-22' });
    } catch (error) {
      told = error;
    }
    expect(told).toMatchObject({
      code: 'UNKNOWN_VERSION',
      message: `The gallery has ${none}.`,
      hint,
      next: [call(verb, { image: 'ubuntu-22' })],
    });
    expect(needVersion(all, '1.9.0', { name: 'ubuntu-22' }).version).toBe('1.9.0');
  });
});

describe('the tattoo of a version beside what its run wrote', () => {
  const plan = { request: {}, approvalChannel: 'x', fixed };
  const fieldsOf = (...given: Parameters<typeof tattooFields>) =>
    Object.fromEntries(tattooFields(...given).map(({ name, value, expected }) => [name, [value, expected]]));

  it('has both of each field, in the order of the file in the guest', () => {
    const data = { os: 'Ubuntu 22.04.5 LTS', builtAt: '2026-10-01T00:00:00.000Z', tattooHash: 'abc' };
    const fields = fieldsOf(aVersion('1.6.0'), aRun('R-33333', { plan, data }));
    expect(Object.keys(fields)).toEqual([
      ...['schema', 'image', 'version', 'source', 'os', 'built', 'run', 'recipe', 'tattoo-sha256'],
    ]);
    const twice = (text: string) => [text, text];
    expect(fields).toMatchObject({
      ...{ schema: twice('1'), image: twice('ubuntu-22'), version: twice('1.6.0'), run: twice('R-33333') },
      source: ['Canonical:o:22_04-lts-gen2:22.04.202610080', 'Canonical:o:22_04-lts-gen2:22.04.202611120'],
      ...{ os: twice(data.os), built: twice(data.builtAt), recipe: twice('c'.repeat(64)) },
      'tattoo-sha256': [expect.any(String), 'abc'],
    });
  });

  it('has what the run does not know from the version alone, and nothing without a tattoo', () => {
    const other = aRun('R-33333', { plan: { ...plan, fixed: { ...fixed, version: '1.6.1' } } });
    for (const run of [undefined, other, aRun('R-33333')])
      expect(fieldsOf(aVersion('1.6.0'), run)['image']).toEqual(['ubuntu-22', undefined]);
    const early = fieldsOf(aVersion('1.6.0'), aRun('R-33333', { plan, data: { tattooHash: '' } }));
    expect([early['os']?.[1], early['built']?.[1], early['tattoo-sha256']?.[1]]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(tattooFields(aVersion('1.6.0', { tags: { team: 'web' } }), aRun('R-33333', { plan }))).toEqual([]);
  });
});

describe('a line of the calendar', () => {
  const shown = (entry: object, canPublish = true) =>
    entryRow(entry as ForecastEntry, { now, canPublish: () => canPublish });
  const at = new Date('2026-12-24T00:00:00Z');

  it.each<[object, object]>([
    [
      { kind: 'endOfLife', at, image: 'ubuntu-22', version: '1.4.1', machines: 1, teams: [{ team: 'web' }] },
      {
        ...{ at, kind: 'end-of-life', what: 'ubuntu-22 1.4.1', detail: '1 machine of web runs it' },
        call: call('who uses', { ref: 'ubuntu-22@1.4.1' }),
      },
    ],
    [
      { kind: 'endOfLife', at, image: 'i', version: '1.0.0', machines: 9, teams: [{ team: 'web' }, { team: null }] },
      {
        ...{ at, kind: 'end-of-life', what: 'i 1.0.0', detail: '9 machines of web, no team run it' },
        call: call('who uses', { ref: 'i@1.0.0' }),
      },
    ],
    [
      { kind: 'approval', at, what: 'ubuntu-22 1.6.0', request: 'R-99999' },
      { at, kind: 'approval-expires', what: 'ubuntu-22 1.6.0 (R-99999)', call: call('status', { request: 'R-99999' }) },
    ],
    [
      {
        ...{ kind: 'retiringMachines', at, source: 'p:o:s', state: 'scheduled', versions: 1, machines: 9 },
        ...{ teams: ['web', null], alternative: 'plan server', golden: 'ubuntu-22' },
      },
      {
        ...{ at, kind: 'deprecation', what: 'p:o:s', detail: '9 machines of web, no team run it' },
        more: 'move to the plan server, which its publisher names instead, or to the golden image ubuntu-22',
        call: call('compliance', { team: 'all', list: true, lineage: 'not-golden' }),
      },
    ],
    [
      {
        ...{ kind: 'retiringMachines', source: 'p:o:s', state: 'deprecated', versions: 2, machines: 1, newer: '9' },
        ...{ teams: [null], retiresAt: new Date('2026-10-01') },
      },
      {
        ...{ at: now, kind: 'deprecated', what: '2 versions of p:o:s' },
        ...{ detail: 'since 2026-10-01; 1 machine of no team runs them', more: 'move to 9, which stays' },
        call: call('compliance', { team: 'orphans', list: true, lineage: 'not-golden' }),
      },
    ],
    [
      { kind: 'newerBase', image: 'ubuntu-22', newest: '22.04.2', used: '22.04.1' },
      {
        ...{ at: now, kind: 'newer-base', what: 'ubuntu-22: base 22.04.2' },
        detail: 'there already; the latest version was built from 22.04.1',
        call: call('publish', { image: 'ubuntu-22', plan: true }),
      },
    ],
  ])('%j', (entry, row) => {
    expect(shown(entry)).toEqual(row);
  });

  it('offers those who cannot publish to look', () => {
    const entry = { kind: 'newerBase', image: 'ubuntu-22', newest: '22.04.2', used: '22.04.1' };
    expect(shown(entry, false).call).toEqual(call('show', { ref: 'ubuntu-22@latest' }));
  });
});
