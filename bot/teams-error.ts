/**
 * What became of a request to Teams:
 * `throttled` — not taken, later; `unreached` — nobody was there to take it; `unclear` — perhaps taken;
 * `closed` — goldbot may not speak in this conversation (any more); `lost` — the message that was to be edited is gone;
 * `too-big` — the message is; `refused` — taken as wrong, repeating it is no use.
 */
export type TeamsTrouble = 'throttled' | 'unreached' | 'unclear' | 'closed' | 'lost' | 'too-big' | 'refused';

export class TeamsError extends Error {
  override readonly name = 'TeamsError';

  constructor(
    readonly trouble: TeamsTrouble,
    message: string,
    readonly details: {
      readonly status?: number;
      /** Teams' own word for it: `BotNotInConversationRoster`. */
      readonly code?: string;
      /** Machine time. */
      readonly retryAfterMs?: number;
    } = {},
  ) {
    // Without the SDK's error as cause: it holds the request, and with it the bot's token.
    super(message);
  }
}

export function isTeamsError(error: unknown): error is TeamsError {
  return typeof error === 'object' && error !== null && (error as Error).name === 'TeamsError';
}

interface RestLike {
  readonly statusCode?: number;
  readonly code?: string;
  readonly body?: { readonly error?: { readonly code?: string } };
  readonly response?: { readonly headers?: { get?(name: string): string | undefined } };
}

/** Connections that never came to be: Teams has not seen the request. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** The `retry-after` of Teams when it names none. */
const usualWaitMs = 2_000;

export function toTeamsError(error: unknown): TeamsError {
  if (isTeamsError(error)) return error;
  const { statusCode: status, code: systemCode, body, response } = error as RestLike;
  if (status === undefined) {
    return new TeamsError(troubleBefore(error, systemCode), `Teams: ${systemCode ?? String(error)}`);
  }
  const code = body?.error?.code;
  const retryAfterMs = readRetryAfter(response?.headers?.get?.('retry-after'));
  const details = { status, ...(code && { code }), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  const trouble = troubleOf(status, code);
  const waiting = trouble === 'throttled' ? { ...details, retryAfterMs: retryAfterMs ?? usualWaitMs } : details;
  return new TeamsError(trouble, `Teams: ${status}${code ? ` ${code}` : ''}`, waiting);
}

function troubleBefore(error: unknown, code: string | undefined): TeamsTrouble {
  if ((error as Error).name === 'Refused') return 'closed';
  return neverSent.has(code ?? '') || !isRest(error) ? 'unreached' : 'unclear';
}

function troubleOf(status: number, code: string | undefined): TeamsTrouble {
  if (status === 429 || status === 412) return 'throttled';
  // Our own token is not accepted (yet): nothing was taken.
  if (status === 401) return 'unreached';
  if (status === 408 || status >= 500) return 'unclear';
  if (status === 413) return 'too-big';
  if (status === 404 && code?.startsWith('Activity')) return 'lost';
  return status === 403 || status === 404 ? 'closed' : 'refused';
}

/** Seconds, or a date. */
function readRetryAfter(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Errors of the SDK's own pipeline happened on the wire; anything else before it, as a missing token. */
function isRest(error: unknown): boolean {
  return ['RestError', 'AbortError', 'TimeoutError'].includes((error as Error).name);
}
