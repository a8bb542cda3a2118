/**
 * Sends webhooks: one POST to an address of the public internet, of whose answer the status alone counts. No redirect is
 * followed, and no body read.
 */
import { lookup } from 'node:dns';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { believedMs, seconds } from '../../core/time';
import { isPublicAddress } from '../../core/webhooks';

export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface DeliveryAnswer {
  readonly status: number;
  /** What its receiver asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
}

export type DeliverWebhook = (delivery: Delivery) => Promise<DeliveryAnswer>;

const patienceMs = seconds(15);

/**
 * `anywhere`: for the sandbox and its tests, which listen on this machine. `proxied`: names are resolved by the proxy, and
 * what may be reached is its rule.
 */
export type Reachable = 'public' | 'proxied' | 'anywhere';

/** @throws Error when there is no answer within 15 s of machine time, or the host has an address that is not public. */
export function webhookSender(reachable: Reachable): DeliverWebhook {
  return ({ url, headers, body }) =>
    new Promise((done, fail) => {
      const isPlain = url.startsWith('http:');
      if (isPlain && reachable !== 'anywhere') throw new Error('the address is not https');
      // An address needs no look-up, and gets none.
      const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
      if (isIP(host) && reachable !== 'anywhere' && !isPublicAddress(host)) throw notPublic();
      const asked = (isPlain ? plainRequest : request)(
        url,
        {
          method: 'POST',
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
          signal: AbortSignal.timeout(patienceMs),
          ...(reachable === 'public' && { lookup: publicLookup, agent: false }),
        },
        (response) => {
          const { statusCode: status = 0, headers: answered } = response;
          const after = Number(answered['retry-after']);
          done({ status, ...(after > 0 && { retryAfterMs: believedMs(seconds(after)) }) });
          // However much it says: nobody reads it.
          asked.destroy();
        },
      );
      asked.on('error', fail);
      asked.end(body);
    });
}

const notPublic = () => new Error('its address is not of the public internet');

/** The connection is made to the address that was judged: a name that changes in between changes nothing. */
const publicLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, []);
    const hidden = addresses.find(({ address }) => !isPublicAddress(address));
    if (hidden || addresses.length === 0) return done(notPublic(), []);
    if (options.all) return done(null, addresses);
    const [first] = addresses;
    done(null, first?.address ?? '', first?.family);
  });
};
