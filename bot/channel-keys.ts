import { type CryptoKey, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { Refused } from './refused';

export interface ChannelKey {
  readonly key: CryptoKey | Uint8Array;
  /** Channels that tokens of this key may speak for. */
  readonly endorsements: readonly string[];
}

export interface ChannelKeysOptions {
  /** OpenID metadata of the Bot Framework. */
  readonly metadataUrl: string;
  /** Machine time in milliseconds. */
  readonly now?: () => number;
}

const dayMs = 24 * 3_600_000;
/** An unknown key id asks for the keys again, but forged ids must not make goldbot hammer Microsoft. */
const cooldownMs = 30_000;
/** Without any key goldbot hears nobody, so it asks again sooner. */
const cooldownWithoutKeysMs = 5_000;
const timeoutMs = 5_000;
const noKeys = 'the keys of the Bot Framework cannot be had';

const metadataSchema = z.object({ jwks_uri: z.url() });
const keysSchema = z.object({
  keys: z.array(z.looseObject({ kid: z.string(), kty: z.string(), endorsements: z.array(z.string()).default([]) })),
});

/** The keys with which the Bot Framework signs, kept for a day and asked for again when a new one appears. */
export class ChannelKeys {
  private keys: ReadonlyMap<string, ChannelKey> = new Map();
  private fetchedAt = Number.NEGATIVE_INFINITY;
  private askedAt = Number.NEGATIVE_INFINITY;
  private asking: Promise<void> | undefined;
  private readonly now: () => number;

  constructor(private readonly options: ChannelKeysOptions) {
    this.now = options.now ?? Date.now;
  }

  /**
   * Undefined when nobody published this key. Keys that could not be renewed stay in use.
   *
   * @throws Refused 503 while there are no keys at all.
   */
  async find(kid: string): Promise<ChannelKey | undefined> {
    const stale = this.now() - this.fetchedAt > dayMs;
    if (stale || !this.keys.has(kid)) await this.renewed();
    if (this.keys.size === 0) throw new Refused(503, noKeys);
    return this.keys.get(kid);
  }

  /** Joins the asking that is under way, or starts one when the last one is long enough ago, whatever came of it. */
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
      if (this.keys.size === 0) throw new Refused(503, noKeys, { cause });
    }
  }

  private async load(): Promise<void> {
    const { jwks_uri } = metadataSchema.parse(await getJson(this.options.metadataUrl));
    const { keys } = keysSchema.parse(await getJson(jwks_uri));
    const rsa = keys.filter((jwk) => jwk.kty === 'RSA');
    this.keys = new Map(await Promise.all(rsa.map(async (jwk) => [jwk.kid, await imported(jwk)] as const)));
    this.fetchedAt = this.now();
  }
}

async function imported(jwk: { kid: string; endorsements: string[] }): Promise<ChannelKey> {
  return { key: await importJWK(jwk as unknown as JWK, 'RS256'), endorsements: jwk.endorsements };
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}
