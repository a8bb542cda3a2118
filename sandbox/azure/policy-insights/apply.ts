import type { Json } from '../../kernel/types';
import type { JsonObject } from '../compute/resource';
import { disjunction, fieldNamed, ODataError, order, type Test, Tokens } from './odata';

/** Records in, records out. `fields`: the names, in lower case, that records have afterwards. */
export interface Transformation {
  readonly fields: ReadonlySet<string>;
  readonly run: (records: Iterable<JsonObject>) => Iterable<JsonObject>;
}

/**
 * Reads an `$apply`: `filter(…)`, `groupby((…))`, `groupby((…), aggregate(…))` and `aggregate(…)`, one after another.
 * Aggregates are `$count as n` and `field with sum|min|max|average|countdistinct as n`.
 * @throws ODataError for everything else.
 */
export function applyOf(source: string, fields: ReadonlySet<string>): Transformation {
  const all = new Tokens(source);
  let done: Transformation = { fields, run: (records) => records };
  do {
    const before = done;
    const next = step(all, before.fields);
    done = { fields: next.fields, run: (records) => next.run(before.run(records)) };
  } while (all.skip('/'));
  all.end();
  return done;
}

function step(all: Tokens, fields: ReadonlySet<string>): Transformation {
  const name = all.take().toLowerCase();
  all.expect('(');
  switch (name) {
    case 'filter': {
      const test = disjunction(all, fields);
      all.expect(')');
      return { fields, run: (records) => kept(records, test) };
    }
    case 'groupby': {
      const by = names(all, fields);
      const aggregates = all.skip(',') ? aggregation(all, fields) : [];
      all.expect(')');
      return grouped(by, aggregates);
    }
    case 'aggregate': {
      const aggregates = aggregateList(all, fields);
      all.expect(')');
      return grouped([], aggregates);
    }
    default:
      throw new ODataError(`The transformation '${name}' is not supported.`);
  }
}

function* kept(records: Iterable<JsonObject>, test: Test): Generator<JsonObject> {
  for (const record of records) if (test(record)) yield record;
}

function names(all: Tokens, fields: ReadonlySet<string>): string[] {
  all.expect('(');
  const found: string[] = [];
  do found.push(known(all.take(), fields));
  while (all.skip(','));
  all.expect(')');
  return found;
}

function known(name: string, fields: ReadonlySet<string>): string {
  if (fields.has(name.toLowerCase())) return name;
  throw new ODataError(`Could not find a property named '${name}' on type 'Microsoft.PolicyInsights.PolicyState'.`);
}

interface Aggregate {
  readonly as: string;
  readonly of: (records: readonly JsonObject[]) => Json;
}

function aggregation(all: Tokens, fields: ReadonlySet<string>): Aggregate[] {
  all.expect('aggregate');
  all.expect('(');
  const aggregates = aggregateList(all, fields);
  all.expect(')');
  return aggregates;
}

function aggregateList(all: Tokens, fields: ReadonlySet<string>): Aggregate[] {
  const found: Aggregate[] = [];
  do found.push(aggregate(all, fields));
  while (all.skip(','));
  return found;
}

const methods: Readonly<Record<string, (values: readonly Json[]) => Json>> = {
  sum: (values) => values.reduce<number>((sum, value) => sum + Number(value), 0),
  average: (values) => values.reduce<number>((sum, value) => sum + Number(value), 0) / Math.max(values.length, 1),
  min: (values) => values.reduce<Json>((a, b) => (a === null || order(b, a) < 0 ? b : a), null),
  max: (values) => values.reduce<Json>((a, b) => (a === null || order(b, a) > 0 ? b : a), null),
  countdistinct: (values) => new Set(values.map(String)).size,
};

function aggregate(all: Tokens, fields: ReadonlySet<string>): Aggregate {
  if (all.skip('$count')) {
    all.expect('as');
    return { as: all.take(), of: (records) => records.length };
  }
  const name = known(all.take(), fields);
  all.expect('with');
  const method = methods[all.take().toLowerCase()];
  if (!method) return all.fail();
  all.expect('as');
  return { as: all.take(), of: (records) => method(records.map((record) => fieldNamed(record, name) ?? null)) };
}

function grouped(by: readonly string[], aggregates: readonly Aggregate[]): Transformation {
  const run = function* (records: Iterable<JsonObject>): Generator<JsonObject> {
    const groups = new Map<string, { head: JsonObject; members: JsonObject[] }>();
    if (by.length === 0) groups.set('', { head: {}, members: [] });
    for (const record of records) {
      const head = Object.fromEntries(by.map((name) => [name, fieldNamed(record, name) ?? null]));
      const name = by.length === 0 ? '' : JSON.stringify(head);
      const group = groups.get(name) ?? { head, members: [] };
      groups.set(name, group);
      group.members.push(record);
    }
    for (const { head, members } of groups.values()) {
      yield { ...head, ...Object.fromEntries(aggregates.map(({ as, of }) => [as, of(members)])) };
    }
  };
  return { fields: new Set([...by, ...aggregates.map(({ as }) => as)].map((name) => name.toLowerCase())), run };
}
