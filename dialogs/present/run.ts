import {
  type Button,
  capital,
  count,
  due,
  type FailureView,
  type LeftView,
  type Mark,
  moment,
  noticeCard,
  type RegionView,
  type Reply,
  type RunCardStatus,
  type RunView,
  runCard,
  type SignatureView,
  type StageView,
  type TestView,
} from '../../cards';
import type { Region } from '../../core/azure';
import { galleryVersionId, regionKey, resourceId } from '../../core/azure-id';
import { sourceName } from '../../core/build-source';
import { portalPage } from '../../core/cloud';
import { call, type Values } from '../../core/command-call';
import { outputName } from '../../core/images';
import {
  type Approval,
  approversFor,
  channelOfTurn,
  type FixedPlan,
  isPastCancel,
  type Lock,
  lacksOutputs,
  needsALookAfter,
  type PublishRun,
  type PublishStage,
  type Run,
  repairTtlMs,
  type StageTime,
  shownStages,
  stageLabel,
  statusOf,
  type TestResult,
  templateName,
  turnOf,
  typicalMs,
  unmadeOutputs,
  whoDecides,
} from '../../core/runs';
import { minutes } from '../../core/time';
import { blockedWords, shownStatus } from './asked';
import { unaskedWords } from './channels';
import { heldWords, lockAhead, overriddenWords } from './holds';
import { localDay, periodName } from './moments';
import { overrideOf, secondView } from './seconds';
import type { Standing } from './standing';
import { lostScriptWarning, newerBaseSentence, notLatestWarning, staysLatest } from './warnings';

/** The live card of a run, from its row alone. */
export function presentRun(run: PublishRun, shown: Shown): Reply {
  return run.data.unchanged ? nothingNew(run, run.data.unchanged) : runCard(runView(run, shown));
}

/** What the person who asked said about it; of a scheduled run, what it is for and why it builds. */
export function noteOf({ plan, data: { because = [] } }: PublishRun): { readonly note?: string } {
  const { request, schedule } = plan;
  if (!schedule) return request.note === undefined ? {} : { note: request.note };
  const { readyBy, zone, period, missed } = schedule;
  const due = readyBy === undefined ? '' : `, to be in every region when ${localDay(new Date(readyBy), zone)} begins`;
  const why = because.length === 0 ? '' : `; built because of this: ${because.join(', ')}`;
  const lost = missed === 0 ? '' : `; ${count(missed, 'earlier time')} went by without a run`;
  return { note: `scheduled for ${periodName(period)}${due}${lost}${why}` };
}

/** A schedule came due, and there was no reason to build. */
function nothingNew(
  run: PublishRun,
  { version, publishedAt, base }: NonNullable<PublishRun['data']['unchanged']>,
): Reply {
  const { readyBy } = run.plan.schedule ?? {};
  const due = readyBy === undefined ? '' : ` for ${moment(readyBy)}`;
  return noticeCard({
    message: `${run.subject}: nothing has changed since ${version}`,
    details: [
      `The schedule came due${due}. Base ${base}, recipe, tests and regions are those of ${version} of ${moment(publishedAt)}, so nothing was built (${run.id}).`,
      'It is built again once one of them changes, or the version is older than `rebuildAfter` of the catalogue.',
    ],
    buttons: [publishAnyway(run.subject)],
    next: [call('schedule', { image: run.subject })],
  });
}

/** Builds a copy of what there is; `options` are those that somebody gave. */
export function publishAnyway(image: string, options: Values = {}): Button {
  return { title: 'Publish anyway', call: call('publish', { image, ...options, force: true }) };
}

export function runView(run: PublishRun, shown: Shown): RunView {
  const { plan, data } = run;
  const status = cardStatus(run);
  const approvalId = shown.approval?.status === 'pending' ? shown.approval.id : undefined;
  const remarks = [lockAhead(run, shown.lock), overriddenWords(run), remarkOf(run, shown), clearedWords(run)];
  const remark = remarks.filter(Boolean).join(' ');
  const held = heldWords(run);
  const regions = regionViews(run);
  const tests = testViews(run);
  return {
    id: run.id,
    image: run.subject,
    status,
    requestedBy: requesterOf(run),
    joinedBy: run.actors.filter((a) => a.did === 'joined').map((a) => a.name),
    stages: stageViews(run, shown),
    attempt: run.attempt,
    startedAt: run.createdAt,
    elapsedMs: (run.endedAt ?? shown.now).getTime() - run.createdAt.getTime(),
    canCancel: canCancel(run),
    ...(run.planHash !== null && { hash: run.planHash }),
    ...(plan.fixed && { version: plan.fixed.version }),
    ...paceOf(run),
    ...noteOf(run),
    ...(remark !== '' && { remark }),
    ...(held.length > 0 && { held }),
    ...(overrideOf(run) === 'ask' && { canOverride: true }),
    ...secondView(run, shown.standing),
    ...(approvalId !== undefined && { approvalId }),
    ...(regions.length > 0 && { regions }),
    ...(tests.length > 0 && { tests }),
    ...(run.stage === 'repair' && data.failure && { failure: failureView(run) }),
    ...portalOfRun(run),
    ...(shown.left && { left: shown.left }),
    ...(data.publishedAt !== undefined && shown.certificate && { certificate: shown.certificate }),
  };
}

/** Of the template while it is built, and of the version once it is public: what is between changes with every attempt. */
function portalOfRun({ id, stage, attempt, outcome, plan: { fixed }, data }: PublishRun): Pick<RunView, 'portal'> {
  if (!fixed) return {};
  const { place, target, version } = fixed;
  const page = (resource: string) => ({ portal: portalPage(place.location, resource) });
  if (data.publishedAt !== undefined) return page(galleryVersionId(target, version));
  if (stage !== 'customise' || outcome || data.ending) return {};
  return page(resourceId(place, 'Microsoft.VirtualMachineImages/imageTemplates', templateName(fixed, attempt, id)));
}

const withoutPeople: readonly string[] = ['capture', 'customise', 'tattoo', 'test'];

/** Compares with earlier runs only until somebody is waited for, be it for approval or for repair. */
function paceOf({
  stage,
  attempt,
  plan: { fixed },
  data: { expectedMs },
}: PublishRun): Pick<RunView, 'usualMs' | 'first' | 'typicalMs'> {
  if (attempt > 1 || !withoutPeople.includes(stage)) return {};
  if (expectedMs !== undefined) return { usualMs: expectedMs };
  const typical = fixed ? typicalMs[fixed.recipe.os] : undefined;
  return { first: true, ...(typical !== undefined && { typicalMs: typical }) };
}

export function cardStatus(run: PublishRun): RunCardStatus {
  const status = statusOf(run);
  if (!run.outcome && run.tries >= needsALookAfter && status !== 'waiting') return 'needs-a-look';
  if (status !== 'waiting' || run.stage === 'approve') return status;
  return run.stage === 'hold' ? 'held' : 'needs-repair';
}

export function requesterOf(run: Run): string {
  return run.actors.find((a) => a.did === 'requested')?.name ?? run.actors[0]?.name ?? 'a schedule';
}

/** The same where a sentence begins with it. */
export function askerOf(run: Run): string {
  return capital(requesterOf(run));
}

export function canCancel(run: PublishRun): boolean {
  return !run.outcome && !run.data.ending && !isPastCancel(run);
}

const beforeTheBuildEnds: ReadonlySet<string> = new Set<PublishStage>(['plan', 'capture', 'customise']);

function remarkOf(run: PublishRun, { approval, now }: Shown): string {
  const { data } = run;
  if (!run.outcome && run.tries >= needsALookAfter) {
    return failingRemark(run);
  }
  const { ending } = data;
  if (ending && ending.outcome !== 'published') {
    const by = ending.by ? ` by ${ending.by}` : '';
    const cleaned = run.outcome ? '' : ` What the run made is being deleted.${slowRemoval(run, now)}`;
    return sentence(`${capital(ending.outcome)}${by}: ${ending.why}`) + cleaned;
  }
  if (approval?.status === 'pending' && run.stage === 'approve') {
    // A time, not what is left of it: nobody edits the card while the hours go by.
    const [blocked = ''] = blockedWords(run, approval);
    const waits = `Waits for ${whoDecides(approval, now)} until ${due(approval.expiresAt)}; then it expires.`;
    return [blocked, waits, unaskedWords(approval) ?? ''].join(' ').trim();
  }
  if (run.stage === 'repair' && !run.outcome) return repairRemark(run);
  if (data.discontinue && run.outcome === 'published') {
    return `${data.discontinue} has no end of life: think about discontinuing it.`;
  }
  if (run.outcome || ending) return slowRemoval(run, now).trim();
  const { fixed } = run.plan;
  const lost = fixed && beforeTheBuildEnds.has(run.stage) ? lostScriptWarning(fixed) : undefined;
  const notLatest = lost ?? (fixed && notLatestWarning(fixed));
  const newer = data.newerBase ? newerBaseSentence(fixed, data.newerBase) : '';
  return [notLatest ?? newer, seenRemark(run)].join(' ').trim();
}

/** What the looks before the build saw and went past; the plan has the commands. */
function seenRemark({ data: { seen = [] } }: PublishRun): string {
  const [first, ...others] = seen;
  if (!first) return '';
  const more = others.length === 0 ? '' : ` ${others.length} more such remarks: the plan of a next publish lists them.`;
  return `Seen before the build: ${sentence(first.why)}${more}`;
}

/** What every try says, since when, and what becomes of the run if that does not change. */
export function failingRemark({ tries, lastError, failingSince, inStage }: Run): string {
  const why = lastError ? `: ${lastError}` : '';
  const since = failingSince ? ` since ${moment(failingSince)}` : '';
  const { until, afterwards } = inStage?.limit ?? {};
  const keeps = until ? `goldbot keeps trying until ${due(until)}. ${afterwards}` : 'goldbot keeps trying.';
  return `${sentence(`${tries} tries in a row failed${since}${why}`)} ${keeps}`;
}

/** Who repairs a run: nobody in particular asked for a scheduled one. */
function ownerOf(run: PublishRun): string {
  return run.actors.length === 0 ? 'a publisher' : `${requesterOf(run)} or another publisher`;
}

/** Until when, not how long: nobody edits the card meanwhile. */
function repairRemark(run: PublishRun): string {
  const start = run.data.times?.at(-1)?.from;
  if (start === undefined) return '';
  // A run that was here before there was a limit has its time from then on.
  const until = due(run.inStage?.limit?.until ?? new Date(Date.parse(start) + repairTtlMs));
  const then = lacksOutputs(run) ? 'the run ends without them' : 'it expires';
  return `Waits for ${ownerOf(run)} until ${until}; then ${then}.`;
}

/** Usually things are gone within minutes. */
const slowRemovalMs = minutes(10);

function slowRemoval({ outcome, data }: PublishRun, now: Date): string {
  const slow = Object.entries(data.cleaning ?? {}).filter(
    ([name, { since }]) => !data.handed?.includes(name) && now.getTime() - Date.parse(since) > slowRemovalMs,
  );
  const [first] = slow;
  if (outcome || !first) return '';
  const [name, { since, said }] = first;
  return ` ${name} has been waited for since ${moment(since)}: ${sentence(said)} The run ends without it if that takes too long.`;
}

export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

const regionMarks: Readonly<Record<string, RegionView['mark']>> = {
  Completed: 'done',
  Failed: 'failed',
  Unknown: 'todo',
};

function regionViews(run: PublishRun): readonly RegionView[] {
  if (run.stage !== 'replicate' && !run.data.regions?.some((r) => r.state === 'Failed')) return [];
  const replicas = new Map(run.plan.fixed?.regions.map((r) => [regionKey(r.name), r.replicas]));
  return (run.data.regions ?? []).map((r) => ({
    name: r.name,
    replicas: replicas.get(regionKey(r.name)) ?? 1,
    mark: regionMarks[r.state] ?? 'now',
    detail: r.state === 'Completed' ? 'in place' : r.state === 'Failed' ? 'failed' : `${r.progress} %`,
  }));
}

/** Only if one failed: passed tests are a number on their stage's line. */
function testViews(run: PublishRun): readonly TestView[] {
  const tests = run.data.tests ?? [];
  if (run.stage !== 'repair' || tests.every((t) => t.passed)) return [];
  return tests.map((t) => ({
    name: t.name,
    mark: t.passed ? 'done' : 'failed',
    ...(!t.passed && { detail: reasonOf(t) }),
  }));
}

/** The last line that says something. */
function reasonOf({ output, exitCode }: TestResult): string {
  return output.trim().split('\n').at(-1)?.trim() || `exit code ${exitCode}`;
}

export function failureView(run: PublishRun): FailureView {
  const failure = run.data.failure;
  const stage = failure?.stage ?? 'capture';
  const failed = stage === 'test' ? (run.data.tests ?? []).filter((t) => !t.passed) : [];
  return {
    stage: stageLabel(stage) ?? stage,
    what: failure?.what ?? 'the attempt',
    error: failure?.error ?? 'no error was kept',
    ...(run.data.exposed && { isPublic: true }),
    // One test's output under the reasons of several would read as the output of all.
    log: failed.length > 1 ? [] : (failure?.tail ?? []),
    attempt: run.attempt,
    owner: requesterOf(run),
    ...(lacksOutputs(run) && { isPublished: true }),
    ...(failure?.remedy !== undefined && { remedy: failure.remedy }),
    ...(failure?.findings && { findings: failure.findings }),
    ...(failed.length > 1 && { failed: failed.map((t) => ({ what: t.name, error: reasonOf(t) })) }),
  };
}

export interface Shown {
  /** World time. */
  readonly now: Date;
  /** The run's newest approval. */
  readonly approval?: Approval | undefined;
  /** Of the run's image. */
  readonly lock?: Lock | undefined;
  /** What the run left in Azure, also what has gone since. */
  readonly left?: readonly LeftView[];
  /** How far the birth certificate of the run's version is. */
  readonly certificate?: SignatureView | undefined;
  /** How whoever looks stands to what it waits for beside a decision; absent: the card is everybody's. */
  readonly standing?: Standing | undefined;
}

/** Of a run that is over for longer than goldbot keeps what people said about it. */
export function clearedWords({ clearedAt }: Pick<Run, 'clearedAt'>): string | undefined {
  return clearedAt && 'It is over for so long that what was asked and decided in it stands in the audit alone.';
}

/** The process as a list of its stages, with what is known about each from the run's own row. */
export function stageViews(run: PublishRun, shown: Shown): readonly StageView[] {
  const at = presentStage(run);
  return shownStages(run).map(({ stage, label }, index) => {
    const verdict = stage === 'approve' && index === at ? refusedAs(run, shown) : undefined;
    const mark = verdict?.mark ?? markOf(run, stage, index, at);
    const time = timeOf(run, stage);
    const known = mark !== 'todo' && mark !== 'skipped' && (mark !== 'stopped' || stage === 'approve');
    const detail = known ? detailOf(run, stage, mark, shown) : undefined;
    // How long people have been waited for is not on the card: it is not edited meanwhile.
    const measured = mark !== 'todo' && mark !== 'needs-person';
    const elapsedMs = time && measured ? elapsed(time, run.endedAt ?? shown.now) : undefined;
    return {
      name: stage,
      label,
      mark,
      ...(verdict && { word: verdict.word }),
      ...(detail && { detail }),
      ...(elapsedMs !== undefined && { elapsedMs }),
    };
  });
}

/** Index among the shown stages of where the run is or stopped; past the last one when it completed all of them. */
export function presentStage(run: PublishRun): number {
  const shown = shownStages(run);
  const index = (stage: string) => shown.findIndex((s) => s.stage === stage);
  if (run.stage === 'plan') return 0;
  if (run.stage === 'hold') return index(run.data.held?.before ?? 'customise');
  if (run.stage === 'repair') return index(run.data.failure?.stage ?? 'capture');
  if (index(run.stage) >= 0) return index(run.stage);
  if (run.stage === 'announce' || outcomeOf(run) === 'published') return shown.length;
  const reached = (run.data.times ?? []).filter((t) => t.attempt === run.attempt).map((t) => index(t.stage));
  return Math.max(0, ...reached);
}

/** Published, and not in every region of its plan, or without one of its outputs. */
function isIncomplete(run: PublishRun, stage: PublishStage): boolean {
  if (stage === 'distribute') return unmadeOutputs(run).length > 0;
  return stage === 'replicate' && run.plan.fixed !== null && servedRegions(run, run.plan.fixed)[1].length > 0;
}

function outcomeOf(run: PublishRun) {
  return run.outcome ?? run.data.ending?.outcome;
}

function markOf(run: PublishRun, stage: PublishStage, index: number, at: number): Mark {
  if (index < at) return isIncomplete(run, stage) ? 'needs-person' : 'done';
  const outcome = outcomeOf(run);
  if (index > at) return outcome ? 'skipped' : 'todo';
  if (run.stage === 'repair' || outcome === 'failed' || (outcome && run.data.failure?.stage === stage)) return 'failed';
  if (outcome) return timeOf(run, stage) ? 'stopped' : 'skipped';
  return stage === 'approve' || run.stage === 'hold' ? 'needs-person' : 'now';
}

/** An approval request that ended without approval has not failed: it was rejected or withdrawn, or nobody decided. */
function refusedAs(run: PublishRun, { approval }: Shown): { readonly mark: Mark; readonly word: string } | undefined {
  const over = outcomeOf(run) !== undefined || run.data.failure?.stage === 'approve';
  if (!over || run.stage === 'approve' || !approval) return undefined;
  const { status } = approval;
  if (status === 'pending' || status === 'approved' || status === 'void') return undefined;
  return { mark: status === 'rejected' ? 'failed' : 'stopped', word: status };
}

function timeOf(run: PublishRun, stage: PublishStage): StageTime | undefined {
  return (run.data.times ?? []).filter((t) => t.stage === stage && t.attempt === run.attempt).at(-1);
}

function elapsed(time: StageTime, until: Date): number {
  const end = time.to === undefined ? until : new Date(time.to);
  return Math.max(0, end.getTime() - new Date(time.from).getTime());
}

function detailOf(run: PublishRun, stage: PublishStage, mark: Mark, shown: Shown): string | undefined {
  if (mark === 'failed') return run.data.failure?.stage === stage ? run.data.failure.what : undefined;
  if (run.stage === 'hold' && mark === 'needs-person' && stage === run.data.held?.before) return 'held';
  if (mark === 'now') return run.stage === 'plan' ? 'choosing base and number' : run.data.progress;
  return details[stage]?.(run, shown);
}

const details: Readonly<Partial<Record<PublishStage, (run: PublishRun, shown: Shown) => string | undefined>>> = {
  capture: ({ plan }) => (plan.fixed ? `${sourceName(plan.fixed.base)} ${plan.fixed.base.version}` : undefined),
  customise: ({ plan }) => (plan.fixed ? steps(plan.fixed.recipe.customize.length + 1) : undefined),
  tattoo: ({ data }) => (data.tattooHash ? `sealed as ${data.tattooHash.slice(0, 8)}` : undefined),
  test: ({ data }) => testCount(data.tests ?? []),
  approve: (run, shown) => approvalDetail(run, shown),
  publish: ({ plan }) => (plan.fixed ? latestDetail(plan.fixed) : undefined),
  replicate: (run) => (run.plan.fixed ? regionCount(run, run.plan.fixed) : undefined),
  distribute: (run) => outputCount(run),
  age: ({ data }) => (data.aged?.length ? `${data.aged.join(', ')} aged` : 'nothing older to age'),
};

function outputCount(run: PublishRun): string {
  const unmade = unmadeOutputs(run);
  const all = run.plan.fixed?.outputs ?? [];
  return (unmade.length > 0 ? unmade : all)
    .map((one) => `${unmade.length > 0 ? 'no ' : ''}${outputName(one)}`)
    .join(', ');
}

function latestDetail(plan: FixedPlan): string {
  const latest = staysLatest(plan);
  return latest === undefined ? `${plan.version} is the latest` : `${latest} stays the latest`;
}

function steps(n: number): string {
  return n === 1 ? '1 step' : `${n} steps`;
}

function testCount(tests: readonly { readonly passed: boolean }[]): string {
  return `${tests.filter((t) => t.passed).length} of ${tests.length} passed`;
}

function regionCount(run: PublishRun, plan: FixedPlan): string | undefined {
  if (!run.data.regions) return undefined;
  const [served] = servedRegions(run, plan);
  return `${served.length} of ${plan.regions.length} regions in place`;
}

function approvalDetail(run: PublishRun, { approval, now }: Shown): string | undefined {
  if (!approval) return undefined;
  const names = approval.decisions.filter((d) => d.verdict === 'approve').map((d) => d.name);
  if (approval.status === 'approved') return `${approval.id} approved by ${names.join(' and ')}`;
  if (approval.status !== 'pending') return `${approval.id} ${shownStatus(approval, run, now)}`;
  const { at, quorum, groupName } = turnOf(approval);
  const counted = quorum > 1 ? ` · ${approversFor(approval.decisions, at).size} of ${quorum}` : '';
  const asks = outcomeOf(run) ? 'asked' : 'asks';
  const channel = channelOfTurn(approval.rule, at) ?? run.plan.approvalChannel;
  return `${approval.id} ${asks} ${groupName} in ${channel}${counted}`;
}

/** Where the version is, and a sentence for each region of the plan where it is not. */
export function servedRegions({ data }: PublishRun, { regions }: FixedPlan): readonly [string[], string[]] {
  const states = new Map(data.regions?.map(({ name, state }) => [regionKey(name), state]));
  const isServed = ({ name }: Region) => !data.regions || states.get(regionKey(name)) === 'Completed';
  const why = ({ name }: Region) =>
    states.get(regionKey(name)) === 'Failed' ? 'replication failed there' : 'the gallery does not list it as complete';
  return [
    regions.filter(isServed).map(({ name, replicas }) => `${name} ×${replicas}`),
    regions.filter((region) => !isServed(region)).map((region) => `${region.name} is not served: ${why(region)}`),
  ];
}
