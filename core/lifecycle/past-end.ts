import type { AzureRead, ImageRef } from '../azure';
import { definitionId, galleryVersionId, sameId } from '../azure-id';
import type { Catalogue } from '../catalogue';
import { definitionsOf, type RestrictionEffect, type RestrictionTarget, type ScaleSet } from '../compliance';
import { compareVersions, copiedIn, homesOf, imageRef, isCandidate, noneIfMissing, secondNameOf } from '../images';
import { isShown } from './latest';

/**
 * Which versions a restriction refuses because their life is over, where people decided that it follows the ends of life.
 * A date alone refuses nothing: a version counts once it is out of latest everywhere too, about which those who approve its
 * image have decided. And none is refused where a scale set names it: Azure would refuse every change of that set,
 * its next machine included.
 */

/** A published version past its end of life that is out of latest in every region. */
export interface EndedVersion {
  /** Name in the catalogue. */
  readonly image: string;
  readonly version: string;
  /** Of the version, as a machine names it. */
  readonly id: string;
  /** Name of the second gallery, of its copy there. */
  readonly gallery?: string;
  /** Scale sets that name it; undefined: Azure did not tell of all of them. */
  readonly sets?: readonly ScaleSet[];
}

/** What becomes of those versions in one place. */
export interface PastEnd {
  readonly refused: readonly EndedVersion[];
  /** `why`: a clause. */
  readonly spared: readonly { readonly ended: EndedVersion; readonly why: string }[];
}

/** Management groups above each subscription, by lower-case id of the subscription. */
type Above = Awaited<ReturnType<AzureRead['managementGroups']>>;

/**
 * What becomes of them in each of the targets, in their order, as things are now.
 *
 * @throws UserError `AZ_…`
 */
export async function readPastEnd(
  read: Pick<AzureRead, 'publishedVersions' | 'versions' | 'scaleSets' | 'managementGroups'>,
  catalogue: Catalogue,
  { targets, effect }: { readonly targets: readonly RestrictionTarget[]; readonly effect: RestrictionEffect },
  now: Date,
): Promise<readonly PastEnd[]> {
  const [ended, above] = await Promise.all([
    readEnded(read, catalogue, now),
    targets.some(({ scope }) => groupIn(scope) !== undefined) ? read.managementGroups() : new Map(),
  ]);
  return targets.map((target) => pastEndAt(target, effect, ended, above));
}

/**
 * All of them, by image and number, each with its copy in the second gallery: the dates of the first one count, and where
 * nobody copied it, nobody can name the copy. An image without any past its day costs no question of its own.
 */
async function readEnded(
  read: Pick<AzureRead, 'publishedVersions' | 'versions' | 'scaleSets'>,
  catalogue: Catalogue,
  now: Date,
): Promise<readonly EndedVersion[]> {
  const second = copiedIn(catalogue);
  const isPast = ({ endOfLife }: { readonly endOfLife?: Date }) => endOfLife !== undefined && endOfLife <= now;
  const listed = (await read.publishedVersions(definitionsOf(catalogue))).rows.filter(isPast);
  const found = catalogue.images.map(async (image) => {
    const homes = homesOf(catalogue.azure, image);
    const ref = imageRef(catalogue.azure, image);
    if (!listed.some(({ source }) => sameId(source, definitionId(ref)))) return [];
    // The list does not tell a region that shows what the version itself hides.
    const [all, sets] = await Promise.all([noneIfMissing(read.versions(ref)), read.scaleSets(homes.map(definitionId))]);
    return all
      .filter((one) => isPast(one) && !isShown(one) && !isCandidate(one))
      .sort((a, b) => compareVersions(a.version, b.version))
      .flatMap(({ version }) => homes.map((home) => endedIn(home, version)));
    function endedIn(home: ImageRef, version: string): EndedVersion {
      const gallery = secondNameOf(catalogue.azure, home);
      const naming = sets.rows.filter((set) => set.version === version && second(set.source) === gallery);
      return {
        ...{ image: image.name, version, id: galleryVersionId(home, version) },
        ...(gallery !== undefined && { gallery }),
        ...(!sets.partial && { sets: naming }),
      };
    }
  });
  return (await Promise.all(found)).flat();
}

/** What becomes of them where a restriction is in force: one that only reports breaks nothing, and spares nothing. */
function pastEndAt(
  target: RestrictionTarget,
  effect: RestrictionEffect,
  ended: readonly EndedVersion[],
  above: Above,
): PastEnd {
  const judged = ended.map((one) => ({
    ended: one,
    why: effect === 'audit' ? undefined : whySpared(one, target, above),
  }));
  return {
    refused: judged.flatMap(({ ended: one, why }) => (why === undefined ? [one] : [])),
    spared: judged.flatMap(({ ended: one, why }) => (why === undefined ? [] : [{ ended: one, why }])),
  };
}

/** Of several places: what is refused or spared in any of them, once. */
export function togetherOf(all: readonly PastEnd[]): PastEnd {
  const refused = new Map(all.flatMap((one) => one.refused.map((ended) => [ended.id, ended] as const)));
  const spared = new Map(all.flatMap((one) => one.spared.map((each) => [each.ended.id, each] as const)));
  return { refused: [...refused.values()], spared: [...spared.values()] };
}

function whySpared({ sets }: EndedVersion, target: RestrictionTarget, above: Above): string | undefined {
  if (!sets) return 'Azure did not tell of all scale sets';
  const naming = sets.filter((set) => isHeld(set, target, above));
  const [first] = naming;
  if (!first) return undefined;
  return naming.length === 1
    ? `scale set ${first.name} names it`
    : `${naming.length} scale sets name it, such as ${first.name}`;
}

/** Whether a restriction is about a scale set, as its rule and its assignment have it. */
function isHeld(
  { id, subscription, resourceGroup, tags }: ScaleSet,
  { scope, notScopes, buildGroups, tag }: RestrictionTarget,
  above: Above,
): boolean {
  const isIn = (place: string) => `${id}/`.toLowerCase().startsWith(`${place}/`.toLowerCase());
  if (notScopes.some(isIn)) return false;
  if (buildGroups.some((begin) => resourceGroup.toLowerCase().startsWith(begin.toLowerCase()))) return false;
  if (tag && tagValue(tags, tag.name) !== tag.value.toLowerCase()) return false;
  const group = groupIn(scope);
  if (group === undefined) return isIn(scope);
  // Where Azure does not tell what is above a subscription, it may be this one.
  const groups = above.get(subscription.toLowerCase());
  return groups === undefined || groups.some((name) => name.toLowerCase() === group);
}

/** Name of a management group, in lower case. */
const groupIn = (scope: string): string | undefined =>
  /^\/providers\/Microsoft\.Management\/managementGroups\/([^/]+)$/i.exec(scope)?.[1]?.toLowerCase();

const tagValue = (tags: ScaleSet['tags'], name: string): string | undefined =>
  Object.entries(tags)
    .find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
    .toLowerCase();

/** As many as a sentence has room for. */
const mostNamed = 8;

/** `ubuntu-22 1.4.0, ubuntu-22 1.5.0 and 3 more`. */
export function endedNames(ended: readonly Pick<EndedVersion, 'image' | 'version'>[]): string {
  const all = [...new Set(ended.map(({ image, version }) => `${image} ${version}`))];
  const names = all.slice(0, mostNamed);
  const rest = all.length - names.length;
  return `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** For people, one sentence each. */
export function pastEndSentences({ refused, spared }: PastEnd, effect: RestrictionEffect): readonly string[] {
  const does = effect === 'audit' ? 'reported' : 'refused';
  const now =
    refused.length === 0
      ? `Nothing that is past its end of life is ${does} now.`
      : `Past the end of life, and ${does} for whoever names the number: ${endedNames(refused)}.`;
  return [
    `${now} goldbot looks each day.`,
    ...spared.map(
      ({ ended: { image, version, gallery }, why }) =>
        `${image} ${version}${gallery === undefined ? '' : ` in ${gallery}`} is past its end too and stays allowed: ${why}.`,
    ),
  ];
}

/** What every such plan says beside: what a policy cannot see, and what becomes of what runs. */
export const pastEndBounds: readonly string[] = [
  'Who takes the latest is never refused by that: Azure Policy sees no number there, and what is past its end is out of latest.',
  'Machines that run such a version keep running; with deny, Azure refuses changes to them, such as another size.',
];
