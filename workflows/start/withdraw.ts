import type { Approval, Run } from '../../core/runs';
import { bumpTopics, closePending, insertSignal, takeIntent } from '../../store';
import { approvalOf } from './approval-of';
import { type ControlDeps, checkTakes } from './deps';
import { closed, notActor } from './refusals';
import { settle } from './signal';
import type { WithdrawRequest } from './types';

export function withdraw(deps: ControlDeps, request: WithdrawRequest): Promise<{ approval: Approval; run: Run }> {
  const { person, reason, intent } = request;
  return deps.database.transaction(async (tx) => {
    const before = await takeIntent(tx, intent);
    const { run, approval } = await approvalOf(tx, request.request, { clock: deps.clock, lock: true });
    const now = deps.clock.now();
    if (before) return { approval, run };
    if (approval.status !== 'pending') throw closed(approval, run);
    if (!run.actors.some((actor) => actor.oid === person.oid)) throw notActor(approval, run);
    checkTakes(deps, run, 'withdraw');
    await closePending(tx, run.id, { status: 'withdrawn', at: now, by: person.name });
    const body = { approval: approval.id, ...(reason && { reason }) };
    await insertSignal(tx, run.id, { kind: 'withdraw', by: person, body, at: now });
    await bumpTopics(tx, [`run:${run.id}`, `approval:${approval.id}`]);
    const record = {
      at: now,
      who: person,
      subject: run.subject,
      runId: run.id,
      action: 'withdraw',
      request: approval.id,
    };
    const after = await settle(tx, request, run, [{ ...record, detail: { reason } }]);
    return { approval: { ...approval, status: 'withdrawn' }, run: after };
  });
}
