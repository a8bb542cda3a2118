import type { Reply } from '../../cards';
import type { Approval } from '../../core/approval';
import type { PublishRun } from '../../core/publish';
import { presentApproval } from './approval';

/** What came of an asking: still open (more deciders are needed), or decided, withdrawn, expired, void. */
export function presentOutcome(approval: Approval, run: PublishRun, now: Date): Reply {
  const expired = approval.status === 'pending' && approval.expiresAt.getTime() <= now.getTime();
  if (approval.status === 'pending' && !expired) return presentApproval(approval, run);
  return { text: outcomeSentence(approval, run) };
}

function outcomeSentence(approval: Approval, run: PublishRun): string {
  const names = approval.decisions.map((d) => `${d.name} (${d.verdict})`).join(', ');
  return `${approval.id} of ${run.subject}: ${approval.status}${names ? ` by ${names}` : ''}.\nstatus ${run.id}`;
}
