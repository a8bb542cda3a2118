import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';
import type { Sleep } from '../../core/time';

/** A look is tried so often. */
const tries = 3;
/** A longer Retry-After is the caller's to wait: a look does not hold a worker that long. */
const longestWaitMs = 10_000;
const firstBackOffMs = 400;
const transient = new Set([408, 500, 502, 503, 504]);

/** Repeats questions: after Retry-After exactly, otherwise backing off. A 429 that names no time is not repeated. */
export function readRetryPolicy(sleep: Sleep): PipelinePolicy {
  return {
    name: 'goldbotLookRetry',
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

/** Milliseconds that Azure asks to wait; undefined when it does not say. */
export function retryAfterMs(headers: { get(name: string): string | undefined }): number | undefined {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const ms = headers.get(name);
    if (ms !== undefined && /^\d+$/.test(ms)) return Number(ms);
  }
  const after = headers.get('retry-after');
  if (after === undefined) return undefined;
  if (/^\d+$/.test(after)) return Number(after) * 1000;
  const at = Date.parse(after);
  return Number.isNaN(at) ? undefined : Math.max(at - Date.now(), 0);
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
