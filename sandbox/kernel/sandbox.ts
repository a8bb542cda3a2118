import { copyOf } from './copy';
import { Faults, faultAnswer } from './faults';
import { Moments } from './moments';
import { Router } from './router';
import type { Exchange, Face, LroFault, Route, SandboxRequest, SandboxResponse } from './types';
import type { World } from './world';

/** The most exchanges that `GET /_sandbox/requests` keeps; the oldest are dropped first. */
const remembered = 50_000;

/** The request took effect, but its answer was lost: what a client sees as a reset connection. */
export class Dropped extends Error {
  readonly code = 'ECONNRESET';
  constructor() {
    super('socket hang up');
  }
}

/** Routes, faults and the log of exchanges around a world. `handle` serves tests; `listen` in server.ts serves the network. */
export class Sandbox {
  readonly faults = new Faults();
  readonly exchanges: Exchange[] = [];
  private readonly routers: Record<Face, Router> = { azure: new Router(), teams: new Router() };

  readonly moments: Moments;

  constructor(readonly world: World) {
    this.moments = new Moments(world);
  }

  add(face: Face, routes: readonly Route[]): void {
    this.routers[face].add(routes);
  }

  /** @throws Dropped when a fault accepts the request and loses the answer. */
  async handle(request: SandboxRequest): Promise<SandboxResponse> {
    const fault = this.strike(request);
    if (fault?.delayMs) await new Promise((done) => setTimeout(done, fault.delayMs).unref());
    const response = fault?.status ? faultAnswer(fault, request.face) : await this.route(request, fault?.lro);
    if (!isControl(request)) this.remember(request, response);
    if (fault?.dropAfterAccept) throw new Dropped();
    return response;
  }

  /** For exchanges that the sandbox itself starts: an activity sent to the bot. */
  remember(request: SandboxRequest, response: SandboxResponse): void {
    this.exchanges.push({
      at: this.world.clock.now().toISOString(),
      face: request.face,
      method: request.method,
      url: request.url.href,
      requestHeaders: request.headers,
      requestBody: kept(request.body),
      status: response.status,
      responseHeaders: response.headers ?? {},
      responseBody: kept(response.body),
    });
    if (this.exchanges.length > remembered) this.exchanges.splice(0, this.exchanges.length - remembered);
  }

  forget(): void {
    this.exchanges.length = 0;
    this.faults.clear();
  }

  private strike(request: SandboxRequest) {
    return isControl(request) ? undefined : this.faults.strike(request);
  }

  private async route(asked: SandboxRequest, lroFault?: LroFault): Promise<SandboxResponse> {
    this.world.settle();
    const request = asMeant(asked);
    const found = this.routers[request.face].find(request);
    if (!found) {
      const message = `The sandbox does not know ${request.method} ${request.url.href}.`;
      return { status: 501, body: { error: { code: 'NotImplementedInSandbox', message } } };
    }
    const { route, params } = found;
    const handle = () => route.handle(lroFault ? { ...request, lroFault } : request, params);
    const response = await (route.reads ? this.world.reading(handle) : handle());
    if (request.method !== 'GET') this.world.touch();
    return response;
  }
}

/** Tools that join an address with a slash too many (`//subscriptions/…`) mean what ARM takes it for. */
function asMeant(request: SandboxRequest): SandboxRequest {
  if (request.face !== 'azure' || !request.url.pathname.includes('//')) return request;
  const url = new URL(request.url);
  url.pathname = url.pathname.replace(/\/{2,}/g, '/');
  return { ...request, url };
}

/** The sandbox's own endpoints and the page are not exchanges with the bot: no faults, no log. */
function isControl({ face, url }: SandboxRequest): boolean {
  if (url.pathname.startsWith('/_sandbox/')) return true;
  return face === 'teams' && !url.pathname.startsWith('/v3/');
}

/** A body as the log keeps it: bytes as text, objects as they were at that moment. */
function kept(body: unknown): unknown {
  return Buffer.isBuffer(body) ? body.toString('utf8') : copyOf(body ?? null);
}
