import { afterWorkingTime, workingDay, workingMs, workingTime } from '../calendar';
import type { ImageConfig, Risk } from '../catalogue';
import { matches } from '../pattern';
import { addDuration, days } from '../time';
import { type Approval, type ApprovalRule, type DecidingGroup, stepsOf, type Turn, turnOf } from './run';

/** How change numbers look unless the catalogue says otherwise: `CHG0031234`, `RFC-1042`. */
const usualChangeNumber = '[A-Z]{2,10}-?[0-9]{3,12}';

/** Who decides about versions of an image, and how. `least`: how many people must agree at least, in all its groups. */
export function approvalRule({ approval }: Pick<ImageConfig, 'approval'>, least = 1): ApprovalRule {
  const {
    group,
    groupName,
    quorum,
    first,
    channel,
    ttlMs,
    expiresCounts,
    change,
    changePattern,
    reminders,
    zone = 'UTC',
    escalation,
  } = approval;
  return {
    ...withAtLeast(
      { group, groupName, quorum, ...(first && { first, channel, ...(ttlMs !== undefined && { ttlMs }) }) },
      least,
    ),
    ...(reminders && { reminders: reminders === 'working-hours' ? { zone } : {} }),
    ...(escalation && { escalation }),
    ...(expiresCounts && { workingHours: { zone } }),
    ...(change === 'required' && { changeNumber: changePattern ?? usualChangeNumber }),
  };
}

/** How long a request stays open, in milliseconds of world time; of working time where only that counts. */
export function timeToLive({ approval }: Pick<ImageConfig, 'approval'>, now: Date): number {
  const { expires, expiresCounts } = approval;
  const working = expiresCounts && workingMs(expires);
  return working ?? (addDuration(expires, now)?.getTime() ?? now.getTime()) - now.getTime();
}

/** When a request that is asked now expires. `ttlMs`: as `timeToLive` has it, of all groups together. */
export function expiryOf(rule: ApprovalRule, ttlMs: number, now: Date): Date {
  return expiryOfTurn(rule, 0, now) ?? afterTime(rule, ttlMs, now);
}

/** Until when a group may decide whose turn begins now; undefined: its turn changes nothing of when the request expires. */
export function expiryOfTurn(rule: ApprovalRule, at: number, now: Date): Date | undefined {
  const own = ownTimes(rule)?.[at];
  return own === undefined ? undefined : afterTime(rule, own, now);
}

/** How long each group may take, in milliseconds as `timeToLive` counts; undefined: they share one time. */
export function ownTimes({ first = [], ttlMs }: ApprovalRule): readonly number[] | undefined {
  return ttlMs === undefined ? undefined : [...first.map((one) => one.ttlMs ?? ttlMs), ttlMs];
}

function afterTime({ workingHours }: ApprovalRule, ms: number, now: Date): Date {
  return workingHours ? afterWorkingTime(now, ms, workingHours.zone) : new Date(now.getTime() + ms);
}

/** The most world time that a request can be open, in milliseconds: a week has five working days, and some of it may be over. */
export function longestOpenMs(rule: ApprovalRule, ttlMs: number): number {
  const longest = (ms: number) => (rule.workingHours ? Math.ceil(ms / workingDay) * days(7 / 5) + days(4) : ms);
  return (ownTimes(rule) ?? [ttlMs]).reduce((sum, ms) => sum + longest(ms), 0);
}

/** So that as many people approve at least; more of the rule's own group, where it is too few. */
export function withAtLeast<Rule extends ApprovalRule>(rule: Rule, people: number): Rule {
  const all = stepsOf(rule).reduce((sum, { quorum }) => sum + quorum, 0);
  return { ...rule, quorum: rule.quorum + Math.max(0, people - all) };
}

/** The rule of one request: as many must approve as the highest of the risks that are there asks for. */
export function ruleFor(rule: ApprovalRule, found: readonly Risk[]): ApprovalRule {
  const applying = (rule.risks ?? []).filter(({ when }) => when.some((risk) => found.includes(risk)));
  const quorum = Math.max(rule.quorum, ...applying.map((one) => one.quorum));
  if (quorum === rule.quorum) return rule;
  const highest = applying.filter((one) => one.quorum === quorum).flatMap(({ when }) => when);
  return { ...rule, quorum, because: found.filter((risk) => highest.includes(risk)) };
}

/** The most approvals that a version may need. */
export function highestQuorum({ quorum, risks = [] }: ImageConfig['approval']): number {
  return Math.max(quorum, ...risks.map((one) => one.quorum));
}

type Open = Pick<Approval, 'rule' | 'askedAt' | 'expiresAt'> & Partial<Pick<Approval, 'decisions'>>;

/** Of the time that a request is open, how much is over at each reminder. */
const reminderParts = [1 / 2, 3 / 4] as const;

/**
 * When those who decide are reminded, in world time; empty where the rule has no reminders. Where each group has a time of
 * its own, those of the group whose turn it is. A request that is open in no working hour at all is counted by the clock.
 */
export function remindersOf(request: Open): readonly Date[] {
  const { expiresAt } = request;
  const { reminders } = request.rule;
  if (!reminders) return [];
  const { zone } = reminders;
  const from = turnSince(request);
  const worked = zone === undefined ? 0 : workingTime(from, expiresAt, zone);
  const openMs = expiresAt.getTime() - from.getTime();
  return reminderParts.map((part) =>
    zone !== undefined && worked > 0
      ? afterWorkingTime(from, worked * part, zone)
      : new Date(from.getTime() + openMs * part),
  );
}

/** Since when the time counts that is left: of the whole request, or of the group whose turn it is where each has its own. */
function turnSince({ rule, askedAt, decisions = [] }: Open): Date {
  const { at } = turnOf({ rule, decisions });
  if (ownTimes(rule) === undefined || at === 0) return askedAt;
  const before = decisions.filter(({ turn = 0 }) => turn < at).map((one) => one.at.getTime());
  return new Date(Math.max(askedAt.getTime(), ...before));
}

/** When others may decide as well; undefined: nobody else ever may. */
export function escalatesAt(request: Open): Date | undefined {
  return request.rule.escalation && remindersOf(request).at(-1);
}

/** Whose members may decide at this moment: of any of the groups. Of those that decide in turn, the one whose turn it is. */
export function groupsDeciding(request: Open, now: Date): readonly [DecidingGroup, ...DecidingGroup[]] {
  const { rule } = request;
  return [turnOf(request), ...(isEscalated(request, now) && rule.escalation ? [rule.escalation] : [])];
}

export function isEscalated(request: Open, now: Date): boolean {
  const at = escalatesAt(request);
  return at !== undefined && at <= now;
}

/** Who of a group cannot decide any more: those who are part of the run, and who have decided for a group before. */
export function barredFrom(
  turn: Pick<Turn, 'at'>,
  { decisions }: Pick<Approval, 'decisions'>,
  actors: readonly { readonly oid: string }[],
): readonly { readonly oid: string }[] {
  return [...actors, ...decisions.filter((one) => (one.turn ?? 0) < turn.at)];
}

/** Where a group is asked in its turn; undefined for a rule of one group, which says nothing of it. */
export function channelOfTurn({ first = [], channel }: ApprovalRule, at: number): string | undefined {
  return first[at]?.channel ?? channel;
}

/** `approvers`; `approvers or heads of platform` once a request was put to both. */
export function whoDecides(request: Open, now: Date): string {
  return groupsDeciding(request, now)
    .map(({ groupName }) => groupName)
    .join(' or ');
}

/** The groups of a rule as people read them: `security, then approvers`. */
export function decidersInTurn(rule: ApprovalRule): string {
  return stepsOf(rule)
    .map(({ groupName }) => groupName)
    .join(', then ');
}

/** What was told of a request beside its card: the second reminder is 2. */
export interface Reminded {
  readonly request: Approval['id'];
  readonly times: number;
  /** Of which group, from 0, where each has a time of its own. */
  readonly turn?: number;
}

/** Of all reminders of a request, from 1: each is a message of its own. */
export function reminderNumber({ times, turn = 0 }: Pick<Reminded, 'times' | 'turn'>): number {
  return turn * reminderParts.length + times;
}

/** The newest reminder that is due and was not given; undefined for none. One that was missed is not made up for. */
export function dueReminder(
  request: Open & Pick<Approval, 'id'>,
  told: Reminded | undefined,
  now: Date,
): Reminded | undefined {
  const times = remindersOf(request).filter((at) => at <= now).length;
  const turn = ownTimes(request.rule) === undefined ? undefined : turnOf(request).at;
  const before = told && told.request === request.id && told.turn === turn ? told.times : 0;
  return times > before ? { request: request.id, times, ...(turn !== undefined && { turn }) } : undefined;
}

/** Why a change number cannot stand on a request. */
export type ChangeNumberProblem =
  | { readonly why: 'missing' }
  /** `pattern`: how they have to look. */
  | { readonly why: 'other pattern'; readonly pattern: string; readonly given: string }
  /** `stands`: the number that the request has already. */
  | { readonly why: 'another'; readonly stands: string };

/**
 * Whether somebody can approve a request under the change number that they give, or without one. The first number stands:
 * the card that the others decide by shows it.
 */
export function changeNumberProblem(
  { rule, changeNumber: stands }: Pick<Approval, 'rule' | 'changeNumber'>,
  given: string | undefined,
): ChangeNumberProblem | undefined {
  if (given === undefined) {
    return rule.changeNumber !== undefined && stands === undefined ? { why: 'missing' } : undefined;
  }
  if (stands !== undefined) return given === stands ? undefined : { why: 'another', stands };
  const pattern = rule.changeNumber ?? usualChangeNumber;
  return isChangeNumber(pattern, given) ? undefined : { why: 'other pattern', pattern, given };
}

/** `pattern`: a regular expression that the whole number must match. */
function isChangeNumber(pattern: string, number: string): boolean {
  return matches(`^(?:${pattern})$`, number) === true;
}
