import { due, planCard } from '../../cards';
import { nameOfId } from '../../core/azure-id';
import { sourceName } from '../../core/build-source';
import { type AzureConfig, freezesImage, type ImageConfig, risks } from '../../core/catalogue';
import { selfUpgradingSets } from '../../core/compliance';
import {
  type BaseVersion,
  baseAsked,
  imageRef,
  latestBase,
  mustBeGenuine,
  noneIfMissing,
  planPublish,
  readBases,
  stepNames,
} from '../../core/images';
import { preflight } from '../../core/preflight';
import {
  type FixedPlan,
  freezesAhead,
  holdSentence,
  isSettled,
  type Lock,
  lockSentence,
  type PublishRequest,
  type PublishRun,
  type Run,
  typicalMs,
} from '../../core/runs';
import { days } from '../../core/time';
import type { Answer, CommandContext, Deps } from '../conversation';
import { changeNumberOf } from './asked';
import { plannedOutputs } from './outputs';
import { ifKnown } from './versions';
import { lostScriptWarning, notLatestWarning, retiringWarning } from './warnings';

interface Preview {
  readonly plan: FixedPlan;
  readonly bases: readonly BaseVersion[];
}

/**
 * What `publish` would do at this moment: the same rule as in the stage `plan`, with reads alone.
 *
 * @throws UserError as `planPublish`, and `AZ_…`.
 */
export async function previewPlan(
  ctx: CommandContext,
  image: ImageConfig,
  request: PublishRequest,
  deps: Deps,
): Promise<Preview> {
  const { azure, roles } = deps.catalogue();
  const ref = imageRef(azure, image);
  const [bases, definition, versions, taken] = await Promise.all([
    readBases(deps.read, azure, image.source, baseAsked(request, image)),
    deps.read.definition(ref),
    noneIfMissing(deps.read.versions(ref)),
    deps.reads.versionsTaken(image.name),
  ]);
  const plan = planPublish({ request, image, azure, roles, bases, definition, versions, taken, now: ctx.now });
  await mustBeGenuine(plan.base, deps.catalogue(), {
    read: deps.read,
    recorded: async (parent, version) => (await deps.reads.recordedVersions(parent)).get(version)?.fingerprint,
  });
  return { plan, bases };
}

/** The plan alone; nothing is started or stored. */
export async function planAnswer(
  ctx: CommandContext,
  image: ImageConfig,
  request: PublishRequest,
  deps: Deps,
): Promise<Answer> {
  const joined = joinable(await deps.reads.openRun(image.name));
  const catalogue = deps.catalogue();
  const asked = joined?.plan.request ?? request;
  const [{ plan, bases }, scaleSets, usualMs, lock] = await Promise.all([
    planOf(joined) ?? previewPlan(ctx, image, asked, deps),
    ifKnown(selfUpgradingSets(deps.read, catalogue, imageRef(catalogue.azure, image))),
    deps.reads.duration(image.name),
    deps.reads.lockOf(image.name),
  ]);
  // A run that is past its own looks has begun to use what they look for.
  const findings = joined ? [] : await preflight(deps.read, plan);
  const newest = latestBase(bases)?.version ?? joined?.data.newerBase;
  const { previousRecipeHash } = plan;
  const typical = typicalMs[plan.recipe.os];
  return planCard({
    image: image.name,
    version: plan.version,
    base: baseOf(plan, newest),
    recipeHash: plan.recipeHash,
    ...(previousRecipeHash !== null && { recipeChanged: previousRecipeHash !== plan.recipeHash }),
    steps: stepNames(plan.recipe),
    tests: ['tattoo', ...plan.tests.map((test) => test.name)],
    goesTo: plan.regions,
    ...plannedOutputs(plan),
    machines: machinesOf(plan),
    approval: approvalOf(plan, asked),
    warnings: [
      ...holdWarnings(plan, { lock, freeze: catalogue.azure.freeze, now: ctx.now }),
      ...joinWarnings(joined, request),
      ...warnings(plan, scaleSets),
    ],
    ...(findings.length > 0 && { findings }),
    args: joined ? {} : argsOf(request),
    canPublish: lock === undefined || joined !== undefined,
    ...(plan.previousVersion !== null && { replaces: plan.previousVersion }),
    ...(plan.endOfLife !== null && { endOfLife: plan.endOfLife }),
    ...(usualMs !== undefined && { usualMs }),
    ...(typical !== undefined && { typicalMs: typical }),
    ...(plan.template && { template: plan.template }),
    ...(asked.note !== undefined && { note: asked.note }),
  });
}

function approvalOf({ rule, approvalTtlMs }: FixedPlan, { changeNumber }: PublishRequest) {
  const { groupName: group, quorum, first } = rule;
  const before = first && { first: first.map((step) => ({ group: step.groupName, quorum: step.quorum })) };
  return {
    group,
    quorum,
    ...before,
    expiresMs: approvalTtlMs,
    ...(rule.workingHours && { workingHours: true as const }),
    ...(rule.risks && { risks: riskWords(rule.risks) }),
    ...changeNumberOf(rule, changeNumber),
  };
}

/** `2 when it is the first of its image or its recipe has changed`. */
const riskWords = (asked: NonNullable<FixedPlan['rule']['risks']>): readonly string[] =>
  asked.map(({ when, quorum }) => `${quorum} when ${when.map((one) => risks[one]).join(', or ')}`);

function baseOf({ base, previousBase }: FixedPlan, newest: string | undefined) {
  return {
    name: sourceName(base),
    version: base.version,
    ...(previousBase !== null && { was: previousBase }),
    ...(newest !== undefined && newest !== base.version && { newer: newest }),
  };
}

/** What is set for the machines of a build and of its tests, in words. */
function machinesOf({ buildVmSize, buildSettings = {}, testVmSize, testSecurity }: FixedPlan) {
  const { osDiskSizeGiB, network, stagingResourceGroup } = buildSettings;
  const build = [
    buildVmSize,
    ...(osDiskSizeGiB === undefined ? [] : [`disk of ${osDiskSizeGiB} GiB`]),
    ...(network ? [`subnet ${nameOfId(network.subnetId)}`] : []),
    ...(stagingResourceGroup === undefined ? [] : [`staging group ${nameOfId(stagingResourceGroup)}`]),
  ];
  const security = { TrustedLaunch: 'Trusted Launch', ConfidentialVM: 'confidential' } as const;
  return { build, test: [testVmSize, ...(testSecurity ? [security[testSecurity]] : [])] };
}

/** Asking now joins the open run: what it has planned is what would be published, not the next number. */
function planOf(open: PublishRun | undefined): Preview | undefined {
  return open?.plan.fixed ? { plan: open.plan.fixed, bases: [] } : undefined;
}

function joinable(open: Run | undefined): PublishRun | undefined {
  return open?.kind === 'publish' && !isSettled(open) ? open : undefined;
}

function joinWarnings(open: PublishRun | undefined, request: PublishRequest): readonly string[] {
  if (!open) return [];
  const ignored = Object.keys(argsOf(request)).length > 0;
  return [
    `${open.id} is publishing this image already, by this plan; asking now joins it.`,
    ...(open.stage === 'repair' ? ['It waits for repair: a rebuild takes the next number.'] : []),
    ...(ignored ? ['Your options would not be used: that run has begun.'] : []),
  ];
}

/** Windows that begin later than this are not told: most publishes are over by then. */
const aheadMs = days(7);

interface HoldsAhead {
  readonly lock: Lock | undefined;
  readonly freeze: AzureConfig['freeze'];
  readonly now: Date;
}

/** A lock, and the windows that are open or begin before long. */
function holdWarnings({ image, place, regions }: FixedPlan, { lock, freeze, now }: HoldsAhead): readonly string[] {
  const into = [place.location, ...regions.map(({ name }) => name)];
  const own = freeze.filter((window) => freezesImage(window, image, into));
  return [
    ...(lock ? [`${lockSentence(lock)} Nothing is started until it is unlocked.`] : []),
    ...freezesAhead(now, own, aheadMs).map((hold) => {
      const isOpen = new Date(hold.since) <= now;
      const then = isOpen
        ? 'A run waits for its end.'
        : `It begins ${due(hold.since)}; what is not done by then waits.`;
      return `${holdSentence(hold)} ${then}`;
    }),
  ];
}

/** Scale sets take the latest, so a version that is not the latest moves none of them. */
function warnings(plan: FixedPlan, scaleSets: readonly string[] | undefined): readonly string[] {
  const notLatest = notLatestWarning(plan);
  const retiring = retiringWarning(plan);
  const lost = lostScriptWarning(plan);
  const first = [...(lost ? [lost] : []), ...(retiring ? [retiring] : [])];
  if (notLatest) return [...first, notLatest];
  return [
    ...first,
    ...(scaleSets === undefined ? ['Azure did not say which scale sets upgrade automatically.'] : []),
    ...(scaleSets && scaleSets.length > 0
      ? [`These scale sets will upgrade automatically once it is published: ${scaleSets.join(', ')}.`]
      : []),
  ];
}

/** As the button carries them: the options of the command, each as it would be typed. */
export function argsOf(request: PublishRequest): Readonly<Record<string, string | number | boolean>> {
  const { force, from, version, bump, regions, replicas, output, endOfLife, note, changeNumber } = request;
  return {
    ...(from !== undefined && { from }),
    ...(version !== undefined && { version }),
    ...(bump !== undefined && { bump }),
    ...(regions !== undefined && { regions: regions.join(',') }),
    ...(replicas !== undefined && { replicas }),
    ...(output !== undefined && { output }),
    ...(endOfLife !== undefined && { eol: endOfLife?.slice(0, 10) ?? 'none' }),
    ...(note !== undefined && { note }),
    ...(changeNumber !== undefined && { change: changeNumber }),
    ...(force && { force }),
  };
}
