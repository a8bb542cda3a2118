import { call } from '../core/command-call';
import { type Group, lines, logBlock, markedRow } from './parts/blocks';
import { statusButton } from './parts/buttons';
import { clock, count, dotted, type Instant, list, number, oneLine } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/log.json';

export interface LogView {
  /** The run. */
  readonly id: string;
  readonly image: string;
  /** `Customise, attempt 2`. */
  readonly what: string;
  /** Of the build, as people read it; oldest first. */
  readonly lines: readonly string[];
  /** How many such lines there are; absent when only a tail is kept. */
  readonly total?: number;
  /** What stopped it, when something did. */
  readonly failed?: FailedStep;
  /** The step of the recipe that runs now. */
  readonly step?: { readonly name: string; readonly n: number; readonly of: number };
  /** What was looked at on a fresh VM; absent before that. */
  readonly tests?: readonly TestRow[];
  /** Where it comes from: `from Image Builder`, `what goldbot kept`. */
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

export interface TestRow {
  readonly name: string;
  readonly passed: boolean;
  readonly exitCode: number;
  /** What it printed. */
  readonly output: string;
}

const maxLines = 36;
/** What a step printed before it failed; the whole log is folded below it. */
const maxOutput = 12;
/** Tests that failed, each with what it said. */
const maxFailed = 6;

/** Why a run stopped, in the words of the step that failed; of a run that goes on, where it is, and the end of its log. */
export function logCard(view: LogView): Reply {
  const { failed, tests = [] } = view;
  const tail = logBlock(view.lines, maxLines);
  const said = failed?.output ?? [];
  // A single line that is the error stands above already.
  const output = logBlock(said.join('\n') === failed?.error ? [] : said, maxOutput);
  const isFolded = output.length + tests.length > 0 && tail.length > 0;
  const empty = tail.length + output.length + tests.length === 0 ? ['There is no log yet.'] : [];
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [dotted(view.id, oneLine(view.what, 80))],
      ...(failed && { badge: { text: '✗ Failed', tone: 'Attention' } }),
      buttons: [
        statusButton(view.id, 'Show the run'),
        { title: 'Show raw log', call: call('logs', { request: view.id, tail: 200 }) },
      ],
    },
    {
      paragraphs: lines([failed?.error ?? '', failed?.remedy ?? '', ...empty]),
      logs: isFolded ? output : [...output, ...tail],
      groups: testGroup(tests, failed),
      folded: isFolded ? [{ title: lengthOf(view), lines: tail }] : [],
      notes: lines([dotted(isFolded ? '' : cutOf(view), view.source, `As of ${clock(view.asOf)}`)]),
    },
  );
}

function headline({ image, failed, step, tests = [] }: LogView): string {
  const passed = tests.filter((test) => test.passed).length;
  if (failed) return `${image} stopped at ${oneLine(failed.name, 80)}`;
  if (tests.length > 0) return `${image} passed ${passed} of ${count(tests.length, 'test')}`;
  if (step) return `${image} is at step ${step.n} of ${step.of}: ${oneLine(step.name, 60)}`;
  return `Log of ${image}`;
}

/** Those that failed, with what they said; the others in one row. What stopped the run has its output above. */
function testGroup(tests: readonly TestRow[], stopped: FailedStep | undefined): readonly Group[] {
  if (tests.length === 0) return [];
  const failed = tests.filter(({ passed }) => !passed);
  const passed = tests.filter((test) => test.passed).map(({ name }) => oneLine(name, 40));
  const rows = failed.slice(0, maxFailed).map(({ name, exitCode, output }) => {
    const said = name === stopped?.name ? '' : oneLine(output, 160);
    return markedRow('failed', oneLine(name, 80), [said], `exit code ${exitCode}`);
  });
  const more = failed.length > maxFailed ? [markedRow('failed', `${failed.length - maxFailed} more failed`)] : [];
  const well = passed.length === 0 ? [] : [markedRow('done', `${number(passed.length)} passed`, [list(passed, 12)])];
  return [{ heading: 'Tests', rows: [...rows, ...more, ...well] }];
}

function cutOf({ lines: all, total = all.length }: LogView): string {
  const shown = Math.min(all.length, maxLines);
  return total > shown ? `The last ${shown} of ${count(total, 'line')}` : '';
}

/** What is folded away: `Build log (8 lines)`, `Last 36 of 1,204 lines`. */
function lengthOf(view: LogView): string {
  return cutOf(view).replace('The last', 'Last') || `Build log (${count(view.lines.length, 'line')})`;
}
