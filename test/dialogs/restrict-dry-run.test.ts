import {
  galleryId,
  restrictionAssignment,
  restrictionAssignmentId,
  restrictionDefinition,
  restrictionDefinitionId,
} from '../../core/compliance';
import { dryRun, dryRunSentences, restricted } from '../../dialogs/changes/restrict';
import type { Deps } from '../../dialogs/conversation/command';
import { platformSubscription, teamSubscriptions } from '../../sandbox/azure/names';
import { ask } from '../sandbox/client';
import { machine, vmUrl } from '../sandbox/policy-world';
import { type AzureWorld, azureWorld } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { inventoryWorld } from './support/inventory-world';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

interface Vm {
  readonly tags?: Record<string, string>;
  readonly properties: {
    readonly timeCreated: string;
    readonly storageProfile: { readonly imageReference?: { readonly id?: string } };
  };
}

/** ARM's own lists, counted row by row: VMs on images that are not of the gallery. */
async function foreign(since: Date, team?: string): Promise<number> {
  const gallery = `${galleryId(exampleCatalogue().azure)}/images/`.toLowerCase();
  let found = 0;
  for (const subscription of [platformSubscription, ...teamSubscriptions]) {
    const url = `/subscriptions/${subscription}/providers/Microsoft.Compute/virtualMachines?api-version=2024-07-01`;
    const { body } = await ask(world.sandbox, 'GET', url);
    found += (body as { value: Vm[] }).value.filter(({ tags, properties }) => {
      const { timeCreated, storageProfile } = properties;
      const golden = storageProfile.imageReference?.id?.toLowerCase().startsWith(gallery);
      return !golden && new Date(timeCreated) >= since && (team === undefined || tags?.['team'] === team);
    }).length;
  }
  return found;
}

const deps = (): Deps => ({ read: world.azure.read, catalogue: exampleCatalogue }) as unknown as Deps;
const daysAgo = (n: number): Date => new Date(world.world.clock.now().getTime() - n * 86_400_000);

it('counts who would have been stopped to the unit, for everybody and for one team', async () => {
  const marketplace = {
    publisher: 'Canonical',
    offer: '0001-com-ubuntu-server-jammy',
    sku: '22_04-lts-gen2',
    version: 'latest',
  };
  for (const name of ['new-1', 'new-2']) await ask(world.sandbox, 'PUT', vmUrl(name), machine(marketplace));
  const now = world.world.clock.now();
  const all = await dryRun(await restricted('all', deps()), now, deps());
  expect(all.deployments).toBe(await foreign(daysAgo(30)));
  const payments = await dryRun(await restricted('payments', deps()), now, deps());
  expect(payments.deployments).toBe(await foreign(daysAgo(30), 'payments'));
  expect(payments.deployments).toBeGreaterThanOrEqual(2);
  expect(payments.stopped.map(({ team }) => team)).toEqual(['payments']);
});

it('tells deciders how many machines Azure would refuse changes to', async () => {
  const web = await dryRun(await restricted('web', deps()), world.world.clock.now(), deps());
  const existing = await foreign(new Date(0), 'web');
  expect(existing).toBeGreaterThan(0);
  const legacy = await dryRun(await restricted('legacy', deps()), world.world.clock.now(), deps());
  // Its Arc machines are not among them; instances of its flexible scale set are VMs.
  expect(legacy.existing).toBe(await foreign(new Date(0), 'legacy'));
  expect(dryRunSentences(web)[1]).toContain(`${existing} machines on other images exist`);
});

it('tells deciders too what Azure told in part: nobody takes silence for nobody', async () => {
  const part = [{ reason: 'rows', read: 1, total: 2 }] as const;
  const partly = inventoryWorld({
    read: (real) => ({
      machineList: async (filter, limit) => ({ ...(await real.machineList(filter, limit)), rows: [], partial: part }),
    }),
  });
  await partly.say('grace', 'restrict payments deny');
  expect(partly.started[0]?.plan).toMatchObject({
    dryRun: expect.arrayContaining([expect.stringContaining('Azure returned 1 of 2 rows; the rest are not counted.')]),
  });
});

it('shows a restriction that somebody switched off in Azure as one that blocks nothing, in the plan of on and of off', async () => {
  const { say, sandbox, read } = inventoryWorld();
  const { targets } = await restricted('payments', { read, catalogue: exampleCatalogue } as unknown as Deps);
  const [target] = targets;
  if (!target) throw new Error('payments is nowhere');
  const put = async (id: string, properties: object) => {
    const { status } = await ask(sandbox, 'PUT', `${id}?api-version=2025-03-01`, { properties });
    expect(status).toBe(201);
  };
  const settings = { effect: 'deny', galleries: [galleryId(exampleCatalogue().azure)] } as const;
  await put(restrictionDefinitionId(target.scope), restrictionDefinition());
  const assignment = restrictionAssignment(target, settings);
  await put(restrictionAssignmentId(target), { ...assignment, enforcementMode: 'DoNotEnforce' });

  const on = await say('grace', 'restrict payments deny --plan');
  expect(on.text).toContain('Now: deny, but not enforced: reports, blocks nothing');
  const off = await say('grace', 'restrict payments off --plan');
  expect(off.text).toContain('Restrict payments: off would lift "deny, but not enforced"');
  await put(restrictionAssignmentId(target), assignment);
  expect((await say('grace', 'restrict payments deny --plan')).text).toContain('Now: deny: blocks deployments');
});
