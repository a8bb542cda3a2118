import { generateKeyPairSync } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { type Bot, createBot } from '../../../bot';
import { appId, Issuer, tenant, unsigned } from '../../bot/issuer';
import { MemoryLog, Script } from '../../bot/world';
import { type TestDatabase, testDatabase } from '../../store/database';
import { type Play, type Played, pick, text } from '../front';

const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const now = () => Math.floor(Date.now() / 1000);
const guest = 'c0ffee00-7e57-4bad-8bad-5ca1ab1e0666';
const hour = 3600;

type Random = () => number;

/** A token that is wrong in one way, and what comes with it. */
export interface Forgery {
  readonly name: string;
  readonly status: 401 | 403;
  readonly token: (issuer: Issuer, random: Random) => string | undefined | Promise<string | undefined>;
  readonly activity?: (issuer: Issuer, random: Random) => object;
  readonly header?: (token: string) => string;
}

const signed =
  (claims: (random: Random, issuer: Issuer) => JWTPayload, header: object = {}) =>
  (issuer: Issuer, random: Random) =>
    issuer.sign(issuer.claims(claims(random, issuer)), header);

/** Absent, whatever the usual claims have. */
const without = (...names: readonly string[]) =>
  signed(() => Object.fromEntries(names.map((name) => [name, undefined])) as JWTPayload);

const right = 'https://api.botframework.com';
const issuers = (random: Random): string =>
  pick(random, [
    'https://evil.example',
    `${right}/`,
    right.toUpperCase(),
    right.replace('https', 'http'),
    `${right}.evil.example`,
    `https://sts.windows.net/${guest}/`,
    `https://api.botframework.us`,
    ` ${right}`,
    text(random, 'abc:/.', 20),
  ]);
const audiences = (random: Random): string =>
  pick(random, [
    'somebody-else',
    '',
    appId.toUpperCase(),
    ` ${appId}`,
    `${appId}\u0000`,
    `${appId}x`,
    '*',
    text(random, '0123456789abcdef-', 36),
  ]);
const foreign = (random: Random): string =>
  pick(random, [
    guest,
    '',
    `${tenant}x`,
    ` ${tenant}`,
    'common',
    'organizations',
    text(random, '0123456789abcdef', 32),
  ]);

/** The 14 mutations of the targets, in their order, then what else was thought of since. */
export const forgeries: readonly Forgery[] = [
  { name: 'no token', status: 401, token: () => undefined },
  { name: 'another issuer', status: 401, token: signed((random) => ({ iss: issuers(random) })) },
  { name: 'another audience', status: 401, token: signed((random) => ({ aud: audiences(random) })) },
  {
    name: 'no signature at all',
    status: 401,
    token: (i, random) => unsigned(i.claims(), { alg: pick(random, ['none', 'None', 'NONE', '']), kid: 'right' }),
  },
  {
    name: 'HS256 with the public key',
    status: 401,
    token: (i, random) =>
      i.sign(i.claims(), { alg: pick(random, ['HS256', 'HS384', 'HS512']) }, Buffer.from(i.publicPem.padEnd(64))),
  },
  {
    name: 'an unknown key id',
    status: 401,
    token: (i, random) =>
      i.sign(i.claims(), {
        kid: pick(random, ['wrong', 'RIGHT', '../right', '__proto__', "' or 1=1", text(random, 'abc', 8)]),
      }),
  },
  {
    name: 'an expired token',
    status: 401,
    token: signed((random) => ({ exp: now() - 400 - Math.floor(random() * 1e6) })),
  },
  {
    name: 'a token of the future',
    status: 401,
    token: signed((random) => ({ nbf: now() + 400 + Math.floor(random() * hour) })),
  },
  {
    name: "another service URL's token",
    status: 401,
    token: signed((random, i) => ({ serviceurl: `${i.url}/${text(random, 'xyz', 4)}/` })),
  },
  { name: 'a token for no service URL', status: 401, token: without('serviceurl') },
  { name: 'a key without endorsement', status: 401, token: signed(() => ({}), { kid: 'unendorsed' }) },
  {
    name: "the emulator's issuer",
    status: 401,
    token: signed((random) => ({
      iss: pick(random, [
        'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/',
        'https://login.microsoftonline.com/d6d49420-f39b-4df7-a1dc-d59a935871db/v2.0',
        'https://sts.windows.net/f8cdef31-a31e-4b4a-93e4-5f571e91255a/',
        'https://login.microsoftonline.com/f8cdef31-a31e-4b4a-93e4-5f571e91255a/v2.0',
      ]),
      appid: appId,
      ver: pick(random, ['1.0', '2.0']),
    })),
  },
  {
    name: 'another tenant',
    status: 403,
    token: (i) => i.sign(i.claims()),
    activity: (i, random) => {
      const id = foreign(random);
      return i.activity({ conversation: { id: 'a:1', tenantId: id }, channelData: { tenant: { id } } });
    },
  },
  {
    name: 'a forged signature',
    status: 401,
    token: async (i, random) => {
      if (random() < 0.5) return i.sign(i.claims(), {}, stranger);
      const token = await i.sign(i.claims());
      const at = token.lastIndexOf('.') + 1 + Math.floor(random() * 300);
      return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
    },
  },
  { name: 'no issuer', status: 401, token: without('iss') },
  { name: 'an empty audience', status: 401, token: signed(() => ({ aud: '' })) },
  { name: 'an audience among others', status: 401, token: signed(() => ({ aud: [appId, 'somebody-else'] })) },
  { name: 'a list of audiences', status: 401, token: signed(() => ({ aud: [appId] })) },
  { name: 'a skill that another bot calls', status: 401, token: signed(() => ({ ver: '1.0', appid: 'another-bot' })) },
  {
    name: 'a skill by the second version of its token',
    status: 401,
    token: signed(() => ({ ver: '2.0', azp: 'another-bot', appid: appId })),
  },
  { name: 'a skill without an id', status: 401, token: signed(() => ({ appid: 'AnonymousSkill' })) },
  {
    name: 'a service URL by another spelling of its claim',
    status: 401,
    token: signed((random, i) => ({
      serviceurl: undefined as never,
      [pick(random, ['serviceUrl', 'ServiceUrl', 'SERVICEURL', 'service_url'])]: i.serviceUrl,
    })),
  },
  { name: 'alg none with a signature', status: 401, token: (i) => `${unsigned(i.claims(), { alg: 'none' })}abc` },
  {
    name: 'another algorithm of the same key',
    status: 401,
    token: (i, random) => i.sign(i.claims(), { alg: pick(random, ['PS256', 'RS384', 'RS512', 'PS512']) }),
  },
  { name: 'no key id', status: 401, token: signed(() => ({}), { kid: undefined }) },
  { name: 'a token without end', status: 401, token: without('exp') },
  {
    name: 'an activity without service URL',
    status: 401,
    token: (i) => i.sign(i.claims()),
    activity: (i, random) => i.activity({ serviceUrl: pick(random, [undefined, null, 5, {}, [i.serviceUrl]]) }),
  },
  {
    name: 'another tenant in channelData alone',
    status: 403,
    token: (i) => i.sign(i.claims()),
    activity: (i, random) => i.activity({ channelData: { tenant: { id: foreign(random) } } }),
  },
  {
    name: 'a guest in our conversation',
    status: 403,
    token: (i) => i.sign(i.claims()),
    activity: (i, random) => i.activity({ from: { id: '29:m', aadObjectId: 'm', tenantId: foreign(random) } }),
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
    activity: (i, random) =>
      i.activity({
        channelId: pick(random, ['webchat', 'directline', 'emulator', 'skype', 'MSTEAMS', 'msteams ', '']),
      }),
  },
  {
    name: 'another word before the token',
    status: 401,
    token: (i) => i.sign(i.claims()),
    header: (t) => `Basic ${t}`,
  },
  { name: 'two tokens', status: 401, token: (i) => i.sign(i.claims()), header: (t) => `Bearer ${t}, Bearer ${t}` },
  {
    name: 'garbage',
    status: 401,
    token: (_, random) => pick(random, ['a.b.c', '..', 'e30.e30.e30', text(random, 'abcXYZ019-_.', 200)]),
  },
];

/** A bot at whose door they knock, and whoever signs for it. */
export class Door {
  readonly issuer = new Issuer();
  readonly script = new Script();
  readonly log = new MemoryLog();
  private constructor(private readonly db: TestDatabase) {}
  private opened: Bot | undefined;

  static async open(): Promise<Door> {
    const door = new Door(await testDatabase());
    await door.issuer.start();
    const credentials = { kind: 'sandbox' } as const;
    const sandbox = { teamsUrl: door.issuer.url };
    door.opened = createBot(
      { appId, tenants: [tenant], credentials, port: 0, host: '127.0.0.1', sandbox },
      {
        database: door.db.database,
        conversation: door.script,
        reads: {} as never,
        clock: { now: () => new Date() },
        log: door.log,
      },
    );
    await door.opened.listen();
    return door;
  }

  get bot(): Bot {
    if (!this.opened) throw new Error('the door is not open');
    return this.opened;
  }

  async knock({ token, header, activity }: Forgery, random: Random): Promise<number> {
    const forged = await token(this.issuer, random);
    const authorization = forged && (header?.(forged) ?? `Bearer ${forged}`);
    return this.post(JSON.stringify(activity?.(this.issuer, random) ?? this.issuer.activity()), authorization);
  }

  async post(body: string, authorization?: string): Promise<number> {
    const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
    const response = await fetch(`${this.bot.url}/api/messages`, { method: 'POST', headers, body });
    await response.text();
    return response.status;
  }

  async close(): Promise<void> {
    await this.bot.drain();
    await this.issuer.stop();
    await this.db.close();
  }
}

/** Each of the forgeries `size` times: an answer of another status, or a word that reached a dialog, got in. */
export const tokens: Play = async ({ size, random }): Promise<Played> => {
  const door = await Door.open();
  const letIn: string[] = [];
  const begun = Date.now();
  for (const forgery of forgeries) {
    for (let i = 0; i < size; i += 1) {
      const status = await door.knock(forgery, random);
      if (status !== forgery.status) letIn.push(`${forgery.name}: ${status}`);
    }
  }
  const seconds = (Date.now() - begun) / 1_000;
  const good = await door.post(
    JSON.stringify(door.issuer.activity()),
    `Bearer ${await door.issuer.sign(door.issuer.claims())}`,
  );
  const tries = forgeries.length * size;
  if (good !== 200) letIn.push(`and what Teams signed is answered with ${good}, so that the rest proves nothing`);
  if (door.script.texts.length > 1) letIn.push(`${door.script.texts.length - 1} messages were heard`);
  if (door.issuer.requests.length > 1) letIn.push(`${door.issuer.requests.length - 1} answers left goldbot`);
  if (/eyJ/.test(JSON.stringify(door.log.entries))) letIn.push('a token stands in the log');
  const asked = door.issuer.keysAsked;
  if (asked > 1 + seconds / 30 + 1) letIn.push(`the keys were downloaded ${asked} times in ${Math.ceil(seconds)} s`);
  await door.close();
  return { tries, letIn, seen: `${forgeries.length} ways; the keys were downloaded ${asked} times` };
};

/** Hosts that look like Teams', and ways of hiding another host behind the right one. */
export function hostileUrls({ url }: Pick<Issuer, 'url'>): readonly string[] {
  const connector = 'smba.trafficmanager.net';
  const { port } = new URL(url);
  const evil = `127.0.0.1.nip.io:${port}`;
  const hosts = [
    'evil.example',
    `${connector}.evil.example`,
    `evil${connector}`,
    'smba2.trafficmanager.net',
    'a.smba.trafficmanager.net',
  ];
  const tricks = [
    `https://${connector}@${evil}/`,
    `https://${connector}:443@${evil}/`,
    `https://user:pass@${connector}/`,
    `https://${connector}:8443/`,
    `http://${connector}/`,
    `https://${connector}\\@${evil}/`,
    `https://${evil}/${connector}`,
    `https://${evil}?${connector}`,
    `https://${evil}#${connector}/`,
    `https://${connector}%2e${evil}/`,
    `https://${connector}\t.${evil}/`,
    `https://smba.trafficmanager.net。evil.example/`,
    `ftp://${connector}/`,
    'file:///etc/passwd',
    `javascript:alert(1)`,
    'http://localhost/',
    'http://169.254.169.254/metadata/identity/oauth2/token',
    `http://[::1]:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://2130706433:${port}/`,
    `http://localhost:${port}/`,
    `http://127.0.0.1:${Number(port) + 1}/`,
    `https://127.0.0.1:${port}/`,
    `http://x@127.0.0.1:${port}/`,
    `http://127.1:${port}/`,
    `http://0x7f000001:${port}/`,
    `http://127.0.0.1.:${port}/`,
    `https://${connector}./`,
    `https://${connector.toUpperCase()}/`,
    `https://${connector}:443/`,
    `https://smba.trafficmanager.net\u0000.evil.example/`,
    `https://ѕmba.trafficmanager.net/`,
    `https://smba.traffıcmanager.net/`,
    '//smba.trafficmanager.net/',
    connector,
  ];
  const paths = ['', '/', '/teams/', '/emea/', '/amer/v3/', '/x?y', '/#'];
  const schemes = ['https://', 'http://', 'HTTPS://', 'https:\\\\', 'https:///'];
  return [
    ...tricks,
    ...hosts.flatMap((host) => schemes.flatMap((scheme) => paths.map((path) => scheme + host + path))),
  ];
}

/** Validly signed activities whose answer would go to somebody else, with goldbot's token. */
export const serviceUrls: Play = async ({ size }): Promise<Played> => {
  const door = await Door.open();
  const all = hostileUrls(door.issuer);
  const step = Math.max(1, Math.floor(all.length / size));
  const letIn: string[] = [];
  let tries = 0;
  for (const serviceUrl of all.filter((_, i) => i % step === 0)) {
    tries += 1;
    const token = await door.issuer.sign(door.issuer.claims({ serviceurl: serviceUrl }));
    const status = await door.post(JSON.stringify(door.issuer.activity({ serviceUrl })), `Bearer ${token}`);
    if (status !== 401 && status !== 403) letIn.push(`${serviceUrl}: ${status}`);
  }
  if (door.script.texts.length > 0) letIn.push(`${door.script.texts.length} messages were heard`);
  if (door.issuer.requests.length > 0) letIn.push(`${door.issuer.requests.length} requests left goldbot`);
  await door.close();
  return { tries, letIn };
};
