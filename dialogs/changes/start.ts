import { noticeCard, statusButton } from '../../cards';
import { type ChangePlan, type ChangeRun, changeHash, changeSubject } from '../../core/runs';
import type { Answer, CommandContext, Deps } from '../conversation';
import { presentChange, requesterOf, whatOf } from '../present';

/** Starts the change, or joins the one of the same thing that goes on already; answers with its card at once. */
export async function startChange(ctx: CommandContext, plan: ChangePlan, deps: Deps): Promise<Answer> {
  const { conversation } = ctx;
  const { run, joined } = await deps.runs.startOrJoin({
    kind: 'change',
    subject: changeSubject(plan),
    plan,
    person: ctx.person,
    intent: `${plan.verb}:${ctx.intent}`,
    card: { conversationId: conversation.id, ...(conversation.threadId && { threadId: conversation.threadId }) },
  });
  if (joined) return joinedAnswer(run, plan);
  return { ...presentChange(run, { now: ctx.now }), topic: `run:${run.id}` };
}

function joinedAnswer(run: ChangeRun, plan: ChangePlan): Answer {
  const same = changeHash(run.plan) === changeHash(plan);
  const going = `${requesterOf(run)} asked to ${run.plan.verb} ${run.plan.target} ${whatOf(run.plan)}, and that goes on.`;
  return noticeCard({
    message: same ? `You joined ${run.id}` : `${run.id} changes ${run.plan.target} already`,
    details: [
      going,
      same
        ? 'You follow it, and because you take part you cannot decide about it.'
        : `What you asked for was not started: send it again when ${run.id} is over.`,
    ],
    buttons: [statusButton(run.id)],
  });
}
