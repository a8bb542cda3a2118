import type { Json } from '../../../kernel/types';
import type { Definition } from './definition';
import { semanticError } from './errors';
import type { Type } from './schema';
import { between, bin, shifted, spanMs, startOf } from './times';
import { equal, isNull, order, Timespan, toBool, toDate, toNumber, toText, type Value } from './values';

const many = Number.POSITIVE_INFINITY;
const isEmpty = (value: Value): boolean => isNull(value) || value === '';

const isBag = (value: Value): value is { [name: string]: Json } =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Date) &&
  !(value instanceof Timespan);

const whole = (value: Value): Value => {
  const number = toNumber(value);
  return number === undefined ? undefined : Math.trunc(number);
};

const one = (type: Type, call: (value: Value) => Value): Definition => ({
  arity: [1, 1],
  type,
  call: ([value]) => call(value),
});

const json = one('dynamic', (v) => (typeof v === 'string' ? parseJson(v) : v));
const real = one('real', toNumber);
const iff: Definition = { arity: [3, 3], type: 1, call: ([condition, yes, no]) => (toBool(condition) ? yes : no) };

/** The scalar functions that the sandbox has. */
export const scalars: Readonly<Record<string, Definition>> = {
  tolower: one('string', (v) => toText(v).toLowerCase()),
  toupper: one('string', (v) => toText(v).toUpperCase()),
  tostring: one('string', toText),
  int: one('long', whole),
  toint: one('long', whole),
  tolong: one('long', whole),
  todouble: real,
  toreal: real,
  tobool: one('bool', toBool),
  todatetime: one('datetime', toDate),
  todynamic: json,
  parse_json: json,
  isempty: one('bool', isEmpty),
  isnotempty: one('bool', (v) => !isEmpty(v)),
  isnull: one('bool', isNull),
  isnotnull: one('bool', (v) => !isNull(v)),
  not: one('bool', (v) => !toBool(v)),
  strlen: one('long', (v) => [...toText(v)].length),
  bag_keys: one('dynamic', (v) => (isBag(v) ? Object.keys(v) : undefined)),
  array_length: one('long', (v) => (Array.isArray(v) ? v.length : undefined)),
  coalesce: { arity: [2, many], type: 0, call: (args) => args.find((v) => !isEmpty(v)) ?? args.at(-1) },
  strcat: { arity: [1, many], type: 'string', call: (args) => args.map(toText).join('') },
  iff,
  iif: iff,
  case: { arity: [3, many], type: 1, call: choose },
  max_of: { arity: [2, many], type: 0, call: (args) => args.reduce((a, b) => (order(b, a) > 0 ? b : a)) },
  min_of: { arity: [2, many], type: 0, call: (args) => args.reduce((a, b) => (order(b, a) < 0 ? b : a)) },
  split: { arity: [2, 3], type: 'dynamic', call: split },
  substring: { arity: [2, 3], type: 'string', call: substring },
  indexof: { arity: [2, 2], type: 'long', call: ([text, part]) => toText(text).indexOf(toText(part)) },
  replace_string: {
    arity: [3, 3],
    type: 'string',
    call: ([text, from, to]) => toText(text).split(toText(from)).join(toText(to)),
  },
  extract: { arity: [3, 3], type: 'string', call: extract },
  pack_array: { arity: [1, many], type: 'dynamic', call: (args) => args.map((v) => v ?? null) as Value },
  set_has_element: {
    arity: [2, 2],
    type: 'bool',
    call: ([set, item]) => Array.isArray(set) && set.some((v) => equal(v, item)),
  },
  now: {
    arity: [0, 1],
    type: 'datetime',
    call: ([span], { nowMs }) => new Date(nowMs + (span === undefined ? 0 : spanMs(span, 'now'))),
  },
  ago: { arity: [1, 1], type: 'datetime', call: ([span], { nowMs }) => new Date(nowMs - spanMs(span, 'ago')) },
  bin: { arity: [2, 2], type: 0, call: ([value, step]) => bin(value, step) },
  startofday: one('datetime', (v) => startOf(v)),
  datetime_diff: { arity: [3, 3], type: 'long', call: ([part, a, b]) => between(toText(part), a, b) },
  datetime_add: { arity: [3, 3], type: 'datetime', call: ([part, n, date]) => shifted(toText(part), n, date) },
};

function choose(args: readonly Value[]): Value {
  for (let n = 0; n + 1 < args.length; n += 2) if (toBool(args[n])) return args[n + 1];
  return args.at(-1);
}

function split([text, delimiter, index]: readonly Value[]): Value {
  const parts = toText(text).split(toText(delimiter));
  const n = toNumber(index);
  return n === undefined ? parts : [parts[n] ?? ''];
}

function substring([text, start, length]: readonly Value[]): Value {
  const from = Math.max(0, toNumber(start) ?? 0);
  const most = toNumber(length);
  return toText(text).slice(from, most === undefined ? undefined : from + most);
}

function extract([pattern, group, text]: readonly Value[]): Value {
  return regex(toText(pattern)).exec(toText(text))?.[toNumber(group) ?? 0] ?? '';
}

/**
 * Kusto reads RE2, the sandbox JavaScript's dialect, and `(?i)` before it.
 *
 * @throws KqlError for a pattern that cannot be read.
 */
export function regex(pattern: string): RegExp {
  try {
    return pattern.startsWith('(?i)') ? new RegExp(pattern.slice(4), 'iu') : new RegExp(pattern, 'u');
  } catch {
    throw semanticError(`The regular expression '${pattern}' is not valid.`);
  }
}

function parseJson(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}
