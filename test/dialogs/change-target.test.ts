import { rightsOf } from '../../core/access';
import type { Catalogue, TeamConfig } from '../../core/catalogue';
import { UserError } from '../../core/errors';
import { targetOf } from '../../dialogs/changes/target';
import type { CommandContext, Deps } from '../../dialogs/conversation/command';
import { compute } from '../../sandbox/azure/compute/section';
import type { StartRequest } from '../../workflows/start';
import { type AzureWorld, azureWorld } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { inventoryWorld } from './support/inventory-world';
import { dialogWorld } from './support/world';

let world: AzureWorld;
let own: string;
let theirs: string;
let orphan: string;
beforeAll(async () => {
  world = await azureWorld();
  const { rows } = await world.azure.read.machineList({}, 1_000);
  const idOf = (name: string) => rows.find((row) => row.name === name)?.id ?? '';
  [own, theirs] = [idOf('vm-payments-api-001'), idOf('vm-data-etl-001')];
  orphan = rows.find(({ type, tags }) => type === 'vm' && tags['team'] === undefined)?.id ?? '';
});
afterAll(() => world.close());

/** Payments has its resource group as a whole, so that a machine without tags there is its own. */
function byPlace(): { catalogue: Catalogue; group: string } {
  const catalogue = exampleCatalogue();
  const payments = catalogue.teams.get('payments') as TeamConfig;
  const group = own.split('/providers/')[0] ?? '';
  const teams = new Map(catalogue.teams).set('payments', { ...payments, scope: { resourceGroup: group } });
  return { catalogue: { ...catalogue, teams }, group };
}

/** What an owner of payments gets for what they typed: the target or the code of the refusal. */
async function outcome(typed: string): Promise<string> {
  const { catalogue } = byPlace();
  const owners = catalogue.teams.get('payments')?.owners.group ?? '';
  const ctx = {
    person: { oid: 'linus', name: 'Linus' },
    rights: rightsOf(catalogue, [owners]),
    conversation: { id: 'here' },
    via: 'text',
  } as unknown as CommandContext;
  const deps = { read: world.azure.read, catalogue: () => catalogue } as unknown as Deps;
  try {
    const target = await targetOf(ctx, { verb: 'classify', machine: typed, given: {} }, deps);
    return 'id' in target ? target.id : 'choice';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

it('takes the resource id of a machine, of a scale set, and of an instance for its set', async () => {
  expect(await outcome(own)).toBe(own);
  expect(await outcome(`${own}/`)).toBe(own);
  const set = `${own.split('/virtualMachines/')[0]}/virtualMachineScaleSets/vmss-payments-queue`;
  expect(await outcome(`${set}/virtualMachines/0`)).toBe(set);
});

it('takes no other path for a machine: it would be judged by one machine and done to another', async () => {
  const { group } = byPlace();
  const up = '/..'.repeat(8);
  for (const typed of [
    `${group}/providers/Microsoft.Compute/virtualMachines${up}${orphan}`,
    `${theirs}?api-version=2024-07-01&x=`,
    `${theirs}#x`,
    `${own}?x=`,
    `${own}/extensions/AzurePolicy`,
    `${group}/providers/Microsoft.Network/virtualNetworks/vnet`,
    group,
    group.split('/resourceGroups/')[0] ?? '',
    '/',
  ]) {
    expect([typed, await outcome(typed)]).toEqual([typed, 'UNKNOWN_MACHINE']);
  }
});

it('refuses machines of others by their ids, in the audit', async () => {
  expect(await outcome(theirs)).toBe('WRONG_ROLE');

  const { say, click, refusals } = inventoryWorld();
  await say('linus', `classify ${theirs} pet --reason mine`);
  await click('linus', 'classify', { machine: theirs, model: 'pet', reason: 'mine' });

  expect(refusals).toMatchObject([
    { subject: 'data', detail: { code: 'WRONG_ROLE', via: 'text', said: `classify ${theirs} pet --reason mine` } },
    { subject: 'data', detail: { code: 'WRONG_ROLE', via: 'button', said: 'classify', given: { machine: theirs } } },
  ]);
});

it('offers nobody the namesake of another team: the own machine is meant', async () => {
  const { resources } = compute(world.world);
  const twin = theirs.replace(/[^/]+$/, 'vm-payments-api-001');
  const theirVm = resources[theirs.toLowerCase()];
  if (!theirVm) throw new Error('no machine of data');
  resources[twin.toLowerCase()] = { ...structuredClone(theirVm), id: twin, name: 'vm-payments-api-001' };

  expect((await world.azure.read.machineList({ name: 'vm-payments-api-001' }, 9)).total).toBe(2);
  expect(await outcome('vm-payments-api-001')).toBe(own);
});

it('offers machines of one name by sentences that goldbot takes, whatever stands in the reason', async () => {
  const path = (group: string) =>
    `/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/vm1`;
  const machines = [path('rg-a'), path('rg-b')].map((id) => ({ id, name: 'vm1' }));
  const changed: string[] = [];
  const { say } = dialogWorld({
    read: {
      machineList: async () => ({ rows: machines, total: 2, asOf: new Date(0) }) as never,
      tagsOf: async () => ({}),
      managementGroups: async () => new Map(),
    },
    runs: {
      startOrJoin: async ({ subject, plan }: StartRequest) => {
        changed.push(`${subject}: ${(plan as { reason?: string }).reason}`);
        throw new UserError('RUN_BUSY', 'Enough.', { hint: 'Stop.' });
      },
    } as never,
  });

  const answer = await say('grace', 'classify vm1 pet --reason \'the "ledger" disk\'');
  const sentences = answer.text.split('\n').filter((line) => line.startsWith('classify '));
  for (const sentence of sentences) await say('grace', sentence);

  expect(sentences).toHaveLength(2);
  expect(changed).toEqual(machines.map(({ id }) => `classify:${id.toLowerCase()}: the "ledger" disk`));
});
