import { z } from 'zod';
import { defineCommand, flag, imageName, seesRun } from '../conversation';
import { presentRuns } from '../present';

/** `runs [image]`: what was asked for recently, newest first. */
export const runs = defineCommand({
  verb: 'runs',
  summary: 'Lists recent runs, newest first.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  pace: 'look',
  args: z.object({ image: imageName.optional(), failed: flag('Only those that did not publish') }),
  examples: ['runs', 'runs ubuntu-22', 'runs ubuntu-22 --failed'],

  async run(ctx, { image, failed }, deps) {
    const found = await deps.reads.runs({ ...(image !== undefined && { image }), failed, limit: 50 });
    const mine = found.filter((run) => seesRun(ctx, run));
    const of = image === undefined ? '' : ` of ${image}`;
    const title = failed ? `Runs${of} that did not publish` : `Runs${of}`;
    return presentRuns(mine, { title, none: 'There are none yet', now: ctx.now });
  },
});
