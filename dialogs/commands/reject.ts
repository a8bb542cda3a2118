import { z } from 'zod';
import { decide, mayNotDecide } from '../changes';
import { changeNumber, defineCommand, requestId, textArg } from '../conversation';

/** `reject <request> --reason`: sends a candidate back to repair, or ends a change; the reason goes with it. */
export const reject = defineCommand({
  verb: 'reject',
  summary: 'Sends a candidate back to repair, or ends a change, with the reason.',
  group: 'Decide',
  role: 'approver',
  effect: 'write',
  pace: 'decision',
  hash: 'always',
  args: z.object({
    request: requestId,
    reason: textArg('Reason'),
    /** Cards of earlier versions have an input for it, and it goes with both buttons. */
    change: changeNumber.meta({ hidden: true }).optional(),
  }),
  destructive: true,
  examples: ['reject R-9WXB4 --reason "wait for the openssl fix"'],
  refusal: mayNotDecide('reject'),

  async run(ctx, { request, reason }, deps) {
    return decide(ctx, { request, verdict: 'reject', reason, changeNumber: undefined }, deps);
  },
});
