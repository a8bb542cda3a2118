import type { Face, LroFault, SandboxRequest, SandboxResponse } from './types';

/** One line of `POST /_sandbox/faults`. */
export interface Fault {
  readonly match: { readonly face?: Face; readonly method?: string; readonly url?: string };
  readonly status?: number;
  /** How often it strikes; every time when absent. */
  readonly times?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The request takes effect, then the connection is dropped without an answer. */
  readonly dropAfterAccept?: boolean;
  /** Machine time before the request is looked at. */
  readonly delayMs?: number;
  readonly lro?: LroFault;
}

/** What Azure calls the statuses that a fault can give. */
const names: Readonly<Record<number, readonly [code: string, message: string]>> = {
  400: ['BadRequest', 'The request is invalid.'],
  401: ['AuthenticationFailed', 'Authentication failed.'],
  403: ['AuthorizationFailed', 'The client does not have authorization to perform the action over the scope.'],
  404: ['ResourceNotFound', 'The Resource was not found.'],
  408: ['RequestTimeout', 'The request timed out.'],
  409: ['Conflict', 'Another operation on this resource is in progress.'],
  412: ['PreconditionFailed', 'The condition was not met.'],
  429: ['TooManyRequests', 'The request is being throttled as the limit has been reached.'],
  500: ['InternalServerError', 'The server encountered an internal error. Please retry the request.'],
  502: ['BadGateway', 'Bad gateway.'],
  503: ['ServerTimeout', 'The service is unavailable right now. Please retry the request.'],
  504: ['GatewayTimeout', 'The gateway did not receive a response within the specified time period.'],
};

export class Faults {
  private active: { fault: Fault; left: number; url: RegExp | undefined }[] = [];

  /** @throws Error when the url of the match is no regular expression or the fault does nothing. */
  add(fault: Fault): void {
    const acts = fault.status ?? fault.delayMs ?? fault.lro ?? (fault.dropAfterAccept || undefined);
    if (!fault.match || acts === undefined) {
      throw new Error('a fault needs `match` and one of status, dropAfterAccept, delayMs, lro');
    }
    const url = fault.match.url === undefined ? undefined : new RegExp(fault.match.url, 'i');
    this.active.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY, url });
  }

  clear(): void {
    this.active = [];
  }

  list(): readonly Fault[] {
    return this.active.map(({ fault }) => fault);
  }

  /** The first fault that fits this request; using it up counts as one of its times. */
  strike(request: SandboxRequest): Fault | undefined {
    const hit = this.active.find(({ fault, url }) => {
      const { match } = fault;
      if (match.face && match.face !== request.face) return false;
      if (match.method && match.method.toUpperCase() !== request.method) return false;
      return !url || url.test(request.url.href);
    });
    if (!hit) return undefined;
    hit.left -= 1;
    if (hit.left <= 0) this.active = this.active.filter((f) => f !== hit);
    return hit.fault;
  }
}

export function faultAnswer(fault: Fault): SandboxResponse {
  const status = fault.status ?? 500;
  const [code, message] = names[status] ?? ['Fault', `The sandbox was told to answer ${status}.`];
  return { status, headers: fault.headers ?? {}, body: { error: { code, message } } };
}
