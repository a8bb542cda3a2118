import { z } from 'zod';
import { accessArgs, changeAccess } from '../changes';
import { defineCommand, word } from '../conversation';

/** `grant <group> view|create|delete <image> --until`: a role on the image's definition, once an admin agrees. */
export const grant = defineCommand({
  verb: 'grant',
  summary: 'Gives a security group the right to view, create or delete versions of an image, once an admin approves.',
  group: 'Publish',
  role: 'admin',
  effect: 'write',
  args: z.object({
    ...accessArgs,
    until: word('Until, such as +3mo or 2027-03-01', 'when', { example: '+3mo', pick: 'day' }).optional(),
  }),
  examples: [
    'grant payments-owners view ubuntu-22 --until +3mo --reason "trial"',
    'grant image-engineers create jammy --reason "they build it too"',
  ],

  run: (ctx, asked, deps) => changeAccess(ctx, { ...asked, verb: 'grant' }, deps),
});
