import type { Person } from '../access';
import type { Freeze } from '../catalogue';
import { momentOf } from '../time';
import { type Span, spanAfter, spanAt } from '../windows';

/** What holds a run back, and how people get past it. Pure; workflows/holds asks it, cards show it. */

/** Somebody has locked an image: nothing of it is built or published until it is unlocked. */
export interface Lock {
  readonly image: string;
  readonly by: Person;
  readonly reason: string;
  /** World time. */
  readonly since: Date;
}

/** One thing that holds something back now, as it is kept in a run's data. Times are ISO 8601, world time. */
export interface Hold {
  readonly kind: 'lock' | 'freeze';
  /** The person, or the name of the window. */
  readonly by: string;
  readonly why: string;
  readonly since: string;
  /** Of a freeze: when it is over. */
  readonly until?: string;
}

/** What a run in the stage `hold` waits for. */
export interface Held {
  /** The stage that it may not begin. */
  readonly before: string;
  /** Since when; ISO 8601, world time. */
  readonly at: string;
  readonly holds: readonly Hold[];
}

/** What lets a run through a freeze. It counts once a second person has confirmed it. */
export interface Override {
  readonly reason: string;
  readonly by: Person;
  /** ISO 8601, world time. */
  readonly at: string;
  /** Names of the windows that it is about, as they were open then: another one holds, and the same when it comes again. */
  readonly windows: readonly string[];
  readonly confirmed?: { readonly by: Person; readonly at: string };
}

/** What holds back now: the lock, and each of the windows that are open and not overridden. */
export function holdsAt(
  now: Date,
  lock: Lock | undefined,
  windows: readonly Freeze[],
  override?: Override,
): readonly Hold[] {
  const isPassed = ({ name }: Freeze, { from }: Span): boolean =>
    override?.confirmed !== undefined && override.windows.includes(name) && from.getTime() <= Date.parse(override.at);
  return [
    ...(lock ? [{ kind: 'lock', by: lock.by.name, why: lock.reason, since: lock.since.toISOString() } as const] : []),
    ...windows.flatMap((window) => {
      const span = spanAt(window, now);
      return span && !isPassed(window, span) ? [frozen(window, span)] : [];
    }),
  ];
}

const frozen = ({ name, reason }: Freeze, { from, until }: Span): Hold => ({
  kind: 'freeze',
  by: name,
  why: reason,
  since: from.toISOString(),
  until: until.toISOString(),
});

/** When the last of them is over; undefined when nobody knows, because one of them is a lock. */
export function heldUntil(holds: readonly Hold[]): Date | undefined {
  const ends = holds.map(({ until }) => (until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until)));
  const last = Math.max(...ends);
  return Number.isFinite(last) ? new Date(last) : undefined;
}

/** `Locked by Ada since Fri 27 Nov, 17:00 UTC: “openssl regression”`; one sentence, without what to do about it. */
export function holdSentence({ kind, by, why, since, until }: Hold): string {
  const from = momentOf(new Date(since));
  if (kind === 'lock') return `Locked by ${by} since ${from}: “${why}”.`;
  const to = until === undefined ? '' : ` until ${momentOf(new Date(until))}`;
  return `Frozen${to} by the window “${by}”: “${why}”.`;
}

/** The sentence about a lock. */
export function lockSentence({ by, reason, since }: Lock): string {
  return holdSentence({ kind: 'lock', by: by.name, why: reason, since: since.toISOString() });
}

/** What comes next of these windows, for a plan: those that are open now or begin within the time. */
export function freezesAhead(now: Date, windows: readonly Freeze[], withinMs: number): readonly Hold[] {
  const soon = new Date(now.getTime() + withinMs);
  return windows.flatMap((window) => {
    const span = spanAt(window, now) ?? spanAfter(window, now);
    return span && span.from <= soon ? [frozen(window, span)] : [];
  });
}
