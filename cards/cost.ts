import { call } from '../core/command-call';
import type { Gap } from '../core/compliance';
import type { EstateCost, ImageCost, VersionCost } from '../core/costs';
import { cell, lines, type TableBlock, table } from './parts/blocks';
import { cents, clock, count, dotted, type Instant, list, number, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/cost.json';
import { stateText, stateTone, type VersionState } from './versions';

export interface CostRow {
  readonly version: string;
  readonly state: VersionState;
  readonly copies: number;
  /** Of all its disks; absent, with the figures: Azure does not say. */
  readonly gib?: number;
  /** US dollars a month, at most. */
  readonly usd?: number;
  /** What retiring it saves of that. */
  readonly saves?: number;
  /** That run it; absent when nobody counted. */
  readonly machines?: number;
}

/** What the copies of an image's versions cost a month. */
export interface CostView {
  readonly image: string;
  readonly gallery: string;
  /** All of them, in the order to show. */
  readonly versions: readonly CostRow[];
  /** Regions that the price list does not have. */
  readonly unpriced: readonly string[];
  /** Whether the gallery keeps for a week what is deleted. */
  readonly keeps: boolean;
  /** What the figures are counted from: a clause. */
  readonly source: string;
  readonly asOf: Instant;
}

/** What the copies of all images cost a month. Figures are US dollars in whole cents, at most. */
export interface CostsView extends EstateCost, Pick<CostView, 'gallery' | 'keeps' | 'source' | 'asOf'> {
  /** That run a version, by `image@version`; absent when nobody counted. */
  readonly machines?: ReadonlyMap<string, number>;
  readonly gaps: readonly Gap[];
  /** Of the second gallery: in no figure of the above. */
  readonly second?: EstateCost & { readonly gallery: string };
}

const maxRows = 15;
const mostDearest = 5;

/** The versions of an image with what their copies cost, and what each would save. */
export function costCard(view: CostView): Reply {
  const { image, gallery, versions } = view;
  const nothing = versions.length === 0 ? [nothingYet] : [];
  return sheet(
    template,
    {
      title: `Cost of ${oneLine(image, 60)}`,
      subtitles: [dotted(sumWords(versions), `gallery ${oneLine(gallery, 60)}`)],
      buttons: [],
      next: [call('versions', { image })],
    },
    { paragraphs: lines(nothing), tables: versionsTable(view), notes: lines(notesOf(view)) },
  );
}

/** All images with what their copies cost, the dearest versions, and what giving up the oldest of each would save. */
export function costsCard(view: CostsView): Reply {
  const { gallery, images, versions } = view;
  const oldest = images.flatMap((one) => one.oldest ?? []);
  const most = [...oldest].sort((a, b) => (b.saves ?? 0) - (a.saves ?? 0)).filter(({ saves = 0 }) => saves > 0);
  return sheet(
    template,
    {
      title: 'Cost of all images',
      subtitles: [dotted(sumWords(versions), count(images.length, 'image'), `gallery ${oneLine(gallery, 60)}`)],
      buttons: [],
      next: [
        ...images.slice(0, 1).map(({ image }) => call('cost', { image })),
        ...most.slice(0, 1).map(({ image, version }) => call('who uses', { ref: `${image}@${version}` })),
      ],
    },
    {
      tints: gapTints(view.gaps, 3),
      tables: [...imagesTable(view), ...dearestTable(view)],
      paragraphs: lines([oldestWords(oldest, view), versions.length === 0 ? nothingYet : '', secondWords(view)]),
      notes: lines(notesOf(withSecond(view))),
    },
  );
}

const nothingYet = 'There is no version yet: nothing is paid for.';

/** `at most US$ 9.48 a month · 2 versions · 3 copies`. */
function sumWords(rows: readonly Pick<CostRow, 'usd' | 'copies'>[]): string {
  const [usd, copies] = [sum(rows, (row) => row.usd), sum(rows, (row) => row.copies)];
  return dotted(
    rows.length === 0 ? '' : `at most ${cents(usd)} a month`,
    count(rows.length, 'version'),
    count(copies, 'copy', 'copies'),
  );
}

function sum<Row>(rows: readonly Row[], of: (row: Row) => number | undefined): number {
  return rows.reduce((all, row) => all + (of(row) ?? 0), 0);
}

function oldestWords(oldest: readonly VersionCost[], { keeps }: CostsView): string {
  const saves = sum(oldest, (one) => one.saves);
  if (oldest.every((one) => one.saves === undefined)) return '';
  if (saves === 0) {
    const why = keeps ? ': the gallery keeps one copy in each region for a while' : '';
    return `Retiring the oldest version of each image would save nothing at once${why}.`;
  }
  return `Retiring the oldest version of each image would save at most ${cents(saves)} a month.`;
}

function secondWords({ second }: CostsView): string {
  if (!second) return '';
  const { gallery, versions } = second;
  const name = `The second gallery ${oneLine(gallery, 60)}`;
  if (versions.length === 0) return `${name} has no version yet.`;
  const copies = count(
    sum(versions, (row) => row.copies),
    'copy',
    'copies',
  );
  const usd = cents(sum(versions, (row) => row.usd));
  return `${name} costs at most ${usd} a month beside this: ${count(versions.length, 'version')} in ${copies}.`;
}

/** What is in no figure is told of both galleries. */
function withSecond(view: CostsView): CostsView {
  const { second } = view;
  if (!second) return view;
  const unpriced = [...new Set([...view.unpriced, ...second.unpriced])];
  return { ...view, unpriced, versions: [...view.versions, ...second.versions] };
}

const machinesWords = ({ machines }: CostsView, { image, version }: VersionCost): string =>
  machines === undefined ? 'machines not counted' : count(machines.get(`${image}@${version}`) ?? 0, 'machine');

function imagesTable(view: CostsView): readonly TableBlock[] {
  const rest = view.images.slice(maxRows);
  const more = `… and ${count(rest.length, 'more image')}, at most ${cents(sum(rest, (row) => row.usd))} a month.`;
  return table({
    columns: [
      { title: 'Image', width: 7 },
      { title: 'A month, at most', width: 6 },
      { title: 'Retiring the oldest saves', width: 7 },
    ],
    rows: view.images.slice(0, maxRows).map((row) => ({
      cells: [
        cell(row.image, {
          bold: true,
          under: dotted(count(row.versions, 'version'), count(row.copies, 'copy', 'copies')),
        }),
        cell(cents(row.usd)),
        oldestCell(row, view),
      ],
    })),
    ...(rest.length > 0 && { more }),
  });
}

function oldestCell({ oldest }: ImageCost, view: CostsView): ReturnType<typeof cell> {
  if (oldest === undefined) return cell('–', { under: 'has no older version' });
  const { saves, version } = oldest;
  return cell(saves === undefined ? 'size not known' : cents(saves), {
    under: `${version}, ${machinesWords(view, oldest)}`,
  });
}

const standings: Readonly<Record<VersionCost['standing'], string>> = {
  ...{ latest: 'latest', candidate: 'was never published', published: '' },
};

function dearestTable(view: CostsView): readonly TableBlock[] {
  const dearest = view.versions.filter(({ usd = 0 }) => usd > 0).slice(0, mostDearest);
  return table({
    heading: 'The dearest versions',
    columns: [
      { title: 'Version', width: 7 },
      { title: 'A month, at most', width: 6 },
      { title: 'Retiring it saves', width: 7 },
    ],
    rows: dearest.map((row) => ({
      cells: [
        cell(`${row.image} ${row.version}`, {
          bold: true,
          under: dotted(standings[row.standing], machinesWords(view, row)),
        }),
        cell(cents(row.usd ?? 0), { under: `${count(row.copies, 'copy', 'copies')} of ${number(row.gib ?? 0)} GiB` }),
        cell(row.saves === undefined ? '–' : cents(row.saves)),
      ],
    })),
  });
}

function versionsTable({ versions }: CostView): readonly TableBlock[] {
  const rest = versions.slice(maxRows);
  const more = `… and ${count(rest.length, 'more version')}, at most ${cents(sum(rest, (row) => row.usd))} a month.`;
  return table({
    columns: [
      { title: 'Version', width: 6 },
      { title: 'Copies', width: 5 },
      { title: 'A month, at most', width: 6 },
      { title: 'Retiring it saves', width: 6 },
      { title: 'Machines', width: 4 },
    ],
    rows: versions.slice(0, maxRows).map((row) => ({
      cells: [
        cell(row.version, { bold: true, under: stateText(row.state), loud: stateTone(row.state) !== 'Informative' }),
        cell(number(row.copies), { under: row.gib === undefined ? 'size not known' : `of ${number(row.gib)} GiB` }),
        cell(row.usd === undefined ? '–' : cents(row.usd)),
        cell(row.saves === undefined ? '–' : cents(row.saves)),
        cell(row.machines === undefined ? 'not counted' : number(row.machines)),
      ],
    })),
    ...(rest.length > 0 && { more }),
  });
}

interface Noted extends Pick<CostView, 'unpriced' | 'keeps' | 'source' | 'asOf'> {
  readonly versions: readonly Pick<CostRow, 'usd'>[];
}

function notesOf({ versions, unpriced, keeps, source, asOf }: Noted): readonly string[] {
  const unsized = versions.filter((row) => row.usd === undefined).length;
  return [
    unpriced.length === 0 ? '' : `! Not in the figures: ${list(unpriced, 6)}, which the price list does not have.`,
    unsized === 0 ? '' : `! Not in the figures: ${count(unsized, 'version')} whose size Azure does not say.`,
    versions.length === 0
      ? ''
      : `Counted from ${source}. Azure bills what of a disk is in use, and tells its size alone; your contract may say other prices.`,
    keeps && versions.length > 0
      ? 'The gallery keeps what is deleted, with one copy in each region, which is paid for until it goes.'
      : '',
    `As of ${clock(asOf)}`,
  ];
}
