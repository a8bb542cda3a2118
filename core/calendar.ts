import { Cron } from 'croner';
import { days, hours, instantOf, minutes, type WallClock, wallClock } from './time';

/**
 * Days, working hours and cron expressions as the clocks of a time zone show them. Zones are IANA names; `isZone` of
 * time.ts says whether one is. A time that the clocks skip moves forward; of one that occurs twice, the first counts.
 */

/** A day on the calendar of a zone; months from 1. */
export interface LocalDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function localDay(at: Date, zone: string): LocalDay {
  const shown = new Date(wallClock(zone)(at.getTime()));
  return { year: shown.getUTCFullYear(), month: shown.getUTCMonth() + 1, day: shown.getUTCDate() };
}

/** `2026-12-01`. */
export function dayKey({ year, month, day }: LocalDay): string {
  return `${monthKey({ year, month })}-${String(day).padStart(2, '0')}`;
}

/** `2026-12`. */
export function monthKey({ year, month }: Pick<LocalDay, 'year' | 'month'>): string {
  return `${year}-${String(month).padStart(2, '0')}`;
}

/** When the day begins; months and days beyond the end count on. */
export function startOfDay({ year, month, day }: LocalDay, zone: string): Date {
  return new Date(instantOf(Date.UTC(year, month - 1, day), wallClock(zone)));
}

export function lastDayOf({ year, month }: Pick<LocalDay, 'year' | 'month'>): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** When people decide: Mondays to Fridays between these hours of their zone. */
const opens = hours(8);
const closes = hours(18);

/** A working day as this calendar counts it, in milliseconds. */
export const workingDay = closes - opens;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The working hours of a day, given by its midnight on the wall clock; undefined at weekends. */
function workingHours(midnight: number, wall: WallClock): Span | undefined {
  const weekday = new Date(midnight).getUTCDay();
  if (weekday === 0 || weekday === 6) return undefined;
  return { from: instantOf(midnight + opens, wall), to: instantOf(midnight + closes, wall) };
}

const midnightOf = (at: number, wall: WallClock): number => Math.floor(wall(at) / days(1)) * days(1);

/** Milliseconds of working time between two moments; zero when the second is not the later one. */
export function workingTime(from: Date, to: Date, zone: string): number {
  const wall = wallClock(zone);
  let sum = 0;
  const last = midnightOf(to.getTime(), wall);
  for (let day = midnightOf(from.getTime(), wall); day <= last; day += days(1)) {
    const span = workingHours(day, wall);
    if (span) sum += Math.max(0, Math.min(span.to, to.getTime()) - Math.max(span.from, from.getTime()));
  }
  return sum;
}

/** The latest moment from which `ms` of working time pass until `end`; `end` itself for none. */
export function beforeWorkingTime(end: Date, ms: number, zone: string): Date {
  const wall = wallClock(zone);
  let left = ms;
  for (let day = midnightOf(end.getTime(), wall); left > 0; day -= days(1)) {
    const span = workingHours(day, wall);
    const to = span && Math.min(span.to, end.getTime());
    if (!span || to === undefined || to <= span.from) continue;
    if (to - span.from >= left) return new Date(to - left);
    left -= to - span.from;
  }
  return end;
}

/** `+3d` as three working days, `+8h` as eight working hours, in milliseconds; undefined for months. */
export function workingMs(duration: string): number | undefined {
  const [, count, unit = ''] = /^\+?(\d+)(h|d|w)$/i.exec(duration.trim()) ?? [];
  const each = { h: hours(1), d: workingDay, w: 5 * workingDay }[unit.toLowerCase()];
  return each === undefined ? undefined : Number(count) * each;
}

/** The first moment at which `ms` of working time have passed since `start`; `start` itself for none. */
export function afterWorkingTime(start: Date, ms: number, zone: string): Date {
  const wall = wallClock(zone);
  let left = ms;
  for (let day = midnightOf(start.getTime(), wall); left > 0; day += days(1)) {
    const span = workingHours(day, wall);
    const from = span && Math.max(span.from, start.getTime());
    if (!span || from === undefined || from >= span.to) continue;
    if (span.to - from >= left) return new Date(from + left);
    left -= span.to - from;
  }
  return start;
}

/** Why an expression cannot be a schedule; `said` is the parser's own word. */
export type CronProblem =
  | { readonly why: 'unreadable'; readonly said: string }
  | { readonly why: 'never' }
  | { readonly why: 'more than daily' };

/** Five fields, or a name such as `@monthly`: seconds and years would only be mistakes here. */
function cronOf(expression: string, zone: string): Cron {
  return new Cron(expression, { timezone: zone, paused: true, mode: '5-part' });
}

/** Five fields know no year: whichever one is asked about, the answer is the same. */
const someDay = new Date('2024-01-01T00:00:00Z');

/** What is wrong with it; undefined: it fires, and at most once a day. */
export function cronProblem(expression: string): CronProblem | undefined {
  try {
    // The time of day does not depend on the day: what fires twice a day does so on the first.
    const [first, second] = cronOf(expression, 'UTC').nextRuns(2, new Date(someDay.getTime() - 1));
    if (!first) return { why: 'never' };
    return second && dayKey(localDay(first, 'UTC')) === dayKey(localDay(second, 'UTC'))
      ? { why: 'more than daily' }
      : undefined;
  } catch (error) {
    return { why: 'unreadable', said: error instanceof Error ? error.message : String(error) };
  }
}

/** The first time after `after`; undefined: never again. */
export function nextCron(expression: string, zone: string, after: Date): Date | undefined {
  return cronOf(expression, zone).nextRun(after) ?? undefined;
}

/** Hours of the wall clock in which nobody is notified. */
export interface QuietHours {
  /** `HH:MM`, 24 hours; `to` may be on the next day. */
  readonly from: string;
  readonly to: string;
  /** Whether Saturdays and Sundays are quiet all day. */
  readonly weekends: boolean;
  readonly zone: string;
}

/** When the quiet hours end that are now; undefined: it is not quiet. */
export function quietUntil({ from, to, weekends, zone }: QuietHours, now: Date): Date | undefined {
  const wall = wallClock(zone);
  const [begins, ends] = [timeOfDay(from), timeOfDay(to)];
  const isQuiet = (shown: number) => {
    const into = shown - Math.floor(shown / days(1)) * days(1);
    const weekday = new Date(shown).getUTCDay();
    const night = begins < ends ? into >= begins && into < ends : into >= begins || into < ends;
    return night || (weekends && (weekday === 0 || weekday === 6));
  };
  if (!isQuiet(wall(now.getTime()))) return undefined;
  const today = midnightOf(now.getTime(), wall);
  // A weekend ends at midnight where the night does not go on.
  const edges = Array.from({ length: 5 }, (_, n) => today + days(n)).flatMap((day) => [day, day + ends]);
  const ending = edges.find((shown) => instantOf(shown, wall) > now.getTime() && !isQuiet(shown));
  return ending === undefined ? undefined : new Date(instantOf(ending, wall));
}

function timeOfDay(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return hours(hour) + minutes(minute);
}
