import type { Params, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key, notFound } from '../arm';
import { nestedParentNotFound } from './errors';
import { scopeError } from './groups';
import { compute } from './section';

export const galleryId = (params: Params): string =>
  `/subscriptions/${params['subscriptionId']}/resourceGroups/${params['group']}/providers/Microsoft.Compute/galleries/${params['gallery']}`;

export const imageId = (params: Params): string => `${galleryId(params)}/images/${params['image']}`;

export const versionId = (params: Params): string => `${imageId(params)}/versions/${params['version']}`;

/** The subscription or group in the request does not exist. */
export function refused(world: World, params: Params): SandboxResponse | undefined {
  return scopeError(world, params['subscriptionId'] ?? '', params['group']);
}

export function imageNotFound(world: World, params: Params): SandboxResponse {
  const error = refused(world, params);
  if (error) return error;
  if (!compute(world).resources[key(galleryId(params))]) return nestedParentNotFound(params['gallery'] ?? '');
  return notFound(
    'Microsoft.Compute/galleries',
    `${params['gallery']}/images/${params['image']}`,
    params['group'] ?? '',
  );
}

/** Compute's own throttling header; the sandbox throttles at ARM's door, so these stay near their limits. */
export function remaining(policy: string, in3Minutes: number, in30Minutes: number): Record<string, string> {
  return {
    'x-ms-ratelimit-remaining-resource': `Microsoft.Compute/${policy}3Min;${in3Minutes},Microsoft.Compute/${policy}30Min;${in30Minutes}`,
  };
}
