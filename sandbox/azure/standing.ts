import type { SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { armError, key } from './arm';
import { resourceGroups } from './compute/groups';
import { condition } from './conditions';

/** What a subscription or a resource group cannot do in the state that it is in, whoever asks; ARM's own refusals. */
export function standingRefusal(world: World, { method, url }: SandboxRequest): SandboxResponse | undefined {
  if (method === 'GET' || method === 'HEAD') return undefined;
  const path = url.pathname;
  const [, subscription, group] = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?/i.exec(path) ?? [];
  if (subscription === undefined) return undefined;
  if (condition(world, 'subscriptions', { subscription })['state'] === 'Disabled') {
    const message = `The subscription '${subscription}' is disabled and therefore marked as read only. You cannot perform any write actions on this subscription until it is re-enabled.`;
    return armError(409, 'ReadOnlyDisabledSubscription', message);
  }
  return (
    unregistered(world, method === 'DELETE' ? '' : path, subscription) ?? (group ? goingGroup(world, path) : undefined)
  );
}

/** Documented: ARM waits this long for a provider. */
const patienceSeconds = 60;

/** A provider that answers too late has done what it was asked all the same. */
export function gatewayTimeout(world: World, { url }: SandboxRequest): SandboxResponse | undefined {
  const namespace = /\/providers\/([^/]+)(?!.*\/providers\/)/i.exec(url.pathname)?.[1];
  if (namespace === undefined) return undefined;
  if (Number(condition(world, 'providers', { namespace })['answersAfterSeconds'] ?? 0) < patienceSeconds)
    return undefined;
  const message = `The gateway did not receive a response from '${namespace}' within the specified time period.`;
  return armError(504, 'GatewayTimeout', message);
}

function unregistered(world: World, path: string, subscription: string): SandboxResponse | undefined {
  const namespace = /\/providers\/([^/]+)\//i.exec(path)?.[1];
  if (namespace === undefined) return undefined;
  if (condition(world, 'registration', { subscription, namespace })['registered'] !== false) return undefined;
  const message = `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`;
  const details = [{ code: 'MissingSubscriptionRegistration', target: namespace, message }];
  return armError(409, 'MissingSubscriptionRegistration', message, details);
}

function goingGroup(world: World, path: string): SandboxResponse | undefined {
  const group = resourceGroups(world)[key(path).split('/').slice(0, 5).join('/')];
  if (group?.properties.provisioningState !== 'Deleting') return undefined;
  const message = `The resource group '${group.name}' is in deprovisioning state and cannot perform this operation.`;
  return armError(409, 'ResourceGroupBeingDeleted', message);
}
