import { key } from '../../../sandbox/azure/arm';
import type { JsonObject, Resource } from '../../../sandbox/azure/compute/resource';
import { compute } from '../../../sandbox/azure/compute/section';
import { teamGroup } from '../../../sandbox/azure/estate/shape';
import { teamSubscriptions } from '../../../sandbox/azure/names';
import type { World } from '../../../sandbox/kernel/world';
import { ubuntu } from '../../services/azure';

const { subscription, resourceGroup, gallery, definition } = ubuntu;
const gold = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/galleries/${gallery}/images/${definition}`;
const shared = `/SharedGalleries/${subscription}-${gallery}/Images/${definition}`;

function resource(kind: string, name: string, properties: JsonObject): Resource {
  return {
    id: `/subscriptions/${teamSubscriptions[0]}/resourceGroups/RG-Strays/providers/Microsoft.Compute/${kind}/${name}`,
    name,
    type: `Microsoft.Compute/${kind}`,
    location: 'westeurope',
    properties,
  };
}

const vm = (name: string, imageReference: JsonObject, more: JsonObject = {}): Resource =>
  resource('virtualMachines', name, { storageProfile: { imageReference }, ...more });

function scaleSet(name: string, imageReference: JsonObject, enableAutomaticOSUpgrade: boolean): Resource {
  return resource('virtualMachineScaleSets', name, {
    upgradePolicy: { mode: 'Rolling', automaticOSUpgradePolicy: { enableAutomaticOSUpgrade } },
    virtualMachineProfile: { storageProfile: { imageReference } },
  });
}

/** What no estate has and a tenant has: other casing, references by direct sharing, members, near misses, odd names. */
const strays: readonly Resource[] = [
  vm('shouting', { id: `${gold.toUpperCase()}/VERSIONS/1.5.0`, exactVersion: '1.5.0' }),
  vm('shared', { sharedGalleryImageId: `${shared}/Versions/1.4.1`, exactVersion: '1.4.1' }),
  vm('shared-latest', { sharedGalleryImageId: shared, exactVersion: '1.5.0' }),
  vm('latest-of-nothing', { id: gold }),
  vm('latest-by-name', { id: `${gold}/Versions/LATEST`, exactVersion: '1.5.0' }),
  vm('namesake', { id: `${gold}-22/versions/1.5.0`, exactVersion: '1.5.0' }),
  vm('member', { id: `${gold}/versions/1.5.0` }, { virtualMachineScaleSet: { id: '/subscriptions/x/set' } }),
  resource('virtualMachines', 'from-a-disk', { storageProfile: { osDisk: { createOption: 'Attach' } } }),
  vm("o'neil\\'s", { publisher: 'Canonical', offer: 'o', sku: 's', version: 'latest' }),
  vm('VM-WEB-FRONT-001', { id: `${gold}/versions/1.5.0` }),
  scaleSet('follows-shared', { sharedGalleryImageId: shared }, true),
  scaleSet('follows-shouting', { id: gold.toUpperCase() }, true),
  scaleSet('follows-latest', { id: `${gold}/versions/Latest` }, true),
  scaleSet('pinned', { id: `${gold}/versions/1.5.0` }, true),
  scaleSet('not-by-itself', { id: gold }, false),
  resource('virtualMachineScaleSets', 'without-a-policy', {
    virtualMachineProfile: { storageProfile: { imageReference: { id: gold } } },
  }),
];

/** Outside Azure, where an agent may write its system's type in another case. */
const arcStray: Resource = {
  id: `${teamGroup('data')}/providers/Microsoft.HybridCompute/machines/arc-stray`,
  name: 'arc-stray',
  type: 'Microsoft.HybridCompute/machines',
  location: 'westeurope',
  properties: { osType: 'Windows', osSku: 'Windows Server 2019 Standard', osVersion: '10.0.17763.6532' },
};

const copies = `/subscriptions/${teamSubscriptions[0]}/resourceGroups/RG-Strays/providers/Microsoft.Compute/galleries/copies/images/Own/versions`;
const fromGold = (
  name: string,
  storageProfile: JsonObject,
  tags: Record<string, string> = {},
  mode = 'Full',
): Resource => ({
  ...resource('galleries/images/versions', name, { storageProfile, publishingProfile: { replicationMode: mode } }),
  id: `${copies}/${name}`,
  tags,
});

/** What uses golden versions beside machines, and near misses. */
const users: readonly Resource[] = [
  fromGold('1.0.0', { source: { id: `${gold}/versions/1.5.0` } }),
  fromGold('1.0.1', { source: { id: `${gold.toUpperCase()}/Versions/1.4.1` } }, { team: 'web' }, 'Shallow'),
  fromGold('1.0.2', { osDiskImage: {} }, { 'Goldbot-Source': `${gold}/versions/1.3.0` }),
  fromGold('1.0.3', { osDiskImage: {} }, { VMImageBuilderSource: `SharedImageVersion ${gold}/versions/1.5.0 (x)` }),
  fromGold('1.0.4', { source: { id: `${gold}-22/versions/1.5.0` } }),
  resource('disks', 'spare', { creationData: { galleryImageReference: { id: `${gold}/versions/1.5.0` } } }),
  resource('disks', 'spare-shared', {
    creationData: { galleryImageReference: { sharedGalleryImageId: `${shared}/versions/1.5.0` } },
  }),
  {
    ...resource('disks', 'used', { creationData: { galleryImageReference: { id: `${gold}/versions/1.5.0` } } }),
    managedBy: 'vm',
  },
  resource('disks', 'empty', { creationData: { createOption: 'Empty' } }),
  {
    ...resource('disks', 'nodes', { deploymentConfiguration: { imageReference: { id: gold } }, more: [`${gold}`] }),
    id: `/subscriptions/${teamSubscriptions[0]}/resourceGroups/RG-Strays/providers/Microsoft.Batch/batchAccounts/b/pools/nodes`,
    type: 'Microsoft.Batch/batchAccounts/pools',
    tags: { TEAM: 'data' },
  },
];

export function addStrays(world: World): void {
  for (const stray of [...strays, ...users, arcStray]) compute(world).resources[key(stray.id)] = structuredClone(stray);
}
