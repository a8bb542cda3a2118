import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { type CryptoKey, importJWK, type JWK, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { type BotCloud, clouds } from '../core/cloud';
import { sha256 } from '../core/hash';
import { type Clock, days, hours, seconds } from '../core/time';
import { auditAlone, type Database } from '../store';
import type { Log } from './log';

/** Somebody with a valid Teams token from a tenant that goldbot does not serve. */
export interface Stranger {
  readonly tenant: string;
  readonly oid: string | null;
  readonly name: string;
}

/** A request that the front door turns away. The message is for the log; the caller sees only the status and its name. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly stranger: Stranger | undefined;
  /** When to come again, in milliseconds of machine time. */
  readonly retryAfterMs: number | undefined;

  constructor(
    /** HTTP status. */
    readonly status: 400 | 401 | 403 | 405 | 408 | 413 | 415 | 429 | 503,
    /** For the log; never contains any part of the token or the body. */
    message: string,
    options?: ErrorOptions & { readonly stranger?: Stranger; readonly retryAfterMs?: number },
  ) {
    super(message, options);
    this.stranger = options?.stranger;
    this.retryAfterMs = options?.retryAfterMs;
  }
}

export function isRefused(error: unknown): error is Refused {
  return typeof error === 'object' && error !== null && (error as Error).name === 'Refused';
}

export interface FrontDoorSettings {
  /** The bot's app id. Never empty: an empty one would switch the SDK's authentication off. */
  readonly appId: string;
  /** Entra tenants that are served. */
  readonly tenants: readonly string[];
  /** Whose Teams; the public one's when absent. */
  readonly cloud?: BotCloud;
}

/** A token that was signed for this bot; what it may say depends on the activity. */
export interface Credentials {
  readonly serviceUrl: string;
  readonly endorsements: readonly string[];
}

/** How far clocks may be apart. */
export const skewSeconds = 5 * 60;

/** May be missing or null, which is the same. */
const maybe = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined);
/** Whoever reads a text calls a method of texts. */
const text = (most: number) => z.string().max(most);
const tenant = z.object({ id: z.string() });
/** A team or a channel. One that has no id cannot be found again, and is none. */
const place = maybe(
  z
    .looseObject({ id: maybe(text(1_000)), name: maybe(text(1_000)), aadGroupId: maybe(text(100)) })
    .transform((one) => (one.id ? one : undefined)),
);
const list = z.array(z.unknown());
const members = z.array(z.looseObject({ id: maybe(text(500)) }));

/** What goldbot reads of an activity, each with its type. */
const activitySchema = z.looseObject({
  type: z.string().min(1).max(100),
  id: text(500).optional(),
  name: maybe(text(200)),
  text: maybe(z.string()),
  replyToId: maybe(text(500)),
  locale: maybe(text(100)),
  localTimezone: maybe(text(100)),
  action: maybe(text(100)),
  entities: maybe(list),
  attachments: maybe(list),
  membersAdded: maybe(members),
  membersRemoved: maybe(members),
  channelId: z.string(),
  serviceUrl: z.string().max(2_000),
  from: z.looseObject({
    id: text(500),
    tenantId: z.string().optional(),
    name: maybe(text(1_000)),
    aadObjectId: maybe(text(100)),
  }),
  recipient: z.looseObject({ id: z.string().max(500) }),
  conversation: z.looseObject({
    id: text(1_000).min(1),
    tenantId: z.string().optional(),
    conversationType: maybe(text(100)),
  }),
  channelData: z
    .looseObject({
      tenant: tenant.optional(),
      team: place,
      channel: place,
      teamsTeamId: maybe(text(1_000)),
      settings: maybe(z.looseObject({ selectedChannel: place })),
      eventType: maybe(text(200)),
    })
    .optional(),
});

/** An activity, typed as far as the front door has checked it. */
export type CheckedActivity = z.infer<typeof activitySchema>;

/**
 * Decides who gets in, before a framework sees anything: botbuilder skips the service URL when there is none, ignores
 * tenants, trusts the emulator's issuer in production and answers a forged signature with 500. A token is verified here
 * and nowhere else; botbuilder is handed the result.
 */
export class FrontDoor {
  private readonly tenants: ReadonlySet<string>;
  private readonly good = new GoodTokens();

  constructor(
    private readonly settings: FrontDoorSettings,
    private readonly keys: ChannelKeys,
    private readonly mayCall: ServiceUrlRule,
    /** Machine time in milliseconds. */
    private readonly now: () => number = Date.now,
  ) {
    if (settings.appId.trim() === '') throw new Error('front door: the app id is empty');
    this.tenants = new Set(settings.tenants.map((id) => id.trim().toLowerCase()).filter((id) => id !== ''));
    if (this.tenants.size === 0) throw new Error('front door: the tenant allow-list is empty');
  }

  /**
   * Checks the bearer token alone, before the body is read.
   *
   * @throws Refused 401 for every bad token, 503 while the signing keys are unavailable.
   */
  async authenticate(authorization: string | undefined): Promise<Credentials> {
    const token = bearerOf(authorization);
    const known = this.good.find(token);
    // Its key is looked for as ever: with one that is published no more, or anew, the token is read again.
    if (known && this.now() < known.until && (await this.keys.find(known.kid))?.key === known.key)
      return known.credentials;
    const { payload: claims, endorsements, kid, key } = await this.verified(token);
    const { serviceurl: serviceUrl, aud, exp = 0 } = claims;
    if (typeof serviceUrl !== 'string') throw new Refused(401, 'the token names no service URL');
    if (aud !== this.settings.appId) throw new Refused(401, 'the token is for others as well');
    if (isOfAnotherBot(claims)) throw new Refused(401, 'the token was issued to another bot');
    const credentials = { serviceUrl, endorsements };
    this.good.keep(token, { credentials, kid, key, until: exp * 1_000 });
    return credentials;
  }

  /**
   * Checks that the activity is the one the token was issued for, and that goldbot serves its tenant.
   *
   * @throws Refused 400 (no activity), 401 (not the token's), 403 (channel, service URL or tenant not served).
   */
  admit(credentials: Credentials, body: unknown): CheckedActivity {
    const read = activitySchema.safeParse(body);
    if (!read.success) throw new Refused(refusalOf(read.error), `no activity: ${paths(read.error)}`);
    const activity = read.data;
    if (activity.channelId !== 'msteams') throw new Refused(403, 'the channel is not Microsoft Teams');
    if (!credentials.endorsements.includes(activity.channelId))
      throw new Refused(401, 'the key is not for this channel');
    if (credentials.serviceUrl !== activity.serviceUrl) throw new Refused(401, 'the token is for another service URL');
    if (!this.mayCall(activity.serviceUrl)) throw new Refused(403, 'the service URL is not one of Microsoft Teams');
    this.checkTenant(activity);
    return activity;
  }

  private async verified(token: string): Promise<ChannelKey & { readonly payload: JWTPayload; readonly kid: string }> {
    try {
      let signer: (ChannelKey & { readonly kid: string }) | undefined;
      const { payload } = await jwtVerify(
        token,
        async ({ kid }) => {
          const found = kid === undefined ? undefined : await this.keys.find(kid);
          if (!found || kid === undefined) throw new Refused(401, 'the key of the token is unknown');
          signer = { ...found, kid };
          return found.key;
        },
        {
          algorithms: ['RS256'],
          issuer: (this.settings.cloud ?? clouds.Public.bot).issuer,
          audience: this.settings.appId,
          clockTolerance: skewSeconds,
          requiredClaims: ['exp'],
          currentDate: new Date(this.now()),
        },
      );
      if (!signer) throw new Refused(401, 'the key of the token is unknown');
      return { payload, ...signer };
    } catch (error) {
      throw badToken(error);
    }
  }

  /** The activity must name a tenant, and goldbot must serve every tenant it names: a guest's home tenant shows in `from`. */
  private checkTenant({ conversation, channelData, from }: CheckedActivity): void {
    const named = [conversation.tenantId, channelData?.tenant?.id, from.tenantId].filter((id) => id !== undefined);
    if (named.length === 0) throw new Refused(403, 'the activity names no tenant');
    const foreign = named.find((id) => !this.tenants.has(id.toLowerCase()));
    if (foreign === undefined) return;
    throw new Refused(403, 'the tenant is not served', { stranger: strangerOf(foreign, from) });
  }
}

interface GoodToken {
  readonly credentials: Credentials;
  readonly kid: string;
  readonly key: ChannelKey['key'];
  /** When it ends, without the patience with clocks that a first look has. */
  readonly until: number;
}

const rememberedTokens = 100;

/**
 * Tokens that were good when they were read: Teams sends one with many activities, and reading it costs as much as
 * drawing a card. By their hashes; what is not good is not remembered, so that nobody can fill it.
 */
class GoodTokens {
  private readonly known = new Map<string, GoodToken>();

  find(token: string): GoodToken | undefined {
    return this.known.get(sha256(token));
  }

  keep(token: string, good: GoodToken): void {
    if (this.known.size >= rememberedTokens) this.known.clear();
    this.known.set(sha256(token), good);
  }
}

/** @throws Refused 401 */
export function bearerOf(authorization: string | undefined): string {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
  if (!token) throw new Refused(401, 'no bearer token');
  return token;
}

/** What a token that does not hold is refused with; what was refused for another reason stays so. */
export function badToken(error: unknown): Refused {
  if (isRefused(error)) return error;
  return new Refused(401, `bad token: ${String((error as { code?: unknown }).code ?? 'unreadable')}`);
}

/** A bot that uses goldbot as its skill says so by its own id: as `azp` since version 2.0, as `appid` before. */
function isOfAnotherBot({ ver, appid, azp, aud }: JWTPayload): boolean {
  const issuedTo = ver === '2.0' ? azp : appid;
  return appid === anonymousSkill || (Boolean(ver) && Boolean(issuedTo) && issuedTo !== aud);
}

/** What the SDKs put there for a skill without any id. */
const anonymousSkill = 'AnonymousSkill';

function strangerOf(tenant: string, { aadObjectId, name }: CheckedActivity['from']): Stranger {
  const short = (text: unknown) => (typeof text === 'string' ? text.slice(0, 100) : undefined);
  return {
    tenant: tenant.slice(0, 100),
    oid: short(aadObjectId)?.toLowerCase() ?? null,
    name: short(name) ?? 'somebody',
  };
}

/** A missing or malformed service URL is an authentication failure; anything else missing means this is not an activity. */
function refusalOf(error: z.ZodError): 400 | 401 {
  return error.issues.some((issue) => issue.path[0] === 'serviceUrl') ? 401 : 400;
}

function paths(error: z.ZodError): string {
  return error.issues
    .map((issue) => issue.path.join('.') || 'the body')
    .slice(0, 5)
    .join(', ');
}

/** Whether goldbot may send its token to a service URL. */
export type ServiceUrlRule = (serviceUrl: string) => boolean;

/**
 * Only where Teams' connector of this cloud lives: anybody can register a name under `trafficmanager.net`. `sandboxUrl`
 * allows one more origin (scheme, host and port); absent outside the sandbox.
 */
export function serviceUrlRule(sandboxUrl?: string, { connectors } = clouds.Public.bot): ServiceUrlRule {
  const sandboxOrigin = sandboxUrl === undefined ? undefined : new URL(sandboxUrl).origin;
  return (serviceUrl) => {
    const url = read(serviceUrl);
    if (url === undefined || url.username + url.password !== '') return false;
    if (sandboxOrigin !== undefined && url.origin === sandboxOrigin) return true;
    return url.protocol === 'https:' && url.port === '' && connectors.includes(url.hostname);
  };
}

/** Undefined unless the URL is in canonical form: anything else could be read differently by two parsers. */
function read(serviceUrl: string): URL | undefined {
  const url = URL.canParse(serviceUrl) ? new URL(serviceUrl) : undefined;
  return url && (url.href === serviceUrl || url.href === `${serviceUrl}/`) ? url : undefined;
}

export interface ChannelKey {
  readonly key: CryptoKey | Uint8Array;
  /** The channels this key may sign for. */
  readonly endorsements: readonly string[];
}

/** Turns an address of Microsoft's into what is really asked: the sandbox plays several hosts at one address. */
export type Reach = (url: string) => { readonly url: string; readonly headers?: Readonly<Record<string, string>> };

export interface ChannelKeysOptions {
  /** OpenID metadata of whoever signs. */
  readonly metadataUrl: string;
  /** Whose keys they are; the Bot Framework's when absent. */
  readonly of?: string;
  /** Where an address is reached, and with which headers; where it says when absent. */
  readonly reach?: Reach;
  /** Machine time in milliseconds. */
  readonly now?: () => number;
}

const keysLastMs = days(1);
/** An unknown key id triggers a new download, but forged ids must not make goldbot hammer Microsoft. */
const cooldownMs = seconds(30);
/** Without any key goldbot can hear nobody, so it retries sooner. */
const cooldownWithoutKeysMs = seconds(5);
const keysTimeoutMs = seconds(5);
const mostBytes = 1_000_000;

const metadataSchema = z.object({ jwks_uri: z.url() });
const keysSchema = z.object({
  keys: z.array(z.looseObject({ kid: z.string(), kty: z.string(), endorsements: z.array(z.string()).default([]) })),
});

/** Published signing keys, of the Bot Framework or of Entra, kept for a day and downloaded again when an unknown key id appears. */
export class ChannelKeys {
  private keys: ReadonlyMap<string, ChannelKey> = new Map();
  private fetchedAt = Number.NEGATIVE_INFINITY;
  private askedAt = Number.NEGATIVE_INFINITY;
  private asking: Promise<void> | undefined;
  private readonly now: () => number;
  private readonly noKeys: string;

  constructor(private readonly options: ChannelKeysOptions) {
    this.now = options.now ?? Date.now;
    this.noKeys = `the keys of ${options.of ?? 'the Bot Framework'} cannot be had`;
  }

  /**
   * Undefined when no such key is published. Keys that could not be renewed stay in use.
   *
   * @throws Refused 503 while there are no keys at all.
   */
  async find(kid: string): Promise<ChannelKey | undefined> {
    const stale = this.now() - this.fetchedAt > keysLastMs;
    if (stale || !this.keys.has(kid)) await this.renewed();
    if (this.keys.size === 0) throw new Refused(503, this.noKeys);
    return this.keys.get(kid);
  }

  /** Undefined when there are keys, also old ones that could not be renewed; otherwise the problem, for operators. */
  async problem(): Promise<string | undefined> {
    if (this.keys.size === 0) await this.renewed().catch(() => undefined);
    return this.keys.size === 0 ? this.noKeys : undefined;
  }

  /** Joins the download in progress, or starts one if the last attempt, successful or not, is long enough ago. */
  private async renewed(): Promise<void> {
    const pause = this.keys.size === 0 ? cooldownWithoutKeysMs : cooldownMs;
    if (!this.asking && this.now() - this.askedAt <= pause) return;
    this.asking ??= this.load().finally(() => {
      this.askedAt = this.now();
      this.asking = undefined;
    });
    try {
      await this.asking;
    } catch (cause) {
      if (this.keys.size === 0) throw new Refused(503, this.noKeys, { cause });
    }
  }

  private async load(): Promise<void> {
    const { metadataUrl, reach = (url) => ({ url }) } = this.options;
    const { jwks_uri } = metadataSchema.parse(await getJson(reach(metadataUrl), keysTimeoutMs));
    const { keys } = keysSchema.parse(await getJson(reach(jwks_uri), keysTimeoutMs));
    const rsa = keys.filter((jwk) => jwk.kty === 'RSA');
    this.keys = new Map(await Promise.all(rsa.map(async (jwk) => [jwk.kid, await imported(jwk)] as const)));
    this.fetchedAt = this.now();
  }
}

async function imported(jwk: { kid: string; endorsements: string[] }): Promise<ChannelKey> {
  return { key: await importJWK(jwk as unknown as JWK, 'RS256'), endorsements: jwk.endorsements };
}

/**
 * What is at this address, as JSON; no redirect is followed. Not by `fetch`, which knows of no proxy.
 *
 * @throws Error when there is no such answer within `ms` of machine time.
 */
async function getJson({ url, headers }: ReturnType<Reach>, ms: number): Promise<unknown> {
  const get = url.startsWith('https:') ? httpsGet : httpGet;
  const signal = AbortSignal.timeout(ms);
  const text = await new Promise<string>((done, fail) => {
    const asked = get(url, { headers: { accept: 'application/json', ...headers }, signal }, async (response) => {
      try {
        if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`);
        let whole = '';
        for await (const chunk of response.setEncoding('utf8')) {
          whole += chunk;
          if (whole.length > mostBytes) throw new Error(`${url} answered with more than ${mostBytes} bytes`);
        }
        done(whole);
      } catch (error) {
        asked.destroy();
        fail(error);
      }
    });
    asked.once('error', (cause) => fail(new Error(`${url}: ${cause.message}`, { cause })));
  });
  return JSON.parse(text);
}

/** At most one audit entry per tenant in this time. */
const strangerPauseMs = hours(1);
const rememberedTenants = 100;

/** Audits attempts from tenants that goldbot does not serve: once an hour per tenant, with the number of attempts since. */
export class Strangers {
  private readonly heard = new Map<string, { at: number; unsaid: number }>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Never throws. */
  async note({ tenant, oid, name }: Stranger): Promise<void> {
    const last = this.heard.get(tenant);
    if (last && Date.now() - last.at < strangerPauseMs) {
      last.unsaid += 1;
      return;
    }
    if (this.heard.size >= rememberedTenants) this.heard.clear();
    this.heard.set(tenant, { at: Date.now(), unsaid: 0 });
    const detail = { code: 'WRONG_TENANT', tenant, unsaid: last?.unsaid ?? 0 };
    const record = { at: this.clock.now(), who: { oid, name }, action: 'refuse', detail } as const;
    await auditAlone(this.database, record).catch((err) => this.log.warn({ err }, 'a stranger could not be audited'));
  }
}
