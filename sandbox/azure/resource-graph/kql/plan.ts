import type { Expression, Operator, Query } from './ast';
import type { Step, Surroundings } from './joins';
import { step } from './operators';
import type { Columns } from './schema';
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
  readonly run: (rows: Iterable<Row>) => Iterable<Row>;
  /** Of a query that streams: the steps that decide whether a row counts, and those that only shape it. */
  readonly select: (rows: Iterable<Row>) => Iterable<Row>;
  readonly shape: (rows: Iterable<Row>) => Iterable<Row>;
}

/** @throws KqlError for columns or functions that are not there. */
export function plan(query: Query, columns: Columns, context: Surroundings): Plan {
  const steps: Step[] = [];
  let names = columns;
  let [streams, idIsIntact] = [true, true];
  for (const operator of query.operators) {
    const redundant = operator.kind === 'order' && streams && idIsIntact && isById(operator);
    const next = redundant ? { columns: names, run: (rows: Iterable<Row>) => rows } : step(operator, names, context);
    if (!redundant) streams &&= ['where', 'extend', 'project', 'projectAway'].includes(operator.kind);
    idIsIntact &&= keepsId(operator);
    names = next.columns;
    steps.push(next);
  }
  const flow = (some: readonly Step[]) => (rows: Iterable<Row>) => some.reduce((all, { run }) => run(all), rows);
  const selecting = query.operators.findLastIndex(({ kind }) => kind === 'where') + 1;
  const limited = query.operators.some(({ kind }) => kind === 'take' || kind === 'top');
  const [select, shape] = [flow(steps.slice(0, selecting)), flow(steps.slice(selecting))];
  return { columns: names, streams, limited, run: flow(steps), select, shape };
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
