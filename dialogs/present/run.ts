import {
  type FailureView,
  type RegionView,
  type Reply,
  type RunCardStatus,
  type RunView,
  runCard,
  type TestView,
} from '../../cards';
import { regionKey } from '../../core/azure-id';
import {
  needsALookAfter,
  type PublishRun,
  type PublishStage,
  pastCancel,
  type Run,
  shownStages,
  statusOf,
  type TestResult,
} from '../../core/runs';
import { notLatestWarning } from './latest';
import { type Shown, stageViews } from './stages';

/** The live card of a run, from its row alone. */
export function presentRun(run: PublishRun, shown: Shown): Reply {
  return runCard(runView(run, shown));
}

export function runView(run: PublishRun, shown: Shown): RunView {
  const { plan, data } = run;
  const status = cardStatus(run);
  const approvalId = shown.approval?.status === 'pending' ? shown.approval.id : undefined;
  const remark = remarkOf(run, shown);
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
    elapsedMs: (run.endedAt ?? shown.now).getTime() - run.createdAt.getTime(),
    canCancel: canCancel(run),
    ...(run.planHash !== null && { hash: run.planHash }),
    ...(plan.fixed && { version: plan.fixed.version }),
    ...paceOf(run),
    ...(plan.request.note !== undefined && { note: plan.request.note }),
    ...(remark !== '' && { remark }),
    ...(approvalId !== undefined && { approvalId }),
    ...(regions.length > 0 && { regions }),
    ...(tests.length > 0 && { tests }),
    ...(run.stage === 'repair' && data.failure && { failure: failureView(run) }),
  };
}

const withoutPeople: readonly string[] = ['capture', 'customise', 'tattoo', 'test'];

/** Compares with earlier runs only while nobody was waited for: not for approval, nor for repair. */
function paceOf({ stage, attempt, data: { expectedMs } }: PublishRun): Pick<RunView, 'usualMs' | 'first'> {
  if (attempt > 1 || !withoutPeople.includes(stage)) return {};
  return expectedMs === undefined ? { first: true } : { usualMs: expectedMs };
}

export function cardStatus(run: PublishRun): RunCardStatus {
  const status = statusOf(run);
  if (!run.outcome && run.tries >= needsALookAfter && status !== 'waiting') return 'needs-a-look';
  return status === 'waiting' && run.stage === 'repair' ? 'needs-repair' : status;
}

export function requesterOf(run: Run): string {
  return run.actors.find((a) => a.did === 'requested')?.name ?? run.actors[0]?.name ?? 'a schedule';
}

export function canCancel(run: PublishRun): boolean {
  return !run.outcome && !run.data.ending && !pastCancel.includes(run.stage as PublishStage);
}

function remarkOf(run: PublishRun, { approval, now }: Shown): string {
  const { data } = run;
  if (!run.outcome && run.tries >= needsALookAfter) {
    const why = run.lastError ? `: ${run.lastError}` : '';
    return `${sentence(`${run.tries} tries in a row did not work out${why}`)} goldbot keeps trying.`;
  }
  const { ending } = data;
  if (ending && ending.outcome !== 'published') {
    const by = ending.by ? ` by ${ending.by}` : '';
    const cleaned = run.outcome ? '' : ' What the run made is being deleted.';
    return sentence(`${capital(ending.outcome)}${by}: ${ending.why}`) + cleaned;
  }
  if (approval?.status === 'pending' && run.stage === 'approve') {
    const left = approval.expiresAt.getTime() - now.getTime();
    return `Waits for ${approval.rule.groupName} for ${wholeHours(left)} more; then it expires.`;
  }
  if (data.discontinue && run.outcome === 'published') {
    return `${data.discontinue} has no end of life: think about discontinuing it.`;
  }
  if (run.outcome) return '';
  const notLatest = run.plan.fixed && notLatestWarning(run.plan.fixed);
  return notLatest ?? (data.newerBase ? `The marketplace has a newer base by now: ${data.newerBase}.` : '');
}

function wholeHours(ms: number): string {
  const hours = Math.max(0, Math.floor(ms / 3_600_000));
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  return hours === 1 ? '1 hour' : `${hours} hours`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
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

/** Only when one failed: a passed test is a number on its stage's line. */
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
    stage: shownStages.find((s) => s.stage === stage)?.label ?? stage,
    what: failure?.what ?? 'the attempt',
    error: failure?.error ?? 'no error was kept',
    // One test's words under the reasons of several would read as those of all.
    log: failed.length > 1 ? [] : (failure?.tail ?? []),
    attempt: run.attempt,
    owner: requesterOf(run),
    ...(failure?.remedy !== undefined && { remedy: failure.remedy }),
    ...(failed.length > 1 && { failed: failed.map((t) => ({ what: t.name, error: reasonOf(t) })) }),
  };
}
