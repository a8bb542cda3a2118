import type { GalleryVersion } from '../../core/azure';
import { galleryVersionId, sameId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { isUserError, UserError } from '../../core/errors';
import {
  beingCopied,
  differences,
  differenceText,
  fingerprintOf,
  forgeries,
  isHiddenCopy,
  tagsOfCopy,
  versionTags,
} from '../../core/images';
import type { VersionPlan } from '../../core/runs';
import { act, type Next, waits } from './stages';
import { changing, isBusy, type Work } from './versions';

/**
 * The way back that Azure goes by itself: automatic OS upgrades never go down, so what is good comes back under a number
 * above all others. A copy is made out of latest, looked at once it is everywhere, and shown.
 */

/** For those who decide. @throws UserError when the number is somebody else's. */
export async function forwardNotes(work: Work): Promise<readonly string[]> {
  const { context, plan } = work;
  const { forward, to = '' } = plan;
  if (forward === undefined) return [];
  const found = await context.read.version(plan.gallery, forward);
  const against = found && (await whyNotOurs(found, work, to));
  if (against !== undefined) {
    const next = [call('versions', { image: plan.image })];
    throw new UserError('BAD_COMMAND', `${against}. Nothing was changed.`, { hint: 'See where things stand.', next });
  }
  const comes = found
    ? `${forward}, the copy that ${found.tags[versionTags.copiedBy]} made and did not show, is shown as it is`
    : `${to} comes back as ${forward}, a copy that is made in minutes to hours`;
  return [
    `Then ${comes}: machines inside still say ${to}.`,
    `As soon as ${forward} is latest in a region, Azure upgrades the machines of scale sets with automatic OS upgrades to it, a fifth at a time; everybody else stays on what they run.`,
  ];
}

/** The next step towards it, once what is bad is out of latest; undefined: it is latest again, or was not asked for. */
export async function comesBack(work: Work): Promise<Next | undefined> {
  const { context, plan } = work;
  const { forward, to = '', gallery } = plan;
  if (forward === undefined) return undefined;
  const found = await context.read.version(gallery, forward);
  if (!found) return copying(work, { forward, to });
  const against = await whyNotOurs(found, work, to);
  if (against !== undefined) return { kind: 'failed', why: `${against}; ${outOfLatest(plan)}` };
  if (isBusy(found) || found.regions.some(({ state }) => state !== 'Completed')) {
    return { kind: 'wait', progress: `the gallery is copying ${to} to ${forward}`, wait: waits.copies };
  }
  if (found.tags[versionTags.copiedBy] !== context.run.id) return takingOver(work, found);
  const { copied } = context.run.data;
  if (!copied) {
    return { kind: 'do', progress: `looking at ${forward}`, act: async () => ({ copied: fingerprintOf(found) }) };
  }
  const [differs] = differences(copied, fingerprintOf(found));
  if (differs) return { kind: 'failed', why: `${forward} is not what was copied any more: ${differenceText(differs)}` };
  const isHidden = isHiddenCopy(found);
  const tags = { ...(isHidden && { [versionTags.published]: context.now.toISOString() }), [versionTags.state]: null };
  return named(
    `showing ${forward}`,
    await changing({ ...work, number: forward }, found, { excludedFromLatest: false, tags }),
  );
}

/**
 * What stands there when it could not be brought to its end, and what can be made of it: a sentence. Undefined: nothing.
 * An end does not wait for Azure to say it.
 */
export async function leftHidden({ context, plan }: Work): Promise<string | undefined> {
  const { forward, to, gallery } = plan;
  if (forward === undefined) return undefined;
  try {
    const found = await context.read.version(gallery, forward);
    if (!found || !isHiddenCopy(found)) return undefined;
    const stands = `${forward}, a copy of ${to}, is in the gallery, out of latest`;
    if (whyBroken(found) !== undefined) return `${stands}: “leftovers” deletes it.`;
    const still = isBusy(found) ? ', and Azure is still at work on it' : '';
    return `${stands}${still}: the same command again shows it, and “leftovers” deletes it.`;
  } catch (error) {
    if (!isUserError(error) || error.code === 'FENCED') throw error;
    return `Azure did not say whether ${forward} is in the gallery: “leftovers” lists it if it is.`;
  }
}

const outOfLatest = ({ versions }: VersionPlan): string =>
  `${versions.join(', ')} ${versions.length === 1 ? 'stays' : 'stay'} out of latest`;

/** The same step in other words. */
const named = (progress: string, next: Next | undefined): Next | undefined =>
  next?.kind === 'do' ? { ...next, progress } : next;

/** What an earlier run left becomes this one's before it is shown: nobody deletes it as a leftover from then on. */
async function takingOver(work: Work, found: GalleryVersion): Promise<Next | undefined> {
  const own = { [versionTags.copiedBy]: work.context.run.id };
  const number = found.version;
  const next = await changing({ ...work, number }, found, { tags: own });
  if (next?.kind !== 'do') return next;
  const copied = fingerprintOf({ ...found, tags: { ...found.tags, ...own } });
  const progress = `taking over ${number} from ${found.tags[versionTags.copiedBy]}`;
  return { ...next, progress, act: async () => ({ ...(await next.act()), copied }) };
}

/** Whoever has taken the number meanwhile keeps it; so does what was deleted under it and can be restored. */
async function copying(
  { context, plan }: Work,
  { forward, to }: { readonly forward: string; readonly to: string },
): Promise<Next> {
  const { read, write, run } = context;
  const [source, kept] = await Promise.all([read.version(plan.gallery, to), read.softDeleted(plan.gallery)]);
  if (source?.provisioningState !== 'Succeeded') {
    return {
      kind: 'failed',
      why: `${plan.image} ${to} cannot be copied: ${source ? `its state is ${source.provisioningState}` : 'somebody deleted it meanwhile'}`,
    };
  }
  if (kept.some(({ version }) => version === forward)) {
    return {
      kind: 'failed',
      why: `${forward} was deleted meanwhile and is kept: no other version can have its number`,
    };
  }
  const tags = {
    ...tagsOfCopy(source, run.id),
    [versionTags.state]: beingCopied,
    [versionTags.published]: run.createdAt.toISOString(),
  };
  return act(`copying ${to} to ${forward}`, () => write.copyVersion(plan.gallery, forward, { source: to, tags }));
}

/** Why the version of that number is not to be shown: a clause. What an earlier run copied and did not show is as good. */
async function whyNotOurs(found: GalleryVersion, work: Work, to: string): Promise<string | undefined> {
  const { context, plan } = work;
  const { version, source, tags } = found;
  const isCopy = sameId(source ?? '', galleryVersionId(plan.gallery, to));
  const isOurs = isCopy && (tags[versionTags.copiedBy] === context.run.id || (await wasLeft(found, work, to)));
  if (isOurs) return whyBroken(found);
  return `${version} is somebody else’s`;
}

/** Whether it was never shown, its run is over, and it carries what that run wrote. */
async function wasLeft(found: GalleryVersion, { context, plan, deps }: Work, to: string): Promise<boolean> {
  const run = found.tags[versionTags.copiedBy];
  if (run === undefined || !isHiddenCopy(found) || (await deps.outcomeOf(run)) === undefined) return false;
  const [source, recorded] = await Promise.all([
    context.read.version(plan.gallery, to),
    deps.recorded(plan.image, found.version),
  ]);
  const wrote = Object.entries(source ? tagsOfCopy(source, run) : {});
  const isAsWritten = source !== undefined && wrote.every(([name, value]) => found.tags[name] === value);
  return isAsWritten && forgeries(found, recorded).length === 0;
}

/** Why nobody could deploy it: a clause. */
function whyBroken({ version, provisioningState, tags, regions }: GalleryVersion): string | undefined {
  const failed = regions.find(({ state }) => state === 'Failed')?.name;
  if (provisioningState === 'Failed')
    return `Azure could not copy ${tags[versionTags.copyOf]} to ${version}: its state is Failed`;
  return failed === undefined ? undefined : `Azure could not copy ${version} to ${failed}`;
}
