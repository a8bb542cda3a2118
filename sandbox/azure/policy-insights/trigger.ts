import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError } from '../arm';
import { expectEvaluation } from './evaluation';
import { problemOf } from './scope';

const minute = 60_000;
/** A subscription takes longer than a group; Azure says minutes, and hours for many resources. */
const durationMs = { subscription: 6 * minute, group: 3 * minute };

interface Ticket {
  readonly scope: string;
  readonly endMs: number;
  readonly fault?: string;
}

/** POST policyStates/latest/triggerEvaluation, and the URL that reports its end: 202 until then, 200 afterwards. */
export function triggerRoutes(world: World): Route[] {
  const start = (request: SandboxRequest, params: Params) => trigger(world, request, params);
  const under = 'providers/Microsoft.PolicyInsights';
  return [
    {
      method: 'POST',
      path: `/subscriptions/{subscriptionId}/${under}/policyStates/latest/triggerEvaluation`,
      handle: start,
    },
    {
      method: 'POST',
      path: `/subscriptions/{subscriptionId}/resourceGroups/{group}/${under}/policyStates/latest/triggerEvaluation`,
      handle: start,
    },
    {
      method: 'GET',
      path: `/subscriptions/{subscriptionId}/${under}/asyncOperationResults/{ticket}`,
      handle: (request, params) => result(world, request, params['ticket'] ?? ''),
    },
  ];
}

function trigger(world: World, { url, lroFault }: SandboxRequest, params: Params): SandboxResponse {
  const { subscriptionId, group } = params;
  const scope = `/subscriptions/${subscriptionId}${group === undefined ? '' : `/resourceGroups/${group}`}`;
  const problem = problemOf(world, scope);
  if (problem) return problem;
  const endMs = world.clock.nowMs() + durationMs[group === undefined ? 'subscription' : 'group'];
  if (lroFault === undefined || lroFault === 'gone') expectEvaluation(world, scope, endMs);
  const ticket: Ticket = { scope, endMs, ...(lroFault && { fault: lroFault }) };
  const token = Buffer.from(JSON.stringify(ticket)).toString('base64url');
  const location = `https://management.azure.com/subscriptions/${subscriptionId}/providers/Microsoft.PolicyInsights/asyncOperationResults/${token}?api-version=${url.searchParams.get('api-version')}`;
  return { status: 202, headers: { location, 'retry-after': retryAfter(world) } };
}

/** Azure asks for 15 seconds; a client waits in machine time, so a faster world asks for less. */
const retryAfter = ({ clock }: World): string =>
  clock.speed > 0 ? String(Math.max(1, Math.ceil(15 / clock.speed))) : '1';

function result(world: World, { url }: SandboxRequest, token: string): SandboxResponse {
  const ticket = ticketIn(token);
  if (!ticket || ticket.fault === 'gone') {
    return armError(404, 'OperationNotFound', `The operation '${token.slice(0, 40)}' was not found.`);
  }
  if (ticket.fault === 'never' || world.clock.nowMs() < ticket.endMs) {
    return { status: 202, headers: { location: url.href, 'retry-after': retryAfter(world) } };
  }
  if (ticket.fault === undefined) return { status: 200, body: { status: 'Succeeded' } };
  return armError(500, 'InternalServerError', 'The policy compliance scan did not end. Please retry later.');
}

function ticketIn(token: string): Ticket | undefined {
  try {
    const ticket = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Ticket;
    return typeof ticket.endMs === 'number' ? ticket : undefined;
  } catch {
    return undefined;
  }
}
