import { days, instantOf, isDuration, monday, parseWhen, wallClock, weekdays, weeks } from './time';

/**
 * Windows of time by the wall clock of a zone: once, or every week, month or year. Pure; the catalogue writes them, and
 * whoever must wait asks until when.
 *
 * | written | means |
 * |---|---|
 * | `2026-12-20 18:00` | once |
 * | `12-20 18:00` | every year |
 * | `28 18:00`, `last 18:00` | every month; a day that a month lacks is its last |
 * | `fri 18:00` | every week |
 *
 * A day without a time is that whole day: it begins with it, and ends with its end.
 */
export interface Window {
  readonly from: string;
  /** In the same form as `from`. */
  readonly to: string;
  /** IANA name: `Europe/Berlin`. */
  readonly zone: string;
}

/** One occurrence of a window: from its first moment to the first after it. */
export interface Span {
  readonly from: Date;
  readonly until: Date;
}

type Form = 'once' | 'yearly' | 'monthly' | 'weekly';

interface Edge {
  readonly form: Form;
  /** Wall clock of the day's beginning in the n-th cycle of the form, as if it were UTC. */
  day(cycle: number): number;
  /** Into the day; absent when only a day is named. */
  readonly ms?: number;
}

const clock = String.raw`(?: ([01]\d|2[0-3]):([0-5]\d))?`;
const forms: Readonly<Record<Form, RegExp>> = {
  once: new RegExp(String.raw`^(\d{4})-(\d{2})-(\d{2})${clock}$`),
  yearly: new RegExp(String.raw`^(\d{2})-(\d{2})${clock}$`),
  monthly: new RegExp(`^(\\d{1,2}|last)${clock}$`),
  weekly: new RegExp(`^(${weekdays.join('|')})${clock}$`),
};

/** A leap year has every day that there is. */
const leapYear = 2028;

function edgeOf(text: string): Edge | undefined {
  for (const form of Object.keys(forms) as Form[]) {
    const found = forms[form].exec(text.trim().toLowerCase());
    if (!found) continue;
    const [hour, minute] = found.slice(-2);
    const day = dayOf(form, found.slice(1, -2));
    if (!day) return undefined;
    return { form, day, ...(hour !== undefined && { ms: (Number(hour) * 60 + Number(minute)) * 60_000 }) };
  }
  return undefined;
}

/** Undefined: the calendar has no such day. */
function dayOf(form: Form, parts: readonly (string | undefined)[]): Edge['day'] | undefined {
  const [a = 0, b = 0, c = 0] = parts.map(Number);
  switch (form) {
    case 'once':
      return isDay(a, b, c) ? () => Date.UTC(a, b - 1, c) : undefined;
    case 'yearly':
      return isDay(leapYear, a, b) ? (year) => dayIn(year, a - 1, b) : undefined;
    case 'monthly': {
      const wanted = parts[0] === 'last' ? 31 : a;
      return wanted >= 1 && wanted <= 31 ? (month) => dayIn(0, month, wanted) : undefined;
    }
    case 'weekly': {
      const into = days(weekdays.indexOf(parts[0] as (typeof weekdays)[number]));
      return (week) => firstMonday + weeks(week) + into;
    }
  }
}

const firstMonday = monday(Date.UTC(2020, 0, 6));

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return month >= 1 && month <= 12 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** `month` may be any number, counted from January of the year. A day that the month lacks is its last. */
function dayIn(year: number, month: number, day: number): number {
  const [years, months] = [year + Math.floor(month / 12), ((month % 12) + 12) % 12];
  const last = new Date(Date.UTC(2000, months + 1, 0));
  last.setUTCFullYear(years, months + 1, 0);
  return last.setUTCDate(Math.min(day, last.getUTCDate()));
}

/** The cycle of the form in which a wall clock's time lies. */
function cycleOf(form: Form, shown: number): number {
  const date = new Date(shown);
  switch (form) {
    case 'once':
      return 0;
    case 'yearly':
      return date.getUTCFullYear();
    case 'monthly':
      return date.getUTCFullYear() * 12 + date.getUTCMonth();
    case 'weekly':
      return Math.floor((shown - firstMonday) / weeks(1));
  }
}

/** A cycle in which every day exists. */
const wholeCycle = (form: Form): number => cycleOf(form, Date.UTC(leapYear, 0, 3));

/** Wall clock times of one occurrence. */
function shownSpan(from: Edge, to: Edge, cycle: number): { readonly from: number; readonly to: number } {
  const begin = (n: number) => from.day(n) + (from.ms ?? 0);
  const end = (n: number) => to.day(n) + (to.ms ?? days(1));
  const whole = wholeCycle(from.form);
  const isOver = from.form === 'once' || end(whole) > begin(whole);
  let last = end(isOver ? cycle : cycle + 1);
  // Both days are the last of a short month: the night of the 30th is then the night of that one.
  while (from.form !== 'once' && last <= begin(cycle)) last += days(1);
  return { from: begin(cycle), to: last };
}

const written =
  'must be such as "2026-12-20 18:00", "12-20" (every year), "28 18:00" (every month) or "fri 18:00" (every week)';

/** What is wrong with a window as it is written, and with which end of it; undefined when nothing is. */
export function windowProblem(
  window: Pick<Window, 'from' | 'to'>,
): { readonly at: 'from' | 'to'; readonly why: string } | undefined {
  const [from, to] = [edgeOf(window.from), edgeOf(window.to)];
  if (!from) return { at: 'from', why: written };
  if (!to) return { at: 'to', why: written };
  if (from.form !== to.form)
    return { at: 'to', why: 'must be written as `from` is: both once, or every week, month or year' };
  const cycle = wholeCycle(from.form);
  const span = shownSpan(from, to, cycle);
  if (span.to <= span.from) return { at: 'to', why: `must be after ${window.from}: the window ends before it begins` };
  if (from.form === 'once') return undefined;
  const isEndless = span.to >= shownSpan(from, to, cycle + 1).from;
  return isEndless
    ? { at: 'to', why: 'leaves no time between one window and the next: lock the image instead' }
    : undefined;
}

/** With an offset of its own. */
const exact = /^\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}.*(z|[+-]\d{2}:?\d{2})$/i;

/**
 * A moment as people write it by the clock of a zone: `2026-12-20 18:00`, `fri 18:00` (the next one), with an offset of its
 * own, or `+2d`. Otherwise a clause that follows what was written: it cannot be read, or the clocks skip it that night, or
 * show it twice, and nobody knows which is meant.
 */
export function clockMoment(text: string, zone: string, now: Date): Date | string {
  const typed = text.trim();
  if (exact.test(typed) || isDuration(typed)) return parseWhen(typed, now) ?? 'is no time';
  const edge = edgeOf(typed.replace(/^(\d{4}-\d{2}-\d{2})t/i, '$1 '));
  if (edge?.ms === undefined || (edge.form !== 'once' && edge.form !== 'weekly')) {
    return 'must be such as "2026-12-20 18:00" or "fri 18:00"';
  }
  const { ms } = edge;
  const wall = wallClock(zone);
  const cycle = cycleOf(edge.form, wall(now.getTime()));
  const shown = [cycle, cycle + 1].map((one) => edge.day(one) + ms);
  const wanted = shown.find((one) => instantOf(one, wall) > now.getTime()) ?? (shown[0] as number);
  const at = instantOf(wanted, wall);
  if (wall(at) !== wanted) return `does not exist: the clocks of ${zone} skip it that night`;
  const isTwice = at !== instantOf(wanted, wall, 'last');
  return isTwice ? `comes twice that night in ${zone}: write it with its offset, such as +01:00` : new Date(at);
}

/** An occurrence with what the clock of the zone ought to show at both ends of it. */
interface Occurrence extends Span {
  readonly shown: { readonly from: number; readonly to: number };
}

/** Occurrences around an instant, in order: the one before it, the one that it may be in, and the next. */
function spansAround({ from, to, zone }: Window, at: Date): readonly Occurrence[] {
  const [first, last] = [edgeOf(from), edgeOf(to)];
  if (!first || !last) throw new Error(`no window: ${from} to ${to}`);
  const wall = wallClock(zone);
  const cycle = cycleOf(first.form, wall(at.getTime()));
  const cycles = first.form === 'once' ? [0] : [-1, 0, 1, 2].map((n) => cycle + n);
  return cycles.map((n) => {
    const shown = shownSpan(first, last, n);
    // A time that occurs twice is in the window both times.
    return { from: new Date(instantOf(shown.from, wall)), until: new Date(instantOf(shown.to, wall, 'last')), shown };
  });
}

/** The occurrence that the instant is in. */
export function spanAt(window: Window, at: Date): Span | undefined {
  return spanOf(spansAround(window, at).find(({ from, until }) => from <= at && at < until));
}

/** The next occurrence that begins after the instant. */
export function spanAfter(window: Window, at: Date): Span | undefined {
  return spanOf(spansAround(window, at).find(({ from }) => from > at));
}

const spanOf = (found: Occurrence | undefined): Span | undefined => found && { from: found.from, until: found.until };

/** The end of an occurrence, written with its time, that the clocks skip that night; undefined: both exist. */
export function skippedEdge(window: Window, { from }: Pick<Span, 'from'>): 'from' | 'to' | undefined {
  const found = spansAround(window, from).find((one) => one.from.getTime() === from.getTime());
  if (!found) return undefined;
  const wall = wallClock(window.zone);
  const skips = (edge: 'from' | 'to', at: Date) =>
    edgeOf(window[edge])?.ms !== undefined && wall(at.getTime()) !== found.shown[edge];
  if (skips('from', found.from)) return 'from';
  return skips('to', found.until) ? 'to' : undefined;
}

/** Further ahead nobody plans; what is not free by then is called never. */
const horizonMs = days(800);

/** The first moment from `at` on that is in none of the windows; undefined when there is none within two years. */
export function freeFrom(windows: readonly Window[], at: Date): Date | undefined {
  let free = at;
  for (;;) {
    const ends = windows.flatMap((window) => spanAt(window, free)?.until.getTime() ?? []);
    if (ends.length === 0) return free;
    free = new Date(Math.max(...ends));
    if (free.getTime() - at.getTime() > horizonMs) return undefined;
  }
}

/** Whether it occurs again and again. */
export function recurs({ from }: Pick<Window, 'from'>): boolean {
  return edgeOf(from)?.form !== 'once';
}
