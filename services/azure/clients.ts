import type { ComputeManagementClient } from '@azure/arm-compute';
import type { ImageBuilderClient } from '@azure/arm-imagebuilder';
import type { ResourceGraphClient } from '@azure/arm-resourcegraph';
import type { Fence } from '../../core/azure';
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
 * Azure's clients, loaded and made when first asked for: they cost more than everything else at start. By `require`,
 * because `import()` would load the ESM twins of what botbuilder has loaded already.
 */
export interface Clients {
  imageBuilder(subscription: string): ImageBuilderClient;
  compute(subscription: string): ComputeManagementClient;
}

/** Asks Azure something; `action` says what, for errors: "asking about the build of `x`". */
export type Ask = <T>(action: string, call: () => Promise<T>) => Promise<T>;

/** What looks are made of. */
export interface ReadContext extends Clients {
  resourceGraph(): ResourceGraphClient;
  /** For what no client covers: one request with a token of `scope`, answered with status, headers and text. */
  request(request: PlainRequest): Promise<PlainResponse>;
  readonly ask: Ask;
}

/** What effects are made of: clients that obey the fence, and looks for adopting what is already there. */
export interface WriteContext extends Clients {
  readonly read: ReadContext;
  /** As that of looks, under the fence. */
  request(request: PlainRequest): Promise<PlainResponse>;
  /** Like `ask`, under the fence. */
  readonly change: Ask;
}

export interface PlainRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
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
  /** What was sent: refusals are kept by it. */
  readonly request: { readonly url: string };
}

/** Clients for questions. They may be shared by everything that asks. */
export function readContext(options: HttpOptions): ReadContext {
  const { readMs } = { ...defaultTimeouts, ...options.timeouts };
  const clients = clientsWith(options, readClientOptions);
  return {
    ...clients,
    resourceGraph: once(() => {
      const { ResourceGraphClient } = require('@azure/arm-resourcegraph') as typeof import('@azure/arm-resourcegraph');
      return new ResourceGraphClient(options.credential, readClientOptions(options));
    }),
    request: plainRequests(options, readClientOptions),
    ask: (action, call) => named(action, () => limited(readMs, call)),
  };
}

/** Clients for changes. They too may be shared: each call brings its own fence. */
export function writeContexts(options: HttpOptions, read: ReadContext): (fence: Fence) => WriteContext {
  const clients = {
    ...clientsWith(options, writeClientOptions),
    request: plainRequests(options, writeClientOptions),
  };
  return (fence) => ({ ...clients, read, change: (action, call) => named(action, () => fenced(fence, call)) });
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

/** A pipeline of the same policies, for the few requests that no client covers. */
function plainRequests(options: HttpOptions, clientOptions: typeof readClientOptions): ReadContext['request'] {
  const transport = once(() => options.httpClient ?? restPipeline().createDefaultHttpClient());
  const pipelineOf = perKey((scope) => {
    const { additionalPolicies, ...rest } = clientOptions(options);
    const pipeline = restPipeline().createPipelineFromOptions(rest);
    const { credential } = options;
    pipeline.addPolicy(restPipeline().bearerTokenAuthenticationPolicy({ credential, scopes: scope }));
    for (const { policy, position } of additionalPolicies) {
      pipeline.addPolicy(policy, position === 'perRetry' ? { afterPhase: 'Sign' } : undefined);
    }
    return pipeline;
  });
  return async ({ method, url, scope, headers, body }) => {
    const { createHttpHeaders, createPipelineRequest } = restPipeline();
    const request = createPipelineRequest({
      method,
      url,
      headers: createHttpHeaders({ ...(body && { 'content-type': 'application/json' }), ...headers }),
      ...(body && { body: JSON.stringify(body) }),
    });
    const response = await pipelineOf(scope).sendRequest(transport(), request);
    return { status: response.status, headers: response.headers, text: response.bodyAsText ?? '', request };
  };
}

function once<T>(make: () => T): () => T {
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
