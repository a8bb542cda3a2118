import { z } from 'zod';
import { defineCommand, requestId, textArg } from '../conversation';
import { presentApprovalOf } from '../present';

/** `withdraw <request>`: takes an approval request back; only people who are part of the run may. */
export const withdraw = defineCommand({
  verb: 'withdraw',
  summary: 'Withdraws your approval request.',
  group: 'Decide',
  role: 'publisher',
  effect: 'write',
  args: z.object({ request: requestId, reason: textArg('Reason').optional() }),
  examples: ['withdraw R-9WXB4', 'withdraw R-9WXB4 --reason "found a better base"'],

  async run(ctx, { request, reason }, deps) {
    const { approval, run } = await deps.runs.withdraw({
      request,
      person: ctx.person,
      intent: `withdraw:${request}:${ctx.person.oid}:${ctx.intent}`,
      ...(reason !== undefined && { reason }),
    });
    return { ...presentApprovalOf(approval, run, ctx.now), topic: `approval:${approval.id}` };
  },
});
