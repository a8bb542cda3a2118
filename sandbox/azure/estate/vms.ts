import type { JsonObject, Resource } from '../compute/resource';
import { location } from '../names';
import { agentless, type FleetGroup, newcomers } from './fleet';
import { focal, goldImages, imageRef, marketplaceVersion, versionRef } from './images';
import { guid } from './random';
import { day, subnetOf, teamGroup } from './shape';

/** The VMs of a group, each with its disk and network card. */
export function fleetVms(group: FleetGroup, startMs: number, next: () => number): Resource[] {
  return Array.from({ length: group.count }, (_, n) => fleetVm(group, n + 1, startMs, next)).flat();
}

function fleetVm(group: FleetGroup, n: number, startMs: number, next: () => number): Resource[] {
  const name = `vm-${group.team}-${group.role}-${String(n).padStart(3, '0')}`;
  const source = imageSource(group.from, startMs, next);
  const parts = { name, scope: teamGroup(group.team), where: group.region ?? location };
  const drawnMs = startMs - source.age * day + Math.floor(next() * Math.max(source.age - 1, 1) * day);
  const minutes = newcomers[name];
  const createdMs = minutes === undefined ? drawnMs : startMs - minutes * 60_000;
  const untagged = group.team === 'legacy' && group.role === 'app' && n > 9;
  const tags: Record<string, string> = {
    ...(!untagged && { team: group.team }),
    ...(group.model && { 'service-model': group.model }),
    role: group.role,
  };
  const disk = osDisk(parts, source, createdMs, next);
  const nic = networkCard(parts, subnetOf(group.team));
  return [vm(parts, { group, source, tags, createdMs, disk, nic, vmId: guid(next) }), disk, nic];
}

export interface ImageSource {
  readonly osType: 'Linux' | 'Windows';
  readonly reference: JsonObject;
  /** What the disk remembers: `galleryImageReference` or `imageReference`. */
  readonly creation: JsonObject;
  readonly sizeInGB: number;
  /** Days before the start at which the image appeared. */
  readonly age: number;
}

/** What a VM says it was made from. */
export function imageSource(from: string, startMs: number, next: () => number): ImageSource {
  const marketplace = from.startsWith('marketplace:');
  const [name, version = ''] = from.replace('marketplace:', '').split('@');
  const image = goldImages.find((i) => i.name === name);
  const origin = image ?? (name === focal.name ? focal : undefined);
  if (!origin) throw new Error(`sandbox: the estate has no image ${name}`);
  const { osType, sizeInGB, publisher, offer, sku } = origin;
  if (marketplace) {
    const age = 20 + Math.floor(next() * 500);
    const exactVersion = marketplaceVersion(origin, startMs, age);
    const reference = { publisher, offer, sku, version: 'latest', exactVersion };
    return { osType, sizeInGB, age, reference, creation: { imageReference: { id: marketplaceId(reference) } } };
  }
  if (!image) throw new Error(`sandbox: the estate has no golden image ${name}`);
  const gold = version === 'latest' ? image.versions.at(-1) : image.versions.find((v) => v.version === version);
  if (!gold) throw new Error(`sandbox: the estate has no version ${from}`);
  const id = versionRef(image.name, gold.version);
  const reference = { id: version === 'latest' ? imageRef(image.name) : id, exactVersion: gold.version };
  return { osType, sizeInGB, age: gold.age, reference, creation: { galleryImageReference: { id } } };
}

export function marketplaceId(ref: { publisher: string; offer: string; sku: string; exactVersion: string }): string {
  const { publisher, offer, sku, exactVersion } = ref;
  return `/Subscriptions/00000000-0000-0000-0000-000000000000/Providers/Microsoft.Compute/Locations/westeurope/Publishers/${publisher}/ArtifactTypes/VMImage/Offers/${offer}/Skus/${sku}/Versions/${exactVersion}`;
}

interface Parts {
  readonly name: string;
  readonly scope: string;
  readonly where: string;
}

interface VmFacts {
  readonly group: FleetGroup;
  readonly source: ImageSource;
  readonly tags: Record<string, string>;
  readonly createdMs: number;
  readonly disk: Resource;
  readonly nic: Resource;
  readonly vmId: string;
}

function vm({ name, scope, where }: Parts, facts: VmFacts): Resource {
  const { group, source, disk, nic } = facts;
  return {
    id: `${scope}/providers/Microsoft.Compute/virtualMachines/${name}`,
    name,
    type: 'Microsoft.Compute/virtualMachines',
    location: where,
    tags: facts.tags,
    etag: '"1"',
    properties: {
      hardwareProfile: { vmSize: group.size ?? 'Standard_D2s_v5' },
      provisioningState: 'Succeeded',
      vmId: facts.vmId,
      storageProfile: {
        imageReference: source.reference,
        osDisk: {
          osType: source.osType,
          name: disk.name,
          createOption: 'FromImage',
          caching: 'ReadWrite',
          managedDisk: { storageAccountType: 'Premium_LRS', id: disk.id },
          deleteOption: 'Detach',
          diskSizeGB: source.sizeInGB,
        },
        dataDisks: [],
        diskControllerType: 'SCSI',
      },
      osProfile: osProfile(name, source.osType),
      networkProfile: { networkInterfaces: [{ id: nic.id, properties: { deleteOption: 'Detach' } }] },
      ...(group.scaleSet && {
        virtualMachineScaleSet: {
          id: `${scope}/providers/Microsoft.Compute/virtualMachineScaleSets/${group.scaleSet}`,
        },
      }),
      timeCreated: new Date(facts.createdMs).toISOString(),
    },
  };
}

function osProfile(name: string, osType: 'Linux' | 'Windows'): JsonObject {
  const patchSettings = {
    patchMode: osType === 'Linux' ? 'ImageDefault' : 'AutomaticByOS',
    assessmentMode: 'ImageDefault',
  };
  const common = { provisionVMAgent: name !== agentless, patchSettings };
  const configuration: JsonObject =
    osType === 'Linux'
      ? { linuxConfiguration: { disablePasswordAuthentication: true, ...common } }
      : { windowsConfiguration: { enableAutomaticUpdates: true, ...common } };
  return {
    computerName: name.slice(0, osType === 'Linux' ? 64 : 15),
    adminUsername: 'azureuser',
    ...configuration,
    secrets: [],
    allowExtensionOperations: true,
    requireGuestProvisionSignal: true,
  };
}

function osDisk({ name, scope, where }: Parts, source: ImageSource, createdMs: number, next: () => number): Resource {
  const diskName = `${name}_OsDisk_1_${guid(next).replaceAll('-', '')}`;
  return {
    id: `${scope}/providers/Microsoft.Compute/disks/${diskName}`,
    name: diskName,
    type: 'Microsoft.Compute/disks',
    location: where,
    tags: {},
    sku: { name: 'Premium_LRS', tier: 'Premium' },
    managedBy: `${scope}/providers/Microsoft.Compute/virtualMachines/${name}`,
    properties: {
      osType: source.osType,
      hyperVGeneration: 'V2',
      creationData: { createOption: 'FromImage', ...source.creation },
      diskSizeGB: source.sizeInGB,
      diskState: 'Attached',
      provisioningState: 'Succeeded',
      timeCreated: new Date(createdMs).toISOString(),
    },
  };
}

function networkCard({ name, scope, where }: Parts, subnet: string): Resource {
  return {
    id: `${scope}/providers/Microsoft.Network/networkInterfaces/${name}-nic`,
    name: `${name}-nic`,
    type: 'Microsoft.Network/networkInterfaces',
    location: where,
    tags: {},
    properties: {
      provisioningState: 'Succeeded',
      ipConfigurations: [{ name: 'primary', properties: { primary: true, subnet: { id: subnet } } }],
      virtualMachine: { id: `${scope}/providers/Microsoft.Compute/virtualMachines/${name}` },
    },
  };
}
