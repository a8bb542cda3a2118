import { isDate } from './bodies';
import {
  type Check,
  isCompute,
  isImageBuilder,
  isObject,
  isRemediation,
  isScan,
  isTerminal,
  type Seen,
  stateOf,
} from './checks';

const guid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const address = new RegExp(
  `^https://management\\.azure\\.com/subscriptions/[^/?]+/providers/([^/?]+)/locations/[a-z0-9]+/(\\w+)/${guid}\\?(.+)$`,
);

/** Where a provider keeps its operations, as recorded. */
function folderOf({ type }: Seen): string | undefined {
  if (/^microsoft\.compute\/galleries/.test(type)) return 'capsOperations';
  if (/^microsoft\.compute\/(disk|snapshot)/.test(type)) return 'DiskOperations';
  if (/^microsoft\.(compute|virtualmachineimages)\//.test(type)) return 'operations';
  return undefined;
}

function addressProblems(exchange: Seen, name: 'azure-asyncoperation' | 'location'): string[] {
  const url = exchange.header(name);
  const folder = folderOf(exchange);
  if (url === undefined || !folder || exchange.kind === 'operation') return [];
  const [, provider, path, query = ''] = address.exec(url) ?? [];
  if (!provider) return [`${name} is no address of an operation: ${url}`];
  const parameters = [...new URLSearchParams(query).keys()];
  const wanted = [
    ...(isCompute(exchange) && folder !== 'capsOperations' ? ['p'] : []),
    ...(isCompute(exchange) && name === 'location' ? ['monitor'] : []),
    ...['api-version', 't', 'c', 's', 'h'],
  ];
  return [
    ...(provider.toLowerCase() === exchange.provider.toLowerCase() ? [] : [`${name} is of ${provider}`]),
    ...(path === folder ? [] : [`${name} is kept in ${path}, not ${folder}`]),
    ...(parameters.join() === wanted.join() ? [] : [`${name} has the parameters ${parameters}, not ${wanted}`]),
  ];
}

const both = (exchange: Seen) => ['azure-asyncoperation', 'location'].filter((name) => !exchange.header(name));

export const operationChecks: readonly Check[] = [
  {
    name: 'headers of a 202',
    why: 'recordings: Compute and Image Builder answer both; elsewhere one of them, or nobody could wait',
    check: (exchange) => {
      if (exchange.status !== 202) return [];
      if (exchange.kind === 'operation') return exchange.header('location') ? [] : ['a 202 without location'];
      const missing = both(exchange);
      const owed = isCompute(exchange) || isImageBuilder(exchange) ? missing : missing.length === 2 ? missing : [];
      return owed.map((name) => `a 202 without ${name}`);
    },
  },
  {
    name: 'headers of an unfinished resource',
    why: 'recordings: a PUT or PATCH that answers Creating or Updating has Azure-AsyncOperation',
    check: (exchange) => {
      const state = stateOf(exchange.body);
      if (isRemediation(exchange)) return [];
      const owes = ['PUT', 'PATCH'].includes(exchange.method) && exchange.status < 300 && state && !isTerminal(state);
      return owes && !exchange.header('azure-asyncoperation') ? [`${state} without azure-asyncoperation`] : [];
    },
  },
  {
    name: 'no operation without work',
    why: 'recordings: GETs, errors and finished answers announce no operation',
    check: (exchange) => {
      const idle =
        exchange.method === 'GET' ? exchange.status !== 202 : exchange.status >= 400 || exchange.status === 204;
      const given = ['azure-asyncoperation', 'location'].filter((name) => exchange.header(name) !== undefined);
      return idle ? given.map((name) => `${name} on a ${exchange.status} of ${exchange.method}`) : [];
    },
  },
  {
    name: 'addresses of operations',
    why: 'recordings: absolute, at the provider, with api-version and a signature; Location of Compute is monitored',
    check: (exchange) => [
      ...addressProblems(exchange, 'azure-asyncoperation'),
      ...addressProblems(exchange, 'location'),
    ],
  },
  {
    name: 'Azure-AsyncNotification',
    why: "recordings: with every operation of VMs, never with a gallery's",
    check: (exchange) => {
      const wanted = /Microsoft\.Compute\/locations\/[^/]+\/operations\//.test(
        exchange.header('azure-asyncoperation') ?? '',
      );
      const given = exchange.header('azure-asyncnotification');
      const known = wanted || /capsOperations/.test(exchange.header('azure-asyncoperation') ?? '');
      return known && given !== (wanted ? 'Enabled' : undefined)
        ? [`azure-asyncnotification is ${given ?? 'missing'}`]
        : [];
    },
  },
  {
    name: 'operation bodies',
    why: 'recordings: name, status, startTime; endTime and error only at the end',
    check: (exchange) => (isStatus(exchange) ? statusProblems(exchange) : []),
  },
];

export const isStatus = (exchange: Seen) => {
  const { kind, method, status, at } = exchange;
  return (
    kind === 'operation' && method === 'GET' && status === 200 && !at.searchParams.has('monitor') && !isScan(exchange)
  );
};

function statusProblems(exchange: Seen): string[] {
  const { body, at } = exchange;
  const id = at.pathname.split('/').at(-1) ?? '';
  const name = isImageBuilder(exchange) ? id.toUpperCase() : id;
  const { status, error } = body;
  const over = isTerminal(String(status));
  const failed = status === 'Failed' || status === 'Canceled';
  return [
    ...(body['name'] === name ? [] : [`name is ${body['name']}, not ${name}`]),
    ...(over || status === 'InProgress' ? [] : [`status is ${status}`]),
    ...(isDate(body['startTime']) ? [] : [`startTime is ${body['startTime']}`]),
    ...((over ? isDate(body['endTime']) : body['endTime'] === undefined)
      ? []
      : [`${status} with endTime ${body['endTime']}`]),
    ...((failed ? isError(error) : error === undefined) ? [] : [`${status} with error ${JSON.stringify(error)}`]),
  ];
}

const isError = (error: unknown) =>
  isObject(error) && [error['code'], error['message']].every((text) => typeof text === 'string' && text !== '');
