import { AsyncLocalStorage } from 'node:async_hooks';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { AzureWrite, Fence } from '../../core/azure';

/** Until when a write may arrive: what was left of its lease, in milliseconds, when its sender looked at that time. */
export const goodUntil = (leftMs: number, sentAt = Date.now()) => ({
  'x-left-ms': String(leftMs),
  'x-sent-at': String(sentAt),
});

/**
 * What arrives after its sender's lease is lost on the way, as its sender must believe: on a busy machine it would else be
 * done after the heir has looked, and count as a mistake of the engine. What was sent after the lease is done, and is a
 * mistake.
 */
export class Arrivals {
  /** Writes that were sent although the lease was over. */
  unleased = 0;

  isLost(headers: Readonly<Record<string, unknown>>): boolean {
    const [leftMs, sentAt] = [headers['x-left-ms'], headers['x-sent-at']].map(Number);
    // A look, which harms nobody however late it is.
    if (leftMs === undefined || sentAt === undefined || Number.isNaN(leftMs)) return false;
    if (leftMs <= 0) this.unleased += 1;
    return leftMs > 0 && Date.now() >= sentAt + leftMs;
  }
}

const writing = new AsyncLocalStorage<Fence>();

/** The same calls, whose requests `marking` will know for those of this fence. */
export function marked(write: (fence: Fence) => AzureWrite): (fence: Fence) => AzureWrite {
  return (fence) =>
    new Proxy(write(fence), {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => writing.run(fence, () => member.apply(target, args));
      },
    });
}

/** Says of each request within a marked call what is left of the lease. */
export function marking(client: HttpClient): HttpClient {
  return {
    sendRequest(request) {
      const fence = writing.getStore();
      if (fence && request.method !== 'GET')
        for (const [name, value] of Object.entries(goodUntil(Math.floor(fence.leftMs()))))
          request.headers.set(name, value);
      return client.sendRequest(request);
    },
  };
}
