import type {
  AzureRead,
  GalleryVersion,
  ImageDefinition,
  ImageTraits,
  ManagedImage,
  MarketplaceVersion,
} from '../azure';
import { azureId, regionKey, sameId } from '../azure-id';
import { byKind, type SourceKey, sourceKey, sourceName, sourcePlace, sourceTitle } from '../build-source';
import type { AzureConfig, ImageConfig, ImageSource } from '../catalogue';
import { call } from '../command-call';
import { isUserError, UserError } from '../errors';
import { hashOf } from '../hash';
import { letObserve } from '../observing';
import type { PublishRequest } from '../runs';
import { byNumber, isVersion } from './versions';

/** A version that a build could start from: of a marketplace image, of a gallery, or a managed image as it is now. */
export interface BaseVersion extends MarketplaceVersion {
  /** Why nothing can be built from it as things are. */
  readonly obstacle?: Obstacle;
}

export interface Obstacle {
  /** A clause after its name: `is excluded from latest`. */
  readonly why: string;
  /** One sentence, imperative. */
  readonly mend: string;
  /** Whoever keeps it has taken it back: what was built from it before is concerned as well. */
  readonly takenBack?: true;
}

export type BaseRead = Pick<
  AzureRead,
  'marketplaceVersions' | 'marketplaceVersion' | 'definition' | 'versions' | 'version' | 'managedImage'
>;

/** Where builds run: a source must be there. */
export type BuildsAt = Pick<AzureConfig, 'subscription' | 'location'>;

/** How one source is asked. */
interface Looks {
  /** In any order. What keeps a version from being used may not show here. */
  readonly list: () => Promise<readonly BaseVersion[]>;
  /** One exact version with all that is known of it; undefined when there is none. */
  readonly ask: (version: string) => Promise<BaseVersion | undefined>;
}

function looksAt(read: BaseRead, at: BuildsAt, source: ImageSource): Looks {
  return byKind<Looks>(source, {
    marketplace: ({ publisher, offer, sku }) => ({
      list: () => read.marketplaceVersions(at.location, { publisher, offer, sku }),
      ask: (version) => read.marketplaceVersion(at.location, { publisher, offer, sku }, version),
    }),
    imageVersion: (image) => {
      const traits = once(() => read.definition(image));
      const judged = async (version: GalleryVersion | undefined) => {
        const definition = await traits();
        return version && definition && galleryBase(version, definition, at);
      };
      return {
        list: async () => {
          if (!(await traits())) return [];
          const all = await Promise.all((await read.versions(image)).map(judged));
          return all.filter((base) => base !== undefined);
        },
        ask: async (version) => judged(isVersion(version) ? await read.version(image, version) : undefined),
      };
    },
    managedImage: (id) => {
      const found = once(async () => {
        const image = await read.managedImage(id);
        return image && managedBase(image, at);
      });
      return {
        list: async () => [(await found()) ?? []].flat(),
        ask: async (version) => {
          const base = await found();
          return base?.version === version ? base : undefined;
        },
      };
    },
  });
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

/**
 * The versions of a source, with all that is known of the one that a plan would take: lists tell neither deprecation nor
 * how far replication is. Asks once more for each version that turns out to be unusable, at most four times.
 *
 * @param from `latest` or an exact version.
 * @throws UserError `AZ_…`
 */
export async function readBases(
  read: BaseRead,
  at: BuildsAt,
  source: ImageSource,
  from: string,
): Promise<readonly BaseVersion[]> {
  return unlessClosed(source, async () => {
    const looks = looksAt(read, at, source);
    const bases = await looks.list();
    const known = new Map(bases.map((b) => [b.version, b]));
    for (const version of candidates(bases, from)) {
      const found = await looks.ask(version);
      if (found) known.set(version, found);
      else known.delete(version);
      if (found && isUsable(found)) break;
    }
    return [...known.values()];
  });
}

/** One exact version of a source; undefined when it is gone. @throws UserError `AZ_…` */
export function readBase(
  read: BaseRead,
  at: BuildsAt,
  source: ImageSource,
  version: string,
): Promise<BaseVersion | undefined> {
  return unlessClosed(source, () => looksAt(read, at, source).ask(version));
}

/** A gallery or image of others that goldbot may not read is a matter of roles there, not of the command. */
async function unlessClosed<T>(source: ImageSource, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (source.kind === undefined || !isUserError(error) || error.code !== 'AZ_FORBIDDEN') throw error;
    const where = source.kind === 'imageVersion' ? sourcePlace(source) : `the ${sourceName(source)}`;
    throw new UserError('AZ_FORBIDDEN', `goldbot may not read ${where}, from which the image is built.`, {
      hint: `Have an Azure administrator ${letObserve('on it')} and that of the build the role Reader, then repeat the command.`,
      cause: error,
    });
  }
}

/** How many versions in a row are asked about; of most sources it is the first. */
const asksAtMost = 4;

function candidates(bases: readonly BaseVersion[], from: string): readonly string[] {
  if (!isLatest(from)) return bases.some((b) => b.version === from) || isDotted(from) ? [from] : [];
  const newest = bases.filter(isUsable).sort(byNumber).slice(-asksAtMost);
  return newest.reverse().map((b) => b.version);
}

const isDotted = (text: string): boolean => /^\d+(\.\d+)+$/.test(text);

function galleryBase(version: GalleryVersion, definition: ImageDefinition, at: BuildsAt): BaseVersion {
  const { name: _, state: __, ...traits } = definition;
  const obstacle = definition.state === 'Specialized' ? specialized : galleryObstacle(version, definition, at);
  return {
    version: version.version,
    traits,
    ...(version.endOfLife && { deprecation: { state: 'ScheduledForDeprecation', at: version.endOfLife } }),
    ...(obstacle && { obstacle }),
  };
}

const specialized: Obstacle = {
  why: 'is a specialized image; Image Builder builds from generalized ones',
  mend: 'Name a generalized image.',
};

const again = 'Publish again once it is there, or name another version.';

/** Azure can use a version where it has a copy; one that is held back is nobody's base, however exactly it is named. */
function galleryObstacle(version: GalleryVersion, { security }: ImageDefinition, at: BuildsAt): Obstacle | undefined {
  const { provisioningState: state, regions } = version;
  const region = regions.find(({ name }) => regionKey(name) === regionKey(at.location));
  if (/^(TrustedLaunch|ConfidentialVM)$/i.test(security ?? '')) {
    return {
      why: `is of a definition that takes machines of the security type ${security} alone, and Image Builder makes others`,
      mend: 'Name a version of a definition that supports Trusted Launch without demanding it.',
    };
  }
  if (state === 'Failed') return { why: 'could not be made by its gallery', mend: 'Name another version.' };
  if (state !== 'Succeeded' && state !== 'Updating') return { why: `is not ready (${state})`, mend: again };
  if (version.excludedFromLatest || region?.excludedFromLatest) {
    return {
      why: 'is excluded from latest: it was never released, or has been withdrawn',
      mend: 'Name another version, or let whoever keeps it release it.',
      takenBack: true,
    };
  }
  if (!region) {
    return {
      why: `has no copy in ${at.location}, where images are built`,
      mend: 'Let whoever keeps it replicate it there, or name a version that is there.',
    };
  }
  if (region.state === 'Failed') {
    return {
      why: `has no copy in ${region.name}: replication failed there`,
      mend: 'Let whoever keeps it mend that, or name another version.',
    };
  }
  if (region.state === 'Replicating') {
    return { why: `is still being copied to ${region.name} (${region.progress} %)`, mend: again };
  }
  return undefined;
}

/** Managed images are x64, and know no security type; Azure has no field for either. */
function managedBase(image: ManagedImage, at: BuildsAt): BaseVersion {
  const { os, generation, state, provisioningState, madeFrom } = image;
  const traits: ImageTraits = { os, generation, architecture: 'x64' };
  const obstacle = state === 'Specialized' ? specialized : managedObstacle(image, at);
  return {
    version: hashOf({ os, generation, state, madeFrom: [...madeFrom].sort() }).slice(0, 8),
    traits,
    ...(obstacle && { obstacle }),
    ...(provisioningState === 'Succeeded' || obstacle ? {} : { obstacle: notReady(provisioningState) }),
  };
}

const notReady = (state: string): Obstacle => ({
  why: `is not ready (${state})`,
  mend: 'Publish again once it is, or name another image.',
});

function managedObstacle({ id, location }: ManagedImage, at: BuildsAt): Obstacle | undefined {
  if (regionKey(location) !== regionKey(at.location)) {
    return {
      why: `is in ${location}; images are built in ${at.location}, and Image Builder takes managed images of its own region alone`,
      mend: 'Name an image of that region, or publish this one into a gallery that replicates it there.',
    };
  }
  if (!sameId(azureId(id).subscription, at.subscription)) {
    return {
      why: 'is in another subscription; Image Builder takes managed images of its own alone',
      mend: 'Name an image of the subscription that builds, or publish this one into a gallery.',
    };
  }
  return undefined;
}

/** Nothing new can be built from a deprecated version; one that is scheduled to be deprecated can be used until then. */
export function isDeprecated(base: MarketplaceVersion | undefined): boolean {
  return base?.deprecation?.state === 'Deprecated';
}

function isUsable(base: BaseVersion): boolean {
  return !isDeprecated(base) && base.obstacle === undefined;
}

/** The newest base from which something can be built, as far as is known. */
export function latestBase(bases: readonly BaseVersion[]): BaseVersion | undefined {
  return bases.filter(isUsable).sort(byNumber).at(-1);
}

/** Whether the newest base is newer than what was used: another source is, and a managed image that is another one now. */
export function isNewerBase(newest: string, { version }: { readonly version?: string }): boolean {
  if (version === undefined) return true;
  if (!isDotted(newest) || !isDotted(version)) return newest !== version;
  return byNumber({ version: newest }, { version }) > 0;
}

/** The version of the base that is asked for: by the command, else by the catalogue, else the newest. */
export function baseAsked(
  { from }: Pick<PublishRequest, 'from'>,
  { source }: { readonly source: ImageSource },
): string {
  return from ?? (source.kind === 'managedImage' ? undefined : source.version) ?? 'latest';
}

function isLatest(from: string): boolean {
  return from.toLowerCase() === 'latest';
}

/**
 * The base that a publish takes: the one it names, or the newest that can be used.
 * @throws UserError `BAD_COMMAND` (nothing can be built from it), `UNKNOWN_VERSION`
 */
export function chooseBase(request: PublishRequest, image: ImageConfig, bases: readonly BaseVersion[]): BaseVersion {
  const latest = latestBase(bases);
  const from = baseAsked(request, image);
  const named = isLatest(from) ? undefined : bases.find((b) => b.version === from);
  if (named && !isUsable(named)) throw unusable(image, named, latest);
  if (!latest) throw none(image, bases);
  if (named) return named;
  if (isLatest(from)) return latest;
  throw unknown(image, from, { bases, latest });
}

/** One exact version of a source from which nothing can be built any more: a sentence. */
export function withdrawn(source: ImageSource, version: string, found: BaseVersion | undefined): string | undefined {
  const name = source.kind === undefined ? source.sku : sourceName(source);
  if (!found) {
    return source.kind === 'managedImage'
      ? `The ${name} is gone, or is another one than when the build was planned.`
      : source.kind === 'imageVersion'
        ? `${name} ${version} is gone from its gallery.`
        : `The marketplace no longer offers ${name} ${version}.`;
  }
  if (source.kind === undefined && isDeprecated(found)) {
    return `${source.publisher} has deprecated ${name} ${version}: nothing new can be built from it.`;
  }
  return found.obstacle && `${name} ${version} ${found.obstacle.why}.`;
}

/**
 * What became of a base after something was built from it: those who decide about what was built are told. `withdrawn`:
 * a sentence. `ended`: its end of life, ISO 8601, is over.
 */
export type BaseNews =
  | { readonly why: 'withdrawn'; readonly said: string }
  | { readonly why: 'ended'; readonly at: string };

/**
 * What there is to tell at world time `now`; undefined when the base still stands. That it has no copy where images are
 * built any more, or is just being changed, is a matter of the next build.
 */
export function baseNews(
  source: ImageSource,
  version: string,
  found: BaseVersion | undefined,
  now: Date,
): BaseNews | undefined {
  if (!found || isDeprecated(found) || found.obstacle?.takenBack) {
    const said = withdrawn(source, version, found);
    return said === undefined ? undefined : { why: 'withdrawn', said };
  }
  const at = found.deprecation?.at;
  return at !== undefined && at <= now ? { why: 'ended', at: at.toISOString() } : undefined;
}

function unknown(
  image: ImageConfig,
  from: string,
  { bases, latest }: { readonly bases: readonly BaseVersion[]; readonly latest: BaseVersion },
): UserError {
  const { source } = image;
  if (source.kind === 'managedImage') {
    return new UserError('UNKNOWN_VERSION', `The ${sourceName(source)} has no versions, so it has no ${from}.`, {
      hint: 'Leave `--from` out: the image is taken as it is now.',
      next: [call('publish', { image: image.name })],
    });
  }
  const name = source.kind === undefined ? source.sku : source.image.definition;
  const newest = [...bases]
    .sort(byNumber)
    .slice(-3)
    .map((b) => b.version);
  const place = sourcePlace(source);
  return new UserError('UNKNOWN_VERSION', `${capital(place)} has no ${name} ${from}.`, {
    hint: `The newest are ${newest.join(', ')}.`,
    next: [call('publish', { image: image.name, from: latest.version })],
  });
}

function unusable(image: ImageConfig, base: BaseVersion, latest: BaseVersion | undefined): UserError {
  const { source } = image;
  const sentence = withdrawn(source, base.version, base) ?? '';
  const alternative = base.deprecation?.alternative;
  const instead =
    source.kind === undefined && alternative ? ` ${source.publisher} names the ${alternative} instead.` : '';
  const other = `Change the source in ${sourceKey(image).file}, then publish.`;
  const takeNewest = latest && `Take the newest, ${latest.version}.`;
  const mends = [base.obstacle && inFile(base.obstacle.mend, sourceKey(image)), takeNewest ?? other];
  return new UserError('BAD_COMMAND', `${sentence}${instead}`, {
    hint: mends.filter((mend) => mend !== undefined).join(' '),
    next: [call('publish', latest ? { image: image.name, from: latest.version } : { image: image.name })],
  });
}

const inFile = (mend: string, { key, file }: SourceKey): string =>
  `${mend} The catalogue names it as \`${key}\` in ${file}.`;

function none(image: ImageConfig, bases: readonly BaseVersion[]): UserError {
  const { source } = image;
  const newest = [...bases].sort(byNumber).at(-1);
  if (newest) return unusable(image, newest, undefined);
  const { key, file } = sourceKey(image);
  return byKind(source, {
    marketplace: () =>
      new UserError('UNKNOWN_VERSION', `The marketplace has no version of ${sourceTitle(source)}.`, {
        hint: `Correct the source in ${file}: its publisher may have deprecated all of it.`,
      }),
    imageVersion: ({ gallery, definition }) =>
      new UserError('UNKNOWN_VERSION', `The gallery ${gallery} has no version of ${definition} to build from.`, {
        hint: `Correct \`${key}\` in ${file}, or publish ${definition} first.`,
      }),
    managedImage: (id) =>
      new UserError('UNKNOWN_VERSION', `Azure has no ${sourceName(source)} in ${azureId(id).resourceGroup}.`, {
        hint: `Correct \`${key}\` in ${file}, or make the image again.`,
      }),
  });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
