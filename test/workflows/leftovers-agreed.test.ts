import { randomUUID } from 'node:crypto';
import type { Fence } from '../../core/azure';
import { type ChangeRun, changeSubject, type LeftoversPlan, type RequestId } from '../../core/runs';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';

/** Each step's commit is lost once: what a replica that dies there has done is found and not done again. */
function losingEachCommitOnce() {
  const lost = new Set<string>();
  return async (boundary: string, { run }: { run: { id: string; version: number; kind: string } }): Promise<void> => {
    const step = `${run.id}:${run.version}`;
    if (run.kind !== 'change' || boundary !== 'before commit' || lost.has(step)) return;
    lost.add(step);
    throw new Error('the replica died');
  };
}

const { azure } = exampleCatalogue();
const place = { subscription: azure.subscription, resourceGroup: azure.buildResourceGroup, location: azure.location };
const group = `/subscriptions/${place.subscription}/resourceGroups/${place.resourceGroup}`;
const vm = (name: string) => `${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
const held: Fence = { leftMs: () => 60_000 };

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld({ at: losingEachCommitOnce() });
});
afterEach(() => world.close());

/** A run that is over before it has made anything. */
async function endedRun(): Promise<RequestId> {
  const { id } = await world.publish();
  const body = { reason: 'x' };
  await world.control.signal({ request: id, kind: 'cancel', person: people.ada, body, intent: randomUUID() });
  await world.end(id);
  return id;
}

/** A test machine with this run's tag; anybody's when there is none. */
async function machine(name: string, run?: RequestId): Promise<LeftoversPlan['things'][number]> {
  const [version] = [...(await world.versions()).values()];
  await world.azure.write(held).createTestMachine(place, name, {
    versionId: version?.id ?? '',
    subnetId: azure.test.subnetId,
    vmSize: 'Standard_D2s_v5',
    os: 'Linux',
    tags: run === undefined ? {} : { 'goldbot-run': run },
    security: 'TrustedLaunch',
  });
  world.world.clock.advance(30);
  return { id: vm(name), kind: 'machine', name, runId: run ?? 'R-22222' };
}

async function clean(things: LeftoversPlan['things']): Promise<ChangeRun> {
  const plan: LeftoversPlan = { verb: 'leftovers', target: place.resourceGroup, team: null, place, things };
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.ada } as const;
  const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
  return world.endOfChange(run.id);
}

const thereNow = async () => (await world.azure.read.remains(place, [])).map(({ name }) => name).sort();

describe('deleting what builds left, with every commit lost once', () => {
  it('deletes each thing that was agreed to, once, and nothing else', async () => {
    const run = await endedRun();
    const things = [await machine('gbt-a', run), await machine('gbt-b', run)];
    await machine('pet');
    const { outcome, data } = await clean(things);
    expect({ outcome, why: data.ending?.why }).toEqual({ outcome: 'done', why: '2 of 2 deleted: gbt-a, gbt-b.' });
    expect(await thereNow()).toEqual(['pet']);
    expect(world.changes('DELETE', /virtualMachines/)).toHaveLength(2);
  });

  it('leaves alone what is something else by then, what is of an open run, and what Azure refuses; the rest goes', async () => {
    const run = await endedRun();
    const open = await world.publish();
    const things = [
      await machine('gbt-a', run),
      await machine('gbt-b', run),
      await machine('gbt-c', open.id),
      await machine('gbt-d', run),
    ];
    await ask(world.sandbox, 'PATCH', `${vm('gbt-a')}?api-version=2024-07-01`, { tags: { team: 'web' } });
    const lock = `${vm('gbt-b')}/providers/Microsoft.Authorization/locks/keep?api-version=2020-05-01`;
    await ask(world.sandbox, 'PUT', lock, { properties: { level: 'CanNotDelete' } });

    const { outcome, data } = await clean(things);

    expect(outcome).toBe('done');
    expect(data.ending?.why).toMatch(/^1 of 4 deleted: gbt-d\. Left alone: /);
    expect(data.ending?.why).toContain('gbt-a: it is not what it was: somebody has put something else in its place');
    expect(data.ending?.why).toContain(
      'gbt-b: Azure forbade deleting the test machine “gbt-b”: there is a management lock on ',
    );
    expect(data.ending?.why).toContain(`gbt-c: its run ${open.id} is not over`);
    expect(await thereNow()).toEqual(expect.arrayContaining(['gbt-a', 'gbt-b', 'gbt-c']));
    expect(world.changes('DELETE', /virtualMachines\/gbt-[abc]/)).toEqual([]);
  });
});
