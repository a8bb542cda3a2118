import { randomInt } from 'node:crypto';
import type { Person } from '../access';
import type { Deciders } from '../azure';
import type { Risk } from '../catalogue';
import type { BaseNews, Difference, Fingerprint } from '../images';
import type { ChangeRun } from './change';
import type { DigestRun } from './digest';
import type { PublishRun } from './publish';

const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** The id of a run or an approval request, on every card: `R-7F3KQ`. One namespace; no letters that people misread. */
export type RequestId = `R-${string}`;

/** `random(n)` gives an integer from 0 to n - 1. */
export function newRequestId(random: (n: number) => number = (n) => randomInt(n)): RequestId {
  const letters = Array.from({ length: 5 }, () => alphabet[random(alphabet.length)]);
  return `R-${letters.join('')}`;
}

/** Reads an id as people type it (`r-7f3kq`, `7F3KQ`); undefined when it cannot be one. */
export function parseRequestId(text: string): RequestId | undefined {
  const found = /^(?:r-)?([2-9a-hj-np-z]{5})$/i.exec(text.trim());
  return found?.[1] ? `R-${found[1].toUpperCase()}` : undefined;
}

/** How a person came to share responsibility for a run: actors cannot decide about it. */
export type ActorDid = 'requested' | 'joined' | 'rebuilt' | 'overrode';

export interface Actor extends Person {
  readonly did: ActorDid;
}

/** `unchanged`: a schedule came due and there was nothing new to build. */
export type PublishOutcome = 'published' | 'cancelled' | 'expired' | 'failed' | 'unchanged';
/** `done` is to digests and changes what `published` is to publish runs. */
export type Outcome = PublishOutcome | 'done';
export type RunStatus = 'running' | 'waiting' | 'cancelling' | PublishOutcome;

/**
 * What people tell a run. `decided` comes from an approval, `confirm` is what a second person says to an `override`, `saw`
 * is what somebody says whom a trial asks, `appoint` when an owner means to replace a machine, `review` what somebody who took no part says of glass that was broken; the
 * others come from a command or button of the same name.
 */
export type SignalKind =
  | 'cancel'
  | 'rebuild'
  | 'withdraw'
  | 'decided'
  | 'override'
  | 'confirm'
  | 'saw'
  | 'appoint'
  | 'review';

export interface Signal {
  readonly kind: SignalKind;
  readonly by: Person;
  readonly body: {
    readonly reason?: string;
    readonly note?: string;
    readonly approval?: RequestId;
    /** Of an appointment: resource id. */
    readonly machine?: string;
    /** Of an appointment: when (ISO 8601, world time); absent: it is taken back. */
    readonly when?: string;
  };
  /** World time. */
  readonly at: Date;
}

/** `digest`: one team's week. `change`: one change for a team: classify, exempt, remediate, rescan, restrict …; or to what is goldbot's own. */
export type RunKind = 'publish' | 'digest' | 'change';

/** Any run there is; its kind says what its plan and data are. */
export type Run = PublishRun | ChangeRun | DigestRun;

export type RunOfKind<Kind extends RunKind> = Extract<Run, { readonly kind: Kind }>;

export function isOfKind<Kind extends RunKind>(run: Run, kind: Kind): run is RunOfKind<Kind> {
  return run.kind === kind;
}

/** Since when a run has been in its stage, and how long it may be. World time. */
export interface InStage {
  readonly since: Date;
  /** Absent in a stage of one step. */
  readonly limit?: {
    /** Who or what is waited for: `Image Builder`. */
    readonly waitsFor: string;
    readonly until: Date;
    /** What becomes of the run then, as a sentence. */
    readonly afterwards: string;
  };
}

/** What all runs have; the engine knows no more. `Plan` and `Data` belong to the kind. */
export interface RunOf<Plan, Data> {
  readonly id: RequestId;
  readonly kind: RunKind;
  /** The image; `<team>:<ISO week>` of digests. One open run per kind and subject. */
  readonly subject: string;
  readonly plan: Plan;
  /** Null until the plan stage has committed. */
  readonly planHash: string | null;
  readonly stages: readonly string[];
  readonly stage: string;
  /** From 1; each rebuild adds one. */
  readonly attempt: number;
  readonly data: Data;
  /** World time of the next step. */
  readonly dueAt: Date;
  /** Steps in a row that failed or over which a replica died; from five on people are told. */
  readonly tries: number;
  readonly lastError: string | null;
  /** World time since which every try has failed; null while the last one succeeded. */
  readonly failingSince: Date | null;
  /** Null until the first step in this stage and attempt. */
  readonly inStage: InStage | null;
  readonly version: number;
  /** World time. */
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  readonly outcome: Outcome | null;
  readonly actors: readonly Actor[];
  /** World time since which its messages and requests are kept no more; absent: they are. */
  readonly clearedAt?: Date;
}

/** After this many failed steps in a row a run says that it needs a look. */
export const needsALookAfter = 5;

/** Who may decide about a run, and how many deciders it takes. */
export interface ApprovalRule extends DecidingGroup {
  /** Deciders of the rule's own group needed to approve; one rejection is enough to reject. */
  readonly quorum: number;
  /** Groups that decide before it, one after the other, each asked once the one before has approved. */
  readonly first?: readonly DecidingStep[];
  /** Where the rule's own group is asked in its turn; present where others decide before it. */
  readonly channel?: string;
  /** For how long the rule's own group may decide once it is asked; present where each group has a time of its own. */
  readonly ttlMs?: number;
  /** Regular expression of the change number without which nobody approves; absent: none is needed. */
  readonly changeNumber?: string;
  /** What the catalogue's quorum is, where a schedule asks for more. */
  readonly own?: number;
  /** How many must approve a version of which one of these is so; the highest counts, and never less than `quorum`. */
  readonly risks?: readonly { readonly when: readonly Risk[]; readonly quorum: number }[];
  /** The time that a request is open counts working hours of this zone alone. */
  readonly workingHours?: { readonly zone: string };
  /** Of a request: which risks made its quorum higher than the rule's own. */
  readonly because?: readonly Risk[];
  /** Whether whoever decides is reminded, and in which zone working hours are counted; without a zone all hours count. */
  readonly reminders?: { readonly zone?: string };
  /** Whose members may decide as well from the second reminder on, and where they are asked then. */
  readonly escalation?: DecidingGroup & { readonly channel: string };
}

/** An Entra group (object id) whose members decide. */
export interface DecidingGroup {
  readonly group: string;
  readonly groupName: string;
}

/** A group that decides before others do, how many of it must approve, and where it is asked. */
export interface DecidingStep extends DecidingGroup {
  readonly quorum: number;
  readonly channel: string;
  /** For how long it may decide once it is asked, in milliseconds as `timeToLive` counts; absent: all groups share one time. */
  readonly ttlMs?: number;
}

export type ApprovalStatus = 'pending' | 'approved' | 'rejected' | 'expired' | 'withdrawn' | 'void';
export type Verdict = 'approve' | 'reject';

export interface Decision extends Person {
  readonly verdict: Verdict;
  readonly reason: string | null;
  /** `button` or `text`. */
  readonly via: string;
  /** World time. */
  readonly at: Date;
  /** For which of the groups that decide one after the other it counts, from 0; absent: there is one. */
  readonly turn?: number;
  /** Whose place it takes, who had passed it on; absent: the person's own. */
  readonly inPlaceOf?: Person;
}

/** Why a request does not stand any more although its plan does. */
export type VoidReason =
  /** What was asked about is not what it was. */
  | { readonly why: 'changed'; readonly differences: readonly Difference[] }
  /** It was decided longer ago than a request stays open. */
  | { readonly why: 'outlived' }
  /** The base of what was asked about was withdrawn, or ended, and those who decided did not know. */
  | { readonly why: 'base'; readonly news: BaseNews }
  /** It was asked by a version of goldbot that did not bind requests to what they are about. */
  | { readonly why: 'unbound' };

/** The topic of a card on which several requests are listed. */
export type SharedTopic = `requests:${string}`;

/** An approval request. Its id is bound to one plan hash and one object; asking again makes a new one. */
export interface Approval {
  readonly id: RequestId;
  readonly runId: RequestId;
  readonly planHash: string;
  readonly rule: ApprovalRule;
  readonly status: ApprovalStatus;
  /** World time. */
  readonly askedAt: Date;
  readonly expiresAt: Date;
  readonly decisions: readonly Decision[];
  /** How it closed; absent while it is pending. */
  readonly closed?: {
    /** World time. */
    readonly at: Date;
    /** A person's name, or `goldbot`. */
    readonly by: string;
    /** The person's reason, of one that was withdrawn or whose run was cancelled. */
    readonly why?: string;
  };
  /** Number of the change in the enterprise's own records under which it is approved: `CHG0031234`. */
  readonly changeNumber?: string;
  /** Of the gallery version that it is about; absent for changes, and for requests of before there were any. */
  readonly fingerprint?: Fingerprint;
  /** Absent unless goldbot itself found a reason. */
  readonly voided?: VoidReason;
  /** The card that it shares with the other requests of its schedule; absent: it has one of its own. */
  readonly sharedCard?: SharedTopic;
  /** Present while its card is missing in the channel where it asks, of an expired one for ever: nobody could be asked. */
  readonly unasked?: Missing;
  /** World time at which goldbot found that somebody had deleted its message in Teams, and posted this one in its place. */
  readonly deletedAt?: Date;
}

/**
 * Until when an approval may be used: its last decision is good for as long as its request would have stayed open. It
 * was given for what was known then.
 */
export function lapsesAt({ askedAt, expiresAt, decisions }: Approval): Date {
  const decidedMs = Math.max(askedAt.getTime(), ...decisions.map(({ at }) => at.getTime()));
  return new Date(decidedMs + expiresAt.getTime() - askedAt.getTime());
}

/**
 * Why a card is not in Teams: `unknown channel` no channel has the name that the catalogue gives; `same name` several have;
 * `closed` goldbot may not speak there; `waiting` Teams takes nothing at present; `silent` Teams did not say whether it took the card, and
 * it is posted again; `refused` Teams does not take it; `given up` it may be there, and is not posted again; `deleted` somebody
 * deleted it in Teams a second time.
 */
export type MissingWhy =
  | 'unknown channel'
  | 'same name'
  | 'closed'
  | 'waiting'
  | 'silent'
  | 'refused'
  | 'given up'
  | 'deleted';

/** A card that people are to see and that is not in Teams, or not for certain. */
export interface Missing {
  readonly why: MissingWhy;
  /** As the catalogue calls it, or its id. */
  readonly channel: string;
  /** World time. */
  readonly since: Date;
}

/** Why a request can never be approved as things are. */
export type Blocked =
  | { readonly why: 'no such group' | 'group too large' | 'empty group' }
  /** `able`: members who are no part of the run. */
  | { readonly why: 'too few'; readonly members: number; readonly able: number };

/**
 * Whether anybody can approve at all: enough members of the group who are no part of the run. Undefined: they can, or
 * nobody knows who is in the group.
 */
export function blockedBy(
  rule: Pick<ApprovalRule, 'quorum'>,
  actors: readonly Pick<Actor, 'oid'>[],
  deciders: Deciders | undefined,
): Blocked | undefined {
  if (!deciders) return undefined;
  const { size, count, ids } = deciders;
  if (size === 'missing') return { why: 'no such group' };
  if (size === 'too large') return { why: 'group too large' };
  if (count === 0) return { why: 'empty group' };
  if (count > ids.length) return undefined;
  const barred = new Set(actors.map(({ oid }) => oid.toLowerCase()));
  const able = ids.filter((id) => !barred.has(id)).length;
  return able < rule.quorum ? { why: 'too few', members: count, able } : undefined;
}

/** What is told of a request that expired: that nobody decided, or that nobody could. */
export function whyExpired({
  rule,
  decisions = [],
  unasked,
}: Pick<Approval, 'rule' | 'unasked'> & Partial<Pick<Approval, 'decisions'>>): string {
  const { groupName } = turnOf({ rule, decisions });
  const groups = [groupName, ...(rule.escalation ? [rule.escalation.groupName] : [])];
  if (!unasked) return `nobody in ${groups.join(' or ')} decided in time`;
  const { why, channel } = unasked;
  if (why === 'deleted') return `nobody decided in time, and somebody had deleted the card in ${channel}`;
  const perhaps = why === 'silent' || why === 'given up';
  return perhaps
    ? `nobody decided in time, and Teams never said whether the card reached ${channel}`
    : `nobody could be asked: the card never reached ${channel}`;
}

type Said = Pick<Decision, 'oid' | 'verdict' | 'turn'>;

/** What the decisions so far amount to. `members` are the deciders who are still in the group that they decided for. */
export function tally(
  rule: ApprovalRule,
  decisions: readonly Said[],
  members: ReadonlySet<string>,
): 'pending' | 'approved' | 'rejected' {
  const valid = decisions.filter((d) => members.has(d.oid));
  if (valid.some((d) => d.verdict === 'reject')) return 'rejected';
  const { missing } = turnOf({ rule, decisions: valid });
  return missing === 0 ? 'approved' : 'pending';
}

/** The group whose turn it is, and how many of it have yet to approve. */
export interface Turn extends DecidingGroup {
  readonly quorum: number;
  /** From 0. */
  readonly at: number;
  readonly missing: number;
}

/** The groups of a rule in the order in which they decide; for most there is one. */
export function stepsOf(rule: Pick<ApprovalRule, 'first' | 'group' | 'groupName' | 'quorum'>) {
  const { first = [], group, groupName, quorum } = rule;
  return [...first.map((step) => ({ ...step })), { group, groupName, quorum }];
}

/** The first group that has not approved; the last one, which nothing is missing of, once all have. */
export function turnOf({
  rule,
  decisions = [],
}: {
  readonly rule: ApprovalRule;
  readonly decisions?: readonly Said[];
}): Turn {
  const turns = stepsOf(rule).map(({ group, groupName, quorum }, at) => {
    const missing = Math.max(0, quorum - approversFor(decisions, at).size);
    return { group, groupName, quorum, at, missing };
  });
  const turn = turns.find(({ missing }) => missing > 0) ?? turns.at(-1);
  if (!turn) throw new Error('a rule without a group');
  return turn;
}

/** Who approved for one of the groups that decide one after the other, from 0. */
export function approversFor<One extends Said>(decisions: readonly One[], turn: number): ReadonlySet<string> {
  const own = decisions.filter((one) => one.verdict === 'approve' && (one.turn ?? 0) === turn);
  return new Set(own.map(({ oid }) => oid));
}
