import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type Authority, authority } from './certificates';

/** What came out at the other end of the proxy. */
export interface Outside {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
}

export interface Walls {
  readonly ca: Authority;
  /** `http://user:password@127.0.0.1:port` */
  readonly proxyUrl: string;
  /** Whom the proxy was asked for: `management.azure.com:443`. */
  readonly tunnels: string[];
  readonly requests: Outside[];
  close(): Promise<void>;
}

/** What a host outside answers; 404 where it answers nothing. */
export type Answers = (request: Outside) => object | undefined;

const credentials = 'goldbot:s@cret';

/**
 * An enterprise's network: a proxy that wants a password is the only way out, and every host outside shows a certificate
 * of the enterprise's own authority.
 */
export async function walls(hosts: readonly string[], answers: Answers): Promise<Walls> {
  const ca = authority('Contoso TLS Inspection');
  const [requests, tunnels]: [Outside[], string[]] = [[], []];
  const outside = createTlsServer(ca.issue(hosts), (request, response) => {
    request.resume();
    const asked = outsideOf(request);
    requests.push(asked);
    const answer = answers(asked);
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: { code: 'NotFound', message: 'nothing here' } }));
  });
  const proxy = createServer();
  const open = new Set<Socket>();
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    open.add(socket.on('error', () => {}));
    const given = Buffer.from(
      (request.headers['proxy-authorization'] ?? '').replace('Basic ', ''),
      'base64',
    ).toString();
    if (given !== credentials) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    tunnels.push(request.url ?? '');
    const inner = connect(portOf(outside), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(inner).pipe(socket);
    });
    open.add(inner.on('error', () => {}));
  });
  await Promise.all([outside, proxy].map(listening));
  const [user, password] = credentials.split(':').map(encodeURIComponent);
  return {
    ...{ ca, tunnels, requests, proxyUrl: `http://${user}:${password}@127.0.0.1:${portOf(proxy)}` },
    async close() {
      for (const socket of open) socket.destroy();
      outside.closeAllConnections();
      await Promise.all([outside, proxy].map((server) => new Promise((done) => server.close(done))));
    },
  };
}

function outsideOf({ headers, method = '', url = '' }: IncomingMessage): Outside {
  return { host: headers.host ?? '', method, path: url, authorization: headers.authorization ?? '' };
}

const listening = (server: Server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const portOf = (server: Server) => (server.address() as AddressInfo).port;
