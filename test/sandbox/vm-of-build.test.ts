import { ComputeManagementClient } from '@azure/arm-compute';
import { ImageBuilderClient } from '@azure/arm-imagebuilder';
import { ResourceGraphClient } from '@azure/arm-resourcegraph';
import { addAzureFace } from '../../sandbox/azure';
import {
  builderIdentity,
  buildResourceGroup,
  galleryName,
  galleryResourceGroup,
  platformSubscription,
  testSubnet,
} from '../../sandbox/azure/names';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { fakeCredential, sandboxHttpClient } from './client';

const image = `/subscriptions/${platformSubscription}/resourceGroups/${galleryResourceGroup}/providers/Microsoft.Compute/galleries/${galleryName}/images/ubuntu-22`;

describe('the whole azure face', () => {
  it('builds an image, puts it into the gallery, and deploys a VM that has inside what the build put there', async () => {
    const world = new World({ startMs: Date.UTC(2026, 10, 23, 9), speed: 0 });
    const sandbox = new Sandbox(world);
    addAzureFace(sandbox);
    const options = { httpClient: sandboxHttpClient(sandbox) };
    const images = new ImageBuilderClient(fakeCredential, platformSubscription, options).virtualMachineImageTemplates;
    const client = new ComputeManagementClient(fakeCredential, platformSubscription, options);
    const versions = client.galleryImageVersions;

    await images
      .createOrUpdate(buildResourceGroup, 't1', {
        location: 'westeurope',
        identity: { type: 'UserAssigned', userAssignedIdentities: { [builderIdentity]: {} } },
        source: {
          type: 'PlatformImage',
          publisher: 'Canonical',
          offer: '0001-com-ubuntu-server-jammy',
          sku: '22_04-lts-gen2',
          version: 'latest',
        },
        customize: [{ type: 'Shell', name: 'mark', inline: ['echo built | sudo tee /etc/mark'] }],
        distribute: [
          {
            type: 'SharedImage',
            galleryImageId: `${image}/versions/1.6.0`,
            runOutputName: 'gold',
            excludeFromLatest: true,
            artifactTags: { 'goldbot-run': 'R-7F3KQ' },
            targetRegions: [{ name: 'westeurope', replicaCount: 1 }],
          },
        ],
        autoRun: { state: 'Enabled' },
      } as never)
      .submitted();
    world.clock.advance(90);
    const graph = new ResourceGraphClient(fakeCredential, options);
    const query =
      "resources | where type =~ 'microsoft.virtualmachineimages/imagetemplates' | project name, state = tostring(properties.lastRunStatus.runState)";
    const listed = await graph.resources({ query });
    const built = await images.get(buildResourceGroup, 't1');
    const version = await versions.get(galleryResourceGroup, galleryName, 'ubuntu-22', '1.6.0');
    const latest = await deploy(client, world, 'latest', image);
    const candidate = await deploy(client, world, 'candidate', version.id ?? '');
    const poller = client.virtualMachines.runCommand(buildResourceGroup, 'candidate', {
      commandId: 'RunShellScript',
      script: ['cat /etc/mark; hostname'],
    });
    await poller.submitted();
    world.clock.advance(1);

    expect(listed.data).toEqual([{ name: 't1', state: 'Succeeded' }]);
    expect(built.lastRunStatus).toMatchObject({ runState: 'Succeeded' });
    expect(version).toMatchObject({
      provisioningState: 'Succeeded',
      tags: { 'goldbot-run': 'R-7F3KQ' },
      publishingProfile: { excludeFromLatest: true },
    });
    expect(latest.storageProfile?.imageReference?.exactVersion).toBe('1.5.0');
    expect(candidate.storageProfile?.imageReference?.exactVersion).toBe('1.6.0');
    expect((await poller).value?.[0]?.message).toContain('[stdout]\nbuilt\ncandidate\n');
  });
});

async function deploy(client: ComputeManagementClient, world: World, name: string, id: string) {
  const ipConfigurations = [{ name: 'ip', subnet: { id: testSubnet } }];
  const poller = client.virtualMachines.createOrUpdate(buildResourceGroup, name, {
    location: 'westeurope',
    hardwareProfile: { vmSize: 'Standard_D2s_v5' },
    storageProfile: { imageReference: { id }, osDisk: { createOption: 'FromImage', deleteOption: 'Delete' } },
    osProfile: { computerName: name, adminUsername: 'goldbot', adminPassword: 'Correct-Horse-7-Battery' },
    networkProfile: {
      networkApiVersion: '2020-11-01',
      networkInterfaceConfigurations: [{ name: 'nic', deleteOption: 'Delete', ipConfigurations }],
    },
  });
  await poller.submitted();
  world.clock.advance(3);
  return poller;
}
