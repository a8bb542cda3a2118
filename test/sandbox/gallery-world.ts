import { ComputeManagementClient } from '@azure/arm-compute';
import { addAzureFace } from '../../sandbox/azure';
import { createVersionFromBuild } from '../../sandbox/azure/compute/gallery-versions';
import { baseGuestNamed } from '../../sandbox/azure/guest/base';
import { galleryName, galleryResourceGroup, platformSubscription } from '../../sandbox/azure/names';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { fakeCredential, sandboxHttpClient } from './client';

export const start = Date.UTC(2026, 10, 23, 9);
export const [rg, gallery] = [galleryResourceGroup, galleryName];
export const galleryUrl = `/subscriptions/${platformSubscription}/resourceGroups/${rg}/providers/Microsoft.Compute/galleries/${gallery}`;
export const url = (rest: string) => `${galleryUrl}${rest}?api-version=2025-03-03`;

export function open() {
  const world = new World({ startMs: start, speed: 0 });
  const sandbox = new Sandbox(world);
  addAzureFace(sandbox);
  const client = new ComputeManagementClient(fakeCredential, platformSubscription, {
    httpClient: sandboxHttpClient(sandbox),
  });
  return { world, sandbox, client, versions: client.galleryImageVersions };
}

export function build(world: World, version = '1.6.0', excludeFromLatest = true) {
  const guest = baseGuestNamed('canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:22.04.202611120');
  if (!guest) throw new Error('no base guest');
  return createVersionFromBuild(world, {
    galleryImageId: `${galleryUrl}/images/ubuntu-22`,
    version,
    targetRegions: [{ name: 'westeurope', replicaCount: 3 }, { name: 'North Europe' }],
    excludeFromLatest,
    tags: { 'goldbot-run': 'R-7F3KQ' },
    storageAccountId: `/subscriptions/${platformSubscription}/resourceGroups/IT_x_t/providers/Microsoft.Storage/storageAccounts/walk`,
    guest,
    at: world.clock.nowMs(),
  });
}

export async function regions(versions: ComputeManagementClient['galleryImageVersions'], version: string) {
  const found = await versions.get(rg, gallery, 'ubuntu-22', version, { expand: 'ReplicationStatus' });
  return found.replicationStatus;
}
