import type { ImageConfig } from '../catalogue';

/**
 * When to look at something that Azure does for a long time: rarely at first, closely around the time at which it ended
 * before, then ever less often. Pure; a stage keeps what it has seen in its run's data.
 */

/** What a publish waits for long enough to learn from it. */
const timedWaits = ['build', 'copy', 'outputs', 'machine', 'regions'] as const;
/** `build`: until Image Builder begins to copy; `copy`: from then to its end. */
export type TimedWait = (typeof timedWaits)[number];

/** Milliseconds of world time. */
export type Took = Readonly<Partial<Record<TimedWait, number>>>;
/** The same of earlier runs, newest first. */
export type Experience = Readonly<Partial<Record<TimedWait, readonly number[]>>>;

/** How long something takes: half of the times less than the median, two of three within `1 ± spread` of it, about. */
export interface Usual {
  readonly medianMs: number;
  /** Scale of the logarithm of the time, as of a logistic distribution. */
  readonly spread: number;
}

/** A wait that is going on. */
export interface Looking {
  readonly what: TimedWait;
  /** ISO 8601, world time. */
  readonly since: string;
  readonly looks: number;
  /** Looks of the waits before it that share its budget. */
  readonly spent: number;
  /** What Azure called it. */
  readonly state: string;
}

export interface LookPlan {
  /** Before the first close one, at even distances: they show people how it goes. */
  readonly before: number;
  readonly close: number;
  /** After the last close one, each several times as far away as the one before; the last when the wait is over. */
  readonly after: number;
  /** World time from the beginning of the wait to its limit. */
  readonly untilMs: number;
}

/** More of them say no more. */
const mostSamples = 20;
/** A single sample says little about how much the times differ: this counts as one more. */
const assumedSpread = 0.2;
/** However alike the times were: looks closer than that are of no use. */
const leastSpread = 0.02;
/** The mean distance from the median, in spreads, of a logistic distribution: 2 ln 2. */
const meanDistance = 2 * Math.LN2;

/** What to expect by earlier times; by what is typical where there are none. */
export function usualOf(samples: readonly number[], typical: Usual): Usual {
  const known = samples.slice(0, mostSamples).filter((ms) => ms > 0);
  if (known.length === 0) return typical;
  const medianMs = medianOf(known);
  const distances = known.reduce((sum, ms) => sum + Math.abs(Math.log(ms / medianMs)), 0) / meanDistance;
  return { medianMs, spread: Math.max((distances + assumedSpread) / (known.length + 1), leastSpread) };
}

export function medianOf(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (index: number) => sorted[index] ?? 0;
  return sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
}

/** Up to which the close looks go: 95 of 100 ends come before. */
const closeUpTo = 4.4;

/**
 * When to look, in milliseconds since the beginning of the wait: `before + close + after` times, whatever happens. The
 * close ones stand where the next is as far away as one over the root of how likely the end is just then, given that it
 * has not come: for so many looks on average that makes the shortest mean time between an end and the look that sees it.
 */
export function looksAt({ medianMs, spread }: Usual, { before, close, after, untilMs }: LookPlan): readonly number[] {
  const lastMs = Math.max(untilMs, 1) + 1;
  // The integral of that root is 2 asinh of e^(x/2), x being the logarithm in spreads: turned round, a power of sinh.
  const unit = closeUpTo / Math.max(close, 1);
  const closely = steps(close, (n) => Math.min(medianMs * Math.sinh(((n - 0.3) * unit) / 2) ** (2 * spread), lastMs));
  const first = closely[0] ?? lastMs;
  const end = closely.at(-1) ?? 0;
  const gap = Math.max(end - (closely.at(-2) ?? 0), 1);
  const factor = Math.max((lastMs - end) / gap, 1) ** (1 / Math.max(after, 1));
  return [
    ...steps(before, (n) => (first * n) / (before + 1)),
    ...closely,
    ...steps(after, (n) => Math.min(end + gap * factor ** n, lastMs)),
  ];
}

const steps = (count: number, at: (n: number) => number): number[] =>
  Array.from({ length: Math.max(count, 0) }, (_, n) => at(n + 1));

/** What comes sooner than that is left out: the answer on the way would be the same. */
const leastGapMs = 2_000;
/** Past the last look whoever waits has a limit of its own; if it does not, it is looked at like that. */
const pastMs = 600_000;

/** How long to the next look. */
export function nextLook(elapsedMs: number, looks: readonly number[]): number {
  const next = looks.find((at) => at >= elapsedMs + leastGapMs);
  const last = looks.at(-1);
  if (next !== undefined) return Math.ceil(next - elapsedMs);
  return last !== undefined && last > elapsedMs ? leastGapMs : pastMs;
}

/** An earlier run, as far as the times are concerned. */
export interface EarlierRun {
  readonly image: string;
  readonly os?: ImageConfig['os'];
  readonly took?: Took;
  /** Of runs of before, which noted nothing else. */
  readonly times?: readonly { readonly stage: string; readonly from: string; readonly to?: string }[];
}

/** What Image Builder needs to copy an image of 30 GB into its gallery: 7 to 8 minutes were recorded. */
export const typicalCopyMs = 480_000;

/** Of the image where it has any, else of images of its kind, else of all. `runs`: newest first. */
export function experienceOf(runs: readonly EarlierRun[], of: Required<Pick<EarlierRun, 'image' | 'os'>>): Experience {
  const [own, kind] = [
    runs.filter(({ image }) => image === of.image),
    runs.filter(({ os }) => os !== undefined && os === of.os),
  ];
  const found = timedWaits.map((what) => {
    const samples = (from: readonly EarlierRun[]) => from.flatMap((run) => tookOf(run)[what] ?? []);
    const known = [own, kind, runs].map(samples).find((some) => some.length > 0) ?? [];
    return [what, known.slice(0, mostSamples)] as const;
  });
  return Object.fromEntries(found.filter(([, samples]) => samples.length > 0));
}

/** A stage that ended otherwise, as by a cancel, tells nothing. */
function tookOf({ took, times = [] }: EarlierRun): Took {
  if (took) return took;
  const lasted = (stage: string, ...next: readonly string[]): number | undefined => {
    const at = times.findLastIndex((one, i) => one.stage === stage && next.includes(times[i + 1]?.stage ?? ''));
    const { from, to } = times[at] ?? {};
    return from === undefined || to === undefined ? undefined : Date.parse(to) - Date.parse(from);
  };
  const [whole, regions] = [lasted('customise', 'tattoo'), lasted('replicate', 'publish', 'age')];
  return {
    ...(whole !== undefined && whole > typicalCopyMs && { build: whole - typicalCopyMs }),
    ...(regions !== undefined && { regions }),
  };
}
