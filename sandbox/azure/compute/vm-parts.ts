import { randomUUID } from 'node:crypto';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { compute } from './section';
import type { DeployedImage } from './vm-image';
import { keptOfDisk, keptOfManagedDisk } from './vm-kept';

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
  compute(world).resources[key(id)] = diskResource(
    world,
    { id, name, location, vmId, sku, size },
    {
      osType: image.osType,
      hyperVGeneration: image.hyperVGeneration ?? 'V2',
      creationData: { createOption: 'FromImage', ...image.creation },
    },
  );
  return {
    osType: image.osType,
    name,
    createOption: 'FromImage',
    caching: osDisk['caching'] ?? 'ReadWrite',
    managedDisk: {
      ...encrypted(image.encryptionSetId),
      ...keptOfManagedDisk(object(osDisk['managedDisk'])),
      storageAccountType: sku,
      id,
    },
    ...keptOfDisk(osDisk),
    deleteOption: osDisk['deleteOption'] ?? 'Detach',
    diskSizeGB: size,
  };
}

function encrypted(id: string | undefined): JsonObject {
  return id === undefined ? {} : { diskEncryptionSet: { id } };
}

interface DataDisks {
  readonly vmId: string;
  readonly location: string;
  readonly image: DeployedImage;
  /** As the request names them; disks of the image that it does not name are added all the same. */
  readonly asked: readonly JsonObject[];
}

/** Creates the data disks of a VM, those of its image and empty ones, and answers what the VM echoes. */
export function vmDataDisks(world: World, { vmId, location, image, asked }: DataDisks): JsonObject[] {
  const ofImage = image.dataDisks ?? [];
  const unnamed = ofImage.filter((disk) => !asked.some((a) => Number(a['lun']) === disk.lun));
  const all = [...asked, ...unnamed.map(({ lun }): JsonObject => ({ lun, createOption: 'FromImage' }))];
  return all.map((disk) => dataDisk(world, { vmId, location, image, disk }));
}

interface DataDisk {
  readonly vmId: string;
  readonly location: string;
  readonly image: DeployedImage;
  readonly disk: JsonObject;
}

function dataDisk(world: World, { vmId, location, image, disk }: DataDisk): JsonObject {
  const lun = Number(disk['lun'] ?? 0);
  const source = image.dataDisks?.find((d) => d.lun === lun);
  const given = object(disk['managedDisk']);
  const existing = compute(world).resources[key(text(given['id']) ?? '')];
  const sku = text(given['storageAccountType']) ?? text(existing?.sku?.['name']) ?? 'Premium_LRS';
  const vmName = vmId.split('/').at(-1) ?? '';
  const name = existing?.name ?? text(disk['name']) ?? `${vmName}_lun_${lun}_2_${randomUUID().replaceAll('-', '')}`;
  const id = existing?.id ?? `${vmId.split('/').slice(0, 5).join('/')}/providers/Microsoft.Compute/disks/${name}`;
  const size = Number(existing?.properties['diskSizeGB'] ?? disk['diskSizeGB'] ?? source?.sizeInGB ?? 32);
  if (existing) Object.assign(existing, { managedBy: vmId });
  else compute(world).resources[key(id)] = diskResource(world, { id, name, location, vmId, sku, size });
  return {
    lun,
    name,
    createOption: disk['createOption'] ?? 'Empty',
    caching: disk['caching'] ?? source?.caching ?? 'None',
    managedDisk: {
      ...encrypted(source?.encryptionSetId),
      ...keptOfManagedDisk(given),
      storageAccountType: sku,
      id,
    },
    ...keptOfDisk(disk),
    deleteOption: disk['deleteOption'] ?? 'Detach',
    diskSizeGB: size,
    toBeDetached: false,
  };
}

interface NewDisk {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly vmId: string;
  readonly sku: string;
  readonly size: number;
}

/** `more`: what an OS disk has and an empty one does not. */
function diskResource(
  world: World,
  { id, name, location, vmId, sku, size }: NewDisk,
  more: JsonObject = { creationData: { createOption: 'Empty' } },
): Resource {
  return {
    id,
    name,
    type: 'Microsoft.Compute/disks',
    location,
    tags: {},
    sku: { name: sku, tier: sku.split('_')[0] ?? 'Premium' },
    managedBy: vmId,
    properties: {
      ...more,
      diskSizeGB: size,
      diskState: 'Attached',
      provisioningState: 'Succeeded',
      timeCreated: world.clock.now().toISOString(),
    },
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

/** World time for which a network card cannot be deleted after its machine. */
const reservedMs = 180_000;

/** What a deleted VM takes with it (deleteOption Delete) and what it leaves behind (Detach, the default). */
export function releaseParts(world: World, vm: Resource, atMs: number): void {
  const { resources } = compute(world);
  const storage = object(vm.properties['storageProfile']);
  for (const of of [object(storage['osDisk']), ...list(storage['dataDisks']).map(object)]) {
    const diskId = key(text(object(of['managedDisk'])['id']) ?? '');
    const disk = resources[diskId];
    if (of['deleteOption'] === 'Delete') delete resources[diskId];
    else if (disk) {
      disk.properties['diskState'] = 'Unattached';
      delete disk.managedBy;
    }
  }
  for (const nic of list(object(vm.properties['networkProfile'])['networkInterfaces']).map(object)) {
    const id = key(String(nic['id']));
    if (object(nic['properties'])['deleteOption'] === 'Delete') delete resources[id];
    else if (resources[id]) {
      delete resources[id].properties['virtualMachine'];
      const untilMs = atMs + reservedMs;
      const section = compute(world);
      section.reserved = { ...section.reserved, [id]: { vmId: vm.id, untilMs } };
    }
  }
}
