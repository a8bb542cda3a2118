import { type CommandCall, line } from '../core/command-call';
import type { Blocks, Color } from './parts/blocks';
import { type Button, wire } from './parts/buttons';
import { clip } from './parts/format';
import { type Draft, dress, fill, shows } from './render';
import type { AdaptiveCard, Reply } from './reply';
import small from './templates/small.json';
import { twin } from './twin';

/** The most a card may weigh, as JSON in UTF-8: the smallest limit that Teams has ever had. */
export const maxCardBytes = 25 * 1024;
/** A longer button is cut off on a phone. */
const maxTitleLength = 32;
/** What is cut holds somebody's name, which may be of wider letters than goldbot's own words. */
const cutTitleLength = 28;

/** What every card has around its body. */
export interface Sheet {
  readonly title: string;
  /** Lines under the title: id, who, until when. */
  readonly subtitles: readonly string[];
  /** A word to the right of the title. */
  readonly badge?: { readonly text: string; readonly color: Color };
  readonly buttons: readonly Button[];
  /** What can be typed next, shown at the foot beside the sentences of the buttons. */
  readonly next?: readonly CommandCall[];
}

/** The body of a card: a file in templates/ that goes into the frame every card has. */
export type Template = readonly object[];

/** A block that the builder left out is absent, and its template shows nothing. */
const empty: Required<Blocks> = {
  stages: [],
  figures: [],
  bars: [],
  trends: [],
  acts: [],
  facts: [],
  tints: [],
  groups: [],
  factGroups: [],
  tables: [],
  findings: [],
  failures: [],
  logs: [],
  commandGroups: [],
  fields: [],
  paragraphs: [],
  notes: [],
  history: [],
};

/**
 * A card from its template, and the same in words. Content that does not fit in 25 KB is cut: first long texts, then
 * everything but the beginning; the words stay whole.
 *
 * @throws Error when the template has no place for a block, or finds no value for a name.
 */
export function sheet(template: Template, frame: Sheet, blocks: Blocks): Reply {
  const data = dataOf(template, frame, blocks);
  const draft = fill(template, data);
  const text = twin(draft);
  const found = fitted(draft);
  const card = found?.card ?? smallCard(frame, text);
  if (!found || found.isTight) cramped.add(card);
  sources.set(card, { template, data });
  return { text, card };
}

const cramped = new WeakSet<AdaptiveCard>();

/** Whether the card did not fit without cutting its texts so short that a sentence to type may not be whole any more. */
export function isCramped({ card }: Reply): boolean {
  return card !== undefined && cramped.has(card);
}

/** What a card was made from, for the gallery. */
export interface Source {
  readonly template: Template;
  readonly data: object;
}

const sources = new WeakMap<AdaptiveCard, Source>();

export function sourceOf(card: AdaptiveCard): Source | undefined {
  return sources.get(card);
}

function dataOf(template: Template, frame: Sheet, blocks: Blocks): object {
  const lost = Object.entries(blocks).filter(([name, block]) => block.length > 0 && !shows(template, name));
  if (lost.length > 0) throw new Error(`no place in the template for ${lost.map(([name]) => name).join(', ')}`);
  const view = { ...empty, ...blocks };
  const foot = footLines(frame);
  return {
    ...view,
    hasFacts: view.facts.length > 0,
    hasHistory: view.history.length > 0,
    title: frame.title,
    subtitles: frame.subtitles.filter((subtitle) => subtitle !== '').map((subtitle) => ({ text: subtitle })),
    badges: frame.badge === undefined ? [] : [frame.badge],
    hasBody: Object.values(view).some((block) => block.length > 0),
    foot: footView(foot, view.fields.length > 0),
    buttons: frame.buttons.map(buttonView),
    fallback: clip([frame.title, ...frame.subtitles, ...foot].join('\n'), 500),
  };
}

/** The longest that texts may be, from try to try; the last may cut a sentence that people would type. */
const lengths = [Number.POSITIVE_INFINITY, 140, 70];

function fitted(draft: Draft): { readonly card: AdaptiveCard; readonly isTight: boolean } | undefined {
  for (const longest of lengths) {
    const card = dress(draft, longest);
    if (bytes(card) <= maxCardBytes) return { card, isTight: longest === lengths.at(-1) };
  }
  return undefined;
}

export function bytes(card: AdaptiveCard): number {
  return Buffer.byteLength(JSON.stringify(card), 'utf8');
}

/** Characters of the foot that fit on one line of a card in a channel. */
const footWidth = 64;

/** The sentences of the buttons: all on one line, or those that act above those that look. */
function footLines(frame: Sheet): readonly string[] {
  const acting = new Set(frame.buttons.filter((b) => b.takesInputs === true).map((button) => line(button.call)));
  const others = [...frame.buttons.map((button) => button.call), ...(frame.next ?? [])];
  const all = new Set([...acting, ...others.map(line)]);
  const together = packed([...all]);
  return together.length <= 1 ? together : [...packed([...acting]), ...packed([...all].filter((c) => !acting.has(c)))];
}

function packed(sentences: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const sentence of sentences) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + sentence.length + 3 <= footWidth)
      lines.splice(-1, 1, `${last} · ${sentence}`);
    else lines.push(sentence);
  }
  return lines;
}

function footView(foot: readonly string[], afterInputs: boolean): readonly object[] {
  if (foot.length === 0) return [];
  return [{ line: !afterInputs, spacing: 'Medium', lines: foot.map((text) => ({ text })) }];
}

function buttonView(button: Button): object {
  return {
    ...wire(button),
    title: [...button.title].length > maxTitleLength ? clip(button.title, cutTitleLength) : button.title,
    style: button.style ?? 'default',
    inputs: button.takesInputs === true ? 'auto' : 'none',
  };
}

/** For content that does not fit after all: its beginning as words, with the same buttons. */
function smallCard(frame: Sheet, text: string): AdaptiveCard {
  const beginning = text
    .split('\n')
    .slice(1, 40)
    .map((words) => ({ text: clip(words, 200) }));
  const rest = { text: 'The rest does not fit on a card.' };
  const { title, buttons } = { ...frame, title: clip(frame.title, 200) };
  const blocks = { paragraphs: [...beginning, rest] };
  return dress(fill(small, { ...dataOf(small, { title, subtitles: [], buttons }, blocks), foot: [] }));
}
