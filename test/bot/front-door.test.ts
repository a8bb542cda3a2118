import { generateKeyPairSync } from 'node:crypto';
import { connect } from 'node:net';
import { type Bot, createBot } from '../../bot';
import { ChannelKeys, FrontDoor, serviceUrlRule } from '../../bot/front-door';
import { type TestDatabase, testDatabase } from '../store/database';
import { appId, Issuer, tenant, unsigned } from './issuer';
import { MemoryLog, Script, until } from './world';

const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

const hour = 3600;
const now = () => Math.floor(Date.now() / 1000);
const guest = 'c0ffee00-7e57-4bad-8bad-5ca1ab1e0666';

interface Attempt {
  readonly name: string;
  readonly status: number;
  readonly token: (issuer: Issuer) => string | undefined | Promise<string | undefined>;
  readonly activity?: (issuer: Issuer) => object;
  readonly header?: (token: string) => string;
}

const attempts: readonly Attempt[] = [
  { name: 'no token', status: 401, token: () => undefined },
  { name: 'another issuer', status: 401, token: (i) => i.sign(i.claims({ iss: 'https://evil.example' })) },
  { name: 'no issuer', status: 401, token: (i) => i.sign(without(i.claims(), 'iss')) },
  { name: 'another audience', status: 401, token: (i) => i.sign(i.claims({ aud: 'somebody-else' })) },
  { name: 'an empty audience', status: 401, token: (i) => i.sign(i.claims({ aud: '' })) },
  { name: 'an audience among others', status: 401, token: (i) => i.sign(i.claims({ aud: [appId, 'somebody-else'] })) },
  { name: 'a list of audiences', status: 401, token: (i) => i.sign(i.claims({ aud: [appId] })) },
  {
    name: 'a skill that another bot calls',
    status: 401,
    token: (i) => i.sign(i.claims({ ver: '1.0', appid: 'another-bot' })),
  },
  {
    name: 'a skill by the second version of its token',
    status: 401,
    token: (i) => i.sign(i.claims({ ver: '2.0', azp: 'another-bot', appid: appId })),
  },
  { name: 'a skill without an id', status: 401, token: (i) => i.sign(i.claims({ appid: 'AnonymousSkill' })) },
  {
    name: 'a service URL by another spelling of its claim',
    status: 401,
    token: (i) => i.sign({ ...without(i.claims(), 'serviceurl'), serviceUrl: i.serviceUrl }),
  },
  { name: 'no signature at all', status: 401, token: (i) => unsigned(i.claims(), { alg: 'none', kid: 'right' }) },
  { name: 'alg none with a signature', status: 401, token: (i) => `${unsigned(i.claims(), { alg: 'none' })}abc` },
  {
    name: 'HS256 with the public key',
    status: 401,
    token: (i) => i.sign(i.claims(), { alg: 'HS256' }, Buffer.from(i.publicPem)),
  },
  { name: 'PS256', status: 401, token: (i) => i.sign(i.claims(), { alg: 'PS256' }) },
  { name: 'an unknown key id', status: 401, token: (i) => i.sign(i.claims(), { kid: 'wrong' }) },
  { name: 'no key id', status: 401, token: (i) => i.sign(i.claims(), { kid: undefined as never }) },
  { name: 'a forged signature', status: 401, token: (i) => i.sign(i.claims(), {}, stranger) },
  { name: 'an expired token', status: 401, token: (i) => i.sign(i.claims({ exp: now() - 10 * 60 })) },
  { name: 'a token without end', status: 401, token: (i) => i.sign(without(i.claims(), 'exp')) },
  { name: 'a token of the future', status: 401, token: (i) => i.sign(i.claims({ nbf: now() + hour })) },
  { name: "another service URL's token", status: 401, token: (i) => i.sign(i.claims({ serviceurl: `${i.url}/x/` })) },
  { name: 'a token for no service URL', status: 401, token: (i) => i.sign(without(i.claims(), 'serviceurl')) },
  {
    name: 'an activity without service URL',
    status: 401,
    token: (i) => i.sign(i.claims()),
    activity: (i) => i.activity({ serviceUrl: undefined }),
  },
  { name: 'a key without endorsement', status: 401, token: (i) => i.sign(i.claims(), { kid: 'unendorsed' }) },
  {
    name: "the emulator's issuer",
    status: 401,
    token: (i) =>
      i.sign(
        i.claims({
          iss: 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/',
          appid: appId,
          ver: '1.0',
        }),
      ),
  },
  {
    name: 'another tenant',
    status: 403,
    token: (i) => i.sign(i.claims()),
    activity: (i) =>
      i.activity({ conversation: { id: 'a:1', tenantId: guest }, channelData: { tenant: { id: guest } } }),
  },
  {
    name: 'another tenant in channelData alone',
    status: 403,
    token: (i) => i.sign(i.claims()),
    activity: (i) => i.activity({ channelData: { tenant: { id: guest } } }),
  },
  {
    name: 'a guest in our conversation',
    status: 403,
    token: (i) => i.sign(i.claims()),
    activity: (i) => i.activity({ from: { id: '29:m', aadObjectId: 'm', tenantId: guest } }),
  },
  {
    name: 'no tenant',
    status: 403,
    token: (i) => i.sign(i.claims()),
    activity: (i) => i.activity({ conversation: { id: 'a:1' }, channelData: {} }),
  },
  {
    name: 'another channel',
    status: 403,
    token: (i) => i.sign(i.claims()),
    activity: (i) => i.activity({ channelId: 'webchat' }),
  },
  {
    name: 'the emulator as channel',
    status: 403,
    token: (i) => i.sign(i.claims()),
    activity: (i) => i.activity({ channelId: 'emulator' }),
  },
  { name: 'Basic', status: 401, token: (i) => i.sign(i.claims()), header: (t) => `Basic ${t}` },
  { name: 'garbage', status: 401, token: () => 'a.b.c' },
];

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

  it.each(attempts)('refuses $name', async ({ status, token, activity, header }) => {
    const signed = await token(issuer);
    const asked = script.texts.length;
    const answer = await post(
      bot,
      (activity ?? ((i) => i.activity()))(issuer),
      signed && (header?.(signed) ?? `Bearer ${signed}`),
    );

    expect(answer.status).toBe(status);
    expect(script.texts).toHaveLength(asked);
  });

  it.each(attempts)('refuses $name by itself, without botbuilder', async ({ status, token, activity, header }) => {
    const door = frontDoor(issuer);
    const signed = await token(issuer);
    const enter = async () => {
      const credentials = await door.authenticate(signed && (header?.(signed) ?? `Bearer ${signed}`));
      return door.admit(credentials, (activity ?? ((i) => i.activity()))(issuer));
    };

    await expect(enter()).rejects.toMatchObject({ name: 'Refused', status });
  });

  it('lets in what Teams signed for this bot, also four minutes late', async () => {
    const late = await issuer.sign(issuer.claims({ exp: now() - 4 * 60 }));

    expect(await post(bot, issuer.activity({ text: 'good' }), `Bearer ${await issuer.sign(issuer.claims())}`)).toEqual({
      status: 200,
      text: '',
    });
    expect(await post(bot, issuer.activity({ text: 'late' }), `Bearer ${late}`)).toMatchObject({ status: 200 });
    await until(() => issuer.requests.length === 2);
    expect(script.texts.map((t) => t.text)).toEqual(['good', 'late']);
  });

  it('sends its own token to no hostile service URL, even in a validly signed activity', async () => {
    const before = issuer.requests.length;
    const urls = hostileUrls(issuer);
    const door = frontDoor(issuer);
    for (const serviceUrl of urls) {
      const token = await issuer.sign(issuer.claims({ serviceurl: serviceUrl }));
      const { status } = await post(bot, issuer.activity({ serviceUrl }), `Bearer ${token}`);
      expect([401, 403]).toContain(status);
      expect(() => door.admit({ serviceUrl, endorsements: ['msteams'] }, issuer.activity({ serviceUrl }))).toThrow();
    }

    expect(urls.length).toBeGreaterThanOrEqual(200);
    expect(issuer.requests.slice(before)).toEqual([]);
  });

  it('never logs a token', () => {
    expect(log.entries.length).toBeGreaterThan(5);
    expect(JSON.stringify(log.entries)).not.toMatch(/eyJ/);
  });

  it('refuses bodies that are too large, too deep, no JSON or no activity', async () => {
    const bearer = `Bearer ${await issuer.sign(issuer.claims())}`;
    const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
    const sent = async (body: string, type = 'application/json') => (await raw(bot, { body, type, bearer })).status;

    expect(await sent(JSON.stringify(issuer.activity({ text: 'x'.repeat(300_000) })))).toBe(413);
    expect(await sent(JSON.stringify(issuer.activity()).replace('"help"', deep))).toBe(400);
    expect(await sent('{"type":"message"')).toBe(400);
    expect(await sent('{}')).toBe(401);
    expect(await sent(JSON.stringify({ ...issuer.activity(), type: undefined }))).toBe(400);
    for (const key of ['"__proto__"', '"\\u005f_proto__"', '"__\\u0070roto__"'])
      expect(await sent(JSON.stringify(issuer.activity()).replace('"text"', key))).toBe(400);
    expect(await sent(JSON.stringify(issuer.activity({ text: '__proto__' })))).toBe(200);
    expect(await sent(JSON.stringify(issuer.activity()), 'text/plain')).toBe(415);
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

function without<T extends object>(from: T, name: keyof T): T {
  const { [name]: _, ...rest } = from;
  return rest as T;
}

async function post(bot: Bot, activity: object, authorization?: string) {
  return raw(bot, { body: JSON.stringify(activity), type: 'application/json', bearer: authorization });
}

async function raw(bot: Bot, sent: { body: string; type: string; bearer: string | undefined }) {
  const headers = { 'content-type': sent.type, ...(sent.bearer && { authorization: sent.bearer }) };
  const response = await fetch(`${bot.url}/api/messages`, { method: 'POST', headers, body: sent.body });
  return { status: response.status, text: await response.text() };
}

/** Hosts that look like Teams', and ways of hiding another host behind the right one. */
function hostileUrls(issuer: Issuer): string[] {
  const right = 'smba.trafficmanager.net';
  const { port } = new URL(issuer.url);
  const evil = `127.0.0.1.nip.io:${port}`;
  const hosts = [
    'evil.example',
    `${right}.evil.example`,
    `evil${right}`,
    'smba2.trafficmanager.net',
    'a.smba.trafficmanager.net',
  ];
  const tricks = [
    `https://${right}@${evil}/`,
    `https://${right}:443@${evil}/`,
    `https://user:pass@${right}/`,
    `https://${right}:8443/`,
    `http://${right}/`,
    `https://${right}\\@${evil}/`,
    `https://${evil}/${right}`,
    `https://${evil}?${right}`,
    `https://${evil}#${right}/`,
    `https://${right}%2e${evil}/`,
    `https://${right}\t.${evil}/`,
    `https://smba.trafficmanager.net。evil.example/`,
    `ftp://${right}/`,
    'file:///etc/passwd',
    `javascript:alert(1)`,
    'http://localhost/',
    'http://169.254.169.254/metadata/identity/oauth2/token',
    `http://[::1]:${port}/`,
    `http://2130706433:${port}/`,
    `http://localhost:${port}/`,
    `http://127.0.0.1:${Number(port) + 1}/`,
    `https://127.0.0.1:${port}/`,
    `http://x@127.0.0.1:${port}/`,
    '//smba.trafficmanager.net/',
    right,
  ];
  const paths = ['', '/', '/teams/', '/emea/', '/amer/v3/', '/x?y', '/#'];
  const schemes = ['https://', 'http://', 'HTTPS://', 'https:\\\\', 'https:///'];
  return [
    ...tricks,
    ...hosts.flatMap((host) => schemes.flatMap((scheme) => paths.map((path) => scheme + host + path))),
  ];
}
