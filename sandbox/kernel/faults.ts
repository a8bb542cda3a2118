import type { Face, LroFault, SandboxRequest, SandboxResponse } from './types';

/** One line of `POST /_sandbox/faults`. */
export interface Fault {
  readonly match: { readonly face?: Face; readonly method?: string; readonly url?: string };
  readonly status?: number;
  /** How often it applies; every time when absent. */
  readonly times?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The request takes effect, then the connection is dropped without an answer. */
  readonly dropAfterAccept?: boolean;
  /** Machine time before the request is looked at. */
  readonly delayMs?: number;
  readonly lro?: LroFault;
}

type Names = Readonly<Record<number, readonly [code: string, message: string]>>;

/** What Azure calls the statuses that a fault can give. */
const azureNames: Names = {
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

/** What Teams calls them, where its word differs. */
const teamsNames: Names = {
  ...azureNames,
  400: ['Bad Argument', 'The request payload is invalid.'],
  401: ['BotNotRegistered', 'No registration found for this bot.'],
  403: ['BotNotInConversationRoster', 'The bot is not part of the conversation roster.'],
  404: ['ConversationNotFound', 'Conversation not found.'],
  412: ['PreconditionFailed', 'Precondition failed, please try again.'],
  413: ['MessageSizeTooBig', 'Message size too large.'],
  429: ['Throttled', 'Too many requests.'],
  500: ['ServiceError', 'Unknown service error.'],
  502: ['ServiceError', 'Service dependency issue.'],
};

const lroFaults: readonly unknown[] = ['failed', 'canceled', 'never', 'gone'];
const known = new Set(['match', 'status', 'times', 'headers', 'dropAfterAccept', 'delayMs', 'lro']);

export class Faults {
  private active: { fault: Fault; left: number; url: RegExp | undefined }[] = [];

  /** @throws Error naming what is wrong: an unknown field, an invalid pattern, a fault that does nothing. */
  add(fault: Fault): void {
    check(fault);
    const url = fault.match.url === undefined ? undefined : new RegExp(fault.match.url, 'i');
    this.active.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY, url });
  }

  clear(): void {
    this.active = [];
  }

  /** The faults that still apply; `times` is how often they will. */
  list(): readonly Fault[] {
    return this.active.map(({ fault, left }) => (Number.isFinite(left) ? { ...fault, times: left } : fault));
  }

  /** The first fault that matches this request; each match uses up one of its times. */
  strike(request: SandboxRequest): Fault | undefined {
    const hit = this.active.find(({ fault, url }) => {
      const { match } = fault;
      if (match.face && match.face !== request.face) return false;
      if (match.method && match.method.toUpperCase() !== request.method) return false;
      return !url || url.test(request.url.href) || url.test(readable(request.url));
    });
    if (!hit) return undefined;
    hit.left -= 1;
    if (hit.left <= 0) this.active = this.active.filter((f) => f !== hit);
    return hit.fault;
  }
}

export function faultAnswer(fault: Fault, face: Face): SandboxResponse {
  const status = fault.status ?? 500;
  const fallback = ['Fault', `The sandbox was told to answer ${status}.`] as const;
  const [code, message] = (face === 'teams' ? teamsNames : azureNames)[status] ?? fallback;
  return { status, headers: fault.headers ?? {}, body: { error: { code, message } } };
}

/** People write `19:…@thread.tacv2` into a pattern, clients send `19%3A…%40thread.tacv2`: both should match. */
function readable(url: URL): string {
  try {
    return decodeURIComponent(url.href);
  } catch {
    return url.href;
  }
}

function check(fault: Fault): void {
  const unknown = Object.keys(fault).filter((field) => !known.has(field));
  const { match, status, times, delayMs, lro, headers } = fault;
  const whole = (n: number | undefined, from: number, to: number) =>
    n === undefined || (Number.isInteger(n) && n >= from && n <= to);
  const acts = status ?? delayMs ?? lro ?? (fault.dropAfterAccept || undefined);
  const problems = [
    unknown.length > 0 && `a fault has no ${unknown.join(', ')}; it has ${[...known].join(', ')}`,
    !isRecord(match) && '`match` must be an object with any of face, method, url; {} fits every request',
    acts === undefined && 'say what happens: one of status, dropAfterAccept, delayMs, lro',
    isRecord(match) && match.face && !['azure', 'teams'].includes(match.face) && '`face` is azure or teams',
    isRecord(match) && [match.method, match.url].some((m) => (m ?? '') !== String(m ?? '')) && 'method, url: texts',
    !whole(status, 200, 599) && '`status` must be a whole number from 200 to 599',
    !whole(times, 1, 1_000_000) && '`times` must be a whole number from 1',
    !whole(delayMs, 0, 3_600_000) && '`delayMs` must be whole milliseconds of machine time, at most an hour',
    lro !== undefined && !lroFaults.includes(lro) && `\`lro\` is one of ${lroFaults.join(', ')}`,
    headers !== undefined && !isRecord(headers) && '`headers` must be an object of texts',
  ].filter((p) => typeof p === 'string');
  if (problems.length > 0) throw new Error(problems.join('; '));
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
