import type { Params, Route, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { armError } from './arm';
import { scopeError } from './compute/groups';
import { condition } from './conditions';
import { providerTypes } from './image-builder/admission';

/** Namespaces of resource providers that this Azure has. */
const namespaces = [
  'Microsoft.Authorization',
  'Microsoft.Compute',
  'Microsoft.ContainerInstance',
  'Microsoft.GuestConfiguration',
  'Microsoft.KeyVault',
  'Microsoft.ManagedIdentity',
  'Microsoft.Network',
  'Microsoft.PolicyInsights',
  'Microsoft.ResourceGraph',
  'Microsoft.Resources',
  'Microsoft.Storage',
  'Microsoft.VirtualMachineImages',
] as const;

/** Resource providers as a subscription has them; registering is a person's act, which a condition stands for. */
export function providerRoutes(world: World): Route[] {
  const path = '/subscriptions/{subscriptionId}/providers/{namespace}';
  return [{ method: 'GET', path, handle: (_, params) => get(world, params) }];
}

function get(world: World, { subscriptionId = '', namespace: asked = '' }: Params): SandboxResponse {
  const refused = scopeError(world, subscriptionId);
  if (refused) return refused;
  const namespace = namespaces.find((known) => known.toLowerCase() === asked.toLowerCase());
  if (namespace === undefined) {
    return armError(404, 'InvalidResourceNamespace', `The resource namespace '${asked}' is invalid.`);
  }
  const { registered } = condition(world, 'registration', { subscription: subscriptionId, namespace });
  return {
    status: 200,
    body: {
      id: `/subscriptions/${subscriptionId}/providers/${namespace}`,
      namespace,
      resourceTypes: namespace === 'Microsoft.VirtualMachineImages' ? [...providerTypes(world)] : [],
      registrationState: registered === false ? 'NotRegistered' : 'Registered',
      registrationPolicy: 'RegistrationRequired',
    },
  };
}
