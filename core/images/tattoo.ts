import type { GalleryVersion } from '../azure';
import { nameOfId } from '../azure-id';
import { isOfSource, sourceWords, versionInSource } from '../build-source';
import type { ImageSource } from '../catalogue';
import { sha256 } from '../hash';
import { compareVersions, latestPublished } from './versions';

/**
 * What an image says about itself. Burnt into the guest by the last customizer and mirrored as tags of the gallery
 * version. The publish date is known only at publishing, so it is only a tag.
 */
export interface Tattoo {
  readonly schema: '1';
  readonly image: string;
  readonly version: string;
  /** `Publisher:Offer:Sku:exact version` of a marketplace image; of other sources see `exactSourceText`. */
  readonly source: string;
  /** OS name and version as the operating system reports it. */
  readonly os: string;
  /** ISO 8601, UTC. */
  readonly built: string;
  readonly run: string;
  readonly recipe: string;
}

/** Where it stands in the guest: a file on Linux, a key below HKEY_LOCAL_MACHINE on Windows, with a value for each field. */
export const tattooPath = '/etc/goldbot/tattoo';
export const tattooKey = 'SOFTWARE\\goldbot\\tattoo';
/** In the order in which they are written and hashed. */
export const tattooFields = ['schema', 'image', 'version', 'source', 'os', 'built', 'run', 'recipe'] as const;
type Field = (typeof tattooFields)[number];

/** The file of the guest: one `key=value` per line, in a fixed order. */
export function tattooFile(tattoo: Tattoo): string {
  return tattooFields.map((f) => `${f}=${tattoo[f]}\n`).join('');
}

/** Reads the guest's file; undefined when a field is missing or the schema is unknown. */
export function parseTattoo(text: string): Tattoo | undefined {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) found.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return complete((field) => found.get(field));
}

/** Names of the tags that mirror the tattoo. */
export const tattooTagNames: readonly string[] = [...tattooFields.map((f) => `goldbot-${f}`), 'goldbot-tattoo-sha256'];

/** Tags of the gallery version that mirror the tattoo, with the hash that makes tampering visible. */
export function tattooTags(tattoo: Tattoo): Record<string, string> {
  const tags = Object.fromEntries(tattooFields.map((f) => [`goldbot-${f}`, tattoo[f]]));
  return { ...tags, 'goldbot-tattoo-sha256': tattooHash(tattoo) };
}

export function tattooFromTags(tags: Readonly<Record<string, string>>): Tattoo | undefined {
  return complete((field) => tags[`goldbot-${field}`]);
}

/** What the latest of these was made from, compared with what its image is built from now. */
export interface UsedBase {
  /** Of the same source; absent when the catalogue names another one now. */
  readonly version?: string;
  readonly words: string;
}

/** Undefined when there is none, or it does not say. */
export function usedBase(versions: readonly Listed[], source: ImageSource): UsedBase | undefined {
  const tags = latestPublished(versions)?.tags;
  const text = tags && tattooFromTags(tags)?.source;
  if (text === undefined) return undefined;
  if (!isOfSource(text, source)) return { words: sourceWords(text) };
  const version = versionInSource(text);
  return { version, words: version };
}

type Listed = Parameters<typeof latestPublished>[0][number] & Pick<GalleryVersion, 'tags'>;

export function tattooHash(tattoo: Tattoo): string {
  return sha256(tattooFile(tattoo));
}

export function isTattooField(name: string): name is Field {
  return tattooFields.some((f) => f === name);
}

/** Tags besides the tattoo's that goldbot writes to a version or reads from it. */
export const versionTags = {
  published: 'goldbot-published',
  state: 'goldbot-state',
  replacedBy: 'goldbot-replaced-by',
  run: 'goldbot-run',
  /** Why it was revoked, retired or rolled back, in the words of who asked for it. */
  reason: 'goldbot-reason',
  /** SHA-256 of the statement that certifies it. */
  certificate: 'goldbot-certificate',
  /** The number that it is a copy of: inside it says that one. */
  copyOf: 'goldbot-copy-of',
  /** The run that copied it. */
  copiedBy: 'goldbot-copied-by',
} as const;

/**
 * State of a copy that nobody takes for the latest yet. Its day of publishing is set as well: without one it is what a
 * publish left, and cleaned up.
 */
export const beingCopied = 'being-copied';

type Flags = Pick<GalleryVersion, 'excludedFromLatest' | 'tags'>;

/** A copy that was never shown: its run is at work on it, or ended half way. */
export const isHiddenCopy = ({ excludedFromLatest, tags }: Flags): boolean =>
  excludedFromLatest && tags[versionTags.state] === beingCopied;

/** Why a candidate is neither revoked nor retired, and what is done instead: a clause that follows its number. */
export const whyCandidate = (version: Flags): string =>
  isHiddenCopy(version)
    ? 'is a copy that was never shown: rolling forward again shows it, and `leftovers` deletes it'
    : 'was never published: cancel its run instead';

/** Hidden and never published; one that was published and hidden later is aged. */
export function isCandidate(version: Flags): boolean {
  const { excludedFromLatest, tags } = version;
  const isUntouched = tags[versionTags.published] === undefined && tags[versionTags.state] === undefined;
  return (excludedFromLatest && isUntouched) || isHiddenCopy(version);
}

function complete(read: (field: Field) => string | undefined): Tattoo | undefined {
  const entries = tattooFields.map((f) => [f, read(f)] as const);
  if (entries.some(([, value]) => value === undefined || value === '')) return undefined;
  const tattoo = Object.fromEntries(entries) as unknown as Tattoo;
  return tattoo.schema === '1' ? tattoo : undefined;
}

/** What each source says about where a machine came from. */
export interface TattooEvidence {
  /** The VM's: a gallery version id, or `Publisher:Offer:Sku:version`. */
  readonly imageReference: string;
  /** In the same form: what the OS disk was created from. */
  readonly diskReference?: string;
  /** The guest's file, or why it is unknown. */
  readonly guest: { readonly text: string } | { readonly unread: Unread };
  /** As the VM agent reports them: `ubuntu`, `22.04`. */
  readonly osName?: string;
  readonly osVersion?: string;
  /** Name in the catalogue by lower-case definition id. */
  readonly images: ReadonlyMap<string, string>;
  /** Tags of a golden version as the gallery has it; undefined when it has none or could not be asked. */
  readonly tagsOf: (image: string, version: string) => Readonly<Record<string, string>> | undefined;
  /** What proves that a golden version is not the one that goldbot made, as `part: old → new`; empty when nothing does. */
  readonly forgedOf?: (image: string, version: string) => readonly string[];
}

/** `forged`: the version in the gallery is another one than goldbot made, so that nothing can be compared with it. */
export type TattooVerdict = 'verified' | 'upgraded in place' | 'reimaged' | 'rebranded' | 'forged' | 'unknown';

/** Why what is inside is unknown. */
export type Unread =
  | { readonly why: 'no tattoo' | 'unreadable' }
  /** Nobody has read it; a command can. */
  | { readonly why: 'not read'; readonly machine: string }
  /** goldbot's identity may run no command on it: `role` would let it. */
  | { readonly why: 'not allowed'; readonly role: string }
  | { readonly why: 'script failed'; readonly exitCode: number; readonly said: string }
  | { readonly why: 'guest configuration'; readonly said: string };

export interface GoldenVersion {
  /** Name in the catalogue. */
  readonly image: string;
  readonly version: string;
}

/** What an image reference names. */
export type OriginName =
  | GoldenVersion
  | { readonly otherGallery: string; readonly version: string }
  /** As written; empty when Azure does not say. */
  | { readonly reference: string };

/** What one source says. `mark`: compared with the OS disk or, without one, the image reference. */
export type EvidenceRow = { readonly mark: 'agrees' | 'differs' | 'silent' } & (
  | { readonly source: 'Image reference' | 'OS disk'; readonly origin?: OriginName }
  | { readonly source: 'Guest'; readonly inside?: GoldenVersion; readonly unread?: Unread }
  /** `runs` is empty when the machine does not report it. */
  | { readonly source: 'Operating system'; readonly runs: string; readonly expected?: string }
  | { readonly source: 'Tags of the version'; readonly hash?: string }
);

/** Why the verdict is what it is; the words are in cards/parts/tattoo.ts. */
export type Because =
  | 'forged version'
  | 'forged'
  | 'other tattoo'
  | 'other system'
  | 'other disk'
  | 'newer version'
  | 'newer system'
  | 'all agree'
  | 'unproven'
  | 'unread';

export interface Judgement {
  readonly verdict: TattooVerdict;
  readonly because: Because;
  readonly reference: OriginName;
  /** What the machine was made from: what the OS disk says or, without one, the image reference. */
  readonly made: OriginName;
  /** What the tattoo inside says. */
  readonly inside?: GoldenVersion;
  readonly unread?: Unread;
  /** The system that should run, as a tattoo names it. */
  readonly expected?: string;
  /** The golden version that is not what it was, and how. */
  readonly forged?: GoldenVersion & { readonly parts: readonly string[] };
  readonly evidence: readonly EvidenceRow[];
}

/** As versions before 0.1.0 kept it in their runs. */
export interface RecordedJudgement {
  readonly verdict: TattooVerdict;
  readonly sentence: string;
  readonly evidence: readonly (Pick<EvidenceRow, 'source' | 'mark'> & { readonly value: string })[];
}

interface Origin {
  /** Lower-case definition id or `publisher:offer:sku`. */
  readonly source: string;
  readonly version: string;
  /** Name in the catalogue when it is golden. */
  readonly image?: string;
  readonly name: OriginName;
}

type Inside =
  | { readonly state: 'unread'; readonly unread: Unread }
  | { readonly state: 'same' | 'newer' | 'other' | 'forged' | 'unproven'; readonly tattoo: Tattoo };

/**
 * Whether a machine still is what it was created from. An upgrade in place is not drift: the system or the golden
 * version inside is newer than the references say, and the tattoo that says so is one that goldbot wrote.
 */
export function tattooVerdict(evidence: TattooEvidence): Judgement {
  const reference = originOf(evidence.imageReference, evidence.images);
  const disk = evidence.diskReference === undefined ? undefined : originOf(evidence.diskReference, evidence.images);
  const made = disk ?? reference;
  const inside = insideOf(evidence, made);
  const expected = expectedSystem(evidence, made, inside);
  const system = compareSystems(expected, evidence);
  const swapped = disk !== undefined && !sameOrigin(disk, reference);
  const forged = forgedIn(evidence);
  const facts = { reference, disk, made, inside, expected, system, swapped, forged };
  const [verdict, because] = conclude(facts);
  return {
    ...{ verdict, because, reference: reference.name, made: made.name },
    ...('tattoo' in inside ? { inside: versionIn(inside.tattoo) } : { unread: inside.unread }),
    ...(expected !== undefined && { expected }),
    ...(forged && { forged }),
    evidence: rowsOf(facts, evidence),
  };
}

/** The golden versions that a machine names: in its references, and inside. What the check must know of the gallery. */
export function goldenVersionsIn(evidence: Omit<TattooEvidence, 'tagsOf' | 'forgedOf'>): readonly GoldenVersion[] {
  const { imageReference, diskReference, guest, images } = evidence;
  const inside = 'text' in guest ? parseTattoo(guest.text) : undefined;
  const origins = [imageReference, diskReference ?? ''].map((reference) => originOf(reference, images));
  const named = [...origins, ...(inside ? [inside] : [])].flatMap(({ image, version }) =>
    image === undefined ? [] : [{ image, version }],
  );
  return [...new Map(named.map((one) => [`${one.image} ${one.version}`, one])).values()];
}

function forgedIn(evidence: TattooEvidence): Judgement['forged'] {
  const forged = goldenVersionsIn(evidence).map((one) => ({
    ...one,
    parts: evidence.forgedOf?.(one.image, one.version) ?? [],
  }));
  return forged.find(({ parts }) => parts.length > 0);
}

interface Facts {
  readonly reference: Origin;
  readonly disk: Origin | undefined;
  readonly made: Origin;
  readonly inside: Inside;
  readonly expected: string | undefined;
  readonly system: ReturnType<typeof compareSystems>;
  readonly swapped: boolean;
  readonly forged: Judgement['forged'];
}

function conclude({ inside, system, swapped, forged }: Facts): readonly [TattooVerdict, Because] {
  if (forged) return ['forged', 'forged version'];
  if (inside.state === 'forged') return ['rebranded', 'forged'];
  if (inside.state === 'other') return ['rebranded', 'other tattoo'];
  if (system === 'other') return ['rebranded', 'other system'];
  if (swapped) return ['reimaged', 'other disk'];
  if (inside.state === 'newer') return ['upgraded in place', 'newer version'];
  if (system === 'newer') return ['upgraded in place', 'newer system'];
  if (inside.state === 'same') return ['verified', 'all agree'];
  return ['unknown', inside.state];
}

const versionIn = ({ image, version }: Tattoo): GoldenVersion => ({ image, version });

function insideOf({ guest, tagsOf }: TattooEvidence, made: Origin): Inside {
  if ('unread' in guest) return { state: 'unread', unread: guest.unread };
  if (guest.text.trim() === '') return { state: 'unread', unread: { why: 'no tattoo' } };
  const tattoo = parseTattoo(guest.text);
  if (!tattoo) return { state: 'unread', unread: { why: 'unreadable' } };
  const tags = tagsOf(tattoo.image, tattoo.version);
  const written = tags?.['goldbot-tattoo-sha256'];
  if (written !== undefined && written.toLowerCase() !== tattooHash(tattoo)) return { state: 'forged', tattoo };
  // A machine outside Azure, or made from a disk, names no image: the tattoo alone says where it comes from.
  const copied = made.image === undefined ? undefined : tagsOf(made.image, made.version)?.[versionTags.copyOf];
  const difference = made.source === '' ? 0 : compareVersions(tattoo.version, copied ?? made.version);
  if ((made.source !== '' && tattoo.image !== made.image) || difference < 0) return { state: 'other', tattoo };
  if (written === undefined) return { state: 'unproven', tattoo };
  return { state: difference > 0 ? 'newer' : 'same', tattoo };
}

/** The system that should be running: by the tattoo of the current version, or of the version it was created from. */
function expectedSystem({ tagsOf }: TattooEvidence, made: Origin, inside: Inside): string | undefined {
  if (inside.state === 'same' || inside.state === 'newer') return inside.tattoo.os;
  const tags = made.image === undefined ? undefined : tagsOf(made.image, made.version);
  return tags && tattooFromTags(tags)?.os;
}

function rowsOf(facts: Facts, evidence: TattooEvidence): readonly EvidenceRow[] {
  const { reference, disk, made, inside, expected, system, swapped, forged } = facts;
  const runs = [evidence.osName, evidence.osVersion].filter(Boolean).join(' ');
  const same = inside.state === 'same';
  const golden = made.source === '' && 'tattoo' in inside ? inside.tattoo : made;
  const hash = golden.image && evidence.tagsOf(golden.image, golden.version)?.['goldbot-tattoo-sha256'];
  const origin = swapped ? 'differs' : 'agrees';
  return [
    { source: 'Image reference', origin: reference.name, mark: reference.source === '' ? 'silent' : origin },
    disk ? { source: 'OS disk', origin: disk.name, mark: origin } : { source: 'OS disk', mark: 'silent' },
    'tattoo' in inside
      ? {
          source: 'Guest',
          inside: versionIn(inside.tattoo),
          mark: same ? 'agrees' : inside.state === 'unproven' ? 'silent' : 'differs',
        }
      : { source: 'Guest', unread: inside.unread, mark: 'silent' },
    { source: 'Operating system', runs, mark: markOf(system), ...(expected !== undefined && { expected }) },
    hash
      ? {
          source: 'Tags of the version',
          hash: hash.slice(0, 16),
          mark: forged || inside.state === 'forged' ? 'differs' : same ? 'agrees' : 'silent',
        }
      : { source: 'Tags of the version', mark: 'silent' },
  ];
}

function markOf(system: Facts['system']): EvidenceRow['mark'] {
  if (system === 'same') return 'agrees';
  return system === 'unknown' ? 'silent' : 'differs';
}

function originOf(reference: string, images: ReadonlyMap<string, string>): Origin {
  const gallery = /^(\/.+\/images\/[^/]+)\/versions\/([^/]+)$/i.exec(reference);
  if (gallery) {
    const [, definition = '', version = ''] = gallery;
    const source = definition.toLowerCase();
    const image = images.get(source);
    return image === undefined
      ? { source, version, name: { otherGallery: nameOfId(definition), version } }
      : { source, version, image, name: { image, version } };
  }
  const parts = reference.split(':');
  if (parts.length !== 4) return { source: reference.toLowerCase(), version: '', name: { reference } };
  const [publisher = '', offer = '', sku = '', version = ''] = parts;
  return { source: [publisher, offer, sku].join(':').toLowerCase(), version, name: { reference } };
}

function sameOrigin(a: Origin, b: Origin): boolean {
  return a.source === b.source && a.version === b.version;
}

/** How systems name themselves, and their family. */
const families: readonly (readonly [pattern: RegExp, family: string])[] = [
  [/windows server/i, 'windows server'],
  [/windows/i, 'windows'],
  [/ubuntu/i, 'ubuntu'],
  [/debian/i, 'debian'],
  [/red ?hat|rhel/i, 'rhel'],
  [/suse|sles/i, 'suse'],
  [/centos/i, 'centos'],
  [/rocky/i, 'rocky'],
  [/alma/i, 'alma'],
  [/oracle/i, 'oracle'],
  [/mariner|azure ?linux/i, 'azurelinux'],
];

/**
 * Compares the running system with the expected one (`Ubuntu 22.04.5 LTS`). Only releases count: the third part of a
 * Linux release changes with every update, as the fourth of a Windows version does with every cumulative one. Releases of
 * Windows are told by their build where both sides name it, since names differ between what reports them. `other`: another
 * family, or an older release.
 */
export function compareSystems(
  expected: string | undefined,
  runs: { readonly osName?: string; readonly osVersion?: string },
): 'same' | 'newer' | 'other' | 'unknown' {
  const [was, is] = [releaseIn(expected ?? ''), releaseIn(`${runs.osName ?? ''} ${runs.osVersion ?? ''}`)];
  if (!was || !is) return 'unknown';
  if (was.family !== is.family) return 'other';
  const isBuilt = was.build !== undefined && is.build !== undefined;
  const [before, after] = isBuilt ? [[was.build], [is.build]] : [was.release, is.release];
  for (const [i, part] of before.entries()) {
    const now = after[i];
    if (now !== undefined && now !== part) return now > part ? 'newer' : 'other';
  }
  return 'same';
}

interface Release {
  readonly family: string;
  /** The first two parts of the first number: `Windows Server 2022 Datacenter 10.0.20348` is 2022. */
  readonly release: readonly number[];
  /** Of Windows: 20348. */
  readonly build?: number;
}

function releaseIn(text: string): Release | undefined {
  const family = families.find(([pattern]) => pattern.test(text))?.[1];
  const release = /\d+(\.\d+)*/.exec(text)?.[0].split('.').slice(0, 2).map(Number);
  if (family === undefined || !release) return undefined;
  const build = family.startsWith('windows') ? /\b\d+\.\d+\.(\d{4,})/.exec(text)?.[1] : undefined;
  return { family, release, ...(build !== undefined && { build: Number(build) }) };
}
