import type { GalleryVersion } from '../../core/azure';
import { differences, fingerprintOf, isCandidate, versionTags } from '../../core/images';
import type { Promotable } from '../../core/lifecycle';
import { type Asked, type Books, verified } from './certificate';

/**
 * Whether a version that is to become latest still is what was tested and approved: by its certificate, by what goldbot kept
 * when it tested it and, for one that was never published, by the approval of its own run.
 */
export async function promotable({ image, version }: Asked, books: Books): Promise<Promotable> {
  const { verdict, because } = await verified({ image, version: await asStated(version, books) }, books);
  if (verdict === 'tampered') return { problem: because, doubts: [] };
  const doubts = verdict === 'verified' ? [] : [because];
  return isCandidate(version) ? { ...(await approvedOnce({ image, version }, books)), doubts } : { doubts };
}

/** What was stated of a candidate is named by its tags only once it is exposed: until then it lacks nothing. */
async function asStated(version: GalleryVersion, { reads }: Books): Promise<GalleryVersion> {
  const { id, tags } = version;
  if (!isCandidate(version) || tags[versionTags.certificate] !== undefined) return version;
  const kept = await reads.certificate(id);
  return kept ? { ...version, tags: { ...tags, [versionTags.certificate]: kept.digest } } : version;
}

/** Nobody has ever deployed it by latest: it takes an approval of its own run, given to this very object. */
async function approvedOnce({ image, version }: Asked, { reads }: Books): Promise<Pick<Promotable, 'problem'>> {
  const recorded = (await reads.recordedVersions(image)).get(version.version);
  if (!recorded) return { problem: `Nobody tested ${version.version}: goldbot has no record of it.` };
  const { runId } = recorded;
  const [run, approvals] = await Promise.all([reads.run(runId), reads.approvalsOfRun(runId)]);
  if (run && !run.outcome)
    return { problem: `${runId} is at work on ${version.version}: it publishes what is approved.` };
  const approved = approvals.find(({ status }) => status === 'approved')?.fingerprint;
  if (!approved) return { problem: `Nobody approved ${version.version}: ${runId} ended without it.` };
  const isSame = differences(approved, fingerprintOf(version)).length === 0;
  return isSame ? {} : { problem: `${version.version} is not what was approved in ${runId}.` };
}
