import { UserError } from '../../core/errors';
import type { ReadContext } from '../azure';
import type { Query } from './kql';

/** The most rows that a page of Resource Graph holds. */
const pageRows = 1000;

export interface Answer<Row> {
  readonly rows: readonly Row[];
  /** Azure left rows out: too many subscriptions, or a truncated page without a continuation. */
  readonly partial: boolean;
}

/** What a query returned, and what is missing from it. */
export interface Pages<Row> {
  readonly rows: readonly Row[];
  /** Rows that Azure has for it, whether they were read or not. */
  readonly total: number;
  /** Azure searched only some of the subscriptions. */
  readonly overLimit: boolean;
  /** Azure has more rows but does not return them. */
  readonly truncated: boolean;
}

type Graph = Pick<ReadContext, 'resourceGraph'>;

/** Runs a query to its last page. Each page is one request against a quota of about 15 in 5 seconds. */
export async function runQuery<Row>(azure: Graph, query: Query<Row>): Promise<Answer<Row>> {
  const { rows, overLimit, truncated } = await readPages(azure, query);
  return { rows, partial: overLimit || truncated };
}

/** Reads at most `limit` rows, all when absent, and keeps them. */
export async function readPages<Row>(azure: Graph, query: Query<Row>, limit = Infinity): Promise<Pages<Row>> {
  const rows: Row[] = [];
  let [overLimit, truncated, total] = [false, false, 0];
  for await (const page of eachPage(azure, query, limit)) {
    rows.push(...page.rows);
    overLimit ||= page.overLimit;
    ({ truncated, total } = page);
  }
  const short = rows.length < Math.min(limit, total);
  return { rows: rows.slice(0, limit), total, overLimit, truncated: short || (truncated && rows.length < limit) };
}

/**
 * Page by page, for callers that do not keep the rows. Queries must order their rows completely: where Azure gives no
 * continuation token (none is documented for summarized rows), the next page is asked for by its position.
 */
export async function* eachPage<Row>(azure: Graph, query: Query<Row>, limit = Infinity): AsyncGenerator<Pages<Row>> {
  let start: Start | undefined = {};
  let read = 0;
  while (start) {
    const { skipToken, ...page }: Awaited<ReturnType<typeof readPage<Row>>> = await readPage(
      azure,
      query,
      start,
      Math.min(pageRows, Math.max(limit - read, 1)),
    );
    read += page.rows.length;
    yield page;
    if (skipToken && read < limit) start = { skipToken };
    else start = read < Math.min(limit, page.total) && page.rows.length > 0 ? { skip: read } : undefined;
  }
}

/** Where a page begins: at the beginning when neither is given. */
interface Start {
  readonly skipToken?: string;
  readonly skip?: number;
}

async function readPage<Row>(azure: Graph, { kql, read }: Query<Row>, start: Start, top: number) {
  let overLimit = false;
  const { data, totalRecords, skipToken, resultTruncated } = await azure
    .resourceGraph()
    .resources(
      { query: kql, options: { resultFormat: 'objectArray', top, ...start } },
      { onResponse: ({ headers }) => (overLimit = headers.get('x-ms-tenant-subscription-limit-hit') === 'true') },
    );
  return {
    rows: (data as Record<string, unknown>[]).map(read),
    total: totalRecords,
    overLimit,
    truncated: resultTruncated === 'true',
    ...(skipToken && { skipToken }),
  };
}

/** All rows, or an error: a part would pass for the whole. */
export async function whole<Row>(azure: ReadContext, query: Query<Row>): Promise<readonly Row[]> {
  const { rows, partial } = await runQuery(azure, query);
  if (!partial) return rows;
  throw onlyPart(query.name, rows.length);
}

export function onlyPart(query: string, rows: number): UserError {
  return new UserError('AZ_UNAVAILABLE', `Resource Graph answered only part of the question (${query}).`, {
    hint: 'Try again in a few minutes; if it persists, let goldbot see fewer subscriptions.',
    facts: { query, rows },
  });
}
