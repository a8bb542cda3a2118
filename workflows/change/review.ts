import type { Approval, ChangePlan } from '../../core/runs';
import { isVersionPlan } from '../../core/runs';
import { days } from '../../core/time';
import { again } from '../engine';
import type { ChangeStageDefinition, ChangeStep } from './stages';

/**
 * Glass that was broken is reviewed by somebody who took no part, and cannot be forgotten: the run stays open, and asks in
 * the channel of the approvers after a day and every day from then on.
 */

/** World time after which it is asked for, and again. */
const everyMs = days(1);

export const review: ChangeStageDefinition = {
  name: 'review',
  limit: {
    waitsFor: 'somebody who took no part to review what was broken',
    ms: days(365),
    afterwards: 'The run ends, and its audit says that nobody reviewed it.',
    past: async () => ({ kind: 'to', stage: 'close', why: 'nobody reviewed it in a year' }),
  },
  takes: ['review'],
  waits: true,
  run: async ({ run, inbox, approval, now }) => {
    const { asks = 0 } = run.data.review ?? {};
    const said = inbox.find(({ kind, by }) => kind === 'review' && !tookPart(run.actors, approval, by.oid));
    if (said) {
      const done = { asks, by: said.by, said: said.body.reason ?? '', at: said.at.toISOString() };
      return { kind: 'to', stage: 'close', data: { review: done } };
    }
    const since = run.inStage?.since ?? now;
    const nextMs = since.getTime() + (asks + 1) * everyMs - now.getTime();
    if (nextMs > 0) return again(nextMs);
    const channel = run.plan.approval?.channel;
    const step: ChangeStep = again(everyMs, { review: { asks: asks + 1 } });
    return channel === undefined
      ? step
      : { ...step, cards: [{ topic: `news:${run.id}:review-${asks + 1}`, channel, kind: 'news' }] };
  },
};

function tookPart(
  actors: readonly { readonly oid: string }[],
  approval: Pick<Approval, 'decisions'> | undefined,
  oid: string,
): boolean {
  return [...actors, ...(approval?.decisions ?? [])].some((one) => one.oid === oid);
}

/** Whether it ends by a review: once it may have changed something, however it ended. */
export function needsReview(plan: ChangePlan, data: { readonly begunAt?: string }): boolean {
  return isVersionPlan(plan) && plan.breakGlass === true && data.begunAt !== undefined;
}
