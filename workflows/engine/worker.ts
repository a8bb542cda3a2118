import type { Sleep } from '../../core/time';
import { instant, machineTime } from './fence';
import { claimAndLoad } from './load';
import { type Boundary, type Knobs, runStep, type StepDeps } from './step';

export type { Knobs } from './step';

export interface EngineOptions extends Omit<StepDeps, 'machine' | 'knobs' | 'log' | 'at'> {
  /** Names this replica in the lease; for people only. */
  readonly owner: string;
  readonly machine?: StepDeps['machine'];
  readonly knobs?: Partial<Knobs>;
  readonly log?: StepDeps['log'];
  /** For the kill tests. */
  readonly at?: StepDeps['at'];
}

export interface Engine {
  start(): void;
  /** Takes no more runs and lets present steps end, for eight seconds at the most; what is left is taken over elsewhere. */
  drain(): Promise<void>;
}

export const defaultKnobs: Knobs = {
  leaseMs: 25_000,
  renewMs: 8_000,
  pollMs: 250,
  longestStepMs: 300_000,
  concurrency: 8,
  backOffMs: 1_000,
};

const drainMs = 8_000;
/** While the database is silent. */
const silentMs = 1_000;

/**
 * Moves every open run of `workflows` on. Any number of replicas may do so over one database: each due run is leased to
 * one of them, and whoever loses the lease can neither change Azure nor commit.
 */
export function createEngine(options: EngineOptions): Engine {
  const deps: StepDeps = {
    machine: machineTime,
    log: () => {},
    at: async (_boundary: Boundary) => {},
    ...options,
    knobs: { ...defaultKnobs, ...options.knobs },
  };
  const stopping = new AbortController();
  const steps = new Set<Promise<void>>();
  let loop: Promise<void> | undefined;
  return {
    start() {
      loop ??= claimLoop(deps, options.owner, { steps, stopping: stopping.signal });
    },
    async drain() {
      stopping.abort();
      const limit = new AbortController();
      const rest = Promise.all([loop, ...steps]).then(() => Promise.all(steps));
      await Promise.race([rest, deps.sleep(drainMs, limit.signal)]);
      limit.abort();
    },
  };
}

interface LoopState {
  readonly steps: Set<Promise<void>>;
  readonly stopping: AbortSignal;
}

async function claimLoop(deps: StepDeps, owner: string, { steps, stopping }: LoopState): Promise<void> {
  const known = [...new Set(deps.workflows.flatMap((w) => w.stages.map((stage) => stage.name)))];
  const kinds = deps.workflows.map((w) => w.kind);
  const { leaseMs, pollMs, concurrency } = deps.knobs;
  let silent = false;
  // A step that ends may leave its run, or have made another, due at once.
  const nap = napper(deps.sleep, stopping);
  while (!stopping.aborted) {
    try {
      const claimedAt = instant(deps.machine);
      const claimed =
        steps.size < concurrency && (await claimAndLoad(deps.database, deps.clock, { owner, leaseMs, known, kinds }));
      silent = false;
      if (!claimed) {
        await nap.sleep(pollMs);
        continue;
      }
      const step = runStep(deps, claimed, claimedAt).finally(() => {
        steps.delete(step);
        nap.wake();
      });
      steps.add(step);
    } catch (error) {
      if (!silent) deps.log('no run can be claimed', { error });
      silent = true;
      await nap.sleep(silentMs);
    }
  }
}

interface Nap {
  sleep(ms: number): Promise<void>;
  wake(): void;
}

/** Sleep that a finished step or the end of the engine cuts short. */
function napper(sleep: Sleep, stopping: AbortSignal): Nap {
  let current = new AbortController();
  stopping.addEventListener('abort', () => current.abort());
  return {
    async sleep(ms) {
      if (!stopping.aborted) await sleep(ms, current.signal);
      current = new AbortController();
    },
    wake: () => current.abort(),
  };
}
