import { type Aggregation, aggregate } from './aggregates';
import type { Assignment, Operator } from './ast';
import { compile, type Evaluate } from './compile';
import type { Context } from './definition';
import type { Step } from './joins';
import { implicitName, Names } from './names';
import type { Columns } from './schema';
import { mustBeScalar, typeOf } from './types';
import { isNull, type Row, toText, type Value } from './values';

type Summarize = Extract<Operator, { kind: 'summarize' }>;

export interface Summarizing extends Step {
  /** It keeps only plain values of the rows it was given, so the rows may be reused. */
  readonly lets: boolean;
}

/**
 * `clustered`: whether rows with equal values of this group key come together; then a group is emitted as soon as it is
 * complete, and millions of groups need no memory.
 * @throws KqlError for aggregates that do not exist and groups that Kusto cannot make.
 */
export function summarize(
  { aggregates, by }: Summarize,
  columns: Columns,
  context: Context,
  clustered: (key: Assignment) => boolean = () => false,
): Summarizing {
  const names = new Names();
  const groups = by.map((assignment) => {
    mustBeScalar(assignment.value, columns, 'A summarize group key');
    const name = assignment.name === undefined ? names.free(implicitName(assignment.value)) : names.of(assignment);
    const column = { name, type: typeOf(assignment.value, columns) };
    return { column, of: compile(assignment.value, columns, context) };
  });
  const aggregations = aggregates.map((assignment) => aggregate(assignment, columns, context, names));
  const grouping: Grouping = {
    keys: groups.map(({ of }) => of),
    aggregations,
    cluster: by.findIndex(clustered),
  };
  const made = aggregations.flatMap((aggregation) => aggregation.columns);
  return {
    columns: [...groups.map(({ column }) => column), ...made],
    run: (rows) => grouped(rows, grouping),
    lets: aggregations.every(({ lets }) => lets),
  };
}

interface Grouping {
  readonly keys: readonly Evaluate[];
  readonly aggregations: readonly Aggregation[];
  /** The place of the key by which rows come together; less than 0 when there is none. */
  readonly cluster: number;
}

interface Group {
  readonly head: readonly Value[];
  readonly collected: unknown[];
}

function* grouped(rows: Iterable<Row>, { keys, aggregations, cluster }: Grouping): Generator<Row> {
  const accumulators = aggregations.map(({ accumulator }) => accumulator);
  const start = (head: readonly Value[]): Group => ({ head, collected: accumulators.map((a) => a.start()) });
  // Groups that end with the table, and those that end when the next cluster begins. Rows without a value of the
  // cluster's key do not come together.
  const lasting = new Map<unknown, Group>();
  const passing = new Map<unknown, Group>();
  if (keys.length === 0) lasting.set('', start([]));
  const head: Value[] = keys.map(() => undefined);
  let current: Value;
  for (const row of rows) {
    for (let n = 0; n < keys.length; n += 1) head[n] = (keys[n] as Evaluate)(row);
    const at = cluster < 0 ? undefined : head[cluster];
    const lasts = isNull(at) || at === '';
    if (!lasts && at !== current) {
      for (const group of passing.values()) yield rowOf(group, aggregations);
      passing.clear();
      current = at;
    }
    const groups = lasts ? lasting : passing;
    const name = keyOf(head, lasts ? -1 : cluster);
    let group = groups.get(name);
    if (!group) {
      group = start(head.slice());
      groups.set(name, group);
    }
    for (let n = 0; n < accumulators.length; n += 1) accumulators[n]?.add(group.collected, n, row);
  }
  for (const group of passing.values()) yield rowOf(group, aggregations);
  for (const group of lasting.values()) yield rowOf(group, aggregations);
}

function rowOf({ head, collected }: Group, aggregations: readonly Aggregation[]): Row {
  const row = head.slice();
  for (let n = 0; n < aggregations.length; n += 1) {
    for (const value of aggregations[n]?.accumulator.values(collected[n]) ?? []) row.push(value);
  }
  return row;
}

/** Equal values have equal keys: a text is its own, and differs from a number that is written like it. */
function keyOf(values: readonly Value[], without = -1): unknown {
  let name: string | undefined;
  for (let n = 0; n < values.length; n += 1) {
    if (n === without) continue;
    const value = values[n];
    const part = typeof value === 'string' ? value : `\u0001${typeof value}${toText(value)}`;
    name = name === undefined ? part : `${name}\u0000${part}`;
  }
  return name ?? '';
}
