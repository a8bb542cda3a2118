import type { Json } from '../../kernel/types';
import { KqlError } from './kql/errors';
import type { Columns } from './kql/schema';
import type { Row } from './kql/values';

/** What a caller wants to have counted over the result of a query. */
export interface FacetRequest {
  readonly expression: string;
  readonly sortBy?: string;
  readonly sortOrder?: 'asc' | 'desc';
  readonly filter?: string;
  readonly top?: number;
}

/** What a query results in. */
export interface Result {
  readonly columns: Columns;
  readonly rows: readonly Row[];
}

/** How facets run queries and show their rows. */
export interface Faceting {
  readonly query: string;
  readonly columns: Columns;
  readonly run: (query: string) => Result;
  readonly show: (result: Result) => Json;
}

/** Counts the rows of a query by columns; an error in a facet is reported in it and does not spoil the answer. */
export function facet(request: FacetRequest, over: Faceting): Json {
  const { expression } = request;
  const asked = expression.split(',').map((part) => part.trim());
  const known = asked.map(columnName).filter((name) => over.columns.some((column) => column.name === name));
  const invalid = asked.filter((name) => !known.includes(columnName(name)));
  if (invalid.length > 0) {
    const none = { code: 'NoValidColumns', message: 'No valid columns in facet expression.' };
    const which = { code: 'InvalidColumnNames', message: `Invalid column names: [${invalid.join(', ')}].` };
    return failed(expression, known.length > 0 ? [which] : [none, which]);
  }
  try {
    const result = over.run(facetQuery(request, known, over));
    const data = over.show({ ...result, rows: result.rows.slice(0, request.top ?? result.rows.length) });
    const count = Math.min(request.top ?? result.rows.length, result.rows.length);
    return { expression, resultType: 'FacetResult', totalRecords: result.rows.length, count, data };
  } catch (error) {
    if (!(error instanceof KqlError)) throw error;
    return failed(expression, [{ ...error.detail }]);
  }
}

function failed(expression: string, errors: readonly Json[]): Json {
  return { expression, resultType: 'FacetError', errors: [...errors] };
}

/** `properties.osType` is called `properties_osType` where a query projected it. */
const columnName = (expression: string): string =>
  expression.replace(/\[['"]?([^'"\]]*)['"]?\]/g, '.$1').replaceAll('.', '_');

function facetQuery(request: FacetRequest, names: readonly string[], { query, columns }: Faceting): string {
  const { filter, sortBy = 'count_', sortOrder = 'desc' } = request;
  const keys = names.map((name) => {
    const dynamic = columns.find((column) => column.name === name)?.type === 'dynamic';
    return dynamic ? `['${name}'] = tostring(['${name}'])` : `['${name}']`;
  });
  return [
    query.replace(/;\s*$/, ''),
    ...(filter === undefined ? [] : [`| where ${filter}`]),
    `| summarize count() by ${keys.join(', ')}`,
    `| order by ${sortBy} ${sortOrder}`,
    `| project ${names.map((name) => `['${name}']`).join(', ')}, ['count'] = count_`,
  ].join('\n');
}
