import type { Catalogue } from '../../core/catalogue';
import type { PublishRun, RequestId } from '../../core/runs';
import { presentNews } from '../../dialogs/present/news';
import { presentRun } from '../../dialogs/present/run';
import { outputsAssignment } from '../../sandbox/azure/authorization/names';
import { outputsAccount } from '../../sandbox/azure/names';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';

/** One publish whose VHD is refused at first: what is made, what is told, and what a rebuild mends. */
const example = exampleCatalogue();
const places = { resourceGroup: 'rg-golden-images', storageAccount: outputsAccount, container: 'vhds' };
const catalogue: Catalogue = {
  ...example,
  azure: { ...example.azure, outputs: places },
  images: example.images.map((image) => ({ ...image, outputs: ['gallery', 'managed-image', 'vhd'], tests: [] })),
};
const group = `/subscriptions/${example.azure.subscription}/resourceGroups/rg-golden-images`;
const account = `${group}/providers/Microsoft.Storage/storageAccounts/${outputsAccount}`;
const imageId = (version: string) => `${group}/providers/Microsoft.Compute/images/ubuntu-22-${version}`;
const vhd = (version: string) => `https://${outputsAccount}.blob.core.windows.net/vhds/ubuntu-22-${version}.vhd`;

let world: AzureWorld;
let id: RequestId;
let version = '';
beforeAll(async () => {
  world = await azureWorld({ catalogue: () => catalogue });
  await role('DELETE');
  ({ id } = await world.publish());
  await world.approve(id);
  version = (await world.run(id)).plan.fixed?.version ?? '';
});
afterAll(() => world.close());

/** What lets builds write disks. */
async function role(method: 'DELETE' | 'PUT'): Promise<void> {
  const url = `${account}/providers/Microsoft.Authorization/roleAssignments/${outputsAssignment}?api-version=2022-04-01`;
  const before = (await ask(world.sandbox, 'GET', url)).body as { properties?: object } | undefined;
  assigned ??= before;
  const { status } = await ask(
    world.sandbox,
    method,
    url,
    method === 'PUT' ? { properties: assigned?.properties } : undefined,
  );
  expect(status).toBeLessThan(300);
}
let assigned: { properties?: object } | undefined;

const head = (url: string) =>
  ask(world.sandbox, 'HEAD', url, undefined, { authorization: 'Bearer somebody', 'x-ms-version': '2023-11-03' });
const image = () => ask(world.sandbox, 'GET', `${imageId(version)}?api-version=2024-07-01`);
const shown = (run: PublishRun) => presentRun(run, { now: world.world.clock.now() }).text;

describe('a publish into the gallery, a managed image and a VHD', () => {
  it('publishes first, and makes the others then, by a template that changes nothing', async () => {
    const release = await world.hold(id, 'distribute');
    expect((await world.versions()).get(version)?.excludedFromLatest).toBe(false);
    expect((await image()).status).toBe(404);
    release();
    await world.stage(id, 'repair');
    const { requestBody } = world.changes('PUT', /imageTemplates/).at(-1) ?? {};
    expect(requestBody).toMatchObject({
      properties: {
        source: {
          type: 'SharedImageVersion',
          imageVersionId: expect.stringMatching(`/images/ubuntu-22/versions/${version}$`),
        },
        distribute: [
          { type: 'ManagedImage', imageId: imageId(version), artifactTags: { 'goldbot-version': version } },
          { type: 'VHD', uri: vhd(version) },
        ],
      },
    });
    expect(JSON.stringify(requestBody)).not.toMatch(/customize|validate/);
  });

  it('of which one fails has the other, stays published, and says who must do what', async () => {
    const run = await world.stage(id, 'repair');
    const { tags } = (await image()).body as { tags: Record<string, string> };
    expect(tags).toMatchObject({ 'goldbot-run': id, 'goldbot-recipe': run.plan.fixed?.recipeHash });
    expect((await head(vhd(version))).status).toBe(404);
    expect((await world.versions()).get(version)?.excludedFromLatest).toBe(false);
    expect(run.data.failure).toMatchObject({
      stage: 'distribute',
      what: `VHD ubuntu-22-${version}.vhd`,
      error: expect.stringContaining('AuthorizationPermissionMismatch'),
      remedy: expect.stringContaining('Give the identity of the build Storage Blob Data Contributor on the container'),
    });
    expect(shown(run)).toContain('The version is published and stays that way. A rebuild makes what is missing');
    expect(presentNews(run, 'outputs-1').text).toContain(
      `ubuntu-22 ${version} is published, and its outputs need repair`,
    );
  });

  it('is rebuilt: only what is missing is made, under the same number', async () => {
    await role('PUT');
    world.world.clock.advance(5);
    await world.control.signal({ request: id, kind: 'rebuild', person: people.ada, body: {}, intent: 'again' });
    const run = await world.end(id);
    expect(run).toMatchObject({ outcome: 'published', attempt: 1, plan: { fixed: { version } } });
    expect(run.data.distribution?.made?.map(({ place }) => place)).toEqual([imageId(version), vhd(version)]);
    const sent = world.changes('PUT', /imageTemplates/).at(-1)?.requestBody as { properties: { distribute: object[] } };
    expect(sent.properties.distribute).toMatchObject([{ type: 'VHD' }]);
    expect((await head(vhd(version))).status).toBe(200);
    expect((await image()).status).toBe(200);
    expect(await world.leftovers(id)).toEqual([]);
    const outcome = presentNews(run, 'outcome').text;
    expect(outcome).toContain(`managed image ubuntu-22-${version} in rg-golden-images`);
    expect(outcome).toContain(`VHD ${vhd(version)}`);
  });
});
