import type { ImageTraits, MarketplaceImage } from '../azure';
import { sameId } from '../azure-id';
import { sourceInText, sourceText } from '../build-source';
import type { Catalogue, ImageConfig, ImageSource } from '../catalogue';
import { byText, grouped, sumOf } from '../collections';
import type { ListedVersion, MachineCount } from '../compliance';
import { isUserError, UserError } from '../errors';
import { type BaseRead, type BaseVersion, type BuildsAt, isDeprecated, latestBase, readBase, readBases } from './bases';
import { tattooFromTags } from './tattoo';

/** What the marketplace or a gallery said of an image that builds start from or machines run. Stored as JSON. */
export interface KnownBase {
  /** The newest version that is not deprecated; absent when there is none. */
  readonly newest?: string;
  /** What that one is made for; absent when Azure does not say. */
  readonly traits?: ImageTraits;
  /** By version, those that were asked about; those without an announcement are empty. */
  readonly deprecations: Readonly<Record<string, BaseNotice>>;
  /** World time of the look, ISO 8601; absent in what versions before 0.1.0 kept. */
  readonly asOf?: string;
}

/** Present with `announced` when the publisher deprecates the version or has said that it will. */
export interface BaseNotice {
  readonly announced?: true;
  /** It has been deprecated or, in a gallery, held back: nothing new can be made from it. */
  readonly deprecated?: true;
  /** The marketplace has no such version any more. */
  readonly gone?: true;
  /** ISO 8601; absent when no day is named. */
  readonly at?: string;
  readonly alternative?: string;
}

/** What is known of a base, or why nothing is: the code and message of the UserError. */
export interface BaseAnswer {
  readonly found?: KnownBase;
  readonly failed?: { readonly code: UserError['code']; readonly message: string };
}

/** By `baseKey`. */
export type BaseAnswers = ReadonlyMap<string, BaseAnswer>;

/** What the marketplace last said; for what it has not been asked yet it waits, as long as somebody waits for an answer. */
export interface BasesRead {
  bases(keys: readonly string[]): Promise<BaseAnswers>;
}

/** `location`: where images are built. */
export function baseKey(location: string, source: ImageSource): string {
  return `${location}:${sourceText(source)}`.toLowerCase();
}

/** A source that matters, and what is to be known of it. */
export interface BaseInUse {
  readonly source: ImageSource;
  /** Its versions in use, those of most machines first. */
  readonly versions: readonly string[];
  /** Where else than at home machines run it. A marketplace image need not be offered in each region. */
  readonly elsewhere: readonly string[];
}

/** By `baseKey`. */
export type BasesInUse = ReadonlyMap<string, BaseInUse>;

/** The bases that the catalogue builds from, those that golden versions were built from, and those that machines run. */
export function basesInUse(
  { azure, images }: Pick<Catalogue, 'azure' | 'images'>,
  published: readonly Pick<ListedVersion, 'tags'>[],
  machines: readonly Pick<MachineCount, 'source' | 'version' | 'location' | 'machines'>[],
): BasesInUse {
  const home = azure.location;
  const uses: readonly Use[] = [
    ...images.map(({ source }) => ({ source, version: '', location: home, machines: 0 })),
    ...published.flatMap(({ tags }) => useOf(tattooFromTags(tags)?.source ?? '', home, 0)),
    ...machines.flatMap((m) => useOf(`${m.source}:${m.version}`, m.location, m.machines)),
  ];
  const byKey = grouped(uses, ({ source }) => baseKey(home, source));
  return new Map([...byKey].flatMap(([key, own]) => (own[0] ? [[key, inUse(own[0].source, own, home)]] : [])));
}

interface Use {
  readonly source: ImageSource;
  readonly version: string;
  readonly location: string;
  readonly machines: number;
}

function useOf(text: string, location: string, machines: number): readonly Use[] {
  const found = sourceInText(text);
  return found ? [{ ...found, location, machines }] : [];
}

/** Beyond these an image is not looked for elsewhere; one that none of them has is taken for gone. */
const mostElsewhere = 2;

function inUse(source: ImageSource, own: readonly Use[], home: string): BaseInUse {
  const most = (name: 'version' | 'location') =>
    [...grouped(own, (use) => use[name])]
      .map(([value, alike]) => ({ value, machines: sumOf(alike, ({ machines }) => machines) }))
      .sort((a, b) => b.machines - a.machines || byText(a.value, b.value))
      .map(({ value }) => value);
  return {
    source,
    versions: most('version').filter((version) => version !== ''),
    elsewhere: most('location')
      .filter((location) => location !== home)
      .slice(0, mostElsewhere),
  };
}

/** @throws UserError why nothing is known. */
export function knownBase(answer: BaseAnswer | undefined): KnownBase {
  if (answer?.found) return answer.found;
  const { code, message } = answer?.failed ?? { code: 'AZ_SILENT', message: 'The marketplace is still being asked.' };
  throw new UserError(code, message, { hint: 'goldbot asks again by itself.' });
}

export interface BaseLook {
  /** Where images are built: asked first. */
  readonly home: BuildsAt;
  /** World time. */
  readonly now: Date;
  /** What was known: Azure says nothing of a version once it is deprecated, not even what to take instead. */
  readonly before?: KnownBase | undefined;
}

/** More versions of one image than these are not asked about; what is not known of them is told. */
const mostVersions = 200;
const askedAtOnce = 5;

/**
 * Asks where the source is: one list, and each version that matters: the newest and those in use.
 *
 * @throws UserError `AZ_NOT_FOUND` (no such image, and nothing was ever made from it), `AZ_FORBIDDEN`, `AZ_THROTTLED`,
 * `AZ_UNAVAILABLE`, `AZ_SILENT`.
 */
export async function lookUpBase(
  read: BaseRead,
  { source, versions, elsewhere }: BaseInUse,
  { home, now, before }: BaseLook,
): Promise<KnownBase> {
  const places = [home, ...elsewhere.map((location) => ({ ...home, location }))];
  const bases = await listedIn(places, (at) => readBases(read, at, source, 'latest'), versions.length > 0);
  const newest = latestBase(bases);
  const notices = await inBatches(versions.slice(0, mostVersions), async (version): Promise<Noticed> => {
    const found = await firstOf(places, (at) => readBase(read, at, source, version));
    return [version, noticeOf(found, before?.deprecations[version])];
  });
  return {
    ...(newest && { newest: newest.version }),
    ...(newest?.traits && { traits: newest.traits }),
    deprecations: Object.fromEntries([...notices, ...(newest ? [[newest.version, noticeOf(newest)] as const] : [])]),
    asOf: now.toISOString(),
  };
}

type Noticed = readonly [version: string, notice: BaseNotice];

async function firstOf<Found>(places: readonly BuildsAt[], ask: (at: BuildsAt) => Promise<Found | undefined>) {
  for (const place of places) {
    const found = await ask(place);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** An image that no place has any more, but that something was made from, has an empty list. */
async function listedIn(
  places: readonly BuildsAt[],
  list: (at: BuildsAt) => Promise<readonly BaseVersion[]>,
  wasUsed: boolean,
): Promise<readonly BaseVersion[]> {
  let refusal: UserError | undefined;
  const found = await firstOf(places, async (at) => {
    try {
      return await list(at);
    } catch (error) {
      if (!isUserError(error) || error.code !== 'AZ_NOT_FOUND') throw error;
      refusal ??= error;
      return undefined;
    }
  });
  if (!found && refusal && !wasUsed) throw refusal;
  return found ?? [];
}

async function inBatches<Item, Result>(items: readonly Item[], ask: (item: Item) => Promise<Result>) {
  const all: Result[] = [];
  for (let first = 0; first < items.length; first += askedAtOnce) {
    all.push(...(await Promise.all(items.slice(first, first + askedAtOnce).map(ask))));
  }
  return all;
}

function noticeOf(found: BaseVersion | undefined, before?: BaseNotice): BaseNotice {
  const { at, alternative } = before ?? {};
  const remembered = { ...(at !== undefined && { at }), ...(alternative !== undefined && { alternative }) };
  if (!found) return { gone: true, ...remembered };
  const { deprecation, obstacle } = found;
  // Whatever stands in the way now, nobody has said when.
  if (obstacle) return { announced: true, deprecated: true };
  if (!deprecation) return {};
  const isOver = isDeprecated(found);
  return {
    announced: true,
    ...(isOver && { deprecated: true, ...remembered }),
    ...(deprecation.at && { at: deprecation.at.toISOString() }),
    ...(deprecation.alternative !== undefined && { alternative: deprecation.alternative }),
  };
}

/** What becomes of a version that its publisher retires. */
export interface Retirement {
  /** `scheduled`: it can be used until then; `gone`: the marketplace has it no longer. */
  readonly state: 'scheduled' | 'deprecated' | 'gone';
  /** When it is or was deprecated; absent when the publisher named no day, or goldbot never heard it. */
  readonly retiresAt?: Date;
  /** What the publisher names instead: `offer ubuntu-24_04-lts`. */
  readonly alternative?: string;
  /** A newer version of the same image, which stays. */
  readonly newer?: string;
}

/** `unknown`: nobody has asked about this version. */
export function retirementOf(base: KnownBase, version: string, now: Date): Retirement | 'stays' | 'unknown' {
  const notice = base.deprecations[version];
  if (!notice) return 'unknown';
  if (!notice.gone && !notice.announced) return 'stays';
  const retiresAt = notice.at === undefined ? undefined : new Date(notice.at);
  const isOver = notice.deprecated || (retiresAt !== undefined && retiresAt <= now);
  const newer = newerThan(base, version);
  return {
    state: notice.gone ? 'gone' : isOver ? 'deprecated' : 'scheduled',
    ...(retiresAt && { retiresAt }),
    ...(notice.alternative !== undefined && { alternative: notice.alternative }),
    ...(newer !== undefined && { newer }),
  };
}

function newerThan({ newest, deprecations }: KnownBase, version: string): string | undefined {
  if (newest === undefined || newest === version) return undefined;
  const { gone, announced } = deprecations[newest] ?? {};
  return gone || announced ? undefined : newest;
}

/**
 * What becomes of the base of the next build: undefined when its newest version stays. Where the publisher has left
 * none, nothing can be built.
 */
export function outlookOf(base: KnownBase, now: Date): Retirement | undefined {
  const { newest, deprecations } = base;
  if (newest === undefined) {
    const alternative = Object.values(deprecations).find((notice) => notice.alternative !== undefined)?.alternative;
    return { state: 'deprecated', ...(alternative !== undefined && { alternative }) };
  }
  const outlook = retirementOf(base, newest, now);
  return typeof outlook === 'string' ? undefined : outlook;
}

/**
 * The golden image that machines of a marketplace image can move to: built from what the publisher names instead or, while
 * their own image goes on, from the same release of the same system. Undefined when none is known to fit.
 */
export function goldenFor(
  images: readonly Pick<ImageConfig, 'name' | 'source'>[],
  from: MarketplaceImage,
  { alternative, newer }: Pick<Retirement, 'alternative' | 'newer'>,
): string | undefined {
  const [kind, value] = alternative?.split(' ') ?? [];
  const built = images.flatMap(({ name, source }) => (source.kind === undefined ? [{ name, source }] : []));
  const named = built.find(
    ({ source }) =>
      sameId(source.publisher, from.publisher) &&
      value !== undefined &&
      (kind === 'offer' ? sameId(source.offer, value) : sameId(source.offer, from.offer) && sameId(source.sku, value)),
  );
  const alike = built.find(({ source }) => releaseOf(source) === releaseOf(from));
  return (newer === undefined ? (named ?? alike) : (alike ?? named))?.name;
}

/** `2022-datacenter-g2` and `2022-datacenter-azure-edition` of one offer are the same release. */
function releaseOf({ publisher, offer, sku }: MarketplaceImage): string {
  return [publisher, offer, /\d+([._]\d+)?/.exec(sku)?.[0] ?? sku].join(':').toLowerCase();
}
