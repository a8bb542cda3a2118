import { randomUUID } from 'node:crypto';
import { runView } from '../../dialogs/present/run';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

const conditions = (body: object) => ask(world.sandbox, 'POST', '/_sandbox/conditions', body);

describe('a publish that Azure has no room for', () => {
  it('waits for repair with all that is in the way before anything is made, and goes on once it is mended', async () => {
    const family = { location: 'westeurope', family: 'standardDSv5Family' };
    const containers = { location: 'westeurope', family: 'containerInstances' };
    await conditions({
      quota: [
        { ...family, cores: 0 },
        { ...containers, cores: 0 },
      ],
    });
    const { id } = await world.publish();
    const stopped = await world.stage(id, 'repair');
    const view = runView(stopped, { now: world.world.clock.now() });
    expect(view.failure).toMatchObject({ stage: 'Capture', error: '2 things would stop the build.' });
    expect(view.failure?.findings?.map(({ why }) => why)).toEqual([
      expect.stringMatching(/^The quota “standardDSv5Family” of westeurope leaves 0 of 0 cores/),
      expect.stringMatching(/^The quota “StandardCores” of westeurope leaves 0 of 0 cores of container instances/),
    ]);
    expect(world.changes('PUT', /./)).toEqual([]);

    await conditions({
      quota: [
        { ...family, cores: 100 },
        { ...containers, cores: 100 },
      ],
    });
    await world.control.signal({ request: id, kind: 'rebuild', person: people.ada, body: {}, intent: randomUUID() });
    await world.stage(id, 'approve');
  });

  it('goes on without what goldbot may not see, and says so', async () => {
    world.sandbox.faults.add({
      match: { url: 'Microsoft.ContainerInstance/locations/[^/]+/usages' },
      status: 503,
    });
    const { id } = await world.publish();
    const building = await world.stage(id, 'customise');
    expect(runView(building, { now: world.world.clock.now() }).remark).toContain(
      'Seen before the build: goldbot could not see the quota of container instances: Azure answered with a server error (503)',
    );
  });
});
