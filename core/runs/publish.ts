import type {
  BuildPlace,
  BuildSettings,
  BuildSource,
  Deciders,
  ImageRef,
  Leftover,
  MachineSecurity,
  OutputTarget,
  Region,
} from '../azure';
import { exactSourceText, sourceName, sourceText } from '../build-source';
import type { ImageConfig, TemplateOrigin } from '../catalogue';
import type { ContentsGap, ContentsSummary, ListingHead, VulnerabilitySummary } from '../contents';
import { hashOf } from '../hash';
import type { BaseNews, Bump, Fingerprint } from '../images';
import type { Finding } from '../preflight';
import { days, minutes } from '../time';
import type { ImageRole } from './guard';
import type { Held, Override } from './holds';
import type { Experience, Looking, Took } from './patience';
import type { Reminded } from './rule';
import type { ApprovalRule, PublishOutcome, RequestId, RunOf, RunStatus } from './run';

/**
 * The stages of the publish run, in order; `repair`, `hold` and `cleanup` are entered when needed. A run keeps the order with
 * which it began: those of earlier versions are published first and replicated then.
 */
export const publishStages = [
  'plan',
  'capture',
  'customise',
  'tattoo',
  'test',
  'repair',
  'hold',
  'approve',
  'replicate',
  'publish',
  'age',
  'distribute',
  'announce',
  'cleanup',
] as const;
export type PublishStage = (typeof publishStages)[number];

/**
 * Stands among the stages of runs that replicate first: a replica of an earlier version knows all their stages, and
 * would take a run from `replicate` to its end without publishing anything. It leaves alone what it does not know.
 */
export const replicateBeforePublish = 'replicate before publish';

type InOrder = Pick<PublishRun, 'stages'>;
type Planned = InOrder & Pick<PublishRun, 'plan'>;

/** Whether the version gets to its regions while it is still hidden, as in every run that begins now. */
export function replicatesFirst({ stages }: InOrder): boolean {
  return stages.indexOf('replicate') < stages.indexOf('publish');
}

/** What follows in the run's own order. */
export function stageAfter(stage: 'approve' | 'replicate' | 'publish' | 'age', run: Planned): PublishStage {
  const order = replicatesFirst(run) ? (['replicate', 'publish'] as const) : (['publish', 'replicate'] as const);
  const way: readonly PublishStage[] = [
    'approve',
    ...order,
    'age',
    ...(distributes(run) ? ['distribute' as const] : []),
  ];
  return way[way.indexOf(stage) + 1] ?? 'announce';
}

/** Whether the run makes more of its version than the gallery has. */
function distributes({ stages, plan }: Planned): boolean {
  return stages.includes('distribute') && (plan.fixed?.outputs ?? []).length > 0;
}

const labels = {
  capture: 'Capture',
  customise: 'Customise',
  tattoo: 'Tattoo',
  test: 'Test',
  approve: 'Approve',
  replicate: 'Replicate',
  publish: 'Publish',
  age: 'Age',
  distribute: 'Distribute',
} as const satisfies Readonly<Partial<Record<PublishStage, string>>>;

/** What people call a stage; undefined for one that they do not see. */
export function stageLabel(stage: string): string | undefined {
  return (labels as Readonly<Record<string, string>>)[stage];
}

/** The stages that people see on the run card, in the run's own order. */
export function shownStages(run: Planned): readonly { readonly stage: PublishStage; readonly label: string }[] {
  const { approve, replicate, publish, age, distribute, ...before } = labels;
  const after = replicatesFirst(run) ? { replicate, publish } : { publish, replicate };
  const shown = { ...before, approve, ...after, age, ...(distributes(run) && { distribute }) };
  return Object.entries(shown).map(([stage, label]) => ({ stage: stage as PublishStage, label }));
}

/** From here on cancelling is refused: the version is being exposed. */
export function isPastCancel(run: Pick<PublishRun, 'stage' | 'stages'>): boolean {
  if (run.stage === 'replicate') return !replicatesFirst(run);
  return ['publish', 'age', 'distribute', 'announce', 'cleanup'].includes(run.stage);
}

/** How long a run waits in repair for `rebuild` or `cancel` before it expires; world time. */
export const repairTtlMs = days(14);

/** From the start to the approval request by experience, in milliseconds, while the image has no median of its own. */
export const typicalMs: Readonly<Partial<Record<ImageConfig['os'], number>>> = { Windows: minutes(180) };

/** What the person asked for. */
export interface PublishRequest {
  readonly from?: string;
  readonly version?: string;
  readonly bump?: Bump;
  readonly regions?: readonly string[];
  readonly replicas?: number;
  /** ISO 8601 date; null for none. Absent: the catalogue's. */
  readonly endOfLife?: string | null;
  readonly note?: string;
  /** Number of the change under which it is to be approved. */
  readonly changeNumber?: string;
  /** Although nothing has changed since the newest version. */
  readonly force?: boolean;
  /** Why a freeze should not hold it; a second person must confirm that. */
  readonly override?: string;
  /** What is made beside the gallery's version, instead of what the catalogue says. */
  readonly output?: OutputChoice;
}

/** `gallery`: nothing else; `all`: all that there is. */
export const outputChoices = ['gallery', 'managed-image', 'vhd', 'all'] as const;
export type OutputChoice = (typeof outputChoices)[number];

/** What a publisher has announced about a base that can still be used. */
export interface BaseDeprecation {
  /** ISO 8601; absent when no day is named. */
  readonly at?: string;
  /** What the publisher names instead: `offer ubuntu-24_04-lts`, `plan server`. */
  readonly alternative?: string;
}

/** Everything a publish depends on. This is what gets approved; only the `plan` stage changes it. */
export interface FixedPlan {
  readonly image: string;
  readonly version: string;
  readonly base: BuildSource;
  /** Present when the base will be deprecated. Not part of the plan's hash: it informs and decides nothing. */
  readonly baseDeprecation?: BaseDeprecation;
  /** What the latest published version was built from: the version of the same source, or another one in words. */
  readonly previousBase: string | null;
  readonly previousVersion: string | null;
  readonly recipe: Pick<ImageConfig, 'os' | 'customize' | 'validate'> & {
    /** Hash of the filled image template that it comes from; absent when the catalogue's file says it all. */
    readonly template?: string;
  };
  readonly recipeHash: string;
  readonly previousRecipeHash: string | null;
  readonly tests: ImageConfig['tests'];
  readonly regions: readonly Region[];
  /** What is made of the version once it is published, beside the gallery's own. Absent: nothing. */
  readonly outputs?: readonly OutputTarget[];
  /** ISO 8601; null when the version has none. */
  readonly endOfLife: string | null;
  readonly rule: ApprovalRule;
  /** Who has which role for the image; not part of the plan's hash. Absent in runs of earlier versions. */
  readonly roles?: readonly ImageRole[];
  /** Milliseconds of world time that an approval request stays open. */
  readonly approvalTtlMs: number;
  readonly place: BuildPlace;
  readonly target: ImageRef;
  /** How many published versions to keep before proposing to discontinue the oldest. */
  readonly keep: number;
  readonly identity: string;
  readonly buildVmSize: string;
  readonly buildTimeoutMinutes: number;
  readonly testVmSize: string;
  readonly testSubnetId: string;
  /** Absent in runs of earlier versions, and when nothing is set. */
  readonly buildSettings?: BuildSettings;
  /** What the definition asks of every machine; absent when nothing, and in runs of earlier versions. */
  readonly testSecurity?: MachineSecurity;
  readonly testTags?: Readonly<Record<string, string>>;
  /** The image template that the recipe comes from, and what goldbot changed in it. */
  readonly template?: Pick<TemplateOrigin, 'file' | 'changes'> & Partial<Pick<TemplateOrigin, 'changed'>>;
}

/** The time of a schedule that a run was started for. Times are ISO 8601, world time. */
interface ScheduledFor {
  /** The same for images that are published together: what they have in common is when. */
  readonly key: string;
  /** `2026-12` of months, `2026-12-01` of days. */
  readonly period: string;
  readonly zone: string;
  /** When the run was to begin. */
  readonly startAt: string;
  /** When the version is to be in every region; absent of cron. */
  readonly readyBy?: string;
  /** When it will be there if all goes as usual. */
  readonly expectedAt: string;
  /** Earlier times of the schedule that were left out because goldbot was down or something was in the way. */
  readonly missed: number;
}

export interface PublishPlan {
  readonly request: PublishRequest;
  /** Present when nobody asked for it: the schedule of the image did. */
  readonly schedule?: ScheduledFor;
  /** Name of the conversation in which approval is asked for, as in the catalogue. */
  readonly approvalChannel: string;
  /** Null until the plan stage has committed. */
  readonly fixed: FixedPlan | null;
}

export interface StageTime {
  readonly stage: PublishStage;
  readonly attempt: number;
  /** ISO 8601, world time. */
  readonly from: string;
  readonly to?: string;
}

export interface TestResult {
  readonly name: string;
  readonly passed: boolean;
  readonly exitCode: number;
  readonly output: string;
  /** What helps when the candidate was not at fault; absent for tests that ran. */
  readonly remedy?: string;
}

/** Why an attempt stopped; what the repair card shows. */
export interface Failure {
  readonly stage: PublishStage;
  /** Step or test by its name in the catalogue. */
  readonly what: string;
  /** The first real error, one line. */
  readonly error: string;
  readonly tail: readonly string[];
  readonly remedy?: string;
  /** What the looks before the build found; absent where something else stopped it. */
  readonly findings?: readonly Finding[];
}

/** One rebuild: what stopped the attempt before, and what is different since. */
export interface Rebuild {
  /** The attempt that it began. */
  readonly attempt: number;
  /** Name of the person. */
  readonly by: string;
  /** What the person said was mended. */
  readonly note?: string;
  readonly after: Pick<Failure, 'stage' | 'what' | 'error'>;
  /** How the new plan differs from the one before, in words; absent until it is made. */
  readonly changes?: readonly string[];
}

export interface ContentsOfRun {
  /** SHA-256 of the document that is kept, in its canonical form (`hashOf`). */
  readonly digest?: string;
  /** Why there is no list of this version. */
  readonly gap?: ContentsGap;
  /** The version that it replaces and is compared with, as of the approval request. */
  readonly since?: string;
  readonly sinceGap?: ContentsGap;
  readonly changes?: ContentsSummary;
  /** What the catalogue's list of vulnerabilities, as it was then, says of the two. */
  readonly vulnerabilities?: VulnerabilitySummary;
}

export interface PublishData {
  /** Absent until the plan is fixed. */
  readonly times?: readonly StageTime[];
  /** What earlier runs waited for Azure, as of the plan: when to look again is reckoned from it. */
  readonly usual?: Experience;
  /** What this one waited: later runs look by it. */
  readonly took?: Took;
  /** The long wait for Azure that is going on. */
  readonly looking?: Looking;
  /** One line about what is happening in the current stage. */
  readonly progress?: string;
  /** What the run is waiting for, and when it first saw that (ISO, world time). */
  readonly waiting?: { readonly what: string; readonly since: string };
  readonly template?: string;
  readonly machine?: string;
  /** Index of the next test to run. */
  readonly nextTest?: number;
  readonly tests?: readonly TestResult[];
  /** The list of what is inside, while it is being read from the test machine: which piece comes next. */
  readonly listing?: ListingHead & { readonly next: number };
  /** What is inside was read and is kept, or why not; absent before, and in runs of earlier versions. */
  readonly contents?: ContentsOfRun;
  readonly failure?: Failure;
  /** Oldest first. */
  readonly rebuilds?: readonly Rebuild[];
  readonly builtAt?: string;
  readonly os?: string;
  readonly tattooHash?: string;
  /** Of the candidate as it was before its test began. */
  readonly candidate?: Fingerprint;
  /** Of the candidate that passed its test; what approval is asked for, and what goldbot knows the version by later. */
  readonly tested?: Fingerprint;
  /** Something else stood in the candidate's place and was latest; goldbot excluded it. */
  readonly hidden?: boolean;
  /** The change of a version that Azure accepted last, and how often; for one that it accepts and does not make. */
  readonly written?: { readonly what: string; readonly times: number };
  /** What Azure kept although the plan has it otherwise, a clause each. */
  readonly kept?: readonly string[];
  /** The version could not be published as planned, but Azure has made it public, somewhere at least: nothing takes that back. */
  readonly exposed?: boolean;
  /** Earlier versions that Azure did not mark as aged although it accepted to. */
  readonly unmarked?: readonly string[];
  readonly approvalId?: RequestId;
  /** Who could decide about the open request when Graph was last asked. */
  readonly deciders?: Deciders;
  /** What of tests, approval rule and roles is not as the version before had it, as of the approval request. */
  readonly guard?: readonly string[];
  /** The last reminder of an open request. */
  readonly reminded?: Reminded;
  readonly selfUpgrading?: readonly string[];
  /** What the version replaces, as of the approval request. */
  readonly replaces?: { readonly publishedAt?: string; readonly machines?: number };
  /** SHA-256 of the statement that certifies the version. */
  readonly certificate?: string;
  readonly publishedAt?: string;
  readonly regions?: readonly RegionCopy[];
  readonly aged?: readonly string[];
  /** Why some earlier versions were not marked as aged. */
  readonly ageTrouble?: string;
  /** Absent until the outputs of the plan are begun. */
  readonly distribution?: Distribution;
  /** The oldest version without an end of life, which goldbot proposes to discontinue. */
  readonly discontinue?: string;
  /** Every version number this run took; numbers are never reused. */
  readonly versionsTaken?: readonly string[];
  /** What the looks before the build saw that did not stop it. */
  readonly seen?: readonly Finding[];
  /** Why cleanup was entered, and by whom. */
  readonly ending?: {
    readonly outcome: 'published' | 'cancelled' | 'expired' | 'failed';
    readonly why: string;
    readonly by?: string;
  };
  readonly cleanedOnce?: string;
  readonly cleaned?: readonly string[];
  /** What is being deleted, by name: since when (ISO, world time), and what Azure last said about it. */
  readonly cleaning?: Readonly<
    Record<string, Pick<Leftover, 'id' | 'kind'> & { readonly since: string; readonly said: string }>
  >;
  /** Names of what was handed to the reaper: of this run, or found by it. */
  readonly handed?: readonly string[];
  /** Median duration of earlier publishes in milliseconds of world time, for "about N min left". */
  readonly expectedMs?: number;
  /** A newer base, found while the run was in progress. */
  readonly newerBase?: string;
  /** What had become of the base when people were asked: their card says it. Absent: it stood, or could not be asked. */
  readonly baseNews?: BaseNews;
  /** Of a scheduled run: why it builds, a clause each. */
  readonly because?: readonly string[];
  /** Of a scheduled run that did not build: since which version nothing has changed, and what was compared. */
  readonly unchanged?: { readonly version: string; readonly publishedAt: string; readonly base: string };
  /** What the run waits for in `hold`. */
  readonly held?: Held;
  readonly override?: Override;
}

/** How far the version is on its way to a region. */
export interface RegionCopy {
  readonly name: string;
  readonly state: string;
  readonly progress: number;
  /** When goldbot first saw that it was there (ISO 8601, world time); absent in runs of before. */
  readonly completedAt?: string;
}

/** How far the outputs of a plan are. */
export interface Distribution {
  /** From 1: which template makes what is missing; each rebuild takes the next. */
  readonly attempt: number;
  /** Once Azure has shown it. */
  readonly template?: string;
  /** Places at which nothing stood when they were ordered: what stands there now is of this run. */
  readonly ordered?: readonly string[];
  /** What Azure has shown since, by place; ISO 8601, world time. */
  readonly made?: readonly { readonly place: string; readonly at: string }[];
  /** Why the others are not made: the first real error, and who ended the run. Only when it ends like that. */
  readonly missing?: string;
}

/** Outputs of the plan that are not made yet. */
export function unmadeOutputs({ plan, data }: Pick<PublishRun, 'plan' | 'data'>): readonly OutputTarget[] {
  const made = new Set(data.distribution?.made?.map(({ place }) => place));
  return (plan.fixed?.outputs ?? []).filter(({ place }) => !made.has(place));
}

/** Waits for people because of its outputs: the version itself is published. */
export function lacksOutputs({ stage, data }: Pick<PublishRun, 'stage' | 'data'>): boolean {
  return stage === 'repair' && data.failure?.stage === 'distribute';
}

export interface PublishRun extends RunOf<PublishPlan, PublishData> {
  readonly kind: 'publish';
  readonly outcome: PublishOutcome | null;
}

/** The recipe without what differs from build to build: tattoo, version, run id. */
export function recipeHash(recipe: FixedPlan['recipe']): string {
  return hashOf(recipe);
}

/** What an approval is bound to. Anything in here that changes voids it. */
export function planHash(plan: FixedPlan): string {
  const { image, version, base, recipeHash: recipe, tests, regions, endOfLife, rule, target, outputs } = plan;
  return hashOf({ image, version, base, recipe, tests, regions, endOfLife, rule, target, outputs });
}

const same = (before: FixedPlan, after: FixedPlan, part: (plan: FixedPlan) => unknown): boolean =>
  hashOf(part(before)) === hashOf(part(after));

function baseChanges(before: BuildSource, after: BuildSource): readonly string[] {
  if (hashOf(before) === hashOf(after)) return [];
  if (exactSourceText(before) === exactSourceText(after)) return ['another base'];
  const isSame = sourceText(before) === sourceText(after);
  const [was, is] = [before, after].map((base) => (isSame ? base.version : `${sourceName(base)} ${base.version}`));
  return [`base ${was} → ${is}`];
}

const parts = {
  recipe: ({ recipeHash }) => recipeHash,
  tests: ({ tests }) => tests,
  regions: ({ regions }) => regions,
  outputs: placesWithoutNumber,
} as const satisfies Readonly<Record<string, (plan: FixedPlan) => unknown>>;

/** Of what a version is made besides its base, and where it goes. */
export type PlanPart = keyof typeof parts;

export function isChanged(part: PlanPart, before: FixedPlan, after: FixedPlan): boolean {
  return !same(before, after, parts[part]);
}

/** What would make two versions differ, and where they are, in words; empty: a second one would be a copy of the first. */
export function contentChanges(before: FixedPlan, after: FixedPlan): readonly string[] {
  const changed = (Object.keys(parts) as PlanPart[]).filter((part) => isChanged(part, before, after));
  return [
    ...baseChanges(before.base, after.base),
    ...changed.map((part) => `the ${part} ${part === 'recipe' ? 'has' : 'have'} changed`),
  ];
}

/** What differs between two plans of one run besides the number, in words for deciders; empty for nothing. */
export function planChanges(before: FixedPlan, after: FixedPlan): readonly string[] {
  return [
    ...contentChanges(before, after),
    ...(same(before, after, ({ endOfLife }) => endOfLife?.slice(0, 10) ?? null) ? [] : ['the end of life has changed']),
    ...(same(before, after, ({ rule }) => rule) ? [] : ['the approvers have changed']),
  ];
}

/** Where outputs go, whatever the number of the version. */
function placesWithoutNumber({ outputs = [], version }: FixedPlan): readonly string[] {
  return outputs.map(({ place }) => place.replaceAll(version, ''));
}

/** `ubuntu-22-1-6-0-o1-3f9c1ab2`: the template that makes outputs of a version. */
export function distributionName(plan: FixedPlan, attempt: number, runId: RequestId): string {
  const hash = hashOf({ plan: planHash(plan), runId, of: 'outputs' }).slice(0, 8);
  return `${plan.image}-${plan.version.replaceAll('.', '-')}-o${attempt}-${hash}`;
}

/** `ubuntu-22-1-6-0-a1-3f9c1ab2`: the same attempt of the same plan has the same template. */
export function templateName(plan: FixedPlan, attempt: number, runId: RequestId): string {
  const hash = hashOf({ plan: planHash(plan), runId }).slice(0, 8);
  return `${plan.image}-${plan.version.replaceAll('.', '-')}-a${attempt}-${hash}`;
}

/** A Windows computer name has at most 15 characters; the same is used for Linux. */
export function testMachineName(runId: RequestId, attempt: number): string {
  return `gbt-${runId.slice(2).toLowerCase()}-a${attempt}`;
}

/** The status that people see. `needsALook` is not one: a run that Azure keeps refusing keeps trying. */
export function statusOf(run: PublishRun): RunStatus {
  if (run.outcome) return run.outcome;
  const { ending } = run.data;
  if (ending) return ending.outcome === 'cancelled' ? 'cancelling' : ending.outcome;
  return ['approve', 'repair', 'hold'].includes(run.stage) ? 'waiting' : 'running';
}

/** What it comes to is decided: it has published, or ended, and tidies up. Nobody joins it any more. */
export function isSettled({ outcome, data }: PublishRun): boolean {
  return outcome !== null || data.ending !== undefined || data.publishedAt !== undefined;
}

/** The version number that the current attempt builds; undefined before the first plan. */
export function versionOf(run: PublishRun): string | undefined {
  return run.plan.fixed?.version;
}
