import type { ResourceGraphClient } from '@azure/arm-resourcegraph';
import type { Resource } from '../../sandbox/azure/compute/resource';
import { compute } from '../../sandbox/azure/compute/section';
import { seedEstate } from '../../sandbox/azure/estate/seed';
import { syntheticAt } from '../../sandbox/azure/estate/synthetic';
import type { World } from '../../sandbox/kernel/world';
import { runQuery } from '../../services/resource-graph/pages';
import { open } from '../sandbox/resource-graph-world';
import { sized, spread } from '../support/size';
import { samples } from './kusto/samples';
import { addStrays } from './kusto/strays';

/** Tables that say something about resources; only in Resource Graph do all their rows lie in one place. */
const tables = [
  ...['computeresources', 'resourcecontainers', 'policyresources', 'guestconfigurationresources', 'insightsresources'],
  // Those of the story are stored nowhere.
  "resources | where type endswith '/extensions'",
] as const;

/** Every resource of the estate as it is stored, and every row about one as it is. */
async function estateOf(world: World, client: ResourceGraphClient): Promise<Resource[]> {
  const { resources, seed } = compute(world);
  const synthetic = seed ? Array.from({ length: seed.vms }, (_, n) => syntheticAt(seed, n)) : [];
  const stored = Object.values(resources).filter(
    ({ type }) => !type.endsWith('Sets/virtualMachines') && !type.endsWith('/extensions'),
  );
  const read = (row: Readonly<Record<string, unknown>>) => row as unknown as Resource;
  const rows = tables.map(async (name) => {
    const all = await runQuery({ resourceGraph: () => client }, { name, kql: `${name} | order by id asc`, read });
    return all.rows;
  });
  return [...stored, ...synthetic, ...(await Promise.all(rows)).flat()];
}

const all = Object.entries(samples);
const estates: readonly (readonly [string, (world: World) => void, typeof all])[] = [
  ['the story', () => {}, all],
  [
    'a synthetic estate of several pages',
    (world) => seedEstate(world, { vms: sized(1_100, 2_500), teams: 12, seed: 7 }),
    // In the sample, one of three: the story has been asked them all.
    [...spread(3, all)],
  ],
];

describe.each(estates)('Asked of %s', (_, seed, asked) => {
  const { world, client } = open({ resourceGraph: { queries: 1_000_000 }, throttle: false });
  let estate: readonly Resource[] = [];

  beforeAll(async () => {
    seed(world);
    addStrays(world);
    estate = await estateOf(world, client);
  });

  it.each(asked)('%s answers what a loop over all resources counts', async (_name, sample) => {
    let found = 0;
    for (const name of sample.names) {
      const answer = await runQuery({ resourceGraph: () => client }, sample.ask(name));
      expect(answer).toEqual({ rows: sample.expected(estate, name), partial: false });
      found += answer.rows.length;
    }
    expect(found).toBeGreaterThan(0);
  });
});
