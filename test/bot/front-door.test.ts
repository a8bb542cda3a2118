import { connect } from 'node:net';
import { type Bot, createBot } from '../../bot';
import { ChannelKeys, FrontDoor, serviceUrlRule } from '../../bot/front-door';
import { forgeries, hostileUrls } from '../attack/plays/tokens';
import { seeded } from '../chaos/random';
import { type TestDatabase, testDatabase } from '../store/database';
import { appId, Issuer, tenant } from './issuer';
import { MemoryLog, Script, until } from './world';

const random = seeded(1);
const usual = (issuer: Issuer) => issuer.activity();
const now = () => Math.floor(Date.now() / 1000);

describe('the front door', () => {
  const issuer = new Issuer();
  const script = new Script();
  const log = new MemoryLog();
  let db: TestDatabase;
  let bot: Bot;

  beforeAll(async () => {
    await issuer.start();
    db = await testDatabase();
    bot = createBot(settings(issuer), { ...deps(db, script), log });
    await bot.listen();
  });
  afterAll(async () => {
    await bot.drain();
    await issuer.stop();
    await db.close();
  });

  it.each(forgeries)('refuses $name', async ({ status, token, activity, header }) => {
    const signed = await token(issuer, random);
    const asked = script.texts.length;
    const answer = await post(
      bot,
      (activity ?? usual)(issuer, random),
      signed && (header?.(signed) ?? `Bearer ${signed}`),
    );

    expect(answer.status).toBe(status);
    expect(script.texts).toHaveLength(asked);
  });

  it.each(forgeries)('refuses $name by itself, without botbuilder', async ({ status, token, activity, header }) => {
    const door = frontDoor(issuer);
    const signed = await token(issuer, random);
    const enter = async () => {
      const credentials = await door.authenticate(signed && (header?.(signed) ?? `Bearer ${signed}`));
      return door.admit(credentials, (activity ?? usual)(issuer, random));
    };

    await expect(enter()).rejects.toMatchObject({ name: 'Refused', status });
  });

  it('lets in what Teams signed for this bot, also four minutes late', async () => {
    const late = await issuer.sign(issuer.claims({ exp: now() - 4 * 60 }));
    const good = await issuer.sign(issuer.claims());
    const answered = (id: string) => issuer.requests.filter(({ url }) => url.includes(id));
    const send = (id: string, token: string) => {
      const conversation = { conversationType: 'personal', tenantId: tenant, id };
      return post(bot, issuer.activity({ conversation, text: id }), `Bearer ${token}`);
    };

    expect(await send('in-time', good)).toEqual({ status: 200, text: '' });
    expect(await send('minutes-late', late)).toMatchObject({ status: 200 });
    await until(() => answered('in-time').length === 1 && answered('minutes-late').length === 1);
    expect([...script.heard('in-time'), ...script.heard('minutes-late')]).toHaveLength(2);
  });

  it('sends its own token to no hostile service URL, even in a validly signed activity', async () => {
    const urls = hostileUrls(issuer);
    const conversation = { conversationType: 'personal', tenantId: tenant, id: 'hostile' };
    const door = frontDoor(issuer);
    for (const serviceUrl of urls) {
      const token = await issuer.sign(issuer.claims({ serviceurl: serviceUrl }));
      const { status } = await post(bot, issuer.activity({ conversation, serviceUrl }), `Bearer ${token}`);
      expect([401, 403]).toContain(status);
      expect(() => door.admit({ serviceUrl, endorsements: ['msteams'] }, issuer.activity({ serviceUrl }))).toThrow();
    }

    expect(urls.length).toBeGreaterThanOrEqual(200);
    expect(issuer.requests.filter(({ url }) => url.includes('hostile'))).toEqual([]);
  });

  it('never logs a token', async () => {
    const forged = await issuer.sign(issuer.claims({ aud: 'x' }));
    expect(await post(bot, issuer.activity(), `Bearer ${forged}`)).toMatchObject({ status: 401 });
    expect(log.entries).toContainEqual(expect.objectContaining({ text: 'request refused' }));
    expect(JSON.stringify(log.entries)).not.toMatch(/eyJ/);
  });

  it('refuses bodies that are too large, too deep, no JSON or no activity', async () => {
    const bearer = `Bearer ${await issuer.sign(issuer.claims())}`;
    const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
    const sent = async (body: string, type = 'application/json') => (await raw(bot, { body, type, bearer })).status;

    expect(await sent(JSON.stringify(issuer.activity({ text: 'x'.repeat(300_000) })))).toBe(413);
    expect(await sent(JSON.stringify(issuer.activity({ value: 'deep' })).replace('"deep"', deep))).toBe(400);
    expect(await sent('{"type":"message"')).toBe(400);
    expect(await sent('{}')).toBe(401);
    expect(await sent(JSON.stringify({ ...issuer.activity(), type: undefined }))).toBe(400);
    for (const key of ['"__proto__"', '"\\u005f_proto__"', '"__\\u0070roto__"'])
      expect(await sent(JSON.stringify(issuer.activity()).replace('"text"', key))).toBe(400);
    expect(await sent(JSON.stringify(issuer.activity({ text: '__proto__' })))).toBe(200);
    // No property of an activity is anything but what its name says.
    for (const wrong of [{ text: 5 }, { from: { id: '29:a', aadObjectId: {} } }, { entities: {} }, { replyToId: [] }])
      expect(await sent(JSON.stringify(issuer.activity(wrong)))).toBe(400);
    expect(await sent(JSON.stringify(issuer.activity()).replace('"text"', '"te\\u0000xt"'))).toBe(400);
    expect(await sent(JSON.stringify(issuer.activity({ text: null, entities: null })))).toBe(200);
    expect(await sent(JSON.stringify(issuer.activity()), 'text/plain')).toBe(415);
  });

  it.each([
    ['nobody who was added', { membersAdded: [null] }, 400],
    ['a text who was removed', { membersRemoved: ['29:Grace'] }, 400],
    ['a list for the id of whoever was added', { membersAdded: [{ id: [] }] }, 400],
    ['a number for the id of a team', { channelData: { team: { id: 5 } } }, 400],
    ['an object for the chosen channel’s id', { channelData: { settings: { selectedChannel: { id: {} } } } }, 400],
    ['a team that has no id', { channelData: { team: { name: 'Payments' } } }, 200],
    ['a channel that has none', { channelData: { team: { id: '19:t', name: 'T' }, channel: { name: 'new' } } }, 200],
  ])('knows of changes in a team what it is told, and of %s nothing', async (_, part, status) => {
    const bearer = `Bearer ${await issuer.sign(issuer.claims())}`;
    const { channelData = {}, ...rest } = part as { readonly channelData?: object };
    const change = { ...rest, type: 'conversationUpdate', channelData: { tenant: { id: tenant }, ...channelData } };
    const body = JSON.stringify(issuer.activity(change));

    expect((await raw(bot, { body, type: 'application/json', bearer })).status).toBe(status);
  });

  it('hears no NUL and no half of a character, which no database takes', async () => {
    const bearer = `Bearer ${await issuer.sign(issuer.claims())}`;
    const odd = issuer.activity({ text: 'odd \u0000 \ud83d', conversation: { id: 'a:\u0000', tenantId: tenant } });
    expect((await raw(bot, { body: JSON.stringify(odd), type: 'application/json', bearer })).status).toBe(200);
    const { turn } = await until(() => script.texts.find(({ text }) => text === 'odd \ufffd \ufffd'));
    expect(turn.conversation.id).toBe('a:\ufffd');
  });

  it('turns a bad token away before the body has come', async () => {
    const { port } = new URL(bot.url);
    const answer = await new Promise<string>((done, fail) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write('POST /api/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a.b.c\r\n');
        socket.write('content-type: application/json\r\ncontent-length: 10485760\r\n\r\n{');
      });
      socket.once('data', (data) => {
        done(data.toString());
        socket.destroy();
      });
      socket.once('error', fail);
    });

    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('answers other methods and addresses without a turn', async () => {
    const status = async (method: string, path: string) => (await fetch(bot.url + path, { method })).status;

    expect(await status('GET', '/api/messages')).toBe(405);
    expect(await status('PUT', '/api/messages')).toBe(405);
    expect(await status('GET', '/')).toBe(404);
    expect(await status('POST', '/api/other')).toBe(404);
  });

  it('asks for new keys when one appears, and not for every forged one', async () => {
    const asked = issuer.keysAsked;
    for (let i = 0; i < 50; i += 1)
      await post(bot, issuer.activity(), `Bearer ${await issuer.sign(issuer.claims(), { kid: `forged-${i}` })}`);

    expect(issuer.keysAsked - asked).toBeLessThanOrEqual(1);
  });

  it('cannot be built without an app id or without tenants', () => {
    for (const change of [{ appId: '' }, { appId: '  ' }, { tenants: [] }, { tenants: [''] }]) {
      expect(() => createBot({ ...settings(issuer), ...change }, { ...deps(db, script), log })).toThrow(/empty/);
    }
  });
});

describe('a token that the front door has verified', () => {
  it('is not verified once more: the keys are fetched once, for whatever comes', async () => {
    const issuer = new Issuer();
    await issuer.start();
    const db = await testDatabase();
    const script = new Script();
    const bot = createBot(settings(issuer), { ...deps(db, script), log: new MemoryLog() });
    await bot.listen();
    for (const text of ['one', 'two'])
      expect(await post(bot, issuer.activity({ text }), `Bearer ${await issuer.sign(issuer.claims())}`)).toMatchObject({
        status: 200,
      });
    await until(() => script.texts.length === 2);
    await bot.drain();
    await issuer.stop();
    await db.close();

    expect(issuer.keysAsked).toBe(1);
  });
});

describe('the front door without keys', () => {
  it('answers 503 and lets nobody in', async () => {
    const issuer = new Issuer();
    await issuer.start();
    const db = await testDatabase();
    const script = new Script();
    const bot = createBot(
      { ...settings(issuer), sandbox: { teamsUrl: 'http://127.0.0.1:9' } },
      { ...deps(db, script), log: new MemoryLog() },
    );
    await bot.listen();
    const { status } = await post(bot, issuer.activity(), `Bearer ${await issuer.sign(issuer.claims())}`);
    await bot.drain();
    await issuer.stop();
    await db.close();

    expect(status).toBe(503);
    expect(script.texts).toEqual([]);
  });
});

describe('a token that was good', () => {
  const issuer = new Issuer();
  beforeAll(() => issuer.start());
  afterAll(() => issuer.stop());
  const bearer = async (claims: Parameters<Issuer['claims']>[0] = {}) =>
    `Bearer ${await issuer.sign(issuer.claims(claims))}`;
  const at = (now: () => number) => {
    const keys = new ChannelKeys({ metadataUrl: `${issuer.url}/openidconfiguration`, now });
    return { keys, door: new FrontDoor({ appId, tenants: [tenant] }, keys, serviceUrlRule(issuer.url), now) };
  };

  it('is not read again: it gives what it gave', async () => {
    const { door } = at(Date.now);
    const [good, other] = [await bearer(), await bearer({ serviceurl: `${issuer.url}/other/` })];
    const first = await door.authenticate(good);

    expect(first).toEqual({ serviceUrl: issuer.serviceUrl, endorsements: ['msteams'] });
    expect(await door.authenticate(good)).toBe(first);
    expect(await door.authenticate(other)).toMatchObject({ serviceUrl: `${issuer.url}/other/` });
  });

  it('lets in none that differs from it by its signature alone', async () => {
    const { door } = at(Date.now);
    const good = await bearer();
    await door.authenticate(good);
    const forged = `${good.slice(0, good.lastIndexOf('.'))}.${'A'.repeat(342)}`;
    await expect(door.authenticate(forged)).rejects.toMatchObject({ status: 401 });
    await expect(door.authenticate(forged)).rejects.toMatchObject({ status: 401 });
  });

  it('ends when it says so, give or take what clocks may be apart', async () => {
    let now = Date.now();
    const { door } = at(() => now);
    const good = await bearer();
    const first = await door.authenticate(good);
    now += 3_600_000 + 60_000;
    expect(await door.authenticate(good)).toEqual(first);
    now += 300_000;
    await expect(door.authenticate(good)).rejects.toMatchObject({ status: 401 });
  });

  it('is good no more once its key is not published any more', async () => {
    let now = Date.now();
    const { door } = at(() => now);
    const exp = Math.floor(now / 1_000) + 3 * 86_400;
    const good = await bearer({ exp });
    await door.authenticate(good);
    const published = issuer.keys;
    issuer.keys = published.filter(({ kid }) => kid !== 'right');
    now += 25 * 3_600_000;
    try {
      await expect(door.authenticate(good)).rejects.toMatchObject({ status: 401 });
    } finally {
      issuer.keys = published;
    }
  });
});

function settings(issuer: Issuer) {
  const credentials = { kind: 'sandbox' } as const;
  return { appId, tenants: [tenant], credentials, port: 0, host: '127.0.0.1', sandbox: { teamsUrl: issuer.url } };
}

function deps(db: TestDatabase, script: Script) {
  const reads = {} as never;
  return { database: db.database, conversation: script, reads, clock: { now: () => new Date() } };
}

function frontDoor(issuer: Issuer): FrontDoor {
  const keys = new ChannelKeys({ metadataUrl: `${issuer.url}/openidconfiguration` });
  return new FrontDoor({ appId, tenants: [tenant] }, keys, serviceUrlRule(issuer.url));
}

async function post(bot: Bot, activity: object, authorization?: string) {
  return raw(bot, { body: JSON.stringify(activity), type: 'application/json', bearer: authorization });
}

async function raw(bot: Bot, sent: { body: string; type: string; bearer: string | undefined }) {
  const headers = { 'content-type': sent.type, ...(sent.bearer && { authorization: sent.bearer }) };
  const response = await fetch(`${bot.url}/api/messages`, { method: 'POST', headers, body: sent.body });
  return { status: response.status, text: await response.text() };
}
