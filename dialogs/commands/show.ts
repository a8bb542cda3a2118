import { z } from 'zod';
import { versionCard } from '../../cards';
import type { GalleryVersion } from '../../core/azure';
import { compareVersions, latestPublished, tattooFromTags, versionTags } from '../../core/images';
import { parseRequestId, type RequestId } from '../../core/runs';
import { type Deps, defineCommand, imageRef } from '../conversation';
import {
  countMachines,
  forgedParts,
  imageOf,
  needVersion,
  publishedAt,
  publishedBefore,
  regionView,
  requesterOf,
  tattooFields,
  versionState,
  versionsOf,
} from '../present';

/** `show <image@version>`: one version in full, with its tattoo and how it came about. */
export const show = defineCommand({
  verb: 'show',
  summary: 'Shows one version in full, with its tattoo and its history.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({ ref: imageRef }),
  examples: ['show ubuntu-22@1.5.0', 'show ubuntu-22 latest', 'show ubuntu-22'],

  async run(ctx, { ref: { image: name, version: word = 'latest' } }, deps) {
    const catalogue = deps.catalogue();
    const { image, ref } = imageOf(catalogue, name);
    const [versions, machines] = await Promise.all([versionsOf(image, deps), countMachines(ref, deps)]);
    const listed = needVersion(versions, word, image);
    const version = (await deps.read.version(ref, listed.version)) ?? listed;
    const latest = latestPublished(versions)?.version;
    const sorted = [...versions].sort((a, b) => compareVersions(b.version, a.version));
    const before = publishedBefore(sorted, version.version)?.version;
    const replacedBy = version.tags[versionTags.replacedBy];
    const published = publishedAt(version);
    const judging = { recorded: await deps.reads.recordedVersions(name), latest, now: ctx.now };
    const history = await historyOf(version, judging.recorded.get(version.version)?.runId, deps);
    const forged = forgedParts(version, judging);
    return versionCard({
      image: name,
      version: version.version,
      state: versionState(version, judging),
      gallery: catalogue.azure.gallery.name,
      tattoo: tattooFields(version, history.run),
      ...(forged.length > 0 && { forged }),
      regions: version.regions.map(regionView),
      excludedFromLatest: version.excludedFromLatest,
      ...(latest !== undefined && { latest }),
      ...(published && { publishedAt: published }),
      ...(version.endOfLife && { endOfLife: version.endOfLife }),
      ...(before !== undefined && { replaces: before }),
      ...(replacedBy !== undefined && { replacedBy }),
      ...history.facts,
      ...(machines && { machines: machines.get(version.version) ?? 0 }),
      asOf: ctx.now,
    });
  },
});

/**
 * The run that made the version and who let it through, when goldbot still knows it. Its own record comes first: anybody
 * can write a run into the tags.
 */
async function historyOf(version: GalleryVersion, recorded: RequestId | undefined, deps: Deps) {
  const tagged = version.tags[versionTags.run] ?? tattooFromTags(version.tags)?.run ?? '';
  const id = recorded ?? parseRequestId(tagged);
  const run = id && (await deps.reads.run(id));
  if (run?.kind !== 'publish') return { run: undefined, facts: {} };
  const approval = (await deps.reads.approvalsOfRun(run.id)).find((a) => a.status === 'approved');
  const approvers = approval?.decisions.filter((d) => d.verdict === 'approve').map((d) => d.name) ?? [];
  return { run, facts: { runId: run.id, requestedBy: requesterOf(run), ...(approvers.length > 0 && { approvers }) } };
}
