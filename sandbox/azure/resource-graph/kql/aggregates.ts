import type { Assignment, Expression } from './ast';
import { compile, type Evaluate } from './compile';
import type { Context } from './definition';
import { KqlError, semanticError } from './errors';
import { implicitName, type Names } from './names';
import type { Column, Columns, Type } from './schema';
import { typeOf } from './types';
import { isNull, order, type Row, toBool, toNumber, toText, type Value } from './values';

/** Collects one group of rows; most aggregates make one value of it. */
export interface Accumulator {
  add(row: Row): void;
  values(): Value[];
}

export interface Aggregation {
  readonly columns: Columns;
  readonly make: () => Accumulator;
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
  avg: { type: 'real', prefix: 'avg_', make: (of) => adding(of, (total, n) => (n > 0 ? total / n : undefined)) },
  take_any: { type: 'argument', prefix: '', make: any },
  any: { type: 'argument', prefix: 'any_', make: any },
  make_list: { type: 'dynamic', prefix: 'list_', make: (of, most) => listing(of, most, false) },
  make_set: { type: 'dynamic', prefix: 'set_', make: (of, most) => listing(of, most, true) },
};

/** @throws KqlError when the expression is no aggregate that the sandbox has. */
export function aggregate(assignment: Assignment, columns: Columns, context: Context, names: Names): Aggregation {
  const { value } = assignment;
  if (value.kind !== 'call') throw semanticError('summarize takes aggregates such as count().');
  if (value.name === 'arg_max' || value.name === 'arg_min') return picked(assignment, columns, context, names);
  const found = Object.hasOwn(aggregates, value.name) ? aggregates[value.name] : undefined;
  if (!found) throw new KqlError({ code: 'UnknownFunction', message: `Unknown function: '${value.name}'.` });
  const [first, second] = value.args;
  if ((value.name === 'count') !== (first === undefined))
    throw semanticError(`The aggregate '${value.name}' has the wrong number of arguments.`);
  const of = first ? compile(first, columns, context) : () => undefined;
  const most = second ? Number(compile(second, columns, context)([])) : longestList;
  const implicit = value.name === 'countif' || !first ? '' : (implicitName(first) ?? '');
  const name = assignment.name === undefined ? names.free(`${found.prefix}${implicit}`) : names.of(assignment);
  const type = resultOf(found.type, first && typeOf(first, columns));
  return { columns: [{ name, type }], make: () => found.make(of, Math.min(most, longestList)) };
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
  return { columns: [head, ...tail], make: () => extreme(evaluates, called === 'arg_max' ? 1 : -1) };
}

const isStar = (expression: Expression): boolean => expression.kind === 'name' && expression.name === '*';

const others = (columns: Columns, names: Names): Expression[] =>
  columns.filter(({ name }) => !names.has(name)).map(({ name }) => ({ kind: 'name', name }));

function counting(counts: (row: Row) => boolean): Accumulator {
  let n = 0;
  return {
    add: (row) => {
      if (counts(row)) n += 1;
    },
    values: () => [n],
  };
}

function distinctCount(of: Evaluate): Accumulator {
  const seen = new Set<string>();
  return {
    add: (row) => {
      const value = of(row);
      if (!isNull(value)) seen.add(toText(value));
    },
    values: () => [seen.size],
  };
}

function adding(of: Evaluate, result: (total: number, n: number) => Value): Accumulator {
  let [total, n] = [0, 0];
  return {
    add: (row) => {
      const value = toNumber(of(row));
      if (value === undefined) return;
      total += value;
      n += 1;
    },
    values: () => [result(total, n)],
  };
}

/** The first of these decides, the others come along. */
function extreme([by, ...rest]: readonly Evaluate[], sign: 1 | -1): Accumulator {
  let best: Value[] = [undefined, ...rest.map(() => undefined)];
  return {
    add: (row) => {
      const value = by?.(row);
      if (isNull(value) || (!isNull(best[0]) && order(value, best[0]) * sign <= 0)) return;
      best = [value, ...rest.map((of) => of(row))];
    },
    values: () => best,
  };
}

function any(of: Evaluate): Accumulator {
  let kept: Value;
  return {
    add: (row) => {
      if (isNull(kept)) kept = of(row);
    },
    values: () => [kept],
  };
}

function listing(of: Evaluate, most: number, distinct: boolean): Accumulator {
  const kept: Value[] = [];
  const seen = new Set<string>();
  return {
    add: (row) => {
      const value = of(row);
      if (isNull(value) || kept.length >= most || (distinct && seen.has(toText(value)))) return;
      if (distinct) seen.add(toText(value));
      kept.push(value);
    },
    values: () => [kept as Value],
  };
}
