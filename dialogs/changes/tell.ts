import { formCard } from '../../cards';
import { call, type Values } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { sharedCardOf } from '../../core/requests';
import {
  type ChangeRun,
  lacksOutputs,
  type PublishRun,
  parseRequestId,
  type RequestId,
  type Run,
  type Verdict,
} from '../../core/runs';
import { type Answer, type CommandContext, type Deps, runOf } from '../conversation';
import { canCancel, cancelledChange, presentChange, presentChangeNews, presentRun, renderTopic } from '../present';

/** A truer reason than a missing role: nobody decides on a run that they are part of, or on a made-up card. */
export function mayNotDecide(verb: Verdict): (ctx: CommandContext, run: Run, values: Values) => UserError | undefined {
  return (ctx, run, values) => {
    const actor = run.actors.find((a) => a.oid === ctx.person.oid);
    if (!actor || run.endedAt)
      return wrongPlace(ctx, run, { request: parseRequestId(String(values['request'])), verb });
    return new UserError('APPROVAL_OWN', `You cannot ${verb} ${run.id}: you ${actor.did} it, ${ctx.person.name}.`, {
      hint: 'Ask another approver; they find it in the list of approvals.',
      next: [call('approvals')],
      facts: run.kind === 'change' ? { change: `${run.plan.verb} ${run.plan.target}` } : { image: run.subject },
    });
  };
}

/** A button decides only on the card that goldbot posted for it; typed commands work everywhere. */
function wrongPlace(
  { via, clicked }: CommandContext,
  run: Run,
  { request, verb }: { readonly request: RequestId | undefined; readonly verb: Verdict },
): UserError | undefined {
  if (request === undefined || via === 'text' || clicked === undefined) return undefined;
  const shared = run.kind === 'publish' ? sharedCardOf(run) : undefined;
  if (clicked === `approval:${request}` || (clicked !== null && clicked === shared)) return undefined;
  return new UserError('WRONG_PLACE', `This card is not the one that asks for ${request}; nothing was decided.`, {
    hint: 'Use the card in the approval channel, or type the command.',
    next: [verb === 'approve' ? call(verb, { request }) : call(verb, { request }, 'reason')],
  });
}

export interface Decision {
  readonly request: RequestId;
  readonly verdict: Verdict;
  readonly reason: string | undefined;
  readonly changeNumber: string | undefined;
}

/** After the click, in the place of the card: the number under which it is approved, where one is needed and none stands. */
export async function askForNumber(
  { via, hash }: CommandContext,
  request: RequestId,
  { reads }: Pick<Deps, 'reads'>,
): Promise<Answer | undefined> {
  const approval = via === 'button' ? await reads.approval(request) : undefined;
  if (approval?.status !== 'pending' || approval.rule.changeNumber === undefined || approval.changeNumber !== undefined)
    return undefined;
  const form = formCard({
    call: call('approve', { request }, 'change'),
    ...(hash !== undefined && { hash }),
    title: `Approve ${request}?`,
    message: 'It is approved under the number of a change. Nothing is decided yet.',
    fields: [{ name: 'change', label: 'Change number', kind: 'text', placeholder: 'CHG…' }],
    backTo: request,
  });
  return { ...form, inPlace: true };
}

/** Approves or rejects, and answers with what is true afterwards. */
export async function decide(ctx: CommandContext, decision: Decision, deps: Deps): Promise<Answer> {
  const { request, verdict, reason, changeNumber } = decision;
  const result = await deps.runs.decide({
    request,
    person: ctx.person,
    verdict,
    via: ctx.via,
    intent: `${verdict}:${request}:${ctx.person.oid}:${ctx.hash ?? ctx.intent}`,
    ...(ctx.hash !== undefined && { hash: ctx.hash }),
    ...(reason !== undefined && { reason }),
    ...(changeNumber !== undefined && { changeNumber }),
  });
  const { id, sharedCard } = result.approval;
  const topic = sharedCard !== undefined && sharedCard === ctx.clicked ? sharedCard : (`approval:${id}` as const);
  return { ...(await renderTopic(topic, deps.reads, ctx.now)), topic };
}

export interface Tell {
  readonly request: RequestId;
  readonly kind: 'cancel' | 'rebuild' | 'review';
  readonly body: { readonly reason?: string; readonly note?: string };
}

/** Sends a signal to a run and answers with its card. The same person's repeats for the same attempt are one act. */
export async function tellRun(ctx: CommandContext, tell: Tell, deps: Deps): Promise<Answer> {
  const { kind, body } = tell;
  const before = await runOf(tell.request, deps.reads);
  const { id } = before;
  const intent = `${kind}:${id}:${attemptOf(before)}:${ctx.person.oid}`;
  const { person, via, hash } = ctx;
  const signal = { request: id, kind, person, body, intent, via, ...(hash !== undefined && { hash }) };
  const run = await deps.runs.signal(signal);
  const topic = `run:${run.id}` as const;
  if (run.kind === 'digest') throw new Error(`${run.id} is a digest, and took a ${kind}`);
  if (run.kind === 'change') {
    if (kind === 'review') return reviewAnswer(reviewedChange(run, tell, ctx), ctx);
    const said = { why: body.reason ?? 'no reason given', by: person.name, at: ctx.now };
    return { ...presentChange(cancelledChange(run, said), { now: ctx.now }), topic };
  }
  const [approval] = await deps.reads.approvalsOfRun(run.id);
  return { ...presentRun(taken(run, tell, ctx), { now: ctx.now, approval }), topic };
}

/** Of the run, and of its outputs if those are what needs repair: each is repaired by itself. */
function attemptOf(run: Run): string {
  const outputs = run.kind === 'publish' && lacksOutputs(run) ? `-${run.data.distribution?.attempt ?? 1}` : '';
  return `${run.attempt}${outputs}`;
}

/**
 * The run as the signal leaves it. It was taken under the run's lock, so this is what comes next; the run itself
 * moves a moment later, and its live card with it.
 */
function taken(run: PublishRun, { kind, body }: Tell, ctx: CommandContext): PublishRun {
  if (kind === 'cancel') return canCancel(run) ? cancelled(run, body.reason ?? '', ctx.person.name) : run;
  if (run.stage !== 'repair' || run.outcome) return run;
  if (lacksOutputs(run)) return { ...run, stage: 'distribute' };
  const { failure: _failure, tests: _tests, template: _template, progress: _progress, ...data } = run.data;
  return { ...run, stage: 'plan', attempt: run.attempt + 1, plan: { ...run.plan, fixed: null }, planHash: null, data };
}

/** The message that asked says that it is done, where it was asked; elsewhere the change itself. */
function reviewAnswer(run: ChangeRun, { clicked, now }: CommandContext): Answer {
  const asked = `news:${run.id}:review-` as const;
  if (!clicked?.startsWith(asked)) return { ...presentChange(run, { now }), topic: `run:${run.id}` };
  const word = clicked.slice(`news:${run.id}:`.length);
  return { ...presentChangeNews(run, word), topic: `news:${run.id}:${word}` };
}

function reviewedChange(run: ChangeRun, { body }: Tell, { person, now }: CommandContext): ChangeRun {
  if (run.outcome) return run;
  const { asks = 0 } = run.data.review ?? {};
  const review = { asks, by: person, said: body.reason ?? '', at: now.toISOString() };
  return { ...run, data: { ...run.data, review } };
}

function cancelled(run: PublishRun, why: string, by: string): PublishRun {
  // Its version is published and stays so.
  if (lacksOutputs(run))
    return { ...run, stage: 'cleanup', data: { ...run.data, ending: { outcome: 'published', why, by } } };
  return { ...run, data: { ...run.data, ending: { outcome: 'cancelled', why, by } } };
}
