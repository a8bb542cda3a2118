import { days } from '../../core/time';
import { type Finder, type Found, type Piece, piece } from './pieces';

/** Numbers as words, with `a`, `next` and `last`, which are one. */
export const numbers: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{
      a: 1,
      an: 1,
      one: 1,
      next: 1,
      two: 2,
      three: 3,
      four: 4,
      five: 5,
      six: 6,
      seven: 7,
      eight: 8,
      nine: 9,
      ten: 10,
      eleven: 11,
      twelve: 12,
      twenty: 20,
      thirty: 30,
      sixty: 60,
      ninety: 90,
    },
    ...{ couple: 2, last: 1, past: 1 },
  }),
);
const lengths: ReadonlyMap<string, string> = new Map(
  Object.entries({ hour: 'h', day: 'd', week: 'w', month: 'mo', year: 'y' }),
);
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** `for three months`, `+2w`, `2026-12-18`, `tomorrow`. */
export const findTime: Finder = ({ words, at }) => {
  const [first = '', second = '', third = ''] = words.slice(at);
  if (/^\+?\d+(h|d|w|mo)$/.test(first)) return { count: 1, pieces: [piece('until', `+${first.replace('+', '')}`)] };
  if (/^\d{4}-\d\d-\d\d$/.test(first)) return { count: 1, pieces: [piece('until', first)] };
  if (first === 'tomorrow') return { count: 1, pieces: [piece('until', '+1d')] };
  if (first === 'half' && second === 'a' && third === 'year') return { count: 3, pieces: lengthOf(6, 'mo') };
  const count = /^\d{1,3}$/.test(first) ? Number(first) : numbers.get(first);
  // `a couple of weeks`, `a few days` is no number.
  const skipped = first === 'couple' && second === 'of' ? 1 : 0;
  // `six more months`.
  const between = /^(more|additional|extra|further|other)$/.test(second) ? 1 : 0;
  const unit = lengths.get((skipped || between ? third : second).replace(/s$/, ''));
  if (count === undefined || !unit) return undefined;
  return { count: 2 + (skipped || between), pieces: unit === 'y' ? lengthOf(12 * count, 'mo') : lengthOf(count, unit) };
};

function lengthOf(count: number, unit: string): readonly Piece[] {
  const long = unit === 'd' ? count : unit === 'w' ? count * 7 : unit === 'mo' ? count * 30 : 1;
  return [piece('until', `+${count}${unit}`), piece('days', String(long), '')];
}

/** `until friday`, `on Saturday`, `every monday`: an end, or the day on which something is done. */
export const findWeekday: Finder = ({ words, at, world }) => {
  const first = words[at] ?? '';
  const before = words[at - 1] ?? '';
  const isShort =
    /^(on|next|every|this|until|till|by|before|since|each)$/.test(before) || /^\d{1,2}:\d\d$/.test(words[at + 1] ?? '');
  // `patch tuesday` is the name of a day on which nothing is done here.
  if (before === 'patch') return undefined;
  const day = weekdays.findIndex((name) => first.replace(/s$/, '') === name || (isShort && name.slice(0, 3) === first));
  if (day < 0) return undefined;
  const ahead = (day - world.now.getUTCDay() + 7) % 7 || 7;
  const date = dateOf(world.now, ahead);
  if (before === 'since') return { count: 1, pieces: [piece('until', dateOf(world.now, ahead - 7))] };
  if (/^(until|till|by|before)$/.test(before)) return { count: 1, pieces: [piece('until', date)] };
  const on = piece('weekday', (weekdays[day] ?? '').slice(0, 3));
  return { count: 1, pieces: first.endsWith('s') ? [on] : [on, piece('until', date, '')] };
};

function dateOf(now: Date, ahead: number): string {
  return new Date(now.getTime() + days(ahead)).toISOString().slice(0, 10);
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthName = /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*$/;

/** `18 December`, `Dec 18th`, `18.12.`, `the end of the month`: the next such day. */
export const findDate: Finder = ({ words, at, world: { now } }) => {
  const [first = '', second = '', third = ''] = words.slice(at);
  const dotted = /^(\d{1,2})\.(\d{1,2})(?:\.(20\d\d)?)?$/.exec(first);
  const isDate = dotted && (/\.$|\.20\d\d$/.test(first) || /^(until|till|by|on|since)$/.test(words[at - 1] ?? ''));
  if (isDate) return dayFound(1, Number(dotted[1]), Number(dotted[2]) - 1, now);
  const day = /^(\d{1,2})(?:st|nd|rd|th)?$/;
  const [dayFirst, dayLast] = [day.exec(first)?.[1], day.exec(second)?.[1]];
  if (dayFirst && monthName.test(second)) return dayFound(2, Number(dayFirst), months.indexOf(second.slice(0, 3)), now);
  if (dayFirst && second === 'of' && monthName.test(third))
    return dayFound(3, Number(dayFirst), months.indexOf(third.slice(0, 3)), now);
  if (dayLast && monthName.test(first)) return dayFound(2, Number(dayLast), months.indexOf(first.slice(0, 3)), now);
  const month = monthAt(words, at);
  if (month !== undefined) return { count: 1, pieces: [piece('until', monthOf(month, words.slice(0, at), now))] };
  const feast = feasts.get(first);
  if (feast) return dayFound(1, feast[0], feast[1], now);
  const [, unit, after] = /^end of (?:the |this )?(month|year)( |$)/.exec(words.slice(at, at + 5).join(' ')) ?? [];
  if (unit === undefined || after === undefined) return undefined;
  const last =
    unit === 'month'
      ? Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)
      : Date.UTC(now.getUTCFullYear(), 11, 31);
  const count = words.slice(at).indexOf(unit) + 1;
  return { count, pieces: [piece('until', new Date(last).toISOString().slice(0, 10))] };
};

const feasts: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['christmas', [25, 11]],
  ['xmas', [25, 11]],
  ['silvester', [31, 11]],
]);

const wholeMonth =
  /^(january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec)$/;

/** `until end of march`, `in december`: a month without a day, where a preposition says that it is one. */
function monthAt(words: readonly string[], at: number): number | undefined {
  const first = words[at] ?? '';
  const isTime = /^(in|of|until|till|by|before|since|during|for|next|this|last|from)$/.test(words[at - 1] ?? '');
  return isTime && wholeMonth.test(first) ? months.indexOf(first.slice(0, 3)) : undefined;
}

/** Its first day, or its last where its end is meant; since a month is since the last such one. */
function monthOf(month: number, before: readonly string[], now: Date): string {
  const said = before.slice(-3).join(' ');
  const isPast = /\b(since|during|last|from)$/.test(said);
  const isEnd = /\bend( of)?$/.test(said);
  const dayIn = (year: number) => new Date(isEnd ? Date.UTC(year, month + 1, 0) : Date.UTC(year, month, 1));
  const near = dayIn(now.getUTCFullYear());
  const year = now.getUTCFullYear() + (isPast && near > now ? -1 : !isPast && near < now ? 1 : 0);
  return dayIn(year).toISOString().slice(0, 10);
}

function dayFound(count: number, day: number, month: number, now: Date): Found | undefined {
  const inYear = (year: number) => new Date(Date.UTC(year, month, day));
  const near = inYear(now.getUTCFullYear());
  if (near.getUTCDate() !== day || near.getUTCMonth() !== month) return undefined;
  const date = near < now ? inYear(now.getUTCFullYear() + 1) : near;
  return { count, pieces: [piece('until', date.toISOString().slice(0, 10))] };
}

/** `at 9`, `22:00`, `10pm`. */
export const findClock: Finder = ({ words, at }) => {
  const told = words[at - 1] === 'at' && !/^(an?|one|next|last|past)$/.test(words[at] ?? '') && numberOf(words[at]);
  if (told && told <= 12) {
    const half = /^(am|pm)$/.exec(words[at + 1] ?? '')?.[0];
    const hour = (half === undefined ? told : told % 12) + (half === 'pm' ? 12 : 0);
    return { count: half ? 2 : 1, pieces: [piece('clock', `${String(hour).padStart(2, '0')}:00`)] };
  }
  const [, hour, minutes, half] = /^(\d{1,2})(?::(\d\d))?(am|pm|h)?$/.exec(words[at] ?? '') ?? [];
  if (hour === undefined || (minutes === undefined && half === undefined && words[at - 1] !== 'at')) return undefined;
  const hours = (Number(hour) % (half === undefined || half === 'h' ? 24 : 12)) + (half === 'pm' ? 12 : 0);
  return { count: 1, pieces: [piece('clock', `${String(hours).padStart(2, '0')}:${minutes ?? '00'}`)] };
};

/** `4`, `four`. */
export function numberOf(word: string | undefined): number | undefined {
  return word !== undefined && /^\d{1,4}$/.test(word) ? Number(word) : numbers.get(word ?? '');
}
