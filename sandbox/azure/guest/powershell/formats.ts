import { itemsOf, toNumber, toText, type Value } from './values';

const two = (n: number, width = 2): string => String(n).padStart(width, '0');
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = 'January February March April May June July August September October November December'.split(' ');

/** A date by .NET's custom letters, or by one of its standard ones. */
export function dateFormat(date: Date, format: string): string {
  const standard: Readonly<Record<string, string>> = {
    o: "yyyy-MM-dd'T'HH:mm:ss.fff0000'Z'",
    O: "yyyy-MM-dd'T'HH:mm:ss.fff0000'Z'",
    s: "yyyy-MM-dd'T'HH:mm:ss",
    u: "yyyy-MM-dd HH:mm:ss'Z'",
    d: 'M/d/yyyy',
    D: 'dddd, MMMM d, yyyy',
    G: 'M/d/yyyy h:mm:ss tt',
    g: 'M/d/yyyy h:mm tt',
  };
  const letters = standard[format] ?? format;
  return letters.replace(
    /'([^']*)'|\\(.)|yyyy|yy|MMMM|MMM|MM|M|dddd|ddd|dd|d|HH|H|hh|h|mm|m|ss|s|f+|tt|zzz|K/g,
    (found, quoted?: string, plain?: string) => quoted ?? plain ?? datePart(date, found),
  );
}

function datePart(d: Date, letters: string): string {
  const [month, day, hour] = [d.getUTCMonth(), d.getUTCDate(), d.getUTCHours()];
  const parts: Readonly<Record<string, string>> = {
    yyyy: String(d.getUTCFullYear()),
    yy: two(d.getUTCFullYear() % 100),
    MMMM: months[month] ?? '',
    MMM: (months[month] ?? '').slice(0, 3),
    MM: two(month + 1),
    M: String(month + 1),
    dddd: days[d.getUTCDay()] ?? '',
    ddd: (days[d.getUTCDay()] ?? '').slice(0, 3),
    dd: two(day),
    d: String(day),
    HH: two(hour),
    H: String(hour),
    hh: two(hour % 12 || 12),
    h: String(hour % 12 || 12),
    mm: two(d.getUTCMinutes()),
    m: String(d.getUTCMinutes()),
    ss: two(d.getUTCSeconds()),
    s: String(d.getUTCSeconds()),
    tt: hour < 12 ? 'AM' : 'PM',
    zzz: '+00:00',
    K: 'Z',
  };
  return parts[letters] ?? two(d.getUTCMilliseconds(), 3).padEnd(letters.length, '0').slice(0, letters.length);
}

/** `ToString("X8")`, `{0:N2}`, `{0:yyyy}`. */
export function formatted(value: Value, format: string): string {
  if (value instanceof Date) return dateFormat(value, format);
  const number = typeof value === 'number' ? value : undefined;
  const found = /^([A-Za-z])(\d*)$/.exec(format);
  if (number === undefined) return toText(value);
  if (!found) return customNumber(number, format);
  const digits = found[2] === '' ? undefined : Number(found[2]);
  const letter = found[1] ?? '';
  if (/x/i.test(letter)) {
    const hex = (number < 0 ? number + 2 ** 32 : number).toString(16);
    return (letter === 'X' ? hex.toUpperCase() : hex).padStart(digits ?? 1, '0');
  }
  if (/d/i.test(letter)) return `${number < 0 ? '-' : ''}${two(Math.abs(number), digits ?? 1)}`;
  if (/n/i.test(letter)) return grouped(number.toFixed(digits ?? 2));
  if (/p/i.test(letter)) return `${grouped((number * 100).toFixed(digits ?? 2))} %`;
  return /f/i.test(letter) ? number.toFixed(digits ?? 2) : toText(value);
}

function customNumber(value: number, format: string): string {
  const decimals = /\.([0#]+)/.exec(format)?.[1] ?? '';
  const whole = /^[#,]*(0*)/.exec(format)?.[1] ?? '';
  const text = value.toFixed(decimals.length);
  const [integer = '', fraction = ''] = text.split('.');
  const kept = fraction.replace(new RegExp(`0{0,${/#*$/.exec(decimals)?.[0].length ?? 0}}$`), '');
  return integer.padStart(whole.length, '0') + (kept ? `.${kept}` : '');
}

const grouped = (text: string): string => text.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');

/** The `-f` operator. */
export function formatOperator(template: string, values: Value): string {
  const items = itemsOf(values);
  return template.replace(
    /\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^}]*))?\}/g,
    (found, index?: string, width?: string, format?: string) => {
      if (index === undefined) return found[0] ?? '';
      const value = items[Number(index)] ?? null;
      const text = format ? formatted(value, format) : toText(value);
      const size = toNumber(width ?? '0') ?? 0;
      return size < 0 ? text.padEnd(-size) : text.padStart(size);
    },
  );
}
