import { gapWords } from '../../cards';
import type { Catalogue } from '../../core/catalogue';
import {
  countTeams,
  type Exemption,
  type Inventory,
  type MachineCount,
  type PolicyCount,
  type PolicyState,
} from '../../core/compliance';
import { exampleCatalogue } from '../support/catalogue';

const example = exampleCatalogue();
const now = new Date('2026-11-23T12:00:00Z');
const days = (n: number) => new Date(now.getTime() + n * 86_400_000);
const counted = <T>(rows: readonly T[]) => ({ rows, asOf: now });

function machine(more: Partial<MachineCount> & { readonly team?: string }): MachineCount {
  const { team, ...rest } = more;
  return {
    ...{ subscription: 's1', resourceGroup: 'rg-a', type: 'vm', location: 'westeurope', source: '', version: '' },
    ...{ behindModel: false, machines: 1, tags: team ? { team } : {} },
    ...rest,
  };
}

function policies(resourceGroup: string, machines: Partial<Record<PolicyState, number>>, hours = 6): PolicyCount {
  const none = { Compliant: 0, NonCompliant: 0, Exempt: 0, Conflict: 0, Unknown: 0, Error: 0 };
  const at = { newest: days(-hours / 24), oldest: days(-hours / 12) };
  const all = Object.values(machines).reduce((sum, n) => sum + n, 0);
  const good = (machines.Compliant ?? 0) + (machines.Exempt ?? 0) + (machines.Unknown ?? 0);
  return { subscription: 's1', resourceGroup, machines: { ...none, ...machines }, azure: { good, all }, ...at };
}

function input(machines: readonly MachineCount[], more: Partial<Inventory> = {}): Inventory {
  return {
    catalogue: example,
    managementGroups: new Map(),
    ...{
      machines: { ...counted(machines), members: [] },
      versions: counted([]),
      policies: counted([]),
      guests: counted([]),
    },
    exemptions: counted([]),
    now,
    ...more,
  };
}

function of(team: string | null, given: Inventory) {
  const found = countTeams(given).find((s) => s.team === team);
  if (!found) throw new Error(`no figures of ${team}`);
  return found;
}

const sentences = ({ gaps }: ReturnType<typeof of>) => gaps.map(gapWords);

describe('the count of a team', () => {
  it('is told of every team, in the order of teams.yaml, with orphans at the end only when there are any', () => {
    const names = (given: Inventory) => countTeams(given).map((s) => s.team);
    expect(names(input([]))).toEqual(['payments', 'web', 'data', 'legacy']);
    expect(names(input([machine({})]))).toEqual(['payments', 'web', 'data', 'legacy', null]);
    expect(of('web', input([]))).toMatchObject({ machines: 0, policy: { notEvaluated: 0 }, gaps: [] });
  });

  it('counts as not evaluated what no policy has a state of, Arc machines too', () => {
    const given = input([machine({ team: 'web', machines: 10 }), machine({ team: 'web', type: 'arc', machines: 2 })], {
      policies: counted([policies('rg-a', { Compliant: 7, NonCompliant: 2 })]),
    });
    expect(of('web', given).policy).toMatchObject({ notEvaluated: 3, azure: { good: 7, all: 9 } });
    expect(of('web', given).guest).toMatchObject({ none: 12 });
  });

  it('is silent about the policies of groups that several teams share, and says of how many machines', () => {
    const given = input(
      [
        machine({ team: 'web', machines: 4 }),
        machine({ team: 'data', machines: 3 }),
        machine({ team: 'web', resourceGroup: 'rg-web', machines: 5 }),
      ],
      { policies: counted([policies('rg-a', { Compliant: 7 }), policies('rg-web', { NonCompliant: 5 })]) },
    );
    const web = of('web', given);
    expect(web.policy?.machines).toMatchObject({ Compliant: 0, NonCompliant: 5 });
    expect(web.policy?.notEvaluated).toBe(0);
    expect(sentences(web)).toEqual([
      'Policy states and guest configuration of 4 machines cannot be attributed: rg-a also holds machines of other teams or of none.',
    ]);
    const data = of('data', given);
    expect([data.policy, data.guest]).toEqual([undefined, undefined]);
    expect(sentences(data)).toHaveLength(1);
  });

  it('says when Azure Policy knows more machines than there are, and does not count below zero', () => {
    const both = [machine({ team: 'web', machines: 4 }), machine({ team: 'web', resourceGroup: 'rg-b', machines: 3 })];
    const given = input(both, { policies: counted([policies('rg-a', { Compliant: 6 })]) });
    expect(of('web', given).policy?.notEvaluated).toBe(3);
    expect(sentences(of('web', given)).join(' ')).toContain('states for 6 machines in rg-a, where only 4 VMs');
  });

  it('tells states where no machine is counted to the team that has the place, or as orphans', () => {
    const teams: Catalogue['teams'] = new Map([
      ...example.teams,
      [
        'place',
        {
          ...{ owners: { group: 'g', name: 'n' }, channel: 'c', digest: false as const },
          scope: { resourceGroup: '/subscriptions/s1/resourceGroups/rg-gone' },
        },
      ],
    ]);
    const lost = counted([policies('rg-gone', { Compliant: 2 }), policies('rg-lost', { Exempt: 1 })]);
    const given = input([], { catalogue: { ...example, teams }, policies: lost });
    expect(sentences(of('place', given))).toEqual([
      expect.stringContaining('states for 2 machines in rg-gone, where none'),
    ]);
    expect(sentences(of(null, given))).toEqual([
      expect.stringContaining('states for 1 machine in rg-lost, where none'),
    ]);
  });

  it('does not wait for policy states of scale set instances: Azure Policy judges their scale set', () => {
    const given = input([machine({ team: 'web', type: 'instance', machines: 6, behindModel: true })]);
    expect(of('web', given)).toMatchObject({ machines: 6, behindModel: 6, policy: { notEvaluated: 0 } });
    expect(sentences(of('web', given))).toEqual([]);
  });

  it('takes the newest and the oldest time of all its groups', () => {
    const groups = ['rg-a', 'rg-b', 'rg-c'].map((resourceGroup) => machine({ team: 'web', resourceGroup }));
    const given = input(groups, {
      policies: counted([
        policies('rg-b', { Compliant: 1 }, 30),
        policies('rg-a', { Compliant: 1 }, 2),
        policies('rg-c', { Compliant: 1 }, 5),
      ]),
    });
    expect(of('web', given).policy).toMatchObject({ newest: days(-2 / 24), oldest: days(-60 / 24) });
    expect(of('web', given).guest?.newest).toBeUndefined();
  });

  it('says of every team what Azure answered in part, and shows no policy figure that rests on nothing', () => {
    const partial = { rows: [], asOf: now, partial: [{ reason: 'rows', read: 1000, total: 2000 }] } as const;
    const web = of('web', input([machine({ team: 'web' })], { policies: partial }));
    expect(web.policy).toBeUndefined();
    expect(sentences(web)).toEqual([expect.stringContaining('Policy states: Azure returned 1,000 of 2,000 rows')]);
    expect(sentences(of('data', input([], { machines: { ...partial, members: [] } })))).toEqual([
      expect.stringContaining('Machines: Azure'),
    ]);
  });

  it('shows machines that two teams claim as orphans, and says so', () => {
    const teams: Catalogue['teams'] = new Map([...example.teams].slice(0, 2));
    const scope = { tag: { name: 'cost', value: '1' } };
    const other = { scope, owners: { group: 'g', name: 'n' }, channel: 'c', digest: false as const };
    const catalogue = { ...example, teams: new Map([...teams, ['other', other]]) };
    const torn = machine({ machines: 3, tags: { team: 'web', cost: '1' } });
    const orphans = of(null, input([torn], { catalogue }));
    expect(orphans.machines).toBe(3);
    expect(sentences(orphans)[0]).toContain('3 machines carry the tags of other and web at once');
  });

  it('says of golden machines what cannot be told', () => {
    const { subscription, gallery } = example.azure;
    const source =
      `/subscriptions/${subscription}/resourcegroups/${gallery.resourceGroup}/providers/microsoft.compute/galleries/${gallery.name}/images/ubuntu-22`.toLowerCase();
    const known = { source, version: '2.0.0', excludedFromLatest: false, regions: ['westeurope'] };
    const given = input(
      [
        machine({ team: 'web', source, version: '1.0.0' }),
        machine({ team: 'web', source, version: '1.0.0', location: 'eastus', machines: 2 }),
      ],
      { versions: counted([known]) },
    );
    const web = of('web', given);
    // In East US nothing newer can be deployed; the version is told by the worst.
    expect(web.lineage).toMatchObject({ behind: 1, unknown: 2 });
    expect(web.versions).toEqual([
      { image: 'ubuntu-22', version: '1.0.0', lineage: 'behind', versionsBehind: 1, machines: 3 },
    ]);
    expect(sentences(web)).toEqual([
      expect.stringContaining('3 machines run ubuntu-22 1.0.0, which is no longer in the gallery'),
    ]);
  });
});

describe('lists in the figures', () => {
  it('have what most machines run first', () => {
    const { subscription, gallery } = example.azure;
    const definitions = `/subscriptions/${subscription}/resourcegroups/${gallery.resourceGroup}/providers/microsoft.compute/galleries/${gallery.name}/images`;
    const runs = (image: string, version: string, machines: number) =>
      machine({ team: 'web', source: `${definitions}/${image}`.toLowerCase(), version, machines });
    const from = (source: string, machines: number) => machine({ team: 'web', source, machines });
    const web = of(
      'web',
      input([
        ...[runs('ubuntu-22', '1.4.0', 2), runs('ubuntu-22', '1.5.0', 2), runs('windows-2022', '1.0.0', 9)],
        ...[runs('ubuntu-22', '1.4.0', 1), from('b:b:b', 1), from('a:a:a', 1), from('c:c:c', 4)],
      ]),
    );
    expect(web.versions.map((v) => [v.image, v.version, v.machines])).toEqual([
      ['windows-2022', '1.0.0', 9],
      ['ubuntu-22', '1.4.0', 3],
      ['ubuntu-22', '1.5.0', 2],
    ]);
    expect(web.foreign.map((f) => f.source)).toEqual(['c:c:c', 'a:a:a', 'b:b:b']);
  });

  it('have sources as the catalogue spells them, or else as Azure does, though people typed them in several ways', () => {
    const from = (source: string, written?: string) =>
      machine({ team: 'web', source, ...(written !== undefined && { written }) });
    const jammy = '0001-com-ubuntu-server-jammy:22_04-lts-gen2';
    const old = '/subscriptions/s/resourceGroups/RG-Old/providers/Microsoft.Compute/galleries/Old/images/CentOS';
    const { foreign } = of(
      'web',
      input([
        ...[from(`canonical:${jammy}`), from(`canonical:${jammy}`, `CANONICAL:${jammy}`)],
        ...[from('redhat:rhel:9'), from('redhat:rhel:9', 'RedHat:RHEL:9')],
        from(old.toLowerCase(), old),
      ]),
    );
    expect(foreign).toEqual([
      { source: `Canonical:${jammy}`, machines: 2 },
      { source: 'RedHat:RHEL:9', machines: 2 },
      { source: old, machines: 1 },
    ]);
  });
});

describe('exemptions of a team', () => {
  const exemption = (scope: string, expiresAt?: Date): Exemption => ({
    id: `${scope}/exemption`,
    ...{ name: 'exempt', scope, assignment: 'a', category: 'Waiver' as const },
    ...(expiresAt && { expiresAt }),
  });
  const group = '/subscriptions/s1/resourcegroups/rg-a';
  const vm = `${group}/providers/microsoft.compute/virtualmachines/vm-1`;
  const web = [machine({ team: 'web' })];
  const shown = (team: string | null, machines: readonly MachineCount[], given: readonly Exemption[]) =>
    of(team, input(machines, { exemptions: counted(given), managementGroups: new Map([['s1', ['Online', 'root']]]) }));

  it('are those of its machines and of everything above them', () => {
    const above = ['/providers/microsoft.management/managementgroups/online', '/subscriptions/s1', group, vm];
    const elsewhere = [
      '/providers/microsoft.management/managementgroups/corp',
      '/subscriptions/s2',
      '/subscriptions/s1/resourcegroups/rg-b',
      `${group}/providers/microsoft.storage/storageaccounts/x`,
    ];
    const rows = [...above, ...elsewhere].map((scope) => exemption(scope));
    expect(
      shown('web', web, rows)
        .exemptions.map((e) => e.scope)
        .sort(),
    ).toEqual([...above].sort());
    expect(shown('data', web, rows).exemptions).toEqual([]);
  });

  it('stand in the order of their end; what is over is none any more', () => {
    const rows = [exemption(`${vm}a`), exemption(`${vm}b`, days(9)), exemption(`${vm}c`, days(2)), exemption(vm, now)];
    expect(shown('web', web, rows).exemptions.map((e) => e.expiresAt)).toEqual([days(2), days(9), undefined]);
  });

  it('may be another team’s in a group of several, which is said', () => {
    const both = [...web, machine({ team: 'data' })];
    for (const team of ['web', 'data']) {
      const figures = shown(team, both, [exemption(vm), exemption(group)]);
      expect(figures.exemptions).toHaveLength(2);
      expect(sentences(figures).join(' ')).toContain('1 exemption may concern another team');
    }
  });
});
