import { due, duration, list, moment, noticeCard, type Reply, statusButton } from '../../cards';
import { call } from '../../core/command-call';
import {
  type Approval,
  approversFor,
  type ChangeRun,
  escalatesAt,
  type PublishRun,
  parseRequestId,
  type RequestId,
  turnOf,
  versionOf,
  whoDecides,
} from '../../core/runs';
import type { Reads } from '../../store/reads';
import { blockedWords, decidingSteps, shownStatus } from './asked';
import { decidersOf, mentions } from './mentioned';

/** The message beside a card that asks: nobody is notified of an edit. Once it is decided, there is nothing to do. */
export async function presentReminder(
  id: RequestId,
  run: PublishRun | ChangeRun,
  { reads, now }: { readonly reads: Reads; readonly now: Date },
): Promise<Reply> {
  const approval = await reads.approval(id);
  if (!approval) throw new Error(`no approval ${id} to remind of`);
  const name = nameOf(run);
  const buttons = [statusButton(id, `Open ${id}`)];
  const status = shownStatus(approval, run, now);
  if (status !== 'pending') return noticeCard({ message: `${id}, ${name}, is ${status}`, buttons });
  const reply = noticeCard({
    message: `${name} still waits for a decision`,
    details: [
      `${id} was asked on ${moment(approval.askedAt)} and expires on ${due(approval.expiresAt)}, ${duration(approval.expiresAt.getTime() - approval.askedAt.getTime())} later.`,
      standing(approval),
      ...escalated(approval, now),
      ...blockedWords(run, approval),
    ],
    buttons,
    next: [call('approve', { request: id }), call('approvals', { mine: true })],
  });
  const leading = { ...reply, leadsTo: requestOf(approval) };
  return mentions(leading, decidersOf(approval, run, { delegations: await reads.delegations(now), now }));
}

/**
 * The message beside another one that was posted in quiet hours and called nobody: what it is about in a line, for those
 * for whom it still waits. Once it waits for nobody, it says that.
 */
export function presentCall(about: Reply, topic: string): Reply {
  const [title = ''] = about.text.split('\n');
  const [kind, id = ''] = topic.split(':');
  const run = parseRequestId(id);
  const next = kind === 'requests' ? [call('approvals', { mine: true })] : [];
  const buttons = run === undefined ? [] : [statusButton(run, `Open ${run}`)];
  const { mentions: whom } = about;
  if (!whom?.waits) return noticeCard({ message: title, details: ['It waits for nobody any more.'], buttons });
  const details = ['It is above; it was posted in quiet hours, and notified nobody then.'];
  return mentions(noticeCard({ message: title, details, buttons, next }), whom);
}

/** The message beside a card that stands already where the next group is asked: nobody is notified of an edit. */
export async function presentTurn(
  id: RequestId,
  run: PublishRun | ChangeRun,
  { reads, now }: { readonly reads: Reads; readonly now: Date },
): Promise<Reply> {
  const approval = await reads.approval(id);
  if (!approval) throw new Error(`no approval ${id} whose turn it could be`);
  const buttons = [statusButton(id, `Open ${id}`)];
  const status = shownStatus(approval, run, now);
  const name = nameOf(run);
  if (status !== 'pending') return noticeCard({ message: `${id}, ${name}, is ${status}`, buttons });
  const { steps = [] } = decidingSteps(approval);
  const done = steps.filter(({ state }) => state === 'done').map(({ group }) => group);
  const reply = noticeCard({
    message: `${name} waits for ${whoDecides(approval, now)} now`,
    details: [
      ...(done.length === 0 ? [] : [`${list(done, 4)} approved ${id}, which expires on ${due(approval.expiresAt)}.`]),
      standing(approval),
      ...blockedWords(run, approval),
    ],
    buttons,
    next: [call('approve', { request: id }), call('approvals', { mine: true })],
  });
  const leading = { ...reply, leadsTo: requestOf(approval) };
  return mentions(leading, decidersOf(approval, run, { delegations: await reads.delegations(now), now }));
}

/** Where it is decided. */
const requestOf = ({ id, sharedCard }: Approval) =>
  ({ topic: sharedCard ?? `approval:${id}`, title: 'Go to the request' }) as const;

function nameOf(run: PublishRun | ChangeRun): string {
  return run.kind === 'change'
    ? `${run.plan.verb} ${run.plan.target}`
    : `${run.subject} ${versionOf(run) ?? ''}`.trim();
}

function standing(approval: Approval): string {
  const { groupName, quorum, at } = turnOf(approval);
  const own = approversFor(approval.decisions, at);
  const approved = approval.decisions.filter(({ oid }) => own.has(oid)).map(({ name }) => name);
  if (approved.length === 0) return quorum === 1 ? 'Nobody has decided.' : `Nobody has decided; it takes ${quorum}.`;
  return `${list(approved, 4)} approved; it takes ${quorum} of ${groupName}.`;
}

/** Who else may decide by now, and who will. */
function escalated(approval: Approval, now: Date): readonly string[] {
  const { escalation } = approval.rule;
  const { groupName } = turnOf(approval);
  const at = escalatesAt(approval);
  if (!escalation || !at) return [];
  return at <= now
    ? [`${whoDecides(approval, now)} may decide now; it is asked in ${escalation.channel} too.`]
    : [`From ${due(at)} on, ${escalation.groupName} may decide as well as ${groupName}.`];
}
