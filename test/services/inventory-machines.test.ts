import type { InventoryRead } from '../../core/azure';
import { guestStatuses, type MachineFilter, type PolicyState, policyStates } from '../../core/compliance';
import { compute } from '../../sandbox/azure/compute/section';
import { teamSubscriptions } from '../../sandbox/azure/names';
import { ask } from '../sandbox/client';
import { held, ubuntu } from './azure';
import { azureWith } from './inventory-azure';

const gallery = `/subscriptions/${ubuntu.subscription}/resourceGroups/${ubuntu.resourceGroup}/providers/Microsoft.Compute/galleries/${ubuntu.gallery}`;
const definition = `${gallery}/images/${ubuntu.definition}`.toLowerCase();
const legacy = { subscription: teamSubscriptions[2], resourceGroup: 'rg-legacy' };
const golden = (source: string) => source.startsWith(`${gallery.toLowerCase()}/images/`);

type Machine = Awaited<ReturnType<ReturnType<typeof azureWith>['read']['machineList']>>['rows'][number];

const recently = new Date(Date.now() - 60 * 86_400_000);

const legacyBeside = { ...legacy, resourceGroup: 'rg-data' };
const filters: readonly (readonly [string, MachineFilter, (machine: Machine) => boolean])[] = [
  ['a tag', { scope: { tag: { name: 'team', value: 'web' } } }, (m) => m.tags['team'] === 'web'],
  ['a resource group', { scope: { resourceGroup: legacy } }, (m) => m.resourceGroup === 'rg-legacy'],
  ['subscriptions', { scope: { subscriptions: [legacy.subscription] } }, (m) => m.subscription === legacy.subscription],
  ['no subscription', { scope: { subscriptions: [] } }, () => false],
  ['an image', { source: definition }, (m) => m.source === definition],
  ['a version', { source: definition, version: '1.4.1' }, (m) => m.source === definition && m.version === '1.4.1'],
  [
    'images in versions',
    {
      images: [
        { source: definition, version: '1.4.1' },
        { source: '', version: '' },
      ],
    },
    (m) => (m.source === definition && m.version === '1.4.1') || (m.source === '' && m.version === ''),
  ],
  [
    'places',
    { places: [{ ...legacy, resourceGroup: 'RG-Legacy' }, legacyBeside] },
    (m) => ['rg-legacy', 'rg-data'].includes(m.resourceGroup) && m.subscription === legacy.subscription,
  ],
  [
    'an image, or places',
    { source: definition, orPlaces: [legacyBeside] },
    (m) => m.source === definition || (m.resourceGroup === 'rg-data' && m.subscription === legacy.subscription),
  ],
  ['not being an instance', { withoutInstances: true }, (m) => m.type !== 'instance'],
  ['pets', { model: 'pet' }, (m) => m.model === 'pet'],
  ['cattle', { model: 'cattle' }, (m) => m.model === 'cattle'],
  ['nobody has decided', { model: 'undecided' }, (m) => m.model === undefined],
  ['what is not golden, by id', { notGolden: { galleries: [gallery] } }, (m) => !golden(m.source)],
  ['what is not golden, by name', { notGolden: { galleries: ['Gold'] } }, (m) => !golden(m.source)],
  ['being in a scale set', { inScaleSet: true }, (m) => m.scaleSet !== undefined],
  ['a scale set', { scaleSet: 'VMSS-web-front' }, (m) => m.scaleSet === 'vmss-web-front'],
  ['the time of their making', { createdSince: recently }, (m) => m.createdAt !== undefined && m.createdAt >= recently],
  ['a name', { name: 'VM-Legacy-ERP-001' }, (m) => m.name === 'vm-legacy-erp-001'],
];

const all = 10_000;

describe('The machines that are listed', () => {
  it.each(filters)('by %s are those that have it', async (title, filter, has) => {
    const { read } = azureWith();
    const every = await read.machineList({}, all);
    const found = await read.machineList(filter, all);
    expect(found.rows).toEqual(every.rows.filter(has));
    expect(found.total).toBe(found.rows.length);
    expect(found.total > 0).toBe(title !== 'no subscription');
  });

  it('by the name of a tag are the same in any case, as Azure has them', async () => {
    const { read, world } = azureWith();
    const vm = Object.values(compute(world).resources).find(({ name }) => name === 'vm-web-front-001');
    Object.assign(vm ?? {}, { tags: { Team: 'web' } });
    const totals = ['team', 'Team', 'TEAM'].map(async (name) => {
      const { total } = await read.machineList({ scope: { tag: { name, value: 'web' } } }, 1);
      return total;
    });
    const [written, ...others] = await Promise.all(totals);
    expect(written).toBe(await countOf(read, 'team', 'web'));
    expect(others).toEqual([written, written]);
  });

  it('of an image are also those that have it through direct sharing', async () => {
    const { read, world } = azureWith();
    const vm = Object.values(compute(world).resources).find(({ name }) => name === 'vm-legacy-app-001');
    const shared = `/SharedGalleries/${ubuntu.subscription}-GOLD/Images/${ubuntu.definition}/Versions/1.4.1`;
    Object.assign(vm?.properties ?? {}, { storageProfile: { imageReference: { sharedGalleryImageId: shared } } });
    const has = async (filter: MachineFilter) =>
      (await read.machineList(filter, all)).rows.some(({ name }) => name === 'vm-legacy-app-001');
    expect(await has({ source: definition, version: '1.4.1' })).toBe(true);
    expect(await has({ notGolden: { galleries: [gallery] } })).toBe(false);
    expect(await has({ notGolden: { galleries: [ubuntu.gallery] } })).toBe(false);
  });

  it('tell their source as Azure spells it, singly and counted, of a gallery without the version', async () => {
    const { read, world } = azureWith();
    const made = [
      {
        id: '/subscriptions/S/resourceGroups/RG-Old/providers/Microsoft.Compute/galleries/Old/images/CentOS/Versions/7.0.0',
      },
      { publisher: 'RedHat', offer: 'RHEL', sku: '9', exactVersion: '9.1.0' },
    ];
    const vms = Object.values(compute(world).resources).filter(
      ({ name, type }) => name?.startsWith('vm-legacy-app-00') && /virtualMachines$/i.test(type ?? ''),
    );
    for (const [n, imageReference] of made.entries())
      Object.assign(vms[n]?.properties ?? {}, { storageProfile: { imageReference } });
    const old = '/subscriptions/S/resourceGroups/RG-Old/providers/Microsoft.Compute/galleries/Old/images/CentOS';
    const wanted = [
      { source: old.toLowerCase(), written: old, version: '7.0.0' },
      { source: 'redhat:rhel:9', written: 'RedHat:RHEL:9', version: '9.1.0' },
    ];
    const listed = await read.machineList({}, all);
    const counted = await read.machineCounts([]);
    for (const { rows } of [listed, counted])
      expect(rows).toEqual(expect.arrayContaining(wanted.map((one) => expect.objectContaining(one))));
  });

  it('are in the order of their ids, and cut with their number said', async () => {
    const { read } = azureWith();
    const every = await read.machineList({}, all);
    const ids = every.rows.map(({ id }) => id.toLowerCase());
    expect(ids).toEqual([...ids].sort());
    expect(new Set(every.rows.map(({ type }) => type))).toEqual(new Set(['vm', 'instance', 'arc']));
    const some = await read.machineList({}, 7);
    expect(some).toEqual({ ...every, rows: every.rows.slice(0, 7) });
  });

  it('of each team are as many as are counted for it', async () => {
    const { read } = azureWith();
    for (const value of ['payments', 'web', 'data', 'legacy']) {
      const { total } = await read.machineList({ scope: { tag: { name: 'team', value } } }, 1);
      expect({ value, total }).toEqual({ value, total: await countOf(read, 'team', value) });
    }
  });

  const hostile = `x' or '1' == '1' | union resources | where '\\' == '`;
  it.each<[string, MachineFilter]>([
    ['value of a tag', { scope: { tag: { name: 'team', value: hostile } } }],
    ['name of a tag', { scope: { tag: { name: hostile, value: 'web' } } }],
    ['resource group', { scope: { resourceGroup: { ...legacy, resourceGroup: hostile } } }],
    ['subscription', { scope: { subscriptions: [hostile] } }],
    ['image', { source: hostile }],
    ['version', { version: hostile }],
    ['name', { name: hostile }],
    ['id', { ids: [hostile] }],
  ])('are none by a %s that would like to be KQL', async (_, filter) => {
    const { read } = azureWith();
    expect(await read.machineList(filter, all)).toMatchObject({ rows: [], total: 0 });
  });
});

async function countOf(read: InventoryRead, tag: string, value: string): Promise<number> {
  const { rows } = await read.machineCounts([tag]);
  return rows.filter(({ tags }) => tags[tag] === value).reduce((sum, { machines }) => sum + machines, 0);
}

const worstFirst = ['NonCompliant', 'Conflict', 'Error', 'Unknown', 'Exempt', 'Compliant'] as const;
const worst = (states: readonly PolicyState[]) => worstFirst.find((state) => states.includes(state));
const tally = <Word extends string>(words: readonly Word[], found: readonly (Word | undefined)[]) =>
  Object.fromEntries(words.map((word) => [word, found.filter((one) => one === word).length]));

describe('What policies and guest configuration say about one machine', () => {
  it('adds up to the figures of its resource group', async () => {
    const { read } = azureWith();
    const here = (row: { resourceGroup: string }) => row.resourceGroup === legacy.resourceGroup;
    const { rows } = await read.machineList({ scope: { resourceGroup: legacy } }, all);
    const each = await Promise.all(rows.map(({ id }) => read.machineCompliance(id)));
    const policies = (await read.policyCounts([])).states.rows.find(here);
    expect(policies?.machines).toEqual(
      tally(
        policyStates,
        each.map((m) => worst(m.policies.map((p) => p.state))),
      ),
    );
    const guests = each.map(({ guest }) =>
      (['NonCompliant', 'Pending', 'Compliant'] as const).find((status) => guest.some((g) => g.status === status)),
    );
    expect((await read.guestCounts([])).rows.find(here)?.machines).toEqual(tally(guestStatuses, guests));
    const failed = each.flatMap(({ guest }) => guest).filter(({ status }) => status === 'NonCompliant');
    expect(failed.length).toBeGreaterThan(0);
    for (const { reasons } of failed) expect(reasons.join('')).toMatch(/\w+ \w+/);
  });

  it('holds the exemptions of the machine and of what it lies in, and no others', async () => {
    const { read, sandbox } = azureWith();
    const above = `/subscriptions/${legacy.subscription}`;
    const groups = '/providers/Microsoft.Management/managementGroups';
    const root = (await read.managementGroups()).get(legacy.subscription)?.at(-1) ?? '';
    const assignment = `${groups}/${root}/providers/Microsoft.Authorization/policyAssignments/everywhere`;
    const put = async (id: string, properties: object) => {
      const { status, body } = await ask(
        sandbox,
        'PUT',
        `${id}?api-version=${/exemptions/i.test(id) ? '2022-07-01-preview' : '2024-05-01'}`,
        { properties },
      );
      expect({ status, body }).toMatchObject({ status: 201 });
    };
    const policyDefinitionId = `${groups}/${root}/providers/Microsoft.Authorization/policyDefinitions/only-golden-images`;
    await put(assignment, { policyDefinitionId, parameters: { gallery: { value: gallery } } });
    const scopes = [
      `${above}/resourceGroups/rg-legacy`,
      above,
      `${groups}/landing-zones`,
      `${groups}/platform`,
      `/subscriptions/${teamSubscriptions[0]}`,
    ];
    for (const scope of scopes) {
      await put(`${scope}/providers/Microsoft.Authorization/policyExemptions/ours`, {
        policyAssignmentId: assignment,
        exemptionCategory: 'Waiver',
      });
    }
    const machine = `${above}/resourceGroups/rg-legacy/providers/Microsoft.Compute/virtualMachines/vm-legacy-app-001`;
    const { exemptions } = await read.machineCompliance(machine);
    const ours = exemptions.filter(({ name }) => name === 'ours').map(({ scope }) => scope);
    expect(ours.sort()).toEqual(
      scopes
        .slice(0, 3)
        .map((scope) => scope.toLowerCase())
        .sort(),
    );
  });
});

describe('A golden version', () => {
  it('is published where Azure has brought it, not where it is on its way to', async () => {
    const { read, write, world } = azureWith();
    const regionsOf = async () =>
      (await read.publishedVersions([ubuntu])).rows.find(({ version }) => version === '1.5.0')?.regions;
    const before = (await regionsOf()) ?? [];
    const known = (await read.version(ubuntu, '1.5.0'))?.regions ?? [];
    await write(held).updateVersion(ubuntu, '1.5.0', {
      regions: [...known, { name: 'Sweden Central', replicas: 1 }],
    });
    expect(await regionsOf()).toEqual(before);
    world.clock.advance(86_400_000);
    expect(await regionsOf()).toEqual([...before, 'swedencentral']);
  });

  it('of no image costs no request', async () => {
    const { read, sent } = azureWith();
    expect((await read.publishedVersions([])).rows).toEqual([]);
    expect(sent('POST')).toEqual([]);
  });
});
