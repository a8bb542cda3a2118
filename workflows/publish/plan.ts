import type { GalleryVersion } from '../../core/azure';
import { sourceName } from '../../core/build-source';
import { findImage, type ImageConfig } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { explain, isFinal, UserError } from '../../core/errors';
import {
  baseAsked,
  imageRef,
  latestBase,
  mustBeGenuine,
  planPublish,
  readBase,
  readBases,
  withdrawn,
} from '../../core/images';
import { type Finding, preflight } from '../../core/preflight';
import {
  experienceOf,
  type Failure,
  type FixedPlan,
  lacksOutputs,
  type PublishData,
  type PublishPlan,
  planChanges,
  planHash,
  repairTtlMs,
  type Signal,
  withAtLeast,
} from '../../core/runs';
import { type Need, needOf } from '../../core/schedule';
import { days } from '../../core/time';
import { again } from '../engine';
import { publishedBy } from './candidate';
import { distributeAnew } from './distribute';
import {
  cancellable,
  cancelled,
  endWithoutOutputs,
  finish,
  move,
  needsRepair,
  type PublishContext,
  type PublishDeps,
  type PublishLimit,
  type PublishStageDefinition,
  type PublishStep,
  repairAfter,
  tooLong,
} from './stage';

const planLimit: PublishLimit = {
  waitsFor: 'Azure to list base images and versions',
  ms: days(1),
  afterwards: 'The run fails; nothing was published.',
  past: async (context, late) => finish(context, { outcome: 'failed', why: tooLong(planLimit.waitsFor, late) }),
};

/** Fixes what will be built: exact base, number, recipe, tests, regions, approvers. A rebuild starts here again. */
export const plan = (deps: PublishDeps): PublishStageDefinition => ({
  name: 'plan',
  limit: planLimit,
  takes: ['cancel'],
  run: async (context) => {
    const stop = cancelled(context);
    if (stop) return stop;
    try {
      return await commitPlan(context, deps);
    } catch (error) {
      if (!isFinal(error)) throw error;
      return finish(context, { outcome: 'failed', why: explain(error) });
    }
  },
});

async function commitPlan(context: PublishContext, deps: PublishDeps): Promise<PublishStep> {
  const { run, now } = context;
  const { approvalChannel, need, unknown, ...found } = await fixPlan(context, deps);
  if (unknown) return publishedBefore(context, unknown);
  const fixed = withinStages(run, found.fixed);
  if (need?.build === false) return nothingNew(fixed, need.since);
  const [expectedMs, earlier] = await Promise.all([deps.medianBuildMs(run.subject), deps.waitedBefore(run.subject)]);
  const usual = experienceOf(earlier, { image: run.subject, os: fixed.recipe.os });
  const rebuilds = run.data.rebuilds && withChanges(run.data.rebuilds, run.plan.fixed, fixed);
  const data: Partial<PublishData> = {
    versionsTaken: [...(run.data.versionsTaken ?? []), fixed.version],
    builtAt: now.toISOString(),
    ...(rebuilds && { rebuilds }),
    ...(need && { because: need.because }),
    ...(expectedMs !== undefined && { expectedMs }),
    ...(Object.keys(usual).length > 0 && { usual }),
  };
  return {
    ...move(context, 'capture', data),
    plan: { value: { ...run.plan, approvalChannel, fixed }, hash: planHash(fixed) },
  };
}

/** The gallery knows more of this run than the database, which was restored from a copy: what it published is not made twice. */
function publishedBefore(context: PublishContext, { version }: GalleryVersion): PublishStep {
  const why = `this run has published ${context.run.subject} ${version} already, and its records are older than that, as after restoring the database from a copy; ${version} stays as it is, and nothing was built again`;
  return finish(context, { outcome: 'failed', why });
}

/** No number is taken, and nothing was made. */
function nothingNew(
  { image, base }: FixedPlan,
  { version, publishedAt }: (Need & { build: false })['since'],
): PublishStep {
  return {
    kind: 'end',
    outcome: 'unchanged',
    data: { unchanged: { version, publishedAt: publishedAt.toISOString(), base: base.version } },
    audit: { said: `nothing has changed in ${image} since ${version}`, version },
  };
}

/**
 * Whether a schedule has a reason to build; undefined for what people ask for, which includes the rebuild of a
 * scheduled run.
 */
async function needFor({ run, now }: PublishContext, fixed: FixedPlan, image: ImageConfig, deps: PublishDeps) {
  const { schedule } = run.plan;
  if (!schedule || run.attempt > 1) return undefined;
  const { previousVersion } = fixed;
  const before = previousVersion === null ? undefined : await deps.publishedBefore(image.name, previousVersion);
  const needed = new Date(schedule.readyBy ?? schedule.expectedAt);
  return needOf(fixed, before, { at: needed > now ? needed : now, rebuildAfter: image.rebuildAfter });
}

/** Nobody asked for a scheduled run, so that the one who asks does not count as the second pair of eyes. */
const decidersOfSchedule = 2;

function withTwoDeciders(fixed: FixedPlan): FixedPlan {
  const { rule } = fixed;
  const more = withAtLeast(rule, decidersOfSchedule);
  return more.quorum === rule.quorum ? fixed : { ...fixed, rule: { ...more, own: rule.quorum } };
}

/** A run that began before there were outputs has no stage that makes them. */
function withinStages(run: PublishContext['run'], { outputs, ...plan }: FixedPlan): FixedPlan {
  return outputs && run.stages.includes('distribute') ? { ...plan, outputs } : plan;
}

/** What the last rebuild changed is known once there is a plan again. */
function withChanges(
  rebuilds: NonNullable<PublishData['rebuilds']>,
  before: FixedPlan | null,
  after: FixedPlan,
): NonNullable<PublishData['rebuilds']> {
  const last = rebuilds.at(-1);
  return last && before ? [...rebuilds.slice(0, -1), { ...last, changes: planChanges(before, after) }] : rebuilds;
}

async function fixPlan(
  context: PublishContext,
  deps: PublishDeps,
): Promise<
  Pick<PublishPlan, 'approvalChannel'> & {
    readonly fixed: FixedPlan;
    readonly need: Need | undefined;
    /** What this run published and does not know of. */
    readonly unknown: GalleryVersion | undefined;
  }
> {
  const { run, read, now } = context;
  const { azure, ...catalogue } = deps.catalogue();
  const image = findImage({ azure, ...catalogue }, run.subject);
  if (!image) {
    throw new UserError('UNKNOWN_IMAGE', `${run.subject} was removed from the catalogue.`, {
      hint: 'See what there is.',
      next: [call('images')],
    });
  }
  const rebuildOf = run.plan.fixed?.version;
  const { request } = run.plan;
  const bases = await readBases(read, azure, image.source, baseAsked(request, image));
  const definition = await read.definition(imageRef(azure, image));
  const versions = definition ? await read.versions(imageRef(azure, image)) : [];
  const { versionsTaken = [] } = run.data;
  const unknown = versions.find((v) => publishedBy(run.id, v) && !versionsTaken.includes(v.version));
  const planned = planPublish({
    request,
    image,
    azure,
    roles: catalogue.roles,
    bases,
    definition,
    versions,
    taken: await deps.versionsTaken(image.name),
    ...(rebuildOf && { rebuildOf }),
    now,
  });
  await mustBeGenuine(planned.base, { azure, ...catalogue }, { read, recorded: deps.recorded });
  const fixed = run.plan.schedule ? withTwoDeciders(planned) : planned;
  const need = await needFor(context, fixed, image, deps);
  return { fixed, need, unknown, approvalChannel: image.approval.channel };
}

const captureLimit = repairAfter({ waitsFor: 'Azure to say whether the base is still offered', ms: days(1) });

/**
 * Makes sure that new images may still be built from the plan's base, and notes a newer one; then looks whether a build
 * can be made at all, before anything of it is.
 */
export const capture = cancellable('capture', { limit: captureLimit }, async (context) => {
  const { plan, read } = context;
  const { base, place } = plan;
  const found = await readBase(read, place, base, base.version);
  const gone = withdrawn(base, base.version, found);
  if (gone !== undefined) {
    return needsRepair(context, {
      stage: 'capture',
      what: `${base.kind === undefined ? base.sku : sourceName(base)} ${base.version}`,
      error: gone,
      tail: [],
      remedy: context.run.plan.request.from
        ? 'Cancel, and publish again without `--from`: this run is bound to that base.'
        : 'Rebuild: the next attempt takes the newest base. If the catalogue names a version of its own, change that first.',
    });
  }
  const newest = latestBase(await readBases(read, place, base, 'latest'))?.version;
  const findings = await preflight(read, plan, context.run.attempt);
  if (findings.some(({ severity }) => severity === 'stops')) return needsRepair(context, inTheWay(findings));
  return move(context, 'customise', {
    ...(newest && newest !== base.version && { newerBase: newest }),
    ...(findings.length > 0 && { seen: findings }),
  });
});

/** All of it at once: whoever mends one thing should not wait for the next to be found. */
function inTheWay(findings: readonly Finding[]): Failure {
  const many = findings.filter(({ severity }) => severity === 'stops').length;
  return {
    stage: 'capture',
    what: 'before the build',
    error: many === 1 ? 'One thing would stop the build.' : `${many} things would stop the build.`,
    tail: findings.flatMap(({ why, mend, commands }) => [`${why} ${mend}`, ...commands.map((c) => `  ${c}`)]),
    remedy: 'Fix what is listed, then rebuild; nothing was made in Azure.',
    findings,
  };
}

/** What an attempt leaves in the data and the next one must not see. */
const fresh: { readonly [K in keyof PublishData]?: undefined } = {
  progress: undefined,
  waiting: undefined,
  template: undefined,
  machine: undefined,
  nextTest: undefined,
  tests: undefined,
  failure: undefined,
  builtAt: undefined,
  os: undefined,
  tattooHash: undefined,
  candidate: undefined,
  tested: undefined,
  hidden: undefined,
  written: undefined,
  kept: undefined,
  exposed: undefined,
  approvalId: undefined,
  deciders: undefined,
  newerBase: undefined,
  baseNews: undefined,
  seen: undefined,
  selfUpgrading: undefined,
  replaces: undefined,
  listing: undefined,
  contents: undefined,
  regions: undefined,
  certificate: undefined,
  held: undefined,
  override: undefined,
};

const repairLimit: PublishLimit = {
  waitsFor: 'a person to rebuild or cancel the run',
  ms: repairTtlMs,
  afterwards:
    'The run expires, and what it made is deleted; one that has published ends without the outputs that are missing.',
  past: async (context) => {
    const why = `nobody rebuilt or cancelled it within ${repairTtlMs / days(1)} days`;
    return lacksOutputs(context.run) ? endWithoutOutputs(context, why) : finish(context, { outcome: 'expired', why });
  },
};

const repairTerms = { limit: repairLimit, takes: ['rebuild'], waits: true } as const;

/**
 * Waits for people: `rebuild` plans the next attempt with the catalogue of that moment, `cancel` ends the run. Of a run that
 * has published only the outputs are made again, or left out.
 */
export const repair = cancellable('repair', repairTerms, async (context) => {
  const rebuild = context.inbox.find((s) => s.kind === 'rebuild');
  if (rebuild) return lacksOutputs(context.run) ? distributeAnew(context) : rebuilt(context, rebuild);
  const { run, now } = context;
  const leftMs = run.inStage?.limit ? run.inStage.limit.until.getTime() - now.getTime() : repairTtlMs;
  return again(Math.min(Math.max(leftMs + 1, 0), days(1)));
});

/** Those who are asked next are told what stopped the attempt before, and what was done about it. */
function rebuilt(context: PublishContext, { by, body }: Signal): PublishStep {
  const { attempt, data } = context.run;
  const { stage, what, error } = data.failure ?? { stage: 'repair', what: 'the attempt', error: 'no error was kept' };
  const { note } = body;
  const rebuild = { attempt: attempt + 1, by: by.name, ...(note && { note }), after: { stage, what, error } };
  return move(context, 'plan', { ...fresh, rebuilds: [...(data.rebuilds ?? []), rebuild] }, attempt + 1);
}
