import { z } from 'zod';
import { tellRun } from '../changes';
import { defineCommand, requestId, textArg } from '../conversation';

/** `cancel <request> --reason`: ends a run before it publishes; what it made is deleted. */
export const cancel = defineCommand({
  verb: 'cancel',
  summary: 'Ends a run before it publishes, and deletes what it created.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  pace: 'decision',
  programs: true,
  hash: 'planned',
  args: z.object({
    request: requestId,
    reason: textArg('Reason'),
    /** A card's inputs go with each of its buttons; this one is the note for Rebuild. */
    note: textArg('Note', { hidden: true }).optional(),
  }),
  destructive: true,
  examples: ['cancel R-7F3KQ --reason "wrong base"'],

  async run(ctx, { request, reason }, deps) {
    return tellRun(ctx, { request, kind: 'cancel', body: { reason } }, deps);
  },
});
