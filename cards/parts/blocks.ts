import { clip, oneLine } from './format';

/** The colours that are readable in Teams' host configs, for marks only: a word or sign carries the meaning. */
export type Color = 'Default' | 'Good' | 'Attention' | 'Accent';

/** What bodies are made of. Every block is a list; an empty one shows nothing. */
export interface Blocks {
  readonly stages?: readonly object[];
  readonly figures?: readonly object[];
  readonly bars?: readonly object[];
  readonly trends?: readonly object[];
  readonly acts?: readonly object[];
  readonly facts?: readonly Fact[];
  readonly tints?: readonly Tint[];
  readonly groups?: readonly Group[];
  readonly factGroups?: readonly FactGroup[];
  readonly tables?: readonly TableBlock[];
  readonly findings?: readonly object[];
  readonly failures?: readonly object[];
  readonly logs?: readonly LogBlock[];
  readonly commandGroups?: readonly object[];
  readonly fields?: readonly object[];
  readonly paragraphs?: readonly Line[];
  /** Lines that are folded away. */
  readonly history?: readonly Line[];
  readonly notes?: readonly Line[];
}

export interface Line {
  readonly text: string;
}

export interface Fact {
  readonly title: string;
  readonly value: string;
}

export interface FactGroup {
  readonly heading: string;
  readonly facts: readonly Fact[];
}

export interface LogBlock {
  readonly lines: readonly Line[];
}

/** A tinted container; its words carry the meaning, the tint only draws the eye. At most two on a card. */
export interface Tint {
  readonly style: 'good' | 'warning' | 'attention' | 'emphasis';
  readonly lines: readonly { readonly runs: readonly { readonly text: string; readonly weight: Weight }[] }[];
}

type Weight = 'Bolder' | 'Default';

export interface Group {
  readonly heading: string;
  readonly rows: readonly MarkedRow[];
}

export interface MarkedRow {
  readonly mark: string;
  readonly color: Color;
  readonly label: string;
  readonly details: readonly Line[];
  readonly right: string;
}

interface TableContent {
  readonly heading?: string;
  readonly columns: readonly { readonly title: string; readonly width: number }[];
  readonly rows: readonly { readonly cells: readonly Cell[] }[];
  /** A line under it: what is left out. */
  readonly more?: string;
}

export interface TableBlock extends Pick<TableContent, 'columns' | 'rows'> {
  readonly headings: readonly Line[];
  readonly more: readonly Line[];
}

export interface Cell {
  readonly text: string;
  readonly weight: Weight;
  readonly color: Color;
  readonly under: readonly { readonly text: string; readonly color: Color; readonly subtle: boolean }[];
}

/** `done` ✓, `now` ●, `todo` ○, `needs-person` !, `failed` ✗, `skipped` and `stopped` –. */
export type Mark = 'done' | 'now' | 'todo' | 'needs-person' | 'failed' | 'skipped' | 'stopped';

const marks: Readonly<Record<Mark, { readonly sign: string; readonly word: string; readonly color: Color }>> = {
  done: { sign: '✓', word: 'done', color: 'Good' },
  now: { sign: '●', word: 'now', color: 'Accent' },
  todo: { sign: '○', word: 'to come', color: 'Default' },
  'needs-person': { sign: '!', word: 'needs a person', color: 'Attention' },
  failed: { sign: '✗', word: 'failed', color: 'Attention' },
  skipped: { sign: '–', word: 'skipped', color: 'Default' },
  stopped: { sign: '–', word: 'stopped', color: 'Default' },
};

export function markSign(mark: Mark): string {
  return marks[mark].sign;
}

/** What a sign means where a row says nothing else. */
export function signWord(sign: string): string | undefined {
  return Object.values(marks).find((mark) => mark.sign === sign)?.word;
}

export function markWord(mark: Mark): string {
  return marks[mark].word;
}

export function markColor(mark: Mark): Color {
  return marks[mark].color;
}

/** Facts that have a value; long values are cut. */
export function facts(...entries: readonly (readonly [string, string | undefined | false])[]): readonly Fact[] {
  return entries.flatMap(([title, value]) =>
    typeof value === 'string' && value !== '' ? [{ title, value: oneLine(value, 400) }] : [],
  );
}

/** A tinted sentence with a bold beginning. */
export function tint(style: Tint['style'], bold: string, rest = ''): Tint {
  const runs = [
    { text: clip(bold, 500), weight: 'Bolder' as const },
    ...(rest === '' ? [] : [{ text: clip(rest, 800), weight: 'Default' as const }]),
  ];
  return { style, lines: [{ runs }] };
}

/** Characters that a phone shows beside a label; `right` does not wrap. */
const maxRight = 24;

export function markedRow(mark: Mark, label: string, details: readonly string[] = [], right = ''): MarkedRow {
  const { sign, color } = marks[mark];
  const row = { mark: sign, color, label: oneLine(label, 160) };
  if (right.length > maxRight) return { ...row, details: lines([...details, right], 300), right: '' };
  return { ...row, details: lines(details, 300), right };
}

/** Monospaced lines; the spaces that align them are kept. */
export function logBlock(tail: readonly string[], maxLines: number): LogBlock {
  const shown = tail.slice(-maxLines).map((line) => clip(line.replaceAll('\t', '  ').replace(/[\r\n]+/g, ' '), 220));
  return { lines: shown.map((line) => ({ text: line === '' ? '\u00a0' : line.replace(/ (?= )|^ /g, '\u00a0') })) };
}

export function lines(texts: readonly string[], max = 500): readonly Line[] {
  return texts.filter((text) => text !== '').map((text) => ({ text: oneLine(text, max) }));
}

/** No table at all when it has no rows. */
export function table({ heading = '', columns, rows, more = '' }: TableContent): readonly TableBlock[] {
  return rows.length === 0 ? [] : [{ headings: lines([heading]), columns, rows, more: lines([more]) }];
}

interface CellLook {
  readonly bold?: boolean;
  readonly color?: Color;
  /** A second line, subtle unless it has a colour of its own. */
  readonly under?: string;
  readonly underColor?: Color;
}

export function cell(text: string, look: CellLook = {}): Cell {
  const below = look.under === undefined || look.under === '' ? [] : [oneLine(look.under, 120)];
  const color = look.underColor ?? 'Default';
  return {
    text: oneLine(text, 120),
    weight: look.bold === true ? 'Bolder' : 'Default',
    color: look.color ?? 'Default',
    under: below.map((line) => ({ text: line, color, subtle: look.underColor === undefined })),
  };
}

/** A tinted heading with sentences under it. */
export function tintList(style: Tint['style'], bold: string, sentences: readonly string[]): Tint {
  const head = { runs: [{ text: clip(bold, 300), weight: 'Bolder' as const }] };
  const rest = sentences.map((text) => ({ runs: [{ text: oneLine(text, 300), weight: 'Default' as const }] }));
  return { style, lines: [head, ...rest] };
}
