import type { AuditRecord } from '../../core/audit';
import type { LogFields } from '../../core/log';
import { needsALookAfter } from '../../core/runs';
import { silentTelemetry, type Telemetry } from '../../core/telemetry';
import type { Clock, Sleep } from '../../core/time';
import {
  appendAudit,
  backOffMs,
  type CardAddress,
  type Database,
  dueKinds,
  goldbot,
  lockDue,
  moveSchedule,
  type Queryable,
  type Schedule,
  scheduleFailed,
  wantCard,
} from '../../store';
import { describe } from './step';

// biome-ignore lint/suspicious/noExplicitAny: the spec belongs to the kind
type AnySchedule = Schedule<any>;

/** Something that recurs, and what happens each time. */
export interface ScheduleKind {
  readonly kind: string;
  /** Brings the schedules in line with catalogue and settings. Several replicas may do so at once. */
  reconcile(): Promise<void>;
  /** In the transaction that holds the schedule: does what is due and says when it comes next, after `now`. */
  fire(tx: Queryable, schedule: AnySchedule, now: Date): Promise<Fired>;
  /** What a schedule is of, and the card that tells people when it fails again and again, if there is one. */
  about(schedule: AnySchedule): { readonly subject: string; readonly card?: CardAddress };
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
  /** The first wait of a schedule that failed; doubles each time, up to ten minutes. */
  readonly backOffMs?: number;
  readonly telemetry?: Telemetry;
  readonly log?: (message: string, facts: LogFields) => void;
}

export interface Schedules {
  start(): void;
  drain(): Promise<void>;
}

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

type TickOptions = Pick<SchedulesOptions, 'database' | 'clock' | 'kinds' | 'backOffMs' | 'telemetry' | 'log'>;

/**
 * One look, by any replica: fires what is due, each in a transaction of its own. Returns how many schedules were moved.
 * Whatever fails holds up nothing else: what was due is tried again later, everything else is thrown at the end.
 */
export async function tick(options: TickOptions, { reconcile }: { readonly reconcile: boolean }): Promise<number> {
  const { database, clock, kinds } = options;
  let fired = 0;
  const fireDue = async () => {
    const due = await dueKinds(database, { kinds: kinds.map(({ kind }) => kind), now: clock.now() });
    const acts = kinds
      .filter(({ kind }) => due.has(kind))
      .map((kind) => async () => {
        fired += await fireAll(options, kind);
      });
    await eachAlone(acts);
  };
  const reconciling = reconcile ? kinds.map((kind) => () => kind.reconcile()) : [];
  await eachAlone([...reconciling, fireDue]);
  return fired;
}

/** Does one after the other; one that throws holds up no other. What was thrown is thrown at the end. */
export async function eachAlone(acts: Iterable<() => Promise<unknown>>): Promise<void> {
  const errors: unknown[] = [];
  for (const act of acts) {
    try {
      await act();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join('; '));
  if (errors.length === 1) throw errors[0];
}

/** Each once: a schedule that is due again at once waits for the next look. */
async function fireAll(options: TickOptions, kind: ScheduleKind): Promise<number> {
  const looked: string[] = [];
  let moved = 0;
  for (;;) {
    const found = await fireNext(options, kind, looked);
    if (!found) return moved;
    looked.push(found.key);
    if (found.moved) moved += 1;
  }
}

/** Undefined: nothing else is due. */
async function fireNext(
  options: TickOptions,
  kind: ScheduleKind,
  but: readonly string[],
): Promise<{ readonly key: string; readonly moved: boolean } | undefined> {
  const { database, clock } = options;
  const now = clock.now();
  let due: AnySchedule | undefined;
  try {
    return await database.transaction(async (tx) => {
      due = await lockDue(tx, { kind: kind.kind, now, but });
      if (!due) return undefined;
      await fire(options, kind, tx, { due, now });
      return { key: due.key, moved: true };
    });
  } catch (error) {
    // Without a schedule it is the database that fails.
    if (!due) throw error;
    await failed(options, kind, due, error);
    return { key: due.key, moved: false };
  }
}

interface DueSchedule {
  readonly due: AnySchedule;
  readonly now: Date;
}

/** As a span, to which the steps of the run that it begins are linked. */
function fire(
  { telemetry = silentTelemetry }: TickOptions,
  kind: ScheduleKind,
  tx: Queryable,
  { due, now }: DueSchedule,
): Promise<void> {
  const attributes = { 'goldbot.schedule': kind.kind };
  return telemetry.span({ name: 'schedule', attributes, root: true }, async (span) => {
    const { records, ...next } = await kind.fire(tx, due, now);
    const run = records.find(({ action }) => action === 'start')?.runId ?? undefined;
    span.set({ 'goldbot.run': run, 'goldbot.outcome': run === undefined ? 'moved' : 'started' });
    await moveSchedule(tx, due.key, next);
    await appendAudit(tx, records);
  });
}

/** It stays due, and is tried again. After five failures in a row people are told. */
async function failed(options: TickOptions, kind: ScheduleKind, due: AnySchedule, error: unknown): Promise<void> {
  const { database, clock, backOffMs: firstMs, log = () => {} } = options;
  const tries = due.tries + 1;
  log('a schedule failed', { schedule: due.key, tries, error });
  const retryMs = backOffMs(tries, firstMs === undefined ? {} : { firstMs });
  const at = clock.now();
  await database.transaction(async (tx) => {
    const why = describe(error);
    // As they are counted there: two replicas that fail at once know nothing of each other, and one of them is the fifth.
    const failures = await scheduleFailed(tx, due, { error: why, retryMs, at });
    if (failures !== needsALookAfter) return;
    const { subject, card } = kind.about(due);
    if (card) await wantCard(tx, card);
    const detail = { schedule: due.key, tries: failures, error: why };
    await appendAudit(tx, [{ at, who: goldbot, action: 'schedule-fails', subject, detail }]);
  });
}
