import type { Deciders, Directory } from '../../core/azure';
import { isUserError } from '../../core/errors';
import {
  type Approval,
  type ApprovalRule,
  barredFrom,
  blockedBy,
  dueReminder,
  expiryOf,
  groupsDeciding,
  type Reminded,
  type RunOf,
  remindersOf,
  turnOf,
} from '../../core/runs';
import { hours, minutes } from '../../core/time';

/** World time between two looks at who could decide; clicks and expiry wake the run earlier. */
const lookEveryMs = hours(6);
/** Somebody may be mending the group at this moment. */
const blockedEveryMs = minutes(15);

/** What a workflow that asks for approval needs besides Azure. */
export type DecidersOf = Directory['deciders'];

type Asking = Pick<RunOf<unknown, { readonly deciders?: Deciders; readonly reminded?: Reminded }>, 'actors' | 'data'>;

/** A request that is open, or about to be. */
type Open = Pick<Approval, 'rule' | 'askedAt' | 'expiresAt' | 'decisions'>;

/** A request as it will be, opened now. */
export function opening(rule: ApprovalRule, ttlMs: number, now: Date): Open {
  return { rule, decisions: [], askedAt: now, expiresAt: expiryOf(rule, ttlMs, now) };
}

export interface LookAtDeciders {
  /** World time until the next look, which is no later than the next reminder. */
  readonly lookMs: number;
  /** Present when it is not what the run knew: its cards tell when nobody can decide. */
  readonly data?: { readonly deciders: Deciders };
}

/**
 * Asks who could decide, so that the cards of a request that nobody can approve say so. It only informs: when Graph is
 * silent, what was known before stands.
 */
export async function lookAtDeciders(
  run: Asking,
  request: Open,
  { decidersOf, now }: { readonly decidersOf: DecidersOf; readonly now: Date },
): Promise<LookAtDeciders> {
  const before = run.data.deciders;
  const found = await decidersIn(request, { decidersOf, now }).catch((error: unknown) => {
    if (isUserError(error)) return before;
    throw error;
  });
  const turn = turnOf(request);
  const isBlocked = blockedBy(turn, barredFrom(turn, request, run.actors), found) !== undefined;
  const everyMs = isBlocked ? blockedEveryMs : lookEveryMs;
  const reminders = remindersOf(request).map((at) => at.getTime() - now.getTime());
  const lookMs = Math.min(everyMs, ...reminders.filter((ms) => ms > 0));
  return { lookMs, ...(found && !isSame(before, found) && { data: { deciders: found } }) };
}

/** Of all groups that may decide by now. One that does not exist or is too large adds nobody to another one. */
async function decidersIn(
  request: Open,
  { decidersOf, now }: { readonly decidersOf: DecidersOf; readonly now: Date },
): Promise<Deciders> {
  const [own, ...more] = groupsDeciding(request, now);
  let sum = await decidersOf(own.group);
  for (const { group } of more) sum = both(sum, await decidersOf(group));
  return sum;
}

function both(one: Deciders, other: Deciders): Deciders {
  if (other.size !== 'fits') return one;
  if (one.size !== 'fits') return other;
  const ids = [...new Set([...one.ids, ...other.ids])];
  const isWhole = one.count === one.ids.length && other.count === other.ids.length;
  return { size: 'fits', count: isWhole ? ids.length : one.count + other.count, ids };
}

/** What a run with an open request answers, besides what it found out itself: looks, reminds, waits for people. */
export interface Awaiting {
  readonly ms: number;
  readonly data: { readonly deciders?: Deciders; readonly reminded?: Reminded };
  readonly remind?: Reminded;
}

/** `approval` is open. */
export async function awaitDeciders(
  run: Asking,
  approval: Approval,
  at: { readonly decidersOf: DecidersOf; readonly now: Date },
): Promise<Awaiting> {
  const { lookMs, data } = await lookAtDeciders(run, approval, at);
  const remind = dueReminder(approval, run.data.reminded, at.now);
  const leftMs = Math.max(approval.expiresAt.getTime() - at.now.getTime(), 0);
  return {
    ms: Math.min(leftMs, lookMs),
    data: { ...data, ...(remind && { reminded: remind }) },
    ...(remind && { remind }),
  };
}

function isSame(before: Deciders | undefined, found: Deciders): boolean {
  const key = ({ size, count, ids }: Deciders) => JSON.stringify([size, count, [...ids].sort()]);
  return before !== undefined && key(before) === key(found);
}
