import { Agent, createServer, get as httpGet, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Bot, createBot } from '../../bot';
import type { Database } from '../../store';
import { databaseSilent } from '../../store/database';
import { general, MemoryLog, Script, sandboxAppId, TestWorld, tenantId, until } from './world';

describe('the bot server', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.open();
    await world.bot();
  });
  afterAll(() => world.close());

  const build = (settings: { port: number; sandbox?: { teamsUrl: string } }, deps: object = {}): Bot =>
    createBot(
      {
        appId: sandboxAppId,
        tenants: [tenantId],
        credentials: { kind: 'sandbox' },
        host: '127.0.0.1',
        sandbox: { teamsUrl: world.box.teamsUrl },
        ...settings,
      },
      {
        database: world.db.database,
        conversation: new Script(),
        reads: { alteration: async () => undefined } as never,
        clock: { now: () => new Date() },
        log: new MemoryLog(),
        ...deps,
      },
    );
  const get = async (bot: Bot, path: string) => {
    const response = await fetch(bot.url + path);
    return { status: response.status, body: await response.json() };
  };

  it('says which port is taken when that port was asked for', async () => {
    const squatter = await occupy(0);
    const { port } = squatter.address() as AddressInfo;

    await expect(build({ port }).listen()).rejects.toMatchObject({ code: 'PORT_TAKEN', facts: { port } });
    await close(squatter);
  });

  it('is alive, and ready when the database, the keys and the catalogue are', async () => {
    const bot = build({ port: 0 }, { ready: { catalogue: async () => undefined } });
    await bot.listen();
    const [alive, ready] = [await get(bot, '/livez'), await get(bot, '/readyz')];
    await bot.drain();

    expect(alive).toEqual({ status: 200, body: { alive: true } });
    expect(ready).toEqual({ status: 200, body: { ready: true } });
  });

  it('is alive and not ready while the keys of the Bot Framework cannot be had', async () => {
    const nobody = { sandbox: { teamsUrl: 'http://127.0.0.1:1' }, port: 0 };
    const bot = build(nobody);
    await bot.listen();
    const [alive, ready] = [await get(bot, '/livez'), await get(bot, '/readyz')];
    await bot.drain();

    expect(alive.status).toBe(200);
    expect(ready).toEqual({
      status: 503,
      body: { ready: false, problems: { 'Bot Framework': 'the keys of the Bot Framework cannot be had' } },
    });
  });

  it('is ready with a note that the audit was altered: people are served, and operators should know', async () => {
    const alteration = async () => ({ since: '2026-12-01T00:00:00Z', firstBroken: 4, why: 'the entry was edited' });
    const bot = build({ port: 0 }, { reads: { alteration } });
    await bot.listen();
    const ready = await get(bot, '/readyz');
    await bot.drain();

    const notes = { audit: 'entry 4 is the first that is wrong or missing: the entry was edited' };
    expect(ready).toEqual({ status: 200, body: { ready: true, notes } });
  });

  it('says what is not ready, all of it', async () => {
    const database = goneDatabase();
    const catalogue = async () => 'catalog/images/ubuntu-22.yaml:3 has no source';
    const bot = build({ port: 0 }, { database, ready: { catalogue } });
    await bot.listen();
    const [alive, ready] = [await get(bot, '/livez'), await get(bot, '/readyz')];
    await bot.drain();

    expect(alive.status).toBe(200);
    expect(ready).toMatchObject({
      status: 503,
      body: { ready: false, problems: { database: expect.stringContaining('database'), catalogue: await catalogue() } },
    });
  });

  it('tells the person that the database is gone, and does not take what could be lost', async () => {
    const script = new Script();
    const database = goneDatabase();
    const bot = await world.bot({ database, conversation: script });
    const said = await world.say('Ada', general, '@goldbot publish ubuntu-22');
    await world.teams('DELETE', '/_sandbox/bot', { url: `${bot.url}/api/messages` });
    await bot.drain();

    expect(script.texts).toEqual([]);
    expect(said.messages).toHaveLength(1);
    expect(said.messages[0].summary).toContain('database does not answer');
  });

  it("answers a click within Teams' patience while the command hangs, and remembers what came of it", async () => {
    let finish = () => {};
    world.script.onClick = () =>
      new Promise((done) => {
        finish = () => done({ kind: 'message', text: 'Done at last.' });
      });
    const activity = {
      type: 'invoke',
      name: 'adaptiveCard/action',
      id: 'slow',
      replyToId: '1',
      value: { action: { type: 'Action.Execute', verb: 'approve', data: { request: 'R-7F3KQ' } } },
    };
    const deliver = () => world.teams('POST', '/_sandbox/deliver', { as: 'Grace', in: general, activity });
    const first = await deliver();
    finish();
    const second = await until(async () => {
      const { body } = await deliver();
      return body.value === 'Done at last.' ? body : undefined;
    });

    expect(first.body).toMatchObject({ statusCode: 200, value: expect.stringContaining('still working') });
    expect(second).toMatchObject({ type: 'application/vnd.microsoft.activity.message' });
    expect(world.script.clicks).toHaveLength(1);
  });

  it('ends what it has begun before it goes, and takes nothing more', async () => {
    const script = new Script();
    const bot = await world.bot({ conversation: script });
    script.onText = async () => {
      await new Promise((done) => setTimeout(done, 300));
      return { text: 'said in time' };
    };
    const saying = world.say('Ada', 'goldbot', 'help');
    await until(() => script.texts.length);
    await bot.drain();
    const said = await saying;
    await world.teams('DELETE', '/_sandbox/bot', { url: `${bot.url}/api/messages` });

    expect(said.messages).toMatchObject([{ text: 'said in time' }]);
    await expect(fetch(`${bot.url}/livez`)).rejects.toThrow();
  });

  it('closes kept connections when it goes: idle ones at once, the others with the answer that is under way', async () => {
    let look = (_problem: undefined) => {};
    let ready = async (): Promise<undefined> => undefined;
    const begun = new Promise<void>((asked) => {
      ready = () => {
        asked();
        return new Promise((answer) => {
          look = answer;
        });
      };
    });
    const bot = build({ port: 0 }, { ready: { catalogue: () => ready() } });
    await bot.listen();
    const [idle, busy] = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
    const alive = await getKept(`${bot.url}/livez`, idle);
    const socket = Object.values(idle.freeSockets)[0]?.[0];
    const closed = new Promise((done) => socket?.once('close', done));
    const answer = getKept(`${bot.url}/readyz`, busy);
    await begun;
    const drained = bot.drain();
    await closed;
    look(undefined);
    const last = await answer;
    await drained;

    expect(alive.headers.connection).toBe('keep-alive');
    expect(last.statusCode).toBe(503);
    expect(last.headers.connection).toBe('close');
  });

  it('gives a reference number for a bug of its own, and the stack to the log alone', async () => {
    world.script.onText = () => {
      throw new Error('secret detail');
    };
    const said = await world.say('Ada', general, '@goldbot help');
    const reference = /E-[0-9A-F]{8}/.exec(said.messages[0].summary)?.[0];

    expect(reference).toBeDefined();
    expect(JSON.stringify(said)).not.toContain('secret detail');
    expect(world.log.entries.find((e) => JSON.stringify(e.fields).includes(reference ?? '?'))?.level).toBe('error');
  });
});

function occupy(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((done) => server.listen(port, '127.0.0.1', () => done(server)));
}

function getKept(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    httpGet(url, { agent }, (response) => response.resume().once('end', () => setImmediate(() => done(response)))).once(
      'error',
      fail,
    );
  });
}

function close(server: Server): Promise<unknown> {
  return new Promise((done) => server.close(done));
}

function goneDatabase(): Database {
  const gone = async () => Promise.reject(databaseSilent(new Error('ECONNREFUSED')));
  return { query: gone, transaction: gone, close: async () => {} };
}
