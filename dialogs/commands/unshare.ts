import { z } from 'zod';
import { shareArgs, unshareGallery } from '../changes';
import { choice, count, defineCommand } from '../conversation';

/** `unshare <image> subscription|tenant <id>`, or `everybody`, which is Azure's reset and cannot be undone. */
export const unshare = defineCommand({
  verb: 'unshare',
  summary: 'Takes the gallery of an image back from a subscription, a tenant or everybody, once an admin approves.',
  group: 'Publish',
  role: 'admin',
  effect: 'write',
  args: z.object({
    ...shareArgs,
    with: choice('From whom', ['subscription', 'tenant', 'everybody']),
    losing: count('How many lose it, where the plan asks you to type it', 1_000, {
      example: '3',
      form: false,
    }).optional(),
  }),
  examples: [
    'unshare ubuntu-22 subscription 1c0d3f7a-0000-4000-8000-000000000001 --reason "the trial is over"',
    'unshare ubuntu-22 everybody',
  ],

  run: (ctx, asked, deps) => unshareGallery(ctx, asked, deps),
});
