import { z } from 'zod';
import { contentsCard, insideLines, type VersionView, versionCard } from '../../cards';
import type { GalleryVersion, ImageRef } from '../../core/azure';
import { definitionId, sameId } from '../../core/azure-id';
import { exactSourceText, sourceWords } from '../../core/build-source';
import type { ImageConfig } from '../../core/catalogue';
import { byText } from '../../core/collections';
import { definitionsOf } from '../../core/compliance';
import { fromCycloneDx } from '../../core/contents';
import { hashOf } from '../../core/hash';
import {
  compareVersions,
  imageRef as imageRefOf,
  isVersion,
  latestPublished,
  tattooFromTags,
  versionTags,
} from '../../core/images';
import { type Approval, type PublishRun, parseRequestId, type RequestId } from '../../core/runs';
import type { Reads } from '../../store/reads';
import { type Answer, type CommandContext, count, type Deps, defineCommand, flag, imageRef } from '../conversation';
import {
  asMessage,
  countMachines,
  decisionViews,
  forgedParts,
  foundInside,
  ifKnown,
  imageOf,
  needVersion,
  nothingInside,
  outputViews,
  portalOf,
  publishedAt,
  publishedBefore,
  regionView,
  requesterOf,
  risksFor,
  signatureOf,
  tattooFields,
  versionState,
  versionsOf,
  whyNothingInside,
} from '../present';

/** `show <image@version>`: one version in full, with its tattoo and how it came about. */
export const show = defineCommand({
  verb: 'show',
  summary: 'Shows one version in full, with its tattoo and its history.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({
    ref: imageRef,
    sbom: flag('What is inside: packages, services, ports, users'),
    all: flag('With --sbom: everything, as text'),
    from: count('With --sbom: number of the first package to show', 100_000, { example: '21' }).optional(),
  }),
  examples: ['show ubuntu-22@1.5.0', 'show ubuntu-22 latest', 'show ubuntu-22', 'show ubuntu-22@1.5.0 --sbom'],

  async run(ctx, { ref: { image: name, version: word = 'latest' }, sbom, all, from }, deps) {
    const catalogue = deps.catalogue();
    const { image, ref } = imageOf(catalogue, name);
    if (sbom) return showInside(image, word, { all, from }, deps);
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
    const inside = (await deps.reads.contents(name, [version.version])).get(version.version);
    const found = inside && foundInside(fromCycloneDx(inside.document), catalogue);
    const outputs = await outputViews(history.run, version.version, deps);
    const certificate = await deps.reads.certificate(version.id);
    return versionCard({
      image: name,
      id: version.id,
      portal: portalOf(version.id, deps),
      version: version.version,
      state: versionState(version, judging),
      gallery: catalogue.azure.gallery.name,
      tattoo: tattooFields(version, history.run),
      ...copiedFrom(version),
      ...builtFrom(version),
      ...(await baseOf(version, ref, ctx, deps)),
      ...(forged.length > 0 && { forged }),
      regions: version.regions.map(regionView),
      ...(outputs.length > 0 && { outputs }),
      excludedFromLatest: version.excludedFromLatest,
      ...(latest !== undefined && { latest }),
      ...(published && { publishedAt: published }),
      ...(version.endOfLife && { endOfLife: version.endOfLife }),
      ...(before !== undefined && { replaces: before }),
      ...(replacedBy !== undefined && { replacedBy }),
      ...(certificate && { certificate: signatureOf(certificate) }),
      ...history.facts,
      ...(found && { vulnerabilities: found }),
      ...(machines && { machines: machines.get(version.version) ?? 0 }),
      asOf: ctx.now,
    });
  },
});

function copiedFrom({ tags }: GalleryVersion): Pick<Parameters<typeof versionCard>[0], 'copyOf'> {
  const { [versionTags.copyOf]: version, [versionTags.copiedBy]: run } = tags;
  return version === undefined ? {} : { copyOf: { version, ...(run !== undefined && { run }) } };
}

/** Of what its tattoo names in a form for machines: a version of a gallery, a managed image. */
function builtFrom({ tags }: GalleryVersion): { readonly builtFrom?: string } {
  const source = tattooFromTags(tags)?.source;
  return source === undefined ? {} : { builtFrom: sourceWords(source) };
}

/**
 * Versions of other images that were built from this one, of those that the person may see. Asks nobody while no image of
 * the catalogue is built from its definition.
 */
async function baseOf(
  { version }: GalleryVersion,
  ref: ImageRef,
  { rights }: CommandContext,
  deps: Deps,
): Promise<{ readonly baseOf?: readonly string[] | 'not known' }> {
  const catalogue = deps.catalogue();
  const children = new Map(
    catalogue.images.flatMap((image) => {
      const isChild = image.source.kind === 'imageVersion' && isSameDefinition(image.source.image, ref);
      const id = definitionId(imageRefOf(catalogue.azure, image)).toLowerCase();
      return isChild && rights.has('viewer', image.name) ? [[id, image.name] as const] : [];
    }),
  );
  if (children.size === 0) return {};
  const listed = await ifKnown(deps.read.publishedVersions(definitionsOf(catalogue)));
  if (!listed) return { baseOf: 'not known' };
  const parent = exactSourceText({ kind: 'imageVersion', image: ref, version }).toLowerCase();
  const built = listed.rows.flatMap(({ source, version: own, tags }) => {
    const name = children.get(source);
    return name !== undefined && tattooFromTags(tags)?.source.toLowerCase() === parent ? [`${name} ${own}`] : [];
  });
  return built.length > 0 ? { baseOf: built.sort(byText) } : {};
}

const isSameDefinition = (a: ImageRef, b: ImageRef): boolean => sameId(definitionId(a), definitionId(b));

/**
 * The run that made the version and who let it through, when goldbot still knows it. Its own record comes first: anybody
 * can write a run into the tags.
 */
async function historyOf(version: GalleryVersion, recorded: RequestId | undefined, deps: Deps) {
  const tagged = version.tags[versionTags.run] ?? tattooFromTags(version.tags)?.run ?? '';
  const id = recorded ?? parseRequestId(tagged);
  const run = id && (await deps.reads.run(id));
  if (run?.kind !== 'publish') return { run: undefined, facts: {} };
  const approved = (await deps.reads.approvalsOfRun(run.id)).find((a) => a.status === 'approved');
  const approval = approved && (await approvalOf(approved, run, deps.reads));
  return { run, facts: { runId: run.id, requestedBy: requesterOf(run), ...(approval && { approval }) } };
}

/** What those who approved were asked, as it was then. */
async function approvalOf(approval: Approval, run: PublishRun, reads: Reads): Promise<VersionView['approval']> {
  const { id, rule, changeNumber } = approval;
  const { previousVersion } = run.plan.fixed ?? {};
  return {
    id,
    approvers: decisionViews(approval).filter(({ verdict }) => verdict === 'approve'),
    risks: await risksFor(approval, run, reads),
    ...(rule.because && { raisedTo: rule.quorum }),
    ...(run.data.guard && { guard: run.data.guard }),
    ...(typeof previousVersion === 'string' && { since: previousVersion }),
    ...(changeNumber !== undefined && { changeNumber }),
  };
}

interface Shown {
  readonly all: boolean;
  readonly from?: number | undefined;
}

/** What is inside is in goldbot's own books: versions that the gallery has no more can be asked about too. */
async function showInside(image: ImageConfig, word: string, { all, from = 1 }: Shown, deps: Deps): Promise<Answer> {
  const { name } = image;
  const version = isVersion(word) ? word : needVersion(await versionsOf(image, deps), word, image).version;
  const kept = (await deps.reads.contents(name, [version])).get(version);
  if (!kept) {
    if (isVersion(word)) needVersion(await versionsOf(image, deps), word, image);
    throw nothingInside(name, version, await whyNothingInside(deps.reads, name, version));
  }
  const contents = fromCycloneDx(kept.document);
  if (!all) {
    const { readAt, runId, document } = kept;
    const found = foundInside(contents, deps.catalogue());
    const seen = { ...(found && { vulnerabilities: found }), digest: hashOf(document), from };
    return contentsCard({ image: name, version, contents, readAt, runId, ...seen });
  }
  return { text: asMessage([`Inside ${name} ${version}`, ...insideLines(contents)]) };
}
