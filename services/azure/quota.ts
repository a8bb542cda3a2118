import type { PipelinePolicy, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { UserError } from '../../core/errors';
import { believedMs, type Sleep } from '../../core/time';
import { retryAfterMs } from './errors';
import { serviceOfHost } from './operation';
import type { AzureLog } from './pipeline';

/**
 * What Azure allows goldbot's identity is shared by all people, runs and replicas: a request waits in line for its place
 * rather than being refused, and nobody sends anything while Azure wants silence. Machine time, in milliseconds.
 */

/** For whom something is asked: people wait in their own part of a quota, so that runs and decisions have theirs. */
export type Asker = 'people' | 'runs';

export type Allowance =
  /** At most so many in any stretch of so long. */
  | { readonly kind: 'window'; readonly ms: number; readonly calls: Readonly<Record<Asker, number>> }
  /** Azure's token bucket; `people`: their share of it. */
  | { readonly kind: 'bucket'; readonly perSecond: number; readonly burst: number; readonly people: number };

/** One quota, as all replicas call it. */
export interface Line {
  readonly key: string;
  /** Of these one that Azure wants to be silent is enough: the whole line, and the provider behind it. */
  readonly silences: readonly string[];
  readonly allows: Allowance;
}

export interface Places {
  /** For each request, how long it waits; those that would wait longer than asked for have no place. */
  readonly waitsMs: readonly number[];
  /** As of `silentMs`. */
  readonly silentMs: number | undefined;
}

/** What all replicas know of Azure's quotas. services/ keeps to it; app/ gives it a database. */
export interface Quotas {
  /** The next places for so many requests. While there is silence nothing is taken. */
  take(line: Line, asker: Asker, wants: { readonly count: number; readonly mostMs: number }): Promise<Places>;
  /** How much longer Azure wants silence; zero or less when that is over and nobody has asked since, undefined otherwise. */
  silentMs(line: Line): Promise<number | undefined>;
  /** Whether this caller is the one that asks whether a silence is over. Another one may after `ms`. */
  mayAsk(line: Line, ms: number): Promise<boolean>;
  /** It is over. */
  answered(line: Line): Promise<void>;
  /** Azure wants silence for so long: of the whole line or of the provider alone. */
  silence(line: Line, ms: number, of: 'line' | 'provider'): Promise<void>;
  /** Azure says what part of the quota is left. */
  left(line: Line, share: number): Promise<void>;
}

/** Who asks, and how long that may take. */
export interface Asking {
  readonly asker: Asker;
  readonly leftMs: number;
}

interface QuotaPolicy {
  readonly quotas: Quotas;
  readonly sleep: Sleep;
  readonly log: AzureLog | undefined;
  readonly asking: () => Asking;
}

/** Resource Graph grants one identity 15 queries in 5 s; requests may overtake each other by a little. */
const queries: Allowance = { kind: 'window', ms: 5_200, calls: { people: 12, runs: 3 } };
/** Azure Resource Manager, for each subscription, identity and region. People write nothing, but a POST that asks counts as a write. */
const armReads: Allowance = { kind: 'bucket', perSecond: 25, burst: 250, people: 0.6 };
const armWrites: Allowance = { kind: 'bucket', perSecond: 10, burst: 200, people: 0.2 };
/** Of the smallest tenants: 3,500 units in 10 s, and a page of members costs three. */
const graphReads: Allowance = { kind: 'bucket', perSecond: 100, burst: 500, people: 0.6 };

/** Longer than any read waits, and longer than anybody wants to wait for an answer. */
const longestMs: Readonly<Record<Asker, number>> = { people: 20_000, runs: 45_000 };
/** A refusal without a time. */
const unsaidMs = 5_000;
/** How long the one that asks whether a silence is over has for its answer, and how often the others listen. */
const askingMs = 2_000;
const listenMs = 200;

/**
 * Each request of a client waits for its place. When the quotas cannot be read the request is sent all the same, and
 * Azure decides.
 */
export function quotaPolicy({ quotas, sleep, log, asking }: QuotaPolicy): PipelinePolicy {
  const told = <T>(error: unknown, instead: T): T => {
    if ((error as Error).name === 'UserError') throw error;
    log?.warn({ err: error }, 'the quotas of Azure could not be read');
    return instead;
  };
  const taking = together(quotas);
  const heard = new Heard(quotas);
  return {
    name: 'goldbotQuota',
    async sendRequest(request, next) {
      const line = lineOf(request);
      if (!line) return next(request);
      const signal = request.abortSignal as AbortSignal | undefined;
      const { asker, leftMs } = asking();
      const mostMs = Math.min(leftMs, longestMs[asker]);
      const pause = pausesWithin(mostMs, async (ms) => {
        await sleep(ms, signal);
        signal?.throwIfAborted();
      });
      const turn = { line, quotas, take: () => taking(line, asker, mostMs), pause };
      const asks = await myTurn(turn).catch((error: unknown) => {
        signal?.throwIfAborted();
        return told(error, false);
      });
      const response = await next(request);
      await heard.note(line, response, asks).catch((error: unknown) => told(error, undefined));
      return response;
    },
  };
}

interface Turn {
  readonly line: Line;
  readonly quotas: Quotas;
  readonly take: () => Promise<{ readonly waitMs: number; readonly silentMs: number | undefined }>;
  readonly pause: (ms: number, silent: boolean) => Promise<void>;
}

/** Returns when it may be sent: true for the one that finds out whether a silence is over. */
async function myTurn({ line, quotas, take, pause }: Turn): Promise<boolean> {
  for (;;) {
    const { waitMs, silentMs } = await take();
    if (silentMs !== undefined && silentMs > 0) await pause(silentMs, true);
    else if (silentMs !== undefined) {
      if (await quotas.mayAsk(line, askingMs)) return true;
      await pause(listenMs, true);
    } else if (waitMs === 0) return false;
    else {
      await pause(waitMs, false);
      // Whoever slept through somebody else's refusal needs a new place.
      if ((await quotas.silentMs(line)) === undefined) return false;
    }
  }
}

/** Sleeps no longer than that altogether. */
function pausesWithin(mostMs: number, sleep: (ms: number) => Promise<void>) {
  let leftMs = mostMs;
  return async (ms: number, silent: boolean): Promise<void> => {
    leftMs -= ms;
    if (leftMs < 0) throw tooMany(Math.max(ms, 1_000), silent);
    await sleep(Math.ceil(ms));
  };
}

function tooMany(ms: number, silent: boolean): UserError {
  const wait = Math.ceil(ms / 1_000);
  const why = silent ? 'Azure asked goldbot to slow down' : 'goldbot has asked Azure as often as it may';
  return new UserError('AZ_THROTTLED', `${why}: the next question can be sent in ${wait} seconds.`, {
    hint: `Try again in ${wait} seconds.`,
    facts: { retryAfterSeconds: wait },
    retryAfterMs: wait * 1_000,
  });
}

/** Whoever comes while others are being given their places gets one with the next batch: one statement for all of them. */
function together(quotas: Quotas) {
  interface Waiting {
    readonly mostMs: number;
    readonly served: (place: { readonly waitMs: number; readonly silentMs: number | undefined }) => void;
    readonly failed: (error: unknown) => void;
  }
  const lines = new Map<string, Waiting[]>();
  const serve = async (key: string, line: Line, asker: Asker): Promise<void> => {
    for (let batch = lines.get(key) ?? []; batch.length > 0; batch = lines.get(key) ?? []) {
      lines.set(key, []);
      const mostMs = Math.max(...batch.map((one) => one.mostMs));
      try {
        const { waitsMs, silentMs } = await quotas.take(line, asker, { count: batch.length, mostMs });
        for (const [n, { served }] of batch.entries()) served({ waitMs: waitsMs[n] ?? 0, silentMs });
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    lines.delete(key);
  };
  return (line: Line, asker: Asker, mostMs: number) =>
    new Promise<{ readonly waitMs: number; readonly silentMs: number | undefined }>((served, failed) => {
      const key = `${asker} ${line.key}`;
      const waiting = lines.get(key);
      if (waiting) return void waiting.push({ mostMs, served, failed });
      lines.set(key, [{ mostMs, served, failed }]);
      void serve(key, line, asker);
    });
}

/** Below that share of a quota what Azure says is left is told to the others: somebody else uses it too. */
const scarce = 0.25;
const tellEveryMs = 1_000;

/** What an answer says about its quota. */
class Heard {
  private readonly toldAt = new Map<string, number>();

  constructor(private readonly quotas: Quotas) {}

  async note(line: Line, response: PipelineResponse, asked: boolean): Promise<void> {
    const refused = refusedMs(response);
    if (refused !== undefined)
      return this.quotas.silence(line, refused, isOfLine(line, response) ? 'line' : 'provider');
    if (asked) await this.quotas.answered(line);
    const used = usedUpMs(response);
    if (used > 0) return this.quotas.silence(line, used, 'line');
    const share = shareLeft(line, response);
    if (share === undefined || share > scarce || !this.isTime(line.key)) return;
    await this.quotas.left(line, Math.max(share, 0));
  }

  private isTime(key: string): boolean {
    const now = performance.now();
    if (now - (this.toldAt.get(key) ?? Number.NEGATIVE_INFINITY) < tellEveryMs) return false;
    this.toldAt.set(key, now);
    return true;
  }
}

function refusedMs({ status, headers }: PipelineResponse): number | undefined {
  const asked = retryAfterMs(headers);
  if (status === 429) return asked ?? unsaidMs;
  return status === 503 ? asked : undefined;
}

/** A provider has limits of its own, as Compute for each machine; other providers of the subscription go on answering. */
function isOfLine(line: Line, { status, headers, bodyAsText }: PipelineResponse): boolean {
  if (line.silences.length === 1) return true;
  const isSpent = [...left.keys()].some((name) => headers.get(name) === '0');
  return status === 429 && (isSpent || /"(?:Subscription|Tenant)RequestsThrottled"/.test(bodyAsText ?? ''));
}

/** How long Azure answers nothing more: others use the same quota too. */
function usedUpMs({ headers }: PipelineResponse): number {
  if (headers.get('x-ms-user-quota-remaining') !== '0') return 0;
  const [, h, m, s] = /^(\d+):(\d\d):(\d\d)/.exec(headers.get('x-ms-user-quota-resets-after') ?? '') ?? [];
  return believedMs(((Number(h ?? 0) * 60 + Number(m ?? 0)) * 60 + Number(s ?? 0)) * 1_000);
}

/** Headers in which Resource Manager tells what is left of a bucket. */
const left: ReadonlyMap<string, Allowance> = new Map(
  (['subscription', 'tenant'] as const).flatMap((scope) => [
    [`x-ms-ratelimit-remaining-${scope}-reads`, armReads] as const,
    [`x-ms-ratelimit-remaining-${scope}-writes`, armWrites] as const,
    [`x-ms-ratelimit-remaining-${scope}-deletes`, armWrites] as const,
  ]),
);

function shareLeft({ allows }: Line, { headers }: PipelineResponse): number | undefined {
  if (allows.kind !== 'bucket') return undefined;
  for (const [name, allowance] of left) {
    const said = allowance === allows ? headers.get(name) : undefined;
    if (said !== undefined && /^\d+$/.test(said)) return Number(said) / allows.burst;
  }
  return undefined;
}

const queried = /\/Microsoft\.PolicyInsights\/.*\/(?:queryResults|summarize)$/i;

/** The quota that a request counts against; undefined for what has none that goldbot could reach. */
export function lineOf({ method, url }: Pick<PipelineRequest, 'method' | 'url'>): Line | undefined {
  const { hostname, pathname } = new URL(url);
  const service = serviceOfHost(hostname);
  if (service === undefined) return undefined;
  if (service === 'graph') return { key: 'graph', silences: ['graph'], allows: graphReads };
  if (/^\/providers\/Microsoft\.ResourceGraph\//i.test(pathname)) {
    return { key: 'resource graph', silences: ['resource graph'], allows: queries };
  }
  const verb =
    method === 'GET' || method === 'HEAD' || queried.test(pathname)
      ? 'reads'
      : method === 'DELETE'
        ? 'deletes'
        : 'writes';
  const whose = /^\/subscriptions\/([^/]+)/i.exec(pathname)?.[1]?.toLowerCase() ?? 'tenant';
  const provider = /.*\/providers\/([^/]+)/i.exec(pathname)?.[1]?.toLowerCase() ?? 'none';
  const key = `arm ${verb} ${whose}`;
  return { key, silences: [key, `${key} ${provider}`], allows: verb === 'reads' ? armReads : armWrites };
}
