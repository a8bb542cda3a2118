import { createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';

export const appId = '5f1d2c3b-0000-4000-8000-00000000b07b';
export const tenant = '11111111-2222-4333-8444-555555555555';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A Bot Framework of our own: signs tokens, publishes keys, and notes whatever else it is asked. */
export class Issuer {
  private readonly server: Server;
  readonly requests: { method: string; url: string; authorization: string | undefined }[] = [];
  keys: (JsonWebKey & { kid: string; endorsements?: string[] })[];
  keysAsked = 0;

  constructor() {
    this.keys = [this.published('right'), { ...this.published('unendorsed'), endorsements: ['skype'] }];
    this.server = createServer((incoming, outgoing) => {
      const { method = '', url = '', headers } = incoming;
      incoming.resume();
      if (url === '/openidconfiguration') return void outgoing.end(JSON.stringify({ jwks_uri: `${this.url}/keys` }));
      if (url === '/keys') {
        this.keysAsked += 1;
        return void outgoing.end(JSON.stringify({ keys: this.keys }));
      }
      this.requests.push({ method, url, authorization: headers.authorization });
      outgoing.setHeader('content-type', 'application/json');
      outgoing.end('{"id":"1"}');
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get serviceUrl(): string {
    return `${this.url}/teams/`;
  }

  get privateKey(): KeyObject {
    return pair.privateKey;
  }

  /** As an attacker knows it. */
  get publicPem(): string {
    return pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  start(): Promise<void> {
    return new Promise((done) => this.server.listen(0, '127.0.0.1', done));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  claims(more: JWTPayload = {}): JWTPayload {
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: 'https://api.botframework.com', aud: appId, serviceurl: this.serviceUrl };
    return { ...usual, nbf: now - 5, exp: now + 3600, ...more };
  }

  sign(claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}, key: KeyObject | Uint8Array = this.privateKey) {
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'right', ...header }).sign(key);
  }

  activity(more: object = {}): Record<string, unknown> {
    return {
      type: 'message',
      id: `f:${Math.random()}`,
      text: 'help',
      channelId: 'msteams',
      serviceUrl: this.serviceUrl,
      from: { id: '29:ada', name: 'Ada', aadObjectId: 'a1d0c000-0000-4000-8000-000000000001' },
      recipient: { id: `28:${appId}`, name: 'goldbot' },
      conversation: { conversationType: 'personal', tenantId: tenant, id: 'a:1ada' },
      channelData: { tenant: { id: tenant } },
      ...more,
    };
  }

  private published(kid: string) {
    const jwk = createPublicKey(pair.privateKey).export({ format: 'jwk' });
    return { ...jwk, kid, use: 'sig', alg: 'RS256', endorsements: ['msteams'] };
  }
}

/** A token that nobody signed. */
export function unsigned(claims: JWTPayload, header: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.`;
}
