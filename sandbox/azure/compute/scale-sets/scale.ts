import { randomUUID } from 'node:crypto';
import type { SandboxResponse } from '../../../kernel/types';
import type { World } from '../../../kernel/world';
import { armError, key } from '../../arm';
import { removeGuest } from '../../guest/guest';
import { invalidParameter } from '../errors';
import { coreQuotaProblem, sizeUnavailable } from '../quotas';
import { type JsonObject, object, type Resource } from '../resource';
import { compute } from '../section';
import { allocation, type Fate, startUp } from '../vm-fate';
import type { DeployedImage } from '../vm-image';
import { releaseParts, vmDisk, vmNetwork } from '../vm-parts';
import { vmType } from '../vm-shared';
import { vmSize } from '../vm-sizes';
import { imageOf } from './image';
import { sizeOf } from './policy';
import { instanceIdOf, instancesOf, instanceType, isFlexible, profileOf, staysAtScaleIn } from './sets';

/** Documented: of one scale set on an image of a gallery. */
const mostInstances = 1_000;

export const capacityOf = ({ sku }: Resource): number => Number(sku?.['capacity'] ?? 0);

/** Why a set cannot get this many instances; undefined when it can, or when it is to have fewer. */
export function capacityProblem(world: World, set: Resource, changed: Resource): SandboxResponse | undefined {
  const wanted = changed.sku?.['capacity'];
  if (!Number.isInteger(wanted) || Number(wanted) < 0 || Number(wanted) > mostInstances) {
    const message = `The value '${String(wanted)}' of parameter 'sku.capacity' is out of range. It must be between 0 and ${mostInstances}.`;
    return invalidParameter(message, 'sku.capacity');
  }
  const size = sizeOf(changed);
  if (!vmSize(size)) return invalidParameter(`The value ${size} provided for the VM size is not valid.`, 'sku.name');
  const more = Number(wanted) - instancesOf(world, set).length;
  if (more < 0) return tooFew(world, set, -more);
  if (more === 0) return undefined;
  const image = imageOf(world, changed);
  if ('status' in image) return image;
  const { id: vmId, location } = set;
  return sizeUnavailable(world, location, size) ?? coreQuotaProblem(world, { vmId, location, size, machines: more });
}

/** The words are the sandbox's. */
function tooFew(world: World, set: Resource, fewer: number): SandboxResponse | undefined {
  const free = instancesOf(world, set).filter((i) => !staysAtScaleIn(i)).length;
  if (free >= fewer) return undefined;
  const message = `Virtual Machine Scale Set '${set.name}' cannot be scaled in by ${fewer} instances because only ${free} of its instances are not protected from scale-in.`;
  return armError(409, 'OperationNotAllowed', message);
}

/** Makes or takes away instances until there are as many as the set's capacity; answers the ids of those concerned. */
export function scale(world: World, set: Resource): { readonly made: string[]; readonly going: string[] } {
  const all = instancesOf(world, set);
  const more = capacityOf(set) - all.length;
  if (more < 0) {
    const free = all.filter((i) => !staysAtScaleIn(i)).slice(more);
    for (const instance of free) instance.properties['provisioningState'] = 'Deleting';
    return { made: [], going: free.map(({ id }) => key(id)) };
  }
  const image = imageOf(world, set);
  if (more === 0 || 'status' in image) return { made: [], going: [] };
  const first = Math.max(-1, ...all.map((i) => Number(instanceIdOf(i))).filter((n) => !Number.isNaN(n))) + 1;
  const made = Array.from({ length: more }, (_, n) =>
    isFlexible(set) ? machineOf(world, set, image) : instanceOf(world, set, first + n, image),
  );
  return { made: made.map(({ id }) => key(id)), going: [] };
}

const tagsOf = (set: Resource): Record<string, string> => ({ ...set.tags });

function instanceOf(world: World, set: Resource, n: number, image: DeployedImage): Resource {
  const instance: Resource = {
    id: `${set.id}/virtualMachines/${n}`,
    name: `${set.name}_${n}`,
    type: instanceType,
    location: set.location,
    tags: tagsOf(set),
    sku: { name: sizeOf(set), tier: 'Standard' },
    properties: {
      latestModelApplied: true,
      provisioningState: 'Creating',
      storageProfile: {
        imageReference: image.reference,
        osDisk: { osType: image.osType, createOption: 'FromImage' },
        dataDisks: [],
      },
      timeCreated: world.clock.now().toISOString(),
      instanceView: { statuses: [{ code: 'PowerState/running', level: 'Info', displayStatus: 'VM running' }] },
    },
  };
  compute(world).resources[key(instance.id)] = instance;
  return instance;
}

/** An instance of a flexible set is a virtual machine, with its disk and its network card. */
function machineOf(world: World, set: Resource, image: DeployedImage): Resource {
  const name = `${set.name}_${randomUUID().slice(0, 8)}`;
  const id = `${set.id.split('/').slice(0, 7).join('/')}/virtualMachines/${name}`;
  const { location } = set;
  const profile = profileOf(set);
  const storage = object(profile['storageProfile']);
  const osDisk = vmDisk(world, { vmId: id, location, image, osDisk: object(storage['osDisk']) });
  const { computerNamePrefix: _, ...osProfile } = object(profile['osProfile']);
  const network = { ...object(profile['networkProfile']) };
  const machine: Resource = {
    id,
    name,
    type: vmType,
    location,
    tags: tagsOf(set),
    etag: '"1"',
    properties: {
      hardwareProfile: { vmSize: sizeOf(set) },
      provisioningState: 'Creating',
      vmId: randomUUID(),
      storageProfile: { imageReference: image.reference, osDisk, dataDisks: [], diskControllerType: 'SCSI' },
      osProfile: { ...osProfile, computerName: name.replaceAll('_', '').slice(0, 15) },
      networkProfile: vmNetwork(world, { vmId: id, location, profile: network }),
      virtualMachineScaleSet: { id: set.id },
      timeCreated: world.clock.now().toISOString(),
    },
  };
  compute(world).resources[key(id)] = machine;
  return machine;
}

/** Ends what `scale` began: instances come up or do not, and those that were going are gone. */
export function settleScale(
  world: World,
  set: Resource,
  { made, going }: { readonly made: readonly string[]; readonly going: readonly string[] },
  atMs: number,
): Fate | undefined {
  const { resources } = compute(world);
  for (const id of going) removeInstance(world, id, atMs);
  const there = made.flatMap((id) => resources[id] ?? []);
  const full = there.map((i) => noRoom(world, set, i)).find((fate) => fate !== undefined);
  if (full) {
    for (const { id } of there) removeInstance(world, key(id), atMs);
    return full;
  }
  const fates = there.map((instance) => {
    const fate = startUp(world, instance);
    instance.properties['provisioningState'] = fate ? 'Failed' : 'Succeeded';
    return fate;
  });
  return fates.find((fate) => fate !== undefined);
}

function noRoom(world: World, set: Resource, { location, properties, ...rest }: Resource): Fate | undefined {
  const sized: JsonObject = { ...properties, hardwareProfile: { vmSize: sizeOf(set) } };
  return allocation(world, { ...rest, location, properties: sized }, profileOf(set));
}

function removeInstance(world: World, id: string, atMs: number): void {
  const section = compute(world);
  const instance = section.resources[id];
  if (!instance) return;
  if (instance.type === vmType) releaseParts(world, instance, atMs);
  delete section.resources[id];
  delete section.power[id];
  removeGuest(world, id);
}
