import { createHash } from 'node:crypto';
import type { Json } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { KqlError } from './kql/errors';
import { parse } from './kql/parser';
import { onlyTypes, type Plan, plan } from './kql/plan';
import { type Row, toJson } from './kql/values';
import { type Table, tableNamed } from './tables';

export interface GraphQuery {
  readonly query: string;
  readonly top: number;
  readonly skip: number;
  readonly skipToken?: string;
  /** Lower-case ids; all of the tenant's when absent. */
  readonly subscriptions?: ReadonlySet<string>;
  readonly table: boolean;
}

export interface GraphAnswer {
  [key: string]: Json;
}

interface Token {
  /** Of the query and its scope: a token serves no other. */
  readonly of: string;
  readonly total: number;
  /** Rows that were already answered. */
  readonly seen: number;
  /** Where in the table to go on, when the query streams. */
  readonly place?: string;
}

/** @throws KqlError when the query or its skip token is not understood. */
export function answer(world: World, asked: GraphQuery): GraphAnswer {
  const query = parse(asked.query);
  const wanted = (id: string) => !asked.subscriptions || asked.subscriptions.has(id);
  const table = tableNamed(world, { name: query.table, wanted, types: onlyTypes(query) });
  if (!table) {
    const message = `Table ${query.table} is invalid, unsupported or disabled.`;
    throw new KqlError({ code: 'DisallowedLogicalTableName', message });
  }
  const planned = plan(query, table.columns, { nowMs: world.clock.nowMs() });
  const token = readToken(asked);
  const page = planned.streams ? streamed(table, planned, asked, token) : whole(table, planned, asked, token);
  const pages = !planned.limited && planned.columns.includes('id');
  const more = page.seen < page.total;
  const next: Token = {
    of: fingerprint(asked),
    total: page.total,
    seen: page.seen,
    ...(page.place !== undefined && { place: page.place }),
  };
  return {
    totalRecords: page.total,
    count: page.rows.length,
    resultTruncated: more && !pages ? 'true' : 'false',
    ...(more && pages && { $skipToken: Buffer.from(JSON.stringify(next)).toString('base64') }),
    facets: [],
    data: asked.table ? asTable(planned, page.rows) : asObjects(planned, page.rows),
  };
}

interface Page {
  readonly rows: Row[];
  readonly total: number;
  readonly seen: number;
  readonly place?: string;
}

/** The first page counts everything; the next ones begin where the last one ended. */
function streamed(table: Table, planned: Plan, asked: GraphQuery, token: Token | undefined): Page {
  const rows: Row[] = [];
  const skip = token ? 0 : asked.skip;
  let [seen, place, last] = [0, '', token?.place ?? ''];
  const tracked = function* (): Generator<Row> {
    for (const [at, row] of table.rows(token?.place ?? '')) {
      place = at;
      yield row;
    }
  };
  for (const row of planned.select(tracked())) {
    seen += 1;
    if (seen <= skip) continue;
    if (rows.length < asked.top) {
      rows.push(...planned.shape([row]));
      last = place;
    } else if (token) break;
  }
  const total = token?.total ?? seen;
  return { rows, total, seen: (token?.seen ?? Math.min(skip, total)) + rows.length, place: last };
}

function whole(table: Table, planned: Plan, asked: GraphQuery, token: Token | undefined): Page {
  const source = function* (): Generator<Row> {
    for (const [, row] of table.rows('')) yield row;
  };
  const all = Array.from(planned.run(source()));
  const from = token?.seen ?? asked.skip;
  const rows = all.slice(from, from + asked.top);
  return { rows, total: all.length, seen: Math.min(all.length, from + rows.length) };
}

function readToken(asked: GraphQuery): Token | undefined {
  if (asked.skipToken === undefined) return undefined;
  try {
    const token = JSON.parse(Buffer.from(asked.skipToken, 'base64').toString('utf8')) as Token;
    if (token.of === fingerprint(asked)) return token;
  } catch {
    // Fall through: a token that cannot be read is as wrong as one of another query.
  }
  throw new KqlError({ code: 'InvalidSkipToken', message: 'The skip token is invalid for this query.' });
}

function fingerprint({ query, subscriptions }: GraphQuery): string {
  const scope = subscriptions ? [...subscriptions].sort().join(',') : '*';
  return createHash('sha256').update(`${query}\u0000${scope}`).digest('hex').slice(0, 16);
}

function asObjects({ columns }: Plan, rows: readonly Row[]): Json[] {
  return rows.map((row) => Object.fromEntries(columns.map((name, n) => [name, toJson(row[n])])));
}

function asTable({ columns }: Plan, rows: readonly Row[]): Json {
  const type = (n: number): string => {
    const sample = rows.find((row) => row[n] !== null && row[n] !== undefined)?.[n];
    if (sample instanceof Date) return 'datetime';
    if (typeof sample === 'number') return 'integer';
    return sample === undefined || typeof sample === 'string' ? 'string' : typeof sample;
  };
  return {
    columns: columns.map((name, n) => ({ name, type: type(n) })),
    rows: rows.map((row) => columns.map((_, n) => toJson(row[n]))),
  };
}
