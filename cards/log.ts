import { call } from '../core/command-call';
import { lines, logBlock } from './parts/blocks';
import { statusButton } from './parts/buttons';
import { clock, count, dotted, type Instant, oneLine } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/log.json';

export interface LogView {
  /** The run. */
  readonly id: string;
  readonly image: string;
  /** `Customise, attempt 2`. */
  readonly what: string;
  /** Oldest first. */
  readonly lines: readonly string[];
  /** How many lines the log has; absent when only a tail is kept. */
  readonly total?: number;
  /** What stopped it, when something did. */
  readonly failed?: FailedStep;
  /** Where it comes from: `read from Image Builder`, `the copy goldbot kept`. */
  readonly source?: string;
  readonly asOf: Instant;
}

export interface FailedStep {
  /** Step or test by its name in the catalogue. */
  readonly name: string;
  /** The first real error. */
  readonly error: string;
  /** The end of what it printed, without noise. */
  readonly output: readonly string[];
  /** What helps. */
  readonly remedy?: string;
}

const maxLines = 36;
/** What a step printed before it failed; the whole log is folded below it. */
const maxOutput = 12;

/** Why a run stopped, in the words of the step that failed, above the end of its log; of a run that goes on, the end. */
export function logCard(view: LogView): Reply {
  const { failed } = view;
  const tail = logBlock(view.lines, maxLines);
  const output = logBlock(failed?.output ?? [], maxOutput);
  const isFolded = output.length > 0 && tail.length > 0;
  const empty = tail.length + output.length === 0 ? ['There is no log yet.'] : [];
  return sheet(
    template,
    {
      title: failed ? `${view.image} stopped at ${oneLine(failed.name, 80)}` : `Log of ${view.image}`,
      subtitles: [dotted(view.id, oneLine(view.what, 80))],
      ...(failed && { badge: { text: '✗ Failed', tone: 'Attention' } }),
      buttons: [
        statusButton(view.id, 'Show the run'),
        { title: 'Show 200 lines', call: call('logs', { request: view.id, tail: 200 }) },
      ],
    },
    {
      paragraphs: lines([failed?.error ?? '', failed?.remedy ?? '', ...empty]),
      logs: isFolded ? output : [...output, ...tail],
      folded: isFolded ? [{ title: lengthOf(view), lines: tail }] : [],
      notes: lines([dotted(isFolded ? '' : cutOf(view), view.source, `As of ${clock(view.asOf)}`)]),
    },
  );
}

function cutOf({ lines: all, total = all.length }: LogView): string {
  const shown = Math.min(all.length, maxLines);
  return total > shown ? `The last ${shown} of ${count(total, 'line')}` : '';
}

/** What is folded away: `Whole log (8 lines)`, `Last 36 of 1,204 lines`. */
function lengthOf(view: LogView): string {
  return cutOf(view).replace('The last', 'Last') || `Whole log (${count(view.lines.length, 'line')})`;
}
