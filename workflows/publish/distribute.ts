import type { GalleryVersion, Output, OutputTarget } from '../../core/azure';
import { isUserError } from '../../core/errors';
import { differenceText, failureOfBuild, outputName, tattooTagNames } from '../../core/images';
import { type Distribution, distributionName, type Failure, unmadeOutputs } from '../../core/runs';
import { seconds } from '../../core/time';
import { again } from '../engine';
import { changesSince } from './candidate';
import {
  committed,
  move,
  needsRepair,
  orRepair,
  type PlannedContext,
  type PublishContext,
  type PublishLimit,
  type PublishStep,
  waited,
  waiting,
  waits,
} from './stage';
import { overdueAfter, readLog, watch } from './watch';

const distributeLimit: PublishLimit = {
  ...overdueAfter('the outputs', 'Look in the log of the template, then rebuild.'),
  waitsFor: 'Image Builder to make the outputs',
};

/**
 * Makes what the plan asks for beside the gallery's version: whoever may read there can use it the moment it exists, so it
 * is made last, of the version that was approved, by a template that changes nothing. The version is published already:
 * whatever happens here leaves it so.
 */
export const distribute = committed('distribute', distributeLimit, (context) =>
  orRepair(context, async () => {
    const { plan, run } = context;
    const unmade = unmadeOutputs(run);
    if (unmade.length === 0) return move(context, 'announce');
    const { attempt, template: seen } = begun(context);
    const template = distributionName(plan, attempt, run.id);
    return watch(context, {
      ...{ template, what: namesOf(unmade), seen: seen === template, needsRoom: true },
      // Nothing stood at their places when the template was ordered: it would not be there otherwise.
      sighting: { distribution: { ...ordering(context, unmade), template } },
      start: () => order(context, template, unmade),
      timed: () => ({ what: 'outputs' }),
      progress: async (subState) => (subState === 'Distributing' ? `writing the ${namesOf(unmade)}` : undefined),
      failed: (message) => failed(context, template, message),
      succeeded: () => succeeded(context, template),
    });
  }),
);

function begun({ run }: PublishContext): Distribution {
  return run.data.distribution ?? { attempt: 1 };
}

function ordering(context: PublishContext, unmade: readonly OutputTarget[]): Distribution {
  const before = begun(context);
  return { ...before, ordered: [...new Set([...(before.ordered ?? []), ...unmade.map(({ place }) => place)])] };
}

const namesOf = (outputs: readonly OutputTarget[]): string => outputs.map(outputName).join(' and ');

function failure({ run }: PublishContext, error: string, remedy: string): Failure {
  return { stage: 'distribute', what: namesOf(unmadeOutputs(run)), error, tail: [], remedy };
}

/** Image Builder would overwrite what has the name already; what this run itself has begun it may. */
async function order(
  context: PlannedContext,
  template: string,
  unmade: readonly OutputTarget[],
): Promise<PublishStep | undefined> {
  const { plan, write, run } = context;
  const approved = await approvedVersion(context);
  if ('kind' in approved) return approved;
  const { ordered = [] } = begun(context);
  for (const output of unmade.filter(({ place }) => !ordered.includes(place))) {
    const there = await standing(context, output);
    if (there && 'kind' in there) return there;
    // Whoever ordered it may have died before it was seen at work: its tags tell whose it is.
    if (there && there.runId !== run.id) return needsRepair(context, taken(context, output, there.runId));
  }
  const { osDiskSizeGiB: _, ...settings } = plan.buildSettings ?? {};
  await write.startDistribution(plan.place, template, {
    source: { ...plan.target, version: plan.version },
    outputs: unmade,
    identity: plan.identity,
    vmSize: plan.buildVmSize,
    settings,
    timeoutMinutes: plan.buildTimeoutMinutes,
    tags: { 'goldbot-run': run.id, 'goldbot-image': plan.image },
    // The tattoo, as the version carries it.
    artifactTags: Object.fromEntries(Object.entries(approved.tags).filter(([name]) => tattooTagNames.includes(name))),
  });
  return undefined;
}

/** A container that is not there will not come by itself: people are asked at once. */
async function standing(context: PlannedContext, output: OutputTarget): Promise<Output | PublishStep | undefined> {
  try {
    return await context.read.output(output);
  } catch (error) {
    if (!isUserError(error) || error.code !== 'AZ_NOT_FOUND') throw error;
    const nowhere = `There is nowhere to put ${output.place}: its container does not exist.`;
    const remedy =
      'Create the container that azure.yaml names under `outputs` (`az storage container create`), then rebuild.';
    return needsRepair(context, failure(context, nowhere, remedy));
  }
}

function taken(context: PlannedContext, output: OutputTarget, runId: string | undefined): Failure {
  const whose = runId === undefined ? 'goldbot did not make it' : `the run ${runId} made it`;
  return failure(
    context,
    `There is something at ${output.place} already (${whose}), and goldbot overwrites nothing.`,
    'Move or delete it if nobody needs it, then rebuild.',
  );
}

/** What was approved is what everything is made of; a step when the version is another one now. */
async function approvedVersion(context: PlannedContext): Promise<GalleryVersion | PublishStep> {
  const { plan, read, data, approval } = context;
  const name = `${plan.image} ${plan.version}`;
  const remedy = `Ask who did it (the activity log of the gallery tells). Cancel to end the run without the outputs, and publish the next version.`;
  const found = await read.version(plan.target, plan.version);
  if (!found) {
    const error = `Somebody deleted ${name} from the gallery after it was published: there is nothing to make the outputs of.`;
    return needsRepair(context, failure(context, error, remedy));
  }
  const [first, ...others] = changesSince(approval?.fingerprint ?? data.tested, found);
  if (!first) return found;
  const error = `Somebody changed ${name} after it was published, so nothing is made of it: ${differenceText(first)}`;
  return needsRepair(context, { ...failure(context, error, remedy), tail: [first, ...others].map(differenceText) });
}

/** One output may be there although another failed. */
async function failed(context: PlannedContext, template: string, message: string): Promise<PublishStep> {
  const { distribution, unmade } = await confirmed(context, template);
  const {
    error,
    tail,
    remedy = 'Fix what is named, then rebuild.',
  } = failureOfBuild(message, await readLog(context, template));
  return needsRepair(context, { stage: 'distribute', what: namesOf(unmade), error, tail, remedy }, { distribution });
}

async function succeeded(context: PlannedContext, template: string): Promise<PublishStep> {
  const approved = await approvedVersion(context);
  if ('kind' in approved) return approved;
  const { distribution, unmade } = await confirmed(context, template);
  if (unmade.length === 0) return move(context, 'announce', { distribution, failure: undefined });
  if (waited(context, 'outputs') <= waits.outputs.ms) {
    const progress = `looking for the ${namesOf(unmade)}`;
    return again(seconds(30), { distribution, ...waiting(context, 'outputs'), progress });
  }
  const error = `Image Builder reported success, but there is no ${namesOf(unmade)}.`;
  return needsRepair(
    context,
    { ...failure(context, error, 'Rebuild to make what is missing.'), what: namesOf(unmade) },
    { distribution },
  );
}

/** What Image Builder says it has made counts once Azure shows it. */
async function confirmed(context: PlannedContext, template: string) {
  const { plan, read, run, now } = context;
  const told = (await read.distributed(plan.place, template)).map((place) => place.toLowerCase());
  const unmade: OutputTarget[] = [];
  const made = [...(begun(context).made ?? [])];
  for (const output of unmadeOutputs(run)) {
    const there = told.includes(output.place.toLowerCase()) ? await read.output(output) : undefined;
    const isOurs = there?.state === 'ready' && (there.runId ?? run.id) === run.id;
    if (isOurs) made.push({ place: output.place, at: now.toISOString() });
    else unmade.push(output);
  }
  return { distribution: { ...ordering(context, unmadeOutputs(run)), template, made }, unmade };
}

/** Makes what is missing by another template: the one that failed cannot be run again under its name. */
export function distributeAnew(context: PublishContext): PublishStep {
  const { template: _, ...before } = begun(context);
  return move(context, 'distribute', { failure: undefined, distribution: { ...before, attempt: before.attempt + 1 } });
}
