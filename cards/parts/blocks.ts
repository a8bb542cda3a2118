import { clip, oneLine } from './format';

/**
 * What the ground of a badge says beside its words. Text itself has the default colour: `Good` and `Warning` cannot be
 * read on white, `Attention` not in the dark look.
 */
export type Tone = 'Informative' | 'Accent' | 'Good' | 'Warning' | 'Attention';

/** A sign at the head of a row: on a ground of its own where somebody should see it, plain where not. */
export interface Sign {
  readonly badges: readonly { readonly text: string; readonly tone: Tone }[];
  readonly signs: readonly Line[];
}

/** What bodies are made of. Every block is a list; an empty one shows nothing. */
export interface Blocks {
  readonly stages?: readonly object[];
  readonly figures?: readonly object[];
  readonly bars?: readonly object[];
  readonly trends?: readonly object[];
  readonly progress?: readonly object[];
  readonly stacks?: readonly object[];
  readonly donuts?: readonly object[];
  readonly acts?: readonly object[];
  readonly picks?: readonly object[];
  readonly facts?: readonly Fact[];
  readonly tints?: readonly Tint[];
  readonly groups?: readonly Group[];
  readonly factGroups?: readonly FactGroup[];
  readonly tables?: readonly TableBlock[];
  readonly findings?: readonly object[];
  readonly failures?: readonly object[];
  readonly logs?: readonly LogBlock[];
  /** Lines of a log that are folded away. */
  readonly folded?: readonly { readonly title: string; readonly lines: readonly LogBlock[] }[];
  /** Facts and rows that are folded away, each under its own line. */
  readonly drawers?: readonly object[];
  readonly fields?: readonly object[];
  /** What a form asks for besides, folded. */
  readonly moreFields?: readonly object[];
  readonly paragraphs?: readonly Line[];
  /** Sentences of which some are subdued. */
  readonly details?: readonly (Line & { readonly subtle: boolean })[];
  /** Lines that are folded away. */
  readonly history?: readonly Line[];
  readonly notes?: readonly Line[];
  /** What is folded away, each part under a button of its own. */
  readonly folds?: readonly object[];
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

/** What one button unfolds: facts, and texts that can be copied out of the card. */
export interface Fold {
  /** Of the button; in words, and above what is unfolded, the heading is. */
  readonly title: string;
  readonly heading?: string;
  readonly facts?: readonly Fact[];
  readonly snippets?: readonly { readonly label: string; readonly text: string }[];
}

/** Parts that hold nothing have no button; no buttons at all where none of them holds anything. */
export function folds(...all: readonly Fold[]): readonly object[] {
  const full = all.filter(({ facts: some = [], snippets = [] }) => some.length + snippets.length > 0);
  if (full.length === 0) return [];
  const parts = full.map(({ title, heading = title, facts: own = [], snippets = [] }, i) => ({
    ...{ id: `fold-${i + 1}`, title, heading, facts: own, hasFacts: own.length > 0, snippets },
  }));
  return [{ toggles: parts.map(({ id, title }) => ({ id, title })), parts }];
}

export interface LogBlock {
  /** Its lines as they are. */
  readonly code: string;
  /** With spaces that no client swallows. */
  readonly aligned: string;
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

export interface MarkedRow extends Sign {
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
  /** Where the table shows: everywhere, or where there is room for its columns. */
  readonly onWide: '' | 'atLeast:standard';
  /** What a phone shows in its place. */
  readonly narrow: readonly object[];
  readonly more: readonly Line[];
}

export interface Cell {
  readonly text: string;
  readonly weight: Weight;
  readonly under: readonly { readonly text: string; readonly subtle: boolean }[];
}

/** `done` ✓, `now` ●, `todo` ○, `needs-person` !, `failed` ✗, `skipped` and `stopped` –. */
export type Mark = 'done' | 'now' | 'todo' | 'needs-person' | 'failed' | 'skipped' | 'stopped';

const marks: Readonly<Record<Mark, { readonly sign: string; readonly word: string; readonly tone: Tone }>> = {
  done: { sign: '✓', word: 'done', tone: 'Good' },
  now: { sign: '●', word: 'now', tone: 'Accent' },
  todo: { sign: '○', word: 'to come', tone: 'Informative' },
  'needs-person': { sign: '!', word: 'needs a person', tone: 'Warning' },
  failed: { sign: '✗', word: 'failed', tone: 'Attention' },
  skipped: { sign: '–', word: 'skipped', tone: 'Informative' },
  stopped: { sign: '–', word: 'stopped', tone: 'Informative' },
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

export function markView(mark: Mark): Sign {
  return signView(marks[mark].sign, marks[mark].tone);
}

export function signView(text: string, tone: Tone): Sign {
  return tone === 'Informative' ? { badges: [], signs: [{ text }] } : { badges: [{ text, tone }], signs: [] };
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
  const row = { ...markView(mark), label: oneLine(label, 160) };
  if (right.length > maxRight) return { ...row, details: lines([...details, right], 300), right: '' };
  return { ...row, details: lines(details, 300), right };
}

/** Monospaced lines; the spaces that align them are kept. None at all when there are no lines. */
export function logBlock(tail: readonly string[], maxLines: number): readonly LogBlock[] {
  const shown = tail.slice(-maxLines).map((line) => clip(line.replaceAll('\t', '  ').replace(/[\r\n]+/g, ' '), 220));
  const aligned = shown.map((line) => (line === '' ? '\u00a0' : line.replace(/ (?= )|^ /g, '\u00a0')));
  return shown.length === 0 ? [] : [{ code: shown.join('\n'), aligned: aligned.join('\n') }];
}

export function lines(texts: readonly string[], max = 500): readonly Line[] {
  return texts.filter((text) => text !== '').map((text) => ({ text: oneLine(text, max) }));
}

/** No table at all when it has no rows. */
export function table({ heading = '', columns, rows, more = '' }: TableContent): readonly TableBlock[] {
  if (rows.length === 0) return [];
  const isWide = columns.length > maxNarrowColumns;
  const narrow = isWide ? [{ rows: rows.map(({ cells }) => narrowRow(columns, cells)) }] : [];
  const onWide = isWide ? 'atLeast:standard' : '';
  return [{ headings: lines([heading]), columns, rows, more: lines([more]), onWide, narrow }];
}

/** More columns than these leave a phone a word or two in each. */
const maxNarrowColumns = 2;

/** A row as a phone shows it: the first cell as a heading, the others as facts. */
function narrowRow(columns: TableContent['columns'], [first, ...others]: readonly Cell[]): object {
  const facts = others.map((one, i) => ({
    title: columns[i + 1]?.title ?? '',
    value: [one.text, ...one.under.map(({ text }) => text)].join(' · '),
  }));
  return { text: first?.text ?? '', under: first?.under ?? [], facts };
}

interface CellLook {
  readonly bold?: boolean;
  /** A second line, subtle unless it is loud. */
  readonly under?: string;
  readonly loud?: boolean;
}

export function cell(text: string, look: CellLook = {}): Cell {
  const below = look.under === undefined || look.under === '' ? [] : [oneLine(look.under, 120)];
  return {
    text: oneLine(text, 120),
    weight: look.bold === true ? 'Bolder' : 'Default',
    under: below.map((line) => ({ text: line, subtle: look.loud !== true })),
  };
}

/** A tinted heading with sentences under it. */
export function tintList(style: Tint['style'], bold: string, sentences: readonly string[]): Tint {
  const head = { runs: [{ text: clip(bold, 300), weight: 'Bolder' as const }] };
  const rest = sentences.map((text) => ({ runs: [{ text: oneLine(text, 300), weight: 'Default' as const }] }));
  return { style, lines: [head, ...rest] };
}
