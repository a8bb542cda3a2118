import type { SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError } from '../arm';
import { condition, exactly } from '../conditions';
import { hasSubnet } from '../networks';
import { invalidParameter, missingParameter } from './errors';
import { coreQuotaProblem, sizeUnavailable } from './quotas';
import { regionDisplayName, regionName } from './regions';
import { type JsonObject, list, object, text } from './resource';
import { cardsIn } from './usage';
import { vmSize, vmSizeNames } from './vm-sizes';

/** What Compute refuses before it looks at the image; undefined when the request is fine. */
export function refusedVm(
  world: World,
  { id, location, zone }: { readonly id: string; readonly location: string; readonly zone: string | undefined },
  properties: JsonObject,
): SandboxResponse | undefined {
  if (!regionDisplayName(location)) {
    const message = `The provided location '${location}' is not available for resource type 'Microsoft.Compute/virtualMachines'.`;
    return armError(400, 'LocationNotAvailableForResourceType', message);
  }
  const name = id.split('/').at(-1) ?? '';
  if (name.length > 64 || !/^[\w][\w.-]*$/.test(name)) {
    return invalidParameter(
      `The entity name '${name}' is invalid. It must be 1 to 64 letters, digits, '-', '_' or '.'.`,
      'vmName',
    );
  }
  return (
    closedRegion(world, location) ??
    sizeProblem(world, { id, location, zone }, properties) ??
    networkProblem(world, id, properties)
  );
}

function closedRegion(world: World, location: string): SandboxResponse | undefined {
  if (condition(world, 'regions', { location })['open'] !== false) return undefined;
  const message = `Location ${regionName(location)} is not accepting creation of new resources for this subscription.`;
  return armError(409, 'RegionDoesNotAllowProvisioning', message);
}

/** What Compute says to a size that does not exist, has run out, or has more cores than the quota allows. */
export function sizeProblem(
  world: World,
  vm: { readonly id: string; readonly location: string; readonly zone?: string | undefined; readonly before?: string },
  properties: JsonObject,
): SandboxResponse | undefined {
  const size = text(object(properties['hardwareProfile'])['vmSize']);
  if (!size) return missingParameter('hardwareProfile.vmSize');
  if (!vmSize(size)) {
    const message = `The value ${size} provided for the VM size is not valid. The valid sizes in the current region are: ${vmSizeNames().join(',')}. Find out more on the valid VM sizes in each region at https://aka.ms/azure-regions.`;
    return invalidParameter(message, 'vmSize');
  }
  const { id: vmId, location, before, zone } = vm;
  const priority = text(properties['priority']);
  const more = { ...(before !== undefined && { before }), ...(priority !== undefined && { priority }) };
  return sizeUnavailable(world, location, size, zone) ?? coreQuotaProblem(world, { vmId, location, size, ...more });
}

function subnetFull(world: World, subnet: string): SandboxResponse | undefined {
  const room = exactly(world, 'network', { subnet })?.['room'];
  if (typeof room !== 'number' || cardsIn(world, subnet) < room) return undefined;
  const message = `Subnet ${subnet} with address prefix 10.0.0.0/24 does not have enough capacity for 1 IP addresses.`;
  return armError(400, 'SubnetIsFull', message);
}

function networkProblem(world: World, id: string, properties: JsonObject): SandboxResponse | undefined {
  const network = object(properties['networkProfile']);
  const inline = list(network['networkInterfaceConfigurations']).map(object);
  if (inline.length === 0 && list(network['networkInterfaces']).length === 0) return missingParameter('networkProfile');
  if (inline.length > 0 && !text(network['networkApiVersion']))
    return missingParameter('networkProfile.networkApiVersion');
  for (const nic of inline) {
    const configurations = list(object(nic['properties'])['ipConfigurations']).map(object);
    if (configurations.length === 0)
      return missingParameter('networkInterfaceConfigurations.properties.ipConfigurations');
    const subnets = configurations.map((c) => text(object(object(c['properties'])['subnet'])['id']) ?? '');
    const missing = subnets.find((s) => !hasSubnet(world, s));
    if (missing === undefined) {
      const full = subnets.map((subnet) => subnetFull(world, subnet)).find((problem) => problem !== undefined);
      if (full) return full;
      continue;
    }
    const message = `Resource ${missing} referenced by resource ${id} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`;
    return armError(400, 'InvalidResourceReference', message);
  }
  return undefined;
}
