import { type CommandCall, line } from '../core/command-call';
import type { Blocks, Color } from './parts/blocks';
import { type Button, wireData } from './parts/buttons';
import { clip } from './parts/format';
import { plain, render } from './render';
import type { AdaptiveCard, Reply } from './reply';
import small from './templates/small.json';

/** What a card may weigh as JSON in UTF-8: the smallest of the limits that Teams has had. */
export const maxCardBytes = 25 * 1024;
const maxTextLength = 8000;
/** A longer button is cut off on a phone. */
const maxTitleLength = 32;

/** What every card has around its body. */
export interface Sheet {
  readonly title: string;
  /** Lines under the title: id, who, until when. */
  readonly subtitles: readonly string[];
  /** A word at the right of the title. */
  readonly badge?: { readonly text: string; readonly color: Color };
  /** The body once more, as lines of plain text. */
  readonly twin: readonly string[];
  readonly buttons: readonly Button[];
  /** What can be typed next, at the foot beside the sentences of the buttons. */
  readonly next?: readonly CommandCall[];
}

/** A body takes what it shows; a block that the builder did not fill is not there, and its template shows nothing. */
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
  failures: [],
  logs: [],
  commandGroups: [],
  fields: [],
  paragraphs: [],
  notes: [],
};

/** One card of goldbot: its frame, its body filled with `blocks`, and both once more as text. */
export function sheet(body: readonly object[], frame: Sheet, blocks: Blocks): Reply {
  const foot = footLines(frame);
  const text = twinText(frame, foot);
  const view = { ...empty, ...blocks };
  const card = render(body, {
    ...view,
    hasFacts: view.facts.length > 0,
    title: frame.title,
    subtitles: frame.subtitles.filter((text) => text !== '').map((text) => ({ text })),
    badges: frame.badge === undefined ? [] : [frame.badge],
    hasBody: Object.values(view).some((block) => block.length > 0),
    foot: footView(foot, view.fields.length > 0),
    buttons: frame.buttons.map(buttonView),
    fallback: clip([frame.title, ...frame.subtitles, ...foot].join('\n'), 500),
  });
  return bytes(card) <= maxCardBytes ? { text, card } : { text, card: smallCard(frame, text) };
}

export function bytes(card: AdaptiveCard): number {
  return Buffer.byteLength(JSON.stringify(card), 'utf8');
}

/** Characters of the foot that fit on one line of a card in a channel. */
const footWidth = 64;

/** The commands of the buttons: all on one line, or those that act above those that look. */
function footLines(frame: Sheet): readonly string[] {
  const acting = new Set(frame.buttons.filter((b) => b.takesInputs === true).map((button) => line(button.call)));
  const others = [...frame.buttons.map((button) => button.call), ...(frame.next ?? [])];
  const all = new Set([...acting, ...others.map(line)]);
  const together = packed([...all]);
  return together.length <= 1 ? together : [...packed([...acting]), ...packed([...all].filter((c) => !acting.has(c)))];
}

function packed(commands: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const command of commands) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + command.length + 3 <= footWidth)
      lines.splice(-1, 1, `${last} · ${command}`);
    else lines.push(command);
  }
  return lines;
}

function footView(foot: readonly string[], afterInputs: boolean): readonly object[] {
  if (foot.length === 0) return [];
  return [{ line: !afterInputs, spacing: 'Medium', lines: foot.map((text) => ({ text })) }];
}

function buttonView(button: Button): object {
  return {
    title: clip(button.title, maxTitleLength),
    verb: button.call.verb,
    data: wireData(button),
    style: button.style ?? 'default',
    inputs: button.takesInputs === true ? 'auto' : 'none',
  };
}

function twinText(frame: Sheet, foot: readonly string[]): string {
  const badge = frame.badge === undefined ? [] : [frame.badge.text];
  const head = [frame.title, ...frame.subtitles.filter((subtitle) => subtitle !== ''), ...badge];
  const body = clip([...head, ...frame.twin].join('\n'), maxTextLength);
  return plain([body, ...foot].join('\n'));
}

/** For content that does not fit after all: its beginning as words, with the same buttons. */
function smallCard(frame: Sheet, text: string): AdaptiveCard {
  const beginning = text
    .split('\n')
    .slice(1, 40)
    .map((words) => ({ text: clip(words, 200) }));
  return render(small, {
    lines: [...beginning, { text: 'The rest did not fit into a card.' }],
    title: clip(frame.title, 200),
    subtitles: [],
    badges: [],
    hasBody: true,
    foot: [],
    buttons: frame.buttons.map((button) => buttonView(button)),
    fallback: clip(frame.title, 200),
  });
}
