import type { Catalogue } from '../../core/catalogue';
import { UserError } from '../../core/errors';
import { days, minutes } from '../../core/time';
import type { Happening } from '../../core/webhooks';
import { presentTold } from '../../dialogs/present/told';
import { cardsOfTopic, type Held, keepNotices, parkConversation, saveConversation } from '../../store';
import { createReads } from '../../store/reads';
import { createSubscriptionControl } from '../../workflows/start';
import { notices } from '../../workflows/subscriptions';
import { ada, grace, HandClock } from '../engine/bench';
import { type TestDatabase, testDatabase } from '../store/database';

const clock = new HandClock();
let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

const catalogue = () =>
  ({
    roles: [{ group: 'viewers', name: 'Viewers', role: 'viewer', images: ['ubuntu-22'] }],
    teams: new Map(),
  }) as unknown as Catalogue;
const groups = new Map<string, readonly string[]>();
const memberOf = async (oid: string) => groups.get(oid) ?? [];
const control = () => createSubscriptionControl({ database: db.database, clock });
const reads = () => createReads(db.database);

let acts = 0;
const intent = () => `act-${++acts}`;
const chat = (id: string) =>
  saveConversation(db.database, { id, tenantId: 't', serviceUrl: 'https://teams/', reference: {}, name: null });
const claim = (more: Partial<Parameters<typeof notices>[0]> = {}, leaseMs = 60_000) =>
  notices({ database: db.database, clock, catalogue, directory: { memberOf }, ...more }).claim({
    owner: 'me',
    leaseMs,
  });
const held = (confirmed = true) => ({ confirm: async () => confirmed }) as unknown as Held;
/** Works on all that is due. */
async function tellAll(more: Partial<Parameters<typeof notices>[0]> = {}): Promise<number> {
  for (let count = 0; ; count++) {
    const claimed = await claim(more);
    if (!claimed) return count;
    await claimed.work(held());
  }
}
const revoked = (version: string): Happening => ({
  ...{ kind: 'revoked', subject: `ubuntu-22/${version}`, runId: 'R-22222' },
  data: { image: 'ubuntu-22', version },
});
const happens = (one: Happening) => keepNotices(db.database, [one], clock.now());
const cards = async (version: string) =>
  (await cardsOfTopic(db.database, `told:R-22222-revoked-${version}`))
    .map(({ conversationId }) => conversationId)
    .sort();

const passedOver = async () => {
  const rows = await db.database.query<{ said: string }>('select said from notice where said is not null');
  return rows.map(({ said }) => said).sort();
};

beforeEach(async () => {
  for (const table of ['notice', 'subscription', 'conversation']) await db.database.query(`delete from ${table}`);
  groups.set(ada.oid, ['viewers']);
  for (const id of ['a:ada', '19:team', 'a:grace']) await chat(id);
});

const subscribeAll = async () => {
  const about = { image: 'ubuntu-22', events: ['revoked'] } as const;
  await control().subscribe({ ...about, conversationId: 'a:ada', own: true, person: ada, intent: intent() });
  await control().subscribe({ ...about, conversationId: '19:team', own: false, person: ada, intent: intent() });
  await control().subscribe({ ...about, conversationId: 'a:grace', own: true, person: grace, intent: intent() });
};

describe('what happens to an image', () => {
  it('is told once to each conversation that hears of it, not to somebody who may not look at it', async () => {
    await subscribeAll();
    await happens(revoked('1.1.0'));
    await happens(revoked('1.1.0'));
    await happens({ ...revoked('1.1.0'), kind: 'retired' });
    expect(await tellAll()).toBe(3);
    expect(await cards('1.1.0')).toEqual(['19:team', 'a:ada']);
    expect(await tellAll()).toBe(0);
    // Out of the group, and in again: what happened in between is not told later.
    groups.set(ada.oid, []);
    await happens(revoked('1.2.0'));
    await tellAll();
    groups.set(ada.oid, ['viewers']);
    await happens(revoked('1.3.0'));
    await tellAll();
    expect([await cards('1.2.0'), await cards('1.3.0')]).toEqual([['19:team'], ['19:team', 'a:ada']]);
  });

  it('is one message when a replica dies over it, before or after it asked for the card', async () => {
    await subscribeAll();
    await happens(revoked('2.1.0'));
    const dead = await claim({}, 1);
    await db.database.query(`update notice set leased_until = clock_timestamp() - interval '1 s'`);
    expect(await tellAll()).toBe(3);
    await dead?.work(held());
    const after = await cardsOfTopic(db.database, 'told:R-22222-revoked-2.1.0');
    expect(after.map(({ conversationId, wanted }) => [conversationId, wanted]).sort()).toEqual([
      ['19:team', 1],
      ['a:ada', 1],
    ]);
  });

  it('is not told where somebody unsubscribed meanwhile, nor where goldbot cannot write', async () => {
    await subscribeAll();
    await happens(revoked('3.1.0'));
    await control().unsubscribe({ conversationId: 'a:ada', person: ada, intent: intent() });
    await parkConversation(db.database, '19:team', 'removed');
    await tellAll();
    expect(await cards('3.1.0')).toEqual([]);
    expect(await passedOver()).toEqual([
      'goldbot cannot write there any more',
      'it was unsubscribed meanwhile',
      'the person may not look at the image any more',
    ]);
  });

  it('waits while Graph is silent, for a day', async () => {
    await subscribeAll();
    await happens(revoked('4.1.0'));
    const silent = async () => {
      throw new UserError('DIRECTORY_SILENT', 'Graph is silent.', { hint: 'Wait.' });
    };
    await tellAll({ directory: { memberOf: silent } });
    expect([await cards('4.1.0'), await tellAll()]).toEqual([['19:team'], 0]);
    clock.advance(minutes(1));
    expect(await tellAll()).toBe(2);
    expect(await cards('4.1.0')).toEqual(['19:team', 'a:ada']);
    await happens(revoked('4.2.0'));
    clock.advance(days(1));
    await tellAll({ directory: { memberOf: silent } });
    expect([await cards('4.2.0'), await tellAll()]).toEqual([['19:team'], 0]);
  });

  it('is a message that stands although the image is unsubscribed, with the words of the event', async () => {
    await subscribeAll();
    await happens(revoked('5.1.0'));
    await tellAll();
    const { text } = await presentTold('R-22222-revoked-5.1.0', reads());
    expect(text).toContain('ubuntu-22 5.1.0 is revoked');
    await expect(presentTold('R-22222-revoked-9.9.9', reads())).rejects.toThrow('no event');
  });
});

describe('a subscription', () => {
  it('takes the place of the one before, once for each act, and is found by its person and its place', async () => {
    const about = { conversationId: 'a:ada', image: 'ubuntu-22', own: true, person: ada };
    expect(await control().subscribe({ ...about, events: ['revoked'], intent: 'once' })).toBeUndefined();
    const before = await control().subscribe({ ...about, events: ['published'], intent: intent() });
    expect(before?.events).toEqual(['revoked']);
    await control().subscribe({ ...about, events: ['revoked'], intent: 'once' });
    const found = await reads().subscriptions({ person: ada.oid });
    expect(found).toMatchObject([{ conversationId: 'a:ada', events: ['published'], person: ada.oid }]);
    expect(await reads().subscriptions({ conversationId: 'a:ada' })).toEqual(found);
    expect(await reads().subscriptions({ conversationId: '19:team', person: grace.oid })).toEqual([]);
  });

  it('ends for one image or for all, and a repeat finds nothing', async () => {
    const about = { conversationId: '19:team', own: false, person: ada, events: ['revoked'] } as const;
    for (const image of ['a', 'b', 'c']) await control().subscribe({ ...about, image, intent: intent() });
    const end = async (image?: string) =>
      (
        await control().unsubscribe({
          ...{ conversationId: '19:team', person: grace, intent: intent() },
          ...(image !== undefined && { image }),
        })
      ).map((one) => one.image);
    expect([await end('b'), await end('b'), await end(), await end()]).toEqual([['b'], [], ['a', 'c'], []]);
  });

  it('finds the chat of a person as long as goldbot may write there', async () => {
    const reference = { kind: 'personal', person: ada.oid };
    await saveConversation(db.database, { ...{ id: 'a:own', tenantId: 't', serviceUrl: 's', name: null }, reference });
    expect([await reads().ownChat(ada.oid), await reads().ownChat(grace.oid)]).toEqual(['a:own', undefined]);
    await parkConversation(db.database, 'a:own', 'removed');
    expect(await reads().ownChat(ada.oid)).toBeUndefined();
  });
});
