import { aggregate } from './aggregates';
import type { Assignment, Operator, Ordering } from './ast';
import { type Columns, compile } from './compile';
import { semanticError } from './errors';
import type { Context } from './functions';
import { aggregateName, columnName } from './names';
import { order, type Row, toBool, toText, type Value } from './values';

/** A step of a query: what comes in and what goes out. */
export interface Step {
  readonly columns: Columns;
  readonly run: (rows: Iterable<Row>) => Iterable<Row>;
}

/** @throws KqlError for columns or functions that are not there. */
export function step(operator: Operator, columns: Columns, context: Context): Step {
  switch (operator.kind) {
    case 'where': {
      const condition = compile(operator.condition, columns, context);
      return { columns, run: (rows) => filter(rows, (row) => toBool(condition(row)) === true) };
    }
    case 'extend':
      return extend(operator.columns, columns, context);
    case 'project':
      return project(operator.columns, columns, context);
    case 'distinct': {
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
    case 'summarize':
      return summarize(operator.aggregates, operator.by, columns, context);
    case 'mvExpand':
      return expand(operator.column, columns, context);
    case 'count':
      return { columns: ['Count'], run: (rows) => [[countOf(rows)]] };
  }
}

function* filter(rows: Iterable<Row>, wanted: (row: Row) => boolean): Generator<Row> {
  for (const row of rows) if (wanted(row)) yield row;
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
  const names = [...columns];
  const places = assignments.map((assignment, n) => {
    const name = columnName(assignment, n);
    const at = names.indexOf(name);
    return { at: at < 0 ? names.push(name) - 1 : at, evaluate: compile(assignment.value, columns, context) };
  });
  const widen = (row: Row): Row => {
    const wide = row.slice();
    for (const { at, evaluate } of places) wide[at] = evaluate(row);
    return wide;
  };
  return { columns: names, run: (rows) => map(rows, widen) };
}

function project(assignments: readonly Assignment[], columns: Columns, context: Context): Step {
  const names = assignments.map(columnName);
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice) throw semanticError(`A column named '${twice}' already exists.`);
  const evaluates = assignments.map(({ value }) => compile(value, columns, context));
  return { columns: names, run: (rows) => map(rows, (row) => evaluates.map((evaluate) => evaluate(row))) };
}

function projectAway(names: readonly string[], columns: Columns): Step {
  const missing = names.find((name) => !columns.includes(name));
  if (missing) throw semanticError(`Failed to resolve column or scalar expression named '${missing}'`);
  const kept = columns.map((name, at) => ({ name, at })).filter(({ name }) => !names.includes(name));
  return { columns: kept.map(({ name }) => name), run: (rows) => map(rows, (row) => kept.map(({ at }) => row[at])) };
}

function* map(rows: Iterable<Row>, change: (row: Row) => Row): Generator<Row> {
  for (const row of rows) yield change(row);
}

function sorted(orderings: readonly Ordering[], columns: Columns, context: Context): Step {
  const keys = orderings.map(({ by, descending }) => ({
    of: compile(by, columns, context),
    sign: descending ? -1 : 1,
  }));
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

function summarize(
  aggregates: readonly Assignment[],
  by: readonly Assignment[],
  columns: Columns,
  context: Context,
): Step {
  const groupOf = by.map(({ value }) => compile(value, columns, context));
  const makers = aggregates.map(({ value }) => aggregate(value, columns, context));
  const run = function* (rows: Iterable<Row>): Generator<Row> {
    const groups = new Map<string, { head: Value[]; parts: ReturnType<(typeof makers)[number]>[] }>();
    if (by.length === 0) groups.set('', { head: [], parts: makers.map((make) => make()) });
    for (const row of rows) {
      const head = groupOf.map((of) => of(row));
      const name = head.map((value) => `${typeof value}${toText(value)}`).join('\u0000');
      const group = groups.get(name) ?? { head, parts: makers.map((make) => make()) };
      groups.set(name, group);
      for (const part of group.parts) part.add(row);
    }
    for (const { head, parts } of groups.values()) yield [...head, ...parts.map((part) => part.value())];
  };
  return { columns: [...by.map(columnName), ...aggregates.map(aggregateName)], run };
}

/** One row for each element; rows without elements go. */
function expand(assignment: Assignment, columns: Columns, context: Context): Step {
  const name = columnName(assignment, 0);
  const names = columns.includes(name) ? columns : [...columns, name];
  const at = names.indexOf(name);
  const of = compile(assignment.value, columns, context);
  const run = function* (rows: Iterable<Row>): Generator<Row> {
    for (const row of rows) {
      const value = of(row);
      for (const item of Array.isArray(value) ? value : []) {
        const wide = row.slice();
        wide[at] = item;
        yield wide;
      }
    }
  };
  return { columns: names, run };
}
