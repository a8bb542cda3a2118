import type { ComputeManagementClient } from '@azure/arm-compute';
import type { ImageBuilderClient } from '@azure/arm-imagebuilder';
import type { ResourceGraphClient } from '@azure/arm-resourcegraph';
import type { TokenCredential } from '@azure/core-auth';
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { type Cloud, clouds } from '../../core/cloud';
import { isRecord } from '../../core/collections';
import { UserError } from '../../core/errors';
import { toUserError } from './errors';
import {
  defaultTimeouts,
  fenced,
  type HttpOptions,
  limited,
  readClientOptions,
  restPipeline,
  writeClientOptions,
} from './pipeline';

/**
 * Azure's clients, loaded and created on first use: they cost more at start than everything else. By `require`,
 * because `import()` would load the ESM twins of what botbuilder has loaded already.
 */
export interface Clients {
  imageBuilder(subscription: string): ImageBuilderClient;
  compute(subscription: string): ComputeManagementClient;
}

/** Asks Azure something; `action` says what, for errors: "asking about the build of `x`". */
export type Ask = <T>(action: string, call: () => Promise<T>) => Promise<T>;

/** What reads are made of. */
export interface ReadContext extends Clients {
  readonly cloud: Cloud;
  resourceGraph(): ResourceGraphClient;
  /** For what no client covers: one request with a token of `scope`, answered with status, headers and text. */
  request(request: PlainRequest): Promise<PlainResponse>;
  /** One GET of what is open to everybody: nothing that tells who asks is sent with it. */
  openly(url: string): Promise<PlainResponse>;
  readonly ask: Ask;
}

/** What writes are made of: clients that obey the fence, and reads for adopting what is already there. */
export interface WriteContext extends Clients {
  readonly cloud: Cloud;
  readonly read: ReadContext;
  /** Like that of reads, under the fence. */
  request(request: PlainRequest): Promise<PlainResponse>;
  /** Like `ask`, under the fence. */
  readonly change: Ask;
}

export interface PlainRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** `https://storage.azure.com/.default` */
  readonly scope: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export interface PlainResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  readonly text: string;
  /** What was sent: the key under which refusals are kept. */
  readonly request: { readonly url: string };
}

/** Clients for reads. Everything that reads may share them. */
export function readContext(options: HttpOptions): ReadContext {
  const { readMs } = { ...defaultTimeouts, ...options.timeouts };
  const clients = clientsWith(options, readClientOptions);
  return {
    ...clients,
    cloud: options.cloud ?? clouds.Public,
    resourceGraph: once(() => {
      const { ResourceGraphClient } = require('@azure/arm-resourcegraph') as typeof import('@azure/arm-resourcegraph');
      return new ResourceGraphClient(options.credential, readClientOptions(options));
    }),
    request: plainRequests(options, readClientOptions),
    openly: openRequests(options),
    ask: (action, call) => named(action, () => limited(readMs, call)),
  };
}

/** Clients for writes. They are shared too: the caller brings a fence (`underFence`). */
export function writeContext(options: HttpOptions, read: ReadContext): WriteContext {
  return {
    ...clientsWith(options, writeClientOptions),
    cloud: read.cloud,
    request: plainRequests(options, writeClientOptions),
    read,
    change: (action, call) => named(action, () => fenced(call)),
  };
}

async function named<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toUserError(error, action);
  }
}

function clientsWith(options: HttpOptions, clientOptions: typeof readClientOptions): Clients {
  return {
    imageBuilder: perKey((subscription) => {
      const { ImageBuilderClient } = require('@azure/arm-imagebuilder') as typeof import('@azure/arm-imagebuilder');
      return new ImageBuilderClient(options.credential, subscription, clientOptions(options));
    }),
    compute: perKey((subscription) => {
      const { ComputeManagementClient } = require('@azure/arm-compute') as typeof import('@azure/arm-compute');
      return new ComputeManagementClient(options.credential, subscription, clientOptions(options));
    }),
  };
}

/** Policies of the clients, for what no client covers. A token is sent where a scope is named. */
function plainPipeline(options: HttpOptions, clientOptions: typeof readClientOptions, scope: string | undefined) {
  const { additionalPolicies, ...rest } = clientOptions(options);
  const pipeline = restPipeline().createPipelineFromOptions(rest);
  if (scope !== undefined) {
    const { credential } = options;
    pipeline.addPolicy(restPipeline().bearerTokenAuthenticationPolicy({ credential, scopes: scope }));
  }
  for (const { policy, position } of additionalPolicies) {
    pipeline.addPolicy(policy, position === 'perRetry' ? { afterPhase: 'Sign' } : undefined);
  }
  return pipeline;
}

const transportOf = (options: HttpOptions) =>
  once(() => options.httpClient ?? restPipeline().createDefaultHttpClient());

/** A pipeline of the same policies, for the few requests that no client covers. */
function plainRequests(options: HttpOptions, clientOptions: typeof readClientOptions): ReadContext['request'] {
  const transport = transportOf(options);
  const pipelineOf = perKey((scope) => plainPipeline(options, clientOptions, scope));
  return async ({ method, url, scope, headers, body }) => {
    const { createHttpHeaders, createPipelineRequest } = restPipeline();
    const request = createPipelineRequest({
      method,
      url,
      headers: createHttpHeaders({ ...(body && { 'content-type': 'application/json' }), ...headers }),
      ...(body && { body: JSON.stringify(body) }),
    });
    return answered(await pipelineOf(scope).sendRequest(transport(), request), request);
  };
}

/** The same without a token. */
function openRequests(options: HttpOptions): ReadContext['openly'] {
  const transport = transportOf(options);
  const pipeline = once(() => plainPipeline(options, readClientOptions, undefined));
  return async (url) => {
    const request = restPipeline().createPipelineRequest({ method: 'GET', url });
    return answered(await pipeline().sendRequest(transport(), request), request);
  };
}

const answered = (
  { status, headers, bodyAsText }: PipelineResponse,
  request: PlainResponse['request'],
): PlainResponse => ({ status, headers, text: bodyAsText ?? '', request });

export function once<T>(make: () => T): () => T {
  const get = perKey(make);
  return () => get('');
}

function perKey<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    const found = made.get(key) ?? make(key);
    made.set(key, found);
    return found;
  };
}

/** Azure Resource Manager without a client, for the few types whose clients would be loaded for a single request. */
export interface ArmRequest {
  readonly method: PlainRequest['method'];
  /** From `/subscriptions/…` on, not yet encoded. */
  readonly path: string;
  readonly version: string;
  readonly body?: object;
}

export interface ArmAnswer {
  readonly status: number;
  /** The JSON of the answer; undefined when there was none. */
  readonly body: unknown;
  readonly headers: PlainResponse['headers'];
}

/**
 * One request. Refusals are thrown in the shape of the clients' errors, so that `toUserError` and `unlessMissing` can
 * read them.
 */
export async function arm(
  { request, cloud }: Pick<ReadContext, 'request' | 'cloud'>,
  { method, path, version, body }: ArmRequest,
): Promise<ArmAnswer> {
  const url = path.startsWith(`${cloud.arm}/`) ? path : `${cloud.arm}${encodeURI(path)}?api-version=${version}`;
  const answer = await request({ method, url, scope: `${cloud.arm}/.default`, ...(body && { body }) });
  if (answer.status >= 400) throw refusal(answer);
  return { status: answer.status, headers: answer.headers, body: parsed(answer.text) };
}

export interface ArmList {
  /** As of `ArmRequest`. */
  readonly path: string;
  readonly version: string;
  /** Encoded, without the api-version. */
  readonly query?: string;
  /** No page is read once there are so many. */
  readonly enough?: number;
}

/** A list this long is a fault of Azure's: nothing goldbot lists so has half as many pages. */
const pagesAtMost = 50;

/**
 * A list that no client covers, all of its pages.
 *
 * @throws UserError `AZ_UNAVAILABLE` when it does not end: a part of a list must not be taken for all of it.
 */
export async function armList(
  azure: Parameters<typeof arm>[0],
  { path, version, query, enough = Number.POSITIVE_INFINITY }: ArmList,
): Promise<readonly Fields[]> {
  const found: Fields[] = [];
  let next = query === undefined ? path : `${azure.cloud.arm}${encodeURI(path)}?api-version=${version}&${query}`;
  for (let page = 0; page < pagesAtMost; page++) {
    const { value, nextLink } = fieldsOf((await arm(azure, { method: 'GET', path: next, version })).body);
    found.push(...(Array.isArray(value) ? value : []).map(fieldsOf));
    const link = textOf(nextLink);
    if (link === undefined || found.length >= enough) return found;
    next = link;
  }
  throw new UserError('AZ_UNAVAILABLE', `A list of Azure does not end: ${pagesAtMost} pages of ${path}.`, {
    hint: 'Try again in a few minutes; if this persists, ask Azure support.',
  });
}

/** A refusal of a plain request, in the shape of the clients' errors. */
export function refusal(answer: PlainResponse): Error {
  const details = parsed(answer.text) as { error?: { code?: string; message?: string } } | undefined;
  const { code, message = `status ${answer.status}` } = details?.error ?? {};
  const { status: statusCode, headers, request } = answer;
  return Object.assign(new Error(message), {
    name: 'RestError',
    statusCode,
    code,
    details,
    request,
    response: { headers },
  });
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Narrow access to ARM's JSON. */
export type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {});

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** How goldbot signs in to Azure. There is no default chain: only the chosen way is tried. */
export type CredentialOptions =
  /** In Azure; with the `clientId` of a user-assigned identity, or as the system-assigned one. */
  | { readonly kind: 'managed-identity'; readonly clientId?: string }
  /** In Kubernetes with a federated token. */
  | {
      readonly kind: 'workload-identity';
      readonly clientId: string;
      readonly tenantId: string;
      readonly tokenFile: string;
    }
  /** As the person who ran `az login`, to try goldbot from a desk. */
  | { readonly kind: 'azure-cli'; readonly tenantId?: string };

/** Tokens for Azure, obtained the chosen way. @azure/identity is loaded when the first token is needed. */
export function createCredential(options: CredentialOptions): TokenCredential {
  let made: TokenCredential | undefined;
  return {
    getToken(scopes, request) {
      made ??= make(options);
      return made.getToken(scopes, request);
    },
  };
}

function make(options: CredentialOptions): TokenCredential {
  const identity = require('@azure/identity') as typeof import('@azure/identity');
  switch (options.kind) {
    case 'managed-identity':
      return new identity.ManagedIdentityCredential(options.clientId ? { clientId: options.clientId } : {});
    case 'workload-identity': {
      const { clientId, tenantId, tokenFile } = options;
      return new identity.WorkloadIdentityCredential({ clientId, tenantId, tokenFilePath: tokenFile });
    }
    case 'azure-cli':
      return new identity.AzureCliCredential(options.tenantId ? { tenantId: options.tenantId } : {});
  }
}

/** A token that ends sooner is not used any more. */
const leftMs = 300_000;

/**
 * A token of `scope` for somebody who sends it as a password: the same one until five minutes before it ends, asked for
 * once however many want it.
 *
 * @throws what the credential throws.
 */
export function tokenOf(credential: TokenCredential, scope: string, now: () => number = Date.now) {
  let known = { token: '', expiresOnTimestamp: 0 };
  let asking: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    const found = await credential.getToken(scope);
    if (found === null) throw new Error('Entra gave no token');
    known = found;
    return found.token;
  };
  return async (): Promise<string> => {
    if (known.expiresOnTimestamp - now() > leftMs) return known.token;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}
