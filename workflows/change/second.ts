import type { GalleryVersion } from '../../core/azure';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { versionTags } from '../../core/images';
import {
  changedSince,
  flagsOf,
  inPlace,
  isCopyOf,
  otherWords,
  type SecondCopy,
  tagsInSecond,
} from '../../core/lifecycle';
import type { VersionPlan } from '../../core/runs';
import { progressOf, readOnlyLock, reasonOf } from './replicas';
import { act, type Next, waits } from './stages';
import { changing, isBusy, versionKind, type Work } from './versions';

/**
 * A version in the second gallery: it is made out of latest, or brought in line with the one that it is a copy of, and shown
 * once it is everywhere. What has the number there already and is no copy of the version is left alone, and told.
 */
export const copy = versionKind({
  before: (_, there) => {
    if (!there) return 'not there';
    return there.excludedFromLatest ? 'there, out of latest' : 'there, and other than the version';
  },
  notes: async (context, plan, number) => {
    const lock = await readOnlyLock(context, plan, number);
    if (lock !== undefined) throw lock;
    const { from } = secondOf(plan);
    const [version, kept] = await Promise.all([
      context.read.version(from, number),
      context.read.softDeleted(plan.gallery),
    ]);
    const since = changedSince(version, secondOf(plan)) ?? (kept.some(isOf(number)) ? keptWords(plan) : undefined);
    if (since === undefined) return [];
    throw new UserError('UNKNOWN_VERSION', `${plan.image} ${number} cannot be copied: ${since}. Nothing was changed.`, {
      hint: 'See where things stand.',
      next: [call('parity', { image: plan.image })],
    });
  },
  watch: (_, plan, there) => {
    const isUnder = there.regions.some(({ state }) => state !== 'Completed' && state !== 'Failed');
    if (!isUnder && !isBusy(there)) return undefined;
    return { kind: 'wait', progress: progressOf(there.regions, plan.target), wait: waits.copies };
  },
  next: async (work, there) => {
    const { context, plan, number } = work;
    const wanted = secondOf(plan);
    const version = await context.read.version(wanted.from, number);
    const since = changedSince(version, wanted);
    if (!version || since !== undefined) return failed(`${plan.image} ${number} is not copied: ${since}`);
    if (!there) return making(work, version, wanted);
    if (!isCopyOf(there, version, wanted.from)) {
      return failed(`somebody else made ${number} in ${plan.gallery.gallery} meanwhile: ${otherWords(there)}`);
    }
    const lost = there.provisioningState === 'Failed' ? 'its state is Failed' : lostIn(there);
    if (lost !== undefined) return failed(`Azure could not copy ${number} into ${plan.gallery.gallery}: ${lost}`);
    const ahead = await changing(work, there, inPlace(wanted, version));
    return ahead ?? changing(work, there, flagsOf(wanted));
  },
});

const failed = (why: string): Next => ({ kind: 'failed', why });

export function secondOf({ second, target }: VersionPlan): SecondCopy {
  if (second) return second;
  throw new Error(`${target} says nothing of a copy`);
}

const isOf = (number: string) => (one: { readonly version: string }) => one.version === number;

const keptWords = ({ gallery, versions }: VersionPlan): string =>
  `${gallery.gallery} keeps a deleted ${versions.join(', ')}, which a new one of that number would bring back`;

function lostIn({ regions }: GalleryVersion): string | undefined {
  const lost = regions.find(({ state }) => state === 'Failed');
  return lost && `${lost.name} failed (${reasonOf(lost.details)})`;
}

/** A deleted version that is kept would come back under the number, whatever is asked for: the gallery is asked first. */
async function making({ context, plan, number }: Work, version: GalleryVersion, wanted: SecondCopy): Promise<Next> {
  const { read, write, run } = context;
  const kept = await read.softDeleted(plan.gallery);
  if (kept.some(isOf(number))) return failed(`${plan.image} ${number} is not copied: ${keptWords(plan)}`);
  const { from, location, regions } = wanted;
  const tags = { ...tagsInSecond(version), [versionTags.copiedBy]: run.id };
  return act(`copying ${number} into ${plan.gallery.gallery}`, () =>
    write.copyVersion(plan.gallery, number, { source: number, tags, elsewhere: { from, location, regions } }),
  );
}
