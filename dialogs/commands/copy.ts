import { z } from 'zod';
import type { GalleryVersion, ImageRef, Region } from '../../core/azure';
import { regionKey } from '../../core/azure-id';
import { isMissingDefinition, missingDefinition } from '../../core/images';
import { afterCopies, copiesWord, planCopy, type SecondCopy, secondImageRef } from '../../core/lifecycle';
import type { VersionPlan } from '../../core/runs';
import { dayOf } from '../../core/time';
import { planArgs, planOrStart, refuse, type VersionNamed, versionNamed } from '../changes';
import { type CommandContext, type Deps, defineCommand, imageRef, textArg } from '../conversation';
import { costWords, imageOf, needVersion, noSecondGallery, pricesOf, trafficWords } from '../present';

/**
 * `copy <ref>`: has the second gallery offer a version as the first one does, once those who approve its image agree. It is a
 * write with a plan, as `replicate` is; `parity` only looks, and reads never change anything.
 */
export const copy = defineCommand({
  verb: 'copy',
  summary: 'Copies a version into the second gallery, or brings its copy there in line, once an approver agrees.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  args: z.object({
    ref: imageRef,
    reason: textArg('Reason', { example: 'parity misses it' }).optional(),
    ...planArgs,
  }),
  examples: ['copy ubuntu-22@1.5.0', 'copy ubuntu-22@latest --reason "parity misses it"'],

  async run(ctx, asked, deps) {
    const { ref, reason } = asked;
    const { azure } = deps.catalogue();
    const gallery = secondImageRef(azure, imageOf(deps.catalogue(), ref.image).image);
    if (!gallery) return noSecondGallery;
    const named = await versionNamed({ verb: 'copy', ref }, deps);
    const { image, number } = named;
    const { all, version, there } = await bothOf(named, gallery, deps);
    const second = secondOf(ctx, named, { version, there, gallery }, deps);
    const said = { ...(reason !== undefined && { reason }) };
    const base: VersionPlan = {
      ...{ verb: 'copy', image: image.name, gallery, versions: [number], second },
      ...{ target: `${image.name} ${number}`, team: null, ...said },
    };
    const values = { ref: `${image.name}@${number}`, ...said };
    const more = await factsOf(second, { version, there, gallery }, deps);
    return planOrStart(ctx, { ...asked, verb: 'copy', image, all, values, base, more }, deps);
  },
});

interface Both {
  /** As the first gallery has it, and as the second one does. */
  readonly version: GalleryVersion;
  readonly there: GalleryVersion | undefined;
  readonly gallery: ImageRef;
}

/**
 * The version with the state of its copies, and what the second gallery has of its image.
 *
 * @throws UserError `CANNOT_BE_BUILT` with the command that makes a definition that the second gallery lacks, `AZ_…`.
 */
async function bothOf({ image, gallery: from, number, all: own }: VersionNamed, gallery: ImageRef, { read }: Deps) {
  const listed = async () => {
    try {
      return await read.versions(gallery);
    } catch (error) {
      if (!isMissingDefinition(error)) throw error;
      throw missingDefinition(image, gallery, await read.definition(from));
    }
  };
  // Where its copies there have arrived is no matter yet: the run looks at each.
  const [all, version] = await Promise.all([listed(), read.version(from, number)]);
  return { all, there: all.find((one) => one.version === number), version: version ?? needVersion(own, number, image) };
}

/** @throws UserError `BAD_COMMAND` when nothing is to be copied, or must not be. */
function secondOf(
  { now }: CommandContext,
  { image, gallery: from }: VersionNamed,
  { version, there, gallery }: Both,
  deps: Deps,
): SecondCopy {
  const { regions } = deps.catalogue().azure.secondGallery ?? {};
  const configured = image.regions as readonly Region[];
  const found = planCopy({
    image: image.name,
    from,
    version,
    there,
    gallery: gallery.gallery,
    regions,
    configured,
    now,
  });
  if ('message' in found) refuse(image, found.message, found.next);
  return found as SecondCopy;
}

/** What those who decide see of it: copies, tags and end of life, what it is to latest, and what it costs. */
async function factsOf(second: SecondCopy, { version, there, gallery }: Both, deps: Deps) {
  const { regions, location, hidden, hiddenIn, end } = second;
  const place = regions.find(({ name }) => regionKey(name) === location)?.name ?? location;
  const counts = regions.map(({ name, replicas }) => `${copiesWord(replicas)} in ${name}`).join(', ');
  const life = end === undefined ? 'no end of life' : `its end of life on ${dayOf(new Date(end))}`;
  const out = hidden ? 'everywhere' : hiddenIn.join(', ');
  const made = afterCopies({ ...version, regions: [] }, { set: regions, again: [], remove: [] });
  const costs = costWords(made, await pricesOf(deps));
  const has = (name: string) => there?.regions.some((one) => regionKey(one.name) === regionKey(name)) ?? false;
  const far = regions.map(({ name }) => name).filter((name) => !has(name) && regionKey(name) !== location);
  const way = await trafficWords({ ...version, home: location }, far, deps);
  return [
    { title: 'In there', value: `${counts}; ${there ? 'brought in line' : `made in ${place}, from the copy there`}` },
    { title: 'With it', value: `its tattoo and the other tags of goldbot, ${life}` },
    ...(out === ''
      ? []
      : [{ title: 'Out of latest', value: `${out}, as ${version.version} is in ${second.from.gallery}` }]),
    ...(there ? [{ title: 'There now', value: `${gallery.gallery} has it ${stateOf(there)}` }] : []),
    ...(costs === undefined ? [] : [{ title: 'Cost', value: `${costs}${way}` }]),
  ];
}

const stateOf = ({ regions, excludedFromLatest }: GalleryVersion): string =>
  `${excludedFromLatest ? 'out of latest' : 'in latest'}, with ${regions.map(({ name, replicas }) => `${copiesWord(replicas)} in ${name}`).join(', ')}`;
