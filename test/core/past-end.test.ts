import type { GalleryVersion } from '../../core/azure';
import { definitionId } from '../../core/azure-id';
import type { RestrictionTarget, ScaleSet } from '../../core/compliance';
import { isRestricted, restrictionAssignment, restrictionWords } from '../../core/compliance';
import { imageRef } from '../../core/images';
import { pastEndSentences, readPastEnd, togetherOf } from '../../core/lifecycle';
import { exampleCatalogue } from '../support/catalogue';

const catalogue = exampleCatalogue();
const [image] = catalogue.images;
if (!image) throw new Error('the example has no image');
const ref = imageRef(catalogue.azure, image);
const now = new Date('2026-11-28T06:00:00Z');
const over = new Date('2026-11-20T00:00:00Z');
const subscription = '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1002';
const group = `/subscriptions/${subscription}/resourceGroups/rg-payments`;

const regions = (more: object = {}) => [
  { name: 'West Europe', replicas: 1, state: 'Completed', progress: 100, excludedFromLatest: false, ...more },
];
const listed = (version: string, more: Partial<GalleryVersion> & { source?: string } = {}) =>
  ({
    ...{ source: definitionId(ref).toLowerCase(), version, endOfLife: over, excludedFromLatest: true },
    ...{ regions: regions(), provisioningState: 'Succeeded', tags: { 'goldbot-published': 'x' } },
    ...more,
  }) as GalleryVersion & { readonly source: string };
const set = (version: string, more: Partial<ScaleSet> = {}): ScaleSet =>
  ({
    ...{ id: `${group}/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-a`.toLowerCase(), name: 'vmss-a' },
    ...{ subscription, resourceGroup: 'rg-payments', tags: { Team: 'Payments' }, version },
    ...more,
  }) as ScaleSet;
const target: RestrictionTarget = {
  scope: `/subscriptions/${subscription}`,
  name: 'n',
  notScopes: [],
  buildGroups: [],
};

interface More {
  readonly effect?: 'audit';
  readonly above?: ReadonlyMap<string, readonly string[]>;
  readonly partial?: object;
}

async function there(
  rows: readonly ReturnType<typeof listed>[],
  sets: readonly ScaleSet[] = [],
  where: Partial<RestrictionTarget> = {},
  { effect, above = new Map(), partial }: More = {},
) {
  const read = {
    publishedVersions: async () => ({ rows, asOf: now }),
    versions: async () => rows,
    scaleSets: async () => ({ rows: sets, asOf: now, ...partial }),
    managementGroups: async () => above,
  };
  const asked = { targets: [{ ...target, ...where }], effect: effect ?? 'deny' } as const;
  return togetherOf(await readPastEnd(read as never, catalogue, asked, now));
}

async function at(where: Partial<RestrictionTarget>, sets: readonly ScaleSet[], more: More = {}) {
  const { refused, spared } = await there([listed('1.3.0')], sets, where, more);
  return [refused.map(({ version }) => version), spared.map(({ why }) => why)];
}

describe('a version is past its end for a restriction', () => {
  it('once its day has come and it is out of latest everywhere: a date alone refuses nothing', async () => {
    const rows = [
      listed('1.10.0'),
      listed('1.3.0'),
      listed('1.4.0', { endOfLife: new Date('2026-12-01T00:00:00Z') }),
      listed('1.5.0', { excludedFromLatest: false }),
      listed('1.5.1', { regions: regions({ shownThere: true }) as never }),
      listed('1.6.0', { tags: {} }),
    ];
    expect(
      (await there(rows)).refused.map(({ image: name, version, id }) => [
        name,
        version,
        id.endsWith(`/versions/${version}`),
      ]),
    ).toEqual([
      [image.name, '1.3.0', true],
      [image.name, '1.10.0', true],
    ]);
  });
});

it('costs no question about an image that has none past its day', async () => {
  const asked: string[] = [];
  const read = {
    publishedVersions: async () => ({ rows: [listed('1.3.0', { source: '/other' })], asOf: now }),
    versions: async () => asked.push('versions'),
    scaleSets: async () => asked.push('sets'),
    managementGroups: async () => asked.push('groups'),
  };
  await readPastEnd(read as never, catalogue, { targets: [target], effect: 'deny' }, now);
  expect(asked).toEqual([]);
});

describe('where a scale set names it', () => {
  it('it stays allowed, since Azure would refuse the next machine of that set; what only reports spares nothing', async () => {
    expect(await at({}, [set('1.3.0')])).toEqual([[], ['scale set vmss-a names it']]);
    expect(await at({}, [set('1.3.0')], { effect: 'audit' })).toEqual([['1.3.0'], []]);
    expect(await at({}, [set('')])).toEqual([['1.3.0'], []]);
    expect(await at({}, [], { partial: { partial: [{ reason: 'subscriptions' }] } })).toEqual([
      [],
      ['Azure did not tell of all scale sets'],
    ]);
  });

  it.each<[string, Partial<RestrictionTarget>, boolean]>([
    [
      'its resource group, in any case',
      { scope: group.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions') },
      true,
    ],
    ['another whose name begins alike', { scope: `${group}-2` }, false],
    ['a group that is left out', { notScopes: [group] }, false],
    ['a group that images are built in', { buildGroups: ['RG-pay'] }, false],
    ['its tag', { tag: { name: 'team', value: 'payments' } }, true],
    ['another tag', { tag: { name: 'team', value: 'web' } }, false],
    ['a management group above it', { scope: '/providers/Microsoft.Management/managementGroups/corp' }, true],
    ['another management group', { scope: '/providers/Microsoft.Management/managementGroups/lab' }, false],
  ])('only within the restriction: %s', async (_, where, isHeld) => {
    const above = new Map([[subscription, ['Corp']]]);
    expect(await at(where, [set('1.3.0')], { above })).toEqual(
      isHeld ? [[], ['scale set vmss-a names it']] : [['1.3.0'], []],
    );
  });

  it('counts as within a management group where Azure does not tell what is above', async () => {
    const scope = '/providers/Microsoft.Management/managementGroups/lab';
    expect((await at({ scope }, [set('1.3.0'), set('1.3.0', { name: 'vmss-b' })]))[1]).toEqual([
      '2 scale sets name it, such as vmss-a',
    ]);
  });
});

describe('what people read of it', () => {
  it('names what is refused and what is spared, and nothing where there is nothing', async () => {
    const one = await there([listed('1.3.0'), listed('1.4.0')], [set('1.3.0')]);
    expect(pastEndSentences(togetherOf([one, one]), 'deny')).toEqual([
      `Past the end of life, and refused for whoever names the number: ${image.name} 1.4.0. goldbot looks each day.`,
      `${image.name} 1.3.0 is past its end too and stays allowed: scale set vmss-a names it.`,
    ]);
    expect(pastEndSentences({ refused: [], spared: [] }, 'audit')).toEqual([
      'Nothing that is past its end of life is reported now. goldbot looks each day.',
    ]);
    const many = await there(Array.from({ length: 10 }, (_, n) => listed(`1.${n}.0`)));
    expect(pastEndSentences(many, 'deny')[0]).toMatch(/: \S+ 1\.0\.0, .* 1\.7\.0 and 2 more\. goldbot/);
  });
});

describe('the restriction in Azure', () => {
  const settings = { effect: 'deny', galleries: ['/g'], pastEnd: ['/g/images/a/versions/1.0.0'] } as const;
  const assigned = { ...target, ...settings, enforced: true };

  it('is another one with another version past its end, whatever the casing', () => {
    const is = (pastEnd?: readonly string[]) =>
      isRestricted({ defined: true, assigned }, target, {
        effect: 'deny',
        galleries: ['/g'],
        ...(pastEnd && { pastEnd }),
      });
    expect([is(settings.pastEnd), is(['/G/IMAGES/a/versions/1.0.0']), is(), is([])]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(restrictionAssignment(target, settings).parameters).toMatchObject({ pastEnd: { value: settings.pastEnd } });
    expect(restrictionAssignment(target, { effect: 'deny', galleries: [] }).parameters).not.toHaveProperty('pastEnd');
  });

  it('is told with how many versions it includes', () => {
    expect(restrictionWords({ assigned })).toBe('deny, 1 version past the end of life included');
    expect(restrictionWords({ assigned: { ...assigned, pastEnd: ['a', 'b'], enforced: false } })).toBe(
      'deny, 2 versions past the end of life included, but not enforced',
    );
  });
});
