import type { Assignment, Expression } from './ast';
import { compile, type Evaluate } from './compile';
import type { Context } from './definition';
import { KqlError, semanticError } from './errors';
import { implicitName, type Names } from './names';
import type { Column, Columns, Type } from './schema';
import { typeOf } from './types';
import { isNull, order, type Row, toBool, toNumber, toText, type Value } from './values';

/**
 * Collects groups of rows; most aggregates make one value from each. What a group has collected is in one slot of its
 * list, so millions of groups are millions of short lists and nothing more.
 */
export interface Accumulator {
  readonly start: () => unknown;
  readonly add: (group: unknown[], at: number, row: Row) => void;
  readonly values: (collected: unknown) => Value[];
}

export interface Aggregation {
  readonly columns: Columns;
  readonly accumulator: Accumulator;
  /** It copies plain values out of rows and keeps nothing else of them. */
  readonly lets: boolean;
}

/** `make_list` keeps at most this many, as Resource Graph does by default for lists of columns. */
const longestList = 1_000;

interface Definition {
  readonly type: Type | 'argument' | 'sum';
  /** What the column is called: this, and the name of the argument. */
  readonly prefix: string;
  readonly make: (of: Evaluate, most: number) => Accumulator;
}

const aggregates: Readonly<Record<string, Definition>> = {
  count: { type: 'long', prefix: 'count_', make: () => counting(() => true) },
  countif: { type: 'long', prefix: 'countif_', make: (of) => counting((row) => toBool(of(row)) === true) },
  dcount: { type: 'long', prefix: 'dcount_', make: distinctCount },
  max: { type: 'argument', prefix: 'max_', make: (of) => extreme([of], 1) },
  min: { type: 'argument', prefix: 'min_', make: (of) => extreme([of], -1) },
  sum: { type: 'sum', prefix: 'sum_', make: (of) => adding(of, (total) => total) },
  sumif: { type: 'sum', prefix: 'sumif_', make: (of) => adding(of, (total) => total) },
  avg: { type: 'real', prefix: 'avg_', make: (of) => adding(of, (total, n) => (n > 0 ? total / n : undefined)) },
  take_any: { type: 'argument', prefix: '', make: any },
  any: { type: 'argument', prefix: 'any_', make: any },
  make_list: { type: 'dynamic', prefix: 'list_', make: (of, most) => listing(of, most, false) },
  make_set: { type: 'dynamic', prefix: 'set_', make: (of, most) => listing(of, most, true) },
};

/** @throws KqlError when the expression is not an aggregate that the sandbox has. */
export function aggregate(assignment: Assignment, columns: Columns, context: Context, names: Names): Aggregation {
  const { value } = assignment;
  if (value.kind !== 'call') throw semanticError('summarize takes aggregates such as count().');
  if (value.name === 'arg_max' || value.name === 'arg_min') return picked(assignment, columns, context, names);
  const found = Object.hasOwn(aggregates, value.name) ? aggregates[value.name] : undefined;
  if (!found) throw new KqlError({ code: 'UnknownFunction', message: `Unknown function: '${value.name}'.` });
  const [first, second] = value.args;
  if ((value.name === 'count') !== (first === undefined))
    throw semanticError(`The aggregate '${value.name}' has the wrong number of arguments.`);
  if (value.name === 'sumif' && !second) throw semanticError("The aggregate 'sumif' takes a value and a condition.");
  const of = value.name === 'sumif' ? summedIf(value.args, columns, context) : evaluateOf(first, columns, context);
  const most = second && value.name !== 'sumif' ? Number(compile(second, columns, context)([])) : longestList;
  const implicit = value.name === 'countif' || !first ? '' : (implicitName(first) ?? '');
  const name = assignment.name === undefined ? names.free(`${found.prefix}${implicit}`) : names.of(assignment);
  const type = resultOf(found.type, first && typeOf(first, columns));
  const lets = !first || typeOf(first, columns) !== 'dynamic';
  return { columns: [{ name, type }], accumulator: found.make(of, Math.min(most, longestList)), lets };
}

const evaluateOf = (of: Expression | undefined, columns: Columns, context: Context): Evaluate =>
  of ? compile(of, columns, context) : () => undefined;

/** The value of rows for which the condition holds. */
function summedIf(args: readonly Expression[], columns: Columns, context: Context): Evaluate {
  const [value, condition] = [args[0], args[1]].map((one) => evaluateOf(one, columns, context));
  return (row) => (toBool(condition?.(row)) === true ? value?.(row) : undefined);
}

function resultOf(type: Definition['type'], argument: Type | undefined): Type {
  if (type === 'sum') return argument === 'real' ? 'real' : 'long';
  return type === 'argument' ? (argument ?? 'dynamic') : type;
}

/** `arg_max(what, columns…)`: the row with the greatest value, or as much of it as is named. */
function picked({ name, value }: Assignment, columns: Columns, context: Context, names: Names): Aggregation {
  const { name: called, args } = value as Extract<Expression, { kind: 'call' }>;
  const [by, ...rest] = args;
  if (!by) throw semanticError(`The aggregate '${called}' has the wrong number of arguments.`);
  const byName = name ?? implicitName(by) ?? `${called.slice(4)}_`;
  const head: Column = { name: names.free(byName), type: typeOf(by, columns) };
  const wanted = rest.flatMap((one) => (isStar(one) ? others(columns, names) : [one]));
  const tail = wanted.map((one) => ({ name: names.free(implicitName(one)), type: typeOf(one, columns) }));
  const evaluates = [by, ...wanted].map((one) => compile(one, columns, context));
  const lets = tail.every(({ type }) => type !== 'dynamic');
  return { columns: [head, ...tail], accumulator: extreme(evaluates, called === 'arg_max' ? 1 : -1), lets };
}

const isStar = (expression: Expression): boolean => expression.kind === 'name' && expression.name === '*';

const others = (columns: Columns, names: Names): Expression[] =>
  columns.filter(({ name }) => !names.has(name)).map(({ name }) => ({ kind: 'name', name }));

function counting(counts: (row: Row) => boolean): Accumulator {
  return {
    start: () => 0,
    add: (group, at, row) => {
      if (counts(row)) group[at] = (group[at] as number) + 1;
    },
    values: (n) => [n as number],
  };
}

function distinctCount(of: Evaluate): Accumulator {
  return {
    start: () => new Set<string>(),
    add: (group, at, row) => {
      const value = of(row);
      if (!isNull(value)) (group[at] as Set<string>).add(toText(value));
    },
    values: (seen) => [(seen as Set<string>).size],
  };
}

function adding(of: Evaluate, result: (total: number, n: number) => Value): Accumulator {
  return {
    start: () => ({ total: 0, n: 0 }),
    add: (group, at, row) => {
      const value = toNumber(of(row));
      if (value === undefined) return;
      const sum = group[at] as { total: number; n: number };
      sum.total += value;
      sum.n += 1;
    },
    values: (sum) => {
      const { total, n } = sum as { total: number; n: number };
      return [result(total, n)];
    },
  };
}

/** The first of these decides, the others come along. */
function extreme([by, ...rest]: readonly Evaluate[], sign: 1 | -1): Accumulator {
  const decide = by ?? (() => undefined);
  if (rest.length === 0) {
    return {
      start: () => undefined,
      add: (group, at, row) => {
        const value = decide(row);
        if (!isNull(value) && beats(value, group[at] as Value, sign)) group[at] = value;
      },
      values: (best) => [best as Value],
    };
  }
  return {
    start: () => [undefined, ...rest.map(() => undefined)],
    add: (group, at, row) => {
      const value = decide(row);
      const [best] = group[at] as Value[];
      if (!isNull(value) && beats(value, best, sign)) group[at] = [value, ...rest.map((of) => of(row))];
    },
    values: (best) => best as Value[],
  };
}

function beats(value: Value, best: Value, sign: 1 | -1): boolean {
  if (typeof value === 'number' && typeof best === 'number') return (value - best) * sign > 0;
  if (value instanceof Date && best instanceof Date) return (value.getTime() - best.getTime()) * sign > 0;
  return isNull(best) || order(value, best) * sign > 0;
}

function any(of: Evaluate): Accumulator {
  return {
    start: () => undefined,
    add: (group, at, row) => {
      if (isNull(group[at] as Value)) group[at] = of(row);
    },
    values: (kept) => [kept as Value],
  };
}

interface Listed {
  readonly kept: Value[];
  readonly seen: Set<string>;
}

function listing(of: Evaluate, most: number, distinct: boolean): Accumulator {
  return {
    start: (): Listed => ({ kept: [], seen: new Set() }),
    add: (group, at, row) => {
      const { kept, seen } = group[at] as Listed;
      const value = of(row);
      if (isNull(value) || kept.length >= most || (distinct && seen.has(toText(value)))) return;
      if (distinct) seen.add(toText(value));
      kept.push(value);
    },
    values: (listed) => [(listed as Listed).kept as Value],
  };
}
