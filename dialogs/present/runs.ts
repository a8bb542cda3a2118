import { type ChangeStatus, type LeftView, type Reply, type RunRow, runsCard } from '../../cards';
import { parseAzureId } from '../../core/azure-id';
import { type ChangeRun, type PublishRun, type Run, shownStages, stageLabel } from '../../core/runs';
import type { KnownLeftover, OpenRuns } from '../../store/reads';
import { changeStatus } from './change';
import { cardStatus, presentStage, requesterOf } from './run';

export interface RunList {
  readonly title: string;
  readonly none: string;
  /** World time. */
  readonly now: Date;
  /** What ended runs left in Azure and is still there. */
  readonly left?: readonly KnownLeftover[];
  /** Of how many these are the newest; of themselves when absent. */
  readonly of?: Pick<OpenRuns, 'total' | 'asking' | 'ending'>;
}

/** No card shows more of them. */
export const mostRuns = 15;

/** Several runs, newest first, one line each. */
export function presentRuns(runs: readonly Run[], list: RunList): Reply {
  return runsCard({
    title: list.title,
    none: list.none,
    runs: runs.flatMap((run) => runRow(run, list.now) ?? []),
    total: list.of?.total ?? runs.length,
    ...(list.of && { asking: list.of.asking, open: list.of.total - list.of.ending }),
    asOf: list.now,
    ...(list.left && { left: list.left.map(leftView) }),
  });
}

/** Digests are listed nowhere: they go out by themselves. */
export function runRow(run: Run, now: Date): RunRow | undefined {
  if (run.kind === 'digest') return undefined;
  return run.kind === 'change' ? changeRow(run, now) : publishRow(run, now);
}

function publishRow(run: PublishRun, now: Date): RunRow {
  const { fixed } = run.plan;
  return {
    id: run.id,
    image: run.subject,
    ...(fixed && { version: fixed.version }),
    status: cardStatus(run),
    ...stageOf(run),
    requestedBy: requesterOf(run),
    askedAt: run.createdAt,
    elapsedMs: (run.endedAt ?? now).getTime() - run.createdAt.getTime(),
  };
}

function changeRow(run: ChangeRun, now: Date): RunRow {
  return {
    id: run.id,
    image: `${run.plan.verb} ${run.plan.target}`,
    status: changeWords[changeStatus(run)],
    ...(!run.outcome && { stage: stageWords[run.stage] ?? run.stage }),
    requestedBy: requesterOf(run),
    askedAt: run.createdAt,
    elapsedMs: (run.endedAt ?? now).getTime() - run.createdAt.getTime(),
  };
}

const changeWords: Readonly<Record<ChangeStatus, RunRow['status']>> = {
  'waiting-for-approval': 'waiting',
  running: 'changing',
  held: 'held',
  done: 'done',
  refused: 'refused',
  withdrawn: 'withdrawn',
  superseded: 'superseded',
  expired: 'expired',
  cancelled: 'cancelled',
  void: 'cancelled',
  failed: 'failed',
};

const stageWords: Readonly<Record<string, string>> = {
  plan: 'Look',
  approve: 'Approve',
  hold: 'Change',
  apply: 'Change',
  verify: 'Look again',
  track: 'Look on',
};

/** In words: `Test`; for a run in repair or ended, where it stopped. One that completed stopped nowhere. */
function stageOf(run: PublishRun): Pick<RunRow, 'stage'> {
  const shown =
    run.outcome || run.stage === 'repair' || run.stage === 'hold' ? shownStages(run)[presentStage(run)] : undefined;
  const label = shown?.label ?? stageLabel(run.stage);
  if (label) return { stage: label };
  if (run.outcome) return {};
  return { stage: run.stage === 'cleanup' ? 'Clean-up' : run.stage.replace(/^./, (letter) => letter.toUpperCase()) };
}

const nouns: Readonly<Record<KnownLeftover['kind'], string>> = {
  template: 'image template',
  machine: 'test machine',
  version: 'candidate',
  unread: '',
};

/** What could not be deleted in time, as people read it. */
export function leftView({ id, kind, name, runId, since, answer, goneAt }: KnownLeftover): LeftView {
  return {
    what: `${nouns[kind]} ${name}`.trim(),
    where: parseAzureId(id)?.resourceGroup ?? '',
    run: runId,
    since,
    said: answer,
    ...(goneAt && { goneAt }),
  };
}
