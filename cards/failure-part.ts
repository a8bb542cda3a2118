import { type Blocks, factLines, facts, logBlock, type Tint, tint, tintLines } from './blocks';
import { oneLine } from './format';

/** Why an attempt stopped, and what a person can do about it. */
export interface FailureView {
  /** Where: `Customise`, `Test`, `Publish`. */
  readonly stage: string;
  /** The failing step or test by its name in the catalogue. */
  readonly what: string;
  /** The first real error, one line. */
  readonly error: string;
  /** When several tests failed: each with its own reason. They are said instead of `what` and `error`. */
  readonly failed?: readonly { readonly what: string; readonly error: string }[];
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
  const tints = [reasons(view)];
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

function reasons({ failed = [], what, error }: FailureView): Tint {
  const all = failed.length > 0 ? failed.slice(0, 8) : [{ what, error }];
  const most = all.length > 1 ? 200 : 500;
  const each = all.map((one) => tint('attention', `! ${oneLine(one.what, 120)}: `, oneLine(one.error, most)));
  return { style: 'attention', lines: each.flatMap((one) => one.lines) };
}
