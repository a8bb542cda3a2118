import type { Catalogue } from '../../core/catalogue';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { childCatalogue, define, goldenId, imageNamed } from '../support/sources';

describe('the publish of an image that is built from another golden image', () => {
  const latest = childCatalogue(`{ imageVersion: ${goldenId('ubuntu-22')}/versions/latest }`);
  const current: Catalogue = latest;
  let world: AzureWorld;
  beforeAll(async () => {
    world = await azureWorld({ catalogue: () => current });
    await define(world.sandbox, latest, imageNamed(latest));
  });
  afterAll(() => world.close());

  it('sends the exact version that is latest where it builds, names its parent, and publishes', async () => {
    const { id } = await world.publish({}, people.ada, 'payments-base');
    const { plan } = await world.stage(id, 'approve');
    const [put] = world.changes('PUT', /imageTemplates/);
    expect(put?.requestBody).toMatchObject({
      properties: { source: { type: 'SharedImageVersion', imageVersionId: `${goldenId('ubuntu-22')}/versions/1.5.0` } },
    });
    expect(plan.fixed?.base).toMatchObject({ kind: 'imageVersion', version: '1.5.0' });
    await world.approve(id);
    expect((await world.end(id)).outcome).toBe('published');
    const [made] = (await world.versions('payments-base')).values();
    expect(made?.tags['goldbot-source']).toBe(
      `gallery:${latest.azure.subscription}/rg-golden-images/gold/ubuntu-22:1.5.0`,
    );
  });
});
