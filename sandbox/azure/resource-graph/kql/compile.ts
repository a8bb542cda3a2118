import type { BinaryOperator, Expression } from './ast';
import type { Context } from './definition';
import { semanticError } from './errors';
import { scalarFunction } from './functions';
import { regex } from './scalars';
import { type Columns, columnAt } from './schema';
import { mustCompare, typeOf } from './types';
import { compare, equal, type Row, Timespan, toBool, toDate, toNumber, toText, type Value } from './values';

export type Evaluate = (row: Row) => Value;

/** @throws KqlError for a column or function that does not exist. */
export function compile(expression: Expression, columns: Columns, context: Context): Evaluate {
  const inner = (e: Expression) => compile(e, columns, context);
  switch (expression.kind) {
    case 'literal':
    case 'dynamic': {
      const { value } = expression;
      return () => value;
    }
    case 'name': {
      const at = columnAt(expression.name, columns);
      return (row) => row[at];
    }
    case 'member': {
      const of = dynamic(expression.of, columns, context);
      const { name } = expression;
      return (row) => property(of(row), name);
    }
    case 'index': {
      const [of, at] = [dynamic(expression.of, columns, context), inner(expression.at)];
      return (row) => element(of(row), at(row));
    }
    case 'call':
      return called(expression, expression.args.map(inner), context);
    case 'in': {
      const test = membership(expression.operator, inner(expression.left), expression.list.map(inner));
      const fixed = expression.list.every(({ kind }) => kind === 'literal' || kind === 'dynamic');
      return fixed
        ? remembering(inner(expression.left), (value) => test.of(value, []))
        : (row) => test.of(test.left(row), row);
    }
    case 'between': {
      const [value, from, to] = [expression.value, expression.from, expression.to].map(inner);
      const within = (row: Row) =>
        (compare(value?.(row), from?.(row)) ?? -1) >= 0 && (compare(value?.(row), to?.(row)) ?? 1) <= 0;
      return (row) => within(row) !== expression.negated;
    }
    case 'binary':
      return operation(expression, columns, inner);
  }
}

type Kind<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

function called({ name }: Kind<'call'>, args: readonly Evaluate[], context: Context): Evaluate {
  const call = scalarFunction(name, args.length);
  const [first] = args;
  if (lazily.includes(name)) return chosen(args);
  if (first && args.length === 1) return remembering(first, (value) => call([value], context));
  return (row) =>
    call(
      args.map((arg) => arg(row)),
      context,
    );
}

function operation(expression: Kind<'binary'>, columns: Columns, inner: (e: Expression) => Evaluate): Evaluate {
  const { operator, left, right } = expression;
  if (/^[=!<>]=?$|^[=!]=$/.test(operator)) mustCompare(typeOf(left, columns), typeOf(right, columns));
  const fixed = right.kind === 'literal' && !['and', 'or'].includes(operator) ? right.value : undefined;
  if (typeof fixed === 'string') {
    const test = binary(
      operator,
      ([value]) => value,
      () => fixed,
    );
    return remembering(inner(left), (value) => test([value]));
  }
  const evaluate = binary(operator, inner(left), inner(right));
  const whole = operator === '/' && typeOf(expression, columns) === 'long';
  return whole ? (row) => truncated(evaluate(row)) : evaluate;
}

/** @throws KqlError for a path into something that has no properties. */
function dynamic(of: Expression, columns: Columns, context: Context): Evaluate {
  if (typeOf(of, columns) === 'dynamic') return compile(of, columns, context);
  throw semanticError('A path expression needs a value of type dynamic.');
}

/** Names of properties are exact, except those of tags and the like, which Resource Graph keeps as they were written. */
function property(of: Value, name: string): Value {
  if (of === null || typeof of !== 'object' || Array.isArray(of) || of instanceof Date || of instanceof Timespan)
    return undefined;
  return Object.hasOwn(of, name) ? of[name] : undefined;
}

function element(of: Value, at: Value): Value {
  if (typeof at === 'string') return property(of, at);
  if (!Array.isArray(of) || typeof at !== 'number') return undefined;
  return of[at < 0 ? of.length + at : at];
}

interface Membership {
  readonly left: Evaluate;
  readonly of: (value: Value, row: Row) => boolean;
}

function membership(operator: string, left: Evaluate, list: readonly Evaluate[]): Membership {
  const folded = operator.endsWith('~');
  const wanted = !operator.startsWith('!');
  const fold = (value: Value): Value => (folded ? toText(value).toLowerCase() : value);
  const of = (given: Value, row: Row) => {
    const value = fold(given);
    const items = list.flatMap((item): Value[] => {
      const evaluated = item(row);
      return Array.isArray(evaluated) ? evaluated : [evaluated];
    });
    return items.some((item) => equal(value, fold(item))) === wanted;
  };
  return { left, of };
}

/** Functions that evaluate their arguments only as far as they must. */
const lazily: readonly string[] = ['case', 'iff', 'iif'];

function chosen(args: readonly Evaluate[]): Evaluate {
  const otherwise = args.at(-1) ?? (() => undefined);
  return (row) => {
    for (let n = 0; n + 1 < args.length; n += 2) {
      if (toBool((args[n] as Evaluate)(row)) === true) return (args[n + 1] as Evaluate)(row);
    }
    return otherwise(row);
  };
}

/** The most results that are kept for one place in a query. */
const mostRemembered = 64;

/**
 * Computes something from a text at most once while rows have the same few texts, or the same one several times in a
 * row: Azure's fixed words, and the ids of resources with many rows.
 */
function remembering(of: Evaluate, compute: (value: Value) => Value): Evaluate {
  const known = new Map<string, Value>();
  let [last, result]: [Value, Value] = [undefined, undefined];
  return (row) => {
    const value = of(row);
    if (typeof value !== 'string') return compute(value);
    if (value === last) return result;
    last = value;
    const found = known.get(value);
    if (found !== undefined) {
      result = found;
      return found;
    }
    result = compute(value);
    if (known.size < mostRemembered && value.length < mostRemembered) known.set(value, result);
    return result;
  };
}

const lower = (value: Value): string => toText(value).toLowerCase();

const relations: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  '==': equal,
  '!=': (a, b) => !equal(a, b),
  '=~': (a, b) => lower(a) === lower(b),
  '!~': (a, b) => lower(a) !== lower(b),
  '<': (a, b) => (compare(a, b) ?? 0) < 0,
  '>': (a, b) => (compare(a, b) ?? 0) > 0,
  '<=': (a, b) => (compare(a, b) ?? 1) <= 0,
  '>=': (a, b) => (compare(a, b) ?? -1) >= 0,
  contains: (a, b) => lower(a).includes(lower(b)),
  contains_cs: (a, b) => toText(a).includes(toText(b)),
  startswith: (a, b) => lower(a).startsWith(lower(b)),
  startswith_cs: (a, b) => toText(a).startsWith(toText(b)),
  endswith: (a, b) => lower(a).endsWith(lower(b)),
  endswith_cs: (a, b) => toText(a).endsWith(toText(b)),
  has: (a, b) => hasTerm(lower(a), lower(b)),
  has_cs: (a, b) => hasTerm(toText(a), toText(b)),
  '+': (a, b) => shift(a, b, 1) ?? arithmetic(a, b, (x, y) => x + y),
  '-': (a, b) => shift(a, b, -1) ?? arithmetic(a, b, (x, y) => x - y),
  'matches regex': (a, b) => regex(toText(b)).test(toText(a)),
  has_any: (a, b) => listed(b).some((term) => hasTerm(lower(a), lower(term))),
  has_all: (a, b) => listed(b).every((term) => hasTerm(lower(a), lower(term))),
  '%': (a, b) => arithmetic(a, b, (x, y) => ((x % y) + y) % y),
  '*': (a, b) => arithmetic(a, b, (x, y) => x * y),
  '/': (a, b) => ratio(a, b) ?? arithmetic(a, b, (x, y) => x / y),
};

function binary(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === 'and') return (row) => toBool(left(row)) === true && toBool(right(row)) === true;
  if (operator === 'or') return (row) => toBool(left(row)) === true || toBool(right(row)) === true;
  const negated = /^!\w/.test(operator);
  const relation = relations[negated ? operator.slice(1) : operator];
  if (!relation) throw semanticError(`The operator '${operator}' is not supported.`);
  return negated ? (row) => !relation(left(row), right(row)) : (row) => relation(left(row), right(row));
}

const truncated = (value: Value): Value => (typeof value === 'number' ? Math.trunc(value) : value);

/** Kusto's `has`: the term stands alone between characters that are neither letters nor digits. */
function hasTerm(text: string, term: string): boolean {
  if (term === '') return true;
  const ordinary = /[\p{L}\p{N}]/u;
  for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + 1)) {
    const [before, after] = [text[at - 1] ?? ' ', text[at + term.length] ?? ' '];
    if (!ordinary.test(before) && !ordinary.test(after)) return true;
  }
  return false;
}

const listed = (value: Value): Value[] => (Array.isArray(value) ? value : [value]);

function ratio(a: Value, b: Value): Value {
  return a instanceof Timespan && b instanceof Timespan ? a.ms / b.ms : undefined;
}

/** Times and timespans: a time and a span make a time, two times a span. */
function shift(a: Value, b: Value, sign: 1 | -1): Date | Timespan | undefined {
  if (b instanceof Timespan) {
    if (a instanceof Timespan) return new Timespan(a.ms + sign * b.ms);
    const date = a instanceof Date ? toDate(a) : undefined;
    return date && new Date(date.getTime() + sign * b.ms);
  }
  return sign < 0 && a instanceof Date && b instanceof Date ? new Timespan(a.getTime() - b.getTime()) : undefined;
}

function arithmetic(a: Value, b: Value, apply: (x: number, y: number) => number): Value {
  const [x, y] = [toNumber(a), toNumber(b)];
  if (x === undefined || y === undefined) return undefined;
  const result = apply(x, y);
  return Number.isFinite(result) ? result : undefined;
}
