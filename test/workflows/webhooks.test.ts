import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Catalogue } from '../../core/catalogue';
import { days, hours, minutes } from '../../core/time';
import { eventIdOf, type Told, webhookKinds } from '../../core/webhooks';
import { webhookSender } from '../../services/webhooks';
import { type Held, keepWebhooks } from '../../store';
import { createReads } from '../../store/reads';
import { changeWorkflow } from '../../workflows/change';
import { digestWorkflow } from '../../workflows/digest';
import { publishWorkflow } from '../../workflows/publish';
import { createWebhookControl, webhooks } from '../../workflows/webhooks';
import { fixed } from '../dialogs/support/plan';
import { aRun } from '../dialogs/support/world';
import { ada, HandClock } from '../engine/bench';
import { type TestDatabase, testDatabase } from '../store/database';

const key = Buffer.alloc(32, 7);
const clock = new HandClock();
let db: TestDatabase;
let server: ReturnType<typeof createServer>;
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
const heard: { headers: IncomingMessage['headers']; body: string }[] = [];

beforeAll(async () => {
  db = await testDatabase();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    heard.push({ headers: request.headers, body });
    answer(request, response, body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await db.close();
});
beforeEach(async () => {
  heard.length = 0;
  answer = (_, response) => end(response, 204);
  await db.database.query('delete from webhook');
});

/** Another suite of this worker may have loaded restify, after which `writeHead` gives nothing back. */
function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers);
  response.end();
}

const receivers = (port: number) => [
  {
    name: 'tickets',
    url: `http://127.0.0.1:${port}/hook`,
    events: ['published' as const],
    secret: 'GOLDBOT_WEBHOOK_T',
  },
];
const catalogue = (): Catalogue => {
  const { port } = server.address() as AddressInfo;
  return { programs: { audience: '', applications: [], webhooks: receivers(port) } } as unknown as Catalogue;
};
const deps = {
  ...{ clock, catalogue, deliver: webhookSender('anywhere'), machineMs: Date.now },
  secret: (): string | undefined => `whsec_${key.toString('base64')}`,
};
const held = (confirmed = true) => ({ confirm: async () => confirmed }) as unknown as Held;
const claim = (more: Partial<typeof deps> = {}, leaseMs = 60_000) =>
  webhooks({ ...deps, ...more, database: db.database }).claim({ owner: 'me', leaseMs });
/** Sends what is due, once; false when nothing is. */
async function sends(more: Partial<typeof deps> = {}): Promise<boolean> {
  const claimed = await claim(more);
  await claimed?.work(held());
  return claimed !== undefined;
}
const keep = () =>
  keepWebhooks(db.database, [
    {
      eventId: 'R-7F3KQ-published-1.6.0',
      receiver: 'tickets',
      kind: 'published',
      subject: 'ubuntu-22/1.6.0',
      body: '{"a":1}',
      at: clock.now(),
    },
  ]);
const state = async () => (await createReads(db.database).webhooks())[0];

describe('sending', () => {
  it('posts the event signed, once, and forgets it', async () => {
    await keep();
    await keep();
    expect([await sends(), await sends()]).toEqual([true, false]);
    const [{ headers, body } = { headers: {}, body: '' }] = heard;
    const [id, at] = [headers['webhook-id'], headers['webhook-timestamp']];
    expect([heard.length, id, body]).toEqual([1, 'R-7F3KQ-published-1.6.0', '{"a":1}']);
    expect(headers['content-type']).toContain('application/cloudevents+json');
    const mac = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${mac}`);
    expect(Math.abs(Number(at) - Date.now() / 1_000)).toBeLessThan(300);
    expect(await state()).toBeUndefined();
  });

  it('sends it again under the same id when its replica died before it could say so', async () => {
    await keep();
    const dead = await claim({}, 1);
    expect(dead).toBeDefined();
    await db.database.query(`update webhook set leased_until = clock_timestamp() - interval '1 s'`);
    expect(await sends()).toBe(true);
    await dead?.work(held(false));
    expect(heard.map(({ headers }) => headers['webhook-id'])).toEqual(['R-7F3KQ-published-1.6.0']);
    // It stood still after it had asked whether it still holds it.
    await dead?.work(held());
    expect(new Set(heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(await state()).toBeUndefined();
  });

  it.each<readonly [string, string, (response: ServerResponse) => void]>([
    ['a broken receiver', 'it answered 500', (response) => end(response, 500)],
    [
      'a redirect',
      'it answered 302, and goldbot follows no redirect',
      (response) => end(response, 302, { location: '/x' }),
    ],
    ['a connection that is cut', 'no answer: socket hang up', (response) => response.destroy()],
  ])('tries %s again later, and says why', async (_, said, answers) => {
    await keep();
    answer = (_request, response) => answers(response);
    await sends();
    expect(await sends()).toBe(false);
    expect(await state()).toMatchObject({ waiting: 1, lost: 0, trouble: { said } });
    clock.advance(minutes(1));
    answer = (_request, response) => end(response, 200);
    expect(await sends()).toBe(true);
    expect([await state(), heard.length]).toEqual([undefined, 2]);
  });

  it('waits as long as it is asked to', async () => {
    await keep();
    answer = (_, response) => end(response, 429, { 'retry-after': '7200' });
    await sends();
    clock.advance(hours(2) - minutes(1));
    expect(await sends()).toBe(false);
    clock.advance(minutes(2));
    expect(await sends()).toBe(true);
  });

  it('reads nothing of an answer that has no end', async () => {
    await keep();
    let cut: Promise<void> | undefined;
    answer = (_, response) => {
      cut = new Promise((done) => response.on('close', done));
      response.writeHead(200);
      const more = () => response.write('x'.repeat(65_536)) || response.once('drain', more);
      more();
    };
    expect(await sends()).toBe(true);
    await cut;
    expect(await state()).toBeUndefined();
  });

  it('says which secret is missing, and sends nothing unsigned', async () => {
    await keep();
    await sends({ secret: () => undefined });
    expect(heard).toEqual([]);
    expect((await state())?.trouble?.said).toBe('the secret GOLDBOT_WEBHOOK_T is not set');
  });

  it('gives up after three days, or at once when the receiver is gone; and sends again when somebody asks', async () => {
    await keep();
    answer = (_, response) => end(response, 500);
    const began = clock.now().getTime();
    while ((await state())?.lost === 0) {
      clock.advance(hours(1));
      await sends();
    }
    expect(clock.now().getTime() - began).toBeGreaterThan(days(2.5));
    expect(clock.now().getTime() - began).toBeLessThan(days(3) + hours(1));
    const control = createWebhookControl({ database: db.database, clock });
    expect([await sends(), await control.resend({ receiver: 'tickets', person: ada })]).toEqual([false, 1]);
    answer = (_, response) => end(response, 410);
    await sends();
    expect(await state()).toMatchObject({
      waiting: 0,
      lost: 1,
      trouble: { said: 'it answered 410: it wants no more' },
    });
    expect(await control.resend({ receiver: 'tickets', person: ada })).toBe(1);
    answer = (_, response) => end(response, 200);
    await sends();
    expect(await control.resend({ receiver: 'tickets', person: ada })).toBe(0);
    expect(new Set(heard.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(['R-7F3KQ-published-1.6.0']));
  });

  it('never connects to an address that is not public, whatever its name', async () => {
    const { port } = server.address() as AddressInfo;
    const post = (url: string) => webhookSender('public')({ url, headers: {}, body: '' });
    await expect(post(`https://localhost:${port}/`)).rejects.toThrow('not of the public internet');
    await expect(post(`https://127.0.0.1:${port}/`)).rejects.toThrow('not of the public internet');
    await expect(post(`http://127.0.0.1:${port}/`)).rejects.toThrow('not https');
    expect(heard).toEqual([]);
  });
});

describe('what is told', () => {
  const all = { name: 'all', url: 'https://r.example.com/', secret: 'GOLDBOT_WEBHOOK_A' };
  const told = {
    audience: '',
    applications: [],
    webhooks: [{ ...all, events: [...webhookKinds] }],
  };
  const parts = { catalogue: () => ({ programs: told }) as unknown as Catalogue } as never;
  const now = new Date('2026-11-30T09:00:00Z');
  const ids = (told: Told | undefined) => {
    const sent = told?.webhooks.map(({ eventId }) => eventId);
    // Whoever has subscribed is told exactly what programs are.
    expect(told?.happened.map(eventIdOf)).toEqual(sent);
    return sent;
  };

  it('is a publish in the step that exposed it, and in no other', () => {
    const { tells } = publishWorkflow(parts);
    const run = aRun('R-7F3KQ', { plan: { request: {}, approvalChannel: 'a', fixed } });
    const exposed = { kind: 'to', stage: 'age', data: { publishedAt: now.toISOString() } } as const;
    expect(ids(tells?.(run, exposed, now))).toEqual(['R-7F3KQ-published-1.6.0']);
    expect(ids(tells?.(run, { kind: 'to', stage: 'publish' }, now))).toEqual([]);
    const before = aRun('R-7F3KQ', { ...run, data: { publishedAt: now.toISOString() } as never });
    expect(ids(tells?.(before, exposed, now))).toEqual([]);
  });

  it('is what was revoked or retired once it is done, broken glass or not, and never what failed', () => {
    const { tells } = changeWorkflow(parts);
    const gallery = { subscription: 's', resourceGroup: 'rg', gallery: 'gold', definition: 'ubuntu-22' };
    const plan = { verb: 'revoke', image: 'ubuntu-22', gallery, versions: ['1.5.0', '1.6.0'], target: 'x', team: null };
    const run = { id: 'R-22222', plan, data: {} } as never;
    const ending = (how: string) => ({ kind: 'to', stage: 'review', data: { ending: { how, why: 'w' } } }) as never;
    expect(ids(tells?.(run, ending('done'), now))).toEqual(['R-22222-revoked-1.5.0', 'R-22222-revoked-1.6.0']);
    expect(ids(tells?.(run, ending('failed'), now))).toEqual([]);
    expect(ids(tells?.({ ...(run as object), data: { ending: {} } } as never, ending('done'), now))).toEqual([]);
    const done = (more: object) =>
      tells?.({ id: 'R-22222', plan: { ...plan, ...more }, data: {} } as never, ending('done'), now);
    expect(ids(done({ verb: 'age' }))).toEqual([]);
    const descendants = [{ image: 'payments-base', gallery: { ...gallery, definition: 'p' }, version: '2.0.0' }];
    expect(ids(done({ versions: ['1.6.0'], descendants }))).toEqual(['R-22222-revoked-1.6.0', 'R-22222-revoked-2.0.0']);
    expect(done({ descendants })?.happened.at(-1)?.data).toMatchObject({ image: 'payments-base', version: '2.0.0' });
  });

  it('is what was promoted, what a rollback went back to, and an end of life with its day', () => {
    const { tells } = changeWorkflow(parts);
    const gallery = { subscription: 's', resourceGroup: 'rg', gallery: 'gold', definition: 'ubuntu-22' };
    const ending = { kind: 'to', stage: 'close', data: { ending: { how: 'done', why: 'w' } } } as never;
    const happened = (more: object) => {
      const plan = { image: 'ubuntu-22', gallery, versions: ['1.6.0'], target: 'x', team: null, ...more };
      const found = tells?.({ id: 'R-22222', plan, data: {} } as never, ending, now);
      ids(found);
      return found?.happened.map(({ kind, data: { version, regions, hidden, endOfLife } }) => {
        return { kind, version, regions, hidden, endOfLife };
      });
    };
    expect(happened({ verb: 'promote', regions: ['West Europe'] })).toEqual([
      { kind: 'promoted', version: '1.6.0', regions: ['West Europe'] },
    ]);
    expect(happened({ verb: 'rollback', to: '1.5.0' })).toEqual([
      { kind: 'promoted', version: '1.5.0', hidden: ['1.6.0'] },
    ]);
    const endOfLife = '2026-12-31T00:00:00.000Z';
    expect(happened({ verb: 'eol', until: endOfLife })).toEqual([{ kind: 'end-of-life', version: '1.6.0', endOfLife }]);
    expect(happened({ verb: 'eol', until: null })).toEqual([
      { kind: 'end-of-life', version: '1.6.0', endOfLife: null },
    ]);
  });

  it('is the weekly digest, not one that somebody asked for', () => {
    const { tells } = digestWorkflow(parts);
    const run = { id: 'R-33333', plan: { team: 'web', week: '2026-W49' } };
    const posted = { kind: 'end', outcome: 'done', data: { channel: 'web / ops' } } as const;
    expect(ids(tells?.(run as never, posted, now))).toEqual(['R-33333-digest-web']);
    expect(ids(tells?.({ ...run, plan: { ...run.plan, askedBy: 'Ada' } } as never, posted, now))).toEqual([]);
  });
});
