import type { AzureRead, GalleryVersion, InventoryRead } from '../azure';
import { sourceWords } from '../build-source';
import { type Catalogue, findImage, type ImageConfig } from '../catalogue';
import { sumOf } from '../collections';
import {
  compareVersions,
  goldenImages,
  imageRef,
  isCandidate,
  noneIfMissing,
  tattooFromTags,
  versionTags,
} from '../images';
import { type Consumer, type ImageUsers, readUsers } from './consumers';
import { latestIn } from './latest';
import type { BlastRadius, Effect } from './radius';

/** Versions built from versions: who descends from whom, and which of them stand on something that has been replaced. */

/** An image as its family needs it. */
export interface Relative extends ImageUsers {
  readonly all: readonly GalleryVersion[];
}

export interface Kin {
  /** Name in the catalogue, or of a definition that goldbot does not keep. */
  readonly image: string;
  readonly version: string;
  /** 0: the one that was asked about. */
  readonly depth: number;
  /** goldbot keeps the image: it can be changed, and what was built from it is known. */
  readonly isKept: boolean;
  /** What it was built from, as its tags tell; absent where they do not. */
  readonly base?: string;
  /** The number of the same image that it is a copy of, and whose base it has. */
  readonly copyOf?: string;
  readonly machines: number;
  /** Of those that run it, by team: how many of them could have a higher version where they are. */
  readonly behind: readonly { readonly team: string | null; readonly machines: number }[];
  /** The highest version of its parent that is offered, when it was built from a lower one. */
  readonly outdatedBy?: string;
}

/** The images of the catalogue that descend from one another, each by its name. */
export type Relatives = ReadonlyMap<string, Relative>;
type Known = Pick<Relative, 'all' | 'consumers'>;

interface Read extends Pick<AzureRead, 'versions'>, Pick<InventoryRead, ReadUsers> {}
type ReadUsers = 'machineCounts' | 'managementGroups' | 'scaleSets' | 'imageConsumers';

/**
 * The image and every image of the catalogue that was built from it, directly or not; each is asked about once.
 *
 * @throws UserError `AZ_…`
 */
export async function readRelatives(read: Read, catalogue: Catalogue, image: ImageConfig): Promise<Relatives> {
  const relatives = new Map<string, Relative>();
  for (let level: readonly ImageConfig[] = [image]; level.length > 0; ) {
    const found = await Promise.all(
      level.map(async (one) => [one.name, await relativeOf(read, catalogue, one)] as const),
    );
    for (const [name, relative] of found) relatives.set(name, relative);
    const below = found.flatMap(([, { consumers }]) => consumers.flatMap((one) => keptImage(one, catalogue)));
    level = [...new Set(below)].filter(({ name }) => !relatives.has(name));
  }
  return relatives;
}

async function relativeOf(read: Read, catalogue: Catalogue, image: ImageConfig): Promise<Relative> {
  const [all, users] = await Promise.all([
    noneIfMissing(read.versions(imageRef(catalogue.azure, image))),
    readUsers(read, catalogue, image),
  ]);
  return { ...users, all };
}

const isChild = ({ kind }: Consumer): boolean => kind === 'descendant' || kind === 'shallow copy';

function keptImage(child: Consumer, catalogue: Catalogue): readonly ImageConfig[] {
  const found = isChild(child) ? nameOf(child, catalogue) : undefined;
  const image = found?.isKept ? findImage(catalogue, found.image) : undefined;
  return image ? [image] : [];
}

/** Which version a consumer is, by its resource id. */
function nameOf({ id }: Consumer, catalogue: Catalogue) {
  const [definition = '', version = ''] = id.split('/versions/');
  const kept = goldenImages(catalogue).get(definition);
  return { image: kept ?? definition.split('/').at(-1) ?? '', version, isKept: kept !== undefined };
}

/** These versions of the image, highest first, each followed by what was built from it; deeper ones stand below their parents. */
export function familyOf(
  image: string,
  versions: readonly string[],
  { relatives, catalogue }: { readonly relatives: ReadonlyMap<string, Known>; readonly catalogue: Catalogue },
): readonly Kin[] {
  const seen = new Set<string>();
  const down = (name: string, version: string, depth: number, outdatedBy?: string): readonly Kin[] => {
    if (seen.has(`${name}@${version}`)) return [];
    seen.add(`${name}@${version}`);
    const own = relatives.get(name);
    const newest = own && highestOffered(own.all);
    const later = newest !== undefined && compareVersions(newest, version) > 0 ? newest : undefined;
    const children = (own?.consumers ?? [])
      .filter((one) => isChild(one) && one.version === version)
      .map((one) => nameOf(one, catalogue))
      .sort((a, b) => compareVersions(b.version, a.version));
    // A copy of the same image is none of those that are to be built anew.
    const outdated = (child: ReturnType<typeof nameOf>) => (child.image === name ? undefined : later);
    return [
      { ...kin(name, version, own), depth, ...(outdatedBy !== undefined && { outdatedBy }) },
      ...children.flatMap((child) => down(child.image, child.version, depth + 1, outdated(child))),
    ];
  };
  return [...versions].sort((a, b) => compareVersions(b, a)).flatMap((version) => down(image, version, 0));
}

function highestOffered(all: readonly GalleryVersion[]): string | undefined {
  return all
    .filter((one) => !one.excludedFromLatest && one.provisioningState === 'Succeeded' && !isCandidate(one))
    .map(({ version }) => version)
    .sort(compareVersions)
    .at(-1);
}

function kin(image: string, version: string, own: Known | undefined): Omit<Kin, 'depth'> {
  const found = own?.all.find((one) => one.version === version);
  const tattoo = found && tattooFromTags(found.tags);
  const copyOf = found?.tags[versionTags.copyOf];
  const running = (own?.consumers ?? []).filter((one) => one.kind === 'machines' && one.version === version);
  return {
    ...{ image, version, isKept: own !== undefined },
    ...(tattoo && { base: sourceWords(tattoo.source) }),
    ...(copyOf !== undefined && { copyOf }),
    machines: sumOf(running, ({ machines = 0 }) => machines),
    behind: behindIn(running, own?.all ?? []),
  };
}

function behindIn(running: readonly Consumer[], all: readonly GalleryVersion[]): Kin['behind'] {
  const teams = new Map<string | null, number>();
  for (const { team, machines = 0, location = '', version } of running) {
    const latest = latestIn(all, location)?.version;
    if (latest === undefined || compareVersions(latest, version) <= 0) continue;
    teams.set(team, (teams.get(team) ?? 0) + machines);
  }
  return [...teams].map(([team, machines]) => ({ team, machines })).sort((a, b) => b.machines - a.machines);
}

/** Radii of versions of several images in one; `family`: ids of what is changed itself, which nothing happens to besides. */
export function joinedRadius(
  radii: readonly (BlastRadius & { readonly image: string })[],
  family: ReadonlySet<string>,
): BlastRadius {
  const [first] = radii;
  if (!first) throw new Error('there is no radius to join');
  const copiesOf = (image: string) => radii.find((one) => one.image === image && one.gallery !== undefined)?.gallery;
  // Where the copy goes too, its own radius says what becomes of those who use that.
  const isTold = ({ image, gallery }: (typeof radii)[number], { consumer }: Effect) =>
    gallery === undefined && consumer.gallery !== undefined && consumer.gallery === copiesOf(image);
  const of = (name: 'breaks' | 'moves' | 'survives') =>
    radii.flatMap((radius) => radius[name].filter((one) => !family.has(one.consumer.id) && !isTold(radius, one)));
  // Whoever runs a copy is counted for the version already, where that goes as well.
  const isCounted = ({ image, gallery }: (typeof radii)[number]) =>
    gallery !== undefined && radii.some((one) => one.image === image && one.gallery === undefined);
  const placed = ({ image, gallery }: (typeof radii)[number]) =>
    gallery === undefined ? image : `${image} in ${gallery}`;
  return {
    ...first,
    versions: [...new Set(radii.flatMap(({ versions }) => versions))],
    ...{ breaks: of('breaks'), moves: of('moves'), survives: of('survives') },
    machines: sumOf(radii, (one) => (isCounted(one) ? 0 : one.machines)),
    latest: radii.flatMap((radius) =>
      radius.latest.map((one) => (radii.length === 1 ? one : { ...one, region: `${one.region} (${placed(radius)})` })),
    ),
    gaps: radii.flatMap(({ gaps }) => gaps),
    unseen: [...new Map(radii.flatMap(({ unseen }) => unseen.map((one) => [`${one.type} ${one.name}`, one]))).values()],
  };
}
