import { randomUUID } from 'node:crypto';
import type { Json, LroFault, Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, Operations } from '../arm';
import { regionName } from './regions';
import type { JsonObject } from './resource';
import { compute } from './section';

export type Outcome = 'Succeeded' | 'Failed' | 'Canceled';

/** What an operation does to the world when it ends. May return what the Location URL shows, or an error of its own. */
type Completion = (
  world: World,
  target: string,
  end: { readonly data: JsonObject; readonly outcome: Outcome; readonly atMs: number },
) => { result?: Json; error?: { code: string; message: string } } | undefined;

interface EndPayload {
  [key: string]: Json;
  operation: string;
  what: string;
  target: string;
  data: JsonObject;
  outcome: Outcome;
}

interface LroStart {
  readonly subscriptionId: string;
  readonly location: string;
  /** Galleries poll `capsOperations`, VMs `operations`. */
  readonly style: 'capsOperations' | 'operations';
  /** Names the completion that runs at the end. */
  readonly what: string;
  /** Lower-case id of the resource. */
  readonly target: string;
  readonly data?: JsonObject;
  /** World time. */
  readonly endsAtMs: number;
}

const completions = new Map<string, Completion>();

/** Registers what an operation of this kind does when it ends. Names are global: one meaning per name. */
export function onCompletion(what: string, completion: Completion): void {
  completions.set(what, completion);
}

export function registerLro(world: World): void {
  world.on<EndPayload>('compute.operation', (payload, atMs) => {
    const { operation, what, target, data } = payload;
    const completion = completions.get(what);
    const ended = completion?.(world, target, { data, outcome: payload.outcome, atMs });
    if (ended?.result !== undefined) compute(world).results[operation] = ended.result;
    const failure = ended?.error ?? (payload.outcome === 'Succeeded' ? undefined : fault(payload.outcome));
    const status = ended?.error ? 'Failed' : payload.outcome;
    new Operations(world).end(operation, status, atMs, failure);
  });
}

/** Starts an operation and returns its headers; a fault on the request decides how it ends. */
export function startLro(world: World, request: SandboxRequest, start: LroStart): Record<string, string> {
  const { head, operation } = openLro(world, request, start);
  const { what, target, data = {} } = start;
  const { name, outcome } = operation;
  if (outcome) {
    const payload: EndPayload = { operation: name, what, target, data, outcome };
    world.schedule(start.endsAtMs, 'compute.operation', payload);
  }
  return head;
}

/** An operation that has begun, and what a fault on its request makes of it: without an outcome it never ends. */
export type OpenOperation = { readonly name: string; readonly outcome?: Outcome };

/** Begins an operation that ends with what it started: `closeLro` then says how. */
export function openLro(
  world: World,
  request: SandboxRequest,
  { location, style, subscriptionId }: Pick<LroStart, 'location' | 'style' | 'subscriptionId'>,
): { readonly head: Record<string, string>; readonly operation: OpenOperation } {
  const path = `Microsoft.Compute/locations/${regionName(location)}/${style}`;
  const { operation, url } = new Operations(world).start(request, subscriptionId, { path });
  const outcome = outcomeOf(request.lroFault);
  const operationUrl = style === 'operations' ? url.replace('?', `?p=${randomUUID()}&`) : url;
  const head: Record<string, string> = { 'azure-asyncoperation': operationUrl, 'retry-after': retryAfter(world) };
  if (style === 'operations') head['azure-asyncnotification'] = 'Enabled';
  const monitored = request.method !== 'PUT' && request.method !== 'PATCH';
  if (monitored) head['location'] = operationUrl.replace('api-version=', 'monitor=true&api-version=');
  return { head, operation: { name: operation.name, ...(outcome && { outcome }) } };
}

/** Ends what `openLro` began: with the error of what it started, or as a fault on its request wants it. */
export function closeLro(
  world: World,
  { name, outcome }: OpenOperation,
  atMs: number,
  error?: { readonly code: string; readonly message: string },
): void {
  if (outcome === undefined) return;
  const failure = error ?? (outcome === 'Succeeded' ? undefined : fault(outcome));
  new Operations(world).end(name, error ? 'Failed' : outcome, atMs, failure);
}

/** Polls of both URLs of an operation: the status, and the Location with `monitor=true`. */
export function operationRoutes(world: World): Route[] {
  const handle = (request: SandboxRequest, params: Params) =>
    request.url.searchParams.has('monitor') ? monitor(world, request, params) : status(world, params);
  return (['capsOperations', 'operations'] as const).map((style) => ({
    method: 'GET',
    path: `/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/${style}/{operationId}`,
    handle: (request: SandboxRequest, params: Params) => {
      const answer = handle(request, params);
      return { ...answer, headers: { ...pollLimits[style], ...answer.headers } };
    },
  }));
}

const pollLimits = {
  capsOperations: {
    'x-ms-ratelimit-remaining-resource':
      'Microsoft.Compute/GetOperationStatus3Min;1193,Microsoft.Compute/GetOperationStatus30Min;4185',
  },
  operations: {
    'x-ms-ratelimit-remaining-resource':
      'Microsoft.Compute/GetOperationResource;44,Microsoft.Compute/GetOperationSubscriptionMaximum;14999',
  },
};

/** The status of an operation; one that has an output shows it at the end. */
function status(world: World, params: Params): SandboxResponse {
  const answer = new Operations(world).poll(params);
  const output = compute(world).results[(params['operationId'] ?? '').toLowerCase()] ?? null;
  if (answer.status !== 200 || output === null) return answer;
  return { ...answer, body: { ...(answer.body as object), properties: { output } } };
}

function monitor(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const id = params['operationId'] ?? '';
  const operation = new Operations(world).get(id);
  if (!operation || operation.fault === 'gone') return new Operations(world).poll(params);
  if (operation.status === 'InProgress') {
    return { status: 202, headers: { location: request.url.href, 'retry-after': retryAfter(world) } };
  }
  if (operation.error) return armError(409, operation.error.code, operation.error.message);
  const result = compute(world).results[operation.name];
  // The specification knows no 204 after a POST, and a 200 after every verb.
  return result === undefined ? { status: 200 } : { status: 200, body: result };
}

/** Azure asks for ten seconds; a client waits in machine time, so a world that runs faster (or is moved by hand) asks for less. */
function retryAfter({ clock }: World): string {
  return clock.speed > 0 ? String(Math.max(1, Math.ceil(10 / clock.speed))) : '1';
}

/** `gone` ends well for the resource, but the operation can no longer be queried; `never` does not end. */
function outcomeOf(lroFault: LroFault | undefined): Outcome | undefined {
  switch (lroFault) {
    case 'never':
      return undefined;
    case 'failed':
      return 'Failed';
    case 'canceled':
      return 'Canceled';
    case 'gone':
    case undefined:
      return 'Succeeded';
  }
}

function fault(outcome: Outcome): { code: string; message: string } {
  if (outcome === 'Canceled') return { code: 'OperationPreempted', message: 'The operation has been canceled.' };
  return {
    code: 'InternalExecutionError',
    message: 'An internal execution error occurred. Please retry later.',
  };
}
