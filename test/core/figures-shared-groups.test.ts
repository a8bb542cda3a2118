import { gapWords } from '../../cards';
import {
  countTeams,
  type Exemption,
  type Inventory,
  type MachineCount,
  type MachineStates,
  mostRead,
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
    ...{ catalogue: exampleCatalogue(), managementGroups: new Map(), machines: counted(rows), versions: counted([]) },
    ...{ policies: counted([]), guests: counted([]), exemptions: counted([]), now },
    ...more,
  };
}

const none = { Compliant: 0, NonCompliant: 0, Exempt: 0, Conflict: 0, Unknown: 0, Error: 0 };
const state = (name: string, worst: PolicyState, at = 1) => ({
  ...{
    machine: idOf(name),
    worst,
    scaleSet: false,
    good: worst === 'Compliant',
    newest: hours(at),
    oldest: hours(at + 1),
  },
});
const placed = (name: string, team: string) => ({
  ...{ id: idOf(name), subscription: 's1', resourceGroup: 'rg-a', tags: team ? { team } : {} },
});
const read = (more: Partial<MachineStates>): MachineStates => ({
  places: [{ subscription: 's1', resourceGroup: 'rg-a' }],
  machines: counted([placed('vm-1', 'web'), placed('vm-2', 'data')]),
  ...{ policies: counted([]), guests: counted([]) },
  ...more,
});
const both = [machines('web', 1), machines('data', 1)];

function of(team: string | null, given: Inventory) {
  const found = countTeams(given).find((s) => s.team === team);
  if (!found) throw new Error(`no figures of ${team}`);
  return found;
}

const sentences = ({ gaps }: ReturnType<typeof of>) => gaps.map(gapWords);

describe('the places to ask about machine by machine', () => {
  const names = (rows: readonly MachineCount[], teams?: readonly (string | null)[]) =>
    placesToAsk(input(rows), teams).map((p) => p.resourceGroup);

  it('are those that several teams have machines in, or a team and nobody; of instances, the scale sets are judged', () => {
    const in_ = (resourceGroup: string) => ({ resourceGroup });
    const rows = [
      ...[machines('web', 1, in_('rg-web')), machines('web', 2, in_('rg-web'))],
      ...[machines('web', 1, in_('rg-two')), machines('data', 1, in_('rg-two'))],
      ...[machines('', 1, in_('rg-stray')), machines('legacy', 1, in_('rg-stray'))],
      ...['web', 'data'].map((team) => machines(team, 9, { resourceGroup: 'rg-sets', type: 'instance' })),
    ];
    expect(names(rows)).toEqual(['rg-two', 'rg-sets', 'rg-stray']);
    expect(names(rows, ['legacy'])).toEqual(['rg-stray']);
    expect(names(rows, ['payments'])).toEqual([]);
  });

  it('hold no more machines in all than are read, small ones first; of the rest it is said', () => {
    const big = { resourceGroup: 'rg-big' };
    const rows = [...both, machines('web', mostRead - 1, big), machines('data', 1, big)];
    expect(names(rows)).toEqual(['rg-a']);
    const web = of('web', input(rows, { mixed: read({}) }));
    expect(sentences(web)).toEqual([
      'Policy states and guest configuration of 2,999 machines cannot be attributed: rg-big also holds machines of other teams or of none, and there are too many in all to read one by one.',
    ]);
    expect(web.policy?.notEvaluated).toBe(1);
    const exactly = [...both, machines('web', mostRead - 3, big), machines('data', 1, big)];
    expect(names(exactly).sort()).toEqual(['rg-a', 'rg-big']);
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
      policies: counted([own, { ...own, resourceGroup: 'rg-a' }]),
      mixed: read({ policies: counted([state('vm-1', 'Compliant', 2), state('vm-2', 'NonCompliant', 9)]) }),
    });
    expect(of('web', given).policy).toEqual({
      ...{ machines: { ...none, Error: 2, Compliant: 1 }, azure: { good: 2, all: 4 } },
      ...{ notEvaluated: 1, newest: hours(2), oldest: hours(6) },
    });
    expect(of('data', given).policy).toMatchObject({ machines: { NonCompliant: 1 }, notEvaluated: 0 });
    expect(sentences(of('data', given))).toEqual([]);
  });

  it('counts a machine without guest configuration times, and without any', () => {
    const guests = counted([{ machine: idOf('vm-1'), worst: 'Pending' as const }]);
    const given = input(both, { mixed: read({ guests }) });
    expect(of('web', given).guest).toEqual({ machines: { Compliant: 0, NonCompliant: 0, Pending: 1 }, none: 0 });
    expect(of('data', given).guest?.none).toBe(1);
  });

  it('says what is told of machines that are not there, to those who have the group, else as orphans', () => {
    const given = input(both, { mixed: read({ policies: counted([state('vm-gone', 'NonCompliant')]) }) });
    expect(sentences(of('web', given))).toEqual([]);
    expect(of('web', given).policy).toMatchObject({ notEvaluated: 1, machines: none });
    expect(sentences(of(null, given))).toEqual([
      expect.stringContaining('states for 1 machine in rg-a that are not among those counted there'),
    ]);
  });

  it('has no figure that rests on nothing when Azure answered in part, and says so to those with machines there', () => {
    const cut = read({ policies: counted([state('vm-2', 'Compliant')], [{ reason: 'rows', read: 1, total: 2 }]) });
    const given = input([...both, machines('legacy', 1, { resourceGroup: 'rg-b' })], { mixed: cut });
    expect(of('web', given).policy).toBeUndefined();
    expect(of('data', given).policy?.machines.Compliant).toBe(1);
    const sentence =
      'In resource groups of several teams: policy states: Azure returned 1 of 2 rows; the rest are not counted.';
    expect(['web', 'data', 'legacy'].map((team) => sentences(of(team, given)))).toEqual([[sentence], [sentence], []]);
    expect(of('legacy', given).policy?.notEvaluated).toBe(1);
  });

  it('says why nothing was answered, beside which machines that concerns', () => {
    const unread = { figure: 'single machines', reason: 'silent', message: 'Azure was silent.' } as const;
    const given = input([...both, machines('legacy', 1, { resourceGroup: 'rg-b' })], { unread });
    expect(sentences(of('web', given))).toEqual([
      expect.stringContaining('1 machine cannot be attributed'),
      'Machines in shared resource groups could not be read one by one: Azure was silent.',
    ]);
    expect(sentences(of('legacy', given))).toEqual([]);
  });

  it('has the exemptions of its own machines alone', () => {
    const exemption = (scope: string): Exemption => ({
      ...{ id: `${scope}/e`, name: 'e', scope, assignment: 'a', category: 'Waiver' as const },
    });
    const scopes = [idOf('vm-1'), `${idOf('vm-2')}/extensions/x`, idOf('vm-gone')];
    const given = input(both, { mixed: read({}), exemptions: counted(scopes.map(exemption)) });
    const shown = (team: string) => of(team, given).exemptions.map(({ scope }) => scope);
    expect(shown('web')).toEqual([scopes[0], scopes[2]]);
    expect(shown('data')).toEqual([scopes[1], scopes[2]]);
    expect(sentences(of('web', given))).toEqual([expect.stringContaining('1 exemption may concern another team')]);
  });
});
