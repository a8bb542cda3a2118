import { semanticError } from './errors';
import { Timespan, toDate, toNumber, type Value } from './values';

const partsMs: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/** @throws KqlError when the value is not a timespan. */
export function spanMs(span: Value, of: string): number {
  if (span instanceof Timespan) return span.ms;
  throw semanticError(`The function '${of}' takes a timespan such as 7d.`);
}

/** Rounds down to a multiple: numbers by numbers, times by timespans. */
export function bin(value: Value, step: Value): Value {
  if (step instanceof Timespan) {
    const date = toDate(value);
    if (value instanceof Timespan) return new Timespan(Math.floor(value.ms / step.ms) * step.ms);
    return date && new Date(Math.floor(date.getTime() / step.ms) * step.ms);
  }
  const [number, of] = [toNumber(value), toNumber(step)];
  return number === undefined || !of ? undefined : Math.floor(number / of) * of;
}

export function startOf(value: Value): Value {
  return bin(toDate(value), new Timespan(86_400_000));
}

/** How many boundaries of a calendar unit lie between two times: midnights for days. */
export function between(part: string, a: Value, b: Value): Value {
  const [left, right] = [toDate(a), toDate(b)];
  if (!left || !right) return undefined;
  const years = left.getUTCFullYear() - right.getUTCFullYear();
  if (part === 'year') return years;
  if (part === 'month') return years * 12 + left.getUTCMonth() - right.getUTCMonth();
  const ms = msOf(part);
  // Weeks begin on Sunday, and the first day of the epoch was a Thursday.
  const shift = part === 'week' ? 4 * 86_400_000 : 0;
  return Math.floor((left.getTime() + shift) / ms) - Math.floor((right.getTime() + shift) / ms);
}

export function shifted(part: string, amount: Value, value: Value): Value {
  const [date, n] = [toDate(value), toNumber(amount)];
  if (!date || n === undefined) return undefined;
  if (part !== 'month' && part !== 'year') return new Date(date.getTime() + n * msOf(part));
  const months = date.getUTCMonth() + n * (part === 'year' ? 12 : 1);
  const last = new Date(Date.UTC(date.getUTCFullYear(), months + 1, 0)).getUTCDate();
  const moved = new Date(date);
  moved.setUTCDate(1);
  moved.setUTCMonth(months);
  moved.setUTCDate(Math.min(date.getUTCDate(), last));
  return moved;
}

function msOf(part: string): number {
  const ms = Object.hasOwn(partsMs, part) ? partsMs[part] : undefined;
  if (ms) return ms;
  throw semanticError(`'${part}' is no part of a date that the sandbox knows.`);
}
