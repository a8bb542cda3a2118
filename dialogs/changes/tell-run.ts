import type { ChangeRun, PublishRun, RequestId } from '../../core/runs';
import { type Answer, type CommandContext, type Deps, runOf } from '../conversation';
import { canCancel, presentChange, presentRun } from '../present';

export interface Tell {
  readonly request: RequestId;
  readonly kind: 'cancel' | 'rebuild';
  readonly body: { readonly reason?: string; readonly note?: string };
}

/** Sends a signal to a run and answers with its card. The same signal of a person to the same attempt is one act. */
export async function tellRun(ctx: CommandContext, tell: Tell, deps: Deps): Promise<Answer> {
  const { kind, body } = tell;
  const { id, attempt } = await runOf(tell.request, deps.reads);
  const intent = `${kind}:${id}:${attempt}:${ctx.person.oid}`;
  const { person, via, hash } = ctx;
  const signal = { request: id, kind, person, body, intent, via, ...(hash !== undefined && { hash }) };
  const told = await deps.runs.signal(signal);
  const topic = `run:${told.id}` as const;
  if (told.kind === 'digest') throw new Error(`${told.id} is a digest, and took a ${kind}`);
  if (told.kind === 'change') return { ...presentChange(cancelledChange(told, tell, ctx), { now: ctx.now }), topic };
  const [approval] = await deps.reads.approvalsOfRun(told.id);
  return { ...presentRun(taken(told, tell, ctx), { now: ctx.now, approval }), topic };
}

/**
 * The run as the signal leaves it. It was taken under the run's lock, so that this is what comes next; the run itself
 * moves a moment later, and its live card with it.
 */
function taken(run: PublishRun, { kind, body }: Tell, ctx: CommandContext): PublishRun {
  if (kind === 'cancel') return canCancel(run) ? cancelled(run, body.reason ?? '', ctx.person.name) : run;
  if (run.stage !== 'repair' || run.outcome) return run;
  const { failure: _failure, tests: _tests, template: _template, progress: _progress, ...data } = run.data;
  return { ...run, stage: 'plan', attempt: run.attempt + 1, plan: { ...run.plan, fixed: null }, planHash: null, data };
}

/** The same of a change, which has nothing to clean up. */
function cancelledChange(run: ChangeRun, { body }: Tell, ctx: CommandContext): ChangeRun {
  if (run.outcome) return run;
  const ending = { how: 'cancelled', why: body.reason ?? 'no reason given', by: ctx.person.name } as const;
  return { ...run, outcome: 'cancelled', endedAt: ctx.now, data: { ...run.data, ending } };
}

function cancelled(run: PublishRun, why: string, by: string): PublishRun {
  return { ...run, data: { ...run.data, ending: { outcome: 'cancelled', why, by } } };
}
