/** What is left of a caller's quota. */
export interface Quota {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly resetsAfterMs: number;
}

/** Resource Graph's quota: this many queries by one caller in a window of machine time. */
export class QueryThrottle {
  private readonly windows = new Map<string, { startMs: number; used: number }>();

  constructor(
    private readonly queries: number,
    private readonly windowMs: number,
    private readonly machine: () => number,
  ) {}

  take(caller: string): Quota {
    const now = this.machine();
    const open = this.windows.get(caller);
    const window = open && now - open.startMs < this.windowMs ? open : { startMs: now, used: 0 };
    this.windows.set(caller, window);
    const allowed = window.used < this.queries;
    if (allowed) window.used += 1;
    const resetsAfterMs = Math.max(0, window.startMs + this.windowMs - now);
    return { allowed, remaining: this.queries - window.used, resetsAfterMs };
  }
}

export function quotaHeaders({ remaining, resetsAfterMs }: Quota): Record<string, string> {
  const seconds = String(Math.ceil(resetsAfterMs / 1_000)).padStart(2, '0');
  return {
    'x-ms-user-quota-remaining': String(remaining),
    'x-ms-user-quota-resets-after': `00:00:${seconds}`,
    'x-ms-ratelimit-remaining-tenant-resource-requests': String(remaining),
  };
}

/** How long a query took, in Azure's form: `0:00:00:00.0138132`. */
export function durationHeader(ms: number): Record<string, string> {
  const seconds = Math.min(ms / 1_000, 59)
    .toFixed(7)
    .padStart(10, '0');
  return { 'x-ms-resource-graph-request-duration': `0:00:00:${seconds}` };
}
