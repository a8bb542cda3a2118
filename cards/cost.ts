import { call } from '../core/command-call';
import { cell, lines, type TableBlock, table } from './parts/blocks';
import { cents, clock, count, dotted, type Instant, list, number, oneLine } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/cost.json';
import { stateColor, stateText, type VersionState } from './versions';

export interface CostRow {
  readonly version: string;
  readonly state: VersionState;
  readonly copies: number;
  /** Of all its disks; absent, with the figures: Azure does not say. */
  readonly gib?: number;
  /** US cents a month, at most. */
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

const maxRows = 15;

/** The versions of an image with what their copies cost, and what each would save. */
export function costCard(view: CostView): Reply {
  const { image, gallery, versions } = view;
  const usd = sum(versions, (row) => row.usd);
  const copies = sum(versions, (row) => row.copies);
  const cost = versions.length === 0 ? '' : `at most ${cents(usd)} a month`;
  const nothing = versions.length === 0 ? ['There is no version yet: nothing is paid for.'] : [];
  return sheet(
    template,
    {
      title: `Cost of ${oneLine(image, 60)}`,
      subtitles: [
        dotted(cost, count(versions.length, 'version'), copiesText(copies), `gallery ${oneLine(gallery, 60)}`),
      ],
      buttons: [],
      next: [call('versions', { image })],
    },
    { paragraphs: lines(nothing), tables: versionsTable(view), notes: lines(notesOf(view)) },
  );
}

const sum = (rows: readonly CostRow[], of: (row: CostRow) => number | undefined): number =>
  rows.reduce((all, row) => all + (of(row) ?? 0), 0);

const copiesText = (n: number): string => (n === 1 ? '1 copy' : `${number(n)} copies`);

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
        cell(row.version, { bold: true, under: stateText(row.state), underColor: stateColor(row.state) }),
        cell(number(row.copies), { under: row.gib === undefined ? 'size not known' : `of ${number(row.gib)} GiB` }),
        cell(row.usd === undefined ? '–' : cents(row.usd)),
        cell(row.saves === undefined ? '–' : cents(row.saves)),
        cell(row.machines === undefined ? 'not counted' : number(row.machines)),
      ],
    })),
    ...(rest.length > 0 && { more }),
  });
}

function notesOf({ versions, unpriced, keeps, source, asOf }: CostView): readonly string[] {
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
