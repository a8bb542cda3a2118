import { type AzureWorld, azureWorld } from '../support/azure-world';
import { isFull } from '../support/size';

/** Nobody is there for an hour: what Azure does meanwhile is found, and nothing is asked for again. */

const stages = ['customise', 'test', 'approve', 'replicate'] as const;

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

(isFull ? it : it.skip).each(stages)(
  'a publish goes on after an hour without a replica in %s, and Azure is asked for each thing once',
  async (stage) => {
    const { id } = await world.publish();
    const decided = stage === 'replicate' ? world.approve(id) : undefined;
    await world.stage(id, stage);
    await decided;
    await world.down(60);
    if (!decided) await world.approve(id);
    const { outcome, plan } = await world.end(id);

    expect(outcome).toBe('published');
    expect(world.changes('PUT', /\/imageTemplates\/[^/]+\?/)).toHaveLength(1);
    expect(world.changes('PUT', /\/virtualMachines\/[^/?]+\?/)).toHaveLength(1);
    // The older ones get their end of life.
    const exposed = world
      .changes('PATCH', new RegExp(`/versions/${plan.fixed?.version}\\?`))
      .filter(({ requestBody }) => JSON.stringify(requestBody).includes('"excludeFromLatest":false'));
    expect(exposed).toHaveLength(1);
    expect(await world.leftovers(id)).toEqual([]);
  },
);
