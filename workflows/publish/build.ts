import type { BuildSpec } from '../../core/azure';
import { regionKey } from '../../core/azure-id';
import { exactSourceText } from '../../core/build-source';
import { isUserError } from '../../core/errors';
import {
  failureOfBuild,
  fingerprintOf,
  stepNames,
  stepsBegun,
  type Tattoo,
  tattooSteps,
  tattooTags,
} from '../../core/images';
import { type FixedPlan, type RequestId, templateName } from '../../core/runs';
import { days, hours, minutes, momentOf, seconds } from '../../core/time';
import { again, type Late } from '../engine';
import type { HoldDeps } from '../holds';
import { ensure, isStep, notMade } from './candidate';
import { heldBefore } from './hold';
import { remove } from './leftovers';
import {
  cancellable,
  informational,
  move,
  needsRepair,
  type PlannedContext,
  type PublishLimit,
  type PublishStep,
  planned,
  repairAfter,
  since,
  stageStart,
  waited,
  waiting,
  waits,
} from './stage';

const customiseLimit: PublishLimit = {
  waitsFor: 'Image Builder',
  ms: hours(6),
  plus: { what: "the build's own time-out", ms: ({ plan }) => minutes(plan.fixed?.buildTimeoutMinutes ?? 0) },
  afterwards: 'The build is cancelled, and the run needs repair: rebuild (with another template) or cancel.',
  past: async (context, late) => hanging(planned(context), late),
};

/**
 * Waits for Image Builder. A failed build is a state that people repair; an exception means that its state is unknown.
 */
export const customise = (deps: HoldDeps) =>
  cancellable('customise', { limit: customiseLimit }, async (context) => {
    const { plan, run, read } = context;
    const template = templateName(plan, run.attempt, run.id);
    const build = await read.build(plan.place, template);
    switch (build.state) {
      case 'absent':
        return start(context, template, deps);
      case 'provisioning':
        return prepare(context, template);
      case 'deleting':
        return again(seconds(15), { template, progress: 'Azure is deleting the template' });
      case 'idle':
        return nudge(context, template);
      case 'running':
        return follow(context, template, build.subState);
      case 'cancelling':
        return again(seconds(30), { progress: 'Image Builder is cancelling the build' });
      case 'canceled':
        return needsRepair(context, failure(`The build ${template} was cancelled in Azure, not by goldbot.`));
      case 'failed':
        return failed(context, template, build.message);
      case 'succeeded':
        return move(context, 'tattoo', { template });
    }
  });

async function start(context: PlannedContext, template: string, deps: HoldDeps): Promise<PublishStep> {
  const { plan, write, data } = context;
  if (data.template === template) {
    return needsRepair(context, failure(`The image template ${template} vanished while it was building.`));
  }
  const waits = (await heldBefore(context, deps, 'customise')) ?? (await makeRoom(context, template));
  if (waits) return waits;
  await write.startBuild(plan.place, template, buildSpec(context));
  return again(seconds(20), { progress: 'Image Builder is preparing the template' });
}

/** A template that stays so can be neither run nor deleted. It is known of staging groups that are closed to its identity. */
async function prepare(context: PlannedContext, template: string): Promise<PublishStep> {
  const what = 'preparation';
  const waitedMs = waited(context, what);
  if (waitedMs <= waits.preparation.ms) {
    const progress = 'Image Builder is preparing the template';
    return again(seconds(15), { template, progress, ...waiting(context, what) });
  }
  const from = momentOf(new Date(context.now.getTime() - waitedMs));
  const error = `Image Builder has been preparing the template ${template} since ${from} and does not come to an end.`;
  const group = context.plan.buildSettings?.stagingResourceGroup;
  const remedy = group
    ? `Give the identity of the build Contributor on ${group} (\`build.stagingResourceGroup\`), then rebuild: the next attempt makes another template.`
    : 'Rebuild: the next attempt makes another template. Only Azure support can say what holds this one.';
  return needsRepair(context, { ...failure(error), remedy });
}

/** A staging group of one's own must be empty when a build begins: the template of the attempt before goes first. */
async function makeRoom(
  { plan, run, read, write }: PlannedContext,
  template: string,
): Promise<PublishStep | undefined> {
  if (plan.buildSettings?.stagingResourceGroup === undefined || run.attempt === 1) return undefined;
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
async function nudge(context: PlannedContext, template: string): Promise<PublishStep> {
  const what = 'idle';
  if (waited(context, what) <= waits.start.ms) return again(seconds(30), { template, ...waiting(context, what) });
  await context.write.runTemplate(context.plan.place, template);
  return again(seconds(30), { template, waiting: undefined });
}

async function follow(context: PlannedContext, template: string, subState: string): Promise<PublishStep> {
  const { plan, run, now } = context;
  const log = subState === 'Customizing' ? await readLog(context, template) : undefined;
  const names = stepNames(plan.recipe);
  const begun = log === undefined ? 0 : Math.min(stepsBegun(log), names.length);
  const step = begun > 0 ? `step ${begun} of ${names.length} · ${names[begun - 1]}` : undefined;
  return again(nextLook(since(stageStart(run), now)), {
    template,
    waiting: undefined,
    progress: step ?? phases[subState] ?? subState,
  });
}

/** The log helps people and decides nothing. */
function readLog(context: PlannedContext, template: string): Promise<string | undefined> {
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

async function failed(context: PlannedContext, template: string, message: string): Promise<PublishStep> {
  const log = await readLog(context, template);
  const { step, error, tail, remedy } = failureOfBuild(message, log, stepNames(context.plan.recipe));
  return needsRepair(context, {
    stage: 'customise',
    what: step ?? 'the build',
    error,
    tail,
    ...(remedy && { remedy }),
  });
}

/** The next attempt uses another template: this one need not be gone for it. */
async function hanging(context: PlannedContext, late: Late): Promise<PublishStep> {
  const limit = context.plan.buildTimeoutMinutes;
  const said =
    context.data.template === undefined ? 'no build was seen' : await stopped(context, context.data.template);
  const error = late.error === undefined ? '' : ` The last look failed: ${late.error}`;
  return needsRepair(context, {
    ...failure(`The build did not end within its ${limit} minutes (since ${momentOf(late.since)}); ${said}.${error}`),
    remedy: 'Look in the log for the step that hangs, then rebuild.',
  });
}

/** A cancel that Azure refuses must not hold up the run: the clean-up tries again. */
async function stopped({ plan, write }: PlannedContext, template: string): Promise<string> {
  try {
    await write.cancelBuild(plan.place, template);
    return 'goldbot asked Image Builder to cancel it';
  } catch (error) {
    if (!isUserError(error) || error.code === 'FENCED') throw error;
    return `Image Builder would not cancel it (${error.message.replace(/[.]$/, '')})`;
  }
}

function failure(error: string) {
  return { stage: 'customise' as const, what: 'the build', error, tail: [], remedy: 'Rebuild to start again.' };
}

/** Often while the build starts, rarely once it has run for a while: at most 40 questions per build. */
function nextLook(elapsedMs: number): number {
  if (elapsedMs < minutes(2)) return seconds(30);
  return elapsedMs < minutes(30) ? minutes(1) : minutes(2);
}

function buildSpec({ plan, run, data }: PlannedContext): BuildSpec {
  const tattoo = tattooOf(plan, run.id, data.builtAt ?? run.createdAt.toISOString());
  const home = plan.regions.filter((r) => regionKey(r.name) === plan.place.location);
  return {
    identity: plan.identity,
    source: plan.base,
    customize: [...plan.recipe.customize, ...tattooSteps(tattoo, plan.recipe)],
    validate: plan.recipe.validate,
    target: { ...plan.target, version: plan.version },
    // One replica at home is enough to test it; publishing adds the regions.
    regions: home.map(({ diskEncryptionSetId: _, ...r }) => ({ ...r, replicas: 1 })),
    vmSize: plan.buildVmSize,
    ...(plan.buildSettings && { settings: plan.buildSettings }),
    timeoutMinutes: plan.buildTimeoutMinutes,
    tags: { 'goldbot-run': run.id, 'goldbot-image': plan.image },
    artifactTags: tattooTags(tattoo),
  };
}

const tattooLimit = repairAfter({ waitsFor: 'the gallery to finish the candidate', ms: days(1) });

/** Makes sure that the candidate is in the gallery, hidden, and that its tags say what was burnt in. */
export const tattoo = cancellable('tattoo', { limit: tattooLimit }, async (context) => {
  const { plan, run, data, read } = context;
  const candidate = await read.version(plan.target, plan.version);
  if (!candidate) {
    if (waited(context, 'version') <= waits.version.ms) {
      return again(seconds(30), waiting(context, 'version'));
    }
    return needsRepair(context, {
      stage: 'tattoo',
      what: plan.version,
      error: `Image Builder reported success, but the gallery has no ${plan.image} ${plan.version}.`,
      tail: [],
      remedy: 'Rebuild to build it again under the next number.',
    });
  }
  if (candidate.provisioningState === 'Failed') {
    return needsRepair(context, {
      stage: 'tattoo',
      what: plan.version,
      error: `The gallery could not make ${plan.image} ${plan.version}: its provisioning state is Failed.`,
      tail: [],
      remedy: 'Look at the version in the Azure portal for the reason, then rebuild.',
    });
  }
  if (candidate.provisioningState !== 'Succeeded') {
    return again(seconds(30), { progress: `the gallery says ${candidate.provisioningState}` });
  }
  const wanted = tattooTags(tattooOf(plan, run.id, data.builtAt ?? ''));
  const change = { tags: wanted, excludedFromLatest: true };
  const result = await ensure(context, candidate, change, 'writing the tattoo into the tags');
  if (isStep(result)) return result;
  if (result.length > 0) return needsRepair(context, notMade(context, 'tattoo', result));
  return move(context, 'test', { tests: [], nextTest: 0, candidate: fingerprintOf(candidate) });
});

/** Placeholder for the OS until the guest has been read: only the guest knows what it is. */
export const osUnread = 'unread';

/** The tattoo as far as it is known before the guest is read. `built` is ISO 8601. */
export function tattooOf(plan: FixedPlan, run: RequestId, built: string): Tattoo {
  return {
    schema: '1',
    image: plan.image,
    version: plan.version,
    source: exactSourceText(plan.base),
    os: osUnread,
    built,
    run,
    recipe: plan.recipeHash,
  };
}
