import type { AzureRead, ImageTraits, MarketplaceImage } from '../azure';
import { UserError } from '../errors';
import { assessBases } from './planning';
import { latestBase } from './versions';

/** What the marketplace said of an image that builds start from. Stored as JSON. */
export interface KnownBase {
  /** The newest version that is not deprecated; absent when there is none. */
  readonly newest?: string;
  /** What that one is made for; absent when Azure does not say. */
  readonly traits?: ImageTraits;
  /** By version, those that were asked about; those without an announcement are empty. */
  readonly deprecations: Readonly<Record<string, BaseNotice>>;
}

/** Present with `announced` when the publisher deprecates the version or has said that it will. */
export interface BaseNotice {
  readonly announced?: true;
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

export function baseKey(location: string, { publisher, offer, sku }: MarketplaceImage): string {
  return [location, publisher, offer, sku].join(':').toLowerCase();
}

/** @throws UserError why nothing is known. */
export function knownBase(answer: BaseAnswer | undefined): KnownBase {
  if (answer?.found) return answer.found;
  const { code, message } = answer?.failed ?? { code: 'AZ_SILENT', message: 'The marketplace is still being asked.' };
  throw new UserError(code, message, { hint: 'goldbot asks again by itself.' });
}

/**
 * Asks the marketplace: one list, and each version that matters: the newest and those in use.
 *
 * @throws UserError `AZ_NOT_FOUND` (no such image there), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
 */
export async function lookUpBase(
  read: Pick<AzureRead, 'marketplaceVersions' | 'marketplaceVersion'>,
  location: string,
  image: MarketplaceImage,
  used: readonly string[],
): Promise<KnownBase> {
  const ask = (version: string) => read.marketplaceVersion(location, image, version);
  const listed = await read.marketplaceVersions(location, image);
  const bases = await assessBases(listed, undefined, ask);
  const newest = latestBase(bases);
  const others = await Promise.all(used.map(async (version) => (await ask(version)) ?? { version }));
  const assessed = [...others, ...(newest ? [newest] : [])];
  return {
    ...(newest && { newest: newest.version }),
    ...(newest?.traits && { traits: newest.traits }),
    deprecations: Object.fromEntries(assessed.map(({ version, deprecation }) => [version, noticeOf(deprecation)])),
  };
}

function noticeOf(deprecation: { readonly at?: Date; readonly alternative?: string } | undefined): BaseNotice {
  if (!deprecation) return {};
  const { at, alternative } = deprecation;
  return {
    announced: true,
    ...(at && { at: at.toISOString() }),
    ...(alternative !== undefined && { alternative }),
  };
}
