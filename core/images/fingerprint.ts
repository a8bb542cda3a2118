import type { GalleryVersion } from '../azure';
import { hashOf } from '../hash';
import { type Tattoo, tattooFromTags, tattooHash, tattooTagNames, tattooTags, versionTags } from './tattoo';

/**
 * What makes a gallery version the object that it is, part by part: where its disks came from, when it was made, how
 * large it is, what Image Builder and the build wrote on it. Whoever deletes a version and puts another one under its
 * number, or rewrites those tags, changes a part. Regions, flags, the state of its life (`goldbot-published`,
 * `goldbot-state`, `goldbot-replaced-by`) and tags that others add are no part of it: those may change.
 *
 * Keys are what people read: `source`, `published date`, `OS disk`, `data disk 0`, `tag goldbot-source`.
 */
export type Fingerprint = Readonly<Record<string, string>>;

/** One part that is not as it was; absent where there was, or is, none. */
export interface Difference {
  readonly part: string;
  readonly was?: string;
  readonly is?: string;
}

/** Image Builder's own. */
const builderTags = ['VMImageBuilderSource', 'correlationId'];
const coveredTags = [...tattooTagNames, ...builderTags, versionTags.copyOf, versionTags.copiedBy];

export function fingerprintOf(version: GalleryVersion): Fingerprint {
  const { source, createdAt, disks = [] } = version;
  // Azure keeps tag names as they were written and compares them in any case.
  const tags = new Map(Object.entries(version.tags).map(([name, value]) => [name.toLowerCase(), value]));
  const parts: [string, string | undefined][] = [
    ['source', source],
    ['published date', createdAt?.toISOString()],
    ...disks.map(({ lun, ...disk }): [string, string] => [lun === null ? 'OS disk' : `data disk ${lun}`, sizeOf(disk)]),
    ...coveredTags.map((name): [string, string | undefined] => [`tag ${name}`, tags.get(name.toLowerCase())]),
  ];
  return Object.fromEntries(parts.filter((part): part is [string, string] => part[1] !== undefined));
}

function sizeOf({ sizeGiB, source }: { readonly sizeGiB?: number; readonly source?: string }): string {
  return [sizeGiB === undefined ? 'size not known' : `${sizeGiB} GiB`, ...(source ? [`from ${source}`] : [])].join(' ');
}

/** As it is once goldbot has written this tattoo into the tags: the guest completes what the build could not know. */
export function withTattoo(fingerprint: Fingerprint, tattoo: Tattoo): Fingerprint {
  const tags = Object.entries(tattooTags(tattoo)).map(([name, value]) => [`tag ${name}`, value]);
  return { ...fingerprint, ...Object.fromEntries(tags) };
}

/** What differs, in the order of the parts; empty when it is the same object. */
export function differences(was: Fingerprint, is: Fingerprint): readonly Difference[] {
  const parts = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort(byRank);
  return parts
    .filter((part) => was[part] !== is[part])
    .map((part) => ({
      part,
      ...(was[part] !== undefined && { was: was[part] }),
      ...(is[part] !== undefined && { is: is[part] }),
    }));
}

/**
 * What proves that a version is not the one that it says it is; empty when nothing does. `recorded`: what goldbot keeps
 * of the version that it tested. A version that it did not make, or made before it kept that, can only betray itself.
 */
export function forgeries(version: GalleryVersion, recorded: Fingerprint | undefined): readonly Difference[] {
  if (!recorded) return contradictions(version);
  // Long after the build Azure may no longer tell of a source that is gone: its silence proves nothing.
  const found = differences(recorded, fingerprintOf(version));
  return found.filter((d) => d.is !== undefined || d.part.startsWith('tag '));
}

/** The tags of a copy: the tattoo as it stands inside, and what it is a copy of. */
export function tagsOfCopy({ version, tags }: GalleryVersion, run: string): Readonly<Record<string, string>> {
  const tattoo = Object.entries(tags).filter(([name]) => tattooTagNames.includes(name.toLowerCase()));
  const first = tags[versionTags.copyOf] ?? version;
  return { ...Object.fromEntries(tattoo), [versionTags.copyOf]: first, [versionTags.copiedBy]: run };
}

/** A tattoo of another version, or one whose digest does not fit. */
function contradictions({ version, tags }: GalleryVersion): readonly Difference[] {
  const tattoo = tattooFromTags(tags);
  if (!tattoo) return [];
  const { 'goldbot-version': number, 'goldbot-tattoo-sha256': digest } = tags;
  const fits = [
    // What was copied says inside and on its tags which one it is a copy of.
    { part: 'tag goldbot-version', was: tags[versionTags.copyOf] ?? version, is: number },
    { part: 'tag goldbot-tattoo-sha256', was: tattooHash(tattoo), is: digest?.toLowerCase() },
  ];
  return fits.flatMap(({ part, was, is }) => (is === undefined || is === was ? [] : [{ part, was, is }]));
}

/** SHA-256 of the whole, in hex. */
export function fingerprintDigest(fingerprint: Fingerprint): string {
  return hashOf(fingerprint);
}

/** The digest of the tattoo that the version must carry. */
export function tattooDigest(fingerprint: Fingerprint): string | undefined {
  return fingerprint['tag goldbot-tattoo-sha256'];
}

/** For people, who compare two cards: eight digits of the digest. */
export function shortFingerprint(fingerprint: Fingerprint): string {
  return fingerprintDigest(fingerprint).slice(0, 8);
}

/** `source: galleries/gold/images/ubuntu-22/versions/1.5.0 → images/other`; `tag goldbot-source: none → Evil`. */
export function differenceText({ part, was, is }: Difference): string {
  return `${part}: ${shown(was)} → ${shown(is)}`;
}

/** Subscription, resource group and provider of an id tell nobody what it is; eight digits of a digest are enough. */
function shown(value: string | undefined): string {
  if (value === undefined) return 'none';
  const short = value.replace(/\/subscriptions\/\S+?\/providers\/microsoft\.\w+\//gi, '');
  return short.replace(/\b[0-9a-f]{40,}\b/g, (digest) => digest.slice(0, 8));
}

const ranks = ['source', 'published date', 'OS disk', 'data disk', 'tag'];

function byRank(a: string, b: string): number {
  const rank = (part: string) => ranks.findIndex((name) => part.startsWith(name));
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
