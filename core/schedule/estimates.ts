import { regionKey } from '../azure-id';
import { afterWorkingTime, beforeWorkingTime, workingDay, workingTime } from '../calendar';
import type { ImageConfig } from '../catalogue';
import { sumOf } from '../collections';
import {
  heldUntil,
  lacksOutputs,
  medianOf,
  type PublishData,
  type PublishRun,
  type PublishStage,
  type StageTime,
} from '../runs';
import { hours, minutes } from '../time';

/** What takes time between the start of a run and the day on which its version can be used everywhere, in this order. */
const timedStages = ['build', 'test', 'approve', 'replicate', 'publish'] as const;
export type TimedStage = (typeof timedStages)[number];

export interface Estimate {
  /** World time; of `approve` working time. */
  readonly ms: number;
  /** How many runs of the image are known. */
  readonly runs: number;
  /** True: by experience with Azure in general, because too few runs are known. */
  readonly typical: boolean;
  /** Of `replicate`: the region that takes longest. */
  readonly region?: string;
}

export type Estimates = Readonly<Record<TimedStage, Estimate>>;

/** A published run of the image. */
export interface PastRun extends Pick<PublishData, 'times' | 'regions'> {
  /** The one that was published. */
  readonly attempt: number;
}

/** One or two runs say little: the second may have waited for a weekend. */
const enough = 3;

/** The median of fewer is not used. A quarter more is left for what goes slower than usual. */
const margin = 1.25;

const typicalMs = (os: ImageConfig['os']): Readonly<Record<TimedStage, number>> => ({
  build: minutes(os === 'Windows' ? 180 : 90),
  test: minutes(30),
  approve: 2 * workingDay,
  replicate: hours(3),
  publish: minutes(5),
});

/** How long each stage of the image's next run will take, by its last runs. `zone` says when people work. */
export function estimatesOf(
  { os, regions }: Pick<ImageConfig, 'os' | 'regions'>,
  past: readonly PastRun[],
  zone: string,
): Estimates {
  const typical = typicalMs(os);
  const of = (stage: TimedStage, samples: readonly number[], region?: string): Estimate => {
    const isTypical = samples.length < enough;
    const ms = isTypical ? typical[stage] : medianOf(samples);
    return { ms, runs: samples.length, typical: isTypical, ...(region !== undefined && { region }) };
  };
  const spans = past.map((run) => spansOf(run, zone));
  const stage = (name: Exclude<TimedStage, 'replicate'>) =>
    of(
      name,
      spans.flatMap((span) => span[name] ?? []),
    );
  const copies = regions.map(({ name }) =>
    of(
      'replicate',
      past.flatMap((run) => copyMs(run, name) ?? []),
      name,
    ),
  );
  const [slowest = of('replicate', [])] = copies.sort((a, b) => b.ms - a.ms);
  return {
    build: stage('build'),
    test: stage('test'),
    approve: stage('approve'),
    replicate: slowest,
    publish: stage('publish'),
  };
}

/** What the published attempt of a run took. */
function spansOf(run: PastRun, zone: string): Readonly<Partial<Record<TimedStage, number>>> {
  const times = (run.times ?? []).filter(({ attempt }) => attempt === run.attempt);
  const first = times[0];
  const test = times.find(({ stage }) => stage === 'test');
  const approve = times.find(({ stage }) => stage === 'approve');
  const publish = times.findLast(({ stage }) => stage === 'publish');
  const held = times.filter(({ stage, from }) => stage === 'hold' && test !== undefined && from < test.from);
  const heldMs = sumOf(held, ({ from, to }) => (to === undefined ? 0 : between(from, to)));
  return {
    ...(first && test && { build: between(first.from, test.from) - heldMs }),
    ...(test?.to && { test: between(test.from, test.to) }),
    ...(approve?.to && { approve: workingTime(new Date(approve.from), new Date(approve.to), zone) }),
    ...(publish?.to && { publish: between(publish.from, publish.to) }),
  };
}

const between = (from: string, to: string): number => Date.parse(to) - Date.parse(from);

/** How long the version took to get to a region; of runs that did not note it, how long it took to get everywhere. */
function copyMs({ times, regions, attempt }: PastRun, name: string): number | undefined {
  const region = regions?.find((one) => regionKey(one.name) === regionKey(name));
  const done = region?.completedAt;
  // A run that was held before its copies came to the stage twice.
  const copy = times?.findLast(
    (time) => time.stage === 'replicate' && time.attempt === attempt && (done === undefined || time.from <= done),
  );
  if (!copy || region?.state !== 'Completed') return undefined;
  const end = region.completedAt ?? copy.to;
  return end === undefined ? undefined : between(copy.from, end);
}

/** A stage on its way to the day. */
export interface Leg {
  readonly stage: TimedStage;
  readonly estimate: Estimate;
  readonly from: Date;
  readonly to: Date;
}

/** When each stage must begin so that the last ends by then, with a quarter more than it usually takes. */
export function countBack(by: Date, estimates: Estimates, zone: string): readonly Leg[] {
  const legs: Leg[] = [];
  let to = by;
  for (const stage of [...timedStages].reverse()) {
    const estimate = estimates[stage];
    const ms = estimate.ms * margin;
    const from = stage === 'approve' ? beforeWorkingTime(to, ms, zone) : new Date(to.getTime() - ms);
    legs.unshift({ stage, estimate, from, to });
    to = from;
  }
  return legs;
}

/** When a run that begins `stage` then will be ready if all goes as usual. */
export function projectFrom(start: Date, estimates: Estimates, zone: string, stage: TimedStage = 'build'): Date {
  return timedStages
    .slice(timedStages.indexOf(stage))
    .reduce((at, name) => passed(name, at, estimates[name].ms, zone), start);
}

function passed(stage: TimedStage, from: Date, ms: number, zone: string): Date {
  return stage === 'approve' ? afterWorkingTime(from, ms, zone) : new Date(from.getTime() + ms);
}

/** Stages of which nobody knows how long they take. */
type Untimed = 'repair' | 'hold' | 'over';

const timed: Readonly<Record<PublishStage, TimedStage | Untimed>> = {
  plan: 'build',
  capture: 'build',
  customise: 'build',
  tattoo: 'build',
  test: 'test',
  repair: 'repair',
  hold: 'hold',
  approve: 'approve',
  replicate: 'replicate',
  publish: 'publish',
  age: 'over',
  distribute: 'over',
  announce: 'over',
  cleanup: 'over',
};

/** What an open run is at, for those who wait for it; `over` when it is ready or will never be. */
export function timedStageOf(run: Pick<PublishRun, 'stage' | 'data'>): TimedStage | Untimed {
  // Its version is published; what is made of it beside the gallery's has no date.
  return lacksOutputs(run) ? 'over' : timed[run.stage as PublishStage];
}

/**
 * When an open run will be ready, if the rest goes as usual. A stage that has taken as long as usual takes a quarter as
 * long again; whoever repairs a run takes a working day, and then everything begins anew. Undefined: it is ready or ends without it.
 */
export function projectedEnd(
  run: Pick<PublishRun, 'stage' | 'attempt' | 'data' | 'createdAt'>,
  now: Date,
  { estimates, zone }: { readonly estimates: Estimates; readonly zone: string },
): Date | undefined {
  const stage = timedStageOf(run);
  if (stage === 'over') return undefined;
  if (stage === 'repair') return projectFrom(afterWorkingTime(now, workingDay, zone), estimates, zone);
  if (stage === 'hold') return heldEnd(run, now, { estimates, zone });
  const since = startOf(run, stage);
  const usual = estimates[stage].ms;
  const taken = stage === 'approve' ? workingTime(since, now, zone) : now.getTime() - since.getTime();
  const left = taken < usual ? usual - taken : usual * (margin - 1);
  const next = timedStages[timedStages.indexOf(stage) + 1];
  const end = passed(stage, now, left, zone);
  return next === undefined ? end : projectFrom(end, estimates, zone, next);
}

/** A freeze ends when it ends; whoever has locked an image takes a working day. */
function heldEnd(
  { data: { held } }: Pick<PublishRun, 'data'>,
  now: Date,
  { estimates, zone }: { readonly estimates: Estimates; readonly zone: string },
): Date {
  const until = held && heldUntil(held.holds);
  const start = until ?? afterWorkingTime(now, workingDay, zone);
  const next = held && held.before !== 'hold' ? timed[held.before as PublishStage] : 'build';
  const stage = timedStages.find((name) => name === next) ?? 'build';
  return projectFrom(start > now ? start : now, estimates, zone, stage);
}

/** When this attempt began with it. */
function startOf(
  { data, attempt, createdAt }: Pick<PublishRun, 'data' | 'attempt' | 'createdAt'>,
  stage: TimedStage,
): Date {
  const isThis = (time: StageTime) => time.attempt === attempt && timed[time.stage] === stage;
  const begun = data.times?.find(isThis)?.from;
  return begun === undefined ? createdAt : new Date(begun);
}
