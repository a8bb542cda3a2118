import type { MarketplaceVersion } from '../azure';
import type { ImageConfig } from '../catalogue';
import { UserError } from '../errors';
import type { PublishRequest } from '../runs';

/** Marketplace versions by number, oldest first: dotted numbers of any length, with parts beyond 32 bits (22.04.202611120). */
export function byNumber(a: MarketplaceVersion, b: MarketplaceVersion): number {
  const [left, right] = [a.version.split('.').map(Number), b.version.split('.').map(Number)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Nothing new can be made from a deprecated version; one that will be deprecated may still be used until then. */
export function isDeprecated(base: MarketplaceVersion | undefined): boolean {
  return base?.deprecation?.state === 'Deprecated';
}

/** The newest base of which it is not known that it is deprecated. */
export function latestBase(bases: readonly MarketplaceVersion[]): MarketplaceVersion | undefined {
  return bases
    .filter((b) => !isDeprecated(b))
    .sort(byNumber)
    .at(-1);
}

/** So many deprecated versions in a row are asked about; the marketplace hides them, so that one is the rule. */
const asksAtMost = 4;

/**
 * The bases, with what their publisher says about the one that a plan would take: a list of the marketplace says
 * nothing about deprecation. Asks once, and again only while the answer is that the version is deprecated or gone.
 *
 * @throws what `ask` throws.
 */
export async function assessBases(
  bases: readonly MarketplaceVersion[],
  from: string | undefined,
  ask: (version: string) => Promise<MarketplaceVersion | undefined>,
): Promise<readonly MarketplaceVersion[]> {
  const known = new Map(bases.map((b) => [b.version, b]));
  for (const version of candidates(bases, from ?? 'latest')) {
    const found = await ask(version);
    if (found) known.set(version, found);
    else known.delete(version);
    if (found && !isDeprecated(found)) break;
  }
  return [...known.values()];
}

function candidates(bases: readonly MarketplaceVersion[], from: string): readonly string[] {
  if (!isLatest(from)) return /^\d+(\.\d+)+$/.test(from) ? [from] : [];
  const newest = [...bases].sort(byNumber).slice(-asksAtMost);
  return newest.reverse().map((b) => b.version);
}

function isLatest(from: string): boolean {
  return from.toLowerCase() === 'latest';
}

/**
 * The base that a publish takes: the one it names, or the newest that is not deprecated.
 * @throws UserError `BAD_COMMAND` (it is deprecated), `UNKNOWN_VERSION`
 */
export function chooseBase(
  request: PublishRequest,
  image: ImageConfig,
  bases: readonly MarketplaceVersion[],
): MarketplaceVersion {
  const latest = latestBase(bases);
  const from = request.from ?? 'latest';
  const named = isLatest(from) ? undefined : bases.find((b) => b.version === from);
  if (named && isDeprecated(named)) throw deprecated(image, named, latest);
  if (!latest) throw none(image, bases);
  if (named) return named;
  if (isLatest(from)) return latest;
  const { sku } = image.source;
  const newest = [...bases]
    .sort(byNumber)
    .slice(-3)
    .map((b) => b.version);
  throw new UserError('UNKNOWN_VERSION', `The marketplace has no ${sku} ${from}.`, {
    hint: `The newest are ${newest.join(', ')}: \`publish ${image.name} --from ${latest.version}\`.`,
  });
}

function deprecated(image: ImageConfig, base: MarketplaceVersion, latest: MarketplaceVersion | undefined): UserError {
  const { publisher, sku } = image.source;
  const alternative = base.deprecation?.alternative;
  const instead = alternative ? ` ${publisher} names the ${alternative} instead.` : '';
  const message = `${publisher} has deprecated ${sku} ${base.version}: nothing new can be built from it.${instead}`;
  const hint = latest
    ? `Take the newest: \`publish ${image.name} --from ${latest.version}\`.`
    : `Change \`source\` in images/${image.name}.yaml, then \`publish ${image.name}\`.`;
  return new UserError('BAD_COMMAND', message, { hint });
}

function none(image: ImageConfig, bases: readonly MarketplaceVersion[]): UserError {
  const { publisher, offer, sku } = image.source;
  const newest = [...bases].sort(byNumber).at(-1);
  if (newest) return deprecated(image, newest, undefined);
  return new UserError('UNKNOWN_VERSION', `The marketplace has no version of ${publisher} ${offer} ${sku}.`, {
    hint: `Correct \`source\` in images/${image.name}.yaml: its publisher may have deprecated all of it.`,
  });
}
