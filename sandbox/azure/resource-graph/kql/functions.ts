import { KqlError, semanticError } from './errors';
import { isNull, toBool, toDate, toNumber, toText, type Value } from './values';

/** What a function needs to know beyond its arguments. */
export interface Context {
  /** World time, in milliseconds. */
  readonly nowMs: number;
}

type Scalar = (args: readonly Value[], context: Context) => Value;

interface Definition {
  readonly arity: readonly [least: number, most: number];
  readonly call: Scalar;
}

const many = Number.POSITIVE_INFINITY;
const isEmpty = (value: Value): boolean => isNull(value) || value === '';

const whole = (value: Value): Value => {
  const number = toNumber(value);
  return number === undefined ? undefined : Math.trunc(number);
};

const one = (call: (value: Value) => Value): Definition => ({ arity: [1, 1], call: ([value]) => call(value) });

const functions: Readonly<Record<string, Definition>> = {
  tolower: one((v) => toText(v).toLowerCase()),
  toupper: one((v) => toText(v).toUpperCase()),
  tostring: one(toText),
  toint: one(whole),
  tolong: one(whole),
  todouble: one(toNumber),
  tobool: one(toBool),
  todatetime: one(toDate),
  isempty: one(isEmpty),
  isnotempty: one((v) => !isEmpty(v)),
  isnull: one(isNull),
  isnotnull: one((v) => !isNull(v)),
  not: one((v) => !toBool(v)),
  strlen: one((v) => toText(v).length),
  array_length: one((v) => (Array.isArray(v) ? v.length : undefined)),
  parse_json: one((v) => (typeof v === 'string' ? parseJson(v) : v)),
  coalesce: { arity: [1, many], call: (args) => args.find((v) => !isEmpty(v)) ?? args.at(-1) },
  strcat: { arity: [1, many], call: (args) => args.map(toText).join('') },
  iff: { arity: [3, 3], call: ([condition, yes, no]) => (toBool(condition) ? yes : no) },
  iif: { arity: [3, 3], call: ([condition, yes, no]) => (toBool(condition) ? yes : no) },
  case: { arity: [3, many], call: choose },
  split: { arity: [2, 3], call: split },
  now: { arity: [0, 0], call: (_, { nowMs }) => new Date(nowMs) },
  ago: { arity: [1, 1], call: ([span], { nowMs }) => new Date(nowMs - spanMs(span)) },
};

/** @throws KqlError UnknownFunction, or an error about the number of arguments. */
export function scalarFunction(name: string, args: number): Scalar {
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!found) throw new KqlError({ code: 'UnknownFunction', message: `Unknown function: '${name}'.` });
  const [least, most] = found.arity;
  if (args < least || args > most) {
    throw semanticError(
      `The function '${name}' was called with ${args} arguments; it takes ${least}${most === least ? '' : ' or more'}.`,
    );
  }
  return found.call;
}

function choose(args: readonly Value[]): Value {
  for (let n = 0; n + 1 < args.length; n += 2) if (toBool(args[n])) return args[n + 1];
  return args.at(-1);
}

function split([text, delimiter, index]: readonly Value[]): Value {
  const parts = toText(text).split(toText(delimiter));
  const n = toNumber(index);
  return n === undefined ? parts : [parts[n] ?? ''];
}

function spanMs(span: Value): number {
  const ms = (span as { ms?: number } | undefined)?.ms;
  if (typeof ms !== 'number') throw semanticError("The function 'ago' takes a timespan such as 7d.");
  return ms;
}

function parseJson(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}
