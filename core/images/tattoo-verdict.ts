import { nameOfId } from '../azure-id';
import { compareSystems } from './os-release';
import { parseTattoo, type Tattoo, tattooFromTags, tattooHash } from './tattoo';
import { compareVersions } from './versions';

/** What the places that know where a machine came from say. */
export interface TattooEvidence {
  /** The VM's: a gallery version id, or `Publisher:Offer:Sku:version`. */
  readonly imageReference: string;
  /** Of the same form: what the OS disk was made of. */
  readonly diskReference?: string;
  /** What stands in the guest, or why it is not known. */
  readonly guest: { readonly text: string } | { readonly absent: string };
  /** As the machine's agent reports them: `ubuntu`, `22.04`. */
  readonly osName?: string;
  readonly osVersion?: string;
  /** Name in the catalogue by lower-case definition id. */
  readonly images: ReadonlyMap<string, string>;
  /** Tags of a golden version as the gallery has it; undefined when it has none, or nobody could ask. */
  readonly tagsOf: (image: string, version: string) => Readonly<Record<string, string>> | undefined;
}

export type TattooVerdict = 'verified' | 'upgraded in place' | 'reimaged' | 'rebranded' | 'unknown';

export interface EvidenceRow {
  readonly source: 'Image reference' | 'OS disk' | 'Guest' | 'Operating system' | 'Tags of the version';
  /** What it says, or why it says nothing. */
  readonly value: string;
  /** Beside what the OS disk, or else the image reference, says. */
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
 * Whether a machine still is what it was made of. An upgrade in place is no drift: the system or the golden version
 * inside is newer than the references say, and a tattoo that says so is the gallery's own.
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

/** The system that should run: what the tattoo of the present version says, else that of the version it was made of. */
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
