import { ComputeManagementClient } from '@azure/arm-compute';
import { ImageBuilderClient, type ImageTemplate } from '@azure/arm-imagebuilder';
import { ResourceGraphClient } from '@azure/arm-resourcegraph';
import { createSandbox } from '../../sandbox';
import { seedEstate } from '../../sandbox/azure/estate/seed';
import {
  buildResourceGroup,
  galleryName,
  galleryResourceGroup,
  platformSubscription,
  teamSubscriptions,
} from '../../sandbox/azure/names';
import type { Exchange } from '../../sandbox/kernel/types';
import { fakeCredential, sandboxHttpClient } from '../sandbox/client';
import { template } from '../sandbox/image-builder-world';
import { testVm } from '../sandbox/vm-world';
import { worldStart } from '../support/world-start';
import { walkScaleSets } from './walk-sets';

/** Fast enough that an operation is over at the second poll; the clients wait in machine time. */
const speed = 100_000;

/**
 * What the SDK's clients ask when they wait for the end of long-running operations and follow pages, which goldbot's
 * own looks do not do: the rest of the sandbox is judged as well.
 */
export async function walkTheSdk(): Promise<readonly Exchange[]> {
  const { sandbox } = createSandbox({ speed, startMs: worldStart });
  const options = { httpClient: sandboxHttpClient(sandbox), retryOptions: { maxRetries: 0 } };
  const compute = new ComputeManagementClient(fakeCredential, platformSubscription, options);
  const builder = new ImageBuilderClient(fakeCredential, platformSubscription, options);
  const graph = new ResourceGraphClient(fakeCredential, options);
  await Promise.all([galleries(compute), machines(compute), templates(builder), marketplace(compute), estate(graph)]);
  return [...sandbox.exchanges, ...(await pagesOfMachines()), ...(await walkScaleSets())];
}

/** One machine more than a page of ARM holds: the story's estate is too small for a `nextLink`. */
async function pagesOfMachines(): Promise<readonly Exchange[]> {
  const { sandbox, world } = createSandbox({ speed: 0, startMs: worldStart });
  seedEstate(world, { vms: 1_001, teams: 2 });
  const options = { httpClient: sandboxHttpClient(sandbox), retryOptions: { maxRetries: 0 } };
  await drain(new ComputeManagementClient(fakeCredential, teamSubscriptions[0], options).virtualMachines.listAll());
  if (sandbox.exchanges.length < 2) throw new Error('all machines fit on one page');
  return sandbox.exchanges;
}

async function galleries(client: ComputeManagementClient): Promise<void> {
  const { galleries: all, galleryImages: images, galleryImageVersions: versions } = client;
  const [group, gallery, image] = [galleryResourceGroup, 'walk', 'walked'];
  await all.createOrUpdate(group, gallery, { location: 'westeurope', description: 'A walk.' });
  await all.update(group, gallery, { tags: { walked: 'yes' } });
  const definition = {
    osType: 'Linux',
    osState: 'Generalized',
    hyperVGeneration: 'V2',
    identifier: { publisher: 'Contoso', offer: 'walk', sku: 'one' },
  } as const;
  await images.createOrUpdate(group, gallery, image, { ...definition, location: 'westeurope' });
  await images.update(group, gallery, image, { ...definition, description: 'Walked.' });
  const source = await versions.get(group, galleryName, 'ubuntu-22', '1.5.0', { expand: 'ReplicationStatus' });
  await versions.createOrUpdate(group, gallery, image, '1.0.0', {
    location: 'westeurope',
    publishingProfile: { targetRegions: [{ name: 'westeurope', regionalReplicaCount: 2 }], excludeFromLatest: true },
    storageProfile: { source: { id: source.id as string } },
    safetyProfile: { allowDeletionOfReplicatedLocations: true, blockDeletionBeforeEndOfLife: false },
  });
  await versions.update(group, gallery, image, '1.0.0', {
    storageProfile: {},
    publishingProfile: { targetRegions: [{ name: 'West Europe' }, { name: 'northeurope' }], excludeFromLatest: false },
  });
  await drain(versions.listByGalleryImage(group, gallery, image));
  await versions.delete(group, gallery, image, '1.0.0');
  await images.delete(group, gallery, image);
  await drain(images.listByGallery(group, galleryName));
  await all.delete(group, gallery);
  await drain(all.listByResourceGroup(group));
  await drain(all.list());
}

async function machines(client: ComputeManagementClient): Promise<void> {
  const { virtualMachines: vms, virtualMachineRunCommands: commands } = client;
  const made = await vms.createOrUpdate(buildResourceGroup, 'walk', testVm());
  await vms.instanceView(buildResourceGroup, 'walk');
  await client.disks.get(buildResourceGroup, made.storageProfile?.osDisk?.name ?? '');
  const script = { location: 'westeurope', source: { script: 'uname -a; exit 3' } };
  await commands.createOrUpdate(buildResourceGroup, 'walk', 'check', script);
  await commands.getByVirtualMachine(buildResourceGroup, 'walk', 'check', { expand: 'instanceView' });
  await drain(commands.listByVirtualMachine(buildResourceGroup, 'walk'));
  await commands.delete(buildResourceGroup, 'walk', 'check');
  await vms.runCommand(buildResourceGroup, 'walk', { commandId: 'RunShellScript', script: ['true'] });
  await vms.deallocate(buildResourceGroup, 'walk');
  await vms.start(buildResourceGroup, 'walk');
  await vms.update(buildResourceGroup, 'walk', { tags: { walked: 'yes' } });
  await drain(vms.list(buildResourceGroup));
  await drain(vms.listAll());
  await drain(client.virtualMachineScaleSets.listAll());
  await vms.delete(buildResourceGroup, 'walk');
}

async function templates({ virtualMachineImageTemplates: images }: ImageBuilderClient): Promise<void> {
  // The client has the properties at the top, the wire has not.
  const { properties, ...envelope } = template({ properties: { autoRun: { state: 'Disabled' } } });
  await images.createOrUpdate(buildResourceGroup, 'walk', { ...envelope, ...properties } as unknown as ImageTemplate);
  await images.update(buildResourceGroup, 'walk', { tags: { walked: 'yes' } });
  await images.run(buildResourceGroup, 'walk');
  await images.getRunOutput(buildResourceGroup, 'walk', 'ubuntu-22');
  await drain(images.listRunOutputs(buildResourceGroup, 'walk'));
  await drain(images.listByResourceGroup(buildResourceGroup));
  await drain(images.list());
  await images.delete(buildResourceGroup, 'walk');
}

async function marketplace({ virtualMachineImages: images }: ComputeManagementClient): Promise<void> {
  const [place, publisher, offer, sku] = ['westeurope', 'Canonical', '0001-com-ubuntu-server-jammy', '22_04-lts-gen2'];
  await images.listPublishers(place);
  await images.listOffers(place, publisher);
  await images.listSkus(place, publisher, offer);
  const versions = await images.list(place, publisher, offer, sku, { top: 3, orderby: 'name desc' });
  await images.get(place, publisher, offer, sku, versions[0]?.name ?? '');
}

async function estate(client: ResourceGraphClient): Promise<void> {
  const query = "resources | where type =~ 'microsoft.compute/virtualmachines' | project id | order by id asc";
  let skipToken: string | undefined;
  do {
    const options = { top: 50, resultFormat: 'objectArray', ...(skipToken && { skipToken }) } as const;
    skipToken = (await client.resources({ query, options })).skipToken;
  } while (skipToken);
  await client.resources({ query, options: { resultFormat: 'table', top: 2 } });
}

async function drain(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}
