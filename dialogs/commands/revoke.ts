import { z } from 'zod';
import { isCandidate, versionTags, whyCandidate } from '../../core/images';
import { changeVersion, familyArgs, laterArgs, planArgs, secondArgs } from '../changes';
import { defineCommand, imageRef, textArg } from '../conversation';

/** `revoke <ref> --reason`: takes a version out of latest in every region, once those who approve its image agree. */
export const revoke = defineCommand({
  verb: 'revoke',
  summary: 'Takes a version out of latest in every region, once an approver agrees; shows first who would be affected.',
  group: 'Publish',
  role: 'admin',
  effect: 'write',
  destructive: true,
  args: z.object({
    ref: imageRef,
    reason: textArg('Reason', { example: 'openssl regression' }),
    ...laterArgs,
    ...familyArgs,
    ...secondArgs,
    ...planArgs,
  }),
  examples: [
    'revoke ubuntu-22@1.5.0 --reason "openssl regression"',
    'revoke ubuntu-22@1.5.0 --second --reason "openssl regression"',
    'revoke jammy@latest --reason "openssl regression"',
  ],

  run: (ctx, asked, deps) =>
    changeVersion(
      ctx,
      {
        ...asked,
        verb: 'revoke',
        problem: ({ version }) => {
          if (!version) return undefined;
          if (isCandidate(version)) return `${version.version} ${whyCandidate(version)}.`;
          const { excludedFromLatest, tags } = version;
          const isSo = excludedFromLatest && tags[versionTags.state] === 'revoked';
          return isSo ? `${version.version} is revoked already.` : undefined;
        },
      },
      deps,
    ),
});
