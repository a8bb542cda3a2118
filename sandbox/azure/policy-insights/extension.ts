import type { Json, Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { callerOf } from '../authorization/names';
import { isWithin } from '../authorization/scope';
import type { JsonObject } from '../compute/resource';
import { limits } from './query-routes';
import { problemOf } from './scope';
import type { Kept } from './section';

/** Remediations and attestations: resources on any scope. */
export interface Extension {
  readonly world: World;
  readonly request: SandboxRequest;
  readonly scope: string;
  readonly name: string;
  readonly id: string;
}

export type Handler = (on: Extension) => SandboxResponse;

/** Routes of a type of Microsoft.PolicyInsights; `actions` are POSTs on one of them. */
export function extensionRoutes(
  world: World,
  type: string,
  verbs: Readonly<Record<string, Handler>>,
  actions: Readonly<Record<string, Handler>> = {},
): Route[] {
  const base = `/{scope+}/providers/Microsoft.PolicyInsights/${type}`;
  const route = (method: string, path: string, handler: Handler): Route => ({
    method,
    path,
    handle: (request: SandboxRequest, params: Params) => {
      const [scope, name] = [`/${params['scope']}`, params['name'] ?? ''];
      const id = `${scope}/providers/Microsoft.PolicyInsights/${type}/${name}`;
      const answer = problemOf(world, scope) ?? handler({ world, request, scope, name, id });
      return { ...answer, headers: { ...limits, ...answer.headers } };
    },
  });
  const { list, ...one } = verbs;
  return [
    ...(list ? [route('GET', base, list)] : []),
    ...Object.entries(one).map(([method, handler]) => route(method, `${base}/{name}`, handler)),
    ...Object.entries(actions).map(([action, handler]) => route('POST', `${base}/{name}/${action}`, handler)),
  ];
}

/** Those on a scope and below it. */
export function listOn<T extends Kept>(
  all: Readonly<Record<string, T>>,
  { scope }: Extension,
  view: (one: T) => JsonObject,
): SandboxResponse {
  const value: Json[] = Object.values(all)
    .filter(({ id }) => isWithin(id.slice(0, key(id).lastIndexOf('/providers/microsoft.policyinsights/')), scope))
    .map(view);
  return { status: 200, body: { value } };
}

export function missing(kind: string, { name }: Extension): SandboxResponse {
  return armError(404, `${kind}NotFound`, `The ${kind.toLowerCase()} '${name}' could not be found.`);
}

export function systemData(request: SandboxRequest, createdMs: number, modifiedMs: number): JsonObject {
  const { client, principalType } = callerOf(request.headers);
  const by = principalType === 'User' ? 'User' : 'ManagedIdentity';
  return {
    createdBy: client,
    createdByType: by,
    createdAt: new Date(createdMs).toISOString(),
    lastModifiedBy: client,
    lastModifiedByType: by,
    lastModifiedAt: new Date(modifiedMs).toISOString(),
  };
}
