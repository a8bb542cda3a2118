import type { LogFields } from '../../core/log';
import { type Sleep, seconds } from '../../core/time';
import {
  type Claimed,
  type Database,
  type Instant,
  instant,
  type LeaseSettings,
  leaseSettings,
  type MachineTime,
  machineTime,
  type Work,
  whileHeld,
} from '../../store';

export interface WorkerOptions {
  readonly database: Database;
  readonly sleep: Sleep;
  /** Names this replica in its leases; for people only. */
  readonly owner: string;
  readonly work: readonly Work[];
  readonly settings?: Partial<LeaseSettings>;
  readonly machine?: MachineTime;
  readonly log?: (message: string, facts: LogFields) => void;
}

export interface Worker {
  start(): void;
  /**
   * Claims nothing more and lets work in progress finish, for at most eight seconds; other replicas take over the rest.
   * Work that serves turns is still claimed until `turns` is over, since a turn may wait for its card.
   */
  drain(turns?: Promise<unknown>): Promise<void>;
}

const drainMs = seconds(8);
/** While the database is silent. */
const silentMs = seconds(1);
/** As the time of a look. */
const immediately = Number.NEGATIVE_INFINITY;

/** A kind of work, and what of it is in progress here. */
interface Served {
  readonly work: Work;
  readonly running: Set<Promise<void>>;
  /** When to look next, by the machine's monotonic clock. */
  nextAtMs: number;
  silent: boolean;
}

type Deps = Required<Omit<WorkerOptions, 'settings'>> & { readonly settings: LeaseSettings };

/**
 * The one claim loop: leases whatever is due, of any kind of work, and does it under a fence that is renewed meanwhile.
 * Any number of replicas may share a database: each row is leased to one of them, and a replica that loses its lease
 * can neither write to anything outside nor commit.
 */
export function createWorker(options: WorkerOptions): Worker {
  const deps: Deps = {
    machine: machineTime,
    log: () => {},
    ...options,
    settings: { ...leaseSettings, ...options.settings },
  };
  const served = options.work.map(
    (work): Served => ({ work, running: new Set(), nextAtMs: immediately, silent: false }),
  );
  const stopping = { all: new AbortController(), turns: new AbortController() };
  const nap = napper(deps, served);
  for (const signal of [stopping.all.signal, stopping.turns.signal]) signal.addEventListener('abort', nap.wake);
  for (const { work } of served) work.attach?.(nap.wake);
  let loop: Promise<void> | undefined;

  const run = async (): Promise<void> => {
    for (;;) {
      const open = served.filter(({ work }) => !(work.servesTurns ? stopping.turns : stopping.all).signal.aborted);
      if (open.length === 0) return;
      let claimed = false;
      for (const each of open) if (await look(deps, each, nap.wake)) claimed = true;
      if (!claimed) await nap.sleep(open);
    }
  };
  return {
    start() {
      loop ??= run();
    },
    async drain(turns) {
      stopping.all.abort();
      const limit = new AbortController();
      const ending = async () => {
        await turns;
        stopping.turns.abort();
        await loop;
        await Promise.all(served.flatMap(({ running }) => [...running]));
      };
      await Promise.race([ending(), deps.sleep(drainMs, limit.signal)]);
      stopping.turns.abort();
      limit.abort();
    },
  };
}

/** Claims one piece of work and starts it; false when there is nothing to do now. */
async function look(deps: Deps, served: Served, wake: () => void): Promise<boolean> {
  const { work, running } = served;
  const settings = work.lease ?? deps.settings;
  const claimedAt = instant(deps.machine);
  const { monotonicMs } = claimedAt;
  if (isFull(served) || served.nextAtMs > monotonicMs) return false;
  served.nextAtMs = monotonicMs + work.pollMs;
  try {
    const claimed = await work.claim({ owner: deps.owner, leaseMs: settings.leaseMs });
    served.silent = false;
    if (!claimed) return false;
    served.nextAtMs = immediately;
    const doing = hold({ ...deps, settings }, claimed, claimedAt).finally(() => {
      running.delete(doing);
      // A step that ends may leave its own row or another one due at once.
      wake();
    });
    running.add(doing);
    return true;
  } catch (error) {
    if (!served.silent) deps.log('nothing can be claimed', { work: work.name, error });
    served.silent = true;
    served.nextAtMs = monotonicMs + silentMs;
    return false;
  }
}

async function hold(deps: Deps, { lease, work }: Claimed, at: Instant): Promise<void> {
  try {
    await whileHeld(deps, { lease, at }, (held) => work(held));
  } catch (error) {
    deps.log('a piece of work broke; its lease will end', { of: lease.of, id: lease.id, error });
  }
}

interface Nap {
  /** Until the next look at one of these, or until it is woken. */
  sleep(open: readonly Served[]): Promise<void>;
  /** Look now at everything that somebody may be waiting for. */
  wake(): void;
}

function napper({ sleep, machine }: Deps, served: readonly Served[]): Nap {
  let current = new AbortController();
  return {
    async sleep(open) {
      const atMs = Math.min(...open.filter((each) => !isFull(each)).map(({ nextAtMs }) => nextAtMs));
      const ms = Math.min(longestNapMs, atMs - machine.monotonicMs());
      if (ms > 0) await sleep(ms, current.signal);
      current = new AbortController();
    },
    wake() {
      for (const each of served) if (!each.work.unhurried) each.nextAtMs = immediately;
      current.abort();
    },
  };
}

/** A safety net: whatever frees capacity wakes the loop anyway. */
const longestNapMs = seconds(1);

const isFull = ({ work, running }: Served): boolean => running.size >= work.atOnce;
