import { type Check, isPolicyQuery, type Seen } from './checks';

/** api-versions that the pinned clients and goldbot itself send, by type in lower case. The first that fits counts. */
const pinned: readonly (readonly [type: RegExp, version: string])[] = [
  [/^microsoft\.compute\/galleries/, '2025-03-03'],
  [/^microsoft\.compute\/(disks|snapshots|diskencryptionsets)/, '2025-01-02'],
  [/^microsoft\.compute\/skus/, '2021-07-01'],
  [/^microsoft\.compute\//, '2026-03-01'],
  [/^microsoft\.virtualmachineimages\//, '2025-10-01'],
  [/^microsoft\.resourcegraph\/resources/, '2024-04-01'],
  [/^microsoft\.policyinsights\//, '2024-10-01'],
  [/^microsoft\.authorization\/role/, '2022-04-01'],
  [/^microsoft\.authorization\/policyexemptions/, '2022-07-01-preview'],
  [/^microsoft\.authorization\/policy/, '2025-03-01'],
  [/^microsoft\.resources\/tags/, '2025-04-01'],
  [/^microsoft\.storage\//, '2023-01-01'],
];

function requestHeader({ requestHeaders }: Seen, name: string): string | undefined {
  return Object.entries(requestHeaders).find(([given]) => given.toLowerCase() === name)?.[1];
}

const hasBody = ({ requestBody }: Seen) => requestBody !== undefined && requestBody !== null && requestBody !== '';

export const requestChecks: readonly Check[] = [
  {
    name: 'api-version',
    why: 'ARM refuses requests without; the versions are those of the pinned packages',
    check: ({ at, type, kind }) => {
      const given = at.searchParams.get('api-version');
      if (!given) return ['no api-version'];
      if (kind === 'operation') return [];
      const wanted = pinned.find(([pattern]) => pattern.test(type))?.[1];
      return wanted && wanted !== given ? [`api-version is ${given}, the client sends ${wanted}`] : [];
    },
  },
  {
    name: 'bearer token',
    why: 'ARM knows no other way in',
    check: (exchange) =>
      /^Bearer \S+$/.test(requestHeader(exchange, 'authorization') ?? '') ? [] : ['no bearer token'],
  },
  {
    name: 'content of a request',
    why: 'HTTP, and every specification: JSON with its type; nothing with GET and DELETE',
    check: (exchange) => {
      if (!hasBody(exchange)) return ['PUT', 'PATCH'].includes(exchange.method) ? ['no body'] : [];
      if (['GET', 'HEAD', 'DELETE'].includes(exchange.method)) return [`${exchange.method} with a body`];
      const type = requestHeader(exchange, 'content-type') ?? 'missing';
      return /^application\/json\b/.test(type) ? [] : [`content-type is ${type}`];
    },
  },
  {
    name: 'queries of Policy Insights',
    why: 'specification of policyStates: queryResults, summarize and their @odata.nextLink are POSTs; the client sends GET',
    check: (exchange) =>
      isPolicyQuery(exchange) && exchange.method !== 'POST' ? [`${exchange.method} on a query of Policy Insights`] : [],
  },
];

/** What holds of goldbot's own requests only, not of every client's. */
export const senderChecks: readonly Check[] = [
  {
    name: 'user agent',
    why: "services/azure/pipeline.ts: Azure's logs tell goldbot from other users of the same clients",
    check: (exchange) => {
      const agent = requestHeader(exchange, 'user-agent');
      return /^goldbot( |$)/.test(agent ?? '') ? [] : [`user-agent is ${agent ?? 'missing'}`];
    },
  },
];
