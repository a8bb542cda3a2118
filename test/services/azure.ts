import type { HttpClient } from '@azure/core-rest-pipeline';
import type { AzureRead, BuildPlace, Fence, ImageRef } from '../../core/azure';
import type { UserError } from '../../core/errors';
import {
  buildResourceGroup,
  galleryName,
  galleryResourceGroup,
  location,
  platformSubscription,
} from '../../sandbox/azure/names';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import type { Exchange, Route } from '../../sandbox/kernel/types';
import { World } from '../../sandbox/kernel/world';
import { type AzureOptions, createAzure } from '../../services';
import { fakeCredential, sandboxHttpClient } from '../sandbox/client';

export const place: BuildPlace = { subscription: platformSubscription, resourceGroup: buildResourceGroup, location };
export const ubuntu: ImageRef = {
  subscription: platformSubscription,
  resourceGroup: galleryResourceGroup,
  gallery: galleryName,
  definition: 'ubuntu-22',
};
export const held: Fence = { leftMs: () => 20_000 };

/** Real Azure clients in front of an Azure that answers with these routes alone. */
export function azureOf(routes: readonly Route[], options: Partial<AzureOptions> = {}) {
  const sandbox = new Sandbox(new World({ speed: 0 }));
  sandbox.add('azure', routes);
  return connect(sandbox, options);
}

/** Real Azure clients in front of a sandbox; waits between tries take no time. */
export function connect(sandbox: Sandbox, options: Partial<AzureOptions>) {
  const httpClient: HttpClient = sandboxHttpClient(sandbox);
  const azure = createAzure({
    credential: fakeCredential,
    httpClient,
    subscription: platformSubscription,
    sleep: async () => {},
    clock: sandbox.world.clock,
    ...options,
  });
  return { ...azure, sandbox, world: sandbox.world, sent: (method: string) => sent(sandbox.exchanges, method) };
}

function sent(exchanges: readonly Exchange[], method: string): string[] {
  return exchanges.filter((e) => e.method === method).map((e) => new URL(e.url).pathname);
}

/** What an error says to people and to the log: by its code, message, hint, facts and cause. */
export async function failure(call: Promise<unknown>) {
  try {
    await call;
  } catch (error) {
    return error as UserError;
  }
  throw new Error('expected a failure');
}

/** A look whose request goes to a path that any route or fault can answer. */
export const anyLook = (read: AzureRead) => read.build(place, 'x');

export const armError = (status: number, code: string, message: string, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: { error: { code, message } },
});
