import { createHash } from 'node:crypto';
import type { Json } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { type FacetRequest, facet, type Result } from './facets';
import type { Query } from './kql/ast';
import { KqlError } from './kql/errors';
import type { Relation } from './kql/joins';
import { mustBeModest } from './kql/limits';
import { parse } from './kql/parser';
import { onlyTypes, type Plan, plan } from './kql/plan';
import type { Columns, Type } from './kql/schema';
import { type Row, toJson } from './kql/values';
import { type Table, tableNamed } from './tables';
import { mustBeLight } from './weight';

export interface GraphQuery {
  readonly query: string;
  readonly top: number;
  readonly skip: number;
  readonly skipToken?: string;
  /** Lower-case ids; all of the tenant's when absent. */
  readonly subscriptions?: ReadonlySet<string>;
  /** Decides by lower-case id and type what the caller may see; everything when absent. */
  readonly readable?: (id: string, type: string) => boolean;
  readonly table: boolean;
  readonly facets: readonly FacetRequest[];
}

export interface GraphAnswer {
  [key: string]: Json;
}

interface Token {
  /** Of the query and its scope: a token is valid for no other. */
  readonly of: string;
  readonly total: number;
  /** Rows that were already answered. */
  readonly seen: number;
  /** Where in the table to continue, when the query streams. */
  readonly place?: string;
}

/** @throws KqlError when the query or its skip token is not understood. */
export function answer(world: World, asked: GraphQuery): GraphAnswer {
  const query = parse(asked.query);
  mustBeModest(query);
  const opened = (one: Query): { table: Table; planned: Plan } => {
    const table = open(world, one, asked);
    return { table, planned: plan(one, table.columns, { nowMs: world.clock.nowMs(), relation }, table.together) };
  };
  const relation = (one: Query): Relation => {
    const { table, planned } = opened(one);
    return { columns: planned.columns, rows: () => planned.run(rowsOf(table, planned)) };
  };
  const show = asked.table ? asTable : asObjects;
  const faceting = (columns: Columns) => ({
    query: asked.query,
    columns,
    run: (kql: string) => {
      const { columns: found, rows } = relation(parse(kql));
      return { columns: found, rows: [...rows()] };
    },
    show,
  });
  const { table, planned } = opened(query);
  const token = readToken(asked);
  const page = planned.streams ? streamed(table, planned, asked, token) : whole(table, planned, asked, token);
  const pages = !planned.limited && planned.columns.some(({ name }) => name === 'id');
  const more = page.seen < page.total;
  const next: Token = {
    of: fingerprint(asked),
    total: page.total,
    seen: page.seen,
    ...(page.place !== undefined && { place: page.place }),
  };
  const data = show({ columns: planned.columns, rows: page.rows });
  mustBeLight(data);
  return {
    totalRecords: page.total,
    count: page.rows.length,
    resultTruncated: more && !pages ? 'true' : 'false',
    ...(more && pages && { $skipToken: Buffer.from(JSON.stringify(next)).toString('base64') }),
    facets: asked.facets.map((request) => facet(request, faceting(planned.columns))),
    data,
  };
}

/** Tables of Resource Graph about what this Azure does not have. */
const elsewhere: ReadonlySet<string> = new Set(
  'advisorresources alertsmanagementresources appserviceresources awsresources batchresources chaosresources communitygalleryresources desktopvirtualizationresources dnsresources edgeorderresources elasticsanresources extendedlocationresources extensibilityresources featureresources healthresources healthresourcechanges impactreportresources iotsecurityresources kubernetesconfigurationresources kustoresources maintenanceresources managedservicesresources migrateresources networkresources orbitalresources patchassessmentresources patchinstallationresources quotaresources recoveryservicesresources resourcechanges resourcecontainerchanges securityresources servicefabricresources servicehealthresources spotresources supportresources tagsresources'.split(
    ' ',
  ),
);

/** @throws KqlError when there is no such table. */
function open(world: World, query: Query, { subscriptions, readable }: GraphQuery): Table {
  const wanted = (id: string) => !subscriptions || subscriptions.has(id);
  const table = tableNamed(world, { name: query.table, wanted, types: onlyTypes(query) });
  if (table) return readable ? seen(table, readable) : table;
  const message = elsewhere.has(query.table.toLowerCase())
    ? `Table ${query.table} is not in this sandbox; Azure Resource Graph has it.`
    : `Table ${query.table} is invalid, unsupported or disallowed.`;
  throw new KqlError({ code: 'DisallowedLogicalTableName', message });
}

/** Of a table, what the caller may read. */
function seen({ rows, oneRow, ...table }: Table, readable: NonNullable<GraphQuery['readable']>): Table {
  const [idAt, typeAt] = ['id', 'type'].map((wanted) => table.columns.findIndex(({ name }) => name === wanted));
  const isSeen = (row: Row) => readable(String(row[idAt ?? 0]).toLowerCase(), String(row[typeAt ?? 0]).toLowerCase());
  return {
    ...table,
    rows: function* (after) {
      for (const found of rows(after)) if (isSeen(found[1])) yield found;
    },
    ...(oneRow && {
      oneRow: function* () {
        for (const row of oneRow()) if (isSeen(row)) yield row;
      },
    }),
  };
}

function rowsOf(table: Table, { lets }: Plan): Iterable<Row> {
  return lets && table.oneRow ? table.oneRow() : allRows(table);
}

function* allRows(table: Table): Generator<Row> {
  for (const [, row] of table.rows('')) yield row;
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
  const all = Array.from(planned.run(rowsOf(table, planned)));
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
    // Fall through: a token that cannot be read is as wrong as one from another query.
  }
  throw new KqlError({ code: 'InvalidSkipToken', message: 'The skip token is invalid for this query.' });
}

function fingerprint({ query, subscriptions }: GraphQuery): string {
  const scope = subscriptions ? [...subscriptions].sort().join(',') : '*';
  return createHash('sha256').update(`${query}\u0000${scope}`).digest('hex').slice(0, 16);
}

function asObjects({ columns, rows }: Result): Json[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, n) => [name, toJson(row[n])])));
}

/** What Resource Graph's tables call the types of Kusto. */
const tableTypes: Readonly<Record<Type, string>> = {
  string: 'string',
  bool: 'boolean',
  long: 'integer',
  real: 'number',
  datetime: 'datetime',
  timespan: 'string',
  dynamic: 'object',
};

function asTable({ columns, rows }: Result): Json {
  return {
    columns: columns.map(({ name, type }) => ({ name, type: tableTypes[type] })),
    rows: rows.map((row) => columns.map((_, n) => toJson(row[n]))),
  };
}
