import type { Reply } from '../../cards';
import type { RequestId } from '../../core/runs';
import type { Reads } from '../../store/reads';
import type { Topic } from '../conversation';
import { presentDigest } from './digest';
import { presentAnyNews, presentAnyRun, presentAsking } from './of-kind';

/**
 * The present state of what a live card is about, from the store alone: whoever delivers cards calls this each time.
 * `now` is world time.
 *
 * @throws Error when the topic names nothing that exists.
 */
export async function renderTopic(topic: Topic, reads: Reads, now: Date): Promise<Reply> {
  const [about, name = '', word = ''] = topic.split(':');
  const id = name as RequestId;
  if (about === 'approval') return renderApproval(id, reads, now);
  return about === 'news' ? renderNews(id, word, reads) : renderRun(id, reads, now);
}

async function renderNews(id: RequestId, word: string, reads: Reads): Promise<Reply> {
  const run = await reads.run(id);
  if (!run) throw new Error(`no run ${id} to show`);
  return presentAnyNews(run, word);
}

async function renderRun(id: RequestId, reads: Reads, now: Date): Promise<Reply> {
  const [run, approvals] = await Promise.all([reads.run(id), reads.approvalsOfRun(id)]);
  if (!run) throw new Error(`no run ${id} to show`);
  if (run.kind === 'digest') return presentDigest(run, reads);
  return presentAnyRun(run, { now, approval: approvals[0] });
}

async function renderApproval(id: RequestId, reads: Reads, now: Date): Promise<Reply> {
  const [approval, run] = await Promise.all([reads.approval(id), reads.runOfApproval(id)]);
  if (!approval || !run) throw new Error(`no approval ${id} to show`);
  return presentAsking(approval, run, now);
}
