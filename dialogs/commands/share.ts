import { z } from 'zod';
import { shareArgs, shareGallery } from '../changes';
import { choice, defineCommand, word } from '../conversation';

/** `share <image> subscription|tenant <id> --until`: Azure shares the image's gallery directly, once an admin agrees. */
export const share = defineCommand({
  verb: 'share',
  summary: 'Shares the gallery of an image with a subscription or tenant, once an admin approves.',
  group: 'Publish',
  role: 'admin',
  effect: 'write',
  args: z.object({
    ...shareArgs,
    with: choice('With whom', ['subscription', 'tenant', 'community']),
    until: word('Until, such as +3mo or 2027-03-01', 'when', { example: '+3mo', pick: 'day' }).optional(),
  }),
  examples: [
    'share ubuntu-22 subscription 1c0d3f7a-0000-4000-8000-000000000001 --until +3mo --reason "trial"',
    'share jammy tenant 2f4a9838-26b7-47ee-be60-ccc1fdec5953 --until 2027-03-01 --reason "our subsidiary"',
  ],

  run: (ctx, asked, deps) => shareGallery(ctx, asked, deps),
});
