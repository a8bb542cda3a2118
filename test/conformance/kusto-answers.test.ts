import type { Resource } from '../../sandbox/azure/compute/resource';
import { compute } from '../../sandbox/azure/compute/section';
import { seedEstate } from '../../sandbox/azure/estate/seed';
import { syntheticAt } from '../../sandbox/azure/estate/synthetic';
import type { World } from '../../sandbox/kernel/world';
import { runQuery } from '../../services/resource-graph';
import { open } from '../sandbox/resource-graph-world';
import { samples } from './kusto/samples';
import { addStrays } from './kusto/strays';

/** Every resource of the estate as it is stored. */
function estateOf(world: World): Resource[] {
  const { resources, seed } = compute(world);
  const synthetic = seed ? Array.from({ length: seed.vms }, (_, n) => syntheticAt(seed, n)) : [];
  return [...Object.values(resources), ...synthetic];
}

const estates: readonly (readonly [string, (world: World) => void])[] = [
  ['the story', () => {}],
  ['a synthetic estate of three pages', (world) => seedEstate(world, { vms: 2_500, teams: 12, seed: 7 })],
];

describe.each(estates)('Asked of %s', (_, seed) => {
  it.each(Object.entries(samples))('%s answers what a loop over all resources counts', async (_name, sample) => {
    const { world, client } = open({ resourceGraph: { queries: 1_000 }, throttle: false });
    seed(world);
    addStrays(world);
    let found = 0;
    for (const name of sample.names) {
      const answer = await runQuery({ resourceGraph: () => client }, sample.ask(name));
      expect(answer).toEqual({ rows: sample.expected(estateOf(world), name), partial: false });
      found += answer.rows.length;
    }
    expect(found).toBeGreaterThan(0);
  });
});
