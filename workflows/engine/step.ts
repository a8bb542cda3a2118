import { type AuditRecord, boundTo } from '../../core/audit';
import type { AzureRead, AzureWrite, Fence } from '../../core/azure';
import { againOf, explain, isUserError } from '../../core/errors';
import type { LogFields } from '../../core/log';
import { type Approval, type InStage, needsALookAfter } from '../../core/runs';
import { type Attributes, type Span, silentTelemetry, type Telemetry } from '../../core/telemetry';
import type { Clock, Sleep } from '../../core/time';
import {
  appendAudit,
  backOffMs,
  checkFence,
  claimRun,
  closePending,
  type Database,
  enterStage,
  goldbot,
  type HeldFence,
  interrupted,
  interruptedOften,
  isRunDue,
  type LeasedRun,
  type LeaseSettings,
  leaseSettings,
  lockLeased,
  type MachineTime,
  newestApproval,
  openSignals,
  type Queryable,
  type RunClaim,
  redrawRun,
  type StoredSignal,
  type Work,
  writeFailure,
} from '../../store';
import { commitStep } from './commit';
import { atOnce, isPast, listedBy, type Patch, type Stage, type StageContext, type Step, type Workflow } from './stage';
import { createWorker, type Worker } from './worker';

/** Machine time, in milliseconds. */
export interface EngineSettings extends LeaseSettings {
  /** How often due runs are looked for; a click is acted upon within this. */
  readonly pollMs: number;
  /** A step that takes longer is abandoned. */
  readonly longestStepMs: number;
  /** Steps at the same time. */
  readonly concurrency: number;
  /** The first wait after a failed step; doubles each time, up to ten minutes. */
  readonly backOffMs: number;
}

/** Where the kill tests may stop the process; each is awaited. */
export type Boundary = 'claimed' | 'before commit' | 'after commit' | 'before failure' | 'after failure';

export interface StepDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly read: AzureRead;
  readonly write: (fence: Fence) => AzureWrite;
  readonly workflows: readonly Workflow<unknown, unknown>[];
  readonly settings: EngineSettings;
  readonly log: (message: string, facts: LogFields) => void;
  readonly telemetry: Telemetry;
  readonly at: (boundary: Boundary, claimed: ClaimedRun) => Promise<void>;
}

export interface EngineOptions extends Omit<StepDeps, 'settings' | 'log' | 'telemetry' | 'at'> {
  /** Names this replica in the lease; for people only. */
  readonly owner: string;
  /** Other work for the same worker, such as live cards. */
  readonly work?: readonly Work[];
  readonly machine?: MachineTime;
  readonly settings?: Partial<EngineSettings>;
  readonly log?: StepDeps['log'];
  /** Each step is a span. */
  readonly telemetry?: Telemetry;
  /** For the kill tests. */
  readonly at?: StepDeps['at'];
}

const defaults: EngineSettings = {
  ...leaseSettings,
  pollMs: 250,
  longestStepMs: 300_000,
  concurrency: 8,
  backOffMs: 1_000,
};

/** Advances every open run of `workflows`, on any number of replicas sharing a database, and serves the other work. */
export function createEngine(options: EngineOptions): Worker {
  const { database, sleep, owner, machine, work = [] } = options;
  const deps: StepDeps = {
    log: () => {},
    telemetry: silentTelemetry,
    at: async () => {},
    ...options,
    settings: { ...defaults, ...options.settings },
  };
  const { settings, log } = deps;
  const runs = deps.workflows.length > 0 ? [runWork(deps)] : [];
  return createWorker({
    ...{ database, sleep, owner, settings, log, work: [...runs, ...work] },
    ...(machine && { machine }),
  });
}

/** Runs as work: each claim is one step of one run. */
function runWork(deps: StepDeps): Work {
  const known = [...new Set(deps.workflows.flatMap(listedBy))];
  const kinds = deps.workflows.map((w) => w.kind);
  return {
    name: 'runs',
    atOnce: deps.settings.concurrency,
    pollMs: deps.settings.pollMs,
    claim: async (terms) => {
      const claimed = await claimAndLoad(deps, { ...terms, known, kinds });
      return claimed && { lease: claimed.run.lease, work: (fence) => seenStep(deps, claimed, fence) };
    },
  };
}

/** A leased run with everything its stage may look at. */
export interface ClaimedRun {
  readonly run: LeasedRun;
  readonly inbox: readonly StoredSignal[];
  readonly approval: Approval | undefined;
}

/** Leases one due run and reads it in the same transaction, which also expires an overdue approval request. */
async function claimAndLoad(deps: StepDeps, claim: Omit<RunClaim, 'now'>): Promise<ClaimedRun | undefined> {
  const { known, kinds } = claim;
  if (!(await isRunDue(deps.database, { known, kinds, now: deps.clock.now() }))) return undefined;
  const claimed = await deps.database.transaction(async (tx) => {
    const now = deps.clock.now();
    const run = await claimRun(tx, { ...claim, now });
    if (!run) return undefined;
    const limit = stageOf(deps, run)?.stage.limit;
    if (limit && !run.inStage) await enterStage(tx, run, entering(run, limit, now));
    const expired = await expire(tx, run, now);
    const approval = await newestApproval(tx, run.id);
    const inbox = await openSignals(tx, run.id);
    // A replica that dies while working on a run cannot report it.
    const died = run.lastError === interrupted && run.tries > needsALookAfter;
    if (died || expired) await redrawRun(tx, run.id);
    if (expired) await appendAudit(tx, [expired]);
    if (died && inbox.length === 0) {
      await rest(tx, deps, run);
      return 'rests';
    }
    return { run, inbox, approval };
  });
  return claimed === 'rests' ? claimAndLoad(deps, claim) : claimed;
}

/**
 * Gives a run back over which one replica after the other died: it could take them all, and with them everybody's work.
 * First for as long as it took to notice the death, then twice as long each time. What somebody says to it is heard at
 * once.
 */
async function rest(tx: Queryable, { settings, clock }: StepDeps, run: LeasedRun): Promise<void> {
  const retryMs = backOffMs(run.tries - needsALookAfter, { firstMs: settings.leaseMs });
  // This claim was no attempt.
  const tries = run.tries - 1;
  await writeFailure(tx, run.id, { error: interruptedOften, retryMs, tries, failures: run.failures, at: clock.now() });
}

async function expire(tx: Queryable, run: LeasedRun, now: Date): Promise<AuditRecord | undefined> {
  const approval = await newestApproval(tx, run.id);
  if (approval?.status !== 'pending' || approval.expiresAt > now) return undefined;
  await closePending(tx, run.id, { status: 'expired', at: now, by: goldbot.name });
  const detail = { ...boundTo(approval), expiresAt: approval.expiresAt };
  return { at: now, who: goldbot, action: 'expire', subject: run.subject, request: approval.id, runId: run.id, detail };
}

/** The step as a span of its own: a run outlives processes, so its steps are linked to what people said to it. */
function seenStep(deps: StepDeps, claimed: ClaimedRun, fence: HeldFence): Promise<void> {
  const { telemetry, clock } = deps;
  const { run, inbox } = claimed;
  const kind = { 'goldbot.run.kind': run.kind };
  // Of a step that is tried again, the back-off would count as well.
  if (run.tries <= 1) {
    telemetry.measure('goldbot.step.lag', Math.max(clock.now().getTime() - run.dueAt.getTime(), 0) / 1_000, kind);
  }
  const { id, stage, attempt, tries } = run;
  const about = { 'goldbot.run': id, 'goldbot.stage': stage, 'goldbot.attempt': attempt, 'goldbot.tries': tries };
  const links = [run.trace, ...inbox.map(({ trace }) => trace)];
  return telemetry.span({ name: 'step', attributes: { ...kind, ...about }, links, root: true }, (span) =>
    runStep(deps, claimed, { fence, span }),
  );
}

/** Under what a step is taken, and as what it is seen. */
interface Underway {
  readonly fence: HeldFence;
  readonly span: Span;
}

/**
 * Takes one leased run one step further: the stage, then its commit. Never throws; failures are recorded in the run.
 */
async function runStep(deps: StepDeps, claimed: ClaimedRun, underway: Underway): Promise<void> {
  const { run } = claimed;
  const facts = { run: run.id, stage: run.stage, attempt: run.attempt, tries: run.tries };
  try {
    await deps.at('claimed', claimed);
    await step(deps, claimed, underway);
  } catch (error) {
    const told = isUserError(error) ? { 'goldbot.code': error.code } : { 'error.type': (error as Error).name };
    underway.span.fail({ ...told, 'goldbot.outcome': 'failed' });
    deps.log('step did not work out', { ...facts, error });
    await deps.at('before failure', claimed);
    // When this fails too, the lease ends by itself.
    await failStep(deps, claimed, error).catch((e: unknown) => deps.log('failure not noted', { ...facts, error: e }));
    await deps.at('after failure', claimed);
  }
}

async function step(deps: StepDeps, claimed: ClaimedRun, { fence, span }: Underway): Promise<void> {
  const { run, inbox, approval } = claimed;
  const found = stageOf(deps, run);
  if (!found) throw new Error(`no code for stage ${run.stage} of ${run.kind}`);
  const { workflow, stage } = found;
  const { read, clock } = deps;
  const write = fenced(() => deps.write(fence), fence);
  const context = { run, inbox, approval, now: clock.now(), read, write };
  const result = await limited(deps, fence, stepOf(stage, context));
  await deps.at('before commit', claimed);
  const committed = await commitStep({ database: deps.database, clock, workflow }, claimed, result);
  span.set(committed === 'committed' ? outcomeOf(result) : { 'goldbot.outcome': committed });
  await deps.at('after commit', claimed);
}

const outcomeOf = (result: Step<unknown, unknown>): Attributes => ({
  'goldbot.outcome': result.kind === 'end' ? result.outcome : result.kind,
  ...(result.kind === 'to' && { 'goldbot.next': result.stage }),
});

function stageOf({ workflows }: StepDeps, run: LeasedRun) {
  const workflow = workflows.find((w) => w.kind === run.kind);
  const stage = workflow?.stages.find((s) => s.name === run.stage);
  return workflow && stage && { workflow, stage };
}

function entering(run: LeasedRun, limit: Stage<unknown, unknown>['limit'], now: Date): InStage {
  if (limit === atOnce) return { since: now };
  const { waitsFor, afterwards } = limit;
  const since = limit.since?.(run) ?? now;
  const until = new Date(since.getTime() + limit.ms + (limit.plus?.ms(run) ?? 0));
  return { since, limit: { waitsFor, until, afterwards } };
}

/** What the stage answers; past its limit, a step that would only wait, or that failed, is replaced by the last one. */
async function stepOf<P, D>(stage: Stage<P, D>, context: StageContext<P, D>): Promise<Step<P, D>> {
  const { limit } = stage;
  if (limit === atOnce) return onlyStep(stage, await stage.run(context));
  const since = isPast(context) && context.run.inStage?.since;
  if (!since) return stage.run(context);
  let waiting: Step<P, D>;
  try {
    waiting = await stage.run(context);
  } catch (error) {
    if (isUserError(error) && error.code === 'FENCED') throw error;
    const last = await limit.past(context, { since, error: describe(error) });
    if (!last) throw error;
    return last;
  }
  const last = waiting.kind === 'again' ? await limit.past(context, { since }) : undefined;
  // What the step has just done is remembered all the same.
  const { contents } = waiting;
  return last
    ? { ...(contents && { contents }), ...last, data: { ...waiting.data, ...last.data } as Patch<D> }
    : waiting;
}

function onlyStep<P, D>({ name }: Stage<P, D>, step: Step<P, D>): Step<P, D> {
  if (step.kind === 'again') throw new Error(`the stage ${name} waits, and has no limit`);
  return step;
}

/** A stage that hangs must not hold its run: it loses its lease, and whatever it still attempts is refused. */
async function limited<P, D>(deps: StepDeps, fence: HeldFence, work: Promise<Step<P, D>>): Promise<Step<P, D>> {
  const done = new AbortController();
  const late = deps.sleep(deps.settings.longestStepMs, done.signal).then(() => undefined);
  try {
    const result = await Promise.race([work, late]);
    if (result) return result;
    fence.lose();
    throw new Error(`the step was given up after ${deps.settings.longestStepMs / 1_000} s`);
  } finally {
    done.abort();
  }
}

/**
 * Writes that check the fence once more before they begin; the HTTP pipeline does the same for each request. Made when
 * a stage first asks for one: most steps only read.
 */
function fenced(make: () => AzureWrite, fence: Fence): AzureWrite {
  let made: AzureWrite | undefined;
  return new Proxy({} as AzureWrite, {
    get(_, name) {
      made ??= make();
      const member: unknown = Reflect.get(made, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        checkFence(fence);
        return member.apply(made, args);
      };
    },
  });
}

/**
 * Records that a step failed and gives the run back for later. A run is never given up: after five failures in a row
 * its card says that it needs a look. Being asked to wait is not a failure and is not counted.
 */
async function failStep(deps: StepDeps, claimed: ClaimedRun, error: unknown): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const run = await lockLeased(tx, claimed.run);
    if (!run) return;
    const moved = run.signalSeq !== claimed.run.signalSeq;
    const waitMs = isUserError(error) ? error.retryAfterMs : undefined;
    const fenced = isUserError(error) && error.code === 'FENCED';
    const counts = waitMs === undefined && !fenced;
    const tries = moved ? 0 : counts ? run.tries : run.tries - 1;
    const failures = moved ? 0 : counts ? run.failures + 1 : run.failures;
    // A wait that Azure asked for is honoured even when somebody clicks; our own back-off is not.
    // A lost lease says nothing about the run, however often it failed before; nor does a replica that died over it,
    // perhaps because of another run: no run pays for that with its back-off.
    const retryMs = waitMs ?? (moved ? 0 : backOffMs(fenced ? 1 : failures, { firstMs: deps.settings.backOffMs }));
    const text = describe(error);
    await writeFailure(tx, run.id, { error: text, retryMs, tries, failures, at: fenced ? null : deps.clock.now() });
    const troubled = tries >= needsALookAfter;
    if (troubled && (tries === needsALookAfter || text !== run.lastError)) await redrawRun(tx, run.id);
    if (tries !== needsALookAfter) return;
    const detail = { stage: run.stage, tries, error: text };
    const about = { subject: run.subject, request: run.id, runId: run.id };
    await appendAudit(tx, [{ at: deps.clock.now(), who: goldbot, action: 'needs-a-look', ...about, detail }]);
  });
}

/** For the card: a message meant for people as is, a bug by its name and first line. */
export function describe(error: unknown): string {
  // Waiting alone does not help with a missing role or a lock: the card must say who can fix it and how.
  if (isUserError(error)) return againOf(error) === 'once fixed' ? explain(error) : error.message;
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return `${name}: ${message.split('\n')[0] ?? ''}`.slice(0, 500);
}
