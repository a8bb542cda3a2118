import { compute } from '../../sandbox/azure/compute/section';
import { drifted, withoutAgent } from '../../sandbox/azure/estate/fleet';
import { seedEstate } from '../../sandbox/azure/estate/seed';
import { platformSubscription, teamSubscriptions } from '../../sandbox/azure/names';
import { sized } from '../support/size';
import { insightsWorld } from './policy-insights-world';

interface Row {
  readonly [name: string]: unknown;
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Every row of a table, page by page. */
async function allRows({ send }: ReturnType<typeof insightsWorld>, query: string): Promise<Row[]> {
  const found: Row[] = [];
  let token: string | undefined;
  do {
    const answer = await send('POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01', {
      query,
      options: { $top: 1_000, ...(token && { $skipToken: token }) },
    });
    const body = answer.body as { data: Row[]; $skipToken?: string };
    found.push(...body.data);
    token = body.$skipToken;
  } while (token);
  return found;
}

function counted<T>(all: readonly T[], name: (one: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of all) counts[name(one)] = (counts[name(one)] ?? 0) + 1;
  return counts;
}

const states = "policyresources | where type =~ 'microsoft.policyinsights/policystates'";
/** Six pages of states in the sample. */
const machines = sized(600, 2_000);
const seeded = () => {
  const open = insightsWorld();
  seedEstate(open.world, { vms: machines, teams: 7, seed: 5 });
  return open;
};

describe.each([
  ['of the story', insightsWorld],
  ['of a synthetic estate', seeded],
])('policy states %s', (_, open) => {
  it('come in the order of their ids, each once, over all pages', async () => {
    const all = await allRows(open(), `${states} | project id, properties`);
    const ids = all.map(({ id }) => id.toLowerCase());
    expect(ids.length).toBeGreaterThan(1_000);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it('are grouped by machine, then by group, as counting rows does', async () => {
    const world = open();
    const all = await allRows(world, `${states} | project id, properties`);
    const found = await world.rows(`${states}
      | extend machine = tolower(tostring(properties.resourceId)), bad = tostring(properties.complianceState) == 'NonCompliant'
      | summarize bad = countif(bad), newest = max(todatetime(properties.timestamp)) by machine, assignment = tostring(properties.policyAssignmentName)
      | summarize assignments = count(), failing = countif(bad > 0), newest = max(newest) by machine
      | summarize machines = count(), assignments = sum(assignments), failing = sum(failing), newest = max(newest) by subscription = tostring(split(machine, '/')[2]), place = tostring(split(machine, '/')[4])`);
    const expected = new Map<
      string,
      { machines: Set<string>; assignments: Set<string>; failing: Set<string>; newest: string }
    >();
    for (const { properties } of all) {
      const machine = String(properties['resourceId']);
      const [, , subscription, , place] = machine.split('/');
      const name = `${subscription} ${place}`;
      const one = expected.get(name) ?? { machines: new Set(), assignments: new Set(), failing: new Set(), newest: '' };
      expected.set(name, one);
      const assignment = `${machine} ${properties['policyAssignmentName']}`;
      one.machines.add(machine);
      one.assignments.add(assignment);
      if (properties['complianceState'] === 'NonCompliant') one.failing.add(assignment);
      if (String(properties['timestamp']) > one.newest) one.newest = String(properties['timestamp']);
    }
    const shown = found.map((row) => [
      `${row['subscription']} ${row['place']}`,
      row['machines'],
      row['assignments'],
      row['failing'],
      row['newest'],
    ]);
    expect(shown.sort()).toEqual(
      [...expected].map(([name, o]) => [name, o.machines.size, o.assignments.size, o.failing.size, o.newest]).sort(),
    );
  });

  it('keep together what has no machine, wherever it stands between machines', async () => {
    const world = open();
    const all = await allRows(world, 'policyresources | project id, type, properties');
    const found = await world.rows(
      'policyresources | summarize n = count() by machine = tostring(properties.resourceId) | where isempty(machine)',
    );
    expect(found).toEqual([
      { machine: '', n: all.filter(({ properties }) => properties['resourceId'] === undefined).length },
    ]);
  });

  it('and guest configuration are the same for those who count and those who list', async () => {
    const world = open();
    const all = await allRows(world, 'guestconfigurationresources | project id, name, properties');
    const found = await world.rows(
      'guestconfigurationresources | summarize n = count(), at = max(todatetime(properties.lastComplianceStatusChecked)), report = dcount(tostring(properties.latestReportId)) by name, status = tostring(properties.complianceStatus)',
    );
    const names = counted(all, ({ name, properties }) => `${name} ${properties['complianceStatus']}`);
    expect(Object.fromEntries(found.map((row) => [`${row['name']} ${row['status']}`, row['n']]))).toEqual(names);
    for (const row of found) {
      const same = all.filter(
        ({ name, properties }) => name === row['name'] && properties['complianceStatus'] === row['status'],
      );
      const times = same.map(({ properties }) => String(properties['lastComplianceStatusChecked'] ?? '')).sort();
      expect(row['at'] ?? '').toBe(times.at(-1));
      expect(row['report']).toBe(new Set(same.flatMap(({ properties }) => properties['latestReportId'] ?? '')).size);
    }
  });
});

describe('a synthetic estate', () => {
  it('has ten definitions in force on a VM, all six states, and VMs that nobody evaluated', async () => {
    const all = await allRows(seeded(), `${states} | project id, properties`);
    const perMachine = Object.values(counted(all, ({ properties }) => String(properties['resourceId'])));
    expect(Math.min(...perMachine)).toBe(10);
    expect(perMachine.length).toBe(machines - Math.floor(machines / 150));
    expect(Object.keys(counted(all, ({ properties }) => String(properties['complianceState'])))).toHaveLength(6);
  });

  it('keeps the states of a VM that somebody changes, until it is evaluated again', async () => {
    const world = seeded();
    const of = async (name: string) => {
      const rows = await world.rows(
        `${states} | where properties.resourceId endswith '/${name}' | project id, at = tostring(properties.timestamp), state = tostring(properties.complianceState)`,
      );
      return rows.map(({ at, state }) => [at, state]);
    };
    const before = await of('vm-0000017');
    const [{ id } = { id: '' as never }] = await world.rows("resources | where name == 'vm-0000017' | project id");
    await world.send('PATCH', `${String(id)}?api-version=2026-03-01`, { tags: {} });
    const kept = await of('vm-0000017');
    world.wait(16);
    const after = await of('vm-0000017');
    expect(kept).toEqual(before);
    expect(after).toHaveLength(before.length);
    expect(new Set(after.map(([at]) => at))).toEqual(new Set(['2026-11-23T09:15:00.000Z']));
  });
});

describe('the other tables', () => {
  it('have instances of uniform scale sets, some behind their model', async () => {
    const { rows, world } = insightsWorld();
    const found = await rows(
      "computeresources | where type =~ 'microsoft.compute/virtualmachinescalesets/virtualmachines' | extend ref = properties.storageProfile.imageReference | project name, version = tostring(ref.exactVersion), latest = tobool(properties.latestModelApplied)",
    );
    const behind = found.filter(({ latest }) => !latest).map(({ name, version }) => `${name} ${version}`);
    expect(found).toHaveLength(
      Object.values(compute(world).resources).filter(({ type }) => type.endsWith('ScaleSets/virtualMachines')).length,
    );
    expect(behind).toEqual(['vmss-payments-queue_2 1.3.0', 'vmss-web-front_6 1.4.1', 'vmss-web-front_7 1.4.1']);
  });

  it('have who was given which role at a scope and below, and what the roles allow', async () => {
    const { rows } = insightsWorld();
    const below = `/subscriptions/${platformSubscription}`;
    const given = await rows(
      `authorizationresources | where type =~ 'microsoft.authorization/roleassignments' | extend scope = tolower(tostring(properties.scope)), role = tolower(tostring(properties.roleDefinitionId)) | where scope startswith '${below}' | project scope, role = tostring(split(role, '/')[4]), principalType = tostring(properties.principalType) | order by scope asc, role asc`,
    );
    const roles = await rows(
      "authorizationresources | where type =~ 'microsoft.authorization/roledefinitions' and properties.roleName == 'Compute Gallery Image Reader' | mv-expand one = properties.permissions | project name, reads = tostring(one.actions)",
    );
    expect(given).toContainEqual({
      scope: below,
      role: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
      principalType: 'ServicePrincipal',
    });
    expect(roles).toEqual([
      {
        name: 'cf7c76d2-98a3-4358-a134-615aa78bf44d',
        reads: '["Microsoft.Compute/galleries/images/read","Microsoft.Compute/galleries/images/versions/read"]',
      },
    ]);
  });

  it('tell which management groups are over a subscription, nearest first', async () => {
    const { rows } = insightsWorld();
    const found = await rows(
      "resourcecontainers | where type =~ 'microsoft.resources/subscriptions' | mv-expand over = properties.managementGroupAncestorsChain | project subscriptionId, over = tostring(over.displayName)",
    );
    const over = (id: string) => found.filter(({ subscriptionId }) => subscriptionId === id).map((row) => row['over']);
    expect(over(platformSubscription)).toEqual(['Platform', 'Tenant Root Group']);
    for (const id of teamSubscriptions) expect(over(id)).toEqual(['Landing zones', 'Tenant Root Group']);
  });

  it('say why a machine fails its guest configuration, and nothing of machines without agent', async () => {
    const { rows } = insightsWorld();
    const failing = await rows(
      "guestconfigurationresources | where name == 'AzureLinuxBaseline' and properties.complianceStatus == 'NonCompliant' | mv-expand resource = properties.latestAssignmentReport.resources | mv-expand reason = resource.reasons | project vm = tostring(split(properties.targetResourceId, '/')[8]), phrase = tostring(reason.phrase)",
    );
    const assigned = await rows(
      "guestconfigurationresources | distinct vm = tostring(split(properties.targetResourceId, '/')[8])",
    );
    expect(failing).toEqual([
      { vm: drifted.name, phrase: "/etc/ssh/sshd_config sets 'PermitRootLogin yes'; the baseline wants 'no'." },
    ]);
    expect(assigned.filter(({ vm }) => withoutAgent.has(String(vm)))).toEqual([]);
  });
});
