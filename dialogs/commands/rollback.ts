import { z } from 'zod';
import type { GalleryVersion, ImageRef } from '../../core/azure';
import { sameId } from '../../core/azure-id';
import type { ImageConfig } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { compareVersions, highest, isCandidate, isHiddenCopy, nextVersion, versionTags } from '../../core/images';
import { isShown, offeredAbove } from '../../core/lifecycle';
import { parseRequestId } from '../../core/runs';
import { dayOf } from '../../core/time';
import { planArgs, planOrStart, refuse } from '../changes';
import { type CommandContext, type Deps, defineCommand, flag, imageName, textArg, versionWord } from '../conversation';
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
    forward: flag('As a copy under a new number, to which Azure upgrades scale sets by itself'),
    reason: textArg('Reason', { example: 'openssl regression' }),
    ...planArgs,
  }),
  examples: [
    'rollback ubuntu-22 --reason "openssl regression"',
    'rollback ubuntu-22 --to 1.4.1 --reason "openssl regression"',
    'rollback ubuntu-22 --forward --reason "openssl regression"',
  ],

  async run(ctx, asked, deps) {
    const { reason } = asked;
    const { image, ref: gallery } = imageOf(deps.catalogue(), asked.image);
    const all = await versionsOf(image, deps);
    const good = goodOf(all, asked, image);
    const to = good.version;
    const versions = toHide(all, to, asked.forward);
    refuse(image, versions.length === 0 ? `Nothing above ${to} is offered: it is the latest already.` : undefined);
    const comes = asked.forward ? await comesBackAs(good, { all, image, gallery }, ctx, deps) : undefined;
    const forward = comes && { forward: comes.number };
    const base = {
      ...{
        verb: 'rollback' as const,
        image: image.name,
        gallery,
        versions,
        to,
        ...forward,
        target: `${image.name} to ${to}`,
      },
      ...{ team: null, reason },
    };
    const values = { image: image.name, to, ...(comes && { forward: true }), reason };
    const more = [
      { title: 'Out of latest', value: versions.join(', ') },
      ...(comes ? [{ title: 'Comes back as', value: `${comes.words}, to which ${upgrades}` }] : []),
    ];
    return planOrStart(ctx, { ...asked, verb: 'rollback', image, all, values, base, more }, deps);
  },
});

const upgrades = 'Azure upgrades scale sets with automatic OS upgrades by itself';

/** What stands above it; to come back forward also what was rolled back before, since machines that run it never go down. */
function toHide(all: readonly GalleryVersion[], to: string, forward: boolean): readonly string[] {
  const offered = offeredAbove(all, to);
  const isBack = ({ version, tags }: GalleryVersion) =>
    compareVersions(version, to) > 0 && tags[versionTags.state] === 'rolled-back';
  const hidden = offered.length === 0 && forward ? all.filter(isBack) : offered;
  return hidden.map(({ version }) => version);
}

interface Gallery {
  readonly all: readonly GalleryVersion[];
  readonly image: ImageConfig;
  readonly gallery: ImageRef;
}

interface ComesBack {
  readonly number: string;
  readonly words: string;
}

/** Under the number above every one that anybody has had, since numbers are never reused; or as the copy that has it already. */
async function comesBackAs(
  good: GalleryVersion,
  { all, image, gallery }: Gallery,
  { now }: CommandContext,
  deps: Deps,
): Promise<ComesBack> {
  const { version, endOfLife } = good;
  refuse(
    image,
    endOfLife && endOfLife <= now
      ? `The life of ${version} ended on ${dayOf(endOfLife)}: a copy of it would be past its end as well.`
      : undefined,
  );
  const [kept, taken] = await Promise.all([deps.read.softDeleted(gallery), deps.reads.versionsTaken(image.name)]);
  const top = highest([...all, ...kept].map((one) => one.version).concat(taken));
  const left = await copyLeft(good, { all, gallery, top }, deps);
  if (left) return left;
  const number = nextVersion(top, 'patch');
  refuse(image, number === undefined ? 'There is no number above the highest one.' : undefined);
  return { number: number as string, words: `${number}, a copy of ${version}` };
}

/** A copy of it above all others that a run made and did not show, as long as it is whole. */
async function copyLeft(
  good: GalleryVersion,
  { all, gallery, top }: Pick<Gallery, 'all' | 'gallery'> & { readonly top: string | undefined },
  { read, reads }: Deps,
): Promise<ComesBack | undefined> {
  const found = all.find((one) => one.version === top && isHiddenCopy(one) && sameId(one.source ?? '', good.id));
  const id = parseRequestId(found?.tags[versionTags.copiedBy] ?? '');
  if (!found || !id) return undefined;
  const [whole, run] = await Promise.all([read.version(gallery, found.version), reads.run(id)]);
  const isWhole = whole?.provisioningState !== 'Failed' && whole?.regions.every(({ state }) => state !== 'Failed');
  if (!run?.endedAt || !isWhole) return undefined;
  const { version: number } = found;
  return { number, words: `${number}, the copy of ${good.version} that ${id} made and did not show` };
}

/** @throws UserError when there is none to go back to. */
function goodOf(
  all: readonly GalleryVersion[],
  { to, forward }: { readonly to?: string | undefined; readonly forward: boolean },
  image: ImageConfig,
): GalleryVersion {
  const begun = to === undefined && forward ? halfWay(all) : undefined;
  const good = begun ?? (to === undefined ? oneBack(all, image) : needVersion(all, to, image));
  if (isShown(good)) return good;
  const { version } = good;
  const ref = `${image.name}@${version}`;
  refuse(image, isCandidate(good) ? `${version} was never published.` : undefined);
  refuse(image, `${version} is not offered itself: promote it first.`, [call('promote', { ref })]);
  return good;
}

/** What a run was on the way back to when it ended: the latest, where a copy of it was never shown. */
function halfWay(all: readonly GalleryVersion[]): GalleryVersion | undefined {
  const [latest] = all.filter(isShown).sort((a, b) => compareVersions(b.version, a.version));
  return all.some((one) => isHiddenCopy(one) && sameId(one.source ?? '', latest?.id ?? '')) ? latest : undefined;
}

/** The second highest that is offered. */
function oneBack(all: readonly GalleryVersion[], image: ImageConfig): GalleryVersion {
  const [latest, before] = all.filter(isShown).sort((a, b) => compareVersions(b.version, a.version));
  const why = latest ? `${latest.version} is the only one offered` : `No version of ${image.name} is offered`;
  refuse(image, before ? undefined : `${why}: there is none to go back to.`);
  return before as GalleryVersion;
}
