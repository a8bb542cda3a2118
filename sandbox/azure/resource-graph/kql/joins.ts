import type { Join, Query, Union } from './ast';
import type { Context } from './definition';
import { semanticError } from './errors';
import { Names } from './names';
import { type Columns, columnAt } from './schema';
import { isNull, type Row, toText, type Value } from './values';

/** A step of a query: what comes in and what goes out. */
export interface Step {
  readonly columns: Columns;
  readonly run: (rows: Iterable<Row>) => Iterable<Row>;
  /** The same for one row, when each row gives at most one. */
  readonly each?: (row: Row) => Row | undefined;
  /** The same, and the row itself is changed. */
  readonly eachInPlace?: (row: Row) => Row;
}

/** What another query, or a table alone, is made of. */
export interface Relation {
  readonly columns: Columns;
  readonly rows: () => Iterable<Row>;
}

export interface Surroundings extends Context {
  /** @throws KqlError when the query cannot be run. */
  readonly relation: (query: Query) => Relation;
}

/** @throws KqlError for keys that do not exist or that Kusto cannot compare. */
export function join({ flavor, right: query, on }: Join, columns: Columns, context: Surroundings): Step {
  const right = context.relation(query);
  const keys = on.map((key) => [columnAt(key.left, columns), columnAt(key.right, right.columns)] as const);
  for (const [l, r] of keys) mustJoin(columns[l]?.type, right.columns[r]?.type);
  const names = new Names(columns.map(({ name }) => name));
  const added = right.columns.map(({ name, type }) => ({ name: names.free(name), type }));
  const leftKey = (row: Row) => key(keys.map(([l]) => row[l]));
  const rightKey = (row: Row) => key(keys.map(([, r]) => row[r]));
  const [noLeft, noRight] = [columns, right.columns].map(nothing);
  const run = function* (rows: Iterable<Row>): Generator<Row> {
    const others = grouped(right.rows(), rightKey);
    const met = new Set<string>();
    for (const row of rows) {
      const at = leftKey(row);
      if (flavor === 'innerunique' && at !== undefined && met.has(at)) continue;
      if (at !== undefined) met.add(at);
      const partners = at === undefined ? undefined : others.get(at);
      if (partners) for (const partner of partners) yield [...row, ...partner];
      else if (flavor === 'leftouter' || flavor === 'fullouter') yield [...row, ...(noRight ?? [])];
    }
    if (flavor !== 'fullouter') return;
    for (const [at, lonely] of others) if (!met.has(at)) for (const row of lonely) yield [...(noLeft ?? []), ...row];
  };
  return { columns: [...columns, ...added], run };
}

/** A row of the side that has no partner. Kusto's texts are never null. */
const nothing = (side: Columns): Row => side.map(({ type }) => (type === 'string' ? '' : undefined));

function mustJoin(left: string | undefined, right: string | undefined): void {
  if (left === right && left !== 'dynamic') return;
  throw semanticError(
    `join keys need the same type, and not 'dynamic' (${left} and ${right} here). Please use an explicit cast such as tostring().`,
  );
}

/** Undefined when a part is null: nulls are equal to nothing. */
const key = (values: readonly Value[]): string | undefined =>
  values.some(isNull) ? undefined : values.map(toText).join('\u0000');

function grouped(rows: Iterable<Row>, keyOf: (row: Row) => string | undefined): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const at = keyOf(row);
    if (at === undefined) continue;
    const group = groups.get(at);
    if (group) group.push(row);
    else groups.set(at, [row]);
  }
  return groups;
}

/** The rows of both; columns by their names. */
export function union({ withSource, leg }: Union, columns: Columns, context: Surroundings): Step {
  const other = context.relation(leg);
  const added = other.columns.filter(({ name }) => !columns.some((column) => column.name === name));
  const kept = [...columns, ...added];
  const source: Columns = withSource === undefined ? [] : [{ name: withSource, type: 'string' }];
  const from = (side: Columns, name: string) => {
    const places = kept.map((column) => side.findIndex((one) => one.name === column.name));
    return (row: Row): Row => [...(withSource === undefined ? [] : [name]), ...places.map((at) => row[at])];
  };
  const run = function* (rows: Iterable<Row>): Generator<Row> {
    const [ours, theirs] = [from(columns, 'union_arg0'), from(other.columns, 'union_arg1')];
    for (const row of rows) yield ours(row);
    for (const row of other.rows()) yield theirs(row);
  };
  return { columns: [...source, ...kept], run };
}
