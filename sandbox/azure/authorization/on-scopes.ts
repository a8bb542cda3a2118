import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError } from '../arm';
import { scopeError } from '../compute/groups';
import { scopeKind } from './scope';

/** A request about something of Microsoft.Authorization on a scope. */
export interface OnScope {
  readonly world: World;
  readonly request: SandboxRequest;
  /** `/` for the tenant. */
  readonly scope: string;
  /** The last segment of the path; empty for lists. */
  readonly name: string;
}

type Handler = (on: OnScope) => SandboxResponse;

type Verbs = Readonly<{ list: Handler; GET: Handler; PUT?: Handler; DELETE?: Handler; PATCH?: Handler }>;

/** The routes of one type of Microsoft.Authorization, which lives on every scope. */
export function onScopes(world: World, type: string, { list, ...verbs }: Verbs): Route[] {
  const route = (method: string, path: string, handler: Handler): Route => ({
    method,
    path,
    handle: (request, params) => {
      const scope = `/${params['scope'] ?? ''}`;
      return scopeProblem(world, scope) ?? handler({ world, request, scope, name: nameOf(params) });
    },
  });
  const under = `providers/Microsoft.Authorization/${type}`;
  return ['/{scope+}/', '/'].flatMap((head) => [
    route('GET', `${head}${under}`, list),
    ...Object.entries(verbs).map(([method, handler]) => route(method, `${head}${under}/{name}`, handler)),
  ]);
}

const nameOf = (params: Params): string => params['name'] ?? '';

function scopeProblem(world: World, scope: string): SandboxResponse | undefined {
  if (scopeKind(scope) === undefined && !/^\/(?:subscriptions|providers)\//i.test(scope)) {
    const message = 'The request did not have a subscription or a valid tenant level resource provider.';
    return armError(404, 'MissingSubscription', message);
  }
  if (scopeKind(scope) === undefined) {
    return armError(400, 'InvalidScope', `The scope '${scope}' is not valid.`);
  }
  const [, subscription, group] = /^\/subscriptions\/([^/]+)(?:\/resourcegroups\/([^/]+))?/i.exec(scope) ?? [];
  return subscription === undefined ? undefined : scopeError(world, subscription, group);
}
