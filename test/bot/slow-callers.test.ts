import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bot, createBot } from '../../bot';
import { type TestDatabase, testDatabase } from '../store/database';
import { appId, Issuer, tenant } from './issuer';
import { MemoryLog, Script, until } from './world';

/** Everybody is hung up on after a quarter of a second; the limits in use are those of `bot/server.ts`. */
const hasty = { headersMs: 250, bodyMs: 250, requestMs: 60_000 };
/** For what is not about time. */
const patient = { headersMs: 60_000, bodyMs: 60_000, requestMs: 60_000 };

describe('callers that send too much, too slowly or something else', () => {
  const issuer = new Issuer();
  const script = new Script();
  const log = new MemoryLog();
  let db: TestDatabase;
  let bots: { readonly hasty: Bot; readonly patient: Bot };
  let bearer: string;
  const open: Socket[] = [];

  beforeAll(async () => {
    await issuer.start();
    bearer = await issuer.sign(issuer.claims());
    db = await testDatabase();
    const settings = {
      appId,
      tenants: [tenant],
      credentials: { kind: 'sandbox' },
      port: 0,
      host: '127.0.0.1',
    } as const;
    const deps = { database: db.database, conversation: script, reads: {} as never, log };
    const build = (patience: typeof hasty) =>
      createBot(
        { ...settings, sandbox: { teamsUrl: issuer.url }, patience },
        { ...deps, clock: { now: () => new Date() } },
      );
    bots = { hasty: build(hasty), patient: build(patient) };
    await Promise.all(Object.values(bots).map((bot) => bot.listen()));
  });
  afterEach(() => {
    for (const socket of open.splice(0)) socket.destroy();
    expect(script.texts).toEqual([]);
    expect(log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  });
  afterAll(async () => {
    await Promise.all(Object.values(bots).map((bot) => bot.drain()));
    await issuer.stop();
    await db.close();
  });

  /** What is answered to these bytes until the server hangs up. */
  async function answerTo(
    bot: Bot,
    first: string,
    more: (socket: Socket) => Promise<void> = async () => {},
  ): Promise<string> {
    const socket = connect(Number(new URL(bot.url).port), '127.0.0.1');
    open.push(socket);
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString();
    });
    // Who goes on sending after the answer meets a closed connection.
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    socket.write(first);
    await more(socket);
    await closed;
    return answer;
  }

  const begun = (...headers: string[]) =>
    ['POST /api/messages HTTP/1.1', 'host: x', `authorization: Bearer ${bearer}`, ...headers, '', ''].join('\r\n');
  const chunked = () => begun('content-type: application/json', 'transfer-encoding: chunked');
  const chunk = `1000\r\n${'x'.repeat(4_096)}\r\n`;

  it('says 413 as soon as a body in chunks is over the limit, while it still comes', async () => {
    let written = 0;
    const answer = await answerTo(bots.patient, chunked(), async (socket) => {
      while (socket.writable) {
        written += chunk.length;
        if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
        await pause(1);
      }
    });

    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*"PayloadTooLarge"/);
    expect(written).toBeGreaterThan(256 * 1_024);
  });

  it('says 413 to a body in chunks that has come to its end', async () => {
    const answer = await answerTo(bots.patient, `${chunked()}${chunk.repeat(65)}0\r\n\r\n`);

    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*"PayloadTooLarge"/);
  });

  it.each([
    ['in chunks', () => `${chunked()}${chunk}`],
    ['of a known length', () => `${begun('content-type: application/json', 'content-length: 10')}{`],
  ])('says 408 to a body %s that never ends', async (_, sent) => {
    expect(await answerTo(bots.hasty, sent())).toMatch(/^HTTP\/1\.1 408 [\s\S]*"RequestTimeout"/);
  });

  it.each(['', 'POST /api/messages HTTP/1.1\r\nhost'])('hangs up on headers that never end: %j', async (sent) => {
    const answer = await answerTo(bots.hasty, sent);

    expect(answer).toMatch(/^(HTTP\/1\.1 408 .*)?/);
  });

  it('hangs up on whoever sends a header now and then', async () => {
    const answer = await answerTo(bots.hasty, 'GET /livez HTTP/1.1\r\n', async (socket) => {
      for (let i = 0; socket.writable; i += 1) {
        socket.write(`x-${i}: y\r\n`);
        await pause(20);
      }
    });

    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('answers whoever asks for another protocol as if they had not', async () => {
    const answer = await answerTo(
      bots.patient,
      'GET /livez HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
      async (socket) => void socket.end(),
    );

    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('makes nothing of a body that breaks off', async () => {
    await answerTo(bots.patient, chunked(), async (socket) => {
      await new Promise((sent) => socket.write(chunk, sent));
      socket.end();
    });

    await until(() => log.entries.find(({ fields }) => (fields as { status?: number }).status === 400));
  });
});
