import { nameOfId } from '../azure-id';
import { sha256 } from '../hash';
import { compareVersions } from './versions';

/**
 * What an image says about itself. Burnt into the guest by the last customizer and mirrored as tags of the gallery
 * version. The publish date is known only at publishing, so it is only a tag.
 */
export interface Tattoo {
  readonly schema: '1';
  readonly image: string;
  readonly version: string;
  /** `Publisher:Offer:Sku:exact version` of the marketplace image. */
  readonly source: string;
  /** OS name and version as the operating system reports it. */
  readonly os: string;
  /** ISO 8601, UTC. */
  readonly built: string;
  readonly run: string;
  readonly recipe: string;
}

export const tattooPath = '/etc/goldbot/tattoo';
const fields = ['schema', 'image', 'version', 'source', 'os', 'built', 'run', 'recipe'] as const;
type Field = (typeof fields)[number];

/** The file of the guest: one `key=value` a line, in a fixed order. */
export function tattooFile(tattoo: Tattoo): string {
  return fields.map((f) => `${f}=${tattoo[f]}\n`).join('');
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

/** Tags of the gallery version that mirror the tattoo, with the hash that makes tampering visible. */
export function tattooTags(tattoo: Tattoo): Record<string, string> {
  const tags = Object.fromEntries(fields.map((f) => [`goldbot-${f}`, tattoo[f]]));
  return { ...tags, 'goldbot-tattoo-sha256': tattooHash(tattoo) };
}

export function tattooFromTags(tags: Readonly<Record<string, string>>): Tattoo | undefined {
  return complete((field) => tags[`goldbot-${field}`]);
}

export function tattooHash(tattoo: Tattoo): string {
  return sha256(tattooFile(tattoo));
}

export function isTattooField(name: string): name is Field {
  return fields.some((f) => f === name);
}

/** Tags beside the tattoo's that goldbot writes on a version or reads from it. */
export const versionTags = {
  published: 'goldbot-published',
  state: 'goldbot-state',
  replacedBy: 'goldbot-replaced-by',
  run: 'goldbot-run',
} as const;

function complete(read: (field: Field) => string | undefined): Tattoo | undefined {
  const entries = fields.map((f) => [f, read(f)] as const);
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
  /** The guest's file, or why it is not known. */
  readonly guest: { readonly text: string } | { readonly absent: string };
  /** As the VM agent reports them: `ubuntu`, `22.04`. */
  readonly osName?: string;
  readonly osVersion?: string;
  /** Name in the catalogue by lower-case definition id. */
  readonly images: ReadonlyMap<string, string>;
  /** Tags of a golden version as the gallery has it; undefined when it has none or could not be asked. */
  readonly tagsOf: (image: string, version: string) => Readonly<Record<string, string>> | undefined;
}

export type TattooVerdict = 'verified' | 'upgraded in place' | 'reimaged' | 'rebranded' | 'unknown';

export interface EvidenceRow {
  readonly source: 'Image reference' | 'OS disk' | 'Guest' | 'Operating system' | 'Tags of the version';
  /** What it says, or why it says nothing. */
  readonly value: string;
  /** Compared with the OS disk or, without one, the image reference. */
  readonly mark: 'agrees' | 'differs' | 'silent';
}

export interface Judgement {
  readonly verdict: TattooVerdict;
  readonly sentence: string;
  readonly evidence: readonly EvidenceRow[];
}

interface Origin {
  /** Lower-case definition id or `publisher:offer:sku`. */
  readonly source: string;
  readonly version: string;
  /** Name in the catalogue when it is golden. */
  readonly image?: string;
  readonly shown: string;
}

type Inside =
  | { readonly state: 'silent'; readonly why: string }
  | { readonly state: 'same' | 'newer' | 'other' | 'forged' | 'unproven'; readonly tattoo: Tattoo };

/**
 * Whether a machine still is what it was created from. An upgrade in place is not drift: the system or the golden version
 * inside is newer than the references say, and the tattoo that says so is one that goldbot wrote.
 */
export function tattooVerdict(evidence: TattooEvidence): Judgement {
  const reference = originOf(evidence.imageReference, evidence.images);
  const disk = evidence.diskReference === undefined ? undefined : originOf(evidence.diskReference, evidence.images);
  const made = disk ?? reference;
  const inside = insideOf(evidence, made);
  const expected = expectedSystem(evidence, made, inside);
  const system = compareSystems(expected, evidence);
  const swapped = disk !== undefined && !sameOrigin(disk, reference);
  const facts = { reference, disk, made, inside, expected, system, swapped };
  return { ...conclude(facts), evidence: rowsOf(facts, evidence) };
}

interface Facts {
  readonly reference: Origin;
  readonly disk: Origin | undefined;
  readonly made: Origin;
  readonly inside: Inside;
  readonly expected: string | undefined;
  readonly system: ReturnType<typeof compareSystems>;
  readonly swapped: boolean;
}

function conclude({ reference, made, inside, expected, system, swapped }: Facts): Omit<Judgement, 'evidence'> {
  const claims = 'tattoo' in inside ? `${inside.tattoo.image} ${inside.tattoo.version}` : '';
  if (inside.state === 'forged') {
    return told('rebranded', `The tattoo inside says ${claims}, but it is not the one that goldbot wrote for it.`);
  }
  if (inside.state === 'other') {
    return told('rebranded', `It was made of ${made.shown}, but the tattoo inside says ${claims}.`);
  }
  if (system === 'other') {
    return told('rebranded', `It was made of ${made.shown} with ${expected}, but another system runs inside.`);
  }
  if (swapped) {
    return told('reimaged', `The machine names ${reference.shown}, but its OS disk was made of ${made.shown}.`);
  }
  if (inside.state === 'newer') {
    return told('upgraded in place', `It was made of ${made.shown} and upgraded in place to ${claims}: no drift.`);
  }
  if (system === 'newer') {
    return told('upgraded in place', `It was made with ${expected} and its system was upgraded in place: no drift.`);
  }
  if (inside.state === 'same') {
    return told('verified', `It is ${made.shown}: image reference and tattoo agree with what goldbot wrote.`);
  }
  if (inside.state === 'unproven') {
    return told('unknown', `The tattoo inside says ${claims}, but the gallery has no tattoo of it to compare with.`);
  }
  const why = inside.state === 'silent' ? inside.why : '';
  const foreign = `It was made of ${made.shown}, no golden image, and ${why}.`;
  return told('unknown', made.image === undefined ? foreign : `It cannot be checked: ${why}.`);
}

const told = (verdict: TattooVerdict, sentence: string): Omit<Judgement, 'evidence'> => ({ verdict, sentence });

function insideOf({ guest, tagsOf }: TattooEvidence, made: Origin): Inside {
  if ('absent' in guest) return { state: 'silent', why: guest.absent.replace(/[.\s]+$/, '') };
  if (guest.text.trim() === '') return { state: 'silent', why: 'there is no tattoo inside' };
  const tattoo = parseTattoo(guest.text);
  if (!tattoo) return { state: 'silent', why: 'the tattoo inside cannot be read' };
  const tags = tagsOf(tattoo.image, tattoo.version);
  const written = tags?.['goldbot-tattoo-sha256'];
  if (written !== undefined && written.toLowerCase() !== tattooHash(tattoo)) return { state: 'forged', tattoo };
  const difference = compareVersions(tattoo.version, made.version);
  if (tattoo.image !== made.image || difference < 0) return { state: 'other', tattoo };
  if (written === undefined) return { state: 'unproven', tattoo };
  return { state: difference > 0 ? 'newer' : 'same', tattoo };
}

/** The system that should be running: by the tattoo of the present version, or of the version it was created from. */
function expectedSystem({ tagsOf }: TattooEvidence, made: Origin, inside: Inside): string | undefined {
  if (inside.state === 'same' || inside.state === 'newer') return inside.tattoo.os;
  const tags = made.image === undefined ? undefined : tagsOf(made.image, made.version);
  return tags && tattooFromTags(tags)?.os;
}

function rowsOf(facts: Facts, evidence: TattooEvidence): readonly EvidenceRow[] {
  const { reference, disk, made, inside, expected, system, swapped } = facts;
  const runs = [evidence.osName, evidence.osVersion].filter(Boolean).join(' ');
  const hash = made.image && evidence.tagsOf(made.image, made.version)?.['goldbot-tattoo-sha256'];
  const tattoo = 'tattoo' in inside ? inside.tattoo : undefined;
  const tattooMark = inside.state === 'same' ? 'agrees' : tattoo && inside.state !== 'unproven' ? 'differs' : 'silent';
  const hashMark = inside.state === 'same' ? 'agrees' : inside.state === 'forged' ? 'differs' : 'silent';
  const systemMark = system === 'same' ? 'agrees' : system === 'unknown' ? 'silent' : 'differs';
  return [
    { source: 'Image reference', value: reference.shown, mark: swapped ? 'differs' : 'agrees' },
    disk
      ? { source: 'OS disk', value: disk.shown, mark: swapped ? 'differs' : 'agrees' }
      : { source: 'OS disk', value: 'Azure does not say what the disk was made of', mark: 'silent' },
    tattoo
      ? { source: 'Guest', value: `${tattoo.image} ${tattoo.version}`, mark: tattooMark }
      : { source: 'Guest', value: inside.state === 'silent' ? inside.why : '', mark: 'silent' },
    {
      source: 'Operating system',
      value: runs === '' ? 'the machine does not report it' : expected ? `${runs}; made as ${expected}` : runs,
      mark: systemMark,
    },
    hash
      ? { source: 'Tags of the version', value: hash.slice(0, 16), mark: hashMark }
      : { source: 'Tags of the version', value: 'the gallery has no tattoo of it', mark: 'silent' },
  ];
}

function originOf(reference: string, images: ReadonlyMap<string, string>): Origin {
  const gallery = /^(\/.+\/images\/[^/]+)\/versions\/([^/]+)$/i.exec(reference);
  if (gallery) {
    const [, definition = '', version = ''] = gallery;
    const image = images.get(definition.toLowerCase());
    const shown = image ? `${image} ${version}` : `${nameOfId(definition)} ${version} of another gallery`;
    return { source: definition.toLowerCase(), version, ...(image !== undefined && { image }), shown };
  }
  const parts = reference.split(':');
  if (parts.length !== 4)
    return { source: reference.toLowerCase(), version: '', shown: reference || 'an unknown image' };
  const [publisher = '', offer = '', sku = '', version = ''] = parts;
  return { source: [publisher, offer, sku].join(':').toLowerCase(), version, shown: reference };
}

function sameOrigin(a: Origin, b: Origin): boolean {
  return a.source === b.source && a.version === b.version;
}

/** How systems name themselves, and their family. */
const families: readonly (readonly [pattern: RegExp, family: string])[] = [
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
 * Linux release changes with every update. `other`: another family, or an older release.
 */
export function compareSystems(
  expected: string | undefined,
  runs: { readonly osName?: string; readonly osVersion?: string },
): 'same' | 'newer' | 'other' | 'unknown' {
  const [was, is] = [releaseIn(expected ?? ''), releaseIn(`${runs.osName ?? ''} ${runs.osVersion ?? ''}`)];
  if (!was || !is) return 'unknown';
  if (was.family !== is.family) return 'other';
  for (const [i, part] of was.release.entries()) {
    const now = is.release[i];
    if (now !== undefined && now !== part) return now > part ? 'newer' : 'other';
  }
  return 'same';
}

/** The family and the first two parts of the first number: `Windows Server 2022 Datacenter 10.0.20348` is 2022. */
function releaseIn(text: string): { readonly family: string; readonly release: readonly number[] } | undefined {
  const family = families.find(([pattern]) => pattern.test(text))?.[1];
  const release = /\d+(\.\d+)*/.exec(text)?.[0].split('.').slice(0, 2).map(Number);
  return family !== undefined && release ? { family, release } : undefined;
}
