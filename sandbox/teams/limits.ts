import type { SandboxResponse } from '../kernel/types';

type Window = readonly [requests: number, ms: number];

/** What Teams allows one bot in one thread, in machine time. */
const windows: Readonly<Record<'send' | 'read', readonly Window[]>> = {
  send: [
    [7, 1_000],
    [8, 2_000],
    [60, 30_000],
    [1_800, 3_600_000],
  ],
  read: [
    [14, 1_000],
    [16, 2_000],
    [120, 30_000],
    [3_600, 3_600_000],
  ],
};

/** The most bytes of UTF-16 that a message may have in total. */
export const maxMessageBytes = 100 * 1024;

export class RateLimits {
  private readonly seen = new Map<string, number[]>();

  constructor(
    private readonly enabled: boolean,
    private readonly machine: () => number = Date.now,
  ) {}

  /** Counts the request, or answers 429 without counting it. */
  check(kind: 'send' | 'read', thread: string): SandboxResponse | undefined {
    if (!this.enabled) return undefined;
    const now = this.machine();
    const times = (this.seen.get(`${kind} ${thread}`) ?? []).filter((t) => t > now - 3_600_000);
    this.seen.set(`${kind} ${thread}`, times);
    const waits = windows[kind].map(([requests, ms]) => (times.at(-requests) ?? Number.NEGATIVE_INFINITY) + ms - now);
    const waitMs = Math.max(...waits);
    if (waitMs <= 0) {
      times.push(now);
      return undefined;
    }
    const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) };
    return { status: 429, headers, body: { error: { code: 'Throttled', message: 'Too many requests.' } } };
  }
}

export function tooBig(activity: unknown): boolean {
  return JSON.stringify(activity).length * 2 > maxMessageBytes;
}
