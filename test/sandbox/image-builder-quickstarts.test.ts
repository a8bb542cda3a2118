import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builderIdentity, galleryName, galleryResourceGroup, platformSubscription } from '../../sandbox/azure/names';
import { judged, shared } from '../conformance/shared';
import { definition, get, type ImageBuilderWorld, imageBuilder, lastRun, put, readLog } from './image-builder-world';

const linux = '1_Creating_a_Custom_Linux_Shared_Image_Gallery_Image--helloImageTemplateforSIG.json';
const windows = '1_Creating_a_Custom_Win_Shared_Image_Gallery_Image--armTemplateWinSIG.json';
const vhd = '4_Creating_a_Custom_Linux_Image_to_VHD--helloImageTemplateVHD.json';

const values: Readonly<Record<string, string>> = {
  '<region>': 'westeurope',
  '<region1>': 'westeurope',
  '<region2>': 'northeurope',
  '<imgBuilderId>': builderIdentity,
  '<subscriptionID>': platformSubscription,
  '<rgName>': galleryResourceGroup,
  '<sharedImageGalName>': galleryName,
  '<imageDefName>': 'ubuntu-22',
  '<runOutputName>': 'hello',
};

type Body = Record<string, unknown>;

/** A published template, with the placeholders filled that a test names; all of them by default. */
function published(file: string, fill: (name: string) => boolean = () => true): Body {
  const text = readFileSync(join(shared, 'aib-quickstarts', file), 'utf8');
  return JSON.parse(text.replace(/<\w+>/g, (name) => (fill(name) ? (values[name] ?? name) : name)));
}

/** The one resource of an ARM deployment, with its parameters filled in as ARM would. */
function resourceOf(deployment: Body): Body {
  const filled = JSON.stringify((deployment['resources'] as Body[])[0])
    .replace("[parameters('imageTemplateName')]", 'hello')
    .replace("[parameters('api-version')]", '2025-10-01')
    .replace("[parameters('svclocation')]", 'westeurope')
    // Its source is a Windows image of the first generation; so is what this definition would take.
    .replace('/images/ubuntu-22', '/images/windows-2019');
  return JSON.parse(filled);
}

async function refusal(azure: ImageBuilderWorld, body: Body): Promise<string> {
  const answer = await put(azure, 'hello', body);
  const { error } = answer.body as { error: { code: string; message: string } };
  return `${answer.status} ${error.code} ${error.message}`;
}

/** Provisions the template and runs it as the published instructions do. */
async function built(azure: ImageBuilderWorld, body: Body) {
  expect((await put(azure, 'hello', body)).status).toBe(201);
  azure.world.clock.advance(1);
  const { properties } = (await get(azure, 'hello')).body;
  expect(properties).toMatchObject({ provisioningState: 'Succeeded' });
  await azure.images.run('rg-image-builds', 'hello').submitted();
  azure.world.clock.advance(120);
  expect(await lastRun(azure, 'hello')).toMatchObject({ runState: 'Succeeded' });
  return properties;
}

judged('the Linux template that Microsoft publishes', () => {
  it('is refused as it is: its placeholders are no names of Azure', async () => {
    const azure = imageBuilder();
    expect(
      await refusal(
        azure,
        published(linux, () => false),
      ),
    ).toMatch(/^400 LocationNotAvailableForResourceType/);
    const half = published(linux, (name) => name.startsWith('<region'));
    expect(await refusal(azure, half)).toMatch(/^400 LinkedInvalidPropertyId .*'<imgBuilderId>'/);
    const three = published(linux, (name) => name !== '<subscriptionID>');
    expect(await refusal(azure, three)).toMatch(/^400 ValidationFailed .*'galleryImageId' has a bad value: .*<subscr/);
  });

  it('goes through once its placeholders are filled', async () => {
    const azure = imageBuilder();
    const properties = await built(azure, published(linux));
    expect(properties['source']).toMatchObject({ version: 'latest', exactVersion: '20.04.202505200' });
    const guest = azure.guestOf(`${definition}/versions/1.0.0`);
    expect(guest?.os.version).toBe('20.04');
    expect(guest?.files['/buildArtifacts/index.html']?.content).toContain('not fetched');
    expect(azure.versions[0]?.targetRegions.map((r) => r.name)).toEqual(['westeurope', 'northeurope']);
  });
});

judged('the Windows template that Microsoft publishes', () => {
  it('is a deployment, which is no resource, and its resource has expressions that only ARM fills', async () => {
    const azure = imageBuilder();
    expect(await refusal(azure, published(windows))).toMatch(
      /^400 InvalidRequestContent .*Could not find member '\$schema' on object of type 'ResourceDefinition'/,
    );
    const [resource] = published(windows)['resources'] as Body[];
    expect(await refusal(azure, resource ?? {})).toMatch(
      /^400 LocationNotAvailableForResourceType .*\[parameters\('svclocation'\)\]/,
    );
  });

  it('goes through once ARM has filled it, and says which steps it could not execute', async () => {
    const azure = imageBuilder();
    const properties = await built(azure, resourceOf(published(windows)));
    const steps = properties['customize'] as unknown as { type: string; sha256Checksum?: string }[];
    expect(steps.map((s) => `${s.type} ${s.sha256Checksum ? 'checked' : ''}`.trim())).toEqual([
      'PowerShell checked',
      'WindowsRestart',
      'File checked',
      'PowerShell',
      'WindowsUpdate',
    ]);
    const guest = azure.guestOf(`${definition.replace('ubuntu-22', 'windows-2019')}/versions/1.0.0`);
    expect(guest?.registry).toBeDefined();
    expect(guest?.files['C:\\buildActions\\buildActionsOutput.txt']?.content).toBe('Azure-Image-Builder-Was-Here\n');
    const log = await readLog(azure, String(properties['exactStagingResourceGroup']));
    expect(log.match(/not executed: .{12}/g)).toEqual([
      'not executed: CreateBuildP',
      'not executed: echo Azure-I',
      'not executed: downloadBuil',
    ]);
  });
});

judged('the VHD template that Microsoft publishes', () => {
  it('is refused since identities are asked for, however its placeholders are filled', async () => {
    const azure = imageBuilder();
    expect(
      await refusal(
        azure,
        published(vhd, () => false),
      ),
    ).toMatch(/^400 LocationNotAvailableForResourceType/);
    expect(await refusal(azure, published(vhd))).toMatch(
      /^400 ValidationFailed Validation failed: 'ImageTemplate': Missing field 'identity'/,
    );
  });

  it('makes a VHD with an identity, and its run output says where it is', async () => {
    const azure = imageBuilder();
    const identity = { type: 'UserAssigned', userAssignedIdentities: { [builderIdentity]: {} } };
    await built(azure, { ...published(vhd), identity });
    const output = await azure.images.getRunOutput('rg-image-builds', 'hello', 'hello');
    expect(output).toMatchObject({
      provisioningState: 'Succeeded',
      artifactUri: expect.stringMatching(/^https:\/\/\w+\.blob\.core\.windows\.net\/vhds\/[-0-9a-f]+\.vhd$/),
    });
    expect(output.artifactId).toBeUndefined();
    expect(azure.versions).toEqual([]);
  });
});
