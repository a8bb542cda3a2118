import type { Expression, Operator, Query } from './ast';
import { Clusters } from './clusters';
import type { Step, Surroundings } from './joins';
import { step } from './operators';
import type { Columns } from './schema';
import { type Summarizing, summarize } from './summarize';
import type { Row } from './values';

/** A query ready to run over the rows of its table. */
export interface Plan {
  readonly columns: Columns;
  /**
   * True when each row in gives at most one row out, in the order of the table, which is that of its ids: then a page
   * can begin where the last one ended instead of at the beginning.
   */
  readonly streams: boolean;
  /** True when the query itself limits its rows: Resource Graph does not page then. */
  readonly limited: boolean;
  /** True when only plain values of a row are kept: a table may then use one row for all and change it as it goes. */
  readonly lets: boolean;
  readonly run: (rows: Iterable<Row>) => Iterable<Row>;
  /** Of a query that streams: the steps that decide whether a row counts, and those that only shape it. */
  readonly select: (rows: Iterable<Row>) => Iterable<Row>;
  readonly shape: (rows: Iterable<Row>) => Iterable<Row>;
}

/**
 * `together`: paths whose equal values follow each other in the table.
 * @throws KqlError for columns or functions that are not there.
 */
export function plan(query: Query, columns: Columns, context: Surroundings, together: readonly string[] = []): Plan {
  const steps: Step[] = [];
  const clusters = new Clusters(together);
  let names = columns;
  let [streams, idIsIntact, lets] = [true, true, false];
  for (const operator of query.operators) {
    const redundant = operator.kind === 'order' && streams && idIsIntact && isById(operator);
    const next = redundant ? untouched(names) : stepOf(operator, names, context, clusters);
    if (!redundant) streams &&= ['where', 'extend', 'project', 'projectAway'].includes(operator.kind);
    idIsIntact &&= keepsId(operator);
    clusters.follow(operator);
    lets ||= isSummarizing(next) && next.lets && steps.every(({ each }) => each !== undefined);
    names = next.columns;
    steps.push(next);
  }
  const selecting = query.operators.findLastIndex(({ kind }) => kind === 'where') + 1;
  const limited = query.operators.some(({ kind }) => kind === 'take' || kind === 'top');
  const [select, shape] = [flow(steps.slice(0, selecting), false), flow(steps.slice(selecting), false)];
  return { columns: names, streams, limited, lets, run: flow(steps, lets), select, shape };
}

const isSummarizing = (one: Step | Summarizing): one is Summarizing => 'lets' in one;

const untouched = (columns: Columns): Step => ({ columns, run: (rows) => rows });

function stepOf(operator: Operator, columns: Columns, context: Surroundings, clusters: Clusters): Step | Summarizing {
  if (operator.kind !== 'summarize') return step(operator, columns, context);
  return summarize(operator, columns, context, (key) => clusters.has(key));
}

/** Steps that are about one row each become one; when rows may be changed they are not copied. */
function flow(steps: readonly Step[], lets: boolean): (rows: Iterable<Row>) => Iterable<Row> {
  const until = steps.findIndex(({ each }) => each === undefined);
  const first = steps.slice(0, until < 0 ? steps.length : until);
  const changes = first.map(
    ({ each, eachInPlace }) => ((lets && eachInPlace) || each) as (row: Row) => Row | undefined,
  );
  const rest = steps.slice(first.length);
  return (rows) => rest.reduce((all, { run }) => run(all), changes.length === 0 ? rows : changed(rows, changes));
}

function* changed(rows: Iterable<Row>, changes: readonly ((row: Row) => Row | undefined)[]): Generator<Row> {
  for (const row of rows) {
    let now: Row | undefined = row;
    for (let n = 0; n < changes.length && now !== undefined; n += 1) now = (changes[n] as (row: Row) => Row)(now);
    if (now !== undefined) yield now;
  }
}

function isById({ orderings }: Extract<Operator, { kind: 'order' }>): boolean {
  const [ordering] = orderings;
  return orderings.length === 1 && !ordering?.descending && ordering?.by.kind === 'name' && ordering.by.name === 'id';
}

/** Whether `id` still sorts as it did: itself or in lower case (the table is in the order of lower-case ids). */
function keepsId(operator: Operator): boolean {
  if (operator.kind !== 'extend' && operator.kind !== 'project') return true;
  const id = operator.columns.find(
    ({ name, value }) => name === 'id' || (!name && value.kind === 'name' && value.name === 'id'),
  );
  return !id || isId(id.value);
}

function isId(value: Expression): boolean {
  if (value.kind === 'name') return value.name === 'id';
  return (
    value.kind === 'call' && value.name === 'tolower' && value.args.length === 1 && isId(value.args[0] as Expression)
  );
}

/** The types, in lower case, that a query's first condition lets through; undefined when it says nothing of them. */
export function onlyTypes({ operators: [first] }: Query): readonly string[] | undefined {
  return first?.kind === 'where' ? typesOf(first.condition) : undefined;
}

function typesOf(condition: Expression): readonly string[] | undefined {
  if (condition.kind === 'in' && condition.operator.startsWith('in') && isType(condition.left)) {
    return condition.list.every((item) => item.kind === 'literal') ? condition.list.map(literal) : undefined;
  }
  if (condition.kind !== 'binary') return undefined;
  const { operator, left, right } = condition;
  if (operator === 'and') return typesOf(left) ?? typesOf(right);
  return (operator === '==' || operator === '=~') && isType(left) && right.kind === 'literal'
    ? [literal(right)]
    : undefined;
}

const isType = (of: Expression): boolean => of.kind === 'name' && of.name === 'type';

const literal = (of: Expression): string => (of.kind === 'literal' ? String(of.value).toLowerCase() : '');
