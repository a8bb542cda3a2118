import type { Catalogue } from '../../core/catalogue';
import { call } from '../../core/command-call';
import type { PublishedVersion } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { compareVersions, goldenGallery, highest, isVersion } from '../../core/images';
import { type CommandContext, meantImage, splitRef, youMay } from '../conversation';

/** What machines are made of, as a person asks about it. */
export type ImagesMeant =
  /** `sources`: lower-case ids by which machines name it. `version`: a number, or a word for one. */
  | { readonly kind: 'golden'; readonly image: string; readonly sources: readonly string[]; readonly version?: string }
  /** Marketplace images whose `publisher:offer:sku` begins with this; all when empty. */
  | { readonly kind: 'marketplace'; readonly source: string; readonly version?: string };

const whole = ['marketplace', 'market'];

/**
 * An image of the catalogue, `marketplace`, or `publisher:offer:sku[:version]`.
 *
 * @throws UserError `UNKNOWN_IMAGE`, `BAD_COMMAND` (a version twice, or none that exists), `WRONG_ROLE`.
 */
export function meantImages(
  { rights }: Pick<CommandContext, 'rights'>,
  catalogue: Catalogue,
  typed: { readonly ref: string; readonly version?: string | undefined },
): ImagesMeant {
  const text = typed.ref.trim().toLowerCase();
  if (whole.includes(text)) return { kind: 'marketplace', source: '' };
  if (/^[^/@\s]+:[^/@\s]+/.test(text)) return ofMarketplace(text);
  const { image: name, version = typed.version } = splitRef(typed.ref);
  const meant = meantImage(catalogue, name, (near) =>
    call('who uses', { ref: near, ...(typed.version !== undefined && { version: typed.version }) }),
  );
  if (meant.kind === 'choose')
    throw severalImages(
      name,
      meant.among.map((image) => image.name),
    );
  const image = meant.image.name;
  if (!rights.has('viewer', image)) throw notYours(image);
  if (version !== undefined && !isVersion(version) && !['latest', 'previous', 'candidate'].includes(version))
    throw noVersion(image, version);
  const sources = [...goldenGallery(catalogue, []).images].flatMap(([source, its]) => (its === image ? source : []));
  return { kind: 'golden', image, sources, ...(version !== undefined && { version }) };
}

/** `latest`, `previous` and `candidate` as the number that they mean now; undefined when there is none. */
export function numberOf(version: string, published: readonly PublishedVersion[]): string | undefined {
  if (isVersion(version)) return version;
  const offered = published.filter((v) => !v.excludedFromLatest).map((v) => v.version);
  const latest = highest(offered);
  if (version === 'latest' || latest === undefined) return latest;
  if (version === 'previous') return highest(offered.filter((v) => compareVersions(v, latest) < 0));
  const hidden = published.filter((v) => v.excludedFromLatest).map((v) => v.version);
  return highest(hidden.filter((v) => compareVersions(v, latest) > 0));
}

function ofMarketplace(text: string): ImagesMeant {
  const [publisher = '', offer = '', sku, version] = text.split(':');
  const source = [publisher, offer, ...(sku ? [sku] : [])].join(':');
  return { kind: 'marketplace', source, ...(version && version !== 'latest' && { version }) };
}

function severalImages(typed: string, names: readonly string[]): UserError {
  return new UserError('UNKNOWN_IMAGE', `"${typed.slice(0, 60)}" fits ${names.join(', ')}.`, {
    hint: 'Name one of them.',
    next: names.slice(0, 3).map((ref) => call('who uses', { ref })),
  });
}

function notYours(image: string): UserError {
  return new UserError('WRONG_ROLE', `You may not look at ${image}.`, youMay);
}

function noVersion(image: string, version: string): UserError {
  return new UserError('BAD_COMMAND', `"${version.slice(0, 40)}" is no version of ${image}.`, {
    hint: 'Name three numbers, or latest.',
    next: [call('who uses', { ref: `${image}@latest` })],
  });
}
