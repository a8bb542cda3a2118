import { z } from 'zod';
import { changeByRollout, rolloutArgs } from '../changes';
import { defineCommand } from '../conversation';

/** `rollout <image> [version] --team`: brings a team's scale sets to a version, batch by batch, once its owners agree. */
export const rollout = defineCommand({
  verb: 'rollout',
  summary:
    "Brings a team's scale sets to a version, batch by batch, once its owners agree; shows first who would move.",
  group: 'Comply',
  role: 'owner',
  effect: 'write',
  destructive: true,
  args: z.object(rolloutArgs),
  examples: [
    'rollout ubuntu-22 --team payments',
    'rollout ubuntu-22 1.5.0 --team data --window "sat 22:00 to sun 04:00"',
  ],

  run: changeByRollout,
});
