import { createHash } from 'node:crypto';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { vmGuest } from '../estate/guests';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { compute } from './section';
import { insideOf } from './vm-fate';
import { isGeneralized } from './vm-shared';

export type PowerState = 'running' | 'deallocated' | 'stopped';

export const powerOf = (world: World, vm: Resource): PowerState => compute(world).power[key(vm.id)] ?? 'running';

/** What `$expand=instanceView` adds: the guest agent, the operating system, and the power state. */
export function instanceView(world: World, vm: Resource): JsonObject {
  const osDisk = object(object(vm.properties['storageProfile'])['osDisk']);
  const state = String(vm.properties['provisioningState']).toLowerCase();
  const time = text(vm.properties['timeCreated']) ?? world.clock.now().toISOString();
  const failure = compute(world).failures?.[key(vm.id)];
  const status = {
    code: `ProvisioningState/${state}${state === 'failed' && failure ? `/${failure.code}` : ''}`,
    level: state === 'failed' ? 'Error' : 'Info',
    displayStatus: `Provisioning ${state}`,
    ...(state === 'failed' && failure && { message: failure.message }),
    time,
  };
  const silent = insideOf(world, vm).agent === 'silent';
  const ready = state !== 'creating' && powerOf(world, vm) === 'running' && !silent;
  return {
    ...(ready && agent(world, vm, time)),
    disks: [{ name: osDisk['name'] ?? '', statuses: [status] }],
    hyperVGeneration: generation(world, vm),
    statuses: [
      status,
      ...(isGeneralized(world, vm.id)
        ? [{ code: 'OSState/generalized', level: 'Info', displayStatus: 'VM generalized' }]
        : []),
      ...(state === 'creating' ? [] : [powerStatus(powerOf(world, vm))]),
    ],
  };
}

function generation(world: World, vm: Resource): string {
  const managed = object(object(object(vm.properties['storageProfile'])['osDisk'])['managedDisk']);
  const disk = compute(world).resources[key(text(managed['id']) ?? '')];
  return text(disk?.properties['hyperVGeneration']) ?? 'V2';
}

/** A VM as it is shown; what its disks are made of is not reported while it is deallocated. */
export function vmView(world: World, vm: Resource): Resource {
  if (powerOf(world, vm) !== 'deallocated') return vm;
  const storage = object(vm.properties['storageProfile']);
  const storageProfile = {
    ...storage,
    osDisk: resting(object(storage['osDisk'])),
    dataDisks: list(storage['dataDisks']).map(object).map(resting),
  };
  return { ...vm, properties: { ...vm.properties, storageProfile } };
}

function resting({ diskSizeGB: _, ...disk }: JsonObject): JsonObject {
  const { storageAccountType: __, ...managedDisk } = object(disk['managedDisk']);
  return { ...disk, managedDisk };
}

export function powerStatus(power: PowerState): JsonObject {
  return { code: `PowerState/${power}`, level: 'Info', displayStatus: `VM ${power}` };
}

function agent(world: World, vm: Resource, time: string): JsonObject {
  const osType = object(object(vm.properties['storageProfile'])['osDisk'])['osType'];
  const guest = vmGuest(world, vm);
  const linux = osType !== 'Windows';
  return {
    computerName: object(vm.properties['osProfile'])['computerName'] ?? vm.name,
    osName: linux ? (guest?.os.name.toLowerCase() ?? 'linux') : (guest?.os.name ?? 'Windows'),
    osVersion: guest?.os.version ?? 'unknown',
    vmAgent: {
      vmAgentVersion: linux ? '2.11.1.12' : '2.7.41491.1172',
      statuses: [
        {
          code: 'ProvisioningState/succeeded',
          level: 'Info',
          displayStatus: 'Ready',
          message: 'Guest Agent is running',
          time,
        },
      ],
      extensionHandlers: [],
    },
  };
}

/** A guid that belongs to this text: the same each time. */
export function guidOf(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
