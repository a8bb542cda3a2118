import { z } from 'zod';
import type { GalleryVersion } from '../../core/azure';
import { isCandidate, whyCandidate } from '../../core/images';
import { keptMs } from '../../core/lifecycle';
import { dayOf, days } from '../../core/time';
import {
  changeVersion,
  familyArgs,
  laterArgs,
  type Prepared,
  planArgs,
  refuse,
  secondArgs,
  type VersionNamed,
} from '../changes';
import { type Deps, defineCommand, imageRef, textArg } from '../conversation';
import { pricesOf, savingWords } from '../present';

/** `retire <ref> --reason`: takes a version out of latest, then deletes it, once those who approve its image agree. */
export const retire = defineCommand({
  verb: 'retire',
  summary: 'Deletes a version, once an approver agrees; shows first who uses it and whether there is a way back.',
  group: 'Publish',
  role: 'admin',
  effect: 'write',
  destructive: true,
  args: z.object({
    ref: imageRef,
    reason: textArg('Reason', { example: 'nobody runs it any more' }),
    ...laterArgs,
    ...familyArgs,
    ...secondArgs,
    ...planArgs,
  }),
  examples: [
    'retire ubuntu-22@1.3.0 --reason "nobody runs it any more"',
    'retire ubuntu-22@1.3.0 --at 2027-01-04 --reason "the freeze is over by then"',
  ],

  run: (ctx, asked, deps) =>
    changeVersion(
      ctx,
      {
        ...asked,
        verb: 'retire',
        problem: ({ version }) =>
          version && isCandidate(version) ? `${version.version} ${whyCandidate(version)}.` : undefined,
        prepare: (named) => prepare(named, ctx.now, deps),
      },
      deps,
    ),
});

/** What the gallery and the version themselves say about being deleted. */
async function prepare({ image, gallery, version }: VersionNamed, now: Date, { read }: Deps): Promise<Prepared> {
  const [keeps, prices] = await Promise.all([read.keepsDeleted(gallery), pricesOf({ read })]);
  if (keeps && version?.provisioningState === 'Failed') {
    refuse(
      image,
      `${version.version} failed to be made, and a gallery that keeps what is deleted does not delete such.`,
    );
  }
  const saves = version && savingWords(version, keeps, prices);
  const lifts = version && blockedUntil(version, now);
  const back = keeps
    ? `The gallery keeps it for ${keptMs / days(1)} days: until then it can be restored, and anyone who names its number can deploy it.`
    : 'None: the gallery keeps nothing that is deleted.';
  return {
    plan: { keeps, ...(lifts && { lifts: lifts.toISOString() }) },
    more: [
      { title: 'Way back', value: back },
      ...(saves === undefined ? [] : [{ title: 'Saves', value: saves }]),
      ...(lifts
        ? [{ title: 'Block', value: `It says that it may not be deleted before ${dayOf(lifts)}: that is lifted.` }]
        : []),
    ],
  };
}

function blockedUntil({ endOfLife, blockDeletionBeforeEndOfLife }: GalleryVersion, now: Date): Date | undefined {
  return blockDeletionBeforeEndOfLife && endOfLife && endOfLife > now ? endOfLife : undefined;
}
