import type { ImageTraits } from '../azure';
import type { ImageSource } from '../catalogue';
import { UserError } from '../errors';
import { type BaseRead, type BuildsAt, latestBase, readBase, readBases } from './bases';
import { sourceText } from './source';

/** What the marketplace or a gallery said of an image that builds start from. Stored as JSON. */
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

/** What Azure last said; for what it has not been asked yet it waits, as long as somebody waits for an answer. */
export interface BasesRead {
  bases(keys: readonly string[]): Promise<BaseAnswers>;
}

export function baseKey(location: string, source: ImageSource): string {
  return `${location}:${sourceText(source)}`.toLowerCase();
}

/** @throws UserError why nothing is known. */
export function knownBase(answer: BaseAnswer | undefined): KnownBase {
  if (answer?.found) return answer.found;
  const { code, message } = answer?.failed ?? {
    code: 'AZ_SILENT',
    message: 'Azure is still being asked about the base.',
  };
  throw new UserError(code, message, { hint: 'goldbot asks again by itself.' });
}

/**
 * Asks where the source is: one list, and each version that matters: the newest and those in use.
 *
 * @throws UserError `AZ_NOT_FOUND` (no such image there), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
 */
export async function lookUpBase(
  read: BaseRead,
  at: BuildsAt,
  source: ImageSource,
  used: readonly string[],
): Promise<KnownBase> {
  const newest = latestBase(await readBases(read, at, source, 'latest'));
  const others = await Promise.all(
    used.map(async (version) => (await readBase(read, at, source, version)) ?? { version }),
  );
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
