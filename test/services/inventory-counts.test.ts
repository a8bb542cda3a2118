import type { InventoryRead } from '../../core/azure';
import type { MachineCount } from '../../core/compliance';
import { subscriptionIds } from '../../sandbox/azure/compute/groups';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { ask } from '../sandbox/client';
import { inFull, sized } from '../support/size';
import { ubuntu } from './azure';
import { azureWith } from './inventory-azure';

interface Listed {
  readonly id: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties: { readonly latestModelApplied?: boolean; readonly orchestrationMode?: string };
}

async function list(sandbox: Sandbox, path: string): Promise<Listed[]> {
  const all: Listed[] = [];
  for (let next: string | undefined = `${path}?api-version=2024-07-01`; next; ) {
    const { body } = await ask(sandbox, 'GET', next);
    const page = body as { value: Listed[]; nextLink?: string };
    all.push(...page.value);
    next = page.nextLink;
  }
  return all;
}

/** VMs and instances of uniform scale sets as Compute lists them, without Resource Graph. */
async function computeMachines(sandbox: Sandbox) {
  const of = async (type: string) => {
    const ids = subscriptionIds(sandbox.world);
    return (
      await Promise.all(ids.map((s) => list(sandbox, `/subscriptions/${s}/providers/Microsoft.Compute/${type}`)))
    ).flat();
  };
  const uniform = (await of('virtualMachineScaleSets')).filter((s) => s.properties.orchestrationMode === 'Uniform');
  const instances = await Promise.all(uniform.map(({ id }) => list(sandbox, `${id}/virtualMachines`)));
  return { vms: await of('virtualMachines'), instances: instances.flat() };
}

function tally(items: readonly (readonly [key: string, n: number])[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [key, n] of items) counts[key] = (counts[key] ?? 0) + n;
  return counts;
}

const teamOf = ({ tags }: Pick<Listed, 'tags'>): string => tags?.['team'] ?? '';
const byTeam = (machines: readonly Listed[]) => tally(machines.map((m) => [teamOf(m), 1]));
const counted = (rows: readonly MachineCount[], type: string) =>
  tally(rows.filter((row) => row.type === type).map((row) => [teamOf(row), row.machines]));

/** What the figures of all teams are made of. */
const everything = (read: InventoryRead) =>
  Promise.all([
    read.machineCounts(['team']),
    read.publishedVersions([ubuntu]),
    read.policyCounts([]),
    read.guestCounts([]),
    read.managementGroups(),
  ]);

describe('The machines of the story', () => {
  it('are counted for each team as Compute lists them, instances of scale sets with them', async () => {
    const { read, sandbox } = azureWith();
    const { rows, partial } = await read.machineCounts(['team']);
    const { vms, instances } = await computeMachines(sandbox);
    expect(counted(rows, 'vm')).toEqual(byTeam(vms));
    expect(counted(rows, 'instance')).toEqual(byTeam(instances));
    expect(instances.length).toBeGreaterThan(0);
    const behind = rows.filter((row) => row.behindModel).reduce((sum, { machines }) => sum + machines, 0);
    expect(behind).toBe(instances.filter((i) => i.properties.latestModelApplied === false).length);
    expect(partial).toBeUndefined();
  });

  it('carry the time of the world that was asked', async () => {
    const { read, world } = azureWith();
    world.clock.advance(3 * 86_400_000);
    const [machines, versions, { states, exemptions }, guests] = await everything(read);
    for (const answer of [machines, versions, states, exemptions, guests]) {
      expect(answer).toMatchObject({ asOf: world.clock.now() });
    }
  });
});

const many = sized(2_000, 20_000);

describe('A synthetic estate', () => {
  const cost = 'costs five requests for everybody';

  it(`${cost}: 1,000 and ${many.toLocaleString('en')} machines`, async () => {
    const requests: number[] = [];
    for (const vms of [1_000, many]) {
      const { read, sandbox, sent } = azureWith({ vms, teams: 100 });
      const [{ rows, partial }] = await everything(read);
      requests.push(
        sent('POST').filter((path) => path.endsWith('/providers/Microsoft.ResourceGraph/resources')).length,
      );
      expect(sent('GET')).toEqual([]);
      expect(partial).toBeUndefined();
      expect(counted(rows, 'vm')).toEqual(byTeam((await computeMachines(sandbox)).vms));
      expect(rows.reduce((sum, row) => sum + row.machines, 0)).toBeGreaterThanOrEqual(vms);
    }
    expect(requests).toEqual([5, 5]);
  });

  inFull('of more places than a page has rows is read to its last one', async () => {
    const { read, sandbox, sent } = azureWith({ vms: 10_000, teams: 3_000 });
    const { rows, members } = await read.machineCounts(['team', 'service-model']);
    const differing = new Set(members.map(({ subscription, resourceGroup }) => `${subscription}/${resourceGroup}`));
    const places = new Set(
      rows.map(({ subscription, resourceGroup, tags }) => JSON.stringify([subscription, resourceGroup, tags])),
    );
    expect(counted(rows, 'vm')).toEqual(byTeam((await computeMachines(sandbox)).vms));
    expect(places.size).toBeGreaterThan(2_000);
    expect(sent('POST')).toHaveLength(Math.ceil((places.size + differing.size) / 1_000));
  });
});
