import type { World } from '../../kernel/world';
import { condition, conditionsOf } from '../conditions';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { machinesIn } from './usage';

/** Why a machine that was accepted does not come up. */
export interface Fate {
  readonly code: string;
  readonly message: string;
}

/** Whether there is room for a machine that is being made; `properties` are those of the request. */
export function allocation(world: World, vm: Resource, properties: JsonObject): Fate | undefined {
  const size = text(object(vm.properties['hardwareProfile'])['vmSize']) ?? '';
  const zone = vm.zones?.[0];
  const asked = constraintsOf(properties);
  const place = { location: vm.location, size, ...(zone !== undefined && { zone }) };
  for (const constraint of [undefined, ...asked]) {
    const at = { ...place, ...(constraint !== undefined && { constraint }) };
    const full = conditionsOf(world, 'capacity', at).find(
      (entry) =>
        entry['constraint'] === constraint &&
        typeof entry['room'] === 'number' &&
        machinesIn(world, entry) > entry['room'],
    );
    if (full) return constraint === undefined ? outOfRoom(size, zone) : tooMuchAsked(asked, zone);
  }
  return undefined;
}

function constraintsOf(properties: JsonObject): string[] {
  const disk = object(object(properties['storageProfile'])['osDisk']);
  const cards = list(object(properties['networkProfile'])['networkInterfaceConfigurations']);
  const fast = cards.some((card) => object(object(card)['properties'])['enableAcceleratedNetworking'] === true);
  return [
    ...(disk['diffDiskSettings'] === undefined ? [] : ['ephemeralOsDisk']),
    ...(fast ? ['acceleratedNetworking'] : []),
  ];
}

function outOfRoom(size: string, zone: string | undefined): Fate {
  const read = 'Read more about improving likelihood of allocation success at https://aka.ms/allocation-guidance';
  if (zone === undefined) {
    const message = `Allocation failed. We do not have sufficient capacity for the requested VM size '${size}' in this region. ${read}`;
    return { code: 'AllocationFailed', message };
  }
  const message = `Allocation failed. We do not have sufficient capacity for the requested VM size '${size}' in zone ${zone}. ${read}`;
  return { code: 'ZonalAllocationFailed', message };
}

function tooMuchAsked(constraints: readonly string[], zone: string | undefined): Fate {
  const applied = ['VM size', ...constraints].join(', ');
  const message = `Allocation failed. VM(s) with the following constraints cannot be allocated${zone === undefined ? '' : ` in zone ${zone}`}, because the condition is too restrictive. Constraints applied are: ${applied}.`;
  return {
    code: zone === undefined ? 'OverconstrainedAllocationRequest' : 'OverconstrainedZonalAllocationRequest',
    message,
  };
}

/** What becomes of a machine that has its place: whether it boots, and what the image's provisioning agent does. */
export function startUp(world: World, vm: Resource): Fate | undefined {
  const { boots, provisions } = insideOf(world, vm);
  if (boots === false) {
    const message = `VM '${vm.name}' did not start in the allotted time. The VM may still start successfully. Please check the power state later.`;
    return { code: 'VMStartTimedOut', message };
  }
  if (provisions === 'late') return provisionedLate(vm);
  if (provisions !== 'fails') return undefined;
  const message = `OS provisioning for VM '${vm.name}' failed. Error details: the provisioning agent stopped. Make sure the image has been properly prepared (generalized).`;
  return { code: 'OSProvisioningClientError', message };
}

/** What somebody said of the inside of a machine; nothing of it means that all is well. */
interface Inside {
  readonly boots?: boolean;
  readonly provisions?: 'late' | 'fails';
  readonly agent?: 'silent';
  readonly runCommand?: 'silent';
}

/** What was said about a machine or about the image that it is from: its definition, or the one version. */
export function insideOf(world: World, vm: Resource): Inside {
  const { id, exactVersion } = object(object(vm.properties['storageProfile'])['imageReference']);
  const definition = String(id ?? '').replace(/\/versions\/[^/]+$/i, '');
  const version = `${definition}/versions/${String(exactVersion ?? '')}`;
  return {
    ...condition(world, 'agent', { image: definition }),
    ...condition(world, 'agent', { image: version }),
    ...condition(world, 'agent', { vm: vm.id }),
  } as Inside;
}

export function provisionedLate(vm: Resource): Fate {
  const message = `OS Provisioning for VM '${vm.name}' did not finish in the allotted time. The VM may still finish provisioning successfully. Please check provisioning state later. Also, make sure the image has been properly prepared (generalized).`;
  return { code: 'OSProvisioningTimedOut', message };
}
