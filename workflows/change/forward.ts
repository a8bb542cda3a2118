import type { GalleryVersion } from '../../core/azure';
import { galleryVersionId, sameId } from '../../core/azure-id';
import { differences, differenceText, fingerprintOf, tagsOfCopy, versionTags } from '../../core/images';
import type { VersionPlan } from '../../core/runs';
import { act, type Next, waits } from './stages';
import { changing, isBusy, type Work } from './versions';

/**
 * The way back that Azure goes by itself: automatic OS upgrades never go down, so what is good comes back under a number
 * above all others. A copy is made out of latest, looked at once it is everywhere, and shown.
 */

/** A copy that nobody takes for the latest yet. Its day of publishing is set as well: without one it is what a publish left, and cleaned up. */
const beingCopied = 'being-copied';

/** For those who decide. */
export function forwardNotes({ forward, to }: VersionPlan): readonly string[] {
  if (forward === undefined) return [];
  return [
    `Then ${to} comes back as ${forward}, a copy that is made in minutes to hours: machines inside still say ${to}.`,
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
  const against = whyNotOurs(found, work, to);
  if (against !== undefined) return { kind: 'failed', why: against };
  if (isBusy(found) || found.regions.some(({ state }) => state !== 'Completed')) {
    return { kind: 'wait', progress: `the gallery is copying ${to} to ${forward}`, wait: waits.copies };
  }
  const { copied } = context.run.data;
  if (!copied) {
    return { kind: 'do', progress: `looking at ${forward}`, act: async () => ({ copied: fingerprintOf(found) }) };
  }
  const [differs] = differences(copied, fingerprintOf(found));
  if (differs) return { kind: 'failed', why: `${forward} is not what was copied any more: ${differenceText(differs)}` };
  const isHidden = found.tags[versionTags.state] === beingCopied;
  const tags = { ...(isHidden && { [versionTags.published]: context.now.toISOString() }), [versionTags.state]: null };
  const shown = { excludedFromLatest: false, tags };
  return changing({ ...work, number: forward }, found, shown);
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

function whyNotOurs(
  { version, provisioningState, source, tags, regions }: GalleryVersion,
  { context, plan }: Work,
  to: string,
): string | undefined {
  const isOurs =
    tags[versionTags.copiedBy] === context.run.id && sameId(source ?? '', galleryVersionId(plan.gallery, to));
  if (!isOurs)
    return `somebody else made ${version} meanwhile; ${plan.versions.join(', ')} ${plan.versions.length === 1 ? 'stays' : 'stay'} out of latest`;
  const failed = regions.find(({ state }) => state === 'Failed')?.name;
  if (provisioningState === 'Failed') return `Azure could not copy ${to} to ${version}: its state is Failed`;
  return failed === undefined ? undefined : `Azure could not copy ${version} to ${failed}; it stays out of latest`;
}
