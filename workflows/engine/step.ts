import type { AzureRead, AzureWrite, Fence } from '../../core/azure';
import type { Clock, Sleep } from '../../core/time';
import { type Database, renewLease } from '../../store';
import { commitStep } from './commit';
import { failStep } from './failure';
import { createFence, fenced, type Instant, instant, type LeaseFence, type MachineTime } from './fence';
import type { Claimed } from './load';
import type { Step, Workflow } from './stage';

/** Machine time, in milliseconds. */
export interface Knobs {
  /** A replica that died or froze is succeeded after this. */
  readonly leaseMs: number;
  readonly renewMs: number;
  /** How often due runs are looked for; a click is acted upon within this. */
  readonly pollMs: number;
  /** A step that takes longer is given up. */
  readonly longestStepMs: number;
  /** Steps at the same time. */
  readonly concurrency: number;
  /** The first wait after a step that did not work out; doubles each time, up to ten minutes. */
  readonly backOffMs: number;
}

/** Where the kill tests may stop the process; each is awaited. */
export type Boundary = 'claimed' | 'before commit' | 'after commit' | 'before failure' | 'after failure';

export interface StepDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly machine: MachineTime;
  readonly read: AzureRead;
  readonly write: (fence: Fence) => AzureWrite;
  readonly workflows: readonly Workflow<unknown, unknown>[];
  readonly knobs: Knobs;
  readonly log: (message: string, facts: Record<string, unknown>) => void;
  readonly at: (boundary: Boundary, claimed: Claimed) => Promise<void>;
}

/** Takes one leased run one step further: the stage, then its commit. Never throws; what goes wrong is noted in the run. */
export async function runStep(deps: StepDeps, claimed: Claimed, claimedAt: Instant): Promise<void> {
  const fence = createFence(deps.knobs.leaseMs, claimedAt, deps.machine);
  const over = new AbortController();
  const renewals = renewWhile(deps, claimed, fence, over.signal);
  const { run } = claimed;
  const facts = { run: run.id, stage: run.stage, attempt: run.attempt, tries: run.tries };
  try {
    await deps.at('claimed', claimed);
    await step(deps, claimed, fence);
  } catch (error) {
    deps.log('step did not work out', { ...facts, error });
    await deps.at('before failure', claimed);
    const context = { database: deps.database, clock: deps.clock, backOffMs: deps.knobs.backOffMs };
    // When this fails too, the lease ends by itself.
    await failStep(context, claimed, error).catch((e: unknown) =>
      deps.log('failure not noted', { ...facts, error: e }),
    );
    await deps.at('after failure', claimed);
  } finally {
    fence.lose();
    over.abort();
    await renewals;
  }
}

async function step(deps: StepDeps, claimed: Claimed, fence: LeaseFence): Promise<void> {
  const { run, inbox, approval } = claimed;
  const workflow = deps.workflows.find((w) => w.kind === run.kind);
  const stage = workflow?.stages.find((s) => s.name === run.stage);
  if (!workflow || !stage) throw new Error(`no code for stage ${run.stage} of ${run.kind}`);
  const { read, clock } = deps;
  const write = fenced(deps.write(fence), fence);
  const result = await limited(deps, fence, stage.run({ run, inbox, approval, now: clock.now(), read, write }));
  await deps.at('before commit', claimed);
  await commitStep({ database: deps.database, clock, workflow }, claimed, result);
  await deps.at('after commit', claimed);
}

/** A stage that hangs must not hold its run: the fence falls, and what it still does is refused. */
async function limited<P, D>(deps: StepDeps, fence: LeaseFence, work: Promise<Step<P, D>>): Promise<Step<P, D>> {
  const done = new AbortController();
  const late = deps.sleep(deps.knobs.longestStepMs, done.signal).then(() => undefined);
  try {
    const result = await Promise.race([work, late]);
    if (result) return result;
    fence.lose();
    throw new Error(`the step was given up after ${deps.knobs.longestStepMs / 1_000} s`);
  } finally {
    done.abort();
  }
}

async function renewWhile(deps: StepDeps, claimed: Claimed, fence: LeaseFence, over: AbortSignal): Promise<void> {
  const { leaseMs, renewMs } = deps.knobs;
  for (;;) {
    await deps.sleep(renewMs, over);
    if (over.aborted || fence.leftMs() <= 0) return;
    const from = instant(deps.machine);
    const lease = { id: claimed.run.id, token: claimed.run.leaseToken };
    try {
      if (await renewLease(deps.database, lease, leaseMs)) fence.extend(from);
      else fence.lose();
    } catch (error) {
      // The database is silent: the lease goes on until it is over.
      deps.log('lease not renewed', { run: claimed.run.id, error });
    }
  }
}
