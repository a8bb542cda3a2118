import { randomUUID } from 'node:crypto';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { compute } from './section';
import type { DeployedImage } from './vm-image';

interface DiskRequest {
  readonly vmId: string;
  readonly location: string;
  readonly image: DeployedImage;
  readonly osDisk: JsonObject;
}

/** Creates the operating system disk of a VM and answers the osDisk that the VM echoes. */
export function vmDisk(world: World, { vmId, location, image, osDisk }: DiskRequest): JsonObject {
  const vmName = vmId.split('/').at(-1) ?? '';
  const name = text(osDisk['name']) ?? `${vmName}_OsDisk_1_${randomUUID().replaceAll('-', '')}`;
  const id = `${vmId.split('/').slice(0, 5).join('/')}/providers/Microsoft.Compute/disks/${name}`;
  const sku = text(object(osDisk['managedDisk'])['storageAccountType']) ?? 'Premium_LRS';
  const size = Number(osDisk['diskSizeGB'] ?? image.sizeInGB);
  compute(world).resources[key(id)] = {
    id,
    name,
    type: 'Microsoft.Compute/disks',
    location,
    tags: {},
    sku: { name: sku, tier: sku.split('_')[0] ?? 'Premium' },
    managedBy: vmId,
    properties: {
      osType: image.osType,
      hyperVGeneration: 'V2',
      creationData: { createOption: 'FromImage', ...image.creation },
      diskSizeGB: size,
      diskState: 'Attached',
      provisioningState: 'Succeeded',
      timeCreated: world.clock.now().toISOString(),
    },
  };
  return {
    osType: image.osType,
    name,
    createOption: 'FromImage',
    caching: osDisk['caching'] ?? 'ReadWrite',
    managedDisk: { storageAccountType: sku, id },
    deleteOption: osDisk['deleteOption'] ?? 'Detach',
    diskSizeGB: size,
  };
}

interface NetworkRequest {
  readonly vmId: string;
  readonly location: string;
  readonly profile: JsonObject;
}

/** Creates the network cards that a VM defines inline, and answers the network profile that the VM echoes. */
export function vmNetwork(world: World, { vmId, location, profile }: NetworkRequest): JsonObject {
  const inline = list(profile['networkInterfaceConfigurations']).map(object);
  if (inline.length === 0) return profile;
  const scope = `${vmId.split('/').slice(0, 5).join('/')}/providers/Microsoft.Network/networkInterfaces`;
  const vmName = vmId.split('/').at(-1) ?? '';
  const networkInterfaces = inline.map((nic): JsonObject => {
    const name = `${nic['name'] ?? `${vmName}-nic`}-${randomUUID().slice(0, 8)}`;
    const properties = object(nic['properties']);
    compute(world).resources[key(`${scope}/${name}`)] = {
      id: `${scope}/${name}`,
      name,
      type: 'Microsoft.Network/networkInterfaces',
      location,
      tags: object(nic['tags']) as Record<string, string>,
      properties: {
        provisioningState: 'Succeeded',
        ipConfigurations: properties['ipConfigurations'] ?? [],
        virtualMachine: { id: vmId },
      },
    };
    const options = { primary: properties['primary'] ?? true, deleteOption: properties['deleteOption'] ?? 'Detach' };
    return { id: `${scope}/${name}`, properties: options };
  });
  return { networkInterfaces };
}

/** What a deleted VM takes with it (deleteOption Delete) and what it leaves behind (Detach, the default). */
export function releaseParts(world: World, vm: Resource): void {
  const { resources } = compute(world);
  const osDisk = object(object(vm.properties['storageProfile'])['osDisk']);
  const diskId = key(text(object(osDisk['managedDisk'])['id']) ?? '');
  const disk = resources[diskId];
  if (osDisk['deleteOption'] === 'Delete') delete resources[diskId];
  else if (disk) {
    disk.properties['diskState'] = 'Unattached';
    delete disk.managedBy;
  }
  for (const nic of list(object(vm.properties['networkProfile'])['networkInterfaces']).map(object)) {
    const id = key(String(nic['id']));
    if (object(nic['properties'])['deleteOption'] === 'Delete') delete resources[id];
    else if (resources[id]) delete resources[id].properties['virtualMachine'];
  }
}
