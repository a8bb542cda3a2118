/** World time: the machine's clock in production, the sandbox's in sandbox mode. Never SQL `now()`. */
export interface Clock {
  now(): Date;
}

/** Machine time. Resolves early, without error, when the signal is aborted. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Durations, in milliseconds. */
export const seconds = (n: number): number => n * 1_000;
export const minutes = (n: number): number => n * 60_000;
export const hours = (n: number): number => n * 3_600_000;
export const days = (n: number): number => n * 86_400_000;
export const weeks = (n: number): number => n * 604_800_000;

/** Node's timers know no longer one: whatever is longer would be over at once. */
const longestTimerMs = 2 ** 31 - 1;
/**
 * However long a receiver, a proxy or a broken clock says to wait: a wrong number must not silence goldbot for good, and
 * whoever was right says it again.
 */
const longestAskedMs = hours(6);

/** How long goldbot waits when somebody else says how long, as in `Retry-After`. */
export const believedMs = (askedMs: number): number => Math.min(Math.max(askedMs, 0), longestAskedMs);

/** The machine's own. Code that tests must not wait for takes a `Sleep` instead. */
export const sleep: Sleep = (ms, signal) =>
  new Promise((done) => {
    if (signal?.aborted) return done();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, Math.min(ms, longestTimerMs));
    signal?.addEventListener('abort', end);
  });

/**
 * What the work resolves to, or what `late` returns or throws once `ms` of machine time have passed. The work is not
 * stopped then: it continues, and its result is ignored.
 */
export async function within<T, Late>(ms: number, work: Promise<T>, late: () => Late): Promise<T | Late> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((done) => {
    timer = setTimeout(done, Math.min(ms, longestTimerMs));
  });
  try {
    return await Promise.race([work, over.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}

const weekdayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
export const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As people read it: `27 Nov 2026`, in UTC. */
export function dayOf(date: Date): string {
  return `${date.getUTCDate()} ${monthNames[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** As people read it: `Fri 27 Nov, 17:00 UTC`. */
export function momentOf(date: Date): string {
  const day = `${weekdayNames[date.getUTCDay()]} ${date.getUTCDate()} ${monthNames[date.getUTCMonth()]}`;
  return `${day}, ${date.toISOString().slice(11, 16)} UTC`;
}

const units: Readonly<Record<string, (n: number) => number>> = { h: hours, d: days, w: weeks };
const durationPattern = /^\+?(\d{1,4})(h|d|w|mo)$/i;

/**
 * Adds `+N(h|d|w|mo)`; months by the calendar, ending on the last day of a shorter month. Undefined for anything else.
 */
export function addDuration(text: string, from: Date): Date | undefined {
  const found = durationPattern.exec(text.trim());
  if (!found) return undefined;
  const count = Number(found[1]);
  const unit = (found[2] ?? '').toLowerCase();
  const ms = units[unit]?.(count);
  return ms === undefined ? addMonths(from, count) : new Date(from.getTime() + ms);
}

/** Reads `when` of the grammar: an ISO date or time (UTC unless it says otherwise), or `+N(h|d|w|mo)` from now. */
export function parseWhen(text: string, now: Date): Date | undefined {
  const trimmed = text.trim();
  if (/^\d{4}-\d{2}-\d{2}/.test(trimmed)) {
    const zoned = /(z|[+-]\d{2}:?\d{2})$/i.test(trimmed.slice(10)) || trimmed.length === 10;
    const date = new Date(zoned ? trimmed : `${trimmed}Z`);
    const valid = !Number.isNaN(date.getTime()) && (trimmed.length > 10 || date.toISOString().startsWith(trimmed));
    return valid ? date : undefined;
  }
  return addDuration(trimmed, now);
}

export function isDuration(text: string): boolean {
  return durationPattern.test(text.trim());
}

function addMonths(from: Date, count: number): Date {
  const moved = new Date(from);
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + count);
  const lastDay = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate();
  moved.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return moved;
}

/** Days as people write them, in the order of ISO weeks. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** When a team gets its digest: once a week, by its own local time. */
export interface DigestTime {
  readonly day: (typeof weekdays)[number];
  /** `HH:MM`, 24 hours. */
  readonly time: string;
  /** IANA name: `Europe/Berlin`. */
  readonly zone: string;
}

/** Wider than any offset from UTC, so that it spans both sides of a clock change. */
const reach = hours(26);

export function isZone(name: string): boolean {
  if (!/^[a-z]/i.test(name)) return false;
  try {
    wallClock(name);
    return true;
  } catch {
    return false;
  }
}

/** The ISO week in which the date lies in that zone: `2026-W47`. */
export function weekOf(date: Date, zone: string): string {
  // The year of an ISO week is the year of its Thursday.
  const thursday = monday(wallClock(zone)(date.getTime())) + days(3);
  const year = new Date(thursday).getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / weeks(1));
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/**
 * The first digest after `after`. Every ISO week of the zone has exactly one: a time that the clocks skip moves forward
 * by as much as they skip (no zone has ever skipped the end of a Sunday); of one that occurs twice, the first counts.
 */
export function nextDigest(after: Date, when: DigestTime): Date {
  const wall = wallClock(when.zone);
  const [hour = 0, minute = 0] = when.time.split(':').map(Number);
  const intoWeek = days(weekdays.indexOf(when.day)) + hours(hour) + minutes(minute);
  let week = monday(wall(after.getTime())) - weeks(1);
  let digest = instantOf(week + intoWeek, wall);
  while (digest <= after.getTime()) {
    week += weeks(1);
    digest = instantOf(week + intoWeek, wall);
  }
  return new Date(digest);
}

/** What a wall clock shows at an instant, as if it were UTC; both in milliseconds. */
export type WallClock = (instant: number) => number;

export function wallClock(zone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instant) => {
    const parts = Object.fromEntries(format.formatToParts(instant).map((p) => [p.type, Number(p.value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
}

/**
 * When a wall clock shows that. A time that the clocks skip moves forward by as much as they skip; of one that occurs
 * twice, the first counts unless the last is asked for.
 */
export function instantOf(shown: number, wall: WallClock, which: 'first' | 'last' = 'first'): number {
  const offset = (instant: number) => wall(instant) - instant;
  const before = shown - offset(shown - reach);
  const after = shown - offset(shown + reach);
  const exact = [before, after].filter((instant) => wall(instant) === shown);
  if (exact.length === 0) return before;
  return which === 'first' ? Math.min(...exact) : Math.max(...exact);
}

/** Monday 00:00 of the week that a wall clock's time is in. */
export function monday(shown: number): number {
  const midnight = Math.floor(shown / days(1)) * days(1);
  return midnight - ((new Date(midnight).getUTCDay() + 6) % 7) * days(1);
}
