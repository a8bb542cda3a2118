import fc from 'fast-check';
import { gapWords } from '../../cards';
import { placeKey } from '../../core/access';
import type { Catalogue } from '../../core/catalogue';
import {
  type ComplianceFigures,
  countTeams,
  type GuestCount,
  type GuestStatus,
  guestStatuses,
  type Inventory,
  type Lineage,
  type MachineCount,
  type MachineType,
  type PolicyCount,
  type PolicyState,
  placesToAsk,
  policyStates,
} from '../../core/compliance';
import { exampleCatalogue } from '../support/catalogue';
import { sized } from '../support/size';

/** One machine, as a person with a list would count it. */
interface Row {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly type: MachineType;
  readonly team?: string;
  readonly cost?: string;
  readonly model?: 'pet' | 'cattle';
  readonly location: string;
  readonly from: string;
  readonly behindModel: boolean;
  /** For an instance: of its scale set, which has no other. */
  readonly policy: readonly PolicyState[];
  readonly guest?: GuestStatus;
}

const now = new Date('2026-11-23T12:00:00Z');
const days = (n: number) => new Date(now.getTime() - n * 86_400_000);
const example = exampleCatalogue();
const [ubuntu, windows] = example.images;
const definition = (image: string) =>
  `/subscriptions/${example.azure.subscription}/resourcegroups/${example.azure.gallery.resourceGroup}/providers/microsoft.compute/galleries/${example.azure.gallery.name}/images/${image}`.toLowerCase();
const [one, two] = [definition(ubuntu?.imageDefinition ?? ''), definition(windows?.imageDefinition ?? '')];

/** What stands there is worked out by hand: lineage in West Europe and in East US, which has no 1.5.0 of the first. */
const origins: Readonly<Record<string, readonly [source: string, version: string, west: Lineage, east: Lineage]>> = {
  newest: [one, '1.5.0', 'latest', 'latest'],
  older: [one, '1.4.0', 'behind', 'latest'],
  oldest: [one, '1.3.0', 'farBehind', 'behind'],
  ended: [one, '1.2.0', 'pastEnd', 'pastEnd'],
  deleted: [one, '1.0.0', 'farBehind', 'farBehind'],
  windows: [two, '2.0.0', 'latest', 'latest'],
  excluded: [two, '2.1.0', 'latest', 'latest'],
  nameless: [one, '', 'unknown', 'unknown'],
  other: [
    '/subscriptions/s/resourcegroups/g/providers/microsoft.compute/galleries/old/images/x',
    '1.0.0',
    'otherGallery',
    'otherGallery',
  ],
  market: ['canonical:ubuntu:22', '22.04.1', 'marketplace', 'marketplace'],
  nothing: ['', '', 'unknown', 'unknown'],
};
const regions = ['westeurope', 'eastus'];
const versions = [
  { source: one, version: '1.5.0', publishedAt: days(10), excludedFromLatest: false, regions: ['westeurope'] },
  { source: one, version: '1.4.0', publishedAt: days(40), excludedFromLatest: false, regions },
  { source: one, version: '1.3.0', publishedAt: days(80), excludedFromLatest: false, regions },
  { source: one, version: '1.2.0', publishedAt: days(200), endOfLife: days(1), excludedFromLatest: true, regions: [] },
  { source: two, version: '2.0.0', publishedAt: days(60), excludedFromLatest: false, regions },
  { source: two, version: '2.1.0', publishedAt: days(1), excludedFromLatest: true, regions: [] },
];

const owners = { group: 'b0bb1e50-0000-4000-8000-000000000011', name: 'owners' };
const common = { owners, channel: 'x / ops', digest: false } as const;
const teams: Catalogue['teams'] = new Map([
  ['payments', { ...common, scope: { tag: { name: 'Team', value: 'payments' } } }],
  ['web', { ...common, scope: { tag: { name: 'cost', value: 'web' } } }],
  ['data', { ...common, scope: { resourceGroup: '/subscriptions/S1/resourceGroups/RG-2' } }],
  ['legacy', { ...common, scope: { subscription: 's2' } }],
  ['platform', { ...common, scope: { managementGroup: 'Platform' } }],
  ['empty', { ...common, scope: { managementGroup: 'nobody' } }],
]);
const managementGroups = new Map([
  ['s1', ['root']],
  ['s3', ['platform', 'root']],
]);

function teamOfRow({ team, cost, subscription, resourceGroup }: Row): string | null {
  if (team === 'payments' && cost === 'web') return null;
  if (team === 'payments') return 'payments';
  if (cost === 'web') return 'web';
  if (subscription === 's1' && resourceGroup === 'rg-2') return 'data';
  if (subscription === 's2') return 'legacy';
  return subscription === 's3' ? 'platform' : null;
}

const row: fc.Arbitrary<Row> = fc
  .record({
    subscription: fc.constantFrom('s1', 's2', 's3', 's4'),
    resourceGroup: fc.constantFrom('rg-1', 'rg-2', 'rg-3'),
    type: fc.constantFrom<MachineType>('vm', 'vm', 'instance', 'arc'),
    team: fc.constantFrom(undefined, undefined, 'payments', 'Payments'),
    cost: fc.constantFrom(undefined, undefined, undefined, 'web'),
    model: fc.constantFrom(undefined, 'pet' as const, 'cattle' as const),
    location: fc.constantFrom(...regions),
    from: fc.constantFrom(...Object.keys(origins)),
    behindModel: fc.boolean(),
    policy: fc.array(fc.constantFrom(...policyStates), { maxLength: 3 }),
    guest: fc.constantFrom(undefined, ...guestStatuses),
  })
  .map(({ team, cost, model, guest, ...rest }) => ({
    ...rest,
    ...(rest.type !== 'instance' && guest && { guest }),
    ...(team && { team }),
    ...(cost && { cost }),
    ...(model && { model }),
  }));
const rows = fc.array(row, { maxLength: 60 });

/** Counts alike rows, as Resource Graph does. */
function countsOf(all: readonly Row[]): MachineCount[] {
  const found = new Map<string, MachineCount>();
  for (const { policy: _, guest: __, team, cost, from, ...rest } of all) {
    const [source = '', version = ''] = origins[from] ?? [];
    const tags = { ...(team && { Team: team }), ...(cost && { cost }) };
    const key = JSON.stringify([rest, tags, from]);
    found.set(key, { ...rest, tags, source, version, machines: (found.get(key)?.machines ?? 0) + 1 });
  }
  return [...found.values()];
}

const worstFirst: readonly PolicyState[] = ['NonCompliant', 'Conflict', 'Error', 'Unknown', 'Exempt', 'Compliant'];
/** As Azure documents it. */
const azureFirst: readonly PolicyState[] = ['NonCompliant', 'Compliant', 'Error', 'Conflict', 'Exempt', 'Unknown'];
const isGood = (states: readonly PolicyState[]) =>
  ['Compliant', 'Exempt', 'Unknown'].includes(azureFirst.find((state) => states.includes(state)) ?? '');
const azureOf = (resources: readonly Row[]) => {
  const judged = resources.filter(({ policy }) => policy.length > 0);
  return { good: judged.filter(({ policy }) => isGood(policy)).length, all: judged.length };
};
const time = { newest: days(0.5), oldest: days(1) };
const nought = <N extends string>(names: readonly N[]) =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<N, number>;

function policiesOf(all: readonly Row[]): PolicyCount[] {
  const found = new Map<string, Row[]>();
  for (const r of all.filter(({ policy }) => policy.length > 0)) {
    const key = `${r.subscription}/${r.resourceGroup}`;
    found.set(key, [...(found.get(key) ?? []), r]);
  }
  return [...found].map(([key, here]) => {
    const machines = nought(policyStates);
    for (const { policy, type } of here) {
      const worst = worstFirst.find((state) => policy.includes(state));
      if (worst && type !== 'instance') machines[worst] += 1;
    }
    return { ...place(key), machines, azure: azureOf(here), ...time };
  });
}

function guestsOf(all: readonly Row[]): GuestCount[] {
  const found = new Map<string, Record<GuestStatus, number>>();
  for (const { subscription, resourceGroup, guest } of all) {
    const key = `${subscription}/${resourceGroup}`;
    const count = found.get(key) ?? nought(guestStatuses);
    if (guest) found.set(key, { ...count, [guest]: count[guest] + 1 });
  }
  return [...found].map(([key, machines]) => ({ ...place(key), machines, ...time }));
}

function place(key: string) {
  const [subscription = '', resourceGroup = ''] = key.split('/');
  return { subscription, resourceGroup };
}

function inputOf(all: readonly Row[]): Inventory {
  const counted = <T>(found: readonly T[]) => ({ rows: found, asOf: now });
  return {
    catalogue: { ...example, teams },
    managementGroups,
    machines: { ...counted(countsOf(all)), members: [] },
    versions: counted(versions),
    policies: counted(policiesOf(all)),
    guests: counted(guestsOf(all)),
    exemptions: counted([]),
    now,
  };
}

/** What Azure says when it names the machines of the resource groups in which tags differ. */
function singlyOf(all: readonly Row[]): Inventory {
  const given = inputOf(all);
  const named = all.map((r, n) => ({
    ...r,
    id: `/subscriptions/${r.subscription}/resourcegroups/${r.resourceGroup}/providers/x/y/${n}`,
  }));
  const members = named.map(({ id, subscription, resourceGroup, team, cost }) => ({
    ...{ id, subscription, resourceGroup },
    tags: { ...(team && { Team: team }), ...(cost && { cost }) },
  }));
  const machines = { ...given.machines, members };
  const singly = placesToAsk({ ...given, machines });
  const asked = new Set(singly.map(placeKey));
  const one = <Count extends PolicyCount | GuestCount>(
    whole: readonly Count[],
    countsOf: (rows: readonly Row[]) => readonly Count[],
  ) => ({
    asOf: now,
    rows: [
      ...whole.filter((count) => !asked.has(placeKey(count))),
      ...named
        .filter((r) => asked.has(placeKey(r)))
        .flatMap((r) => countsOf([r]).map((count) => ({ ...count, machine: r.id }))),
    ],
  });
  return {
    ...given,
    ...{ machines, singly, policies: one(policiesOf(all), policiesOf), guests: one(guestsOf(all), guestsOf) },
  };
}

/** The rows of figures that do not add up to all machines; `hidden`: VMs and Arc machines whose states are not known. */
function addsUp(figures: ComplianceFigures, hidden: number): readonly string[] {
  const { machines, types, lineage, models, policy, guest, versions, foreign } = figures;
  const sum = (row: object) => Object.values(row as Record<string, number>).reduce((a, b) => a + b, 0);
  const nameless = figures.gaps.flatMap((gap) => (gap.reason === 'version unknown' ? (gap.machines ?? 0) : []));
  const images = [...versions, ...foreign, ...nameless.map((n) => ({ machines: n }))];
  const rows: Readonly<Record<string, number>> = {
    types: sum(types),
    lineage: sum(lineage),
    models: sum(models),
    ...(policy && { policy: sum(policy.machines) + policy.notEvaluated + types.instance + hidden }),
    ...(guest && { guest: sum(guest.machines) + guest.none + types.instance + hidden }),
    images: images.reduce((all, row) => all + row.machines, lineage.unknown - sum(nameless)),
  };
  return Object.entries(rows).flatMap(([row, n]) => (n === machines ? [] : [`${row}: ${n} of ${machines}`]));
}

const all = [...teams.keys(), null];
const mixed = (everything: readonly Row[], r: Row) =>
  everything.some(
    (o) => o.subscription === r.subscription && o.resourceGroup === r.resourceGroup && teamOfRow(o) !== teamOfRow(r),
  );

describe('the figures', () => {
  it('give every team, orphans too, the figures that counting row by row gives', () => {
    fc.assert(
      fc.property(rows, (everything) => {
        const told = countTeams(inputOf(everything));
        for (const team of all) {
          const own = everything.filter((r) => teamOfRow(r) === team);
          const figures = told.find((s) => s.team === team);
          if (team === null && own.length === 0) {
            expect(figures).toBeUndefined();
            continue;
          }
          expect(figures?.machines).toBe(own.length);
          const count = (matches: (r: Row) => boolean) => own.filter(matches).length;
          expect(figures?.types).toEqual({
            vm: count((r) => r.type === 'vm'),
            instance: count((r) => r.type === 'instance'),
            arc: count((r) => r.type === 'arc'),
          });
          expect(figures?.models).toEqual({
            pet: count((r) => r.model === 'pet'),
            cattle: count((r) => r.model === 'cattle'),
            undecided: count((r) => r.model === undefined),
          });
          expect(figures?.behindModel).toBe(count((r) => r.behindModel));
          for (const [lineage, machines] of Object.entries(figures?.lineage ?? {})) {
            expect([lineage, machines]).toEqual([lineage, count((r) => lineageOfRow(r) === lineage)]);
          }
          const golden = Object.keys(origins).filter((o) => [one, two].includes(origins[o]?.[0] ?? ''));
          for (const from of golden.filter((o) => o !== 'nameless')) {
            const [source, version] = origins[from] ?? [];
            const name = source === one ? ubuntu?.name : windows?.name;
            const shown = figures?.versions.find((v) => v.image === name && v.version === version);
            expect(shown?.machines ?? 0).toBe(count((r) => r.from === from));
          }
          for (const from of ['other', 'market']) {
            const shown = figures?.foreign.find((f) => f.source.toLowerCase() === origins[from]?.[0]);
            expect(shown?.machines ?? 0).toBe(count((r) => r.from === from));
          }
        }
      }),
      { numRuns: sized(20, 1_000) },
    );
  });

  it.each([
    ['of the groups that a team has alone, and say what they leave out', false],
    ['of all its machines when those of groups of several teams are read one by one', true],
  ])('give policy and guest figures %s', (_, read) => {
    fc.assert(
      fc.property(rows, (everything) => {
        for (const figures of countTeams(read ? singlyOf(everything) : inputOf(everything))) {
          const mine = everything.filter((r) => teamOfRow(r) === figures.team);
          const known = mine.filter((r) => read || !mixed(everything, r));
          const own = mine.filter((r) => r.type !== 'instance');
          const alone = known.filter((r) => r.type !== 'instance');
          const hidden = own.length - alone.length;
          expect(addsUp(figures, hidden)).toEqual([]);
          const named = figures.gaps.find(({ figure }) => figure === 'verdicts');
          expect(named && 'machines' in named ? named.machines : 0).toBe(hidden);
          expect(figures.policy === undefined).toBe(alone.length === 0 && hidden > 0);
          if (!figures.policy) continue;
          for (const state of policyStates) {
            const worst = alone.filter((r) => worstFirst.find((s) => r.policy.includes(s)) === state);
            expect(figures.policy.machines[state]).toBe(worst.length);
          }
          expect(figures.policy.notEvaluated).toBe(alone.filter((r) => r.policy.length === 0).length);
          expect(figures.policy.azure).toEqual(azureOf(known));
          for (const status of guestStatuses) {
            expect(figures.guest?.machines[status]).toBe(alone.filter((r) => r.guest === status).length);
          }
          expect(figures.guest?.none).toBe(alone.filter((r) => r.guest === undefined).length);
        }
      }),
      { numRuns: sized(20, 1_000) },
    );
  });

  it('do not depend on the order of what Azure answers', () => {
    fc.assert(
      fc.property(rows, (everything) => {
        const straight = inputOf(everything);
        const backwards = {
          ...straight,
          machines: { ...straight.machines, rows: straight.machines.rows.toReversed() },
        };
        const sorted = (input: Inventory) =>
          countTeams(input).map((s) => ({ ...s, gaps: s.gaps.map(gapWords).sort() }));
        expect(sorted(backwards)).toEqual(sorted(straight));
      }),
      { numRuns: sized(20, 300) },
    );
  });
});

function lineageOfRow({ from, location }: Row): Lineage | undefined {
  const [, , west, east] = origins[from] ?? [];
  return location === 'westeurope' ? west : east;
}
