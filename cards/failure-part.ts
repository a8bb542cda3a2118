import { type Blocks, factLines, facts, logBlock, tint, tintLines } from './blocks';
import { oneLine } from './format';

/** Why an attempt stopped, and what a person can do about it. */
export interface FailureView {
  /** Where: `Customise`, `Test`, `Publish`. */
  readonly stage: string;
  /** The failing step or test by its name in the catalogue. */
  readonly what: string;
  /** The first real error, one line. */
  readonly error: string;
  /** Lines of the log around it, oldest first; the last 12 are shown. */
  readonly log: readonly string[];
  /** What is known to help. */
  readonly remedy?: string;
  /** From 1. */
  readonly attempt: number;
  /** Who should act: a name or a group. */
  readonly owner?: string;
}

export interface FailurePart {
  readonly blocks: NonNullable<Blocks['failures']>;
  readonly twin: readonly string[];
}

/** The part of a card that explains a failure: what, the first real error, its log lines, the remedy. */
export function failurePart(view: FailureView): FailurePart {
  const tints = [tint('attention', `! ${oneLine(view.what, 120)}: `, oneLine(view.error, 500))];
  const log = logBlock(view.log, 12);
  const entries = facts(
    ['Attempt', `${view.attempt}, stopped in ${view.stage}`],
    ['Remedy', view.remedy],
    ['Who acts', view.owner],
  );
  const logs = log.lines.length > 0 ? [log] : [];
  return {
    blocks: [{ tints, logs, facts: entries }],
    twin: [...tintLines(tints), ...log.lines.map((line) => `  ${line.text}`), ...factLines(entries)],
  };
}
