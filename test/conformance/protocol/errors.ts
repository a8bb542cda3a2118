import { type Check, isObject, type Seen, stateOf } from './checks';

/** Statuses of codes that mean one thing, by recordings, specifications and documentation. */
const statuses: Readonly<Record<string, readonly number[]>> = {
  AuthenticationFailed: [401],
  InvalidAuthenticationToken: [401],
  ExpiredAuthenticationToken: [401],
  AuthorizationFailed: [403],
  LinkedAuthorizationFailed: [403],
  RequestDisallowedByPolicy: [403],
  ResourceNotFound: [404],
  ResourceGroupNotFound: [404],
  ParentResourceNotFound: [404],
  NotFound: [404],
  Conflict: [409],
  PropertyChangeNotAllowed: [409],
  TooManyRequests: [429],
  SubscriptionRequestsThrottled: [429],
  RateLimiting: [429],
  OperationNotAllowed: [409],
  InvalidParameter: [400],
  InvalidRequestContent: [400],
  MissingApiVersionParameter: [400],
  InvalidApiVersionParameter: [400],
  NoRegisteredProviderFound: [400],
  BadRequest: [400],
  InternalServerError: [500],
  ServerTimeout: [503],
};

/** What a verb may answer when all is well. */
const fine: Readonly<Record<string, readonly number[]>> = {
  GET: [200],
  PUT: [200, 201, 202],
  PATCH: [200, 202],
  POST: [200, 202, 204],
  DELETE: [200, 202, 204],
};

const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '';

function detailProblems(details: unknown): string[] {
  if (details === undefined) return [];
  if (!Array.isArray(details)) return ['error.details is not a list'];
  return details.flatMap((detail, i) =>
    isObject(detail) && isText(detail['code']) ? [] : [`error.details/${i} has no code`],
  );
}

function errorProblems({ status, body }: Seen): string[] {
  const { error, ...more } = body;
  if (!isObject(error)) return ['the body has no error'];
  const { code, message, details } = error;
  const owed = statuses[String(code)];
  return [
    ...(isText(code) && !/\s/.test(String(code)) ? [] : [`error.code is ${JSON.stringify(code)}`]),
    ...(isText(message) ? [] : [`error.message is ${JSON.stringify(message)}`]),
    ...(owed && !owed.includes(status) ? [`${code} with status ${status}, not ${owed.join(' or ')}`] : []),
    ...Object.keys(more).map((name) => `the body of an error has ${name}`),
    ...detailProblems(details),
  ];
}

export const errorChecks: readonly Check[] = [
  {
    name: 'errors',
    why: "ARM's error response, in every specification: error.code and error.message; codes that fit the status",
    check: (exchange) => (exchange.status >= 400 ? errorProblems(exchange) : []),
  },
  {
    name: 'statuses',
    why: 'specifications: what each verb may answer; polls of a Location may also answer 202 and 204',
    check: ({ method, status, kind }) => {
      const allowed = [...(fine[method] ?? []), ...(kind === 'operation' ? [202, 204] : [])];
      return status >= 400 || allowed.includes(status) ? [] : [`${method} answers ${status}`];
    },
  },
  {
    name: 'statuses of work that goes on',
    why: 'recordings: Creating is a 201; a Location comes with a 202 only',
    check: ({ method, status, body, header }) => [
      ...(method === 'PUT' && status < 300 && stateOf(body) === 'Creating' && status !== 201
        ? [`Creating with ${status}`]
        : []),
      ...(header('location') !== undefined && status !== 202 ? [`location with ${status}`] : []),
    ],
  },
  {
    name: 'empty answers',
    why: 'recordings: a 202 of POST or DELETE and every 204 have no body',
    check: ({ method, status, responseBody }) => {
      const empty = status === 204 || (status === 202 && ['POST', 'DELETE', 'GET'].includes(method));
      return empty && responseBody !== null && responseBody !== undefined && responseBody !== ''
        ? [`a ${status} with a body`]
        : [];
    },
  },
];
