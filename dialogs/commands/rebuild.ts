import { z } from 'zod';
import { tellRun } from '../changes';
import { defineCommand, requestId, textArg } from '../conversation';

/** `rebuild <request>`: the next attempt of a run that needs repair, under the next number. */
export const rebuild = defineCommand({
  verb: 'rebuild',
  summary: 'Starts the next attempt of a run that needs repair.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  hash: 'planned',
  args: z.object({
    request: requestId,
    note: textArg('What was fixed').optional(),
    /** A card's inputs go with each of its buttons; this one is the reason for Cancel. */
    reason: textArg('Reason', { hidden: true }).optional(),
  }),
  examples: ['rebuild R-7F3KQ', 'rebuild R-7F3KQ --note "sshd_config mended"'],

  async run(ctx, { request, note }, deps) {
    return tellRun(ctx, { request, kind: 'rebuild', body: note === undefined ? {} : { note } }, deps);
  },
});
