import { z } from 'zod';
import { versionTags } from '../../core/images';
import { changeVersion, planArgs } from '../changes';
import { defineCommand, imageRef, textArg } from '../conversation';

/** `restore <ref>`: lets a revoked version be latest again, once those who approve its image agree. */
export const restore = defineCommand({
  verb: 'restore',
  summary: 'Offers a revoked version again, once an approver agrees; shows first who would take it.',
  group: 'Publish',
  role: 'admin',
  effect: 'write',
  args: z.object({
    ref: imageRef,
    reason: textArg('Reason', { example: 'the fix is in its packages' }).optional(),
    ...planArgs,
  }),
  examples: ['restore ubuntu-22@1.5.0', 'restore ubuntu-22@1.5.0 --reason "it was another image"'],

  run: (ctx, asked, deps) =>
    changeVersion(
      ctx,
      {
        ...asked,
        verb: 'restore',
        problem: ({ version, tags }) =>
          tags[versionTags.state] === 'revoked' ? undefined : `${version} is not revoked: there is nothing to restore.`,
      },
      deps,
    ),
});
