import { dayOf, minutes, momentOf, monthNames as months } from '../../core/time';
import { withMoments, zoned } from './moments';

/** A moment: a `Date` or what `new Date()` reads. Anything else is a gap in the data and throws. */
export type Instant = Date | string;

const minuteMs = minutes(1);
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `21 May 2027`, in UTC. */
export function day(instant: Instant): string {
  return dayOf(read(instant));
}

/** `21 May 27`, for columns. */
export function shortDay(instant: Instant): string {
  const date = read(instant);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${String(date.getUTCFullYear()).slice(2)}`;
}

/** `12:04 UTC`. */
export function clock(instant: Instant): string {
  return `${hours(read(instant))} UTC`;
}

/**
 * When something is due, begins or ends, for people who act on it: `Fri 27 Nov, 17:00 UTC`, beside which a card shows
 * the reader's own time and words that of their reader. Columns have `shortMoment`, what is past has `moment`.
 */
export function due(instant: Instant): string {
  return zoned(read(instant));
}

/** `Fri 27 Nov, 17:00 UTC`. */
export function moment(instant: Instant): string {
  return momentOf(read(instant));
}

/** `27 Nov 12:04`, for columns; the card says once that times are UTC. */
export function shortMoment(instant: Instant): string {
  const date = read(instant);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${hours(date)}`;
}

/** `US$ 3.10`, and `US$ 12` from ten on, rounded up. */
export function dollars(usd: number): string {
  return `US$ ${usd < 10 ? usd.toFixed(2) : Math.ceil(usd)}`;
}

/** `US$ 13.12`: of figures whose sum is shown as well. */
export function cents(usd: number): string {
  return `US$ ${usd.toFixed(2)}`;
}

/** `5 s`, `14 min`, `1 h 20 min`, `3 d 4 h`: at most two units, rounded down. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) throw new RangeError(`not a duration: ${ms}`);
  const left = Math.max(0, ms);
  if (left < minuteMs) return `${Math.floor(left / 1000)} s`;
  if (left < hourMs) return `${Math.floor(left / minuteMs)} min`;
  if (left < dayMs) return two(left, [hourMs, 'h'], [minuteMs, 'min']);
  return two(left, [dayMs, 'd'], [hourMs, 'h']);
}

/** `today`, `1 day`, `31 days`. */
export function age(from: Instant, to: Instant): string {
  const whole = Math.floor((read(to).getTime() - read(from).getTime()) / dayMs);
  return whole < 1 ? 'today' : count(whole, 'day');
}

/** `1 package`, `41 packages`, `1,204 packages`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${number(n)} ${n === 1 ? noun : plural}`;
}

/** `1,204`. */
export function number(n: number): string {
  return n.toLocaleString('en-GB');
}

/** At most `max` characters; an ellipsis says that there was more. What is `due` counts as one and stays whole. */
export function clip(text: string, max: number): string {
  return withMoments(
    text,
    (bare) => {
      const characters = [...bare];
      return characters.length <= max ? bare : `${characters.slice(0, max - 1).join('')}…`;
    },
    zoned,
  );
}

/** One line of at most `max` characters. */
export function oneLine(text: string, max: number): string {
  return clip(text.replace(/\s+/g, ' ').trim(), max);
}

/** `a, b, c and 4 more`. */
export function list(items: readonly string[], max: number): string {
  if (items.length <= max) return items.join(', ');
  return `${items.slice(0, max).join(', ')} and ${number(items.length - max)} more`;
}

/** The parts that are present, with a middle dot between them. */
export function dotted(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' · ');
}

/** A hash as people compare it: its first eight characters. */
export function shortHash(hash: string): string {
  return hash.slice(0, 8);
}

/** A hash is cut to the characters that people compare; any other value stays, on one line. */
export function comparable(value: string): string {
  return /^[0-9a-f]{13,}$/.test(value) ? value.slice(0, 12) : oneLine(value, 120);
}

/** `West Europe ×3, North Europe ×2`. */
export function regionList(regions: readonly { readonly name: string; readonly replicas: number }[]): string {
  return list(
    regions.map((region) => `${clip(region.name, 40)} ×${region.replicas}`),
    10,
  );
}

/** What is made of a version beside the one in the gallery; undefined when nothing is. */
export function outputFact(outputs: readonly string[] | undefined): string | undefined {
  return (
    outputs &&
    `gallery, then ${list(
      outputs.map((output) => oneLine(output, 120)),
      4,
    )}`
  );
}

function two(ms: number, big: readonly [number, string], small: readonly [number, string]): string {
  const whole = Math.floor(ms / big[0]);
  const rest = Math.floor((ms % big[0]) / small[0]);
  return rest === 0 ? `${whole} ${big[1]}` : `${whole} ${big[1]} ${rest} ${small[1]}`;
}

function hours(date: Date): string {
  return `${String(date.getUTCHours()).padStart(2, '0')}:${String(date.getUTCMinutes()).padStart(2, '0')}`;
}

function read(instant: Instant): Date {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) throw new RangeError(`not a date: ${String(instant)}`);
  return date;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
