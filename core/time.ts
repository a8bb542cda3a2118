const units: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };
const durationPattern = /^\+?(\d{1,4})(h|d|w|mo)$/i;

/** Adds `+N(h|d|w|mo)`; months by the calendar, to the last day where the month is shorter. Undefined when it is none. */
export function addDuration(text: string, from: Date): Date | undefined {
  const found = durationPattern.exec(text.trim());
  if (!found) return undefined;
  const count = Number(found[1]);
  const unit = (found[2] ?? '').toLowerCase();
  const ms = units[unit];
  return ms === undefined ? addMonths(from, count) : new Date(from.getTime() + count * ms);
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
