import { connect } from 'node:net';
import { type Bot, createBot } from '../../bot';
import { type TestDatabase, testDatabase } from '../store/database';
import { sized } from '../support/size';
import { appId, Issuer, tenant } from './issuer';
import { MemoryLog, Script, until } from './world';

describe('a flood', () => {
  const issuer = new Issuer();
  const script = new Script();
  const log = new MemoryLog();
  let db: TestDatabase;
  let bot: Bot;
  beforeAll(async () => {
    await issuer.start();
    db = await testDatabase();
    const credentials = { kind: 'sandbox' } as const;
    bot = createBot(
      { appId, tenants: [tenant], credentials, port: 0, host: '127.0.0.1', sandbox: { teamsUrl: issuer.url } },
      { database: db.database, conversation: script, reads: {} as never, clock: { now: () => new Date() }, log },
    );
    await bot.listen();
  });
  afterAll(async () => {
    await bot.drain();
    await issuer.stop();
    await db.close();
  });

  const many = sized(200, 1_000);
  const send = async (token: string, activity: object) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    return (await fetch(`${bot.url}/api/messages`, { method: 'POST', headers, body: JSON.stringify(activity) })).status;
  };

  it(`of ${many} bad tokens keeps no good message out, and the log stays small`, async () => {
    const good = await issuer.sign(issuer.claims());
    const bad = [
      'a.b.c',
      `${good.slice(0, -8)}AAAAAAAA`,
      await issuer.sign(issuer.claims({ aud: 'x' })),
      await issuer.sign(issuer.claims(), { kid: 'forged' }),
    ];
    const floods = Array.from({ length: many }, (_, i) => send(bad[i % bad.length] ?? '', issuer.activity()));
    const served = Array.from({ length: 20 }, (_, i) =>
      send(
        good,
        issuer.activity({ id: `good-${i}`, text: `good ${i}`, from: { id: `29:${i}`, aadObjectId: `oid-${i}` } }),
      ),
    );
    const [refused, taken] = [await Promise.all(floods), await Promise.all(served)];

    expect(new Set(refused)).toEqual(new Set([401]));
    expect(taken).toEqual(Array(20).fill(200));
    await until(() => new Set(script.heard('good ').map((t) => t.text)).size === 20);
    expect(log.entries.filter((e) => e.text === 'request refused').length).toBeLessThanOrEqual(40);
  }, 120_000);

  it('of slow bodies is cut off, and others are served meanwhile', async () => {
    const token = await issuer.sign(issuer.claims());
    const { port } = new URL(bot.url);
    const slow = Array.from(
      { length: 20 },
      () =>
        new Promise<string>((done) => {
          const socket = connect(Number(port), '127.0.0.1', () => {
            socket.write(`POST /api/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`);
            socket.write('content-type: application/json\r\ncontent-length: 1000\r\n\r\n{');
          });
          let answer = '';
          socket.on('error', () => {});
          socket.on('data', (data) => {
            answer += data.toString();
          });
          socket.on('close', () => done(answer.split('\r\n')[0] ?? ''));
        }),
    );
    const meanwhile = await send(token, issuer.activity({ id: 'meanwhile', text: 'meanwhile' }));

    expect(meanwhile).toBe(200);
    expect(await Promise.all(slow)).toEqual(Array(20).fill('HTTP/1.1 408 Request Timeout'));
    await until(() => script.heard('meanwhile').length === 1);
  }, 60_000);
});
