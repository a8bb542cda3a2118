import { z } from 'zod';
import { accessArgs, changeAccess } from '../changes';
import { defineCommand } from '../conversation';

/** `ungrant <group> view|create|delete <image>`: takes back what `grant` gave, and nothing else. */
export const ungrant = defineCommand({
  verb: 'ungrant',
  summary: 'Takes back a right to an image that goldbot gave a group, once an admin approves.',
  group: 'Publish',
  role: 'admin',
  effect: 'write',
  args: z.object(accessArgs),
  examples: ['ungrant payments-owners view ubuntu-22 --reason "the trial is over"'],

  run: (ctx, asked, deps) => changeAccess(ctx, { ...asked, verb: 'ungrant' }, deps),
});
