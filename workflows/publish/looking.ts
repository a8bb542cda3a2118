import {
  type LookPlan,
  looksAt,
  nextLook,
  type TimedWait,
  type Took,
  typicalCopyMs,
  type Usual,
  usualOf,
} from '../../core/runs';
import { hours, minutes } from '../../core/time';
import type { DataPatch, PlannedContext, PublishStep } from './stage';

/**
 * The long waits for Azure: looked at by what earlier runs waited (`core/runs/patience.ts`), and kept for later ones.
 * Signals do not wait for the next look: whoever cancels is heard at once.
 */

/** While no run is known that got so far. */
const typical: Readonly<Record<TimedWait, Usual>> = {
  build: { medianMs: minutes(45), spread: 0.4 },
  copy: { medianMs: typicalCopyMs, spread: 0.3 },
  outputs: { medianMs: minutes(15), spread: 0.5 },
  machine: { medianMs: minutes(2.5), spread: 0.3 },
  regions: { medianMs: minutes(30), spread: 0.8 },
};

/** Windows takes longer for everything. */
const slower: Readonly<Partial<Record<TimedWait, number>>> = { build: 2, machine: 3 };

type Looks = Pick<LookPlan, 'before' | 'close' | 'after'>;

const looks: Readonly<Record<TimedWait, Looks>> = {
  build: { before: 4, close: 12, after: 5 },
  /** As many as the build has left. */
  copy: { before: 0, close: 4, after: 5 },
  outputs: { before: 4, close: 16, after: 5 },
  machine: { before: 1, close: 8, after: 4 },
  regions: { before: 10, close: 14, after: 5 },
};

/** Of a build with its copy; the first builds of a goldbot are looked at more often, because nothing is known. */
const budget = { known: 34, unknown: 48 };
const unknownBuild: Looks = { before: 6, close: 24, after: 5 };

/** A wait as a step sees it. */
export interface Seen {
  readonly what: TimedWait;
  /** What Azure calls it. */
  readonly state: string;
  /** When it began (ISO 8601, world time), unless it is from when it is first seen. */
  readonly since?: string | undefined;
  /** World time at which whoever waits gives up; that of the stage when absent. */
  readonly until?: Date;
}

export interface Look {
  /** World time to the next one. */
  readonly ms: number;
  /** Whether the end may be near: then goldbot looks for it and for nothing else. */
  readonly isClose: boolean;
  /** Whether Azure said the same when goldbot last looked. */
  readonly isSame: boolean;
  readonly data: Pick<DataPatch, 'looking' | 'took'>;
}

/** When to look again at something that is not over yet. */
export function look(context: PlannedContext, seen: Seen): Look {
  const { now, data } = context;
  const { what, state } = seen;
  const before = data.looking;
  const same = before?.what === what ? before : undefined;
  const since = seen.since ?? same?.since ?? now.toISOString();
  const spent = same?.spent ?? (before && what === 'copy' ? before.looks : 0);
  const until = seen.until ?? context.run.inStage?.limit?.until ?? new Date(now.getTime() + hours(6));
  const untilMs = until.getTime() - Date.parse(since);
  const at = looksAt(usual(context, what), { ...looksOf(context, what, spent), untilMs });
  const ms = nextLook(now.getTime() - Date.parse(since), at);
  const looking = { what, since, state, spent, looks: (same?.looks ?? 0) + 1 };
  const over = same ? {} : seenThrough(context, now);
  const isClose = data.usual?.[what] !== undefined && ms < minutes(2);
  return { ms, isClose, isSame: same?.state === state, data: { ...over, looking } };
}

function usual({ plan, data }: PlannedContext, what: TimedWait): Usual {
  const { medianMs, spread } = typical[what];
  const factor = plan.recipe.os === 'Windows' ? (slower[what] ?? 1) : 1;
  return usualOf(data.usual?.[what] ?? [], { medianMs: medianMs * factor, spread });
}

function looksOf({ data }: PlannedContext, what: TimedWait, spent: number): Looks {
  const isKnown = data.usual?.build !== undefined;
  if (what === 'build' && !isKnown) return unknownBuild;
  if (what !== 'copy') return looks[what];
  const { after, close } = looks.copy;
  const left = (isKnown ? budget.known : budget.unknown) - spent - after;
  return { ...looks.copy, close: Math.max(left, close) };
}

/** The wait that goes on is over, since `end`: what it took is kept for later runs. Nothing where none goes on. */
export function seenThrough({ data }: Pick<PlannedContext, 'data'>, end: Date): Pick<DataPatch, 'looking' | 'took'> {
  const { looking, took } = data;
  if (!looking) return {};
  const ms = Math.max(end.getTime() - Date.parse(looking.since), 0);
  return { looking: undefined, took: { ...took, [looking.what]: ms } satisfies Took };
}

/** The same step, which keeps this too. */
export const keeping = (step: PublishStep, data: DataPatch): PublishStep => ({
  ...step,
  ...(Object.keys(data).length > 0 && { data: { ...step.data, ...data } }),
});
