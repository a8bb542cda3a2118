import { type ClientRequestArgs, request } from 'node:http';
import { Agent } from 'node:https';
import { BlockList, isIPv4, isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { seconds } from '../core/time';

export interface Proxy {
  /** `http://[user:password@]host:port` */
  readonly url: string;
  /** Hosts that are reached without it, separated by commas: `db.contoso.com`, `.contoso.com`, `10.0.0.0/8`, `*`. */
  readonly except: string;
}

/** How long a proxy may take to open a tunnel. Machine time. */
const tunnelMs = seconds(10);

type Connect = (options: ClientRequestArgs, done: (error: Error | null, socket?: Duplex) => void) => Duplex | undefined;

/**
 * From now on each HTTPS connection of this process goes through a tunnel of the proxy, whichever library makes it: the
 * clients of Azure, sign-in by MSAL and botbuilder have four ways of their own to be told of a proxy, and one of them
 * none. Plain HTTP (the identity's endpoint on this machine) and the database are not concerned. Gives the way back.
 */
export function tunnelHttps(proxy: Proxy): () => void {
  const agents = Agent.prototype as unknown as { createConnection: Connect };
  const { createConnection: direct } = agents;
  const isDirect = exceptions(proxy.except);
  agents.createConnection = function (this: Agent, options, done) {
    const host = options.host ?? 'localhost';
    if (isDirect(host)) return direct.call(this, options, done);
    openTunnel(new URL(proxy.url), `${host}:${options.port ?? 443}`).then(
      // TLS inside of it is what it would be without: the proxy sees names and sizes.
      (socket) =>
        done(
          null,
          direct.call(this, { ...options, socket } as ClientRequestArgs, () => {}),
        ),
      done,
    );
    return undefined;
  };
  return () => {
    agents.createConnection = direct;
  };
}

function openTunnel(proxy: URL, target: string): Promise<Socket> {
  const { hostname, port, username, password } = proxy;
  const user = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  return new Promise((done, fail) => {
    const asked = request({
      ...{ host: hostname, port: port || 80, method: 'CONNECT', path: target, agent: false },
      headers: { host: target, ...(username && { 'proxy-authorization': `Basic ${user}` }) },
    });
    asked.setTimeout(tunnelMs, () => asked.destroy(troubled(`did not answer within ${tunnelMs} ms`)));
    asked.once('connect', ({ statusCode }, socket) => {
      socket.setTimeout(0);
      if (statusCode === 200) return done(socket);
      socket.destroy();
      fail(troubled(statusCode === 407 ? 'wants a user and a password (407)' : `refused ${target} with ${statusCode}`));
    });
    // A proxy that answers as if it were a web server.
    asked.once('response', ({ statusCode }) => asked.destroy(troubled(`refused ${target} with ${statusCode}`)));
    asked.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'EPROXY' ? error : troubled(`at ${hostname}:${port || 80} cannot be reached: ${error.message}`),
      ),
    );
    asked.end();
  });
}

/** Never with its user and password: it stands in logs. */
function troubled(what: string): Error {
  return Object.assign(new Error(`the proxy of HTTPS_PROXY ${what}`), { code: 'EPROXY' });
}

/** What of a list of exceptions looks like a range of addresses and is none. */
export function wrongRanges(list: string): readonly string[] {
  return named(list).filter((each) => each.includes('/') && !rangeOf(each));
}

/** Whether a host is reached without the proxy; this machine always is. Ranges hold for hosts that are addresses. */
export function exceptions(list: string): (host: string) => boolean {
  const all = named(list);
  const ranges = new BlockList();
  for (const { address, bits, family } of all.flatMap((each) => rangeOf(each) ?? [])) {
    ranges.addSubnet(address, bits, family);
  }
  return (host) => {
    const name = host.toLowerCase().replace(/^\[|\]$/g, '');
    if (name === 'localhost' || name === '::1' || /^127(\.\d+){3}$/.test(name)) return true;
    const family = familyOf(name);
    if (family && ranges.check(name, family)) return true;
    return all.some((each) => each === '*' || name === each || name.endsWith(`.${each}`));
  };
}

const named = (list: string): readonly string[] =>
  list
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((name) => name.toLowerCase().replace(/^\*?\./, ''));

const familyOf = (address: string): 'ipv4' | 'ipv6' | undefined =>
  isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;

/** `10.0.0.0/8`, `fd00::/8` */
function rangeOf(text: string) {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const [family, bits] = [familyOf(address), Number(length)];
  return family && bits <= (family === 'ipv4' ? 32 : 128) ? { address, bits, family } : undefined;
}
