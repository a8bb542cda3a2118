import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builderIdentity, galleryName, galleryResourceGroup, platformSubscription } from '../../sandbox/azure/names';
import { definition, get, imageBuilder, lastRun, put } from './image-builder-world';

const folder = join(__dirname, '../../../shared/aib-quickstarts');
const linux = '1_Creating_a_Custom_Linux_Shared_Image_Gallery_Image--helloImageTemplateforSIG.json';
const present = existsSync(folder);
const published = present || process.env['GOLDBOT_REQUIRE_SHARED'] === '1' ? it : it.skip;

const values: Readonly<Record<string, string>> = {
  '<region1>': 'westeurope',
  '<region2>': 'northeurope',
  '<imgBuilderId>': builderIdentity,
  '<subscriptionID>': platformSubscription,
  '<rgName>': galleryResourceGroup,
  '<sharedImageGalName>': galleryName,
  '<imageDefName>': 'ubuntu-22',
  '<runOutputName>': 'hello',
};

describe(`the Linux template that Microsoft publishes${present ? '' : ' (skipped: ../shared is not here)'}`, () => {
  published('is refused as it is: its placeholders are no names of Azure', async () => {
    const azure = imageBuilder();
    const text = readFileSync(join(folder, linux), 'utf8');
    const first = await put(azure, 'hello', JSON.parse(text));
    expect(first).toMatchObject({ status: 400, body: { error: { code: 'LocationNotAvailableForResourceType' } } });
    const half = JSON.parse(text.replaceAll('<region1>', 'westeurope').replaceAll('<region2>', 'northeurope'));
    const second = await put(azure, 'hello', half);
    expect(second.status).toBe(400);
    expect(JSON.stringify(second.body)).toMatch(/<\w+>/);
  });

  published('goes through once its placeholders are filled', async () => {
    const azure = imageBuilder();
    const text = readFileSync(join(folder, linux), 'utf8').replace(/<\w+>/g, (name) => values[name] ?? name);
    expect((await put(azure, 'hello', JSON.parse(text))).status).toBe(201);
    azure.world.clock.advance(1);
    expect((await get(azure, 'hello')).body.properties).toMatchObject({ provisioningState: 'Succeeded' });
    await azure.images.run('rg-image-builds', 'hello').submitted();
    azure.world.clock.advance(80);
    const run = await lastRun(azure, 'hello');
    expect(run).toMatchObject({ runState: 'Succeeded' });
    const guest = azure.guestOf(`${definition}/versions/1.0.0`);
    expect(guest?.os.version).toBe('20.04');
    expect(guest?.files['/buildArtifacts/index.html']?.content).toContain('not fetched');
  });
});
