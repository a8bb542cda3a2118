import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { Dropped, type Sandbox } from './sandbox';
import type { Face, SandboxRequest, SandboxResponse } from './types';

class BadRequest extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code = 'BadRequest',
  ) {
    super(message);
  }
}

const maxBodyBytes = 64 * 1024 * 1024;

/** Serves one face on a port of the loopback interface; port 0 takes a free one. */
export async function listen(sandbox: Sandbox, face: Face, port: number): Promise<{ server: Server; url: string }> {
  const server = createServer((incoming, outgoing) => {
    answer(sandbox, face, incoming, outgoing).catch((error: unknown) => {
      if (error instanceof Dropped) {
        incoming.socket.destroy();
        return;
      }
      if (outgoing.headersSent) {
        incoming.socket.destroy();
        return;
      }
      if (error instanceof BadRequest) {
        send(outgoing, { status: error.status, body: { error: { code: error.code, message: error.message } } });
        return;
      }
      send(outgoing, { status: 500, body: { error: { code: 'SandboxBug', message: String((error as Error).stack) } } });
    });
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function answer(sandbox: Sandbox, face: Face, incoming: IncomingMessage, outgoing: ServerResponse) {
  const request = await read(face, incoming);
  send(outgoing, await sandbox.handle(request));
}

async function read(face: Face, incoming: IncomingMessage): Promise<SandboxRequest> {
  checkCaller(incoming);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new BadRequest(413, 'The sandbox takes bodies of up to 64 MiB.');
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([k, v]) => [k, String(v)]));
  const host = headers['x-sandbox-host'];
  const base =
    face === 'azure' ? `https://${host ?? 'management.azure.com'}` : `http://${headers['host'] ?? '127.0.0.1'}`;
  const text = Buffer.concat(chunks).toString('utf8');
  return {
    face,
    method: incoming.method ?? 'GET',
    url: absolute(incoming.url ?? '/', base),
    headers,
    body: parse(text, headers['content-type']),
  };
}

/**
 * The sandbox asks nobody who they are, so it answers this machine alone. A page of elsewhere can let its own name lead
 * here (then it stands in `host`), ask this address from where it is (then it stands in `origin`), or show something of
 * here as a picture or in a frame, which its browser tells.
 */
function checkCaller({ headers, url }: IncomingMessage): void {
  const { host = '', origin } = headers;
  const local = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;
  if (!local.test(host)) {
    throw new BadRequest(403, `The sandbox answers to localhost, not to ${host || 'no name'}.`, 'ForeignHost');
  }
  if (origin !== undefined && !local.test(origin.replace(/^https?:\/\//i, ''))) {
    throw new BadRequest(403, `The sandbox answers pages of localhost, not of ${origin}.`, 'ForeignOrigin');
  }
  if (headers['sec-fetch-site'] === 'cross-site' && !isFollowed(headers, url)) {
    throw new BadRequest(
      403,
      'The sandbox answers pages of localhost alone. Open its page by itself.',
      'ForeignOrigin',
    );
  }
}

/** A link of elsewhere may lead to the page, and to nothing else: an address may do something, or be slow to answer. */
function isFollowed({ 'sec-fetch-dest': dest }: IncomingHttpHeaders, url = ''): boolean {
  return dest === 'document' && /^\/(?:\?|$)/.test(url);
}

function absolute(path: string, base: string): URL {
  try {
    return new URL(base + path);
  } catch {
    throw new BadRequest(400, `The sandbox cannot read the address ${base}${path}.`);
  }
}

function parse(text: string, type = 'application/json'): unknown {
  if (text === '') return undefined;
  if (!type.includes('json')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function send(outgoing: ServerResponse, response: SandboxResponse): void {
  const raw = typeof response.body === 'string' || Buffer.isBuffer(response.body);
  const type = raw ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  outgoing.writeHead(response.status, { 'content-type': type, ...response.headers });
  if (response.stream) {
    outgoing.flushHeaders();
    outgoing.on(
      'close',
      response.stream((chunk) => outgoing.write(chunk)),
    );
    return;
  }
  if (response.body === undefined) outgoing.end();
  else outgoing.end(raw ? (response.body as string | Buffer) : JSON.stringify(response.body));
}
