import { z } from 'zod';
import { defineCommand, requestId, textArg } from '../conversation';
import { renderTopic } from '../present';

/** `withdraw <request>`: takes an approval request back; only people who are part of the run may. */
export const withdraw = defineCommand({
  verb: 'withdraw',
  summary: 'Withdraws your approval request.',
  group: 'Decide',
  role: 'publisher',
  effect: 'write',
  pace: 'decision',
  programs: true,
  args: z.object({ request: requestId, reason: textArg('Reason').optional() }),
  examples: ['withdraw R-9WXB4', 'withdraw R-9WXB4 --reason "found a better base"'],

  async run(ctx, { request, reason }, deps) {
    const { approval } = await deps.runs.withdraw({
      request,
      person: ctx.person,
      intent: `withdraw:${request}:${ctx.person.oid}:${ctx.intent}`,
      ...(reason !== undefined && { reason }),
    });
    const topic = `approval:${approval.id}` as const;
    return { ...(await renderTopic(topic, deps.reads, ctx.now)), topic };
  },
});
