import { randomUUID } from 'node:crypto';
import type { Json, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError } from '../arm';
import { readable } from '../authorization/access';
import { guid } from '../authorization/assignments';
import { subscriptionIds } from '../compute/groups';
import { type JsonObject, list, object, text } from '../compute/resource';
import type { GraphQuery } from './answer';
import { answered } from './answered';
import type { FacetRequest } from './facets';
import { KqlError } from './kql/errors';
import { durationHeader, QueryThrottle, quotaHeaders } from './throttle';

export interface ResourceGraphOptions {
  /** Queries per caller and window; Azure's example quota, 15, when absent. */
  readonly queries?: number;
  /** Machine time; 5 s when absent. */
  readonly windowMs?: number;
  readonly machine?: () => number;
  /** How many subscriptions one query can see; Azure's 10,000 when absent. */
  readonly mostSubscriptions?: number;
}

const mostRows = 1_000;

/** Azure Resource Graph: queries in a subset of KQL over the live state; anything else is Resource Graph's 400. */
export function resourceGraphRoutes(world: World, options: ResourceGraphOptions = {}): Route[] {
  const { queries = 15, windowMs = 5_000, machine = Date.now, mostSubscriptions = 10_000 } = options;
  const throttle = new QueryThrottle(queries, windowMs, machine);
  const path = '/providers/Microsoft.ResourceGraph/resources';
  const handle: Route['handle'] = (request) => resources(world, request, { throttle, mostSubscriptions });
  return [{ method: 'POST', path, reads: true, handle }];
}

interface Limits {
  readonly throttle: QueryThrottle;
  readonly mostSubscriptions: number;
}

function resources(world: World, request: SandboxRequest, { throttle, mostSubscriptions }: Limits): SandboxResponse {
  const started = performance.now();
  const quota = throttle.take(request.headers['authorization'] ?? '');
  const headers = quotaHeaders(quota);
  if (!quota.allowed) {
    const message =
      'Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.';
    const refused = support(world, 429, 'RateLimiting', [{ code: 'RateLimiting', message }]);
    const retryAfter = String(Math.max(1, Math.ceil(quota.resetsAfterMs / 1_000)));
    return {
      ...refused,
      headers: { ...headers, 'retry-after': retryAfter },
    };
  }
  try {
    const asked = graphQuery(world, request);
    const seen = [...(asked.subscriptions ?? subscriptionIds(world))];
    const over = seen.length > mostSubscriptions;
    const subscriptions = new Set(seen.slice(0, mostSubscriptions));
    const body = answered(world, over ? { ...asked, subscriptions } : asked);
    const limited = over && { 'x-ms-tenant-subscription-limit-hit': 'true' };
    return { status: 200, headers: { ...headers, ...limited, ...durationHeader(performance.now() - started) }, body };
  } catch (error) {
    if (!(error instanceof KqlError)) throw error;
    return { ...support(world, 400, 'BadRequest', details(error)), headers };
  }
}

function details({ detail }: KqlError): Json[] {
  const general =
    'Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.';
  const ofQuery = ![
    'NoValidSubscriptionsInQueryRequest',
    'SubscriptionsContainInvalidGuids',
    'InvalidPagingOptions',
    'InvalidResultFormat',
    'InvalidSkipToken',
    'ResponsePayloadTooLarge',
  ].includes(detail.code);
  return [...(ofQuery ? [{ code: 'InvalidQuery', message: general }] : []), { ...detail }];
}

/** Resource Graph's errors say in `message` whom to ask, and in `details` what is wrong. */
function support(world: World, status: number, code: string, more: Json[]): SandboxResponse {
  const timestamp = world.clock.now().toISOString().replace('Z', '0000Z');
  const message = `Please provide below info when asking for support: timestamp = ${timestamp}, correlationId = ${randomUUID()}.`;
  return armError(status, code, message, more);
}

function graphQuery(world: World, request: SandboxRequest): GraphQuery {
  const body = object(request.body);
  const options = object(body['options']);
  const query = text(body['query']);
  if (!query?.trim()) throw new KqlError({ code: 'EmptyQuery', message: 'Query must not be empty.' });
  const [top, skip] = [page(options['$top'], mostRows, 1), page(options['$skip'], 0, 0)];
  const skipToken = text(options['$skipToken']);
  const subscriptions = scope(
    world,
    list(body['subscriptions']).map((id) => String(id).toLowerCase()),
  );
  const mayRead = readable(world, request.headers);
  return {
    query,
    top,
    skip,
    ...(mayRead && { readable: mayRead }),
    ...(skipToken !== undefined && { skipToken }),
    ...(subscriptions && { subscriptions }),
    table: resultFormat(options) === 'table',
    facets: list(body['facets']).map(facetRequest),
  };
}

function resultFormat(options: JsonObject): string {
  const given = options['resultFormat'];
  const format = given === undefined || given === null ? 'objectarray' : String(given).toLowerCase();
  if (format === 'table' || format === 'objectarray') return format;
  throw new KqlError({ code: 'InvalidResultFormat', message: `The result format '${format}' is not supported.` });
}

function facetRequest(given: Json): FacetRequest {
  const facet = object(given);
  const options = object(facet['options']);
  const [sortBy, filter] = [text(options['sortBy']), text(options['filter'])];
  const top = options['$top'] === undefined ? undefined : page(options['$top'], mostRows, 1);
  return {
    expression: text(facet['expression']) ?? '',
    sortOrder: text(options['sortOrder'])?.toLowerCase() === 'asc' ? 'asc' : 'desc',
    ...(sortBy !== undefined && { sortBy }),
    ...(filter !== undefined && { filter }),
    ...(top !== undefined && { top }),
  };
}

function page(given: Json | undefined, otherwise: number, least: number): number {
  if (given === undefined || given === null) return otherwise;
  const inRange = Number.isInteger(given) && Number(given) >= least && (least === 0 || Number(given) <= mostRows);
  if (inRange) return Number(given);
  throw new KqlError({
    code: 'InvalidPagingOptions',
    message: `Page size must be a whole number from 1 to ${mostRows}; skip must not be negative. Given: '${given}'.`,
  });
}

function scope(world: World, asked: readonly string[]): ReadonlySet<string> | undefined {
  if (asked.length === 0) return undefined;
  const odd = asked.filter((id) => !guid.test(id));
  if (odd.length > 0) {
    const message = `The list of subscriptions has values that are no GUIDs: '${odd.join(',')}'.`;
    throw new KqlError({ code: 'SubscriptionsContainInvalidGuids', message });
  }
  const known = subscriptionIds(world);
  const valid = asked.filter((id) => known.includes(id));
  if (valid.length > 0) return new Set(valid);
  throw new KqlError({
    code: 'NoValidSubscriptionsInQueryRequest',
    message: `There must be at least one subscription that is eligible to contain resources. Given: '${asked.join(',')}'.`,
  });
}
