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
  /** The first real error, when there is one. */
  readonly error?: string;
  /** Where it comes from: `read from Image Builder`, `the copy goldbot kept`. */
  readonly source?: string;
  readonly asOf: Instant;
}

const maxLines = 36;

/** The end of a run's log. */
export function logCard(view: LogView): Reply {
  const log = logBlock(view.lines, maxLines);
  const total = view.total ?? view.lines.length;
  const cut = total > log.lines.length ? `The last ${log.lines.length} of ${count(total, 'line')}.` : '';
  const empty = log.lines.length === 0 ? ['There is no log yet.'] : [];
  const error = view.error === undefined ? [] : [`First real error: ${oneLine(view.error, 400)}`];
  const note = dotted(cut, view.source, `As of ${clock(view.asOf)}`);
  return sheet(
    template,
    {
      title: `Log of ${view.image}`,
      subtitles: [dotted(view.id, oneLine(view.what, 80))],
      buttons: [statusButton(view.id, 'Show the run')],
      next: [call('logs', { request: view.id, tail: 100 })],
    },
    { paragraphs: lines([...error, ...empty]), logs: log.lines.length === 0 ? [] : [log], notes: lines([note]) },
  );
}
