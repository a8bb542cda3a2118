import { rightsOf } from '../../core/access';
import { remediate } from '../../dialogs/commands/remediate';
import type { CommandContext, Deps } from '../../dialogs/conversation/command';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

const admins = 'b0bb1e50-0000-4000-8000-000000000003';

it.each(['pet', 'Pet', ' PET '])('asks somebody else first where the tag says "%s"', async (model) => {
  const orphan = (await world.azure.read.machineList({}, 300)).rows.find(({ tags }) => tags['team'] === undefined);
  const id = orphan?.id ?? '';
  const { policies } = await world.azure.read.machineCompliance(id);
  expect(policies.map(({ reference, state }) => [reference, state])).toContainEqual(['inheritteamtag', 'NonCompliant']);
  const tags = `${id}/providers/Microsoft.Resources/tags/default?api-version=2025-04-01`;
  await ask(world.sandbox, 'PATCH', tags, { operation: 'Merge', properties: { tags: { 'service-model': model } } });

  const ctx = {
    ...{ person: people.grace, rights: rightsOf(exampleCatalogue(), [admins]), via: 'text', intent: model },
    ...{ conversation: { id: '19:here', kind: 'channel' }, now: world.world.clock.now() },
  } as unknown as CommandContext;
  const deps = { read: world.azure.read, catalogue: exampleCatalogue, runs: world.control } as unknown as Deps;
  await remediate.run(ctx, { machine: id, policy: 'machine-baseline/inheritteamtag' }, deps);
  const [run] = await world.reads.openRuns();
  expect(run?.plan).toMatchObject({ verb: 'remediate', approval: { rule: { group: admins } } });
});
