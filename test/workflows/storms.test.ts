import { sizeOf } from '../chaos/matrix';
import { seeded } from '../chaos/random';
import { type AzureWorld, azureWorld } from '../support/azure-world';
import { isFull } from '../support/size';

/** Azure has too much to do, for as long as a publish takes. */

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

(isFull ? it : it.skip).each(Array.from({ length: sizeOf('storms', 'publishes') }, (_, n) => n + 1))(
  'a publish comes to its end although Azure refuses every third request, by seed %i',
  async (seed) => {
    const random = seeded(seed);
    const { faults } = world.sandbox;
    const strike = faults.strike.bind(faults);
    let refused = 0;
    faults.strike = (request) => {
      if (request.face !== 'azure' || random() >= 1 / 3) return strike(request);
      refused += 1;
      const headers = random() < 0.5 ? { 'retry-after': String(1 + Math.floor(random() * 3)) } : {};
      return { match: {}, status: 429, headers };
    };
    const { id } = await world.publish();
    await world.approve(id);
    const { outcome } = await world.end(id);

    expect(outcome).toBe('published');
    expect(refused).toBeGreaterThan(10);
    expect(world.changes('PUT', /\/imageTemplates\/[^/]+\?/)).toHaveLength(1);
    expect(world.changes('PUT', /\/virtualMachines\/[^/?]+\?/)).toHaveLength(1);
    expect(await world.leftovers(id)).toEqual([]);
  },
  300_000,
);
