import type { GalleryVersion } from '../../core/azure';
import type { TattooReading } from '../../core/compliance';
import { type ErrorCode, explain, isFinal } from '../../core/errors';
import type { Fingerprint, Judgement, TattooEvidence } from '../../core/images';
import type { AsksFound, Deferral, Promotable } from '../../core/lifecycle';
import {
  type ChangeData,
  type ChangeEnding,
  type ChangeOutcome,
  type ChangePlan,
  type ChangeRun,
  type ChangeStage,
  changeHash,
  holdSentence,
  lapsesAt,
  longestOpenMs,
  momentOfPlan,
  type Outcome,
  type RequestId,
  type SignalKind,
  type TattooPlan,
  type VerifiedMachine,
  whyExpired,
} from '../../core/runs';
import { days, hours, minutes, momentOf, seconds } from '../../core/time';
import type { CardAddress, NewCertificate } from '../../store';
import {
  again,
  atOnce,
  awaitDeciders,
  type DecidersOf,
  lookAtDeciders,
  opening,
  type Stage,
  type StageContext,
  type StageLimit,
  type Step,
  type Wait,
} from '../engine';
import { type HoldDeps, holdsOfChange, holdWait, lookAtHold } from '../holds';
import type { AccessEnds } from './ends';
import { needsReview } from './review';

export type ChangeStep = Step<ChangePlan, ChangeData>;
export type ChangeContext = StageContext<ChangePlan, ChangeData>;
type ChangeLimit = StageLimit<ChangePlan, ChangeData>;
export type ChangeStageDefinition = Stage<ChangePlan, ChangeData> & { readonly name: ChangeStage };

/** What changes need besides Azure. */
export interface ChangeDeps extends HoldDeps {
  /** Makes the run the only one that changes versions of the image, until it is over; returns whose turn it is then. */
  takeTurn(image: string, run: RequestId): Promise<RequestId>;
  /** Lets other runs change versions of the image, while this one only waits. */
  leaveTurn(image: string, run: RequestId): Promise<void>;
  /** What goldbot keeps of a golden version that it made; undefined when it made none of this number. */
  recorded(image: string, version: string): Promise<Fingerprint | undefined>;
  /** When rights to images end. */
  readonly ends: AccessEnds;
  readonly deciders: DecidersOf;
  /** How a run ended; undefined while it is open, and when there is no such run. */
  outcomeOf(runId: string): Promise<Outcome | undefined>;
  /** What a team has put off of an image. */
  deferral(team: string, image: string): Promise<Deferral | undefined>;
  /** What Azure asks the owners of scale sets, as the last look found it. */
  asks(): Promise<AsksFound | undefined>;
  /** Other changes of the subject that only look on, and those that this one has superseded; oldest first. */
  beside(run: Pick<ChangeRun, 'id' | 'subject'>): Promise<readonly ChangeRun[]>;
  /** Has an open run look at once. Safe to repeat. */
  wake(run: RequestId, now: Date): Promise<void>;
  /** What goldbot last read inside machines, by their ids; those of which it read nothing are not there. */
  readings(machines: readonly string[]): Promise<readonly TattooReading[]>;
  /** Whether a card about a topic is in Teams. */
  isShown(topic: `news:${string}`): Promise<boolean>;
  /** Whether a version that is to become latest still is what was tested and approved. */
  promotable(image: string, version: GalleryVersion): Promise<Promotable>;
  /** What is stated of a candidate that is promoted; undefined: it is none, or its provenance is not known. */
  certified(of: {
    readonly image: string;
    readonly version: GalleryVersion;
    readonly now: Date;
  }): Promise<NewCertificate | undefined>;
  /** Holds a machine against the certificate of the version that it was made from. */
  verified(machine: MachineRead): Promise<VerifiedMachine>;
}

/** A machine whose inside has been read. */
export interface MachineRead extends Pick<TattooPlan, 'os'> {
  readonly name: string;
  readonly judgement: Judgement;
  readonly guest: TattooEvidence['guest'];
  /** `found`: as the gallery has it. Undefined: it was not made from a golden version. */
  readonly version: { readonly image: string; readonly number: string; readonly found?: GalleryVersion } | undefined;
}

/** What a change has to do next, given what Azure says now. */
export type Next =
  /** Done: Azure says so. `outcome` is a sentence. */
  | { readonly kind: 'so'; readonly outcome: string; readonly data?: Partial<ChangeData> }
  /** The next write; its result is remembered. */
  | {
      readonly kind: 'do';
      readonly progress: string;
      readonly act: () => Promise<Partial<ChangeData>>;
      /** Is kept with what is remembered. */
      readonly certificate?: NewCertificate;
    }
  /** Azure is working on it. */
  | {
      readonly kind: 'wait';
      readonly progress: string;
      readonly wait: Wait;
      readonly data?: Partial<ChangeData>;
      /** World time until the next look, unless somebody says something; a moment when absent. */
      readonly lookMs?: number;
      /** Are to exist from now on. */
      readonly cards?: ChangeStep['cards'];
    }
  /** It cannot be done. */
  | { readonly kind: 'failed'; readonly why: string; readonly data?: Partial<ChangeData> }
  /** Somebody wants no more of it, and nothing is half done. `why`: what is so, and what not. */
  | { readonly kind: 'stopped'; readonly why: string; readonly data?: Partial<ChangeData> };

/** What would change, for deciders. */
export interface Survey {
  readonly before: string;
  readonly warnings?: readonly string[];
  /** The plan with what was seen: it is this that people decide about. */
  readonly plan?: ChangePlan;
  /** Who is to be told once it is done. */
  readonly affected?: ChangeData['affected'];
}

/** How one kind of change is surveyed and done. */
export interface ChangeKind<Plan extends ChangePlan> {
  /** How things are now. @throws UserError when the change is not possible at all. */
  survey(context: ChangeContext, plan: Plan): Promise<Survey>;
  /** What is to be done while it waits for its moment; undefined: nothing more. Called like `next`. */
  early?(context: ChangeContext, plan: Plan): Promise<Next | undefined>;
  /** Called before and after each write, and again after a crash: it must read Azure first. */
  next(context: ChangeContext, plan: Plan): Promise<Next>;
  /** What stands half done once it has failed, and what can be made of it: a sentence; undefined: nothing. */
  left?(context: ChangeContext, plan: Plan): Promise<string | undefined>;
}

/** The kind of a plan. */
export type KindOf = (plan: ChangePlan) => ChangeKind<ChangePlan>;

/** The next write. */
export function act(progress: string, write: () => Promise<void>): Next & { kind: 'do' } {
  return { kind: 'do', progress, act: () => write().then(() => ({})) };
}

export const outcomes: Readonly<Record<ChangeEnding, ChangeOutcome>> = {
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'expired',
  refused: 'cancelled',
  withdrawn: 'cancelled',
  superseded: 'done',
};

interface Finished {
  readonly by?: string | undefined;
  readonly supersededBy?: RequestId;
  readonly data?: Partial<ChangeData>;
}

export function finish(how: ChangeEnding, why: string, { by, supersededBy, data = {} }: Finished = {}): ChangeStep {
  const ending = { how, why, ...(by !== undefined && { by }), ...(supersededBy && { supersededBy }) };
  return {
    ...endWith(ending),
    data: { progress: undefined, waitingSince: undefined, ...data, ending },
  };
}

function endWith(ending: ChangeData['ending']) {
  const audit = ending && { how: ending.how, said: ending.why, by: ending.by };
  return { kind: 'end', outcome: outcomes[ending?.how ?? 'failed'], audit } as const;
}

export function cancelled(context: ChangeContext): ChangeStep | undefined {
  const stop = stopOf(context);
  return stop && finish('cancelled', stop.why, { by: stop.by });
}

/** Who wants no more of it, and why: said now, or before what was half done then. */
export function stopOf({ inbox, run }: Pick<ChangeContext, 'inbox' | 'run'>): ChangeData['stopping'] {
  const cancel = inbox.find((signal) => signal.kind === 'cancel');
  const why = cancel?.body.reason ?? 'no reason given';
  return run.data.stopping ?? (cancel && { by: cancel.by.name, why });
}

/** What goes in parts can be ended between two of them. */
const betweenParts = ({ plan: asked }: { readonly plan: unknown }): readonly SignalKind[] =>
  (asked as ChangePlan).verb === 'rollout' ? ['cancel'] : [];

export async function orFail(step: () => Promise<ChangeStep>): Promise<ChangeStep> {
  try {
    return await step();
  } catch (error) {
    if (!isFinal(error, awaited)) throw error;
    return finish('failed', explain(error));
  }
}

/** A change does not stay open until somebody fixes Azure; only a missing role is expected to be granted soon. */
const awaited: readonly ErrorCode[] = ['AZ_FORBIDDEN'];

const lookEveryMs = seconds(15);
/** World time between a write and the next read. */
const settleMs = seconds(3);
/** Azure may take a moment to show what it accepted; until then the write is repeated. */
const mostRepeats = 12;

const afterwards = 'The change fails; the same command again continues from there.';

const triedNoMore =
  'The trials end; what was made for them is deleted, and what Azure does not delete is listed in `leftovers`.';
const unsaid = 'The question stays open; it is asked for twelve hours.';

/** What Azure, a machine or a person may take for what was asked of it. */
export const waits = {
  reading: {
    waitsFor: 'a machine to read its tattoo',
    ms: minutes(10),
    afterwards: 'The command is removed from the machine, and the reading fails.',
  },
  removal: {
    waitsFor: 'Azure to remove the command from the machine',
    ms: minutes(10),
    afterwards: 'The reading counts all the same; its card says that the command is still there.',
  },
  /** Azure deletes a machine with its disk, or a template with its staging group: minutes, sometimes more. */
  leftovers: { waitsFor: 'Azure to delete what builds left', ms: hours(2), afterwards },
  /** The gallery takes minutes for a flag, hours for many replicas. */
  gallery: { waitsFor: 'the gallery to change a version', ms: hours(6), afterwards },
  /** As when publishing: of 34 regions with up to 50 replicas somebody reported that they took longer than a day. */
  copies: { waitsFor: 'Azure to copy a version to regions', ms: days(2), afterwards },
  /** Azure changes with whom a gallery is shared in a minute, and takes longer with many regions. */
  sharing: { waitsFor: 'Azure to change with whom a gallery is shared', ms: minutes(30), afterwards },
  /** A batch takes minutes; a set that Azure moves by itself, some for each fifth. */
  instances: { waitsFor: 'Azure to upgrade instances of a scale set', ms: hours(12), afterwards },
  /** Another change of the same image goes first. */
  turn: { waitsFor: 'another change of the same image', ms: hours(12), afterwards },
  /** A copy of a version takes minutes to make, its every change some; a slow region takes longer. */
  trials: { waitsFor: 'Azure to make, change or delete the version for trials', ms: hours(2), afterwards: triedNoMore },
  /** Twelve hours are theirs; the rest is for the message to be posted. */
  person: { waitsFor: 'somebody to say whether Teams notified them', ms: hours(14), afterwards: unsaid },
  /** Azure deploys what the policy prescribes: usually minutes, sometimes an hour. */
  remediation: { waitsFor: 'a remediation', ms: minutes(90), afterwards },
  /** Azure documents that evaluating a subscription takes minutes to hours. */
  evaluation: { waitsFor: 'an evaluation of policies', ms: hours(4), afterwards },
} satisfies Record<string, Wait>;

/** Azure that neither does nor refuses it. Whoever asks again continues from what is done. */
const changeLimit = (waitsFor: string, ms: number): ChangeLimit => ({
  waitsFor,
  ms,
  afterwards,
  since: ({ data }) => (data.begunAt === undefined ? undefined : new Date(data.begunAt)),
  past: async (_, { since, error }) => {
    const said = error === undefined ? '' : ` The last try failed: ${error}`;
    const why = `goldbot has waited for ${waitsFor} since ${momentOf(since)}.${said}`;
    return finish('failed', `${why} The same command again continues from there.`);
  },
});

const planLimit = changeLimit('Azure to say how things are', days(1));
const approveLimit: ChangeLimit = {
  ...changeLimit('the approvers', days(1)),
  plus: {
    what: "the approval request's time to live",
    ms: ({ plan: { approval } }) => (approval ? longestOpenMs(approval.rule, approval.ttlMs) : 0),
  },
  afterwards: 'An open request expires at its own time, and the change with it.',
  past: async (context, late) =>
    context.approval?.status === 'pending' ? undefined : changeLimit('the approvers', days(1)).past(context, late),
};
/** Longer than any kind of change may take by its own limit, so that only trouble gets here. */
const applyLimit: ChangeLimit = {
  ...changeLimit('Azure to make the change', days(1)),
  plus: {
    what: 'the time that copying takes, where a version is copied',
    ms: ({ plan: asked }) => (['copy', 'replicate', 'rollback'].includes(asked.verb) ? waits.copies.ms : 0),
  },
};

/** Reads how things are, so that deciders and the card can see what would change. Changes nothing. */
export const plan = (kindOf: KindOf): ChangeStageDefinition => ({
  name: 'plan',
  limit: planLimit,
  takes: ['cancel'],
  run: async (context) =>
    cancelled(context) ??
    orFail(async () => {
      const { run } = context;
      const { plan: seen = run.plan, ...data } = await kindOf(run.plan).survey(context, run.plan);
      const stage = run.plan.approval ? 'approve' : isEarly(context) ? 'wait' : 'apply';
      return { kind: 'to', stage, data, plan: { value: seen, hash: changeHash(seen) } };
    }),
});

/** Asks, and waits for people. The approval request is bound to the plan's hash. */
export const approve = ({ deciders }: Pick<ChangeDeps, 'deciders'>): ChangeStageDefinition => ({
  name: 'approve',
  limit: approveLimit,
  takes: ['cancel', 'withdraw', 'decided'],
  waits: true,
  run: async (context) => cancelled(context) ?? decided(context, deciders),
});

async function decided(context: ChangeContext, deciders: DecidersOf): Promise<ChangeStep> {
  const { approval, run, now } = context;
  const asked = run.plan.approval;
  if (!asked) return { kind: 'to', stage: 'apply' };
  const lapsed = hasLapsed(context);
  if (!approval || approval.planHash !== run.planHash || lapsed) {
    const request = opening(asked.rule, asked.ttlMs, now);
    const look = await lookAtDeciders(run, request, { decidersOf: deciders, now });
    const voids = lapsed && { voids: { why: 'outlived' } as const };
    return { kind: 'ask', rule: asked.rule, ttlMs: asked.ttlMs, channel: asked.channel, ...look, ...voids };
  }
  switch (approval.status) {
    case 'pending': {
      return { kind: 'again', ...(await awaitDeciders(run, approval, { decidersOf: deciders, now })) };
    }
    case 'approved':
      return { kind: 'to', stage: isEarly(context) ? 'wait' : 'apply' };
    case 'rejected': {
      const decision = approval.decisions.find((d) => d.verdict === 'reject');
      return finish('refused', decision?.reason ?? 'no reason given', decision ? { by: decision.name } : {});
    }
    case 'expired':
      return finish('expired', whyExpired(approval));
    case 'withdrawn':
    case 'void':
      return finish('withdrawn', approval.closed?.why ?? 'no reason given', { by: approval.closed?.by });
  }
}

/** An approval that nobody used in time was given for what was known then: it is asked anew. That of a later day is good for as long from then on. */
function hasLapsed({ approval, run, now }: ChangeContext): boolean {
  if (approval?.status !== 'approved') return false;
  const { askedAt, expiresAt } = approval;
  const named = (momentOfPlan(run.plan)?.getTime() ?? 0) + expiresAt.getTime() - askedAt.getTime();
  return Math.max(lapsesAt(approval).getTime(), named) <= now.getTime();
}

/** Agreed to for a moment that has not come. */
function isEarly({ run, now }: ChangeContext): boolean {
  return (momentOfPlan(run.plan)?.getTime() ?? 0) > now.getTime();
}

/** How often it is looked what is to be done before the moment that was named. */
const earlyEveryMs = minutes(15);
/** World time until Azure shows what it took. */
const settledMs = minutes(1);

/** Waits for the moment that was named. Who uses the version by then is looked up before anything is written. */
export const wait = (kindOf: KindOf): ChangeStageDefinition => ({
  name: 'wait',
  limit: {
    ...changeLimit('the moment that was named', days(1)),
    plus: {
      what: 'the time until then',
      ms: ({ plan: asked, inStage, createdAt }) => {
        const at = momentOfPlan(asked);
        return at ? Math.max(0, at.getTime() - (inStage?.since ?? createdAt).getTime()) : 0;
      },
    },
    since: () => undefined,
  },
  takes: ['cancel'],
  waits: true,
  run: async (context) => {
    const stop = cancelled(context);
    if (stop) return stop;
    const { run, now } = context;
    if (!isEarly(context)) return { kind: 'to', stage: 'apply' };
    const leftMs = (momentOfPlan(run.plan)?.getTime() ?? 0) - now.getTime();
    const kind = kindOf(run.plan);
    const next = await kind.early?.(context, run.plan);
    if (next?.kind !== 'do') return again(kind.early ? Math.min(leftMs, earlyEveryMs) : leftMs);
    await next.act();
    // There may be more to do.
    return again(Math.min(leftMs, settledMs));
  },
});

const holdLimit: ChangeLimit = {
  ...holdWait,
  past: async ({ run }) => {
    const why = ['it was held for too long.', ...(run.data.held?.holds ?? []).map(holdSentence)].join(' ');
    return finish('expired', why);
  },
};

/** The step into `hold` when a lock or a freeze holds the change; undefined when it may be made, or has begun. */
async function heldBefore({ run, now }: ChangeContext, deps: HoldDeps): Promise<ChangeStep | undefined> {
  if (run.data.begunAt !== undefined) return undefined;
  const holds = await holdsOfChange(deps, run.plan, now, run.data.override);
  const [first] = holds;
  if (!first) return undefined;
  const data = { held: { before: 'apply', at: now.toISOString(), holds } };
  return { kind: 'to', stage: 'hold', data, why: holdSentence(first) };
}

/** Waits until no lock and no freeze holds the change, or a second person lets it through a freeze. */
export const hold = (deps: HoldDeps): ChangeStageDefinition => ({
  name: 'hold',
  limit: holdLimit,
  takes: ['cancel', 'override', 'confirm'],
  waits: true,
  run: async (context) => {
    const stop = cancelled(context);
    if (stop) return stop;
    const { run, now } = context;
    const { lookMs, data } = await lookAtHold(context, (override) => holdsOfChange(deps, run.plan, now, override));
    return lookMs === undefined ? { kind: 'to', stage: 'apply', ...(data && { data }) } : again(lookMs, data);
  },
});

/** One write per step, each after a read: what a dead replica has already done is not done again. */
export const apply = (kindOf: KindOf, deps: HoldDeps): ChangeStageDefinition => ({
  name: 'apply',
  limit: applyLimit,
  takes: betweenParts,
  run: (context) =>
    orFail(async () => {
      if (context.run.data.begunAt === undefined && hasLapsed(context)) return { kind: 'to', stage: 'approve' };
      const held = await heldBefore(context, deps);
      if (held) return held;
      const next = await kindOf(context.run.plan).next(context, context.run.plan);
      if (next.kind !== 'do') return { kind: 'to', stage: 'verify', data: keptOf(context, next), ...cardsOf(next) };
      const { progress, repeats: before = 0 } = context.run.data;
      const repeats = progress === next.progress ? before + 1 : 0;
      if (repeats > mostRepeats) return finish('failed', neverShown(next.progress, mostRepeats));
      const told = await next.act();
      const begunAt = context.run.data.begunAt ?? context.now.toISOString();
      const kept = keptOf(context, next);
      const data = { begunAt, waitingSince: undefined, ...kept, ...told, repeats, progress: next.progress };
      return { ...again(settleMs, data), ...(next.certificate && { certificate: next.certificate }) };
    }),
});

/** Ends when Azure itself says that it is done. */
export const verify = (kindOf: KindOf): ChangeStageDefinition => ({
  name: 'verify',
  limit: applyLimit,
  // `saw`, of trials alone: what somebody was asked about.
  takes: (run) => ['saw', ...betweenParts(run)],
  run: (context) =>
    orFail(async () => {
      const next = await kindOf(context.run.plan).next(context, context.run.plan);
      const data = keptOf(context, next);
      switch (next.kind) {
        case 'so': {
          if (!looksOn(context.run.plan)) return finish('done', next.outcome, { data });
          const begunAt = context.run.data.begunAt ?? context.now.toISOString();
          const rest = { progress: undefined, waitingSince: undefined, moved: next.outcome, begunAt };
          return { kind: 'to', stage: 'track', data: { ...data, ...rest } };
        }
        case 'failed':
          return finish('failed', next.why, { data });
        case 'stopped':
          return finish('cancelled', next.why, { by: stopOf(context)?.by, data });
        case 'do':
          // There is more to do, or somebody has changed it back in the meantime.
          return { kind: 'to', stage: 'apply', ...(data.stopping && { data }) };
        case 'wait':
          return waitOn(context, { ...next, data });
      }
    }),
});

/** A stage that writes, and says when it fails what it leaves in Azure, however it comes to fail. */
export function tellsLeft(stage: ChangeStageDefinition, kindOf: KindOf): ChangeStageDefinition {
  const told = async (context: ChangeContext, step: ChangeStep): Promise<ChangeStep> => {
    const how = step.kind === 'end' ? step.data?.ending : undefined;
    if (how?.how !== 'failed' || context.run.data.begunAt === undefined) return step;
    const left = await kindOf(context.run.plan).left?.(context, context.run.plan);
    if (left === undefined) return step;
    const ending = { ...how, why: `${how.why.replace(/[.]$/, '')}. ${left}` };
    return { ...step, ...endWith(ending), data: { ...step.data, ending } };
  };
  const { limit } = stage;
  const past: ChangeLimit['past'] = async (context, late) => {
    const step = limit === atOnce ? undefined : await limit.past(context, late);
    return step && told(context, step);
  };
  return {
    ...stage,
    limit: limit === atOnce ? limit : { ...limit, past },
    run: async (context) => told(context, await stage.run(context)),
  };
}

function neverShown(what: string, times: number): string {
  return `Azure accepted it ${times} times (${what}), and each time it was not so afterwards: somebody or something undoes it.`;
}

/**
 * After days of waiting nobody looks at the card any more: a message beside it reports the outcome, then the run ends.
 */
export const close: ChangeStageDefinition = {
  name: 'close',
  limit: atOnce,
  takes: [],
  run: async ({ run }) => endWith(run.data.ending),
};

/** A stage that ends through `close` if people were asked, and tells the teams whom it hit. */
export function byWayOfClose(stage: ChangeStageDefinition): ChangeStageDefinition {
  return {
    ...stage,
    run: async (context) => {
      const step = await stage.run(context);
      const { run } = context;
      // After weeks, too, nobody looks at the card.
      if (step.kind !== 'end' || !(run.plan.approval || stage.name === 'track')) return step;
      const cards = step.data?.ending?.how === 'done' ? teamCards(run) : [];
      return {
        ...{ kind: 'to', stage: needsReview(run.plan, run.data) ? 'review' : close.name },
        ...(step.data && { data: step.data }),
        ...(cards.length > 0 && { cards }),
      };
    },
  };
}

/** One card for each team that it hit, in the team's own channel; the same topic again is the same card. */
function teamCards({ id, data: { affected = {} } }: ChangeContext['run']): readonly CardAddress[] {
  return Object.entries(affected).map(([team, { channel }]) => ({
    ...{ topic: `news:${id}:team-${team}`, channel, kind: 'news' },
  }));
}

function waitOn({ run, now }: ChangeContext, next: Next & { kind: 'wait' }): ChangeStep {
  const waitingSince = run.data.waitingSince ?? now.toISOString();
  const waited = now.getTime() - new Date(waitingSince).getTime();
  if (waited > next.wait.ms) {
    const why = `Azure accepted it ${Math.round(waited / minutes(1))} minutes ago and is not done: ${next.progress}.`;
    return finish('failed', `${why} Look at it in the Azure portal; the same command again continues from there.`);
  }
  const { lookMs = lookEveryMs, progress, data } = next;
  return { ...again(lookMs, { ...data, progress, waitingSince }), ...cardsOf(next) };
}

/** Whether owners have something to do after goldbot's own work. */
const looksOn = (asked: ChangePlan): boolean => asked.verb === 'rollout' && (asked.singles ?? []).length > 0;

/** A signal is read in one step alone: what it said is kept for those that come. */
function keptOf(context: ChangeContext, next: Next): Partial<ChangeData> {
  const stopping = stopOf(context);
  return { ...(stopping && { stopping }), ...(next.kind === 'do' ? {} : next.data) };
}

function cardsOf(next: Next) {
  return next.kind === 'wait' && next.cards ? { cards: next.cards } : {};
}
