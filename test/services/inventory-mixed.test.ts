import type { Catalogue } from '../../core/catalogue';
import type { Place } from '../../core/compliance';
import { teamSubscriptions } from '../../sandbox/azure/names';
import { countEverybody } from '../../workflows/digest/run';
import { exampleCatalogue } from '../support/catalogue';
import { azureWith } from './inventory-azure';

const group = (resourceGroup: string, n: number): Place => ({
  subscription: teamSubscriptions[n] ?? '',
  resourceGroup,
});
const legacy = group('rg-legacy', 2);
const web = group('rg-web', 1);
const queries = (sent: ReturnType<typeof azureWith>['sent']) =>
  sent('POST').filter((path) => path.endsWith('/providers/Microsoft.ResourceGraph/resources')).length;
const digest = { now: new Date('2026-11-23T12:00:00Z'), patient: true };

function teamsByTag(n: number): Catalogue['teams'] {
  const names = Array.from({ length: n }, (_, at) => `team-${String(at + 1).padStart(4, '0')}`);
  const common = { owners: { group: 'g', name: 'owners' }, channel: 'x / ops', digest: false } as const;
  return new Map(names.map((value) => [value, { ...common, scope: { tag: { name: 'team', value } } }]));
}

const sum = (rows: readonly object[]) =>
  rows.reduce<Record<string, number>>((all, row) => {
    for (const [name, n] of Object.entries(row)) all[name] = (all[name] ?? 0) + n;
    return all;
  }, {});

describe('Machines of resource groups, told one by one', () => {
  it.each([
    ['rg-legacy', legacy],
    ['rg-web', web],
  ])('add up to what is counted of %s, and of the others it is counted as ever', async (_, place) => {
    const { read } = azureWith();
    const here = (row: Place) => row.subscription === place.subscription && row.resourceGroup === place.resourceGroup;
    const split = <Row extends Place>(rows: readonly Row[]) =>
      [rows.filter(here), rows.filter((r) => !here(r))] as const;
    const [policies, guests] = await Promise.all([read.policyCounts([]), read.guestCounts([])]);
    const [policiesSingly, guestsSingly] = await Promise.all([read.policyCounts([place]), read.guestCounts([place])]);

    for (const [whole, single] of [
      [split(policies.states.rows), split(policiesSingly.states.rows)] as const,
      [split(guests.rows), split(guestsSingly.rows)] as const,
    ]) {
      expect(sum(single[0].map(({ machines }) => machines))).toEqual(whole[0][0]?.machines);
      expect(single[0].length).toBeGreaterThan(5);
      for (const { machine } of single[0]) expect(machine).toContain(`/resourcegroups/${place.resourceGroup}/`);
      expect(single[1]).toEqual(whole[1]);
    }
    expect(sum(split(policiesSingly.states.rows)[0].map(({ azure }) => azure))).toEqual(
      split(policies.states.rows)[0][0]?.azure,
    );
  });

  it('are named with the counts: the VMs, Arc machines and scale sets of groups in which the tag differs', async () => {
    const { read } = azureWith();
    const { members } = await read.machineCounts(['team']);
    const { rows } = await read.machineList({ scope: { resourceGroup: legacy } }, 1_000);
    const sets = (await read.scaleSets(undefined)).rows.filter((set) => set.resourceGroup === legacy.resourceGroup);
    expect(sets.length).toBeGreaterThan(0);
    const byId = (a: { id: string }, b: { id: string }) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1);
    const expected = [...rows, ...sets].sort(byId).map(({ id, subscription, resourceGroup, tags }) => ({
      ...{ id: id.toLowerCase(), subscription, resourceGroup },
      tags: tags['team'] ? { team: tags['team'] } : {},
    }));
    expect(members.toSorted(byId)).toEqual(expected);
    expect(new Set(members.map(({ tags }) => tags['team']))).toEqual(new Set(['legacy', undefined]));
    expect((await read.machineCounts([])).members).toEqual([]);
  });
});

describe('Where everybody stands', () => {
  it('costs four queries and one for the versions, though orphans lie among machines of legacy, and tells of both', async () => {
    const { read, sent } = azureWith();
    const all = await countEverybody(read, exampleCatalogue(), digest);
    expect(queries(sent)).toBe(5);
    for (const team of ['legacy', null]) {
      const figures = all.find((s) => s.team === team);
      const judged = (figures?.types.vm ?? 0) + (figures?.types.arc ?? 0);
      const total = (figures: object) => Object.values(figures as Record<string, number>).reduce((a, b) => a + b, 0);
      expect(judged).toBeGreaterThan(0);
      expect(total(figures?.policy?.machines ?? {}) + (figures?.policy?.notEvaluated ?? 0)).toBe(judged);
      expect(total(figures?.guest?.machines ?? {}) + (figures?.guest?.none ?? 0)).toBe(judged);
      expect(figures?.gaps.filter(({ figure }) => figure === 'verdicts')).toEqual([]);
    }
  });

  it('costs no query more where each resource group is of one team', async () => {
    const { read, sent } = azureWith({ vms: 2_000, teams: 50 });
    const all = await countEverybody(read, { ...exampleCatalogue(), teams: teamsByTag(50) }, digest);
    expect(all.filter(({ machines }) => machines > 0).length).toBeGreaterThan(25);
    expect(all.find(({ team }) => team === 'team-0001')?.policy).toBeDefined();
    expect(queries(sent)).toBe(5);
  });
});
