import { type AzureWorld, azureWorld } from '../support/azure-world';
import { restrict } from './restricted';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

const refused = () => world.sandbox.exchanges.filter((e) => e.status === 403);

describe('goldbot with the custom role of deploy/ alone', () => {
  it('publishes an image, looks at machines, and is refused nothing', async () => {
    await restrict(world.sandbox);
    const { id } = await world.publish();
    await world.approve(id);
    await world.end(id);
    expect((await world.run(id)).outcome).toBe('published');
    const machines = await world.azure.looks.machines('vm-payments-api-001');
    expect(machines.map((m) => m.name)).toEqual(['vm-payments-api-001']);
    expect(await world.leftovers(id)).toEqual([]);
    expect(refused().map((e) => `${e.method} ${e.url}`)).toEqual([]);
  });
});
