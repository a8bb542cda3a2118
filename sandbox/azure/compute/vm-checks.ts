import type { SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { condition, exactly } from '../conditions';
import { knownSubnets } from '../estate/shape';
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

/** After the image is known: a specialized one already has its users, a generalized one needs to be given one. */
export function osProfileProblem(properties: JsonObject, specialized: boolean): SandboxResponse | undefined {
  if (specialized) {
    return properties['osProfile'] === undefined
      ? undefined
      : invalidParameter("Parameter 'osProfile' is not allowed.", 'osProfile');
  }
  if (properties['osProfile'] === undefined) return missingParameter('osProfile');
  const profile = object(properties['osProfile']);
  if (!text(profile['adminUsername'])) return missingParameter('osProfile.adminUsername');
  if (!text(profile['computerName'])) return undefined;
  const name = String(profile['computerName']);
  if (name.length <= 64) return undefined;
  return invalidParameter(
    'Linux host name cannot exceed 64 characters in length or contain the following characters.',
    'computerName',
  );
}

/** After the image is known: what its operating system asks of the profile. */
export function loginProblem(
  osType: 'Linux' | 'Windows',
  name: string,
  profile: JsonObject,
): SandboxResponse | undefined {
  const password = text(profile['adminPassword']);
  if (password !== undefined && !isComplex(password)) {
    return invalidParameter(
      'The supplied password must be between 6-72 characters long and must satisfy at least 3 of password complexity requirements from the following:\r\n1) Contains an uppercase character\r\n2) Contains a lowercase character\r\n3) Contains a numeric digit\r\n4) Contains a special character\r\n5) Control characters are not allowed',
      'adminPassword',
    );
  }
  if (osType === 'Windows') {
    if (!password) return missingParameter('adminPassword');
    const host = text(profile['computerName']) ?? name;
    if (host.length <= 15) return undefined;
    return invalidParameter(
      'Windows computer name cannot be more than 15 characters long, be entirely numeric, or contain the following characters.',
      'computerName',
    );
  }
  const keys = list(object(object(profile['linuxConfiguration'])['ssh'])['publicKeys']).map(object);
  const bad = keys.find((k) => !/^(ssh-rsa|ssh-ed25519|ecdsa-)/.test(text(k['keyData']) ?? ''));
  if (bad)
    return invalidParameter(
      'The value of parameter linuxConfiguration.ssh.publicKeys.keyData is invalid.',
      'linuxConfiguration.ssh.publicKeys.keyData',
    );
  if (password || keys.length > 0) return undefined;
  return invalidParameter(
    'Authentication using either SSH or by user name and password must be enabled in Linux profile.',
    'linuxConfiguration',
  );
}

function isComplex(password: string): boolean {
  const kinds = [/[A-Z]/, /[a-z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  return password.length >= 6 && password.length <= 72 && kinds >= 3;
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
    const missing = subnets.find((s) => !knownSubnets.some((known) => key(known) === key(s)));
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
