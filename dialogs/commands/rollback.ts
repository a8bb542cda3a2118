import { z } from 'zod';
import type { GalleryVersion } from '../../core/azure';
import type { ImageConfig } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { compareVersions, isCandidate } from '../../core/images';
import { isShown, offeredAbove } from '../../core/lifecycle';
import { planArgs, planOrStart, refuse } from '../changes';
import { defineCommand, imageName, textArg, versionWord } from '../conversation';
import { imageOf, needVersion, versionsOf } from '../present';

/** `rollback <image> --reason`: takes what is above a good version out of latest, once those who approve the image agree. */
export const rollback = defineCommand({
  verb: 'rollback',
  summary: 'Goes back to a version by taking the higher ones out of latest, once an approver agrees.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  programs: true,
  destructive: true,
  args: z.object({
    image: imageName,
    to: versionWord.optional(),
    reason: textArg('Reason', { example: 'openssl regression' }),
    ...planArgs,
  }),
  examples: [
    'rollback ubuntu-22 --reason "openssl regression"',
    'rollback ubuntu-22 --to 1.4.1 --reason "openssl regression"',
  ],

  async run(ctx, asked, deps) {
    const { reason } = asked;
    const { image, ref: gallery } = imageOf(deps.catalogue(), asked.image);
    const all = await versionsOf(image, deps);
    const to = goodOf(all, asked.to, image).version;
    const versions = offeredAbove(all, to).map(({ version }) => version);
    refuse(image, versions.length === 0 ? `Nothing above ${to} is offered: it is the latest already.` : undefined);
    const base = {
      ...{ verb: 'rollback' as const, image: image.name, gallery, versions, to, target: `${image.name} to ${to}` },
      ...{ team: null, reason },
    };
    const values = { image: image.name, to, reason };
    const more = [{ title: 'Out of latest', value: versions.join(', ') }];
    return planOrStart(ctx, { ...asked, verb: 'rollback', image, all, values, base, more }, deps);
  },
});

/** @throws UserError when there is none to go back to. */
function goodOf(all: readonly GalleryVersion[], to: string | undefined, image: ImageConfig): GalleryVersion {
  const good = to === undefined ? oneBack(all, image) : needVersion(all, to, image);
  if (isShown(good)) return good;
  const { version } = good;
  const ref = `${image.name}@${version}`;
  refuse(image, isCandidate(good) ? `${version} was never published.` : undefined);
  refuse(image, `${version} is not offered itself: promote it first.`, [call('promote', { ref })]);
  return good;
}

/** The second highest that is offered. */
function oneBack(all: readonly GalleryVersion[], image: ImageConfig): GalleryVersion {
  const [latest, before] = all.filter(isShown).sort((a, b) => compareVersions(b.version, a.version));
  const why = latest ? `${latest.version} is the only one offered` : `No version of ${image.name} is offered`;
  refuse(image, before ? undefined : `${why}: there is none to go back to.`);
  return before as GalleryVersion;
}
