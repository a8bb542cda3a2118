import { z } from 'zod';
import { approveTogether } from '../changes';
import { defineCommand, list } from '../conversation';
import { approve } from './approve';

/**
 * `approve-all <requests>`: what the button of a card does on which the requests of a schedule stand. Each is decided for
 * itself, by the rules of `approve`; those that somebody should look at are left alone.
 */
export const approveAll = defineCommand({
  verb: 'approve-all',
  summary: 'Approves several unremarkable requests of schedules, each for itself.',
  group: 'Decide',
  role: 'approver',
  effect: 'write',
  pace: 'decision',
  hash: 'always',
  args: z.object({
    requests: list('Requests', 'R-XXXXX,R-XXXXX', {
      example: 'R-9WXB4,R-3JJQ7',
      takes: 'ids such as R-9WXB4 with commas between them',
    }),
  }),
  examples: ['approve-all R-9WXB4,R-3JJQ7'],

  async run(ctx, { requests }, deps) {
    return approveTogether(ctx, requests, { approve, deps });
  },
});
