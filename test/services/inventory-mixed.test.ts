import { gapWords } from '../../cards';
import type { InventoryRead } from '../../core/azure';
import type { Catalogue } from '../../core/catalogue';
import type { Place } from '../../core/compliance';
import { UserError } from '../../core/errors';
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

/** By place, as the counting queries tell them. */
async function counts(read: InventoryRead, place: Place) {
  const here = (row: Place) => row.subscription === place.subscription && row.resourceGroup === place.resourceGroup;
  const [policies, guests] = await Promise.all([read.policyCounts(), read.guestCounts()]);
  return { policy: policies.rows.find(here), guest: guests.rows.find(here) };
}

describe('Machines of resource groups, read one by one', () => {
  it.each([
    ['rg-legacy', legacy],
    ['rg-web', web],
  ])('add up to what is counted of %s', async (_, place) => {
    const { read } = azureWith();
    const { policies, guests } = await read.machineStates([place], ['team'], 3_000);
    const { policy, guest } = await counts(read, place);
    const told = (rows: readonly { readonly worst: string }[], worst: string) =>
      rows.filter((row) => row.worst === worst).length;
    for (const [state, n] of Object.entries(policy?.machines ?? {})) {
      const machines = policies.rows.filter(({ scaleSet }) => !scaleSet);
      expect([state, told(machines, state)]).toEqual([state, n]);
    }
    expect(policy?.azure).toEqual({ good: policies.rows.filter(({ good }) => good).length, all: policies.rows.length });
    for (const [status, n] of Object.entries(guest?.machines ?? {})) {
      expect([status, told(guests.rows, status)]).toEqual([status, n]);
    }
    expect(policies.rows.length).toBeGreaterThan(0);
    expect(guests.rows.length).toBeGreaterThan(0);
  });

  it('are the VMs, Arc machines and scale sets with the tags that map teams, orphans without', async () => {
    const { read } = azureWith();
    const { machines } = await read.machineStates([legacy], ['team'], 3_000);
    const { rows } = await read.machineList({ scope: { resourceGroup: legacy } }, 1_000);
    const sets = (await read.scaleSets(undefined)).rows.filter((set) => set.resourceGroup === legacy.resourceGroup);
    expect(sets.length).toBeGreaterThan(0);
    const byId = (a: { id: string }, b: { id: string }) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1);
    const expected = [...rows, ...sets].sort(byId).map(({ id, subscription, resourceGroup, tags }) => ({
      ...{ id: id.toLowerCase(), subscription, resourceGroup },
      tags: tags['team'] ? { team: tags['team'] } : {},
    }));
    expect(machines.rows).toEqual(expected);
    expect(new Set(machines.rows.map(({ tags }) => tags['team']))).toEqual(new Set(['legacy', undefined]));
  });

  it('cost three queries for all places, and none without one', async () => {
    const { read, sent } = azureWith();
    await read.machineStates([legacy, web], ['team'], 3_000);
    expect(queries(sent)).toBe(3);
    expect(await read.machineStates([], ['team'], 3_000)).toMatchObject({ machines: { rows: [] } });
    expect(queries(sent)).toBe(3);
  });

  it('are told in part when there are more than were asked for', async () => {
    const { read } = azureWith();
    const { machines, policies } = await read.machineStates([legacy], ['team'], 5);
    expect(machines.rows).toHaveLength(5);
    expect(machines.partial).toMatchObject([{ reason: 'rows', read: 5 }]);
    expect(policies.partial).toMatchObject([{ reason: 'rows', read: 5 }]);
  });
});

describe('Where everybody stands', () => {
  it('costs three queries more in the story, where orphans lie among machines of legacy, and tells of both', async () => {
    const { read, sent } = azureWith();
    const all = await countEverybody(read, exampleCatalogue(), digest);
    expect(queries(sent)).toBeLessThanOrEqual(9);
    for (const team of ['legacy', null]) {
      const figures = all.find((s) => s.team === team);
      const judged = (figures?.types.vm ?? 0) + (figures?.types.arc ?? 0);
      const sum = (figures: object) => Object.values(figures as Record<string, number>).reduce((a, b) => a + b, 0);
      expect(judged).toBeGreaterThan(0);
      expect(sum(figures?.policy?.machines ?? {}) + (figures?.policy?.notEvaluated ?? 0)).toBe(judged);
      expect(sum(figures?.guest?.machines ?? {}) + (figures?.guest?.none ?? 0)).toBe(judged);
      expect(figures?.gaps.filter(({ figure }) => figure === 'verdicts')).toEqual([]);
    }
  });

  it('is told of everybody else when Azure refuses to tell of single machines, and says of whom it is not', async () => {
    const { read } = azureWith();
    const refused = () => Promise.reject(new UserError('AZ_FORBIDDEN', 'Not allowed.', { hint: 'Ask.' }));
    const all = await countEverybody({ ...read, machineStates: refused }, exampleCatalogue(), digest);
    const said = (team: string) =>
      all
        .find((s) => s.team === team)
        ?.gaps.map(gapWords)
        .join(' ');
    expect(said('legacy')).toMatch(
      /34 machines cannot be attributed: .* shared resource groups could not be read one by one/,
    );
    expect(all.find((s) => s.team === 'legacy')?.policy).toBeUndefined();
    expect(said('web')).toBe('');
  });

  it('costs no query more where each resource group is of one team', async () => {
    const { read, sent } = azureWith({ vms: 2_000, teams: 50 });
    const all = await countEverybody(read, { ...exampleCatalogue(), teams: teamsByTag(50) }, digest);
    expect(all.filter(({ machines }) => machines > 0).length).toBeGreaterThan(25);
    expect(all.find(({ team }) => team === 'team-0001')?.policy).toBeDefined();
    expect(queries(sent)).toBeLessThanOrEqual(6);
  });
});
