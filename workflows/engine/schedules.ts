import type { AuditRecord } from '../../core/audit';
import type { Clock, Sleep } from '../../core/time';
import { appendAudit, type Database, lockDue, moveSchedule, type Queryable, type Schedule } from '../../store';

/** Something that recurs, and what happens each time. */
export interface ScheduleKind {
  readonly kind: string;
  /** Brings the schedules in line with catalogue and settings. Several replicas may do so at once. */
  reconcile(): Promise<void>;
  /** In the transaction that holds the schedule: does what is due and says when it comes next, after `now`. */
  fire(
    tx: Queryable,
    // biome-ignore lint/suspicious/noExplicitAny: the spec belongs to the kind
    schedule: Schedule<any>,
    now: Date,
  ): Promise<Fired>;
}

export interface Fired {
  /** World time. */
  readonly nextAt: Date;
  /** What the schedule is from now on; as before when absent. */
  readonly spec?: unknown;
  /** For the audit, which the engine writes last. */
  readonly records: readonly AuditRecord[];
}

export interface SchedulesOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly kinds: readonly ScheduleKind[];
  /** Machine time between two looks for what is due, and between two comparisons with the catalogue. */
  readonly pollMs?: number;
  readonly reconcileMs?: number;
  readonly log?: (message: string, facts: Record<string, unknown>) => void;
}

export interface Schedules {
  start(): void;
  drain(): Promise<void>;
}

/** Due schedules of one transaction: few, so that none is locked for long. */
const batch = 20;

/** Fires each due time once, on any number of replicas. */
export function createSchedules(options: SchedulesOptions): Schedules {
  const { sleep, pollMs = 1_000, reconcileMs = 30_000, log = () => {} } = options;
  const stopping = new AbortController();
  let loop: Promise<void> | undefined;
  let reconciledAt = Number.NEGATIVE_INFINITY;

  const run = async (): Promise<void> => {
    let silent = false;
    while (!stopping.signal.aborted) {
      try {
        const reconcile = performance.now() - reconciledAt >= reconcileMs;
        if (reconcile) reconciledAt = performance.now();
        await tick(options, { reconcile });
        silent = false;
      } catch (error) {
        if (!silent) log('schedules cannot be looked at', { error });
        silent = true;
        reconciledAt = Number.NEGATIVE_INFINITY;
      }
      await sleep(pollMs, stopping.signal);
    }
  };
  return {
    start() {
      loop ??= run();
    },
    async drain() {
      stopping.abort();
      await loop;
    },
  };
}

/** One look, by any replica: fires what is due. Returns how many schedules were moved. */
export async function tick(
  { database, clock, kinds }: Pick<SchedulesOptions, 'database' | 'clock' | 'kinds'>,
  { reconcile }: { readonly reconcile: boolean },
): Promise<number> {
  let fired = 0;
  for (const kind of kinds) {
    if (reconcile) await kind.reconcile();
    for (;;) {
      const moved = await fireDue(database, kind, clock.now());
      fired += moved;
      if (moved < batch) break;
    }
  }
  return fired;
}

function fireDue(database: Database, kind: ScheduleKind, now: Date): Promise<number> {
  return database.transaction(async (tx) => {
    const due = await lockDue(tx, { kind: kind.kind, now, limit: batch });
    const records: AuditRecord[] = [];
    for (const schedule of due) {
      const { records: more, ...next } = await kind.fire(tx, schedule, now);
      await moveSchedule(tx, schedule.key, next);
      records.push(...more);
    }
    await appendAudit(tx, records);
    return due.length;
  });
}
