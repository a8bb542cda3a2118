import { day, type FindingView, noticeCard, parityCard, type Reply } from '../../cards';
import type { ImageDefinition, ImageRef } from '../../core/azure';
import { sameId } from '../../core/azure-id';
import { type Catalogue, findImage, type ImageConfig } from '../../core/catalogue';
import { type CommandCall, call, line } from '../../core/command-call';
import { createGallery, definitionCommand, galleryRef, secondGalleryRef } from '../../core/images';
import {
  type Difference,
  type DifferenceKind,
  isToldIn,
  type Parity,
  type ParityTopic,
  secondImageRef,
} from '../../core/lifecycle';
import type { Reads } from '../../store/reads';

/** What was compared, and what a definition that is missing there is like here. */
export interface ParityAsked {
  readonly catalogue: Catalogue;
  readonly parity: Parity;
  readonly image?: string | undefined;
  /** Of the first gallery; empty where nothing asks for them. */
  readonly definitions: readonly ImageDefinition[];
  /** Whether whoever asks may copy versions of an image. */
  readonly mayCopy: (image: string) => boolean;
}

/** What goldbot itself mends: all of a copy that is one. */
const copied: readonly DifferenceKind[] = ['still offered', 'absent', 'copies', 'not offered', 'end'];
const copyOf = ({ image, version }: Difference): CommandCall => call('copy', { ref: `${image}@${version}` });
const isCopied = ({ kind, end }: Difference): boolean => copied.includes(kind) && (kind !== 'end' || end !== undefined);

export const noSecondGallery = noticeCard({
  message: 'The catalogue names no second gallery',
  details: [
    'Name one with `secondGallery` in azure.yaml (name, resourceGroup, best in another region), and goldbot compares it with the first once a week: what it lacks is what nobody could start machines from on the day on which the first one cannot be reached.',
  ],
  next: [call('images')],
});

const wrong: readonly DifferenceKind[] = ['still offered', 'only there', 'another'];
const missing: readonly DifferenceKind[] = ['no definition', 'absent', 'failed', 'copies'];

/** Every difference with the command that mends it. */
export function presentParity(asked: ParityAsked): Reply {
  const { catalogue, parity, image, mayCopy } = asked;
  const { differences, offered, gaps, asOf, gallery: second } = parity;
  const found = differences.map((one) => ({ kind: one.kind, finding: findingOf(one, asked) }));
  const of = (kinds: readonly DifferenceKind[]) =>
    found.filter(({ kind }) => kinds.includes(kind)).map(({ finding }) => finding);
  const toCopy = differences.filter((one) => isCopied(one) && mayCopy(one.image));
  const rest = found.filter(({ kind }) => !wrong.includes(kind) && !missing.includes(kind));
  return parityCard({
    ...{ first: catalogue.azure.gallery.name, second, offered, gaps, asOf },
    ...(image !== undefined && { image }),
    wrong: of(wrong),
    missing: [...(parity.isThere ? [] : [noGallery(catalogue)]), ...of(missing)],
    otherwise: rest.map(({ finding }) => finding),
    copy: [...new Map(toCopy.map((one) => [`${one.image} ${one.version}`, copyOf(one)]))].map(([what, given]) => ({
      what,
      call: given,
    })),
  });
}

function noGallery({ azure }: Catalogue): FindingView {
  const ref = secondGalleryRef(azure) ?? galleryRef(azure);
  const { resourceGroup, gallery } = ref;
  return {
    severity: 'stops',
    why: `There is no gallery ${gallery} in the resource group ${resourceGroup}.`,
    mend: 'Correct `secondGallery` in azure.yaml, or make it in another region:',
    commands: [createGallery(ref)],
  };
}

/** What it is, as a sentence without what follows from it: `ubuntu-22 1.5.0 is not in gold_dr.` */
function differenceWords(
  one: Difference,
  { first, second }: { readonly first: string; readonly second: string },
): string {
  const { image, version, copies = [], end, otherEnd, origin = '' } = one;
  const what = `${image} ${version}`;
  const regions = copies.map(({ name }) => name).join(', ');
  const until = (moment: string | undefined) =>
    moment === undefined ? 'without an end of life' : `until ${day(moment)}`;
  const words: Readonly<Record<DifferenceKind, string>> = {
    'still offered': `${what} is out of latest in ${first}, and ${second} still offers it.`,
    'only there': `${what} is offered by ${second} alone: ${first} has no such version.`,
    another: `${what} of ${second} is not a copy of the one in ${first}: it was made from ${origin}.`,
    'no definition': `${second} has no image definition for ${image}.`,
    absent: `${what} is not in ${second}.`,
    failed: `${what} failed to be copied into ${second}.`,
    copies: `${what} of ${second} has no copy in ${regions}.`,
    'not offered': `${what} is out of latest in ${second} alone.`,
    end: `${what} lives ${until(end)} in ${first}, and ${until(otherEnd)} in ${second}.`,
  };
  return words[one.kind];
}

function findingOf(one: Difference, { catalogue, definitions }: ParityAsked): FindingView {
  const { azure } = catalogue;
  const image = findImage(catalogue, one.image);
  const there = image && secondImageRef(azure, image);
  const names = { first: azure.gallery.name, second: azure.secondGallery?.name ?? '' };
  const why = differenceWords(one, names);
  if (!image || !there)
    return { severity: 'warns', why, mend: 'The catalogue does not name it any more.', commands: [] };
  const { mend, commands } = mending(one, { image, there, definitions });
  return { severity: wrong.includes(one.kind) ? 'stops' : 'warns', why, mend, commands };
}

interface Around {
  readonly image: ImageConfig;
  readonly there: ImageRef;
  readonly definitions: readonly ImageDefinition[];
}

function mending(one: Difference, { image, there, definitions }: Around): Pick<FindingView, 'mend' | 'commands'> {
  const run = (what: string) => versionCommand(what, there, one.version);
  const copy = line(copyOf(one));
  switch (one.kind) {
    case 'still offered':
      return { mend: 'Have goldbot take it out of latest there too:', commands: [copy] };
    case 'only there':
      return {
        mend: 'Find out who made it there and who uses it; where nobody does, delete it:',
        commands: [run('delete')],
      };
    case 'another':
      return { mend: 'Find out who made it, delete it there, and copy it again:', commands: [run('delete'), copy] };
    case 'failed':
      return { mend: 'Delete it there, and copy it again:', commands: [run('delete'), copy] };
    case 'no definition': {
      const like = definitions.find(({ name }) => sameId(name, image.imageDefinition));
      return {
        mend: 'Make it, then ask again for what has to be copied:',
        commands: [definitionCommand(image, there, like)],
      };
    }
    case 'absent':
      return { mend: 'Have goldbot copy it:', commands: [copy] };
    case 'copies':
      return { mend: 'Have goldbot copy it there:', commands: [copy] };
    case 'not offered':
      return { mend: 'Have goldbot offer it there too:', commands: [copy] };
    case 'end':
      return one.end === undefined
        ? { mend: 'No Azure command clears an end of life: give it one here, or move the one there.', commands: [] }
        : { mend: 'Have goldbot let it end there too:', commands: [copy] };
    default:
      return one.kind satisfies never;
  }
}

function versionCommand(what: string, there: ImageRef, version: string): string {
  return [
    `az sig image-version ${what}`,
    `--subscription ${there.subscription}`,
    `--resource-group ${there.resourceGroup}`,
    `--gallery-name ${there.gallery}`,
    `--gallery-image-definition ${there.definition}`,
    `--gallery-image-version ${version}`,
  ].join(' ');
}

/** As many as a message has room for. */
const most = 6;

/** Once a week, in the channel of those who decide about the images: what the second gallery has otherwise. */
export async function presentParityNews(topic: ParityTopic, { endings }: Pick<Reads, 'endings'>): Promise<Reply> {
  const { parity } = (await endings()) ?? {};
  const told = (parity?.told ?? []).filter(({ channel }) => isToldIn(topic, channel));
  const all = told.flatMap(({ differences }) => differences);
  const asOf = parity && `As of ${day(parity.asOf)}; goldbot compares once a week.`;
  const next = [call('parity')];
  if (!parity || (all.length === 0 && parity.trouble === undefined)) {
    const message = 'The second gallery has what the first one offers';
    return noticeCard({ message, details: ['What this message was about is settled.', asOf ?? ''], next });
  }
  const { first, second, trouble } = parity;
  if (trouble !== undefined) {
    return noticeCard({
      message: `goldbot could not compare the second gallery ${second}`,
      details: [trouble, asOf ?? ''],
      next,
    });
  }
  const rest = all.length - most;
  return noticeCard({
    message: `The second gallery ${second} differs from ${first} in ${all.length === 1 ? '1 thing' : `${all.length} things`}`,
    details: [
      ...all.slice(0, most).map((one) => differenceWords(one, { first, second })),
      ...(rest > 0 ? [`… and ${rest} more.`] : []),
      `What mends each of them is told by parity. ${asOf}`,
    ],
    next,
  });
}
