import type { Assignment, MvExpand, Operator, Ordering } from './ast';
import { compile } from './compile';
import type { Context } from './definition';
import { semanticError } from './errors';
import { join, type Step, type Surroundings, union } from './joins';
import { Names } from './names';
import { scalars } from './scalars';
import { type Columns, columnAt } from './schema';
import { mustBeScalar, typeOf } from './types';
import { isNull, order, type Row, toBool, toText, type Value } from './values';

/** @throws KqlError for columns or functions that are not there. */
export function step(
  operator: Exclude<Operator, { kind: 'summarize' }>,
  columns: Columns,
  context: Surroundings,
): Step {
  switch (operator.kind) {
    case 'where': {
      const condition = compile(operator.condition, columns, context);
      const each = (row: Row) => (toBool(condition(row)) === true ? row : undefined);
      return { columns, each, run: (rows) => map(rows, each) };
    }
    case 'extend':
      return extend(operator.columns, columns, context);
    case 'project':
      return project(operator.columns, columns, context);
    case 'distinct': {
      for (const { value } of operator.columns) mustBeScalar(value, columns, 'A column of distinct');
      const projected = project(operator.columns, columns, context);
      return { columns: projected.columns, run: (rows) => unique(projected.run(rows)) };
    }
    case 'projectAway':
      return projectAway(operator.names, columns);
    case 'order':
      return sorted(operator.orderings, columns, context);
    case 'top': {
      const ordered = sorted([operator.ordering], columns, context);
      return { columns, run: (rows) => first(ordered.run(rows), operator.count) };
    }
    case 'take':
      return { columns, run: (rows) => first(rows, operator.count) };
    case 'mvExpand':
      return expand(operator, columns, context);
    case 'join':
      return join(operator, columns, context);
    case 'union':
      return union(operator, columns, context);
    case 'count':
      return { columns: [{ name: 'Count', type: 'long' }], run: (rows) => [[countOf(rows)]] };
  }
}

function* first(rows: Iterable<Row>, count: number): Generator<Row> {
  let n = 0;
  if (count === 0) return;
  for (const row of rows) {
    yield row;
    n += 1;
    if (n >= count) return;
  }
}

function* unique(rows: Iterable<Row>): Generator<Row> {
  const seen = new Set<string>();
  for (const row of rows) {
    const name = row.map(toText).join('\u0000');
    if (!seen.has(name)) yield row;
    seen.add(name);
  }
}

function countOf(rows: Iterable<Row>): number {
  let n = 0;
  for (const _ of rows) n += 1;
  return n;
}

/** Later columns see the earlier ones' old values: an extend is one step. */
function extend(assignments: readonly Assignment[], columns: Columns, context: Context): Step {
  const wider = [...columns];
  const names = new Names(columns.map(({ name }) => name));
  const places = assignments.map((assignment) => {
    const name = names.of(assignment);
    const type = typeOf(assignment.value, columns);
    const at = wider.findIndex((column) => column.name === name);
    if (at >= 0) wider[at] = { name, type };
    const evaluate = compile(assignment.value, columns, context);
    return { at: at < 0 ? wider.push({ name, type }) - 1 : at, evaluate };
  });
  const widen = (row: Row): Row => {
    const wide = row.slice();
    for (const { at, evaluate } of places) wide[at] = evaluate(row);
    return wide;
  };
  const widenInPlace = (row: Row): Row => {
    for (const { at, evaluate } of places) row[at] = evaluate(row);
    return row;
  };
  // Only new columns, none of which is read by another.
  const inPlace = places.every(({ at }) => at >= columns.length);
  return {
    columns: wider,
    each: widen,
    ...(inPlace && { eachInPlace: widenInPlace }),
    run: (rows) => map(rows, widen),
  };
}

function project(assignments: readonly Assignment[], columns: Columns, context: Context): Step {
  const names = new Names();
  const projected = assignments.map((assignment) => ({
    column: { name: names.of(assignment), type: typeOf(assignment.value, columns) },
    evaluate: compile(assignment.value, columns, context),
  }));
  const twice = projected.find(({ column }, n) => projected.findIndex((p) => p.column.name === column.name) !== n);
  if (twice) throw semanticError(`A column named '${twice.column.name}' already exists.`);
  const narrow = (row: Row): Row => projected.map(({ evaluate }) => evaluate(row));
  return { columns: projected.map(({ column }) => column), each: narrow, run: (rows) => map(rows, narrow) };
}

function projectAway(names: readonly string[], columns: Columns): Step {
  const away = names.map((name) => columnAt(name, columns));
  const kept = columns.map((column, at) => ({ column, at })).filter(({ at }) => !away.includes(at));
  return {
    columns: kept.map(({ column }) => column),
    run: (rows) => map(rows, (row) => kept.map(({ at }) => row[at])),
  };
}

function* map(rows: Iterable<Row>, change: (row: Row) => Row | undefined): Generator<Row> {
  for (const row of rows) {
    const changed = change(row);
    if (changed !== undefined) yield changed;
  }
}

function sorted(orderings: readonly Ordering[], columns: Columns, context: Context): Step {
  const keys = orderings.map(({ by, descending }) => {
    mustBeScalar(by, columns, 'An order by key');
    return { of: compile(by, columns, context), sign: descending ? -1 : 1 };
  });
  const run = (rows: Iterable<Row>): Row[] => {
    const decorated = Array.from(rows, (row) => ({ row, by: keys.map(({ of }) => of(row)) }));
    decorated.sort((a, b) => {
      for (const [n, { sign }] of keys.entries()) {
        const difference = order(a.by[n], b.by[n]) * sign;
        if (difference !== 0) return difference;
      }
      return 0;
    });
    return decorated.map(({ row }) => row);
  };
  return { columns, run };
}

/** One row for each element of a list or property of a bag; rows without any are dropped. */
function expand({ column, type = 'dynamic', limit }: MvExpand, columns: Columns, context: Context): Step {
  if (typeOf(column.value, columns) !== 'dynamic') {
    throw semanticError('mv-expand needs a column of type dynamic.');
  }
  const own = column.name === undefined && column.value.kind === 'name' ? column.value.name : undefined;
  const name = own ?? new Names(columns.map((c) => c.name)).of(column);
  const found = columns.findIndex((c) => c.name === name);
  const at = found < 0 ? columns.length : found;
  const of = compile(column.value, columns, context);
  const cast = type === 'dynamic' ? (value: Value) => value : (value: Value) => casts[type]?.([value], context);
  const run = function* (rows: Iterable<Row>): Generator<Row> {
    for (const row of rows) {
      for (const item of elements(of(row)).slice(0, limit)) {
        const wide = row.slice();
        wide[at] = cast(item);
        yield wide;
      }
    }
  };
  return { columns: [...columns.slice(0, at), { name, type }, ...columns.slice(at + 1)], run };
}

const casts: Readonly<Record<string, ((args: readonly Value[], context: Context) => Value) | undefined>> = {
  string: scalars['tostring']?.call,
  long: scalars['tolong']?.call,
  real: scalars['toreal']?.call,
  bool: scalars['tobool']?.call,
  datetime: scalars['todatetime']?.call,
};

function elements(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  if (isNull(value)) return [];
  const bag = typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype;
  return bag ? Object.entries(value).map(([key, item]) => ({ [key]: item }) as Value) : [value];
}
