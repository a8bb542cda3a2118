import { z } from 'zod';
import { planRollout, rolloutArgs } from '../changes';
import { defineCommand } from '../conversation';

/** `rollout <image> [version] --team`: whose machines would come to a version, and how. */
export const rollout = defineCommand({
  verb: 'rollout',
  summary: 'Shows whose machines would come to a version, and how: by goldbot, by Azure or by their owners.',
  group: 'Comply',
  role: 'owner',
  effect: 'read',
  args: z.object(rolloutArgs),
  examples: ['rollout ubuntu-22 --team payments', 'rollout ubuntu-22 1.5.0 --team all'],

  run: planRollout,
});
