import { z } from 'zod';
import { versionTags } from '../../core/images';
import { changeVersion, planArgs } from '../changes';
import { defineCommand, imageRef, textArg } from '../conversation';

/** `restore <ref>`: offers a revoked version again, or one that the gallery keeps, once those who approve its image agree. */
export const restore = defineCommand({
  verb: 'restore',
  summary: 'Offers a revoked or deleted version again, once an approver agrees; shows first who would take it.',
  group: 'Publish',
  role: 'admin',
  effect: 'write',
  args: z.object({
    ref: imageRef,
    reason: textArg('Reason', { example: 'it was another image' }).optional(),
    ...planArgs,
  }),
  examples: ['restore ubuntu-22@1.5.0', 'restore ubuntu-22@1.5.0 --reason "it was another image"'],

  run: (ctx, asked, deps) =>
    changeVersion(
      ctx,
      {
        ...asked,
        verb: 'restore',
        problem: ({ version }) =>
          version && !['revoked', 'retired'].includes(version.tags[versionTags.state] ?? '')
            ? `${version.version} is not revoked: there is nothing to restore.`
            : undefined,
      },
      deps,
    ),
});
