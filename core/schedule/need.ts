import type { ImageConfig } from '../catalogue';
import { contentChanges, type FixedPlan } from '../runs';
import { addDuration, days } from '../time';

/** What was published last, as the run that made it planned it. */
export interface PublishedBefore {
  readonly fixed: FixedPlan;
  /** World time. */
  readonly publishedAt: Date;
}

/** Whether there is a reason to build: what it is, in words; or since which version nothing has changed. */
export type Need =
  | { readonly build: true; readonly because: readonly string[] }
  | { readonly build: false; readonly since: { readonly version: string; readonly publishedAt: Date } };

/**
 * Compares what would be built with what was published last. `at`: when the new version would be needed, by which an
 * unchanged one may have become too old. `before`: undefined when goldbot did not make the newest version itself.
 */
export function needOf(
  after: FixedPlan,
  before: PublishedBefore | undefined,
  { at, rebuildAfter }: { readonly at: Date } & Pick<ImageConfig, 'rebuildAfter'>,
): Need {
  const newest = after.previousVersion;
  if (newest === null) return { build: true, because: ['nothing has been published yet'] };
  if (!before) return { build: true, because: [`${newest} was not made here, so nothing can be compared`] };
  const because = contentChanges(before.fixed, after);
  if (because.length > 0) return { build: true, because };
  const { publishedAt } = before;
  const old = addDuration(rebuildAfter, publishedAt);
  if (old && old <= at) {
    const age = Math.floor((at.getTime() - publishedAt.getTime()) / days(1));
    return {
      build: true,
      because: [`${newest} will be ${age} days old by then, and is rebuilt after ${durationWords(rebuildAfter)}`],
    };
  }
  return { build: false, since: { version: newest, publishedAt } };
}

const units: Readonly<Record<string, string>> = { h: 'hours', d: 'days', w: 'weeks', mo: 'months' };

/** `+28d` as `28 days`. */
function durationWords(text: string): string {
  const [, number = '', unit = ''] = /^\+?(\d+)(\w+)$/.exec(text) ?? [];
  return `${number} ${number === '1' ? units[unit]?.slice(0, -1) : units[unit]}`;
}
