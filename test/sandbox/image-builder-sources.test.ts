import { createSandbox } from '../../sandbox';
import { platformSubscription } from '../../sandbox/azure/names';
import { ask } from './client';
import { definition, start, template, templates, version } from './image-builder-world';

type Asked = Awaited<ReturnType<typeof ask>> & { readonly body: { readonly properties: Provisioned } };
interface Provisioned {
  readonly provisioningState: string;
  readonly source: { readonly exactVersion?: string };
  readonly provisioningError?: { readonly provisioningErrorCode: string; readonly message: string };
}

/** The whole sandbox, whose time stands still unless a test advances it. */
function azure() {
  const { sandbox, world } = createSandbox({ speed: 0, startMs: start });
  const change = async (id: string, properties: object) => {
    const body = { properties: { ...properties, storageProfile: {} } };
    expect((await ask(sandbox, 'PATCH', `${id}?api-version=2024-03-03`, body)).status).toBeLessThan(300);
    world.clock.advance(30);
  };
  /** What becomes of a template with this source. */
  const provisioned = async (source: object, location = 'westeurope') => {
    const target = { galleryImageId: `${definition}/versions/9.0.0` };
    const body = { ...template({ distribute: target, properties: { source, autoRun: undefined } }), location };
    await ask(sandbox, 'PUT', `${templates}/t?${version}`, body);
    world.clock.advance(3);
    return ((await ask(sandbox, 'GET', `${templates}/t?${version}`)) as Asked).body.properties;
  };
  return { sandbox, world, change, provisioned };
}

const gallery = (number: string) => ({
  type: 'SharedImageVersion',
  imageVersionId: `${definition}/versions/${number}`,
});

describe('the source of a template', () => {
  it('is, as latest of a gallery, the highest version that is not excluded', async () => {
    const world = azure();
    await world.change(`${definition}/versions/1.5.0`, { publishingProfile: { excludeFromLatest: true } });
    const { source } = await world.provisioned(gallery('latest'));
    expect(source.exactVersion).toBe(`${definition}/versions/1.4.1`);
  });

  it('is, as an exact version, taken although it is excluded', async () => {
    const world = azure();
    await world.change(`${definition}/versions/1.5.0`, { publishingProfile: { excludeFromLatest: true } });
    expect(await world.provisioned(gallery('1.5.0'))).toMatchObject({ provisioningState: 'Succeeded' });
  });

  it('must have a copy where the template is', async () => {
    expect(await azure().provisioned(gallery('1.5.0'), 'brazilsouth')).toMatchObject({
      provisioningState: 'Failed',
      provisioningError: {
        provisioningErrorCode: 'BadSharedImageVersionSource',
        message: expect.stringContaining('not replicated to brazilsouth'),
      },
    });
  });

  it('must, as a managed image, be where the template is', async () => {
    const { sandbox, world, provisioned } = azure();
    const imageId = `/subscriptions/${platformSubscription}/resourceGroups/rg-image-builds/providers/Microsoft.Compute/images/hello`;
    const distribute = [{ type: 'ManagedImage', runOutputName: 'm', imageId, location: 'westeurope' }];
    await ask(sandbox, 'PUT', `${templates}/first?${version}`, template({ properties: { distribute } }));
    world.clock.advance(120);
    const source = { type: 'ManagedImage', imageId };
    expect(await provisioned(source, 'northeurope')).toMatchObject({
      provisioningState: 'Failed',
      provisioningError: { provisioningErrorCode: 'BadManagedImageSource' },
    });
  });
});
