import { type CommandCall, line, type Verb } from '../core/command-call';
import { type RefusalFacts, refusalFacts } from '../core/errors';
import { facts, lines } from './parts/blocks';
import type { Button } from './parts/buttons';
import { capital, clip, moment, oneLine } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/error.json';

export interface ErrorView {
  /** One sentence: what happened, to what. */
  readonly message: string;
  /** One imperative sentence: what to do next. */
  readonly hint: string;
  /** `APPROVAL_STALE`. */
  readonly code?: string;
  readonly facts?: RefusalFacts;
  /** What comes next: a button where a click is enough, a sentence where something has to be filled in. */
  readonly next?: readonly CommandCall[];
  /** Only when the mistake is goldbot's; used to find it in the log. */
  readonly reference?: string;
}

/** What happened, to what, what to do next, and a button that does it; the code is small, for whoever looks it up. */
export function errorCard(view: ErrorView): Reply {
  const ours = view.reference !== undefined;
  const entries = facts(
    ...Object.entries(view.facts ?? {})
      .filter(([name]) => isForPeople(name))
      .slice(0, 8)
      .map(([name, value]) => [words(name), written(value)] as const),
    ['Reference', view.reference],
  );
  const headline = oneLine(view.message, 1000);
  const hint = view.hint;
  const next = (view.next ?? []).slice(0, 4);
  const short = headline.length <= 140;
  return sheet(
    template,
    {
      title: short ? headline : 'That was not done.',
      subtitles: [],
      badge: { text: ours ? '✗ Internal error' : '! Not done', tone: ours ? 'Attention' : 'Warning' },
      buttons: next.filter(isClick).map(nextButton),
      next,
    },
    {
      paragraphs: lines([...(short ? [] : [headline]), hint], 1000),
      facts: entries,
      notes: lines([view.code ?? '']),
    },
  );
}

/** Commands whose click counts only with the hash of the plan on its card; an error card shows no plan. */
const bound = new Set<Verb>(['approve', 'reject', 'rebuild', 'cancel']);

/** What lacks something opens a form. An example is not what was meant: it is there to be read. */
function isClick({ verb, example }: CommandCall): boolean {
  return !bound.has(verb) && !example;
}

function nextButton(next: CommandCall): Button {
  // No wider than a phone; the whole sentence is at the foot.
  return { title: clip(capital(line({ ...next, blanks: [] })), 26), call: next };
}

function isForPeople(name: string): boolean {
  return refusalFacts[name as keyof RefusalFacts] === 'people';
}

/** Times are in facts as programs read them. */
function written(value: string | number): string {
  const at = typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);
  return at ? moment(new Date(value)) : String(value);
}

/** `approvedPlan` → `Approved plan`. */
function words(key: string): string {
  const spaced = oneLine(key, 40).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return capital(spaced);
}
