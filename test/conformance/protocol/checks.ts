import { addressOf } from '../types/address';
import type { Wire } from '../wire';

/** One thing that must hold of every exchange with ARM. */
export interface Check {
  readonly name: string;
  /** Where it is said: the specifications, a recording, or documentation. */
  readonly why: string;
  readonly check: (exchange: Seen) => readonly string[];
}

/** One thing that must hold of exchanges in their order. */
export interface ConversationCheck {
  readonly name: string;
  readonly why: string;
  readonly check: (exchanges: readonly Seen[]) => readonly string[];
}

export type Json = Readonly<Record<string, unknown>>;

/** An exchange with ARM, taken apart. */
export interface Seen extends Wire {
  readonly at: URL;
  /** `Microsoft.Compute`, as the address spells it; empty where no provider is asked. */
  readonly provider: string;
  /** In lower case: `microsoft.compute/galleries/images`. */
  readonly type: string;
  readonly kind: 'resource' | 'list' | 'action' | 'operation';
  /** The answer's body where it is an object; an empty one otherwise. */
  readonly body: Json;
  readonly header: (name: string) => string | undefined;
}

const operation =
  /\/(?:locations\/[^/]+\/(?:operations|capsOperations|DiskOperations)|Microsoft\.PolicyInsights\/asyncOperationResults)\/[^/]+$/i;

/** @returns undefined for what is not ARM's: Microsoft Graph, blobs. */
export function seen(exchange: Wire): Seen | undefined {
  const at = new URL(exchange.url);
  if (at.host !== 'management.azure.com') return undefined;
  const address = addressOf(exchange.method, exchange.url);
  const type = address?.type ?? '';
  const body = isObject(exchange.responseBody) ? exchange.responseBody : {};
  const headers = new Map(Object.entries(exchange.responseHeaders).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    ...exchange,
    at,
    provider: type.split('/')[0] ?? '',
    type: type.toLowerCase(),
    kind: operation.test(at.pathname) ? 'operation' : (address?.kind ?? 'resource'),
    body,
    header: (name) => headers.get(name),
  };
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isCompute = ({ type }: Seen) => type.startsWith('microsoft.compute/');
export const isImageBuilder = ({ type }: Seen) => type.startsWith('microsoft.virtualmachineimages/');
export const isResourceGraph = ({ at }: Seen) =>
  /^\/providers\/Microsoft\.ResourceGraph\/resources$/i.test(at.pathname);
export const isPolicyQuery = ({ at }: Seen) =>
  /\/providers\/Microsoft\.PolicyInsights\/[^?]*\/(queryResults|summarize)$/i.test(at.pathname);

/** Every member of a body with its JSON pointer; `leave` names members that are not entered. */
export function* members(
  value: unknown,
  leave: readonly string[],
  path = '',
): Generator<[path: string, value: unknown]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (leave.includes(name)) continue;
    yield [`${path}/${name}`, member];
    yield* members(member, leave, `${path}/${name}`);
  }
}

/** Resources that an answer holds: itself, or the items of a list. Lists of marketplace images are bare. */
export function resourcesOf({ method, status, kind, body, responseBody }: Seen): readonly Json[] {
  if (status >= 300 || method === 'DELETE' || kind === 'operation' || kind === 'action') return [];
  if (kind === 'list') return [responseBody, body['value']].filter(Array.isArray).flat().filter(isObject);
  return [responseBody].filter(isObject);
}

export const stateOf = (body: Json): string | undefined => {
  const { properties } = body;
  const state = isObject(properties) ? properties['provisioningState'] : undefined;
  return typeof state === 'string' ? state : undefined;
};

/** Scans by Azure Policy have no body of their own while they go on, and none that is documented at the end. */
export const isScan = ({ at }: Seen) => /\/asyncOperationResults\/[^/]+$/i.test(at.pathname);
/** Remediations are polled plainly, and have states of their own: `Accepted`, `Evaluating`. */
export const isRemediation = ({ type }: Seen) => type === 'microsoft.policyinsights/remediations';

export const isTerminal = (state: string | undefined) => ['Succeeded', 'Failed', 'Canceled'].includes(state ?? '');
