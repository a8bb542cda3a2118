import { call, type Values } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { parseRequestId, type RequestId, type Run, type Verdict } from '../../core/runs';
import type { Answer, CommandContext, Deps } from '../conversation';
import { presentAsking } from '../present';

/** A truer reason than a missing role: nobody decides about a run that they are part of, nor on a made-up card. */
export function mayNotDecide(verb: Verdict): (ctx: CommandContext, run: Run, values: Values) => UserError | undefined {
  return (ctx, run, values) => {
    const actor = run.actors.find((a) => a.oid === ctx.person.oid);
    if (!actor || run.endedAt) return wrongPlace(ctx, parseRequestId(String(values['request'])), verb);
    return new UserError('APPROVAL_OWN', `You cannot ${verb} ${run.id}: you ${actor.did} it, ${ctx.person.name}.`, {
      hint: 'Ask another approver; they find it in the list of approvals.',
      next: [call('approvals')],
      facts: run.kind === 'change' ? { change: `${run.plan.verb} ${run.plan.target}` } : { image: run.subject },
    });
  };
}

/** A button decides only on the card that goldbot posted for it; typed commands work everywhere. */
function wrongPlace(ctx: CommandContext, request: RequestId | undefined, verb: Verdict): UserError | undefined {
  if (request === undefined || ctx.via === 'text' || ctx.clicked === undefined || ctx.clicked === `approval:${request}`)
    return undefined;
  return new UserError('WRONG_PLACE', `This card is not the one that asks for ${request}; nothing was decided.`, {
    hint: 'Use the card in the approval channel, or type the command.',
    next: [verb === 'approve' ? call(verb, { request }) : call(verb, { request }, 'reason')],
  });
}

export interface Decision {
  readonly request: RequestId;
  readonly verdict: Verdict;
  readonly reason: string | undefined;
}

/** Approves or rejects, and answers with what is true afterwards. */
export async function decide(ctx: CommandContext, decision: Decision, deps: Deps): Promise<Answer> {
  const { request, verdict, reason } = decision;
  const result = await deps.runs.decide({
    request,
    person: ctx.person,
    verdict,
    via: ctx.via,
    intent: `${verdict}:${request}:${ctx.person.oid}:${ctx.hash ?? ctx.intent}`,
    ...(ctx.hash !== undefined && { hash: ctx.hash }),
    ...(reason !== undefined && { reason }),
  });
  const { approval } = result;
  return { ...presentAsking(approval, result.run, ctx.now), topic: `approval:${approval.id}` };
}
