import { type LeftView, leftSentence, noticeCard, outcomeCard, type Reply, statusButton } from '../../cards';
import { call } from '../../core/command-call';
import { lacksOutputs, type PublishRun } from '../../core/runs';
import { holdNews, overrideNews } from './holds';
import { actorsOf, askersOf, leadingToRun, mentions } from './mentioned';
import { madeOutputs, missingOutputs, outputPlace } from './outputs';
import { failureView, requesterOf, servedRegions } from './run';
import type { Standing } from './standing';

/** What a message beside a run's card is made with. */
export interface NewsAround {
  /** What the run left in Azure. */
  readonly left?: readonly LeftView[];
  /** How whoever looks stands to what it asks for; absent: the card is everybody's. */
  readonly standing?: Standing | undefined;
}

/**
 * A message beside the run's card, because nobody is notified of an edit: `outcome`, `repair-<attempt>`,
 * `outputs-<attempt>`, `hold-…`, or in the channel of the approvers `override-…`. It follows
 * the run: once a repair is under way, its card no longer asks for anything.
 */
export function presentNews(run: PublishRun, word: string, { left = [], standing }: NewsAround = {}): Reply {
  if (word === 'outcome') return mentions(leadingToRun(outcome(run, left), run), askersOf(run));
  if (word.startsWith('hold-')) return holdNews(run);
  if (word.startsWith('override-')) return overrideNews(run, standing);
  const [about, count] = word.split('-');
  return about === 'outputs' ? repairOfOutputs(run, Number(count)) : repair(run, Number(count));
}

/** The same for what is made of a version that is published. */
function repairOfOutputs(run: PublishRun, attempt: number): Reply {
  const name = `${run.subject} ${run.plan.fixed?.version ?? ''}`.trim();
  const now = run.data.distribution?.attempt ?? 1;
  if (!lacksOutputs(run) || now !== attempt) {
    const next = now > attempt ? 'They were begun again after it.' : 'The run went on.';
    return noticeCard({
      message: `The outputs of ${name} needed repair.`,
      details: [next],
      next: [call('status', { request: run.id }), call('logs', { request: run.id })],
    });
  }
  const { what, error, owner } = failureView(run);
  const reply = noticeCard({
    message: `${name} is published, and its outputs need repair`,
    details: [`${run.id} could not make all of them. ${owner} acts.`, `! ${what}: ${error}`],
    buttons: [statusButton(run.id, 'Show the run')],
    next: [call('rebuild', { request: run.id }), call('logs', { request: run.id })],
  });
  return mentions(leadingToRun(reply, run), actorsOf(run));
}

function repair(run: PublishRun, attempt: number): Reply {
  const version = run.plan.fixed?.version;
  if (run.stage === 'repair' && run.attempt === attempt && version !== undefined) {
    return mentions(leadingToRun(needed(run, version), run), actorsOf(run));
  }
  const next = run.attempt > attempt ? `Attempt ${run.attempt} was started after it.` : 'The run was ended there.';
  return noticeCard({
    message: `Attempt ${attempt} of ${run.id} needed repair.`,
    details: [next],
    next: [call('status', { request: run.id }), call('logs', { request: run.id })],
  });
}

/** It only alerts: the run's card has the log, the remedy and the buttons that act. */
function needed(run: PublishRun, version: string): Reply {
  const { stage, failed = [], findings = [], what, error, attempt, owner } = failureView(run);
  const reasons =
    failed.length > 0 ? failed : [{ what, error }, ...findings.map(({ why }) => ({ what: 'found', error: why }))];
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

function outcome(run: PublishRun, left: readonly LeftView[]): Reply {
  const { ending, cleaned = [], aged = [], kept = [], ageTrouble, discontinue } = run.data;
  const fixed = run.plan.fixed;
  const how = ending?.outcome ?? (run.outcome === 'published' ? run.outcome : 'failed');
  const published = how === 'published' && fixed;
  const [served, unserved] = published ? servedRegions(run, fixed) : [[], []];
  const proposed = discontinue ? [`${run.subject} ${discontinue} has no end of life: decide when it goes`] : [];
  return outcomeCard({
    id: run.id,
    image: run.subject,
    outcome: how,
    requestedBy: requesterOf(run),
    exists: published
      ? [
          `${run.subject} ${fixed.version}${served.length === 0 ? '' : ` in ${served.join(', ')}`}`,
          ...madeOutputs(run).map(outputPlace),
          ...(aged.length > 0 ? [`${aged.join(', ')} marked aged, replaced by ${fixed.version}`] : []),
        ]
      : [],
    cleaned: [...cleaned, ...left.flatMap(({ what, goneAt }) => (goneAt === undefined ? [] : [what]))],
    left: [
      ...unserved,
      ...(published ? missingOutputs(run) : []),
      ...kept.map((clause) => `Azure did not change all of the version: ${clause}. Set it in the Azure portal.`),
      ...(ageTrouble === undefined ? [] : [`Some earlier versions are not marked as aged: ${ageTrouble}`]),
      ...left.flatMap((one) => (one.goneAt === undefined ? [leftSentence(one)] : [])),
      ...proposed,
    ],
    ...(fixed && { version: fixed.version }),
    ...(ending && how !== 'published' && { why: ending.why }),
    ...(ending?.by !== undefined && { by: ending.by }),
    ...(run.endedAt && { tookMs: run.endedAt.getTime() - run.createdAt.getTime() }),
  });
}
