import { Delivery } from '../../bot/delivery';
import { TeamsError } from '../../bot/teams';
import { saveConversation, wantCard } from '../../store';
import { sizeOf } from '../chaos/matrix';
import { type TestDatabase, testDatabase } from '../store/database';
import { parkedConversations } from '../store/parked';

/** One channel of twenty is closed to goldbot: it was removed from it, or the channel is gone. */

const channels = sizeOf('closed channels', 'channels');
const isClosed = (id: string) => Number(id.slice(5)) % 20 === 7;
const ids = Array.from({ length: channels }, (_, n) => `19:a-${n}`);
const closed = ids.filter(isClosed);
const others = ids.filter((id) => !isClosed(id));

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

const here = (id: string) =>
  saveConversation(db.database, {
    ...{ id, tenantId: 't', serviceUrl: 's', reference: { kind: 'channel', teamId: 'team' }, name: `Team / ${id}` },
  });

/** Posts by conversation; Teams takes those of conversations that are open. */
function deliverer(isOpen: (id: string) => boolean) {
  const posts = new Map<string, number>();
  const free = async () => {};
  const delivery = new Delivery({
    ...{ database: db.database, clock: { now: () => new Date() }, sleep: free },
    teams: {
      post: async ({ conversationId: id }) => {
        posts.set(id, (posts.get(id) ?? 0) + 1);
        const [status, code] =
          Number(id.slice(5)) % 40 === 7 ? [403, 'BotNotInConversationRoster'] : [404, 'ConversationNotFound'];
        if (!isOpen(id))
          throw new TeamsError('closed', `Teams: ${status} ${code}`, { status: Number(status), code: String(code) });
        return { activityId: `posted in ${id}` } as never;
      },
      update: free,
    },
    pace: { forMessage: free, forEdit: free, hold: free } as never,
    places: {
      park: async (id, why) =>
        void (await db.database.query('update conversation set parked_why = $2 where id = $1', [id, why])),
    },
    render: async (topic) => ({ text: `about ${topic}` }),
    log: { info() {}, warn() {}, error() {} },
  });
  return { delivery, posts };
}

/** Until nothing is due. */
async function deliver({ delivery }: ReturnType<typeof deliverer>): Promise<void> {
  for (;;) {
    const claimed = await delivery.claim({ owner: 'me', leaseMs: 60_000 });
    if (!claimed) return;
    await claimed.work({ leftMs: () => 60_000, lose: () => {}, confirm: async () => true });
  }
}

const shown = async () =>
  (
    await db.database.query<{ id: string }>(
      'select conversation_id as id from card where activity_id is not null order by id',
    )
  ).map(({ id }) => id);

it(`of ${channels} channels, one of twenty closed: all others have their card, those are tried once, told, and served when goldbot is installed again`, async () => {
  for (const id of ids) {
    await here(id);
    await wantCard(db.database, { topic: `run:${id}`, conversationId: id, kind: 'run' });
  }
  const bot = deliverer((id) => !isClosed(id));
  await deliver(bot);

  expect((await shown()).sort()).toEqual([...others].sort());
  expect([...bot.posts.values()].filter((times) => times !== 1)).toEqual([]);
  expect(bot.posts.size).toBe(channels);
  expect((await parkedConversations(db.database)).map(({ id }) => id).sort()).toEqual([...closed].sort());

  // Another card meanwhile: nobody asks Teams again.
  for (const id of closed) await wantCard(db.database, { topic: `run:${id}`, conversationId: id, kind: 'run' });
  await deliver(bot);
  expect([...bot.posts.values()].filter((times) => times !== 1)).toEqual([]);

  for (const id of closed) await here(id);
  const again = deliverer(() => true);
  await deliver(again);
  expect((await shown()).sort()).toEqual([...ids].sort());
  expect([...again.posts].sort()).toEqual(closed.map((id) => [id, 1]).sort());
});
