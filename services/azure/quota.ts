import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline';
import type { Sleep } from '../../core/time';
import { retryAfterMs } from './errors';
import type { AzureLog } from './pipeline';

/**
 * A quota that one identity shares with everybody and every replica. Whoever asks waits in line, first come, first
 * served, rather than being refused. Machine time, in milliseconds.
 */
export interface QueryQuota {
  /** Takes the next free place and returns how long to wait for it. One further away than `mostMs` is not taken. */
  take(mostMs: number): Promise<number>;
  /** Azure said that there is nothing left for so long. */
  hold(ms: number): Promise<void>;
}

/** Longer than any question waits. */
const longestWaitMs = 45_000;

/**
 * Each request of a client waits for its place. When the quota cannot be read the request is sent all the same, and
 * Azure decides.
 */
export function quotaPolicy(quota: QueryQuota, sleep: Sleep, log: AzureLog | undefined): PipelinePolicy {
  const told = <T>(error: unknown, instead: T): T => {
    log?.warn({ err: error }, 'the quota of Resource Graph could not be read');
    return instead;
  };
  return {
    name: 'goldbotQuota',
    async sendRequest(request, next) {
      const signal = request.abortSignal as AbortSignal | undefined;
      const waitMs = await quota.take(longestWaitMs).catch((error: unknown) => told(error, 0));
      if (waitMs > 0) await sleep(waitMs, signal);
      signal?.throwIfAborted();
      const response = await next(request);
      const holdMs = exhaustedMs(response);
      if (holdMs > 0) await quota.hold(holdMs).catch((error: unknown) => told(error, undefined));
      return response;
    },
  };
}

/** How long Azure answers nothing more: others use the same quota too. */
function exhaustedMs({ status, headers }: PipelineResponse): number {
  if (status === 429) return retryAfterMs(headers) ?? 0;
  if (headers.get('x-ms-user-quota-remaining') !== '0') return 0;
  const [, h, m, s] = /^(\d+):(\d\d):(\d\d)/.exec(headers.get('x-ms-user-quota-resets-after') ?? '') ?? [];
  return ((Number(h ?? 0) * 60 + Number(m ?? 0)) * 60 + Number(s ?? 0)) * 1_000;
}
