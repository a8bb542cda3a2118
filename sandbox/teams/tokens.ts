import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import type { Route } from '../kernel/types';
import type { World } from '../kernel/world';

interface KeySection {
  jwk: JsonWebKey;
}

export const issuer = 'https://api.botframework.com';

/**
 * Signs what Teams sends to the bot, and publishes the key as the Bot Framework does. The key outlives restarts and
 * resets, because bots remember keys for days.
 */
export class ChannelTokens {
  readonly kid = 'goldbot-sandbox';
  private made: JsonWebKey | undefined;
  private opened: { readonly jwk: JsonWebKey; readonly key: KeyObject } | undefined;
  private last: { readonly of: string; readonly key: KeyObject; readonly token: Promise<string> } | undefined;

  constructor(
    private readonly world: World,
    readonly appId: string,
  ) {}

  private get jwk(): JsonWebKey {
    const section = this.world.section<KeySection>('teams-key', () => ({ jwk: this.made ?? keyOfProcess.jwk }));
    this.made = section.jwk;
    return section.jwk;
  }

  /** jose remembers what it made of a key. */
  private get key(): KeyObject {
    const { jwk } = this;
    if (this.opened?.jwk !== jwk) this.opened = { jwk, key: createPrivateKey({ key: jwk, format: 'jwk' }) };
    return this.opened.key;
  }

  /** A token as Teams signs it, valid for an hour of machine time; `claims` replaces claims (undefined removes). */
  async sign(serviceUrl: string, claims: JWTPayload = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: issuer, aud: this.appId, serviceurl: serviceUrl, iat: now, nbf: now - 5, exp: now + 3600 };
    const key = this.key;
    const said = { ...usual, ...claims };
    const of = JSON.stringify(said);
    // Within a second the token would be the same: a bot is told of all places where it is installed with one.
    if (this.last?.of !== of || this.last.key !== key) {
      const header = { alg: 'RS256', kid: this.kid, typ: 'JWT' };
      this.last = { of, key, token: new SignJWT(said).setProtectedHeader(header).sign(key) };
    }
    return this.last.token;
  }

  routes(baseUrl: () => string): Route[] {
    const metadata = () => ({
      status: 200,
      body: {
        issuer,
        authorization_endpoint: 'https://invalid.botframework.com',
        jwks_uri: `${baseUrl()}.well-known/keys`,
        id_token_signing_alg_values_supported: ['RS256'],
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
      },
    });
    const keys = () => {
      const jwk = createPublicKey(this.key).export({ format: 'jwk' });
      const key = { ...jwk, use: 'sig', alg: 'RS256', kid: this.kid, x5t: this.kid, endorsements: ['msteams'] };
      return { status: 200, body: { keys: [key] } };
    };
    return [
      { method: 'GET', path: '/openidconfiguration', handle: metadata },
      { method: 'GET', path: '/.well-known/openidconfiguration', handle: metadata },
      { method: 'GET', path: '/.well-known/keys', handle: keys },
    ];
  }
}

/** Worlds of one process share a key: making one takes a quarter of a second. */
const keyOfProcess = {
  made: undefined as JsonWebKey | undefined,
  get jwk(): JsonWebKey {
    this.made ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
    return this.made;
  },
};
