import { sumOf } from '../core/collections';
import { call } from '../core/command-call';
import type { Gap } from '../core/compliance';
import type { EstateCost, ImageCost, VersionCost } from '../core/costs';
import { lines, tint } from './parts/blocks';
import { showButton } from './parts/buttons';
import { cents, clock, count, dotted, type Instant, list, number, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
import { picksPart } from './parts/picks';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/cost.json';
import { stateText, type VersionState } from './versions';

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
const maxBars = 8;

/** The versions of an image with what their copies cost, and what each would save. */
export function costCard(view: CostView): Reply {
  const { image, gallery, versions } = view;
  const rest = versions.slice(maxRows);
  const more = `… and ${count(rest.length, 'more version')}, at most ${cents(usdOf(rest))} a month.`;
  const bars = versions.map(({ version, usd = 0, saves = 0 }) => ({ title: version, saves, stays: usd - saves }));
  return sheet(
    template,
    {
      title: headline(`${oneLine(image, 60)} costs`, view),
      subtitles: [dotted(amounts(versions), `gallery ${oneLine(gallery, 60)}`)],
      buttons: [],
      next: [call('versions', { image })],
    },
    {
      paragraphs: lines([versions.length === 0 ? nothingYet : '', ...missing(view)]),
      stacks: stacksPart('What retiring each version saves a month, in US dollars', 'Retiring it saves', bars),
      picks: picksPart({
        rows: versions.slice(0, maxRows).map((row) => {
          const { call: shown, title } = showButton(image, row.version);
          return { label: row.version, details: versionWords(row), figure: dollarsOf(row.usd), call: shown, title };
        }),
        ...(rest.length > 0 && { more }),
      }),
      notes: lines(notesOf(view)),
    },
  );
}

/** All images with what their copies cost, and what giving up the oldest version of each would save. */
export function costsCard(view: CostsView): Reply {
  const { gallery, images, versions } = view;
  const all = withSecond(view);
  const oldest = images.flatMap((one) => one.oldest ?? []);
  const most = [...oldest].sort((a, b) => (b.saves ?? 0) - (a.saves ?? 0)).filter(({ saves = 0 }) => saves > 0);
  const rest = images.slice(maxRows);
  const more = `… and ${count(rest.length, 'more image')}, at most ${cents(usdOf(rest))} a month.`;
  const bars = images.map(({ image, usd, oldest: old }) => {
    const saves = old?.saves ?? 0;
    return { title: oneLine(image, 24), saves, stays: usd - saves };
  });
  return sheet(
    template,
    {
      title: headline('All images cost', view),
      subtitles: [dotted(amounts(versions), count(images.length, 'image'), `gallery ${oneLine(gallery, 60)}`)],
      buttons: [],
      next: most.slice(0, 1).map(({ image, version }) => call('who uses', { ref: `${image}@${version}` })),
    },
    {
      tints: [...oldestTint(oldest, view), ...gapTints(view.gaps, 3)].slice(0, 2),
      stacks: stacksPart(
        'What retiring the oldest version of each image saves a month, in US dollars',
        'Retiring the oldest saves',
        bars,
      ),
      picks: picksPart({
        rows: images.slice(0, maxRows).map((row) => ({
          ...{ label: row.image, details: imageWords(row, view), figure: cents(row.usd) },
          ...{ call: call('cost', { image: row.image }), title: `Cost of ${row.image}` },
        })),
        ...(rest.length > 0 && { more }),
      }),
      paragraphs: lines([versions.length === 0 ? nothingYet : '', ...missing(all), secondWords(view)]),
      notes: lines(notesOf(all)),
    },
  );
}

const nothingYet = 'There is no version yet: nothing is paid for.';

type Priced = Pick<CostView, 'unpriced'> & { readonly versions: readonly Pick<CostRow, 'usd'>[] };

/** An upper bound, as far as everything is in it. */
function headline(what: string, view: Priced): string {
  const { versions } = view;
  if (versions.length === 0) return `${what} nothing yet`;
  if (versions.every(({ usd }) => usd === undefined)) return `What ${what.replace(/^All\b/, 'all')} is not known`;
  const sum = `at most ${cents(usdOf(versions))} a month`;
  return missing(view).length === 0 ? `${what} ${sum}` : `${what} ${sum}, as far as known`;
}

const usdOf = (rows: readonly { readonly usd?: number }[]): number => sumOf(rows, ({ usd = 0 }) => usd);

/** `2 versions · 3 copies`. */
function amounts(rows: readonly Pick<CostRow, 'copies'>[]): string {
  const copies = sumOf(rows, (row) => row.copies);
  return dotted(count(rows.length, 'version'), count(copies, 'copy', 'copies'));
}

const dollarsOf = (usd: number | undefined): string => (usd === undefined ? '–' : cents(usd));

/** `◐ Aged · 3 copies of 30 GiB`, `retiring it saves US$ 1.50 · 3 machines`. */
function versionWords({ state, copies, gib, usd, saves, machines }: CostRow): readonly string[] {
  const size = gib === undefined ? ', size not known' : ` of ${number(gib)} GiB`;
  const running = machines === undefined ? 'machines not counted' : count(machines, 'machine');
  return [
    dotted(stateText(state), `${count(copies, 'copy', 'copies')}${size}`),
    dotted(
      saves !== undefined && (saves > 0 && saves === usd ? 'retiring it saves all of it' : savesWords(saves)),
      running,
    ),
  ];
}

const savesWords = (saves: number, what = 'it'): string =>
  saves === 0 ? `retiring ${what} saves nothing at once` : `retiring ${what} saves ${cents(saves)}`;

/** How much there is of it, and what its oldest version would save. */
function imageWords({ versions, copies, oldest }: ImageCost, view: CostsView): readonly string[] {
  const much = dotted(count(versions, 'version'), count(copies, 'copy', 'copies'));
  if (oldest === undefined) return [much, 'no older version'];
  const { saves, version } = oldest;
  const words = saves === undefined ? `size of ${version} not known` : savesWords(saves, version);
  return [much, `${words}, ${machinesWords(view, oldest)}`];
}

const machinesWords = ({ machines }: CostsView, { image, version }: VersionCost): string =>
  machines === undefined ? 'machines not counted' : count(machines.get(`${image}@${version}`) ?? 0, 'machine');

interface Bar {
  readonly title: string;
  readonly saves: number;
  readonly stays: number;
}

/** For who looks: the numbers are in the rows. One bar says less than its number, and so do bars that are all alike. */
function stacksPart(title: string, legend: string, bars: readonly Bar[]): readonly object[] {
  const shown = bars.filter(({ saves, stays }) => saves + stays > 0).slice(0, maxBars);
  if (!shown.some(({ saves, stays }) => stays > 0.005 || Math.abs(saves - (shown[0]?.saves ?? 0)) > 0.005)) return [];
  if (shown.length < 2) return [];
  const whole = (usd: number) => Math.round(100 * Math.max(0, usd)) / 100;
  const rows = shown.map(({ title: name, saves, stays }) => ({
    title: name,
    parts: [
      { legend, value: whole(saves), color: 'categoricalTeal' },
      { legend: 'Stays', value: whole(stays), color: 'neutral' },
    ],
  }));
  return [{ title, rows }];
}

function oldestTint(oldest: readonly VersionCost[], { keeps }: CostsView) {
  const saves = sumOf(oldest, (one) => one.saves ?? 0);
  if (oldest.every((one) => one.saves === undefined)) return [];
  const what = 'Retiring the oldest version of each image';
  const why = keeps ? ': the gallery keeps one copy in each region for a while' : '';
  if (saves === 0) return [tint('emphasis', `${what} would save nothing at once`, `${why}.`)];
  return [tint('emphasis', `${what} would save at most ${cents(saves)} a month.`)];
}

function secondWords({ second }: CostsView): string {
  if (!second) return '';
  const { gallery, versions } = second;
  const name = `The second gallery ${oneLine(gallery, 60)}`;
  if (versions.length === 0) return `${name} has no version yet.`;
  const copies = count(
    sumOf(versions, (row) => row.copies),
    'copy',
    'copies',
  );
  const usd = cents(usdOf(versions));
  return `${name} costs at most ${usd} a month besides this: ${count(versions.length, 'version')} in ${copies}.`;
}

/** What is in no figure is told of both galleries. */
function withSecond(view: CostsView): CostsView {
  const { second } = view;
  if (!second) return view;
  const unpriced = [...new Set([...view.unpriced, ...second.unpriced])];
  return { ...view, unpriced, versions: [...view.versions, ...second.versions] };
}

function missing({ versions, unpriced }: Priced): readonly string[] {
  const unsized = versions.filter((row) => row.usd === undefined).length;
  return [
    ...(unpriced.length > 0 ? [`! Not in the figures: ${list(unpriced, 6)}, which the price list does not have.`] : []),
    ...(unsized > 0 ? [`! Not in the figures: ${count(unsized, 'version')} whose size Azure does not say.`] : []),
  ];
}

interface Noted extends Pick<CostView, 'keeps' | 'source' | 'asOf'> {
  readonly versions: readonly object[];
}

function notesOf({ versions, keeps, source, asOf }: Noted): readonly string[] {
  if (versions.length === 0) return [`As of ${clock(asOf)}`];
  return [
    keeps ? 'The gallery keeps what is deleted, with one copy in each region, which is paid for until it goes.' : '',
    `Counted from ${source}, as of ${clock(asOf)}. Azure bills the part of a disk that is in use, but reports only its full size; your contract may have other prices.`,
  ];
}
