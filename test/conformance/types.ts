import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import { type Address, addressOf } from './types/address';
import { type Found, findAction, findType, type Ref } from './types/bicep';
import { deviations, ofPatchAlone, writtenByPatch } from './types/exceptions';
import { schemaOf, type Use } from './types/schema';
import type { Wire } from './wire';

/** How an exchange's resource type was found. */
export interface TypeJudge {
  readonly type: string;
  /** The api-version that was sent. */
  readonly asked: string;
  /** The api-version of the types that judge; the nearest where the exact one is absent. */
  readonly judgedBy: string;
}

/** Which type at which version judges an exchange; undefined when the types have no word about it. */
export function typeJudge({ method, url }: Pick<Wire, 'method' | 'url'>): TypeJudge | undefined {
  const address = addressOf(method, url);
  const found = address && lookUp(address);
  if (!found || (address.action && !findAction(found, address.action))) return undefined;
  return { type: found.type, asked: address.version, judgedBy: found.version };
}

/**
 * What is wrong with the resources in an exchange, by the resource types at the version that was sent:
 * `request /properties/x: is read-only`. Undefined when there is no such type. An error is not a resource; the request
 * that led to it is judged all the same.
 */
export function judgeTypes(exchange: Wire): string[] | undefined {
  const address = addressOf(exchange.method, exchange.url);
  const found = address && lookUp(address);
  if (!found) return undefined;
  const wrong = address.action
    ? judgeAction(exchange, found, address.action)
    : [...judgeRequest(exchange, found), ...judgeResponse(exchange, found, address)];
  if (!wrong) return undefined;
  const other = found.version === address.version ? '' : ` (by ${found.version}, the nearest to ${address.version})`;
  return wrong.map((text) => `${text}${other}`);
}

const unlisted = /^microsoft\.compute\/locations\//i;
const lookups = new Map<string, Found | undefined>();

/** Marketplace images and operations under `locations` are no resources, whatever old types say. */
function lookUp({ type, version }: Address): Found | undefined {
  const key = `${type}@${version}`.toLowerCase();
  if (!lookups.has(key)) lookups.set(key, unlisted.test(type) ? undefined : findType(type, version));
  return lookups.get(key);
}

function judgeRequest({ method, requestBody }: Wire, found: Found): string[] {
  const use = ({ PUT: 'put', PATCH: 'patch' } as const)[method];
  if (!use) return [];
  const wrong = judge(found, use, requestBody).filter(
    (text) => use !== 'patch' || !isOfPatch(found, text, requestBody),
  );
  return wrong.map((text) => `request ${text}`);
}

/** Whether it says that a member is unknown (or read-only) which a PATCH of this type has, with a word that it takes. */
function isOfPatch({ type }: Found, text: string, body: unknown): boolean {
  const [, written = ''] = /^\/(\w+): is read-only$/.exec(text) ?? [];
  if (writtenByPatch.has(`${type}/${written}`.toLowerCase())) return true;
  const [, member = ''] = /^\/(\w+): is no field of the type$/.exec(text) ?? [];
  const word = (body as Readonly<Record<string, unknown>> | null)?.[member];
  return ofPatchAlone.get(`${type}/${member}`.toLowerCase())?.words.includes(String(word)) ?? false;
}

function judgeAction({ status, requestBody, responseBody }: Wire, found: Found, name: string): string[] | undefined {
  const action = findAction(found, name);
  if (!action) return undefined;
  const part = (side: string, body: unknown, ref: Ref | undefined, use: Use) =>
    ref && body !== null && body !== undefined
      ? judge({ ...found, body: ref, type: `${found.type}/${name} ${side}` }, use, body).map((t) => `${side} ${t}`)
      : [];
  const answered = status >= 400 ? [] : part('response', responseBody, action.output, 'response');
  return [...part('request', requestBody, action.input, 'put'), ...answered];
}

function judgeResponse({ method, status, responseBody }: Wire, found: Found, { kind }: Address): string[] {
  if (status >= 400 || method === 'DELETE' || responseBody === null || responseBody === undefined) return [];
  if (kind === 'resource') return judge(found, 'response', responseBody).map((text) => `response ${text}`);
  const { value } = responseBody as { value?: unknown };
  if (!Array.isArray(value)) return ['response /value: is not a list'];
  return value.flatMap((item, i) => judge(found, 'response', item).map((text) => `response /value/${i}${text}`));
}

const ajv = new Ajv({
  allErrors: true,
  discriminator: true,
  strict: false,
  // Patterns of the types are .NET's: `[\w-._]` is none in unicode mode.
  unicodeRegExp: false,
  verbose: true,
});
ajv.addKeyword({ keyword: 'refused', validate: () => false });

const validators = new Map<string, ValidateFunction>();

function judge(found: Found, use: Use, body: unknown): string[] {
  const key = `${found.type}@${found.version} ${use}`;
  const validate = validators.get(key) ?? ajv.compile(schemaOf(found.types, found.body, use));
  validators.set(key, validate);
  if (validate(body)) return [];
  return (validate.errors ?? []).filter((error) => use !== 'response' || !isAzures(found, error)).map(said);
}

function said({ instancePath, keyword, params, schema, data, message }: ErrorObject): string {
  const value = JSON.stringify(data)?.slice(0, 80);
  switch (keyword) {
    case 'refused':
      return `${instancePath}: ${schema}`;
    case 'additionalProperties':
      return `${instancePath}/${params['additionalProperty']}: is no field of the type`;
    case 'required':
      return `${instancePath}/${params['missingProperty']}: is missing`;
    case 'enum':
      return `${instancePath}: ${value} is none of ${(params['allowedValues'] as string[]).join(', ')}`;
    default:
      return `${instancePath}: ${message}, but is ${value}`;
  }
}

function isAzures({ type }: Found, error: ErrorObject): boolean {
  const place = said(error).split(': ')[0] ?? '';
  return deviations.some((deviation) => deviation.type === type && like(deviation.path, place));
}

function like(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return wanted.length === given.length && wanted.every((part, i) => part === '*' || part === given[i]);
}
