import { z } from 'zod';
import { count as counted, noticeCard } from '../../cards';
import type { ImageConfig } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { keptMs, readUsers, retention as retentionOf, retentionReason, withCopies } from '../../core/lifecycle';
import { days } from '../../core/time';
import { planArgs, planOrStart } from '../changes';
import { type Answer, count, defineCommand, imageName } from '../conversation';
import { imageOf, versionsOf } from '../present';

type Retention = ReturnType<typeof retentionOf>;

/** `retention <image> [--keep n]`: what is beyond the newest versions, and the retirement of what nobody uses of it. */
export const retention = defineCommand({
  verb: 'retention',
  summary: 'Shows which versions are beyond those that an image keeps, and asks to retire those that nobody uses.',
  group: 'Publish',
  role: 'admin',
  effect: 'write',
  args: z.object({
    image: imageName,
    keep: count('How many of the highest versions stay; as the catalogue says when absent', 100, {
      example: '4',
    }).optional(),
    ...planArgs,
  }),
  examples: ['retention ubuntu-22', 'retention ubuntu-22 --keep 2'],

  async run(ctx, asked, deps) {
    const { image, ref: gallery } = imageOf(deps.catalogue(), asked.image);
    const { keep = image.keep } = asked;
    const [all, users, keeps] = await Promise.all([
      versionsOf(image, deps).then((listed) => withCopies(deps.read, gallery, listed)),
      readUsers(deps.read, deps.catalogue(), image),
      deps.read.keepsDeleted(gallery),
    ]);
    const found = retentionOf({ all, users, now: ctx.now }, keep);
    const { goes } = found;
    if (goes.length === 0) return nothingGoes(image, keep, found);
    const base = {
      ...{ verb: 'retire' as const, image: image.name, gallery, versions: goes, team: null, keeps },
      ...{ target: `${image.name} ${goes.join(', ')}`, reason: retentionReason(image.name, keep, found) },
      unused: true as const,
    };
    const back = keeps
      ? `The gallery keeps them for ${keptMs / days(1)} days: until then they can be restored.`
      : 'None: the gallery keeps nothing that is deleted.';
    const more = [
      { title: 'Kept', value: found.kept.join(', ') },
      ...(found.stays.length === 0 ? [] : [{ title: 'Stay as well', value: staysWords(found) }]),
      { title: 'Way back', value: back },
    ];
    const values = { image: image.name, keep };
    const meant = { ...asked, verb: 'retire' as const, command: 'retention' as const };
    return planOrStart(ctx, { ...meant, image, all, values, base, more }, deps);
  },
});

const staysWords = ({ stays }: Retention): string => stays.map(({ version, why }) => `${version} (${why})`).join('; ');

function nothingGoes({ name }: ImageConfig, keep: number, { kept, stays }: Retention): Answer {
  return noticeCard({
    message:
      stays.length === 0
        ? `${name} has ${counted(kept.length, 'published version')}, and keeps ${keep}: none is beyond them`
        : `Nothing of ${name} can go: what is beyond the ${keep === 1 ? 'highest' : `highest ${keep}`} stays`,
    details: [
      ...stays.slice(0, 6).map(({ version, why }) => `${version} stays: ${why}.`),
      ...(stays.length > 6 ? [`… and ${stays.length - 6} more.`] : []),
    ],
    next: [
      call('versions', { image: name }),
      ...(keep > 1 ? [call('retention', { image: name, keep: keep - 1 })] : []),
    ],
  });
}
