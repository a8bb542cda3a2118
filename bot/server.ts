import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createServer, type Request, type Response, type Server, type ServerOptions } from 'restify';
import { isUserError, UserError } from '../core/errors';
import { silentTelemetry, type Telemetry } from '../core/telemetry';
import { seconds, within } from '../core/time';
import { storable } from '../store';
import type { TeamsActivity } from './activity';
import type { Framework } from './framework';
import { type FrontDoor, isRefused, Refused, type Strangers } from './front-door';
import { type Log, QuietLog } from './log';
import type { Programs } from './programs';
import type { Turns } from './turns';

export interface ServerSettings {
  /** 0: any free one. */
  readonly port: number;
  /** Where to listen; every interface when absent. */
  readonly host?: string;
  /** With slow callers; `usualPatience` when absent. */
  readonly patience?: Patience;
}

/** How long a caller may take, in milliseconds of machine time, before goldbot hangs up. */
export interface Patience {
  /** To send the headers. */
  readonly headersMs: number;
  /** To send the body, once its headers are in order. */
  readonly bodyMs: number;
  /** To send a whole request, whatever it is. */
  readonly requestMs: number;
}

/** Checked each second: nobody holds a connection by its headers for longer than ten. */
const usualPatience: Patience = { headersMs: seconds(9), bodyMs: seconds(5), requestMs: seconds(30) };

/** Undefined when all is well, otherwise the problem in words for operators. */
export type ReadinessCheck = () => Promise<string | undefined>;

export interface ServerDeps {
  readonly door: FrontDoor;
  readonly framework: Pick<Framework, 'receive'>;
  readonly turns: Pick<Turns, 'take'>;
  readonly strangers: Strangers;
  readonly programs: Pick<Programs, 'answer'>;
  readonly ready: Readonly<Record<string, ReadinessCheck>>;
  /** What operators should know although people are served. */
  readonly notes?: Readonly<Record<string, ReadinessCheck>>;
  readonly log: Log;
  readonly telemetry?: Telemetry | undefined;
}

/** restify would log whole requests, and with them their tokens. */
const silence = pino({ level: 'silent' }) as unknown as NonNullable<ServerOptions['log']>;
const readinessMs = seconds(2);

/** Teams ignores it; who drives the bot by hand need not wait for an answer. */
const noAnswer = ['x-goldbot-answer', 'none'] as const;

/** Teams activities stay below 100 KB; attachments arrive as links. */
const maxBodyBytes = 256 * 1024;
const maxBodyDepth = 32;

/** goldbot's HTTP server: one route for Teams, one for programs, two for the platform's probes. */
export class BotServer {
  /** Routes; it never listens itself. */
  private readonly app: Server;
  private readonly http: HttpServer;
  private readonly patience: Patience;
  private readonly refusals: QuietLog;
  private draining = false;
  /** Not answered yet. */
  private readonly open = new Set<ServerResponse>();
  private address: AddressInfo | undefined;

  constructor(
    private readonly settings: ServerSettings,
    private readonly deps: ServerDeps,
  ) {
    this.refusals = new QuietLog(deps.log);
    this.patience = settings.patience ?? usualPatience;
    this.app = createServer({ name: 'goldbot', log: silence });
    this.http = listener(this.patience, (request, response) => {
      this.opened(response);
      this.app.server.emit('request', request, response);
    });
    this.app.post('/api/messages', async (request, response) => this.messages(request, response));
    this.app.post('/api/ask', async (request, response) => this.ask(request, response));
    this.app.get('/livez', async (_request, response) => void response.send(200, { alive: true }));
    this.app.get('/readyz', async (_request, response) => this.readyz(response));
  }

  /** Without a trailing slash; known once it listens. */
  get url(): string {
    if (this.address === undefined) throw new Error('the server is not listening yet');
    return `http://127.0.0.1:${this.address.port}`;
  }

  /** @throws UserError `PORT_TAKEN` when another program has the port. */
  async listen(): Promise<void> {
    const { port } = this.settings;
    try {
      await this.listenOn(port);
    } catch (cause) {
      if (!isTaken(cause)) throw cause;
      throw new UserError('PORT_TAKEN', `Port ${port} is used by another program.`, {
        hint: 'Stop that program, or set PORT to a free port.',
        facts: { port },
        cause,
      });
    }
  }

  /** Stops listening, lets running requests finish, and cuts off the rest after `patienceMs` of machine time. */
  async close(patienceMs: number): Promise<void> {
    this.draining = true;
    for (const response of this.open) lastOnItsConnection(response);
    const server = this.http;
    if (!server.listening) return;
    const closed = new Promise<void>((done) => server.close(() => done()));
    // Keep-alive connections become idle one by one as their requests finish.
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
    await closed;
    clearInterval(sweep);
    clearTimeout(cut);
  }

  private opened(response: ServerResponse): void {
    this.open.add(response);
    response.once('close', () => this.open.delete(response));
    if (this.draining) lastOnItsConnection(response);
  }

  private listenOn(port: number): Promise<void> {
    const server = this.http;
    return new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen({ port, host: this.settings.host ?? '0.0.0.0' }, () => {
        server.off('error', fail);
        this.address = server.address() as AddressInfo;
        done();
      });
    });
  }

  private async messages(request: Request, response: Response): Promise<void> {
    try {
      const answer = await this.receive(request, () => response.header(...noAnswer));
      response.send(answer?.status ?? 200, answer?.body);
    } catch (error) {
      await this.failed(request, response, error);
    }
  }

  /** What a program asks: its token is checked before its body is read. A refusal in words is an answer: 200. */
  private async ask(request: Request, response: Response): Promise<void> {
    const { authorization, 'idempotency-key': key } = request.headers;
    const once = typeof key === 'string' ? key : undefined;
    try {
      response.header('cache-control', 'no-store');
      response.send(200, await this.deps.programs.answer({ authorization, once }, () => this.body(request)));
    } catch (error) {
      await this.failed(request, response, error);
    }
  }

  private async failed(request: Request, response: Response, error: unknown): Promise<void> {
    if (isRefused(error)) {
      if (error.stranger) await this.deps.strangers.note(error.stranger);
      this.refuse(request, response, error);
    } else if (isUserError(error)) this.refuse(request, response, new Refused(503, error.message));
    else {
      this.deps.log.error({ err: error }, 'a turn broke outside its own error handling');
      response.send(500, { error: { code: 'InternalServerError' } });
    }
  }

  /** The token is checked before the body is read, the body before the framework sees it. */
  private async receive(request: Request, silent: () => void) {
    const { door, framework, turns } = this.deps;
    const credentials = await door.authenticate(request.headers.authorization);
    const activity = door.admit(credentials, await this.body(request)) as unknown as TeamsActivity;
    return framework.receive(activity, async () => {
      const answer = await turns.take(activity);
      if (answer !== 'silent') return answer;
      silent();
      return undefined;
    });
  }

  private body(request: IncomingMessage): Promise<unknown> {
    return readJson(request, this.patience.bodyMs);
  }

  private refuse(request: Request, response: Response, refused: Refused): void {
    const { status, message, cause, stranger, retryAfterMs = seconds(5) } = refused;
    const from = request.socket.remoteAddress;
    const fields = { status, from, ...stranger, ...(cause !== undefined && { cause: String(cause) }) };
    const { telemetry = silentTelemetry } = this.deps;
    telemetry.count('goldbot.door.refusals', { 'http.response.status_code': status });
    this.refusals.warn(message, fields, 'request refused');
    if (status === 401) response.header('www-authenticate', 'Bearer');
    if (status === 503 || status === 429) response.header('retry-after', String(Math.ceil(retryAfterMs / 1_000)));
    // Do not wait for the rest of the body.
    response.header('connection', 'close');
    response.send(status, { error: { code: codes[status] } });
  }

  private async readyz(response: Response): Promise<void> {
    const [problems, notes] = await Promise.all([problemsOf(this.deps.ready), problemsOf(this.deps.notes ?? {})]);
    if (this.draining) problems['server'] = 'goldbot is shutting down';
    const ready = Object.keys(problems).length === 0;
    const noted = Object.keys(notes).length > 0 && { notes };
    response.send(ready ? 200 : 503, ready ? { ready, ...noted } : { ready, problems, ...noted });
  }
}

const codes: Readonly<Record<Refused['status'], string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  405: 'MethodNotAllowed',
  408: 'RequestTimeout',
  413: 'PayloadTooLarge',
  415: 'UnsupportedMediaType',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
};

async function problemsOf(checks: ServerDeps['ready']): Promise<Record<string, string>> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await problemOf(check)] as const),
  );
  return Object.fromEntries(results.flatMap(([name, problem]) => (problem === undefined ? [] : [[name, problem]])));
}

async function problemOf(check: ReadinessCheck): Promise<string | undefined> {
  try {
    return await within(readinessMs, check(), () => 'does not answer');
  } catch (error) {
    return (error as Error).message;
  }
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
}

/**
 * The server that restify answers for. One made by restify looks for slow callers every 30 s only, and leaves the
 * connection of whoever asks for an upgrade open for good.
 */
function listener(
  { headersMs, requestMs }: Patience,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): HttpServer {
  const limits = { headersTimeout: headersMs, requestTimeout: requestMs, keepAliveTimeout: seconds(30) };
  return createHttpServer({ ...limits, connectionsCheckingInterval: Math.min(seconds(1), headersMs) }, answer);
}

/**
 * Reads a JSON body with limits.
 *
 * @throws Refused 415, 413, 408, 400.
 */
async function readJson(request: IncomingMessage, patienceMs: number): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new Refused(415, 'the body is not JSON by its content type');
  if (request.headers['content-encoding'] !== undefined) throw new Refused(415, 'the body is compressed');
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw new Refused(413, 'the body is too large');
  return parseJson(await readText(request, patienceMs));
}

/** Not by its iterator, which destroys the connection when it is left, and with it the answer that says why. */
function readText(request: IncomingMessage, patienceMs: number): Promise<string> {
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = (...why: ConstructorParameters<typeof Refused>) => {
      stop();
      fail(new Refused(...why));
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBodyBytes) refuse(413, 'the body is too large');
      else chunks.push(chunk);
    };
    const end = () => {
      stop();
      done(Buffer.concat(chunks).toString('utf8'));
    };
    const broken = (cause: Error) => refuse(400, 'the body broke off', { cause });
    const timer = setTimeout(() => refuse(408, 'the body did not come in time'), patienceMs);
    const stop = () => {
      clearTimeout(timer);
      request.off('data', take).off('end', end);
    };
    request.on('data', take).once('end', end).once('error', broken);
    // While its token was checked, of which nobody heard.
    if (request.destroyed && !request.complete) refuse(400, 'the body broke off');
  });
}

function parseJson(text: string): unknown {
  if (tooDeep(text)) throw new Refused(400, 'the body is nested too deep');
  try {
    return /__proto__|\\u(?:00|d[89a-f])/i.test(text) ? JSON.parse(text, harmless) : JSON.parse(text);
  } catch (error) {
    throw isRefused(error) ? error : new Refused(400, 'the body is not JSON');
  }
}

/**
 * `__proto__` as a key would change an object's prototype when merged; as a value it is harmless. NUL and halves of
 * characters, which JSON can write and neither PostgreSQL nor an address takes, are what a browser would show for them.
 */
function harmless(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new Refused(400, 'the body names a prototype');
  if (storable(key) !== key) throw new Refused(400, 'the body has a key that is no text');
  return typeof value === 'string' ? storable(value) : value;
}

/** Says so to its sender, who would otherwise send the next request into a connection that is being closed. */
function lastOnItsConnection(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}

/** Counts brackets outside strings, without parsing. */
function tooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i += 1;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x7b || c === 0x5b) {
      depth += 1;
      if (depth > maxBodyDepth) return true;
    } else if (c === 0x7d || c === 0x5d) depth -= 1;
  }
  return false;
}
