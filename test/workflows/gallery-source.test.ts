import type { Catalogue } from '../../core/catalogue';
import { buildResourceGroup, platformSubscription } from '../../sandbox/azure/names';
import { ask } from '../sandbox/client';
import { template, templates, version } from '../sandbox/image-builder-world';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { childCatalogue, define, goldenId, imageNamed, managedId } from '../support/sources';

const latest = childCatalogue(`{ imageVersion: ${goldenId('ubuntu-22')}/versions/latest }`);
const outside = childCatalogue(`{ managedImage: ${managedId('hardened')} }`);

describe('the publish of an image that is not built from the marketplace', () => {
  let current: Catalogue = latest;
  let world: AzureWorld;
  beforeAll(async () => {
    world = await azureWorld({ catalogue: () => current });
    await define(world.sandbox, latest, imageNamed(latest));
  });
  afterAll(() => world.close());
  const published = async (catalogue: Catalogue) => {
    current = catalogue;
    const { id } = await world.publish({}, people.ada, 'payments-base');
    const { plan } = await world.stage(id, 'approve');
    await world.approve(id);
    expect((await world.end(id)).outcome).toBe('published');
    const made = (await world.versions('payments-base')).get(plan.fixed?.version ?? '');
    const sent = world.changes('PUT', /imageTemplates/).at(-1)?.requestBody as { properties: { source: object } };
    return {
      base: plan.fixed?.base,
      before: plan.fixed?.previousBase,
      tags: made?.tags ?? {},
      sent: sent.properties.source,
    };
  };

  it('sends the exact version that is latest in a gallery where it builds, and the tattoo names the parent', async () => {
    const { base, tags, sent } = await published(latest);
    expect(sent).toEqual({ type: 'SharedImageVersion', imageVersionId: `${goldenId('ubuntu-22')}/versions/1.5.0` });
    expect(base).toMatchObject({ kind: 'imageVersion', version: '1.5.0' });
    expect(tags['goldbot-source']).toBe(`gallery:${platformSubscription}/rg-golden-images/gold/ubuntu-22:1.5.0`);
  });

  it('is refused when the parent is not what goldbot tested, before anything is made', async () => {
    const parent = `${goldenId('ubuntu-22')}/versions/1.4.1?api-version=2025-03-03`;
    const { tags } = (await ask(world.sandbox, 'GET', parent)).body as { tags: Record<string, string> };
    await ask(world.sandbox, 'PATCH', parent, {
      tags: { ...tags, 'goldbot-source': 'Evil' },
      properties: { storageProfile: {} },
    });
    world.world.clock.advance(20);
    current = latest;
    const before = world.changes('PUT', /imageTemplates/).length;
    const { id } = await world.publish({ from: '1.4.1' }, people.ada, 'payments-base');
    const { outcome, data } = await world.end(id);
    expect(outcome).toBe('failed');
    expect(data.ending?.why).toMatch(
      /^The base gold\/ubuntu-22 1\.4\.1 is not what goldbot tested: tag goldbot-tattoo-sha256: .*Nothing was built from it\./,
    );
    expect(world.changes('PUT', /imageTemplates/)).toHaveLength(before);
  });

  it('starts from a managed image, and says what it was built from before', async () => {
    const distribute = [
      { type: 'ManagedImage', runOutputName: 'm', imageId: managedId('hardened'), location: 'westeurope' },
    ];
    await ask(world.sandbox, 'PUT', `${templates}/hardened?${version}`, template({ properties: { distribute } }));
    world.world.clock.advance(120);
    const { base, before, tags, sent } = await published(outside);
    expect(sent).toEqual({ type: 'ManagedImage', imageId: managedId('hardened') });
    expect(base).toMatchObject({ kind: 'managedImage', id: managedId('hardened') });
    expect(tags['goldbot-source']).toBe(
      `image:${platformSubscription}/${buildResourceGroup}/hardened:${base?.version}`,
    );
    expect(before).toBe('gold/ubuntu-22 1.5.0');
  });
});
