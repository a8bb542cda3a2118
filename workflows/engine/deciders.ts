import type { Deciders, Directory } from '../../core/azure';
import { isUserError } from '../../core/errors';
import { type ApprovalRule, blockedBy, type RunOf } from '../../core/runs';
import { hours, minutes } from '../../core/time';

/** World time between two looks at who could decide; clicks and expiry wake the run earlier. */
const lookEveryMs = hours(6);
/** Somebody may be mending the group at this moment. */
const blockedEveryMs = minutes(15);

/** What a workflow that asks for approval needs besides Azure. */
export type DecidersOf = Directory['deciders'];

export interface LookAtDeciders {
  /** World time until the next look. */
  readonly lookMs: number;
  /** Present when it is not what the run knew: its cards tell when nobody can decide. */
  readonly data?: { readonly deciders: Deciders };
}

/**
 * Asks who could decide, so that the cards of a request that nobody can approve say so. It only informs: when Graph is
 * silent, what was known before stands.
 */
export async function lookAtDeciders(
  run: Pick<RunOf<unknown, { readonly deciders?: Deciders }>, 'actors' | 'data'>,
  rule: ApprovalRule,
  decidersOf: DecidersOf,
): Promise<LookAtDeciders> {
  const before = run.data.deciders;
  const found = await decidersOf(rule.group).catch((error: unknown) => {
    if (isUserError(error)) return before;
    throw error;
  });
  const lookMs = blockedBy(rule, run.actors, found) ? blockedEveryMs : lookEveryMs;
  return { lookMs, ...(found && !isSame(before, found) && { data: { deciders: found } }) };
}

function isSame(before: Deciders | undefined, found: Deciders): boolean {
  const key = ({ size, count, ids }: Deciders) => JSON.stringify([size, count, [...ids].sort()]);
  return before !== undefined && key(before) === key(found);
}
