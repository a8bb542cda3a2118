import { AsyncLocalStorage } from 'node:async_hooks';
import { setMaxListeners } from 'node:events';
import type { TokenCredential } from '@azure/core-auth';
import type {
  HttpClient,
  PipelinePolicy,
  PipelineRequest,
  PipelineResponse,
  SendRequest,
} from '@azure/core-rest-pipeline';
import type { Fence } from '../../core/azure';
import { type Cloud, clouds } from '../../core/cloud';
import { UserError } from '../../core/errors';
import type { LogFields } from '../../core/log';
import type { Telemetry } from '../../core/telemetry';
import { type Sleep, sleep } from '../../core/time';
import { refusalPolicy, retryAfterMs } from './errors';
import { hostOf, operationOf, serviceOf } from './operation';
import { type Asker, type Asking, type Quotas, quotaPolicy } from './quota';

/** The part of a pino logger that is used. No header, query or body is ever passed to it. */
export interface AzureLog {
  debug(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
}

/** Machine time in milliseconds. */
export interface Timeouts {
  /** One request of a read. */
  readonly tryMs: number;
  /** One read with all its tries and pages. */
  readonly readMs: number;
  /** One request of a write; the fence may leave less. */
  readonly writeMs: number;
}

export const defaultTimeouts: Timeouts = { tryMs: 20_000, readMs: 45_000, writeMs: 20_000 };

export interface HttpOptions {
  readonly credential: TokenCredential;
  /** The public one when absent. */
  readonly cloud?: Cloud;
  /** How requests are sent; over TLS to Azure when absent. Tests and sandbox mode pass their own. */
  readonly httpClient?: HttpClient;
  readonly timeouts?: Partial<Timeouts>;
  /** Waits between the tries of a read. */
  readonly sleep?: Sleep;
  readonly log?: AzureLog;
  /** Each try of a request is a span. */
  readonly telemetry?: Telemetry;
  /** Azure's quotas, shared by all replicas; requests wait for no place when absent. */
  readonly quotas?: Quotas;
}

/** The limits of the call in progress in this asynchronous context. */
interface CallScope {
  readonly fence?: Fence;
  /** Aborted when the call has to end; nobody ends it when absent. */
  readonly signal?: AbortSignal;
  /** Of `performance.now`; no end when absent. */
  readonly endsMs?: number;
  /** Runs and decisions when absent. */
  readonly asker?: Asker;
}

const scope = new AsyncLocalStorage<CallScope>();

/** Runs `call` for at most `ms`, then aborts its requests. The limits of an enclosing call still hold. */
export function limited<T>(ms: number, call: () => Promise<T>): Promise<T> {
  const outer = scope.getStore();
  return timed(ms, outer?.signal, (signal) => until({ ...outer, signal, endsMs: endAfter(ms, outer) }, call));
}

const endAfter = (ms: number, outer: CallScope | undefined): number =>
  Math.min(performance.now() + ms, outer?.endsMs ?? Number.POSITIVE_INFINITY);

/** What `call` asks is asked for people: it leaves runs and decisions their part of Azure's quotas. */
export function forPeople<T>(call: () => Promise<T>): Promise<T> {
  return scope.run({ ...scope.getStore(), asker: 'people' }, call);
}

function asking(): Asking {
  const { asker = 'runs', endsMs = Number.POSITIVE_INFINITY } = scope.getStore() ?? {};
  return { asker, leftMs: endsMs - performance.now() };
}

/** Everything that `call` sends to change something obeys this fence. */
export function underFence<T>(fence: Fence, call: () => Promise<T>): Promise<T> {
  return scope.run({ ...scope.getStore(), fence }, call);
}

/** Runs a write under the fence of its caller; requests in flight are aborted when the lease is over. */
export function fenced<T>(call: () => Promise<T>): Promise<T> {
  const outer = scope.getStore();
  const left = outer?.fence?.leftMs() ?? 0;
  if (!(left > 0)) return Promise.reject(leaseLost());
  return timed(left, outer?.signal, (signal) => until({ ...outer, signal, endsMs: endAfter(left, outer) }, call));
}

/** Whatever the call is waiting for, a request or a token, it ends when the signal is aborted. */
async function until<T>(inner: CallScope & { readonly signal: AbortSignal }, call: () => Promise<T>): Promise<T> {
  const { signal } = inner;
  signal.throwIfAborted();
  let stop = () => {};
  const over = new Promise<never>((_, fail) => {
    stop = () => fail(signal.reason);
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([over, scope.run(inner, call)]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Gives `call` a signal that is aborted after `ms`, or with `outer`. Nothing of it is left once the call is over:
 * `AbortSignal.timeout` keeps its timer, and what that holds, until the time has passed.
 */
async function timed<T>(ms: number, outer: AbortSignal | undefined, call: (signal: AbortSignal) => Promise<T>) {
  const controller = new AbortController();
  // Everything that is asked within the call waits for this one signal, and an estate is asked dozens of things at once.
  setMaxListeners(0, controller.signal);
  const end = () => controller.abort(outer?.reason);
  const late = () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  const timer = setTimeout(late, Math.max(Math.ceil(ms), 1)).unref();
  if (outer?.aborted) end();
  else outer?.addEventListener('abort', end);
  try {
    return await call(controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', end);
  }
}

function leaseLost(): UserError {
  return new UserError('FENCED', 'This replica no longer holds the run; nothing was sent to Azure.', {
    hint: 'Wait a minute; another replica takes over the run.',
  });
}

/** Options of an Azure client for reads: it retries, and keeps to the call's deadline. */
export function readClientOptions(options: HttpOptions) {
  const { tryMs } = { ...defaultTimeouts, ...options.timeouts };
  const wait = options.sleep ?? sleep;
  return clientOptions(options, [
    perCall(scopePolicy),
    perCall(readRetryPolicy(wait)),
    // Before the time of one try begins: waiting in line is not Azure's silence.
    ...inLine(options, asking),
    perTry(timeoutPolicy(tryMs)),
  ]);
}

/** Options of an Azure client for writes: each request is sent at most once, and only while its fence stands. */
export function writeClientOptions(options: HttpOptions) {
  const { writeMs } = { ...defaultTimeouts, ...options.timeouts };
  return clientOptions(options, [perCall(scopePolicy), ...inLine(options, writing), perTry(fencePolicy(writeMs))]);
}

/** A write waits only as long as its lease surely lasts; its run comes back when Azure has room. */
const writing = (): Asking => ({ asker: 'runs', leftMs: Math.min(asking().leftMs / 2, longestWriteWaitMs) });
const longestWriteWaitMs = 5_000;

const inLine = ({ quotas, log, sleep: wait = sleep }: HttpOptions, whose: () => Asking): Placed[] =>
  quotas ? [perTry(quotaPolicy({ quotas, sleep: wait, log, asking: whose }))] : [];

type Placed = { readonly policy: PipelinePolicy; readonly position: 'perCall' | 'perRetry' };
const perCall = (policy: PipelinePolicy): Placed => ({ policy, position: 'perCall' });
/** After the token was fetched: the last policy before the wire. */
const perTry = (policy: PipelinePolicy): Placed => ({ policy, position: 'perRetry' });

function clientOptions(
  { httpClient, log, telemetry, cloud = clouds.Public }: HttpOptions,
  policies: readonly Placed[],
) {
  const seen = [...(log ? [logPolicy(log)] : []), ...(telemetry?.on ? [tracePolicy(telemetry)] : [])];
  return {
    endpoint: cloud.arm,
    credentials: { scopes: [`${cloud.arm}/.default`] },
    ...(httpClient && { httpClient }),
    // The SDK's own policy repeats POSTs whose answer was lost; goldbot's policies decide instead.
    retryOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'goldbot' },
    additionalPolicies: [perTry(refusalPolicy), ...policies, ...seen.map(perTry)],
  };
}

const scopePolicy: PipelinePolicy = {
  name: 'goldbotScope',
  sendRequest(request, next) {
    const signal = scope.getStore()?.signal;
    const own = request.abortSignal as AbortSignal | undefined;
    if (signal) request.abortSignal = own ? AbortSignal.any([own, signal]) : signal;
    return next(request);
  },
};

function timeoutPolicy(ms: number): PipelinePolicy {
  return { name: 'goldbotTimeout', sendRequest: (request, next) => sendWithin(ms, request, next) };
}

/** Refuses what would be sent after the lease is over, and whatever has no fence at all. */
function fencePolicy(writeMs: number): PipelinePolicy {
  return {
    name: 'goldbotFence',
    sendRequest(request, next) {
      const left = scope.getStore()?.fence?.leftMs() ?? 0;
      if (!(left > 0)) return Promise.reject(leaseLost());
      return sendWithin(Math.min(left, writeMs), request, next);
    },
  };
}

/** Not by `request.timeout`, which ends when the response's head arrives and whose timer outlives a failed request. */
async function sendWithin(ms: number, request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
  const before = request.abortSignal as AbortSignal | undefined;
  try {
    return await timed(ms, before, (signal) => {
      request.abortSignal = signal;
      return next(request);
    });
  } finally {
    // The next try of the same request gets its own time.
    if (before) request.abortSignal = before;
    else delete request.abortSignal;
  }
}

function logPolicy(log: AzureLog): PipelinePolicy {
  return {
    name: 'goldbotLog',
    async sendRequest(request, next) {
      const started = performance.now();
      const { hostname, pathname } = new URL(request.url);
      const about = { method: request.method, host: hostname, path: pathname };
      const ms = () => Math.round(performance.now() - started);
      try {
        const response = await next(request);
        const requestId = response.headers.get('x-ms-request-id');
        log.debug({ ...about, status: response.status, ms: ms(), requestId }, 'azure answered');
        return response;
      } catch (error) {
        const { name, code, message } = error as { name?: string; code?: string; message?: string };
        // The proxy's refusals are told in goldbot's own words; anybody else's may hold an address with a query.
        const why = code === 'EPROXY' ? message : undefined;
        log.warn({ ...about, error: code ?? name, ...(why && { why }), ms: ms() }, 'azure did not answer');
        throw error;
      }
    },
  };
}

/** No name of a resource, no query, header or body is told; Azure's support asks for the ids. */
function tracePolicy(telemetry: Telemetry): PipelinePolicy {
  return {
    name: 'goldbotTrace',
    sendRequest(request, next) {
      const operation = operationOf(request.method, request.url);
      const about = {
        'azure.operation': operation,
        'http.request.method': request.method,
        'server.address': hostOf(request.url),
      };
      return telemetry.span({ name: 'azure', attributes: about }, async (span) => {
        const response = await next(request);
        const { status, headers } = response;
        const throttled = status === 429 || (status === 503 && retryAfterMs(headers) !== undefined);
        const answer = {
          'http.response.status_code': status,
          'azure.request_id': headers.get('x-ms-request-id') ?? headers.get('request-id'),
          'azure.correlation_id': headers.get('x-ms-correlation-request-id'),
          'azure.throttled': throttled,
          'azure.retry_after_ms': retryAfterMs(headers),
        };
        if (status >= 400) span.fail(answer);
        else span.set(answer);
        telemetry.count('goldbot.azure.requests', {
          'azure.operation': operation,
          'http.response.status_code': status,
        });
        if (throttled) {
          const service = serviceOf(operation);
          telemetry.count('goldbot.azure.throttles', { 'azure.service': service, 'azure.operation': operation });
        }
        return response;
      });
    },
  };
}

/**
 * Sends requests for Azure to a sandbox on this machine instead; the host they were meant for is in `x-sandbox-host`.
 * Only sandbox mode passes it to `createAzure`. The request itself stays unchanged, because the SDK's long-running
 * operations remember its URL.
 */
export function sandboxClient(azureUrl: string, inner?: HttpClient): HttpClient {
  const base = azureUrl.replace(/\/+$/, '');
  let transport = inner;
  return {
    async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
      const pipeline = restPipeline();
      transport ??= pipeline.createDefaultHttpClient();
      const url = new URL(request.url);
      const headers = pipeline.createHttpHeaders(request.headers.toJSON({ preserveCase: true }));
      headers.set('x-sandbox-host', url.host);
      const redirected = { ...request, headers, url: base + url.pathname + url.search, allowInsecureConnection: true };
      const response = await transport.sendRequest(redirected);
      return { ...response, request };
    },
  };
}

/** Loaded when first needed, as Azure's clients are. */
export function restPipeline() {
  return require('@azure/core-rest-pipeline') as typeof import('@azure/core-rest-pipeline');
}

/** Of the identity that goldbot has there. */
const sandboxClaims = Buffer.from(JSON.stringify({ oid: '0b1ec700-601d-4b07-8000-00000000b070' })).toString(
  'base64url',
);

/** A token that only the sandbox accepts. It tells, as Entra's do, who its bearer is. */
export const sandboxCredential: TokenCredential = {
  getToken: async () => ({ token: `sandbox.${sandboxClaims}.`, expiresOnTimestamp: Date.now() + 3_600_000 }),
};

/** How often a read is tried. */
const tries = 3;
/** A longer Retry-After is for the caller to wait out: a read does not hold a worker that long. */
const longestWaitMs = 10_000;
const firstBackOffMs = 400;
const transient = new Set([408, 500, 502, 503, 504]);

/** Retries reads: after exactly Retry-After where given, otherwise backing off. A 429 without a time is not retried. */
export function readRetryPolicy(sleep: Sleep): PipelinePolicy {
  return {
    name: 'goldbotReadRetry',
    async sendRequest(request, next) {
      const signal = request.abortSignal as AbortSignal | undefined;
      for (let attempt = 1; ; attempt += 1) {
        let wait: number | undefined;
        try {
          const response = await next(request);
          wait = waitAfter(response, attempt);
          if (wait === undefined || attempt >= tries) return response;
        } catch (error) {
          if (attempt >= tries || signal?.aborted || !isTransport(error)) throw error;
          wait = backOff(attempt);
        }
        await sleep(wait, signal);
        signal?.throwIfAborted();
      }
    },
  };
}

/** How long to wait before the next try; undefined when this answer is the last word. */
function waitAfter(response: PipelineResponse, attempt: number): number | undefined {
  const asked = retryAfterMs(response.headers);
  if (response.status === 429 || (response.status === 503 && asked !== undefined)) {
    return asked !== undefined && asked <= longestWaitMs ? asked : undefined;
  }
  return transient.has(response.status) ? backOff(attempt) : undefined;
}

function backOff(attempt: number): number {
  return firstBackOffMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
}

/** The connection broke, or this one try took too long. */
function isTransport(error: unknown): boolean {
  const { name, statusCode } = error as { name?: string; statusCode?: number };
  return (name === 'RestError' && statusCode === undefined) || name === 'AbortError';
}
