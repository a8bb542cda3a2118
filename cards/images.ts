import { call } from '../core/command-call';
import { lines, type Mark, markView, type Sign, signView } from './parts/blocks';
import { publishButton } from './parts/buttons';
import { age, clock, count, dotted, due, type Instant, number, oneLine } from './parts/format';
import { type PickRow, picksPart } from './parts/picks';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/images.json';

export interface ImageRow {
  readonly image: string;
  /** `Ubuntu Server 22.04 LTS`. */
  readonly os: string;
  /** Absent: nothing is published yet. */
  readonly latest?: { readonly version: string; readonly publishedAt?: Instant };
  /** True: Azure did not say which versions there are. */
  readonly unknown?: boolean;
  /** Why it cannot be built as the catalogue has it: `no such definition in the gallery`, and what mends that. */
  readonly problem?: { readonly short: string; readonly mend: string };
  /** Exact version of a base that is newer than the latest's. */
  readonly newerBase?: string;
  /** Why nobody knows whether there is a newer one: `Azure is silent`. */
  readonly baseUnknown?: string;
  /** Id of the open run. */
  readonly openRun?: string;
  /** Who has locked it, why and since when: a sentence. */
  readonly lock?: string;
  /** When its schedule begins the next one. */
  readonly nextAt?: Instant;
  readonly canPublish?: boolean;
  /** What the open run does: `waits for approval`; publishing when absent. */
  readonly openRunIs?: string;
}

export interface ImagesView {
  readonly gallery: string;
  readonly images: readonly ImageRow[];
  readonly asOf: Instant;
}

/** Rows that a card has room for. */
const mostRows = 12;
const mostOffered = 2;

/** The golden images: whether they could be newer, the latest version of each, what is going on. */
export function imagesCard(view: ImagesView): Reply {
  const { images, asOf } = view;
  const shown = images.slice(0, mostRows);
  const cut = images.length > shown.length ? `Showing ${shown.length} of ${images.length} images.` : '';
  const mends = shown.flatMap(({ image, problem, lock }) => [
    ...(lock === undefined ? [] : [`${image}: ${lock}`]),
    ...(problem ? [`${image}: ${problem.mend}`] : []),
  ]);
  const couldBuild = shown.filter((row) => row.canPublish && row.newerBase !== undefined && isFree(row));
  return sheet(
    template,
    {
      title: headline(images),
      subtitles: [`gallery ${oneLine(view.gallery, 60)} · as of ${clock(asOf)}`],
      buttons: couldBuild.slice(0, mostOffered).map(({ image }) => publishButton(image, `Publish ${image}`)),
      next: shown.slice(0, 4).map((row) => call('versions', { image: row.image })),
    },
    { picks: picksPart({ rows: shown.map((row) => rowOf(row, asOf)), more: cut }), paragraphs: lines(mends) },
  );
}

const isFree = ({ openRun, lock, problem }: ImageRow): boolean =>
  openRun === undefined && lock === undefined && problem === undefined;

/** The worst that is true of some, as the answer to how the images stand. */
function headline(images: readonly ImageRow[]): string {
  const all = images.length;
  if (all === 0) return 'The catalogue has no image yet';
  const of = (n: number) => `${number(n)} of ${count(all, 'golden image')}`;
  const [broken, newer, silent] = [
    images.filter(({ problem }) => problem).length,
    images.filter(({ newerBase }) => newerBase !== undefined).length,
    images.filter(({ unknown, baseUnknown }) => unknown || baseUnknown !== undefined).length,
  ];
  if (broken > 0) return `${of(broken)} cannot be built`;
  if (newer > 0) return `${of(newer)} could be newer`;
  if (silent > 0) return `Azure has not said how ${of(silent)} ${silent === 1 ? 'stands' : 'stand'}`;
  if (images.some(({ latest }) => latest === undefined))
    return `${of(images.filter((i) => i.latest).length)} have a version`;
  return all === 1 ? 'The golden image is up to date' : `All ${number(all)} golden images are up to date`;
}

function rowOf(row: ImageRow, asOf: Instant): PickRow {
  const { image, os, nextAt } = row;
  return {
    ...{ label: image, figure: row.unknown ? '?' : (row.latest?.version ?? ''), sign: signOf(row) },
    details: [
      dotted(oneLine(os, 80), ageOf(row, asOf)),
      dotted(
        row.problem?.short,
        row.unknown && 'Azure is silent',
        row.lock !== undefined && 'locked',
        runOf(row),
        baseOf(row),
      ),
      nextAt === undefined ? '' : `the next one begins ${due(nextAt)}`,
    ],
    call: call('versions', { image }),
    title: `Versions of ${image}`,
  };
}

function ageOf({ latest, unknown, problem }: ImageRow, asOf: Instant): string {
  if (latest === undefined) return unknown || problem ? '' : 'none yet';
  if (latest.publishedAt === undefined) return '';
  const old = age(latest.publishedAt, asOf);
  return old === 'today' ? 'published today' : `${old} old`;
}

function baseOf({ newerBase, baseUnknown, unknown, latest, problem }: ImageRow): string {
  if (baseUnknown !== undefined) return `base unknown: ${baseUnknown}`;
  if (newerBase !== undefined) return `newer base ${newerBase}`;
  // Without a version there is nothing whose base could be up to date.
  return unknown || problem || latest === undefined ? '' : 'base is up to date';
}

const runOf = ({ openRun, openRunIs = 'is publishing' }: ImageRow): string =>
  openRun === undefined ? '' : `${openRun} ${openRunIs}`;

function signOf(row: ImageRow): Sign {
  if (row.lock !== undefined && !row.problem) return signView('■', 'Informative');
  return row.newerBase !== undefined && isFree(row) ? signView('▲', 'Warning') : markView(markOf(row));
}

function markOf({ problem, openRun, unknown, baseUnknown, latest }: ImageRow): Mark {
  if (problem) return 'failed';
  if (openRun !== undefined) return 'now';
  if (unknown || baseUnknown !== undefined || latest === undefined) return 'todo';
  return 'done';
}
