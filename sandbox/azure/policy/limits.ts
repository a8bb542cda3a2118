import type { SandboxResponse } from '../../kernel/types';
import { armError, key } from '../arm';
import type { OnScope } from '../authorization/on-scopes';
import { condition } from '../conditions';
import { type PolicyType, policies, policyId, scopeOf } from './section';

/** Documented: how many of a kind one scope has at most. */
const most: Readonly<Record<PolicyType, number>> = {
  policyDefinitions: 500,
  policySetDefinitions: 200,
  policyAssignments: 200,
  policyExemptions: 1_000,
};

const mostBytes = 1_048_576;

/** One more than a scope may have; replacing what is there is none more. */
export function tooMany({ world, scope, name }: OnScope, type: PolicyType): SandboxResponse | undefined {
  const all = policies(world)[type];
  if (all[key(policyId(scope, type, name))]) return undefined;
  const limit = Number(condition(world, 'limits', { what: type })['most'] ?? most[type]);
  const there = Object.values(all).filter(({ id }) => key(scopeOf(id)) === key(scope)).length;
  if (there < limit) return undefined;
  const code = `${type.charAt(0).toUpperCase()}${type.slice(1, -1)}QuotaExceeded`;
  return armError(400, code, `The limit of ${limit} ${type} of the scope '${scope}' has been reached.`);
}

export function tooLarge({ request, name }: OnScope): SandboxResponse | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(request.body ?? null));
  if (bytes <= mostBytes) return undefined;
  const message = `The request for '${name}' has ${bytes} bytes; at most ${mostBytes} are allowed.`;
  return armError(413, 'RequestContentTooLarge', message);
}
