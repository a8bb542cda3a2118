import { z } from 'zod';
import { askForNumber, decide, mayNotDecide } from '../changes';
import { changeNumber, defineCommand, requestId, textArg } from '../conversation';

/**
 * `approve <request>`: lets a tested candidate be published, or a change be made for a team. Typed or clicked, with the
 * same rules; a change's request names who decides on it, whatever their role.
 */
export const approve = defineCommand({
  verb: 'approve',
  summary: 'Approves a tested candidate, or a change for a team.',
  group: 'Decide',
  role: 'approver',
  effect: 'write',
  pace: 'decision',
  hash: 'always',
  args: z.object({
    request: requestId,
    note: textArg('Note').optional(),
    change: changeNumber.optional(),
    /** Cards of earlier versions have one input for both buttons. */
    reason: textArg('Reason', { hidden: true }).optional(),
  }),
  examples: [
    'approve R-9WXB4',
    'approve R-9WXB4 --note "checked with security"',
    'approve R-9WXB4 --change CHG0031234',
  ],
  refusal: mayNotDecide('approve'),

  async run(ctx, { request, note, reason, change }, deps) {
    const asked = change === undefined ? await askForNumber(ctx, request, deps) : undefined;
    if (asked) return asked;
    return decide(ctx, { request, verdict: 'approve', reason: note ?? reason, changeNumber: change }, deps);
  },
});
