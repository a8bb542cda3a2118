import type {
  AzureRead,
  BuildSettings,
  BuildSource,
  GalleryRef,
  GalleryVersion,
  ImageDefinition,
  ImageRef,
  Region,
} from '../azure';
import { definitionId, regionKey, sameId } from '../azure-id';
import { isOfSource, sourceName, sourceWords, versionInSource } from '../build-source';
import { type AzureConfig, type Catalogue, type ImageConfig, type MachineSettings, machinesOf } from '../catalogue';
import { call } from '../command-call';
import { UserError } from '../errors';
import {
  approvalRule,
  type BaseDeprecation,
  type FixedPlan,
  type PublishRequest,
  recipeHash,
  rolesFor,
  timeToLive,
} from '../runs';
import { addDuration, days } from '../time';
import { type BaseVersion, chooseBase } from './bases';
import { differenceText, type Fingerprint, forgeries } from './fingerprint';
import { machineSecurity, misfitsOf, missingDefinition, refuseMisfits } from './fit';
import { outputMisfits, outputTargets } from './outputs';
import { type Tattoo, tattooFromTags } from './tattoo';
import { highest, isTooHigh, isVersion, latestPublished, maxPart, nextVersion } from './versions';

export interface PlanningInput {
  readonly request: PublishRequest;
  readonly image: ImageConfig;
  readonly azure: AzureConfig;
  /** Of the catalogue, so that the next version can tell which have changed. */
  readonly roles?: Catalogue['roles'];
  /** Of the source, in any order; assessed (`readBases`), so that one that cannot be used is not chosen. */
  readonly bases: readonly BaseVersion[];
  /** Undefined: the gallery has none of that name. */
  readonly definition: ImageDefinition | undefined;
  /** Of the gallery's image definition. */
  readonly versions: readonly GalleryVersion[];
  /** Numbers that earlier runs took, whatever became of them. */
  readonly taken: readonly string[];
  /** For a rebuild, the number of the previous attempt; the next patch after it is taken. */
  readonly rebuildOf?: string;
  /** World time. */
  readonly now: Date;
}

/**
 * What exactly a publish would do. Pure: the preview and the plan stage both use it.
 * @throws UserError `BAD_COMMAND`, `UNKNOWN_VERSION`, `CANNOT_BE_BUILT`
 */
export function planPublish(input: PlanningInput): FixedPlan {
  const { image, azure, definition } = input;
  const { os, customize, validate, template } = image;
  const recipe = { os, customize, validate, ...(template && { template: template.hash }) };
  const previous = latestPublished(input.versions);
  const tattoo = previous && tattooFromTags(previous.tags);
  const base = chooseBase(input.request, image, input.bases);
  if (!definition) throw missingDefinition(image, imageRef(azure, image), base.traits);
  const version = chooseVersion(input);
  const outputs = outputTargets(input.request, { image, azure, version });
  refuseMisfits(image, [
    ...misfitsOf({ image, azure, definition, ...(base.traits && { source: base.traits }) }),
    ...outputMisfits(image, definition, outputs),
  ]);
  return {
    image: image.name,
    version,
    base: exactly(image, base),
    ...baseDeprecation(input, base),
    previousBase: tattoo ? previousBase(tattoo, image) : null,
    previousVersion: previous?.version ?? null,
    recipe,
    recipeHash: recipeHash(recipe),
    previousRecipeHash: tattoo?.recipe ?? null,
    tests: image.tests,
    regions: chooseRegions(input),
    ...(outputs.length > 0 && { outputs }),
    endOfLife: chooseEndOfLife(input),
    rule: { ...approvalRule(image), ...(image.approval.risks && { risks: image.approval.risks }) },
    ...(input.roles && { roles: rolesFor(image.name, input.roles) }),
    approvalTtlMs: timeToLive(image, input.now),
    ...placesOf(azure, image),
    keep: image.keep,
    identity: azure.identity,
    buildTimeoutMinutes: image.buildTimeoutMinutes ?? buildTimeout[image.os],
    ...machinesIn(machinesOf(azure, image), definition),
    ...(template && { template: { file: template.file, changes: template.changes, changed: template.changed } }),
  };
}

function previousBase({ source: text }: Tattoo, { source }: ImageConfig): string {
  return isOfSource(text, source) ? versionInSource(text) : sourceWords(text);
}

/** Minutes; of Windows the updates and the restarts take most. */
const buildTimeout: Readonly<Record<ImageConfig['os'], number>> = { Linux: 120, Windows: 300 };

function exactly({ source }: ImageConfig, { version, traits }: BaseVersion): BuildSource {
  switch (source.kind) {
    case undefined:
      return { ...source, version };
    case 'imageVersion':
      return { ...source, version, ...(traits?.plan && { plan: traits.plan }) };
    case 'managedImage':
      return { ...source, version };
  }
}

type Machines = 'buildVmSize' | 'testVmSize' | 'testSubnetId' | 'buildSettings' | 'testSecurity' | 'testTags';

function machinesIn({ build, test }: MachineSettings, definition: ImageDefinition): Pick<FixedPlan, Machines> {
  const { vmSize, ...buildSettings } = build;
  const testSecurity = machineSecurity(definition);
  return {
    buildVmSize: vmSize,
    testVmSize: test.vmSize,
    testSubnetId: test.subnetId,
    ...(Object.keys(buildSettings).length > 0 && { buildSettings: buildSettings as BuildSettings }),
    ...(testSecurity && { testSecurity }),
    ...(test.tags && { testTags: test.tags }),
  };
}

export function placesOf(azure: AzureConfig, image: ImageConfig): Pick<FixedPlan, 'place' | 'target'> {
  return {
    place: { subscription: azure.subscription, resourceGroup: azure.buildResourceGroup, location: azure.location },
    target: imageRef(azure, image),
  };
}

export function imageRef(azure: AzureConfig, image: ImageConfig): ImageRef {
  return { ...galleryRef(azure), definition: image.imageDefinition };
}

export function galleryRef({ gallery, subscription }: AzureConfig): GalleryRef {
  return placeOf(gallery, subscription);
}

/** The gallery for disaster recovery; undefined where the catalogue names none. */
export function secondGalleryRef({ secondGallery, subscription }: AzureConfig): GalleryRef | undefined {
  return secondGallery && placeOf(secondGallery, subscription);
}

/** Everywhere that an image has a definition: where it is published, then in the second gallery, where it is called the same. */
export function homesOf(azure: AzureConfig, image: ImageConfig): readonly ImageRef[] {
  const second = secondGalleryRef(azure);
  return [imageRef(azure, image), ...(second ? [{ ...second, definition: image.imageDefinition }] : [])];
}

/** Name of the second gallery, if this is it: what is done there is done to copies. */
export function secondNameOf(
  azure: AzureConfig,
  { subscription, resourceGroup, gallery }: GalleryRef,
): string | undefined {
  const second = secondGalleryRef(azure);
  const isIt =
    second !== undefined &&
    sameId(second.subscription, subscription) &&
    sameId(second.resourceGroup, resourceGroup) &&
    sameId(second.gallery, gallery);
  return isIt ? second.gallery : undefined;
}

function placeOf({ name, resourceGroup, subscription }: AzureConfig['gallery'], builds: string): GalleryRef {
  return { subscription: subscription ?? builds, resourceGroup, gallery: name };
}

/** A version of a gallery has an end of life from its first day: that is news once it is near. */
const nearMs = days(30);

function baseDeprecation(
  { image, now }: PlanningInput,
  { deprecation }: BaseVersion,
): { readonly baseDeprecation?: BaseDeprecation } {
  if (!deprecation) return {};
  const { at, alternative } = deprecation;
  if (image.source.kind !== undefined && at && at.getTime() - now.getTime() > nearMs) return {};
  return { baseDeprecation: { ...(at && { at: at.toISOString() }), ...(alternative && { alternative }) } };
}

function chooseVersion({ request, image, versions, taken, rebuildOf }: PlanningInput): string {
  const known = new Set([...versions.map((v) => v.version), ...taken]);
  const asked = request.version;
  if (asked === undefined || rebuildOf !== undefined) {
    let next = rebuildOf ? nextVersion(rebuildOf, 'patch') : nextVersion(highest([...known]), request.bump ?? 'minor');
    while (next !== undefined && known.has(next)) next = nextVersion(next, 'patch');
    if (next !== undefined) return next;
    throw new UserError('BAD_COMMAND', `No version number is left above ${highest([...known])} in ${image.name}.`, {
      hint: `Each part is at most ${maxPart}. Name a lower number that was never used, or publish into a new image definition.`,
    });
  }
  const free = nextVersion(highest([...known]), 'minor');
  const next = free === undefined ? [] : [call('publish', { image: image.name, version: free })];
  if (!isVersion(asked)) {
    const why = isTooHigh(asked) ? `: each part is at most ${maxPart}.` : '.';
    const hint = isTooHigh(asked) ? 'Use three lower numbers.' : 'Use three numbers.';
    throw new UserError('BAD_COMMAND', `"${asked}" is not a version number${why}`, { hint, next });
  }
  if (known.has(asked)) {
    throw new UserError('BAD_COMMAND', `${image.name} ${asked} was taken before; numbers are never used twice.`, {
      hint: free === undefined ? 'Use another one.' : `Use the next free one, ${free}.`,
      next,
    });
  }
  return asked;
}

function chooseRegions({ request, image, azure }: PlanningInput): readonly Region[] {
  const asked = request.regions?.map((name) => {
    const found = image.regions.find((r) => regionKey(r.name) === regionKey(name));
    if (found) return found;
    throw new UserError('BAD_COMMAND', `${image.name} does not go to "${name}".`, {
      hint: `Its regions are ${image.regions.map((r) => r.name).join(', ')}; add others in images/${image.name}.yaml.`,
    });
  });
  const chosen = [...new Set(asked ?? image.regions)];
  if (!chosen.some((r) => regionKey(r.name) === azure.location)) {
    throw new UserError('BAD_COMMAND', `The regions leave out ${azure.location}, where the image is built.`, {
      hint: `Azure keeps a version in its own region too: add ${azure.location} to --regions.`,
    });
  }
  return chosen.map((r) => ({ ...(r as Region), replicas: request.replicas ?? r.replicas }));
}

function chooseEndOfLife({ request, image, now }: PlanningInput): string | null {
  if (request.endOfLife !== undefined) return request.endOfLife;
  if (image.endOfLife === 'none') return null;
  const end = addDuration(image.endOfLife, now);
  return end ? `${end.toISOString().slice(0, 10)}T00:00:00.000Z` : null;
}

/** What goldbot keeps of a version of one of its images that it tested. */
type Recorded = (image: string, version: string) => Promise<Fingerprint | undefined>;

/**
 * Refuses a base that is a version of one of the catalogue's own images and not what goldbot tested and let through: every
 * machine of the child would start from what somebody put there. Of galleries of others goldbot has no record.
 *
 * @throws UserError `CANNOT_BE_BUILT` with what differs, `AZ_…`
 */
export async function mustBeGenuine(
  base: BuildSource,
  { azure, images }: Pick<Catalogue, 'azure' | 'images'>,
  { read, recorded }: { readonly read: Pick<AzureRead, 'version'>; readonly recorded: Recorded },
): Promise<void> {
  if (base.kind !== 'imageVersion') return;
  const isBase = (ref: ImageRef) => sameId(definitionId(ref), definitionId(base.image));
  const parent = images.find((image) => homesOf(azure, image).some(isBase));
  if (!parent) return;
  const [found, kept] = [await read.version(base.image, base.version), await recorded(parent.name, base.version)];
  const [first, ...others] = found ? forgeries(found, kept) : [];
  if (!first) return;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new UserError(
    'CANNOT_BE_BUILT',
    `The base ${sourceName(base)} ${base.version} is not what goldbot tested: ${differenceText(first)}${more}. Nothing was built from it.`,
    {
      hint: `Find out who changed it (the activity log of the gallery tells), and publish ${parent.name} again, or name another of its versions.`,
      next: [call('verify', { what: `${parent.name}@${base.version}` }), call('publish', { image: parent.name })],
    },
  );
}
