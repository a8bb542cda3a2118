import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListeningSandbox } from '../sandbox';

type Tokens = ListeningSandbox['teams']['link']['tokens'];

const patienceMs = 20_000;

/** A Teams that signs as the sandbox does, takes whatever it is sent at once, and tells who waits for it. */
export class StubConnector {
  posts = 0;
  /** Answers that were not whole yet, and came as an edit later. */
  pending = 0;
  /** The newest reply, for whoever wants to see that it is one. */
  last = '';
  private readonly waiting = new Map<string, () => void>();
  private readonly server = createServer((request, response) => void this.take(request, response));

  constructor(private readonly tokens: Tokens) {}

  async open(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
  }

  /** As a token and an activity name it. */
  get serviceUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** Over as soon as something was posted in this conversation. */
  replyIn(conversation: string): Promise<void> {
    return new Promise((done, fail) => {
      const tooLate = () => fail(new Error(`no reply in ${conversation} within ${patienceMs} ms`));
      const timer = setTimeout(tooLate, patienceMs);
      this.waiting.set(conversation, () => {
        clearTimeout(timer);
        done();
      });
    });
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    response.setHeader('content-type', 'application/json');
    const url = decodeURIComponent(request.url ?? '');
    response.end(JSON.stringify((await this.published(url)) ?? { id: String(this.posts) }));
    const conversation = /^\/v3\/conversations\/([^/;]+)/.exec(url)?.[1];
    if (request.method !== 'POST' || conversation === undefined) return;
    this.posts += 1;
    this.last = body;
    if (body.includes('"pending":true')) this.pending += 1;
    const done = this.waiting.get(conversation);
    this.waiting.delete(conversation);
    done?.();
  }

  private async published(path: string): Promise<object | undefined> {
    const found = this.tokens.routes(() => this.serviceUrl).find((route) => route.path === path);
    return found && ((await found.handle({} as never, {} as never)) as { readonly body: object }).body;
  }
}
