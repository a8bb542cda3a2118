/** Days as people write them, in the order of ISO weeks. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** When a team gets its digest: once a week, by the clock on its own wall. */
export interface DigestTime {
  readonly day: (typeof weekdays)[number];
  /** `HH:MM`, 24 hours. */
  readonly time: string;
  /** IANA name: `Europe/Berlin`. */
  readonly zone: string;
}

const hour = 3_600_000;
const day = 24 * hour;
/** Wider than any offset from UTC, so that it reaches either side of a change of the clocks. */
const reach = 26 * hour;

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
  const thursday = monday(wallClock(zone)(date.getTime())) + 3 * day;
  const year = new Date(thursday).getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * day));
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/**
 * The first digest after `after`. Every ISO week of the zone has exactly one: a time that the clocks skip is moved on by
 * what is skipped (no zone has ever skipped the end of a Sunday), one that comes twice is taken the first time.
 */
export function nextDigest(after: Date, when: DigestTime): Date {
  const wall = wallClock(when.zone);
  const [hours, minutes] = when.time.split(':').map(Number);
  const intoWeek = weekdays.indexOf(when.day) * day + (hours ?? 0) * hour + (minutes ?? 0) * 60_000;
  let week = monday(wall(after.getTime())) - 7 * day;
  let digest = instantOf(week + intoWeek, wall);
  while (digest <= after.getTime()) {
    week += 7 * day;
    digest = instantOf(week + intoWeek, wall);
  }
  return new Date(digest);
}

/** What a clock on the wall shows at an instant, as if it were UTC; milliseconds both. */
type WallClock = (instant: number) => number;

function wallClock(zone: string): WallClock {
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
    const { year = 0, month = 1, day: date = 1, hour: hours = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, date, hours, minute, second);
  };
}

function instantOf(shown: number, wall: WallClock): number {
  const offset = (instant: number) => wall(instant) - instant;
  const before = shown - offset(shown - reach);
  const after = shown - offset(shown + reach);
  const exact = [before, after].filter((instant) => wall(instant) === shown);
  return exact.length > 0 ? Math.min(...exact) : before;
}

/** The Monday, 00:00, of the week of a wall clock's time. */
function monday(shown: number): number {
  const midnight = Math.floor(shown / day) * day;
  return midnight - ((new Date(midnight).getUTCDay() + 6) % 7) * day;
}
