import type { SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { isWithin, scopeKind } from '../authorization/scope';
import { scopeError } from '../compute/groups';
import type { Member } from './members';
import type { PolicyState } from './records';

/** What a query is about: resources below something, and perhaps a single policy. */
export interface Scope {
  /** As it was written in the URL, with a slash in front. */
  readonly written: string;
  /** Lower-case subscription, group or resource that resources begin with; empty for management groups. */
  readonly head: string;
  readonly wanted: (state: Pick<PolicyState, 'member' | 'resource'>) => boolean;
}

const policyPattern =
  /^(.*)\/providers\/microsoft\.authorization\/(policyassignments|policydefinitions|policysetdefinitions)\/[^/]+$/i;

/** @returns the refusal for a scope that does not exist. */
export function scopeNamed(world: World, given: string): Scope | SandboxResponse {
  const written = `/${given}`;
  const [, above, kind] = policyPattern.exec(written) ?? [];
  const scope = above ?? written;
  const problem = problemOf(world, scope);
  if (problem) return problem;
  const id = key(written);
  const isPolicy = policyTests[kind?.toLowerCase() ?? ''];
  const isGroup = scopeKind(scope) === 'managementGroup' || scopeKind(scope) === 'tenant';
  return {
    written,
    head: isGroup ? '' : key(scope),
    wanted: ({ member, resource }) =>
      (!isPolicy || isPolicy(member, id)) && (!isGroup || isWithin(resource.id, key(scope))),
  };
}

const policyTests: Readonly<Record<string, (member: Member, id: string) => boolean>> = {
  policyassignments: ({ assignment }, id) => key(assignment.id) === id,
  policydefinitions: ({ definition }, id) => key(definition.id) === id,
  policysetdefinitions: ({ set }, id) => set !== undefined && key(set.id) === id,
};

export function problemOf(world: World, scope: string): SandboxResponse | undefined {
  if (scopeKind(scope) === undefined) return armError(400, 'InvalidScope', `The scope '${scope}' is not valid.`);
  const [, subscription, group] = /^\/subscriptions\/([^/]+)(?:\/resourcegroups\/([^/]+))?/i.exec(scope) ?? [];
  return subscription === undefined ? undefined : scopeError(world, subscription, group);
}

export const isRefusal = (found: object): found is SandboxResponse => 'status' in found;
