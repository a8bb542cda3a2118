import { type Check, isCompute, isPolicyQuery, isResourceGraph, type Seen } from './checks';
import { quotaNames } from './quotas';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const routing = /^[A-Z0-9]+:\d{8}T\d{6}Z:[0-9a-f-]{36}$/;

type Kind = 'reads' | 'writes' | 'deletes';

/** Queries are reads although they are POSTs. */
function kindOf(exchange: Seen): Kind {
  if (['GET', 'HEAD'].includes(exchange.method) || isResourceGraph(exchange) || isPolicyQuery(exchange)) return 'reads';
  return exchange.method === 'DELETE' ? 'deletes' : 'writes';
}

function remaining(exchange: Seen, kinds: readonly Kind[]): readonly string[] {
  const kind = kindOf(exchange);
  if (!kinds.includes(kind) || exchange.status === 429) return [];
  const scope = /^\/subscriptions\//i.test(exchange.at.pathname) ? 'subscription' : 'tenant';
  const prefix = 'x-ms-ratelimit-remaining';
  const name = `${prefix}-${scope}-${kind}`;
  const given = exchange.header(name);
  const others = ['reads', 'writes', 'deletes'].filter((other) => other !== kind);
  const wrong = others.filter((other) => exchange.header(`${prefix}-${scope}-${other}`) !== undefined);
  return [
    ...(/^\d+$/.test(given ?? '') ? [] : [`${name} is ${given ?? 'missing'}`]),
    ...wrong.map((other) => `${prefix}-${scope}-${other} on an answer of ${kind}`),
  ];
}

export const headerChecks: readonly Check[] = [
  {
    name: 'request ids',
    why: 'documentation of ARM (request-limits-and-throttling, control plane headers): every answer has all three',
    check: ({ header }) => [
      ...['x-ms-request-id', 'x-ms-correlation-request-id']
        .filter((name) => !guid.test(header(name) ?? ''))
        .map((name) => `${name} is ${header(name) ?? 'missing'}`),
      ...(routing.test(header('x-ms-routing-request-id') ?? '')
        ? []
        : ['x-ms-routing-request-id is not REGION:yyyymmddThhmmssZ:guid']),
    ],
  },
  {
    name: 'remaining reads',
    why: "facts 9: GETs count as reads, and so do Resource Graph's POSTs (tenant-reads in a pasted real answer)",
    check: (exchange) => remaining(exchange, ['reads']),
  },
  {
    name: 'remaining writes and deletes',
    why: 'recordings: every PUT, PATCH, POST and DELETE',
    check: (exchange) => (isPolicyQuery(exchange) ? [] : remaining(exchange, ['writes', 'deletes'])),
  },
  {
    name: 'remaining of all callers',
    why: 'recordings since August 2024: beside the own bucket that of the whole subscription',
    check: (exchange) => {
      const { at, status, header } = exchange;
      if (!/^\/subscriptions\//i.test(at.pathname) || status === 429 || isPolicyQuery(exchange)) return [];
      const name = `x-ms-ratelimit-remaining-subscription-global-${kindOf(exchange)}`;
      return /^\d+$/.test(header(name) ?? '') ? [] : [`${name} is ${header(name) ?? 'missing'}`];
    },
  },
  {
    name: 'quota of the resource provider',
    why: 'recordings: every answer of Microsoft.Compute that is no error, with the names of its policies',
    check: (exchange) => {
      if (!isCompute(exchange) || exchange.status >= 400) return [];
      const quota = exchange.header('x-ms-ratelimit-remaining-resource');
      const policies = (quota ?? '').split(',').map((policy) => /^Microsoft\.Compute\/(\w+);\d+$/.exec(policy)?.[1]);
      if (policies.includes(undefined)) return [`x-ms-ratelimit-remaining-resource is ${quota ?? 'missing'}`];
      const recorded = quotaNames(exchange);
      const same = !recorded || recorded.some((names) => [...names].sort().join() === [...policies].sort().join());
      return same
        ? []
        : [`x-ms-ratelimit-remaining-resource counts ${policies}, recorded are ${recorded.join(' or ')}`];
    },
  },
  {
    name: 'quota of Resource Graph',
    why: 'documentation (guidance-for-throttled-requests): every answer of a query',
    check: (exchange) => {
      if (!isResourceGraph(exchange)) return [];
      const formats = { 'x-ms-user-quota-remaining': /^\d+$/, 'x-ms-user-quota-resets-after': /^\d\d:\d\d:\d\d$/ };
      return Object.entries(formats)
        .filter(([name, format]) => !format.test(exchange.header(name) ?? ''))
        .map(([name]) => `${name} is ${exchange.header(name) ?? 'missing'}`);
    },
  },
  {
    name: 'Retry-After',
    why: 'documentation: every 429; without it the clients do not try again',
    check: ({ status, header }) =>
      status === 429 && !/^\d+$/.test(header('retry-after') ?? '')
        ? [`retry-after of a 429 is ${header('retry-after') ?? 'missing'}`]
        : [],
  },
];
