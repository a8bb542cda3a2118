import type { Catalogue, TeamConfig } from '../../core/catalogue';
import { countInventory } from '../../core/compliance';
import { key } from '../../sandbox/azure/arm';
import { compute } from '../../sandbox/azure/compute/section';
import { seedEstate } from '../../sandbox/azure/estate/seed';
import { teamSubscriptions } from '../../sandbox/azure/names';
import { policies } from '../../sandbox/azure/policy/section';
import { exampleCatalogue } from '../support/catalogue';
import { sized } from '../support/size';
import { inventoryWorld } from './support/inventory-world';

const owners = { group: 'b0bb1e50-0000-4000-8000-000000000011', name: 'owners' };
const team = (scope: TeamConfig['scope']): TeamConfig => ({ scope, owners, channel: 'x / ops', digest: false });
const patience = { mayLack: () => false };

/** Of each kind of scope one, some of them within each other's. */
function everyScope(): Catalogue {
  const example = exampleCatalogue();
  const [payments] = example.teams.values();
  const group = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1004/resourceGroups/rg-legacy';
  const others: readonly (readonly [string, TeamConfig])[] = [
    ['platform', team({ managementGroup: 'mg-platform' })],
    ['corner', team({ resourceGroup: group })],
    ['whole', team({ subscription: '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1003' })],
    ['odd', team({ tag: { name: 'TEAM', value: 'quote " and \\\\ backslash' } })],
  ];
  if (!payments) throw new Error('the example has teams');
  // As the synthetic estate calls its teams.
  const numbered = [1, 2, 3].map((n) => {
    const name = `team-000${n}`;
    return [name, { ...payments, scope: { tag: { name: 'team', value: name } } }] as const;
  });
  return { ...example, teams: new Map([...example.teams, ...others, ...numbered]) };
}

/** What the estates lack: a group of scale sets alone, and exemptions of whatever has a team's machines below itself. */
function addOddities(world: ReturnType<typeof inventoryWorld>['world']): void {
  const web = `/subscriptions/${teamSubscriptions[1]}`;
  const id = `${web}/resourceGroups/rg-empty-sets/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-empty`;
  const { resources } = compute(world);
  const set = { id, name: 'vmss-empty', type: 'Microsoft.Compute/virtualMachineScaleSets', location: 'westeurope' };
  resources[key(id)] = { ...set, tags: { team: 'web' }, properties: {} };
  const { policyExemptions: all } = policies(world);
  const [like] = Object.values(all);
  if (!like) throw new Error('the story has an exemption');
  const scopes = [web, `${web}/resourceGroups/rg-web`, '/providers/Microsoft.Management/managementGroups/mg-platform'];
  for (const scope of scopes) {
    const own = `${scope}/providers/Microsoft.Authorization/policyExemptions/wide`;
    all[key(own)] = { ...like, id: own, name: 'wide' };
  }
  world.touch();
}

describe('the figures of one team, asked for alone', () => {
  it.each([
    ['the story', undefined],
    ['a synthetic estate', sized(600, 5_000)],
  ] as const)('are those that the whole inventory has of it, in %s', async (_, vms) => {
    const catalogue = everyScope();
    const { read, world, clock } = inventoryWorld({ catalogue });
    if (vms !== undefined) seedEstate(world, { vms, teams: 7 });
    else addOddities(world);
    const question = { catalogue, now: clock.now() };
    const whole = await countInventory(read, question, patience);
    const seen: string[] = [];
    for (const name of catalogue.teams.keys()) {
      const own = await countInventory(read, { ...question, team: name }, patience);
      const of = ({ figures }: typeof whole) => figures.find((one) => one.team === name);
      expect([name, of(own)]).toEqual([name, of(whole)]);
      // As where everybody's counts were known already.
      const known = { ...read, machineCounts: (tags: readonly string[]) => read.machineCounts(tags) };
      expect([name, of(await countInventory(known, { ...question, team: name }, patience))]).toEqual([name, of(whole)]);
      if ((of(whole)?.machines ?? 0) > 0) seen.push(name);
    }
    expect(seen.length).toBeGreaterThan(2);
  });
});
