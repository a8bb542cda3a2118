import type { BuildSpec } from '../../core/azure';
import { regionKey } from '../../core/azure-id';
import { exactSourceText } from '../../core/build-source';
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
import { days, seconds } from '../../core/time';
import { again } from '../engine';
import type { HoldDeps } from '../holds';
import { ensure, isStep, notMade, publishedUnknown } from './candidate';
import { heldBefore } from './hold';
import {
  cancellable,
  move,
  needsRepair,
  type PlannedContext,
  type PublishLimit,
  type PublishStep,
  repairAfter,
  stageStart,
  waited,
  waiting,
  waits,
} from './stage';
import { overdueAfter, readLog, watch } from './watch';

const customiseLimit: PublishLimit = {
  ...overdueAfter('the build', 'Look in the log for the step that hangs, then rebuild.'),
  waitsFor: 'Image Builder',
};

/** Waits for Image Builder to build the candidate. */
export const customise = (deps: HoldDeps) =>
  cancellable('customise', { limit: customiseLimit }, async (context) => {
    const { plan, run, data, read, write } = context;
    const template = templateName(plan, run.attempt, run.id);
    return watch(context, {
      ...{ template, what: 'the build', seen: data.template === template, sighting: { template } },
      already: async () => publishedUnknown(context, await read.version(plan.target, plan.version)),
      held: () => heldBefore(context, deps, 'customise'),
      // Nothing can be in the way of the first template of a run.
      needsRoom: run.attempt > 1,
      start: async () => {
        await write.startBuild(plan.place, template, buildSpec(context));
        return undefined;
      },
      timed: (subState) => (subState === 'Distributing' ? { what: 'copy' } : { what: 'build', since: stageStart(run) }),
      progress: (subState) => stepUnderWay(context, template, subState),
      failed: (message) => failed(context, template, message),
      succeeded: async () => move(context, 'tattoo', { template }),
    });
  });

async function stepUnderWay(context: PlannedContext, template: string, subState: string): Promise<string | undefined> {
  const log = subState === 'Customizing' ? await readLog(context, template) : undefined;
  const names = stepNames(context.plan.recipe);
  const begun = log === undefined ? 0 : Math.min(stepsBegun(log), names.length);
  return begun > 0 ? `step ${begun} of ${names.length} · ${names[begun - 1]}` : undefined;
}

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
  const published = publishedUnknown(context, candidate);
  if (published) return published;
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
