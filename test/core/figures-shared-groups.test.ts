import { gapWords } from '../../cards';
import {
  countTeams,
  type Exemption,
  type Inventory,
  type MachineCount,
  mostRead,
  mostTogether,
  type PolicyCount,
  type PolicyState,
  placesToAsk,
  type Shortfall,
} from '../../core/compliance';
import { exampleCatalogue } from '../support/catalogue';

const now = new Date('2026-11-23T12:00:00Z');
const hours = (n: number) => new Date(now.getTime() - n * 3_600_000);
const counted = <T>(rows: readonly T[], partial?: readonly Shortfall[]) => ({
  ...{ rows, asOf: now },
  ...(partial && { partial }),
});
const idOf = (name: string, group = 'rg-a') =>
  `/subscriptions/s1/resourcegroups/${group}/providers/microsoft.compute/virtualmachines/${name}`;

function machines(team: string, n: number, more: Partial<MachineCount> = {}): MachineCount {
  return {
    ...{ subscription: 's1', resourceGroup: 'rg-a', type: 'vm', location: 'westeurope', source: '', version: '' },
    ...{ behindModel: false, machines: n, tags: team ? { team } : {} },
    ...more,
  };
}

function input(rows: readonly MachineCount[], more: Partial<Inventory> = {}): Inventory {
  return {
    ...{ catalogue: exampleCatalogue(), managementGroups: new Map(), versions: counted([]) },
    ...{
      machines: { ...counted(rows), members },
      policies: counted([]),
      guests: counted([]),
      exemptions: counted([]),
      now,
    },
    ...more,
  };
}

const none = { Compliant: 0, NonCompliant: 0, Exempt: 0, Conflict: 0, Unknown: 0, Error: 0 };
const place = { subscription: 's1', resourceGroup: 'rg-a' };
const state = (name: string, worst: PolicyState, at = 1): PolicyCount => ({
  ...{ ...place, machine: idOf(name), machines: { ...none, [worst]: 1 } },
  ...{ azure: { good: worst === 'Compliant' ? 1 : 0, all: 1 }, newest: hours(at), oldest: hours(at + 1) },
});
const placed = (name: string, team: string) => ({ id: idOf(name), ...place, tags: team ? { team } : {} });
const members = [placed('vm-1', 'web'), placed('vm-2', 'data')];
const singly = [place];
const both = [machines('web', 1), machines('data', 1)];

function of(team: string | null, given: Inventory) {
  const found = countTeams(given).find((s) => s.team === team);
  if (!found) throw new Error(`no figures of ${team}`);
  return found;
}

const sentences = ({ gaps }: ReturnType<typeof of>) => gaps.map(gapWords);

describe('the places to ask about machine by machine', () => {
  /** Azure names a machine in each of their groups, unless it is said that there are too many. */
  const namedIn = (rows: readonly MachineCount[], unnamed: readonly string[] = []) => ({
    ...counted(rows),
    members: rows
      .filter(({ resourceGroup }) => !unnamed.includes(resourceGroup))
      .map(({ subscription, resourceGroup, tags }) => ({ ...placed('vm-1', ''), subscription, resourceGroup, tags })),
  });
  const names = (...given: Parameters<typeof namedIn>) =>
    placesToAsk(input([], { machines: namedIn(...given) })).map((p) => p.resourceGroup);

  it('are those that several teams have machines in, or a team and nobody; of instances, the scale sets are judged', () => {
    const in_ = (resourceGroup: string) => ({ resourceGroup });
    const rows = [
      ...[machines('web', 1, in_('rg-web')), machines('web', 2, in_('rg-web'))],
      ...[machines('web', 1, in_('rg-two')), machines('data', 1, in_('rg-two'))],
      ...[machines('', 1, in_('rg-stray')), machines('legacy', 1, in_('rg-stray'))],
      ...['web', 'data'].map((team) => machines(team, 9, { resourceGroup: 'rg-sets', type: 'instance' })),
    ];
    expect(names(rows)).toEqual(['rg-sets', 'rg-stray', 'rg-two']);
    expect(names(rows, ['rg-stray'])).toEqual(['rg-sets', 'rg-two']);
  });

  it('hold no more machines in all than are read, small ones first; of the rest it is said', () => {
    const groups = Array.from({ length: mostRead / mostTogether }, (_, n) => ({ resourceGroup: `rg-big-${n}` }));
    const big = (n: number) =>
      groups.flatMap((where) => [machines('web', mostTogether - 1 - n, where), machines('data', 1, where)]);
    expect(names([...both, ...big(0)])).toEqual(['rg-a', 'rg-big-0', 'rg-big-1']);
    expect(names([...both, ...big(1)])).toEqual(['rg-a', 'rg-big-0', 'rg-big-1', 'rg-big-2']);
    // As many as are read, to the last one.
    expect(names(big(0))).toEqual(['rg-big-0', 'rg-big-1', 'rg-big-2']);
    const rows = [...both, ...big(0)];
    const web = of(
      'web',
      input(rows, { machines: namedIn(rows), singly: [place, ...groups.slice(0, 2).map((g) => ({ ...place, ...g }))] }),
    );
    expect(sentences(web)).toEqual([
      'Policy states and guest configuration of 999 machines cannot be attributed: rg-big-2 also holds machines of other teams or of none, and there are too many in all to read one by one.',
    ]);
  });

  it('hold no more machines each than Azure lists, whatever it names', () => {
    const where = { resourceGroup: 'rg-big' };
    const two = (n: number) => [machines('web', n - 1, where), machines('data', 1, where)];
    expect(names(two(mostTogether))).toEqual(['rg-big']);
    expect(names(two(mostTogether + 1))).toEqual([]);
  });
});

describe('a team with machines in a shared resource group', () => {
  it('has their states and times beside those of its own groups', () => {
    const own = {
      ...{
        subscription: 's1',
        resourceGroup: 'rg-web',
        machines: { ...none, Error: 2 },
        azure: { good: 1, all: 3 },
      },
      ...{ newest: hours(5), oldest: hours(6) },
    };
    const given = input([...both, machines('web', 3, { resourceGroup: 'rg-web' })], {
      policies: counted([own, state('vm-1', 'Compliant', 2), state('vm-2', 'NonCompliant', 9)]),
      singly,
    });
    expect(of('web', given).policy).toEqual({
      ...{ machines: { ...none, Error: 2, Compliant: 1 }, azure: { good: 2, all: 4 } },
      ...{ notEvaluated: 1, newest: hours(2), oldest: hours(6) },
    });
    expect(of('data', given).policy).toMatchObject({ machines: { NonCompliant: 1 }, notEvaluated: 0 });
    expect(sentences(of('data', given))).toEqual([]);
  });

  const setId = '/subscriptions/s1/resourcegroups/rg-a/providers/microsoft.compute/virtualmachinescalesets/idle';
  const idle = (worst: PolicyState, at: Partial<PolicyCount> = {}): PolicyCount => ({
    ...{ ...place, machines: none, azure: { good: worst === 'Compliant' ? 1 : 0, all: 1 } },
    ...{ newest: hours(1), oldest: hours(1), ...at },
  });

  it("has its scale sets without instances in Azure's share, where nothing else is in their group", () => {
    const where = { subscription: 's1', resourceGroup: 'rg-idle' };
    const set = { id: setId.replace('rg-a', 'rg-idle'), ...where, tags: { team: 'data' } };
    const given = input([machines('web', 1, { resourceGroup: 'rg-web' })], {
      machines: { ...counted([machines('web', 1, { resourceGroup: 'rg-web' })]), members: [set] },
      policies: counted([idle('NonCompliant', where)]),
    });
    expect(of('data', given)).toMatchObject({ machines: 0, policy: { azure: { good: 0, all: 1 }, notEvaluated: 0 } });
    expect(of('web', given).policy?.azure).toEqual({ good: 0, all: 0 });
    expect(countTeams(given).map(({ team }) => team)).not.toContain(null);
  });

  it("has none of another team's scale sets without instances, though nobody else has a machine there", () => {
    const set = { id: setId, ...place, tags: { team: 'data' } };
    const given = input([machines('web', 1)], {
      machines: { ...counted([machines('web', 1)]), members: [placed('vm-1', 'web'), set] },
      policies: counted([state('vm-1', 'Compliant'), idle('NonCompliant', { machine: setId })]),
      singly,
    });
    expect(placesToAsk(given)).toEqual([place]);
    expect(of('web', given).policy?.azure).toEqual({ good: 1, all: 1 });
    expect(of('data', given).policy?.azure).toEqual({ good: 0, all: 1 });
  });

  it('counts a machine without guest configuration times, and without any', () => {
    const guests = counted([
      { ...place, machine: idOf('vm-1'), machines: { Compliant: 0, NonCompliant: 0, Pending: 1 } },
    ]);
    const given = input(both, { guests, singly });
    expect(of('web', given).guest).toEqual({ machines: { Compliant: 0, NonCompliant: 0, Pending: 1 }, none: 0 });
    expect(of('data', given).guest?.none).toBe(1);
  });

  it('says what is told of machines that are not there, to those who have the group, else as orphans', () => {
    const given = input(both, { policies: counted([state('vm-gone', 'NonCompliant')]), singly });
    expect(sentences(of('web', given))).toEqual([]);
    expect(of('web', given).policy).toMatchObject({ notEvaluated: 1, machines: none });
    expect(sentences(of(null, given))).toEqual([
      expect.stringContaining('states for 1 machine in rg-a that are not among those counted there'),
    ]);
  });

  it('misses no scale set that is not among the named: it is no machine', () => {
    const set = { ...state('set', 'Compliant'), machines: none };
    const given = input(both, { policies: counted([set]), singly });
    expect(countTeams(given).flatMap(({ gaps }) => gaps)).toEqual([]);
  });

  it('has no figure that rests on nothing when Azure answered in part', () => {
    const policies = counted([state('vm-2', 'Compliant')], [{ reason: 'lists', machines: 1 }]);
    const given = input(both, { policies, singly });
    expect(of('web', given).policy).toBeUndefined();
    expect(of('data', given).policy?.machines.Compliant).toBe(1);
  });

  it('has no figure where its machines were not told of one by one', () => {
    const given = input([...both, machines('legacy', 1, { resourceGroup: 'rg-b' })], {
      policies: counted([state('vm-1', 'Compliant')]),
    });
    expect(sentences(of('web', given))).toEqual([expect.stringContaining('1 machine cannot be attributed')]);
    expect(of('web', given).policy).toBeUndefined();
    expect(sentences(of('legacy', given))).toEqual([]);
  });

  it('has the exemptions of its own machines alone', () => {
    const exemption = (scope: string): Exemption => ({
      ...{ id: `${scope}/e`, name: 'e', scope, assignment: 'a', category: 'Waiver' as const },
    });
    const scopes = [idOf('vm-1'), `${idOf('vm-2')}/extensions/x`, idOf('vm-gone')];
    const given = input(both, { singly, exemptions: counted(scopes.map(exemption)) });
    const shown = (team: string) => of(team, given).exemptions.map(({ scope }) => scope);
    expect(shown('web')).toEqual([scopes[0], scopes[2]]);
    expect(shown('data')).toEqual([scopes[1], scopes[2]]);
    expect(sentences(of('web', given))).toEqual([expect.stringContaining('1 exemption may concern another team')]);
  });
});
