import type { GalleryVersion } from '../../core/azure';
import { definitionId } from '../../core/azure-id';
import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { imageRef } from '../../core/images';
import { blastRadius, type Consumer, familyOf, joinedRadius, readRelatives } from '../../core/lifecycle';
import { exampleCatalogue } from '../support/catalogue';

const example = exampleCatalogue();
const [ubuntu] = example.images;
if (!ubuntu) throw new Error('the example has no image');
const child: ImageConfig = { ...ubuntu, name: 'payments-base', imageDefinition: 'payments-base', aliases: [] };
const catalogue: Catalogue = { ...example, images: [ubuntu, child] };
const now = new Date('2026-11-28T09:00:00Z');

const version = (number: string, more: Partial<GalleryVersion> = {}): GalleryVersion => ({
  ...{ id: `/v/${number}`, image: 'x', version: number, provisioningState: 'Succeeded', tags: {} },
  ...{ excludedFromLatest: false, blockDeletionBeforeEndOfLife: false },
  regions: [{ name: 'West Europe', replicas: 1, state: 'Completed', progress: 100, excludedFromLatest: false }],
  ...more,
});
const idOf = (image: ImageConfig, number: string) =>
  `${definitionId(imageRef(catalogue.azure, image)).toLowerCase()}/versions/${number}`;
const builtFrom = (from: string, id: string): Consumer => ({
  ...{ kind: 'descendant', id, name: 'x', team: null, location: 'westeurope', version: from },
});
const machines = (number: string, team: string | null, many: number): Consumer => ({
  ...{ kind: 'machines', id: `${number} ${team}`, name: 'x', team, location: 'westeurope', version: number },
  machines: many,
});
const foreign = '/subscriptions/s/resourcegroups/r/providers/microsoft.compute/galleries/lab/images/toy/versions/9.0.0';
const relatives = new Map([
  [
    'ubuntu-22',
    {
      all: [version('1.4.1'), version('1.5.0'), version('1.6.0', { excludedFromLatest: true })],
      consumers: [
        builtFrom('1.4.1', idOf(child, '1.0.0')),
        builtFrom('1.5.0', idOf(child, '1.1.0')),
        machines('1.4.1', 'web', 28),
        machines('1.4.1', null, 2),
        machines('1.5.0', 'web', 5),
      ],
    },
  ],
  [
    'payments-base',
    {
      all: [version('1.0.0'), version('1.1.0')],
      // Nobody descends from oneself: a tag that says so leads nowhere.
      consumers: [
        builtFrom('1.0.0', foreign),
        builtFrom('1.1.0', idOf(ubuntu, '1.5.0')),
        machines('1.0.0', 'payments', 3),
      ],
    },
  ],
]);
const family = (...versions: readonly string[]) =>
  familyOf('ubuntu-22', versions, { relatives, catalogue }).map(
    ({ image, version: number, depth, machines: many, outdatedBy = '-', behind, isKept }) =>
      `${depth} ${image}@${number} ${many} ${outdatedBy} ${behind.map((one) => `${one.team}:${one.machines}`)} ${isKept}`,
  );

describe('the family of versions', () => {
  it('goes down to what was built from what was built, with what has a successor', () => {
    expect(family('1.4.1')).toEqual([
      '0 ubuntu-22@1.4.1 30 - web:28,null:2 true',
      '1 payments-base@1.0.0 3 1.5.0 payments:3 true',
      '2 toy@9.0.0 0 1.1.0  false',
    ]);
    expect(family('1.4.1', '1.5.0').slice(0, 2)).toEqual([
      '0 ubuntu-22@1.5.0 5 -  true',
      '1 payments-base@1.1.0 0 -  true',
    ]);
  });

  it('tells a copy from what was built from it: nobody builds that anew', () => {
    const own = { all: [version('1.4.1'), version('1.5.1', { tags: { 'goldbot-copy-of': '1.4.1' } })] };
    const consumers = [builtFrom('1.4.1', idOf(ubuntu, '1.5.1')), builtFrom('1.5.1', idOf(child, '1.0.0'))];
    const kin = familyOf('ubuntu-22', ['1.4.1'], {
      relatives: new Map([...relatives, ['ubuntu-22', { ...own, consumers }]]),
      catalogue,
    });
    expect(kin.slice(0, 3).map(({ version: number, copyOf, outdatedBy }) => [number, copyOf, outdatedBy])).toEqual([
      ['1.4.1', undefined, undefined],
      ['1.5.1', '1.4.1', undefined],
      ['1.0.0', undefined, undefined],
    ]);
  });

  it('is read image by image, each once', async () => {
    const asked: string[] = [];
    const found = await readRelatives(
      {
        versions: async ({ definition }) => {
          asked.push(definition);
          return relatives.get(definition)?.all ?? [];
        },
        machineCounts: async () => ({ rows: [], members: [], asOf: now }),
        managementGroups: async () => new Map(),
        scaleSets: async () => ({ rows: [], asOf: now }),
        imageConsumers: async ([home]) => ({
          asOf: now,
          rows: (relatives.get(home?.definition ?? '')?.consumers ?? []).flatMap(({ id, version: from, kind }) =>
            kind === 'descendant'
              ? [
                  {
                    kind,
                    id,
                    name: 'x',
                    type: 'x',
                    location: 'westeurope',
                    tags: {},
                    version: from,
                    source: '',
                    subscription: 's',
                    resourceGroup: 'r',
                  },
                ]
              : [],
          ),
        }),
      },
      catalogue,
      ubuntu,
    );
    expect(asked.sort()).toEqual(['payments-base', 'ubuntu-22']);
    expect([...found.keys()]).toEqual(['ubuntu-22', 'payments-base']);
  });
});

it('what would become of everybody is one answer for several images, without those that are changed themselves', () => {
  const of = (image: string, number: string, consumers: readonly Consumer[], all: readonly GalleryVersion[]) => ({
    ...blastRadius({ act: 'retire', versions: [number], all, users: { consumers, gaps: [] }, now }),
    image,
  });
  const shallow = { ...builtFrom('1.5.0', idOf(child, '1.0.0')), kind: 'shallow copy' as const };
  const set = { ...machines('1.0.0', 'web', 0), kind: 'scale set' as const, id: '/s/set' };
  const parent = of('ubuntu-22', '1.5.0', [shallow, machines('1.5.0', 'web', 5)], [version('1.4.1'), version('1.5.0')]);
  const below = of('payments-base', '1.0.0', [set, machines('1.0.0', 'web', 2)], [version('1.0.0')]);
  expect(parent.breaks).toHaveLength(1);
  const joined = joinedRadius([below, parent], new Set([idOf(child, '1.0.0'), idOf(ubuntu, '1.5.0')]));
  expect(joined.breaks.map(({ consumer }) => consumer.id)).toEqual(['/s/set']);
  expect(joined).toMatchObject({ machines: 7, versions: ['1.0.0', '1.5.0'] });
  expect(joined.latest.map(({ region, after }) => [region, after])).toEqual([
    ['West Europe (payments-base)', undefined],
    ['West Europe (ubuntu-22)', '1.4.1'],
  ]);
});
