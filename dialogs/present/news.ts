import { noticeCard, outcomeCard, type Reply, statusButton } from '../../cards';
import { call } from '../../core/command-call';
import type { PublishRun } from '../../core/runs';
import { failureView, requesterOf } from './run';

/**
 * A message beside the run's card, because nobody is notified of an edit: `outcome`, or `repair-<attempt>`. It follows
 * the run: once a repair is under way, its card asks for nothing any more.
 */
export function presentNews(run: PublishRun, word: string): Reply {
  return word === 'outcome' ? outcome(run) : repair(run, Number(word.split('-')[1]));
}

function repair(run: PublishRun, attempt: number): Reply {
  const version = run.plan.fixed?.version;
  if (run.stage === 'repair' && run.attempt === attempt && version !== undefined) {
    return needed(run, version);
  }
  const next = run.attempt > attempt ? `Attempt ${run.attempt} was started after it.` : 'The run was ended there.';
  return noticeCard({
    message: `Attempt ${attempt} of ${run.id} needed repair.`,
    details: [next],
    next: [call('status', { request: run.id }), call('logs', { request: run.id })],
  });
}

/** It only calls: the run's card has the log, the remedy and the buttons that act. */
function needed(run: PublishRun, version: string): Reply {
  const { stage, failed = [], what, error, attempt, owner } = failureView(run);
  const reasons = failed.length > 0 ? failed : [{ what, error }];
  return noticeCard({
    message: `${run.subject} ${version} needs repair`,
    details: [
      `Attempt ${attempt} of ${run.id} stopped in ${stage}. ${owner} acts.`,
      ...reasons.slice(0, 7).map((reason) => `! ${reason.what}: ${reason.error}`),
    ],
    buttons: [statusButton(run.id, 'Show the run')],
    next: [call('rebuild', { request: run.id }), call('logs', { request: run.id })],
  });
}

function outcome(run: PublishRun): Reply {
  const { ending, cleaned = [], regions = [], aged = [], discontinue } = run.data;
  const fixed = run.plan.fixed;
  const how = ending?.outcome ?? run.outcome ?? 'failed';
  const published = how === 'published' && fixed;
  const failed = regions
    .filter((r) => r.state === 'Failed')
    .map((r) => `${r.name} is not served: replication failed there`);
  const proposed = discontinue ? [`${run.subject} ${discontinue} has no end of life: decide when it goes`] : [];
  return outcomeCard({
    id: run.id,
    image: run.subject,
    outcome: how,
    requestedBy: requesterOf(run),
    exists: published
      ? [
          `${run.subject} ${fixed.version} in ${fixed.regions.map((r) => `${r.name} ×${r.replicas}`).join(', ')}`,
          ...(aged.length > 0 ? [`${aged.join(', ')} marked aged, replaced by ${fixed.version}`] : []),
        ]
      : [],
    cleaned,
    left: [...failed, ...proposed],
    ...(fixed && { version: fixed.version }),
    ...(ending && how !== 'published' && { why: ending.why }),
    ...(ending?.by !== undefined && { by: ending.by }),
    ...(run.endedAt && { tookMs: run.endedAt.getTime() - run.createdAt.getTime() }),
  });
}
