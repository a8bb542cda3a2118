import type { BinaryOperator, Expression } from './ast';
import { semanticError } from './errors';
import { type Context, scalarFunction } from './functions';
import { compare, equal, isNull, type Row, toBool, toDate, toNumber, toText, type Value } from './values';

export type Columns = readonly string[];

export type Evaluate = (row: Row) => Value;

/** @throws KqlError for a column or function that is not there. */
export function compile(expression: Expression, columns: Columns, context: Context): Evaluate {
  const inner = (e: Expression) => compile(e, columns, context);
  switch (expression.kind) {
    case 'literal': {
      const value = expression.value as Value;
      return () => value;
    }
    case 'name':
      return column(expression.name, columns);
    case 'member': {
      const of = inner(expression.of);
      const { name } = expression;
      return (row) => property(of(row), name);
    }
    case 'index': {
      const [of, at] = [inner(expression.of), inner(expression.at)];
      return (row) => element(of(row), at(row));
    }
    case 'call': {
      const call = scalarFunction(expression.name, expression.args.length);
      const args = expression.args.map(inner);
      return (row) =>
        call(
          args.map((arg) => arg(row)),
          context,
        );
    }
    case 'in':
      return membership(expression.operator, inner(expression.left), expression.list.map(inner));
    case 'binary':
      return binary(expression.operator, inner(expression.left), inner(expression.right));
  }
}

function column(name: string, columns: Columns): Evaluate {
  const at = columns.indexOf(name);
  if (at < 0) throw semanticError(`Failed to resolve column or scalar expression named '${name}'`);
  return (row) => row[at];
}

/** Names of properties are exact, except those of tags and the like, which Resource Graph keeps as they were written. */
function property(of: Value, name: string): Value {
  if (of === null || typeof of !== 'object' || Array.isArray(of) || of instanceof Date) return undefined;
  return Object.hasOwn(of, name) ? of[name] : undefined;
}

function element(of: Value, at: Value): Value {
  if (typeof at === 'string') return property(of, at);
  if (!Array.isArray(of) || typeof at !== 'number') return undefined;
  return of[at < 0 ? of.length + at : at];
}

function membership(operator: string, left: Evaluate, list: readonly Evaluate[]): Evaluate {
  const folded = operator.endsWith('~');
  const wanted = !operator.startsWith('!');
  const fold = (value: Value): Value => (folded ? toText(value).toLowerCase() : value);
  return (row) => {
    const value = fold(left(row));
    const items = list.flatMap((item): Value[] => {
      const evaluated = item(row);
      return Array.isArray(evaluated) ? evaluated : [evaluated];
    });
    return items.some((item) => equal(value, fold(item))) === wanted;
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
  '*': (a, b) => arithmetic(a, b, (x, y) => x * y),
  '/': (a, b) => arithmetic(a, b, (x, y) => (Number.isInteger(x) && Number.isInteger(y) ? Math.trunc(x / y) : x / y)),
};

function binary(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === 'and') return (row) => toBool(left(row)) === true && toBool(right(row)) === true;
  if (operator === 'or') return (row) => toBool(left(row)) === true || toBool(right(row)) === true;
  const negated = /^!\w/.test(operator);
  const relation = relations[negated ? operator.slice(1) : operator];
  if (!relation) throw semanticError(`The operator '${operator}' is not supported.`);
  return negated ? (row) => !relation(left(row), right(row)) : (row) => relation(left(row), right(row));
}

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

function shift(a: Value, b: Value, sign: 1 | -1): Date | undefined {
  const ms = isNull(b) || typeof b !== 'object' ? undefined : (b as { ms?: number }).ms;
  const date = a instanceof Date ? toDate(a) : undefined;
  return date && typeof ms === 'number' ? new Date(date.getTime() + sign * ms) : undefined;
}

function arithmetic(a: Value, b: Value, apply: (x: number, y: number) => number): Value {
  const [x, y] = [toNumber(a), toNumber(b)];
  if (x === undefined || y === undefined) return undefined;
  const result = apply(x, y);
  return Number.isFinite(result) ? result : undefined;
}
