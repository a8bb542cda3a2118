import { factLines, facts, lines } from './blocks';
import { commandsIn, oneLine, spoken } from './format';
import type { Reply } from './reply';
import { type Button, sheet } from './sheet';
import template from './templates/error.json';

export interface ErrorView {
  /** One sentence: what happened, to what. */
  readonly message: string;
  /** One imperative sentence: what to do next. */
  readonly hint: string;
  /** `APPROVAL_STALE`. */
  readonly code?: string;
  readonly facts?: Readonly<Record<string, string | number>>;
  /** What comes next, each to be typed as it is; what the hint names between backticks when absent. */
  readonly commands?: readonly string[];
  /** The command as a button, when a click is enough. */
  readonly button?: Button;
  /** Only when the mistake is goldbot's: finds it in the log. */
  readonly reference?: string;
}

/** What happened, to what, what to do next. */
export function errorCard(view: ErrorView): Reply {
  const ours = view.reference !== undefined;
  const entries = facts(
    ...Object.entries(view.facts ?? {})
      .slice(0, 8)
      .map(([key, value]) => [words(key), String(value)] as const),
    ['Reference', view.reference],
  );
  const headline = oneLine(spoken(view.message), 1000);
  const hint = spoken(view.hint);
  const commands = view.commands ?? commandsIn(view.hint);
  const short = headline.length <= 140;
  const generic = ours ? 'goldbot made a mistake.' : 'That was not done.';
  return sheet(
    template,
    {
      title: short ? headline : generic,
      subtitles: view.code === undefined ? [] : [view.code],
      badge: { text: ours ? '✗ Our mistake' : '! Not done', color: 'Attention' },
      twin: [...(short ? [] : [headline]), hint, ...factLines(entries)],
      buttons: view.button === undefined ? [] : [view.button],
      commands,
    },
    { paragraphs: lines([...(short ? [] : [headline]), hint], 1000), facts: entries },
  );
}

/** `approvedPlan` → `Approved plan`. */
function words(key: string): string {
  const spaced = oneLine(key, 40).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
