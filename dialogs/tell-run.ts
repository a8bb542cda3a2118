import type { RequestId } from '../core/ids';
import type { Answer, CommandContext, Deps } from './define';
import { asPublish, presentRun } from './present/run';
import { runOf } from './resolve';

export interface Tell {
  readonly request: RequestId;
  readonly kind: 'cancel' | 'rebuild';
  readonly body: { readonly reason?: string; readonly note?: string };
}

/** Sends a signal to a run and answers with its card. The same signal of a person to the same attempt is one act. */
export async function tellRun(ctx: CommandContext, { request, kind, body }: Tell, deps: Deps): Promise<Answer> {
  const { id, attempt } = await runOf(request, deps.reads);
  const intent = `${kind}:${id}:${attempt}:${ctx.person.oid}`;
  const run = asPublish(await deps.runs.signal({ request: id, kind, person: ctx.person, body, intent }));
  const [approval] = await deps.reads.approvalsOfRun(run.id);
  return { ...presentRun(run, { now: ctx.now, approval }), topic: `run:${run.id}` };
}
