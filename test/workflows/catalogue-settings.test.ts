import type { MarketplaceImage } from '../../core/azure';
import type { ImageConfig } from '../../core/catalogue';
import { buildSubnet, containerSubnet, platformSubscription } from '../../sandbox/azure/names';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';

const example = exampleCatalogue();
const ubuntu = example.images.find((i) => i.name === 'ubuntu-22') as ImageConfig;
let change: Partial<ImageConfig> = {};
let world: AzureWorld;

beforeAll(async () => {
  const images = () => example.images.map((i) => (i.name === 'ubuntu-22' ? { ...i, ...change } : i));
  world = await azureWorld({ catalogue: () => ({ ...example, images: images() }) });
});
afterAll(() => world.close());

const gallery = `/subscriptions/${platformSubscription}/resourceGroups/rg-golden-images/providers/Microsoft.Compute/galleries/gold`;
const puts = (path: RegExp) =>
  world.changes('PUT', path).map(({ requestBody }) => requestBody as { properties: Record<string, unknown> });

describe('a publish of what does not fit', () => {
  it('ends before anything is built, and says what mends it: another generation, no definition', async () => {
    const ended = async (given: Partial<ImageConfig>) => {
      change = given;
      const { id } = await world.publish();
      const { outcome, data } = await world.end(id);
      return `${outcome}: ${data.ending?.why}`;
    };
    expect(await ended({ source: { ...(ubuntu.source as MarketplaceImage), sku: '22_04-lts' } })).toMatch(
      /^failed: ubuntu-22 cannot be built\. The source Canonical 0001-com-ubuntu-server-jammy 22_04-lts is of generation V1; the image definition ubuntu-22 takes V2 alone\. Name a SKU of V2 as `source\.sku`/,
    );
    expect(await ended({ imageDefinition: 'jammy' })).toMatch(
      /^failed: The gallery gold has no image definition jammy\. Correct `imageDefinition` in images\/ubuntu-22\.yaml, or have an Azure administrator run `az sig image-definition create .*--gallery-image-definition jammy .*--hyper-v-generation V2 --architecture x64 --features SecurityType=TrustedLaunchSupported`/,
    );
    expect(puts(/imageTemplates/)).toEqual([]);
  });
});

describe('a publish with what an enterprise must set', () => {
  const stagingResourceGroup = `/subscriptions/${platformSubscription}/resourceGroups/rg-staging-ubuntu`;
  const settings: Partial<ImageConfig> = {
    imageDefinition: 'trusted',
    validate: [],
    tests: [],
    build: {
      osDiskSizeGiB: 64,
      network: { subnetId: buildSubnet, containerInstanceSubnetId: containerSubnet },
      stagingResourceGroup,
      tags: { costCenter: '4711' },
    },
    test: { tags: { costCenter: '4712' } },
  };

  it('builds and tests as its definition demands, and a rebuild finds the staging group empty', async () => {
    await ask(world.sandbox, 'PUT', `${gallery}/images/trusted?api-version=2024-03-03`, {
      location: 'westeurope',
      properties: {
        osType: 'Linux',
        osState: 'Generalized',
        hyperVGeneration: 'V2',
        features: [{ name: 'SecurityType', value: 'TrustedLaunch' }],
        identifier: { publisher: 'contoso', offer: 'gold', sku: 'trusted' },
      },
    });
    await ask(world.sandbox, 'PUT', `${stagingResourceGroup}?api-version=2021-04-01`, { location: 'westeurope' });
    const broken = { type: 'Shell' as const, name: 'strict', inline: ['set -euo pipefail'] };
    change = { ...settings, customize: [broken] };
    const { id } = await world.publish();
    const { data } = await world.stage(id, 'repair');
    expect(data.failure).toMatchObject({
      what: 'strict',
      error: expect.stringMatching(/set: Illegal option -o pipefail$/),
      remedy: expect.stringContaining('bash'),
    });
    change = { ...settings, customize: [{ ...broken, inline: ['true'] }] };
    await world.control.signal({ request: id, kind: 'rebuild', person: people.ada, body: {}, intent: 'mended' });
    await world.stage(id, 'approve');

    expect(puts(/imageTemplates/)).toHaveLength(2);
    expect(puts(/imageTemplates/)[1]?.properties).toMatchObject({
      vmProfile: {
        osDiskSizeGB: 64,
        vnetConfig: { subnetId: buildSubnet, containerInstanceSubnetId: containerSubnet },
      },
      stagingResourceGroup,
      managedResourceTags: { costCenter: '4711' },
    });
    expect(puts(/virtualMachines\/gbt-[^/]*\?/)).toEqual([
      expect.objectContaining({
        tags: expect.objectContaining({ costCenter: '4712', 'goldbot-run': id }),
        properties: expect.objectContaining({
          securityProfile: expect.objectContaining({ securityType: 'TrustedLaunch' }),
        }),
      }),
    ]);
    const built = [...(await world.versions()).values()].at(-1);
    expect(built?.excludedFromLatest).toBe(true);
  });
});
