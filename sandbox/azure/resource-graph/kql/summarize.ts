import { aggregate } from './aggregates';
import type { Operator } from './ast';
import { compile } from './compile';
import type { Context } from './definition';
import type { Step } from './joins';
import { implicitName, Names } from './names';
import type { Columns } from './schema';
import { mustBeScalar, typeOf } from './types';
import { type Row, toText, type Value } from './values';

type Summarize = Extract<Operator, { kind: 'summarize' }>;

/** @throws KqlError for aggregates that are not there and groups that Kusto cannot make. */
export function summarize({ aggregates, by }: Summarize, columns: Columns, context: Context): Step {
  const names = new Names();
  const groups = by.map((assignment) => {
    mustBeScalar(assignment.value, columns, 'A summarize group key');
    const name = assignment.name === undefined ? names.free(implicitName(assignment.value)) : names.of(assignment);
    const column = { name, type: typeOf(assignment.value, columns) };
    return { column, of: compile(assignment.value, columns, context) };
  });
  const aggregations = aggregates.map((assignment) => aggregate(assignment, columns, context, names));
  const start = () => aggregations.map(({ make }) => make());
  const run = function* (rows: Iterable<Row>): Generator<Row> {
    const found = new Map<string, { head: Value[]; parts: ReturnType<typeof start> }>();
    if (by.length === 0) found.set('', { head: [], parts: start() });
    for (const row of rows) {
      const head = groups.map(({ of }) => of(row));
      const name = keyOf(head);
      const group = found.get(name) ?? { head, parts: start() };
      found.set(name, group);
      for (const part of group.parts) part.add(row);
    }
    for (const { head, parts } of found.values()) yield [...head, ...parts.flatMap((part) => part.values())];
  };
  const made = aggregations.flatMap((aggregation) => aggregation.columns);
  return { columns: [...groups.map(({ column }) => column), ...made], run };
}

/** Equal values have equal keys. */
export const keyOf = (values: readonly Value[]): string =>
  values.map((value) => `${typeof value}${toText(value)}`).join('\u0000');
