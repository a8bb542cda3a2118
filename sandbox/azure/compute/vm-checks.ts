import type { SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { knownSubnets } from '../estate/shape';
import { invalidParameter, missingParameter } from './errors';
import { regionDisplayName, regionName } from './regions';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { compute } from './section';

/** Cores by size; what is not here is refused as Azure refuses an unknown size. */
const vmSizes: Readonly<Record<string, number>> = {
  Standard_B1s: 1,
  Standard_B2s: 2,
  Standard_B2ms: 2,
  Standard_DS1_v2: 1,
  Standard_D2s_v3: 2,
  Standard_D2s_v4: 2,
  Standard_D2as_v5: 2,
  Standard_D2ds_v5: 2,
  Standard_D2s_v5: 2,
  Standard_D4s_v5: 4,
  Standard_D8s_v5: 8,
  Standard_E2s_v5: 2,
  Standard_E8s_v5: 8,
};

/** Regional cores of a subscription: small enough that a leak of test VMs is felt. */
const coresPerRegion = 400;

/** What Compute refuses before it looks at the image; undefined when the request is fine. */
export function refusedVm(
  world: World,
  id: string,
  location: string,
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
    sizeProblem(properties) ??
    osProfileProblem(properties) ??
    networkProblem(id, properties) ??
    quotaProblem(world, id, location, properties)
  );
}

function sizeProblem(properties: JsonObject): SandboxResponse | undefined {
  const size = text(object(properties['hardwareProfile'])['vmSize']);
  if (!size) return missingParameter('hardwareProfile.vmSize');
  if (coresOf(size) !== undefined) return undefined;
  const message = `The value ${size} provided for the VM size is not valid. The valid sizes in the current region are: ${Object.keys(vmSizes).join(',')}. Find out more on the valid VM sizes in each region at https://aka.ms/azure-regions.`;
  return invalidParameter(message, 'vmSize');
}

function coresOf(size: string): number | undefined {
  return Object.entries(vmSizes).find(([name]) => name.toLowerCase() === size.toLowerCase())?.[1];
}

function osProfileProblem(properties: JsonObject): SandboxResponse | undefined {
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

function networkProblem(id: string, properties: JsonObject): SandboxResponse | undefined {
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
    if (missing === undefined) continue;
    const message = `Resource ${missing} referenced by resource ${id} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`;
    return armError(400, 'InvalidResourceReference', message);
  }
  return undefined;
}

function quotaProblem(world: World, id: string, location: string, properties: JsonObject): SandboxResponse | undefined {
  const subscription = key(`/subscriptions/${id.split('/')[2]}/`);
  const required = coresOf(String(object(properties['hardwareProfile'])['vmSize'])) ?? 0;
  const used = Object.values(compute(world).resources)
    .filter((r) => isVmIn(r, subscription, location))
    .reduce((sum, r) => sum + (coresOf(String(object(r.properties['hardwareProfile'])['vmSize'])) ?? 0), 0);
  if (used + required <= coresPerRegion) return undefined;
  const message = `Operation could not be completed as it results in exceeding approved Total Regional Cores quota. Additional details - Deployment Model: Resource Manager, Location: ${regionName(location)}, Current Limit: ${coresPerRegion}, Current Usage: ${used}, Additional Required: ${required}, (Minimum) New Limit Required: ${used + required}. Setup Alerts when Quota reaches threshold. Learn more at https://aka.ms/quotamonitoringalerting .`;
  return armError(409, 'OperationNotAllowed', message);
}

function isVmIn(resource: Resource, subscription: string, location: string): boolean {
  if (resource.type !== 'Microsoft.Compute/virtualMachines' || !key(resource.id).startsWith(subscription)) return false;
  return regionName(resource.location) === regionName(location);
}
