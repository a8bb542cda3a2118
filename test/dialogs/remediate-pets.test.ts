import { rightsOf } from '../../core/access';
import { approvalFor, remediate } from '../../dialogs/commands/remediate';
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
  const deps = {
    ...{ read: world.azure.read, reads: world.reads, catalogue: exampleCatalogue, runs: world.control },
  } as unknown as Deps;
  await remediate.run(ctx, { machine: id, policy: 'machine-baseline/inheritteamtag' }, deps);
  const [run] = await world.reads.openRuns();
  expect(run?.plan).toMatchObject({ verb: 'remediate', approval: { rule: { group: admins } } });
});

describe('who is asked before a pet is remediated', () => {
  const catalogue = exampleCatalogue();
  const owners = catalogue.teams.get('payments')?.owners.group ?? '';
  const asked = (groups: readonly string[], team: string | null, model?: string) => {
    const ctx = { rights: rightsOf(catalogue, groups) } as unknown as CommandContext;
    const tags: Record<string, string> = model === undefined ? {} : { 'service-model': model };
    return approvalFor(ctx, { id: '/vm', name: 'vm', team, tags }, catalogue)?.rule.group;
  };

  it.each<[string, readonly string[], string | null, string | undefined, string | undefined]>([
    ['an owner asks: the admins, for nobody decides about their own pet', [owners], 'payments', 'pet', admins],
    ['an admin asks for a team: its owners', [admins], 'payments', 'pet', owners],
    ['an admin asks for a machine of no team: the admins', [admins], null, 'pet', admins],
    ['cattle: nobody', [owners], 'payments', 'cattle', undefined],
    ['undecided: nobody', [owners], 'payments', undefined, undefined],
  ])('%s', (_, groups, team, model, group) => {
    expect(owners).not.toBe(admins);
    expect(asked(groups, team, model)).toBe(group);
  });
});
