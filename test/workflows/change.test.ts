import { randomUUID } from 'node:crypto';
import { type ChangePlan, type ClassifyPlan, changeSubject } from '../../core/runs';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

async function start(plan: ChangePlan, person = people.ada) {
  const { run } = await world.control.startOrJoin({
    kind: 'change',
    subject: changeSubject(plan),
    plan,
    person,
    intent: randomUUID(),
  });
  return run.id;
}

const end = async (plan: ChangePlan) => await world.endOfChange(await start(plan));

async function machineNamed(name: string) {
  const [found] = await world.azure.read.machines(name);
  if (!found) throw new Error(`no machine ${name}`);
  return found.id;
}

const classifyAs = (machineId: string, model: 'pet' | 'cattle', target = 'vm'): ClassifyPlan => ({
  verb: 'classify',
  machineId,
  model,
  target,
  team: 'payments',
  reason: 'its disk is the ledger',
});

const tagged = () => world.changes('PATCH', /\/Microsoft\.Resources\/tags\/default\?/);

describe('classify', () => {
  it('sets the tag of a VM, keeps the others, and says how it was before', async () => {
    const id = await machineNamed('vm-payments-api-001');
    const before = await world.azure.read.tagsOf(id);
    const run = await end(classifyAs(id, 'pet'));
    expect(run.outcome).toBe('done');
    expect(run.data.before).toBe(before?.['service-model'] ?? 'undecided');
    expect(await world.azure.read.tagsOf(id)).toEqual({ ...before, 'service-model': 'pet' });
  });

  it.each([
    ['a scale set', /\/virtualMachineScaleSets\/vmss-payments-api$/],
    ['an Arc machine', /\/Microsoft\.HybridCompute\/machines\/arc-[^/]+$/],
  ])('does the same to %s', async (_, pattern) => {
    const query = { query: 'resources | project id' };
    const url = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01';
    const { body } = await ask(world.sandbox, 'POST', url, query);
    const id = (body as { data: { id: string }[] }).data.find((row) => pattern.test(row.id))?.id ?? '';
    const run = await end(classifyAs(id, 'pet'));
    expect(run.data.ending).toMatchObject({ how: 'done' });
    expect(await world.azure.read.tagsOf(id)).toMatchObject({ 'service-model': 'pet' });
  });

  it('asks Azure for nothing when the machine is tagged so already', async () => {
    const id = await machineNamed('vm-payments-api-001');
    await end(classifyAs(id, 'pet'));
    const again = await end(classifyAs(id, 'pet'));
    expect(again.data.ending).toMatchObject({ how: 'done', why: expect.stringContaining('It already had that tag') });
    expect(tagged()).toHaveLength(1);
  });

  it('fails in words when the machine is gone', async () => {
    const gone = (await machineNamed('vm-payments-api-001')).replace(/[^/]+$/, 'vm-long-gone');
    const run = await end(classifyAs(gone, 'cattle', 'vm-long-gone'));
    expect(run.outcome).toBe('failed');
    expect(run.data.ending?.why).toContain('vm-long-gone is gone');
  });
});

it('tells who could decide when it asks, and looks again soon while nobody can', async () => {
  const id = await machineNamed('vm-payments-api-001');
  const rule = { group: 'b0bb1e50-0000-4000-8000-0000000000ff', groupName: 'nobody', quorum: 1 };
  const plan = { ...classifyAs(id, 'pet'), approval: { rule, ttlMs: 86_400_000, channel: '19:ops' } };
  const started = await start(plan);
  const asked = await world.asked(started);
  const run = await world.reads.run(started);
  expect(run?.data).toMatchObject({ deciders: { size: 'missing', count: 0 } });
  expect(run?.dueAt.getTime()).toBe(asked.askedAt.getTime() + 15 * 60_000);
});
