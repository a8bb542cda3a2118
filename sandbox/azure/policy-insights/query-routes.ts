import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import type { JsonObject } from '../compute/resource';
import { judge } from './judge';
import { ODataError } from './odata';
import { optionsOf, type QueryOptions, refusedQuery, selected } from './query';
import { type PolicyState, recordOf } from './records';
import { isRefusal, type Scope, scopeNamed } from './scope';
import { statesOf } from './states';
import { summaryOf } from './summarize';

/** Records per page unless fewer are requested; the number is not documented. */
const pageSize = 1_000;

export const limits = { 'x-ms-ratelimit-remaining-policy-insights-requests': '149' };

/** POST policyStates/{default|latest}/queryResults and policyStates/latest/summarize on every scope and policy. */
export function queryRoutes(world: World): Route[] {
  const on = (what: string, handle: (request: SandboxRequest, scope: Scope, params: Params) => SandboxResponse) => ({
    method: 'POST',
    path: `/{scope+}/providers/Microsoft.PolicyInsights/policyStates/{resource}/${what}`,
    handle: (request: SandboxRequest, params: Params) => {
      if (!/^(?:default|latest)$/i.test(params['resource'] ?? '')) return unknownResource(params['resource'] ?? '');
      const scope = scopeNamed(world, params['scope'] ?? '');
      return isRefusal(scope) ? scope : handle(request, scope, params);
    },
  });
  return [
    on('queryResults', (request, scope, params) => queryResults(world, request, scope, params)),
    on('summarize', (request, scope) => summarize(world, request, scope)),
    {
      method: 'GET',
      path: '/{scope+}/providers/Microsoft.PolicyInsights/policyStates/{resource}/queryResults',
      handle: () =>
        armError(405, 'HttpMethodNotSupported', "The http method 'GET' is not supported for 'queryResults'."),
    },
  ];
}

function unknownResource(name: string): SandboxResponse {
  const message = `The virtual resource '${name}' is not valid. The allowed values are 'default, latest'.`;
  return armError(400, 'InvalidPolicyStatesResource', message);
}

export const contextOf = (scope: Scope, type: string, what: string): string =>
  `https://management.azure.com${scope.written}/providers/Microsoft.PolicyInsights/${type}/$metadata#${what}`;

function queryResults(world: World, request: SandboxRequest, scope: Scope, params: Params): SandboxResponse {
  try {
    const options = optionsOf(world, request);
    const page = options.apply || options.sort ? wholePage(world, scope, options) : streamedPage(world, scope, options);
    const context = contextOf(scope, 'policyStates', key(params['resource'] ?? ''));
    const next = page.next === undefined ? {} : { '@odata.nextLink': nextLink(request, page.next) };
    const value = page.records.map((record) => entity(context, selected(record, options.select)));
    const body = { '@odata.context': context, '@odata.count': value.length, ...next, value };
    return { status: 200, headers: limits, body };
  } catch (error) {
    return refusedQuery(error);
  }
}

const entity = (context: string, record: JsonObject): JsonObject => ({
  '@odata.id': null,
  '@odata.context': `${context}/$entity`,
  ...record,
});

function nextLink({ url }: SandboxRequest, token: string): string {
  const kept = [...url.searchParams].filter(([name]) => name.toLowerCase() !== '$skiptoken');
  const query = [...kept, ['$skiptoken', token]].map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`);
  return `https://management.azure.com${url.pathname}?${query.join('&')}`;
}

interface Page {
  readonly records: JsonObject[];
  readonly next?: string;
}

/** States that a query is about, with their records. */
export function* matching(
  world: World,
  scope: Scope,
  options: QueryOptions,
  after = '',
): Generator<{ state: PolicyState; record: JsonObject }> {
  for (const state of statesOf(world, { scope: scope.head, after })) {
    if (state.atMs < options.fromMs || state.atMs > options.toMs || !scope.wanted(state)) continue;
    const record = recordOf(state);
    if (options.filter(record)) yield { state, record };
  }
}

/** In the order of the states, from where the last page ended. */
function streamedPage(world: World, scope: Scope, options: QueryOptions): Page {
  const last = options.skipToken === undefined ? undefined : placeIn(options.skipToken);
  const size = Math.min(options.top ?? pageSize, pageSize);
  const records: JsonObject[] = [];
  let place = '';
  for (const { state, record } of matching(world, scope, options, last?.split('|')[0])) {
    const at = `${key(state.resource.id)}/|${state.member.guid}`;
    if (last !== undefined && at <= last) continue;
    if (records.length >= size) {
      if (options.top !== undefined && options.top <= pageSize) break;
      return { records, next: Buffer.from(place).toString('base64url') };
    }
    records.push(options.expanded ? { ...record, policyEvaluationDetails: detailsOf(world, state) } : record);
    place = at;
  }
  return { records };
}

function placeIn(token: string): string {
  const place = Buffer.from(token, 'base64url').toString('utf8');
  if (/^\/[^|]+\/\|[0-9a-f-]{36}$/.test(place)) return place;
  throw new ODataError(`The value '${token}' of '$skiptoken' is not one that was given.`);
}

function wholePage(world: World, scope: Scope, options: QueryOptions): Page {
  const { apply, sort, top = pageSize, skipToken } = options;
  const all = (function* () {
    for (const { record } of matching(world, scope, options)) yield record;
  })();
  const done = [...(apply ? apply.run(all) : all)];
  if (sort) done.sort(sort);
  const from = skipToken === undefined ? 0 : Number(Buffer.from(skipToken, 'base64url').toString('utf8'));
  if (!Number.isInteger(from))
    throw new ODataError(`The value '${skipToken}' of '$skiptoken' is not one that was given.`);
  const size = Math.min(top, pageSize);
  const records = done.slice(from, from + size);
  const more = from + size < done.length && (options.top === undefined || options.top > pageSize);
  return { records, ...(more && { next: Buffer.from(String(from + size)).toString('base64url') }) };
}

/** What the rule compared: as the resource is now. */
function detailsOf(world: World, { resource, member, atMs }: PolicyState): JsonObject {
  const found = judge(world, resource, [member], atMs).find((one) => one.member === member.key);
  return { evaluatedExpressions: (found?.verdict.expressions ?? []).map((one) => ({ ...one })) };
}

function summarize(world: World, request: SandboxRequest, scope: Scope): SandboxResponse {
  try {
    const options = optionsOf(world, request);
    const context = contextOf(scope, 'policyStates', 'summary');
    const summary = summaryOf(matching(world, scope, options), { request, scope, options });
    const body = { '@odata.context': context, '@odata.count': 1, value: [entity(context, summary)] };
    return { status: 200, headers: limits, body };
  } catch (error) {
    return refusedQuery(error);
  }
}
