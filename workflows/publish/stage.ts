import { againOf, isFinal, isUserError } from '../../core/errors';
import { type Fingerprint, outputName } from '../../core/images';
import {
  type EarlierRun,
  type Failure,
  type FixedPlan,
  lacksOutputs,
  type Outcome,
  type PublishData,
  type PublishPlan,
  type PublishRun,
  type PublishStage,
  type SignalKind,
  type StageTime,
  unmadeOutputs,
} from '../../core/runs';
import type { PublishedBefore } from '../../core/schedule';
import { hours, minutes, momentOf } from '../../core/time';
import type { NewContents } from '../../store';
import type { DecidersOf, Late, Patch, Stage, StageContext, StageLimit, Step, Wait } from '../engine';
import type { HoldDeps } from '../holds';

/** What the publish run needs besides Azure. */
export interface PublishDeps extends HoldDeps {
  /** Numbers that earlier runs of the image took, whatever became of them. */
  versionsTaken(image: string): Promise<readonly string[]>;
  /** Median time from start to approval request of the image's earlier runs, in milliseconds of world time. */
  medianBuildMs(image: string): Promise<number | undefined>;
  /** What runs waited for Azure: the newest ones of the image, then those of others. */
  waitedBefore(image: string): Promise<readonly EarlierRun[]>;
  /** How a version was made; undefined when no run of this goldbot published it. */
  publishedBefore(image: string, version: string): Promise<PublishedBefore | undefined>;
  /** What goldbot keeps of a version that it tested. */
  recorded(image: string, version: string): Promise<Fingerprint | undefined>;
  /** How a run ended; undefined while it is open, and when there is no such run. */
  outcomeOf(runId: string): Promise<Outcome | undefined>;
  readonly deciders: DecidersOf;
  /** What is inside versions of an image, by number; those of which nothing is kept are not there. */
  contents(image: string, versions: readonly string[]): Promise<ReadonlyMap<string, Pick<NewContents, 'document'>>>;
}

export type PublishStep = Step<PublishPlan, PublishData>;
export type PublishContext = StageContext<PublishPlan, PublishData>;
export type DataPatch = Patch<PublishData>;
export type PublishLimit = StageLimit<PublishPlan, PublishData>;
export type PublishStageDefinition = Stage<PublishPlan, PublishData> & { readonly name: PublishStage };

/** The context of a stage after `plan`. */
export interface PlannedContext extends PublishContext {
  readonly plan: FixedPlan;
  readonly data: PublishData;
}

/** What a publish waits for within its stages; the stages have limits of their own. */
export const waits = {
  preparation: {
    waitsFor: 'Image Builder to prepare the template, which takes it less than a minute',
    ms: hours(1),
    afterwards: 'The run needs repair: rebuild or cancel. The template is left to the reaper.',
  },
  start: {
    waitsFor: 'Image Builder to start the build by itself',
    ms: minutes(5),
    afterwards: 'goldbot starts it.',
  },
  version: {
    waitsFor: 'the gallery to show what was built',
    ms: minutes(5),
    afterwards: 'The run needs repair: rebuild or cancel.',
  },
  outputs: {
    waitsFor: 'Azure to show the managed image or VHD that was made',
    ms: minutes(5),
    afterwards: 'The run needs repair: rebuild or cancel. The version stays published.',
  },
  machine: {
    waitsFor: 'the test machine to start',
    ms: minutes(30),
    afterwards: 'The test counts as failed, and the machine is deleted.',
  },
  windowsMachine: {
    waitsFor: 'the test machine to start, on Windows',
    // Azure itself gives up after this time.
    ms: minutes(40),
    afterwards: 'The test counts as failed, and the machine is deleted.',
  },
  command: {
    waitsFor: 'the answer of a test, beyond its own time-out',
    ms: minutes(5),
    afterwards: 'That test counts as failed; the next one runs.',
  },
  deletion: {
    waitsFor: 'the test machine to be gone',
    ms: hours(1),
    afterwards: 'The run goes on; the machine is left to the reaper.',
  },
  exposure: {
    waitsFor: 'the gallery to finish the change that made the version the latest',
    ms: hours(1),
    afterwards: 'The run goes on: the version is the latest already.',
  },
  hiding: {
    waitsFor: 'the gallery, before a version that is not what was tested is hidden',
    ms: minutes(30),
    afterwards: 'goldbot tries to hide it all the same.',
  },
} satisfies Record<string, Wait>;

/**
 * A stage between `capture` and `approve`: cancelling it goes straight to the clean-up, and the plan exists.
 * @throws Error when the run has no plan: a bug of the engine.
 */
export function cancellable(
  name: PublishStage,
  extra: Pick<PublishStageDefinition, 'limit' | 'waits'> & { readonly takes?: readonly SignalKind[] },
  run: (context: PlannedContext) => Promise<PublishStep>,
): PublishStageDefinition {
  return {
    name,
    limit: extra.limit,
    takes: ['cancel', ...(extra.takes ?? [])],
    ...(extra.waits && { waits: true }),
    run: async (context) => cancelled(context) ?? orRepair(context, () => run(planned(context))),
  };
}

/** What Azure calls wrong does not become right by asking again: people must look at it. */
export async function orRepair(context: PublishContext, step: () => Promise<PublishStep>): Promise<PublishStep> {
  try {
    return await step();
  } catch (error) {
    if (!isFinal(error)) throw error;
    const stage = context.run.stage as PublishStage;
    return needsRepair(context, { stage, what: 'Azure refused', error: error.message, tail: [], remedy: error.hint });
  }
}

/** A stage that can no longer be stopped. */
export function committed(
  name: PublishStage,
  limit: PublishStageDefinition['limit'],
  run: (context: PlannedContext) => Promise<PublishStep>,
): PublishStageDefinition {
  return { name, limit, takes: [], run: (context) => run(planned(context)) };
}

/** The limit of a stage that people can repair: past it the run waits for `rebuild` or `cancel`. */
export function repairAfter(
  wait: Pick<PublishLimit, 'waitsFor' | 'ms' | 'plus'>,
  remedy = 'Look at it in the Azure portal, then rebuild or cancel.',
): PublishLimit {
  return {
    ...wait,
    afterwards: 'The run needs repair: rebuild or cancel.',
    past: async (context, late) => {
      const stage = context.run.stage as PublishStage;
      return needsRepair(context, { stage, what: 'Too late', error: tooLong(wait.waitsFor, late), tail: [], remedy });
    },
  };
}

/** Who or what was waited for, since when, and what the last try said. */
export function tooLong(waitsFor: string, { since, error }: Late): string {
  const said = error === undefined ? '' : ` The last try failed: ${error}`;
  return `goldbot has waited for ${waitsFor} since ${momentOf(since)}.${said}`;
}

/** Moves on, in this attempt or in the next; the stage times on the card are kept here and nowhere else. */
export function move(
  context: PublishContext,
  stage: PublishStage,
  data: DataPatch = {},
  attempt = context.run.attempt,
): PublishStep & { readonly kind: 'to' } {
  const times = timesAfter(context, stage, attempt);
  const over = { progress: undefined, waiting: undefined, ...(context.run.data.looking && { looking: undefined }) };
  return { kind: 'to', stage, attempt, data: { ...over, ...data, times } };
}

/** People must repair something: the run waits for `rebuild` or `cancel`. */
export function needsRepair(
  context: PublishContext,
  failure: Failure,
  data: DataPatch = {},
): PublishStep & { readonly kind: 'to' } {
  return { ...move(context, 'repair', { ...data, failure }), why: `${failure.what}: ${failure.error}` };
}

export function finish(
  context: PublishContext,
  ending: NonNullable<PublishData['ending']>,
  data: DataPatch = {},
): PublishStep {
  const { plan, data: known } = context.run;
  const isPublic = known.exposed && ending.outcome !== 'published';
  const why = isPublic ? `${ending.why}; ${plan.fixed?.version} is public already and stays that way` : ending.why;
  return move(context, 'cleanup', { ...data, ending: { ...ending, why } });
}

/** How often a question that only informs people is asked before the run goes on without its answer. */
const informationalTries = 3;

/** A question that decides nothing: undefined when Azure keeps refusing it, so that it cannot hold up a run. */
export async function informational<T>({ run }: PublishContext, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!keepsRefusing(error, run.tries)) throw error;
    return undefined;
  }
}

/** Whether asking again is of no use: Azure refuses, or has not answered for several tries in a row. */
export function keepsRefusing(error: unknown, tries: number): boolean {
  if (!isUserError(error) || error.code === 'FENCED') return false;
  return againOf(error) !== 'later' || tries > informationalTries;
}

/**
 * How long the run has been waiting for this very thing, in milliseconds of world time. Counted from the first step
 * that saw it: time in which no replica ran is nobody's fault.
 */
export function waited({ run, now }: PublishContext, what: string): number {
  const { waiting } = run.data;
  return waiting?.what === what ? since(waiting.since, now) : 0;
}

/** For a step that keeps waiting: since when. */
export function waiting({ run, now }: PublishContext, what: string): Pick<PublishData, 'waiting'> {
  const before = run.data.waiting;
  return { waiting: before?.what === what ? before : { what, since: now.toISOString() } };
}

/** World milliseconds since an ISO time; zero when there is none. */
export function since(iso: string | undefined, now: Date): number {
  return iso ? now.getTime() - new Date(iso).getTime() : 0;
}

export function stageStart(run: Pick<PublishRun, 'data'>): string | undefined {
  return run.data.times?.at(-1)?.from;
}

/** The cancel signal ends the run wherever it is cancellable. */
export function cancelled(context: PublishContext): PublishStep | undefined {
  const cancel = context.inbox.find((s) => s.kind === 'cancel');
  if (!cancel) return undefined;
  const why = cancel.body.reason ?? 'no reason given';
  const { name: by } = cancel.by;
  if (lacksOutputs(context.run)) return endWithoutOutputs(context, `${by} ended the run: ${why}`, by);
  return finish(context, { outcome: 'cancelled', why, by });
}

/** Ends a run whose version is published without the outputs that are missing. */
export function endWithoutOutputs(context: PublishContext, why: string, by?: string): PublishStep {
  const { failure, distribution = { attempt: 1 } } = context.run.data;
  const error = failure?.error.replace(/[.]$/, '') ?? 'no error was kept';
  const lacks = unmadeOutputs(context.run).map(outputName).join(' and ');
  return finish(
    context,
    { outcome: 'published', why: `published without the ${lacks}: ${why}`, ...(by && { by }) },
    { distribution: { ...distribution, missing: `${error}. ${why}` } },
  );
}

function timesAfter({ run, now }: PublishContext, stage: PublishStage, attempt: number): readonly StageTime[] {
  const at = now.toISOString();
  const times = (run.data.times ?? []).map((t) => (t.to ? t : { ...t, to: at }));
  return [...times, { stage, attempt, from: at }];
}

/** @throws Error when the run has no plan: a bug of the engine. */
export function planned(context: PublishContext): PlannedContext {
  const plan = context.run.plan.fixed;
  if (!plan) throw new Error(`${context.run.id} is in ${context.run.stage} without a plan`);
  return { ...context, plan, data: context.run.data };
}
