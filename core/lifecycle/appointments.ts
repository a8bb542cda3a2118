import { momentOf } from '../time';
import { freeFrom, type Span, spanAfter, spanAt, type Window } from '../windows';

/** When a machine may be replaced: not in a freeze of the calendar, and only in the window that its rollout was agreed to with. */

/** World times, ISO 8601; `every`: as it was written, where it comes again and again. */
export interface RolloutWindow {
  readonly from: string;
  readonly until: string;
  readonly every?: Window;
}

export interface Times {
  /** Of the calendar, as far as they hold back the image or the team. */
  readonly freezes: readonly (Window & { readonly name: string })[];
  readonly window: RolloutWindow | undefined;
}

/** Why nothing may be replaced at a time: a clause that follows it. `free`: when next; absent when never. */
export interface Barred {
  readonly why: string;
  readonly free?: Date;
}

/**
 * Undefined: nothing stands against the time. A window that came once and is over bars nothing, as owners could appoint
 * nothing any more.
 */
export function barredAt(at: Date, times: Times, now: Date): Barred | undefined {
  const { freezes } = times;
  const window = isOver(times.window, now) ? undefined : times.window;
  const why =
    frozenWords(at, freezes) ?? (openFrom(window, at)?.getTime() === at.getTime() ? undefined : outside(window));
  if (why === undefined) return undefined;
  const free = freeAt(at, { freezes, window });
  return { why, ...(free && { free }) };
}

const isOver = (window: RolloutWindow | undefined, now: Date): boolean =>
  window !== undefined && window.every === undefined && new Date(window.until) <= now;

function frozenWords(at: Date, freezes: Times['freezes']): string | undefined {
  const held = freezes.flatMap((freeze) => {
    const span = spanAt(freeze, at);
    return span ? [{ name: freeze.name, until: span.until }] : [];
  });
  const [last] = held.sort((a, b) => b.until.getTime() - a.until.getTime());
  return last && `is in the freeze “${last.name}”, which ends ${momentOf(last.until)}`;
}

const outside = (window: RolloutWindow | undefined): string =>
  window?.every
    ? `is not in the window of the rollout, ${window.every.from} to ${window.every.to} by the clock of ${window.every.zone}`
    : `is not in the window of the rollout, which ends ${momentOf(new Date(window?.until ?? 0))}`;

/** Further windows that all lie in freezes are not looked for. */
const mostSteps = 200;

/** The first moment from then on that is in the window and in no freeze. */
function freeAt(at: Date, { freezes, window }: Times): Date | undefined {
  let free: Date | undefined = at;
  for (let n = 0; free && n < mostSteps; n += 1) {
    const thawed = freeFrom(freezes, free);
    const open: Date | undefined = thawed && openFrom(window, thawed);
    if (open?.getTime() === thawed?.getTime()) return open;
    free = open;
  }
  return undefined;
}

/** That moment if the window is open then, or the next at which it opens. */
function openFrom(window: RolloutWindow | undefined, at: Date): Date | undefined {
  if (!window) return at;
  const first: Span = { from: new Date(window.from), until: new Date(window.until) };
  if (at < first.until) return at < first.from ? first.from : at;
  if (!window.every) return undefined;
  return spanAt(window.every, at) ? at : spanAfter(window.every, at)?.from;
}
