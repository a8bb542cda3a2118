import { isUserError } from '../../core/errors';
import { type Failure, looksAt, nextLook, type PublishStage } from '../../core/runs';
import { hours, minutes, momentOf, seconds } from '../../core/time';
import { again, type Late } from '../engine';
import { remove } from './leftovers';
import { keeping, look, type Seen, seenThrough } from './looking';
import {
  type DataPatch,
  informational,
  needsRepair,
  type PlannedContext,
  type PublishLimit,
  type PublishStep,
  planned,
  waited,
  waiting,
  waits,
} from './stage';

/**
 * Image Builder at work with one template, from the PUT to the end of its run: the same for a build and for what is made of
 * a version afterwards. A run that failed is a state that people repair; an exception means that its state is unknown.
 */
export interface Watched {
  readonly template: string;
  /** What runs, as people call it: `the build`. */
  readonly what: string;
  /** Whether Azure has shown the template before. */
  readonly seen: boolean;
  /** What the run keeps once Azure has shown it. */
  readonly sighting: DataPatch;
  /** Where Azure has no such template: what has become of the work without it; absent where nothing can have. */
  readonly already?: () => Promise<PublishStep | undefined>;
  /** What keeps it from being ordered now; absent where nothing can. */
  readonly held?: () => Promise<PublishStep | undefined>;
  /** Whether an earlier template of the run may still be in its staging group. */
  readonly needsRoom: boolean;
  /** Orders the template; a step instead when something speaks against it. */
  readonly start: () => Promise<PublishStep | undefined>;
  /** What of it is waited for while Image Builder is in this state, and since when, unless since it was first seen. */
  readonly timed: (subState: string) => Pick<Seen, 'what' | 'since'>;
  /** One line about a run in this state; undefined when there is nothing better to say than Azure's word. */
  readonly progress?: (subState: string) => Promise<string | undefined>;
  readonly failed: (message: string) => Promise<PublishStep>;
  readonly succeeded: () => Promise<PublishStep>;
}

export async function watch(context: PlannedContext, watched: Watched): Promise<PublishStep> {
  const { template, sighting } = watched;
  const build = await context.read.build(context.plan.place, template);
  switch (build.state) {
    case 'absent':
      return (await watched.already?.()) ?? (watched.seen ? vanished(context, watched) : order(context, watched));
    case 'provisioning':
      return prepare(context, watched);
    case 'deleting':
      return again(seconds(15), { ...sighting, progress: 'Azure is deleting the template' });
    case 'idle':
      return nudge(context, watched);
    case 'running':
      return follow(context, watched, build.subState);
    case 'cancelling':
      return again(seconds(30), { progress: 'Image Builder is cancelling the build' });
    case 'canceled':
      return stopped(context, watched, `The build ${template} was cancelled in Azure, not by goldbot.`);
    case 'failed':
      return watched.failed(build.message);
    case 'succeeded':
      return keeping(await watched.succeeded(), seenThrough(context, build.endedAt ?? context.now));
  }
}

function vanished(context: PlannedContext, watched: Watched): PublishStep {
  return stopped(context, watched, `The image template ${watched.template} vanished while it was building.`);
}

async function order(context: PlannedContext, watched: Watched): Promise<PublishStep> {
  const first = (await watched.held?.()) ?? (watched.needsRoom ? await makeRoom(context, watched.template) : undefined);
  if (first) return first;
  const instead = await watched.start();
  return instead ?? again(seconds(20), { progress: preparing });
}

const preparing = 'Image Builder is preparing the template';

/** 10 to 40 s were recorded. */
const preparation = { medianMs: seconds(25), spread: 0.4 };

/** A template that stays so can be neither run nor deleted. It is known of staging groups that are closed to its identity. */
async function prepare(context: PlannedContext, watched: Watched): Promise<PublishStep> {
  const { template, sighting } = watched;
  const what = 'preparation';
  const waitedMs = waited(context, what);
  if (waitedMs <= waits.preparation.ms) {
    const ms = nextLook(
      waitedMs,
      looksAt(preparation, { before: 0, close: 5, after: 4, untilMs: waits.preparation.ms }),
    );
    return again(ms, { ...sighting, progress: preparing, ...waiting(context, what) });
  }
  const from = momentOf(new Date(context.now.getTime() - waitedMs));
  const error = `Image Builder has been preparing the template ${template} since ${from} and does not come to an end.`;
  const group = context.plan.buildSettings?.stagingResourceGroup;
  const remedy = group
    ? `Give the identity of the build Contributor on ${group} (\`build.stagingResourceGroup\`), then rebuild: the next attempt makes another template.`
    : 'Rebuild: the next attempt makes another template. Only Azure support can say what holds this one.';
  return stopped(context, watched, error, remedy);
}

/** A staging group of one's own must be empty when a build begins: earlier templates of the run go first. */
async function makeRoom(
  { plan, run, read, write }: PlannedContext,
  template: string,
): Promise<PublishStep | undefined> {
  if (plan.buildSettings?.stagingResourceGroup === undefined) return undefined;
  const left = await read.leftovers(plan.place, plan.target);
  for (const before of left.filter((l) => l.kind === 'template' && l.runId === run.id && l.name !== template)) {
    // One that was never prepared has put nothing into the group, and cannot be deleted.
    if ((await read.build(plan.place, before.name)).state === 'provisioning') continue;
    const { said } = await remove({ read, write }, plan, before);
    return again(seconds(30), { progress: `emptying the staging group: ${said}` });
  }
  return undefined;
}

/** autoRun starts the build with the template. If it did not, goldbot does, once nothing has run for a while. */
async function nudge(context: PlannedContext, { template, sighting }: Watched): Promise<PublishStep> {
  const what = 'idle';
  if (waited(context, what) <= waits.start.ms) return again(seconds(30), { ...sighting, ...waiting(context, what) });
  await context.write.runTemplate(context.plan.place, template);
  return again(seconds(30), { ...sighting, waiting: undefined });
}

async function follow(context: PlannedContext, watched: Watched, subState: string): Promise<PublishStep> {
  const { ms, isClose, isSame, data } = look(context, { ...watched.timed(subState), state: subState });
  // How far it is may cost several more questions: those are for when nothing but the end is looked for.
  const shown = isClose && isSame ? {} : { progress: await progressOf(watched, subState) };
  return again(ms, { ...watched.sighting, ...data, waiting: undefined, ...shown });
}

const progressOf = async ({ progress }: Watched, subState: string): Promise<string> =>
  (await progress?.(subState)) ?? phases[subState] ?? subState;

/** The log helps people and decides nothing. */
export function readLog(context: PlannedContext, template: string): Promise<string | undefined> {
  return informational(context, () => context.read.buildLog(context.plan.place, template));
}

const phases: Readonly<Record<string, string>> = {
  Queued: 'waiting for a build machine',
  Building: 'starting the build machine',
  Customizing: 'customising',
  Optimizing: 'optimising',
  Validating: 'validating inside the build',
  Distributing: 'copying the image into the gallery',
};

function stopped(
  context: PlannedContext,
  { what }: Pick<Watched, 'what'>,
  error: string,
  remedy = 'Rebuild to start again.',
): PublishStep {
  const stage = context.run.stage as PublishStage;
  return needsRepair(context, { stage, what, error, tail: [], remedy } satisfies Failure);
}

/** The limit of a stage that waits for Image Builder. The next attempt uses another template: this one need not be gone for it. */
export function overdueAfter(what: string, remedy: string): Omit<PublishLimit, 'waitsFor'> {
  return {
    ms: hours(6),
    plus: { what: "the build's own time-out", ms: ({ plan }) => minutes(plan.fixed?.buildTimeoutMinutes ?? 0) },
    afterwards: 'The build is cancelled, and the run needs repair: rebuild (with another template) or cancel.',
    past: async (context, late) => overdue(planned(context), late, { what, remedy }),
  };
}

async function overdue(
  context: PlannedContext,
  late: Late,
  { what, remedy }: { readonly what: string; readonly remedy: string },
): Promise<PublishStep> {
  const { plan, data, run } = context;
  const template = run.stage === 'distribute' ? data.distribution?.template : data.template;
  const said = template === undefined ? 'no build was seen' : await cancelledOrNot(context, template);
  const last = late.error === undefined ? '' : ` The last look failed: ${late.error}`;
  const error = `The build did not end within its ${plan.buildTimeoutMinutes} minutes (since ${momentOf(late.since)}); ${said}.${last}`;
  return stopped(context, { what }, error, remedy);
}

/** A cancel that Azure refuses must not hold up the run: the clean-up tries again. */
async function cancelledOrNot({ plan, write }: PlannedContext, template: string): Promise<string> {
  try {
    await write.cancelBuild(plan.place, template);
    return 'goldbot asked Image Builder to cancel it';
  } catch (error) {
    if (!isUserError(error) || error.code === 'FENCED') throw error;
    return `Image Builder would not cancel it (${error.message.replace(/[.]$/, '')})`;
  }
}
