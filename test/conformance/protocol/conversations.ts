import {
  type ConversationCheck,
  isObject,
  isResourceGraph,
  isTerminal,
  resourcesOf,
  type Seen,
  stateOf,
} from './checks';
import { isStatus } from './operations';
import { rowsOf } from './paging';

/** What an operation works on, and how far both were when last asked. */
interface Work {
  readonly resource: string;
  readonly verb: string;
  operation?: string;
  state?: string;
}

const pathOf = (url: string) => new URL(url).pathname.toLowerCase();
const changes = ['PUT', 'PATCH', 'POST', 'DELETE'];

function announced(exchanges: readonly Seen[]): string[] {
  const given = new Set<string>();
  const wrong: string[] = [];
  for (const exchange of exchanges) {
    if (exchange.kind === 'operation' && !given.has(exchange.url)) wrong.push(`${exchange.url} was not announced`);
    for (const name of ['azure-asyncoperation', 'location']) {
      const url = exchange.header(name);
      if (url) given.add(url);
    }
  }
  return wrong;
}

function oneEnd(exchanges: readonly Seen[]): string[] {
  const last = new Map<string, string>();
  return exchanges.filter(isStatus).flatMap(({ url, body }) => {
    const [path, status] = [pathOf(url), String(body['status'])];
    const before = last.get(path);
    last.set(path, status);
    return isTerminal(before) && before !== status ? [`${path} was ${before} and is ${status}`] : [];
  });
}

/** A resource is at its end when its operation is, not sooner and not later. */
function together(exchanges: readonly Seen[]): string[] {
  const works = new Map<string, Work>();
  const latest = new Map<string, Work>();
  const wrong: string[] = [];
  for (const exchange of exchanges) {
    const resource = pathOf(exchange.url);
    const url = exchange.header('azure-asyncoperation');
    if (changes.includes(exchange.method) && exchange.status < 300) {
      latest.delete(resource);
      const work: Work = { resource, verb: exchange.method };
      if (url && (exchange.method === 'PUT' || exchange.method === 'PATCH')) {
        works.set(pathOf(url), work);
        latest.set(resource, work);
      }
    } else if (isStatus(exchange)) {
      const work = works.get(resource);
      if (!work || latest.get(work.resource) !== work) continue;
      work.operation = String(exchange.body['status']);
      if (isTerminal(work.state) && !isTerminal(work.operation)) {
        wrong.push(`${work.resource} is ${work.state} while its operation is ${work.operation}`);
      }
    } else if (exchange.method === 'GET' && exchange.status === 200) {
      const work = latest.get(resource);
      const state = stateOf(exchange.body);
      if (!work || !state) continue;
      work.state = state;
      const over = isTerminal(work.operation);
      if (over && work.operation !== state) wrong.push(`${resource} is ${state} after its operation ${work.operation}`);
    }
  }
  return wrong;
}

const isNextPage = ({ method, at }: Seen) =>
  method === 'GET' && [...at.searchParams.keys()].some((name) => /^\$?skiptoken$/i.test(name));

function nextPages(exchanges: readonly Seen[]): string[] {
  const given = new Map<string, Set<string>>();
  const wrong: string[] = [];
  for (const exchange of exchanges) {
    const ids = resourcesOf(exchange).map(({ id }) => String(id).toLowerCase());
    const before = given.get(exchange.url) ?? new Set<string>();
    if (isNextPage(exchange) && !given.has(exchange.url)) wrong.push(`${exchange.url} was not given as a nextLink`);
    wrong.push(...ids.filter((id) => before.has(id)).map((id) => `${id} is on two pages`));
    const { nextLink } = exchange.body;
    if (typeof nextLink === 'string') given.set(nextLink, new Set([...before, ...ids]));
  }
  return wrong;
}

interface Chain {
  readonly query: string;
  readonly rows: ReadonlySet<string>;
  /** Rows up to the end of the page, those that were skipped among them. */
  readonly seen: number;
}

function graphPages(exchanges: readonly Seen[]): string[] {
  const given = new Map<string, Chain>();
  const wrong: string[] = [];
  for (const exchange of exchanges.filter((e) => isResourceGraph(e) && e.status === 200)) {
    const asked = isObject(exchange.requestBody) ? exchange.requestBody : {};
    const options = isObject(asked['options']) ? asked['options'] : {};
    const [query, token] = [String(asked['query']), options['$skipToken']];
    const chain = typeof token === 'string' ? given.get(token) : undefined;
    if (token !== undefined && !chain) wrong.push('a $skipToken that was not given');
    if (chain && chain.query !== query) wrong.push('a $skipToken of another query');
    const { data, $skipToken, totalRecords, resultTruncated } = exchange.body;
    const ids = (Array.isArray(data) ? data : []).flatMap((row) =>
      isObject(row) && row['id'] ? [String(row['id'])] : [],
    );
    wrong.push(...ids.filter((id) => chain?.rows.has(id)).map((id) => `the row ${id} is on two pages`));
    const seen = (chain?.seen ?? Number(options['$skip'] ?? 0)) + (rowsOf(data) ?? 0);
    if (typeof $skipToken === 'string')
      given.set($skipToken, { query, rows: new Set([...(chain?.rows ?? []), ...ids]), seen });
    else if (resultTruncated === 'false' && seen < Number(totalRecords))
      wrong.push(`totalRecords is ${totalRecords}, and the last page ends at ${seen}`);
  }
  return wrong;
}

function newIds(exchanges: readonly Seen[]): string[] {
  const given = new Set<string>();
  return exchanges.flatMap(({ header }) => {
    const id = header('x-ms-request-id');
    if (id === undefined) return [];
    const again = given.has(id);
    given.add(id);
    return again ? [`x-ms-request-id ${id} was given twice`] : [];
  });
}

/**
 * Not here: whether a client waits as long as a Retry-After told it. What the sandbox logs is the world's time, which runs
 * faster than the machine's; test/services/azure-http.test.ts shows the waiting.
 */
export const conversationChecks: readonly ConversationCheck[] = [
  {
    name: 'operations are announced before they are asked',
    why: 'the address is signed: nobody can make it up',
    check: announced,
  },
  { name: 'operations end once', why: 'recordings: InProgress, then one end that stays', check: oneEnd },
  {
    name: 'resources end with their operations',
    why: 'recordings: provisioningState is Creating or Updating until the operation is over',
    check: together,
  },
  { name: 'next pages are asked as given', why: 'specifications: nextLink is the whole address', check: nextPages },
  { name: 'pages of Resource Graph belong together', why: 'documentation of $skipToken', check: graphPages },
  { name: 'request ids are new', why: 'ARM: one for each request', check: newIds },
];
