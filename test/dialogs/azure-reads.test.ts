import { inventoryWorld, type Who } from './support/inventory-world';

/**
 * What a question costs with nothing remembered: requests to Resource Graph, and to Azure in total. Resource Graph grants
 * 15 in five seconds to everybody together. Of these one is for the golden versions, which a running goldbot remembers.
 */
const most: readonly [who: Who, question: string, resourceGraph: number, azure: number][] = [
  ['grace', 'compliance --why vm-payments-hsm-002', 4, 4],
  ['grace', 'who uses ubuntu-22', 4, 4],
  ['grace', 'who uses ubuntu-22 --version 1.5.0', 4, 4],
  ['grace', 'tattoo vm-payments-hsm-002', 3, 5],
  ['linus', 'exempt vm-payments-hsm-002 --policy only-golden-images --until +30d --reason x', 3, 4],
  ['linus', 'classify vm-payments-hsm-002 pet --reason x', 1, 2],
  ['grace', 'restrict payments audit --plan', 3, 5],
  ['ada', 'publish ubuntu-22 --plan', 1, 5],
  ['grace', 'versions ubuntu-22', 1, 2],
  // Four more than others: policies, guest configuration and exemptions, and three for shared resource groups.
  ['linus', 'compliance payments', 5, 5],
  ['grace', 'compliance all', 8, 8],
];

describe('a question asks Azure', () => {
  it.each(most)('%s: %s at most %i times of Resource Graph, %i in total', async (who, question, graph, azure) => {
    const world = inventoryWorld();
    await world.say(who, question);
    const asked = world.sandbox.exchanges.filter(({ url }) => !url.includes('graph.microsoft.com'));
    expect(asked.filter(({ url }) => url.includes('Microsoft.ResourceGraph')).length).toBeLessThanOrEqual(graph);
    expect(asked.length).toBeLessThanOrEqual(azure);
    expect(asked.length).toBeGreaterThan(0);
  });
});
