import type { SandboxRequest } from '../../kernel/types';
import { type JsonObject, list, object, text } from '../compute/resource';
import type { Access } from './action';

/** Whoever lists the managed run commands of a VM needs it on the subscription. */
const readCommands = 'Microsoft.Compute/locations/runCommands/read';
const join = 'Microsoft.Network/virtualNetworks/subnets/join/action';
const joinCard = 'Microsoft.Network/networkInterfaces/join/action';
const readVersion = 'Microsoft.Compute/galleries/images/versions/read';
const exempt = 'Microsoft.Authorization/policyAssignments/exempt/action';
const assign = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';

/**
 * What a write needs on the resources that its body names: the subnets and network cards of a VM or of a scale set's model,
 * the gallery version it starts from, the identities that a resource is given, and the assignment that an exemption is from. The scope is that of the write itself.
 */
export function linkedAccess({ method, url, body }: SandboxRequest, scope: string): Access[] {
  if (method === 'GET' && /\/virtualmachines\/[^/]+\/runcommands\/?$/i.test(url.pathname)) {
    return over(readCommands, [url.pathname.split('/').slice(0, 3).join('/')]);
  }
  if (method !== 'PUT' && method !== 'PATCH') return [];
  const resource = object(body);
  const identities = Object.entries(object(object(resource['identity'])['userAssignedIdentities']))
    .filter(([, value]) => value !== null)
    .map(([id]) => ({ action: assign, scope: id }));
  if (/\/policyexemptions\/[^/]+$/i.test(scope)) {
    return over(exempt, [text(object(resource['properties'])['policyAssignmentId'])]);
  }
  const isVm = /\/providers\/microsoft\.compute\/virtualmachines\/[^/]+$/i.test(scope);
  // The model of a scale set says what a machine's own properties say.
  const isSet = /\/providers\/microsoft\.compute\/virtualmachinescalesets\/[^/]+$/i.test(scope);
  const properties = object(resource['properties']);
  const machine = isSet ? object(properties['virtualMachineProfile']) : properties;
  return [...identities, ...(isVm || isSet ? ofMachine(machine) : [])];
}

function ofMachine(properties: JsonObject): Access[] {
  const network = object(properties['networkProfile']);
  const cards = list(network['networkInterfaces']).map((card) => text(object(card)['id']));
  const subnets = list(network['networkInterfaceConfigurations'])
    .flatMap((card) => list(object(object(card)['properties'])['ipConfigurations']))
    .map((ip) => text(object(object(object(ip)['properties'])['subnet'])['id']));
  const image = text(object(object(properties['storageProfile'])['imageReference'])['id']);
  const version = image !== undefined && /\/versions\/[^/]+$/i.test(image) ? [image] : [];
  return [...over(joinCard, cards), ...over(join, subnets), ...over(readVersion, version)];
}

function over(action: string, ids: readonly (string | undefined)[]): Access[] {
  return ids.flatMap((scope) => (scope === undefined ? [] : [{ action, scope }]));
}
