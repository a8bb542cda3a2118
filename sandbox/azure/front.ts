import { randomUUID } from 'node:crypto';
import type { Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import { armError } from './arm';

export interface FrontOptions {
  /** ARM's own throttling; on by default. */
  readonly throttle?: boolean;
  /** Machine time in milliseconds; `Date.now` when absent. */
  readonly machine?: () => number;
}

/** A check by ARM before a provider sees the request: a refusal or undefined. The first refusal is the answer. */
export type Check = (request: SandboxRequest) => SandboxResponse | undefined;

type Verb = 'reads' | 'writes' | 'deletes';

/** ARM's token buckets, per subscription, caller and kind of operation, as documented since 2024. */
const buckets: Readonly<Record<Verb, { readonly size: number; readonly perSecond: number }>> = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  deletes: { size: 200, perSecond: 10 },
};

const versionPattern = /^\d{4}-\d{2}-\d{2}(-preview)?$/;

/**
 * What ARM itself does before a provider sees the request: throttling, api-version, the caller's roles, the policies in
 * force, and the headers of every answer.
 */
export class ArmFront {
  private readonly levels = new Map<string, { tokens: number; atMs: number }>();
  private readonly machine: () => number;
  private readonly throttle: boolean;

  constructor(
    { throttle = true, machine = Date.now }: FrontOptions = {},
    private readonly checks: readonly Check[] = [],
    /** What is answered instead, after a provider has done what was asked. */
    private readonly afterwards: Check = () => undefined,
  ) {
    this.throttle = throttle;
    this.machine = machine;
  }

  /** The same routes behind ARM's checks; routes of other hosts and of the sandbox itself are left as they are. */
  guard(routes: readonly Route[], supported: (path: string) => readonly string[] | undefined): Route[] {
    return routes.map((route) => {
      if (route.path.startsWith('/_sandbox/') || (route.host ?? 'management.azure.com') !== 'management.azure.com') {
        return route;
      }
      const versions = supported(route.path);
      return {
        ...route,
        handle: (request, params) => this.answer(request, () => route.handle(request, params), versions),
      };
    });
  }

  private async answer(
    request: SandboxRequest,
    handle: () => SandboxResponse | Promise<SandboxResponse>,
    versions: readonly string[] | undefined,
  ): Promise<SandboxResponse> {
    const taken = this.take(request);
    const refused = taken.refused ?? versionProblem(request, versions) ?? this.refusal(request);
    const { headers, ...response } = refused ?? (await this.provided(request, handle));
    return { ...response, headers: { ...commonHeaders(request, this.machine()), ...taken.headers, ...headers } };
  }

  private async provided(request: SandboxRequest, handle: () => SandboxResponse | Promise<SandboxResponse>) {
    const answering = handle();
    // Without a pause where there is none: what only reads has not been interrupted then.
    const answer = answering instanceof Promise ? await answering : answering;
    return this.afterwards(request) ?? answer;
  }

  private refusal(request: SandboxRequest): SandboxResponse | undefined {
    for (const check of this.checks) {
      const refused = check(request);
      if (refused) return refused;
    }
    return undefined;
  }

  private take(request: SandboxRequest): { headers: Record<string, string>; refused?: SandboxResponse } {
    const verb = verbOf(request);
    const subscription = /^\/subscriptions\/([^/]+)/i.exec(request.url.pathname)?.[1]?.toLowerCase();
    const name = `${subscription ?? 'tenant'} ${request.headers['authorization'] ?? ''} ${verb}`;
    const { size, perSecond } = buckets[verb];
    const now = this.machine();
    const level = this.levels.get(name) ?? { tokens: size, atMs: now };
    const tokens = Math.min(size, level.tokens + (Math.max(now - level.atMs, 0) / 1_000) * perSecond);
    const enough = !this.throttle || tokens >= 1;
    const left = this.throttle ? Math.floor(tokens - 1) : size - 1;
    this.levels.set(name, { tokens: enough ? tokens - 1 : tokens, atMs: now });
    if (!enough) return { headers: {}, refused: throttled(subscription ?? '', verb, (1 - tokens) / perSecond) };
    if (!subscription) return { headers: { [`x-ms-ratelimit-remaining-tenant-${verb}`]: String(left) } };
    return {
      headers: {
        [`x-ms-ratelimit-remaining-subscription-${verb}`]: String(left),
        [`x-ms-ratelimit-remaining-subscription-global-${verb}`]: String(size * 15 - (size - left)),
      },
    };
  }
}

/** Resource Graph and Policy Insights queries are reads, whatever their method. */
const queries = /\/Microsoft\.ResourceGraph\/|\/Microsoft\.PolicyInsights\/.*\/(?:queryResults|summarize)$/i;

function verbOf({ method, url }: SandboxRequest): Verb {
  if (method === 'GET' || method === 'HEAD' || queries.test(url.pathname)) return 'reads';
  return method === 'DELETE' ? 'deletes' : 'writes';
}

function throttled(subscription: string, verb: Verb, seconds: number): SandboxResponse {
  const wait = Math.max(1, Math.ceil(seconds));
  const message = `Number of '${verb}' requests for subscription '${subscription}' exceeded. Please try again after '${wait}' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.`;
  const answer = armError(429, 'SubscriptionRequestsThrottled', message);
  return { ...answer, headers: { 'retry-after': String(wait) } };
}

function versionProblem(request: SandboxRequest, versions: readonly string[] | undefined): SandboxResponse | undefined {
  const version = request.url.searchParams.get('api-version');
  if (!version) {
    const message = 'The api-version query parameter (?api-version=) is required for all requests.';
    return armError(400, 'MissingApiVersionParameter', message);
  }
  if (!versionPattern.test(version)) {
    return armError(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${version}' is invalid. The supported versions are '${(versions ?? []).join(',')}'.`,
    );
  }
  if (!versions || versions.includes(version)) return undefined;
  const [, namespace = 'Microsoft.Resources', type = 'resourceGroups'] =
    /\/providers\/([^/]+)\/([^/]+)/.exec(request.url.pathname) ?? [];
  const message = `No registered resource provider found for location 'westeurope' and API version '${version}' for type '${type}' of '${namespace}'. The supported api-versions are '${versions.join(', ')}'.`;
  return armError(400, 'NoRegisteredProviderFound', message);
}

function commonHeaders(request: SandboxRequest, machineMs: number): Record<string, string> {
  const id = randomUUID();
  const correlation = request.headers['x-ms-correlation-request-id'] ?? id;
  return {
    date: new Date(machineMs).toUTCString(),
    'x-ms-request-id': id,
    'x-ms-correlation-request-id': correlation,
    'x-ms-routing-request-id': `WESTEUROPE:${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}:${correlation}`,
    ...(request.headers['x-ms-client-request-id'] && request.headers['x-ms-return-client-request-id'] === 'true'
      ? { 'x-ms-client-request-id': request.headers['x-ms-client-request-id'] }
      : {}),
  };
}
