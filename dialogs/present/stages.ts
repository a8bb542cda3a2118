import type { Mark, StageView } from '../../cards';
import {
  type Approval,
  type FixedPlan,
  type PublishRun,
  type PublishStage,
  type StageTime,
  shownStages,
} from '../../core/runs';
import { baseName } from './base';
import { staysLatest } from './latest';

export interface Shown {
  /** World time. */
  readonly now: Date;
  /** The run's newest approval. */
  readonly approval?: Approval | undefined;
}

/** The process as a list of its stages, with what is known of each from the run's own row. */
export function stageViews(run: PublishRun, shown: Shown): readonly StageView[] {
  const at = presentStage(run);
  return shownStages.map(({ stage, label }, index) => {
    const verdict = stage === 'approve' && index === at ? refusedAs(run, shown) : undefined;
    const mark = verdict?.mark ?? markOf(run, stage, index, at);
    const time = timeOf(run, stage);
    const known = mark !== 'todo' && mark !== 'skipped' && (mark !== 'stopped' || stage === 'approve');
    const detail = known ? detailOf(run, stage, mark, shown) : undefined;
    const elapsedMs = time && mark !== 'todo' ? elapsed(time, run.endedAt ?? shown.now) : undefined;
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

/** Index among the shown stages of where the run is or stopped; past the last one when it went through. */
export function presentStage(run: PublishRun): number {
  const index = (stage: string) => shownStages.findIndex((s) => s.stage === stage);
  if (run.stage === 'plan') return 0;
  if (run.stage === 'repair') return index(run.data.failure?.stage ?? 'capture');
  if (index(run.stage) >= 0) return index(run.stage);
  if (run.stage === 'announce' || outcomeOf(run) === 'published') return shownStages.length;
  const reached = (run.data.times ?? []).filter((t) => t.attempt === run.attempt).map((t) => index(t.stage));
  return Math.max(0, ...reached);
}

function outcomeOf(run: PublishRun) {
  return run.outcome ?? run.data.ending?.outcome;
}

function markOf(run: PublishRun, stage: PublishStage, index: number, at: number): Mark {
  if (index < at) return 'done';
  const outcome = outcomeOf(run);
  if (index > at) return outcome ? 'skipped' : 'todo';
  if (run.stage === 'repair' || outcome === 'failed' || (outcome && run.data.failure?.stage === stage)) return 'failed';
  if (outcome) return timeOf(run, stage) ? 'stopped' : 'skipped';
  return stage === 'approve' ? 'needs-person' : 'now';
}

/** An asking that ended otherwise than by approval is no failure: it was rejected, withdrawn, or nobody decided. */
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
  if (mark === 'now') return run.stage === 'plan' ? 'choosing base and number' : run.data.progress;
  return details[stage]?.(run, shown);
}

const details: Readonly<Partial<Record<PublishStage, (run: PublishRun, shown: Shown) => string | undefined>>> = {
  capture: ({ plan }) => (plan.fixed ? `${baseName(plan.fixed.base)} ${plan.fixed.base.version}` : undefined),
  customise: ({ plan }) => (plan.fixed ? steps(plan.fixed.recipe.customize.length + 1) : undefined),
  tattoo: ({ data }) => (data.tattooHash ? `sealed as ${data.tattooHash.slice(0, 8)}` : undefined),
  test: ({ data }) => testCount(data.tests ?? []),
  approve: (run, { approval }) => approvalDetail(run, approval),
  publish: ({ plan }) => (plan.fixed ? latestDetail(plan.fixed) : undefined),
  replicate: ({ data }) => regionCount(data.regions ?? []),
  age: ({ data }) => (data.aged?.length ? `${data.aged.join(', ')} aged` : 'nothing older to age'),
};

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

function regionCount(regions: readonly { readonly state: string }[]): string {
  return `${regions.filter((r) => r.state === 'Completed').length} of ${regions.length} regions in place`;
}

function approvalDetail(run: PublishRun, approval: Approval | undefined): string | undefined {
  if (!approval) return undefined;
  const names = approval.decisions.filter((d) => d.verdict === 'approve').map((d) => d.name);
  if (approval.status === 'approved') return `${approval.id} approved by ${names.join(' and ')}`;
  if (approval.status !== 'pending') return `${approval.id} ${approval.status}`;
  const counted = approval.rule.quorum > 1 ? ` · ${names.length} of ${approval.rule.quorum}` : '';
  return `${approval.id} asks ${approval.rule.groupName} in ${run.plan.approvalChannel}${counted}`;
}
