import { type CommandCall, line } from '../core/command-call';
import type { Blocks, Tone } from './parts/blocks';
import { type Button, inOrder, isAsking, type Link, type Placed, shortTitle, wire } from './parts/buttons';
import { clip, oneLine } from './parts/format';
import { type Draft, dress, fill, shows } from './render';
import type { AdaptiveCard, Reply } from './reply';
import small from './templates/small.json';
import { twin } from './twin';

/** The most a card may weigh, as JSON in UTF-8: the smallest limit that Teams has ever had. */
export const maxCardBytes = 25 * 1024;

/** What every card has around its body. */
export interface Sheet {
  readonly title: string;
  /** Lines under the title: id, who, until when. */
  readonly subtitles: readonly string[];
  /** A word to the right of the title. */
  readonly badge?: { readonly text: string; readonly tone: Tone };
  readonly buttons: readonly Button[];
  /** Buttons that open a page outside of Teams, behind the others. */
  readonly links?: readonly Link[];
  /** Where people have another card than everybody. */
  readonly own?: OwnCard;
  /** What can be typed next, in words beside the sentences of the buttons. */
  readonly next?: readonly CommandCall[];
}

/**
 * Asks for the card of whoever looks, which goldbot answers with and nobody else sees. `button`: what asks by hand, where
 * a client does not by itself; absent: there is none.
 */
export interface OwnCard {
  /** What the card is about: ids, as addresses. */
  readonly about: Readonly<Record<string, string>>;
  readonly button?: string;
  /** Absent: clients do not ask by themselves, since that would wipe what is being typed. */
  readonly byItself?: true;
  /** Object ids of those who have one; absent: not known. */
  readonly people?: readonly string[];
}

/** What asks for one's own card. It is no command: nothing is done, and nothing is posted. */
export const ownVerb = 'view';

/** Whether clients ask by themselves for the card of whoever looks at this one. */
export function asksForOwn({ card }: Reply): boolean {
  return card?.['refresh'] !== undefined;
}

/** The body of a card: a file in templates/ that goes into the frame every card has. */
export type Template = readonly object[];

/** A block that the builder left out is absent, and its template shows nothing. */
const empty: Required<Blocks> = {
  stages: [],
  figures: [],
  bars: [],
  trends: [],
  progress: [],
  stacks: [],
  donuts: [],
  acts: [],
  picks: [],
  facts: [],
  tints: [],
  groups: [],
  factGroups: [],
  tables: [],
  findings: [],
  failures: [],
  logs: [],
  folded: [],
  drawers: [],
  fields: [],
  moreFields: [],
  paragraphs: [],
  details: [],
  notes: [],
  history: [],
  folds: [],
};

/**
 * A card from its template, and the same in words. Content that does not fit in 25 KB is cut: first long texts, then
 * everything but the beginning; the words stay whole.
 *
 * @throws Error when the template has no place for a block, or finds no value for a name.
 */
export function sheet(template: Template, frame: Sheet, blocks: Blocks): Reply {
  const data = dataOf(template, frame, blocks);
  const filled = fill(template, data);
  const text = twin(filled, footLines(frame));
  const draft = withOwn(filled, frame.own);
  const found = fitted(draft, maxCardBytes - roomFor(frame.own));
  const card = found?.card ?? withOwn(smallCard(frame, text), frame.own);
  if (!found || found.isTight) cramped.add(card);
  sources.set(card, { template, data });
  return { text, card, ...(frame.own?.byItself && frame.own.people && { owners: frame.own.people }) };
}

/** What asks by hand comes first on a card for everybody: it is the way to decide. On a form, it is the way back. */
function withOwn<Card extends Draft>(card: Card, own: OwnCard | undefined): Card {
  if (!own) return card;
  const { about: data, button: title, byItself } = own;
  const ask = { type: 'Action.Execute', verb: ownVerb, data };
  const byHand = title === undefined ? [] : [{ ...ask, title, mode: 'primary', associatedInputs: 'none' }];
  const others =
    byItself && title !== undefined ? card.actions.map((one) => ({ ...one, mode: 'secondary' })) : card.actions;
  const actions = byItself ? [...byHand, ...others] : [...others, ...byHand];
  return { ...card, actions, ...(byItself && { refresh: { action: ask } }) };
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
  const placed = inOrder(frame.buttons, frame.links);
  return {
    ...view,
    hasFacts: view.facts.length > 0,
    hasHistory: view.history.length > 0,
    title: frame.title,
    subtitles: frame.subtitles.filter((subtitle) => subtitle !== '').map((subtitle) => ({ text: subtitle })),
    badges: frame.badge === undefined ? [] : [frame.badge],
    hasBody: Object.values(view).some((block) => block.length > 0),
    // Without buttons that decide, the sentence that does is said.
    foot: footView(
      isEverybodys(frame) ? frame.next?.[0] : (placed.buttons[0]?.call ?? frame.next?.[0]),
      view.fields.length + view.moreFields.length > 0,
    ),
    buttons: placed.buttons.map(buttonView),
    links: placed.links.map((link) => ({ ...link, sentence: `${link.title}: ${link.url}` })),
    fallback: [frame.title, ...frame.subtitles, ...footLines(frame)].join('\n'),
    speak: spoken(frame, placed.buttons),
  };
}

/** A card in whose place some have their own, with the buttons. */
const isEverybodys = ({ own }: Sheet): boolean => own?.byItself === true && own.button !== undefined;

/** The longest that texts may be, from try to try; the last may cut a sentence that people would type. */
const lengths = [Number.POSITIVE_INFINITY, 140, 70];

/** The ids of those for whom Teams asks are added once they are known. */
const roomFor = (own: OwnCard | undefined): number => 110 * Math.min(own?.people?.length ?? 0, 60);

function fitted(draft: Draft, room: number): { readonly card: AdaptiveCard; readonly isTight: boolean } | undefined {
  const whole = dress(draft);
  if (bytes(whole) <= room) return { card: whole, isTight: false };
  const plain = withWideAlone(draft) as Draft;
  for (const longest of lengths) {
    const card = dress(plain, longest);
    if (bytes(card) <= room) return { card, isTight: longest === lengths.at(-1) };
  }
  return undefined;
}

/** Without what a phone shows in place of something else, which every client shows then. */
function withWideAlone(node: unknown): unknown {
  if (Array.isArray(node)) return node.filter((item) => item?.says !== 'again').map(withWideAlone);
  if (typeof node !== 'object' || node === null) return node;
  const { targetWidth, ...rest } = node as Record<string, unknown>;
  const isForWide = targetWidth === 'atLeast:standard' || targetWidth === '';
  const own = isForWide || targetWidth === undefined ? rest : { ...rest, targetWidth };
  return Object.fromEntries(Object.entries(own).map(([key, value]) => [key, withWideAlone(value)]));
}

export function bytes(card: AdaptiveCard): number {
  return Buffer.byteLength(JSON.stringify(card), 'utf8');
}

/** Characters of the foot that fit on one line of a card in a channel. */
const footWidth = 64;

/** For the words: the sentences of the buttons, all on one line, or those that act above those that look. */
function footLines(frame: Sheet): readonly string[] {
  const acting = new Set(frame.buttons.filter((b) => b.takesInputs === true).map((button) => line(button.call)));
  const { buttons, next = [] } = frame;
  const calls = buttons.map((button) => button.call);
  // Without buttons that decide, the sentences that do come first.
  const others = isEverybodys(frame) ? [...next, ...calls] : [...calls, ...next];
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

/** What the main button does, as it is typed; the words have the others. */
function footView(main: CommandCall | undefined, afterInputs: boolean): readonly object[] {
  return main === undefined ? [] : [{ line: !afterInputs, spacing: 'Medium', text: line(main) }];
}

/** One sentence for who listens: what, in which state, what is asked. */
function spoken({ title, badge }: Sheet, buttons: readonly Placed<Button>[]): string {
  const state = badge?.text.replace(/^\W+/, '') ?? '';
  const isSaid = title.toLowerCase().includes(state.toLowerCase());
  const asked = buttons.some(isAsking) ? buttons.filter(({ mode }) => mode === 'primary') : [];
  const choice = asked.map((button) => button.title).join(' or ');
  const parts = [title.replace(/[.:?]$/, ''), isSaid ? '' : state, choice && `you can choose ${choice}`];
  return `${oneLine(parts.filter((part) => part !== '').join(', '), 300)}.`;
}

function buttonView(button: Placed<Button>): object {
  return {
    ...wire(button),
    mode: button.mode,
    title: shortTitle(button.title),
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
  const { title, buttons, links = [] } = { ...frame, title: clip(frame.title, 200) };
  const blocks = { paragraphs: [...beginning, rest] };
  return dress(fill(small, { ...dataOf(small, { title, subtitles: [], buttons, links }, blocks), foot: [] }));
}
