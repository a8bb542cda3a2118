import Ajv, { type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { inbound, outbound } from './connector-activities';
import { invokes } from './connector-invokes';
import { additions, errorCodes, type Schema, teamsDefinitions, teamsPaths, wordless } from './connector-teams';
import { sharedJson } from './shared';
import type { Judgement, Wire } from './wire';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'body';
  readonly required?: boolean;
  readonly type?: string;
  readonly schema?: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Swagger {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly definitions: Readonly<Record<string, Schema & { readonly properties?: Record<string, Schema> }>>;
}

interface Known {
  readonly id: string;
  readonly pattern: RegExp;
  readonly method: string;
  readonly operation: Operation;
}

/**
 * Judges one exchange of the teams face: a call of the bot, request and answer, by the connector's swagger and Teams' own
 * operations beside it; or an activity that Teams posts to the bot, with the bot's answer. Without an operation the call is
 * unknown. The content of cards is judged by `judgeCard`.
 */
export function judgeConnector(exchange: Wire): Judgement {
  const { pathname } = new URL(exchange.url);
  if (!pathname.startsWith('/v3/')) return judgeDelivery(exchange);
  const known = judges().operations.find((o) => o.method === exchange.method && o.pattern.test(pathname));
  if (!known) return { wrong: [`request: the connector has no ${exchange.method} ${pathname}`] };
  return {
    operation: known.id,
    wrong: [...judgeRequest(exchange, known.operation), ...judgeAnswer(exchange, known.operation)],
  };
}

function judgeRequest({ url, requestHeaders, requestBody }: Wire, { parameters = [] }: Operation): readonly string[] {
  const wrong = headerFaults(requestHeaders, requestBody);
  for (const [name, value] of new URL(url).searchParams) {
    const parameter = parameters.find((p) => p.in === 'query' && p.name === name);
    if (!parameter) wrong.push(`request: there is no query parameter ${name}`);
    else if (parameter.type === 'integer' && !/^\d+$/.test(value)) wrong.push(`request: ${name} is no whole number`);
  }
  const body = parameters.find((p) => p.in === 'body');
  if (!body) return requestBody === null ? wrong : [...wrong, 'request: a body where none is taken'];
  const [, definition = ''] = String(body.schema?.['$ref']).split('#/definitions/');
  return [...wrong, ...bodyFaults(definition, requestBody)];
}

function headerFaults(headers: Wire['requestHeaders'], body: unknown): string[] {
  const wrong: string[] = [];
  if (!/^Bearer \S+$/.test(headers['authorization'] ?? '')) wrong.push('request: no bearer token');
  if (body !== null && !/^application\/json\b/.test(headers['content-type'] ?? ''))
    wrong.push(`request: the body is ${headers['content-type']}, not application/json`);
  return wrong;
}

function judgeAnswer({ status, responseHeaders, responseBody }: Wire, { responses }: Operation): readonly string[] {
  const named = responses[String(status)];
  if (named?.schema) return faults(`response ${status}`, definitionOf(named.schema), responseBody);
  if (named) return responseBody === null ? [] : [`response ${status}: a body where none is given`];
  if (wordless.has(status)) return [];
  const codes = errorCodes[status];
  if (!codes) return [`response: ${status} is no status of the connector`];
  // Not Teams speaks here but the door before it, to whom the token means nothing.
  if (status === 401 && judges().of('Refused401')(responseBody)) return [];
  const wrong = faults(`response ${status}`, 'ErrorResponse', responseBody);
  const { code } = (responseBody as { error?: { code?: string } })?.error ?? {};
  if (code !== undefined && !codes.includes(code))
    wrong.push(`response ${status}: ${code} is none of ${codes.join(', ')}`);
  const after = responseHeaders['retry-after'];
  if (after !== undefined && !/^\d+$/.test(after)) wrong.push(`response ${status}: retry-after is no whole number`);
  return wrong;
}

/** Teams posts an activity; 401 and 403 are the bot's front door, anything else but success looks broken to people. */
function judgeDelivery({ method, requestHeaders, requestBody, status, responseBody }: Wire): Judgement {
  const { type = '', name } = (requestBody ?? {}) as { type?: string; name?: string };
  const operation = name ? `Bot_${type} ${name}` : `Bot_${type}`;
  const wrong = [...headerFaults(requestHeaders, requestBody), ...activityFaults('activity', inbound, requestBody)];
  if (method !== 'POST') wrong.push(`activity: came by ${method}`);
  if (status === 401 || status === 403) return { operation, wrong };
  if (status !== 200) return { operation, wrong: [...wrong, `answer: ${status} is not what Teams expects`] };
  // Nobody reads what a bot says to anything but an invoke; a text there was meant for somebody.
  const silent = !responseBody || JSON.stringify(responseBody) === '{}';
  if (type !== 'invoke')
    return { operation, wrong: silent ? wrong : [...wrong, 'answer: a body where nobody reads one'] };
  return { operation, wrong: [...wrong, ...invokeFaults(String(name), requestBody, responseBody)] };
}

/** Each invoke has a value and an answer of its own. */
function invokeFaults(name: string, activity: unknown, answer: unknown): readonly string[] {
  const { answers } = invokes[name] ?? {};
  if (!invokes[name]) return [`activity: Teams has no invoke ${name}`];
  const wrong = [
    ...faults('activity', `inbound invoke ${name}`, activity),
    ...faults('answer', `answer ${name}`, answer),
  ];
  if (!answers) return wrong;
  const { type = '' } = (answer ?? {}) as { type?: string };
  return [
    ...wrong,
    ...(answers[type] ? faults('answer', `answer ${name} ${type}`, answer) : ['answer: of no type that Teams knows']),
  ];
}

/** The activity inside of a new conversation's parameters is one like any other. */
function bodyFaults(definition: string, body: unknown): readonly string[] {
  if (definition === 'Activity') return activityFaults('request', outbound, body);
  const { activity } = (body ?? {}) as { activity?: unknown };
  const inner = activity === undefined ? [] : activityFaults('request/activity', outbound, activity);
  return [...faults('request', definition, body), ...inner];
}

function activityFaults(side: string, kinds: Readonly<Record<string, Schema>>, activity: unknown): readonly string[] {
  const { type } = (activity ?? {}) as { type?: string };
  if (type !== undefined && kinds[type])
    return faults(side, `${kinds === inbound ? 'inbound' : 'outbound'} ${type}`, activity);
  return [...faults(side, 'Activity', activity), `${side}: nobody takes an activity of type ${type}`];
}

function faults(side: string, definition: string, value: unknown): string[] {
  const judge = judges().of(definition);
  if (judge(value)) return [];
  return (judge.errors ?? [])
    .filter(({ keyword }) => keyword !== 'if' && keyword !== 'anyOf')
    .map(({ instancePath, message, params }) => {
      const more = params['additionalProperty'] ?? params['allowedValues']?.join(', ') ?? params['allowedValue'] ?? '';
      return `${side} ${instancePath || '/'}: ${message}${more === '' ? '' : ` (${more})`}`;
    });
}

interface Judges {
  readonly operations: readonly Known[];
  of(definition: string): ValidateFunction;
}

let made: Judges | undefined;

function judges(): Judges {
  made ??= makeJudges(sharedJson<Swagger>('bot-connector', 'botframework-channel.swagger.json'));
  return made;
}

function makeJudges({ paths, definitions }: Swagger): Judges {
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    discriminator: true,
    formats: { int32: true, double: true, byte: true },
  });
  addFormats(ajv);
  const lists = { Members: { type: 'array', items: { $ref: '#/definitions/ChannelAccount' } } };
  const all = Object.entries(definitions).map(([name, schema]) => [name, strict(name, schema)] as const);
  ajv.addSchema({ $id: 'connector', definitions: { ...Object.fromEntries(all), ...teamsDefinitions, ...lists } });
  for (const [name, schema] of Object.entries(inbound)) ajv.addSchema(schema, keyOf(`inbound ${name}`));
  for (const [name, { answer, answers = {} }] of Object.entries(invokes)) {
    ajv.addSchema(answer, keyOf(`answer ${name}`));
    for (const [type, schema] of Object.entries(answers)) ajv.addSchema(schema, keyOf(`answer ${name} ${type}`));
  }
  for (const [name, schema] of Object.entries(outbound)) ajv.addSchema(schema, `outbound ${name}`);
  const operations = Object.entries({ ...paths, ...teamsOperations() }).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
      operation,
    })),
  );
  return {
    operations,
    of(definition) {
      const judge = ajv.getSchema(
        definition.includes(' ') ? keyOf(definition) : `connector#/definitions/${definition}`,
      );
      if (!judge) throw new Error(`no definition ${definition}`);
      return judge;
    },
  };
}

/** Against a name with slashes, references would be resolved as against an address. */
const keyOf = (name: string): string => name.replaceAll('/', '.');

/** A field that the swagger does not have is a mistake, unless Teams is known to have it. */
function strict(name: string, schema: Swagger['definitions'][string]): Schema {
  const { properties = {}, ...rest } = schema;
  const { properties: more = {}, required = [] } = additions[name] ?? {};
  const known = { ...properties, ...more };
  if (Object.keys(known).length === 0) return rest;
  return { ...rest, properties: known, required, additionalProperties: false };
}

function teamsOperations(): Swagger['paths'] {
  return Object.fromEntries(
    Object.entries(teamsPaths).map(([path, { operation, answer }]) => [
      path,
      { get: { operationId: operation, responses: { 200: { schema: { $ref: `#/definitions/${answer}` } } } } },
    ]),
  );
}

function definitionOf(schema: Schema): string {
  return schema['type'] === 'array' ? 'Members' : (String(schema['$ref']).split('#/definitions/')[1] ?? '');
}
