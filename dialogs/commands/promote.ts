import { z } from 'zod';
import { regionKey } from '../../core/azure-id';
import { whyNotPromote } from '../../core/lifecycle';
import { planArgs, planOrStart, refuse } from '../changes';
import { defineCommand, imageRef, list, textArg } from '../conversation';
import { imageOf, needVersion, promotable, versionsOf } from '../present';

/** `promote <ref>`: makes a version latest that was tested and approved, once those who approve its image agree. */
export const promote = defineCommand({
  verb: 'promote',
  summary: 'Makes a version latest without building it again, once an approver agrees; shows first who would take it.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  programs: true,
  args: z.object({
    ref: imageRef,
    regions: list('Regions', 'a,b', { form: false, example: 'West Europe, North Europe' }).optional(),
    reason: textArg('Reason', { example: 'the canaries are well' }).optional(),
    ...planArgs,
  }),
  examples: [
    'promote ubuntu-22@candidate',
    'promote ubuntu-22@1.6.0 --regions "West Europe" --reason "the canaries are well"',
  ],

  async run(ctx, asked, deps) {
    const { ref, reason } = asked;
    const { image, ref: gallery } = imageOf(deps.catalogue(), ref.image);
    const all = await versionsOf(image, deps);
    // Without a number it is about the one that waits.
    const version = needVersion(all, ref.version ?? 'candidate', image);
    const regions = asked.regions && spelt(asked.regions, version.regions);
    const against = whyNotPromote({ image: image.name, version, all, regions, now: ctx.now });
    refuse(image, against?.message, against?.next);
    const { problem } = await promotable({ image: image.name, version }, deps);
    refuse(image, problem);
    const number = version.version;
    const said = { ...(reason !== undefined && { reason }) };
    const where = { ...(regions && { regions }) };
    const base = {
      ...{
        verb: 'promote' as const,
        image: image.name,
        gallery,
        versions: [number],
        target: `${image.name} ${number}`,
      },
      ...{ team: null, ...where, ...said },
    };
    const values = { ref: `${image.name}@${number}`, ...(regions && { regions: regions.join(', ') }), ...said };
    const more = regions ? [{ title: 'Only in', value: regions.join(', ') }] : [];
    return planOrStart(ctx, { ...asked, verb: 'promote', image, all, values, base, more }, deps);
  },
});

/** As Azure displays them; those that it does not have, as they were typed. */
function spelt(typed: readonly string[], regions: readonly { readonly name: string }[]): readonly string[] {
  const names = typed.map((one) => regions.find(({ name }) => regionKey(name) === regionKey(one))?.name ?? one);
  return [...new Set(names)];
}
