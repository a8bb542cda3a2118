import { Delivery, type DeliveryDeps } from '../../bot/delivery';
import { TooSoon } from '../../bot/speaker';
import { type Address, TeamsError } from '../../bot/teams';
import { leading } from '../../bot/there';
import type { Reply } from '../../cards';
import { due } from '../../cards/parts/format';
import { clouds, messageLink } from '../../core/cloud';
import type { Calling } from '../../core/mentions';
import {
  cardsOfTopic,
  meet,
  ownChats,
  parkConversation,
  redrawRun,
  saveConversation,
  shownAt,
  wantCard,
  wantCopies,
} from '../../store';
import { bumpTopics } from '../../store/cards';
import { createReads } from '../../store/reads';
import { type TestDatabase, testDatabase } from '../store/database';
import { anApproval, aRun, emptyTables } from '../store/rows';

/** One card, one look: what Teams is asked, and what becomes of the card, for each answer of Teams. */
const here = '19:here@thread.tacv2';
const now = new Date('2026-11-23T09:00:00Z');
let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase({ audit: 'of any version' });
});
beforeEach(async () => {
  await saveConversation(db.database, {
    ...{
      id: here,
      tenantId: 't',
      serviceUrl: 's',
      reference: { kind: 'channel', teamId: 'team' },
      name: 'Team / Channel',
    },
  });
});
afterEach(async () => {
  await emptyTables(db.database);
  await db.database.query(`delete from audit; update audit_head set seq = 0, hash = ''`);
});
afterAll(() => db.close());

type Answer = Error | undefined;

/** A deliverer whose Teams gives these answers, one after the other; after them it takes everything. */
const deliverer = Object.assign((...answers: Answer[]) => made(answers, {}), {
  with: (more: Partial<DeliveryDeps>) => made([], more),
});

function made(answers: Answer[], more: Partial<DeliveryDeps>) {
  const [asked, logged, held, paced] = [[] as unknown[], [] as unknown[], [] as unknown[], [] as unknown[]];
  const shown = new Map<string, Reply | undefined>();
  const pacing: { error?: Error } = {};
  const answered = async (...call: unknown[]) => {
    asked.push(call);
    const answer = answers.shift();
    if (answer) throw answer;
    return { activityId: 'a1' };
  };
  const wait = (kind: string) => async (_: Address, ms: number) => {
    paced.push([kind, ms]);
    if (pacing.error) throw pacing.error;
  };
  const note = (level: string) => (fields: object, text: string) => void logged.push([level, text, fields]);
  const delivery = new Delivery({
    database: db.database,
    teams: {
      post: async (to, reply) => (await answered('post', to.conversationId, to.threadId, reply)) as never,
      update: async (to, id, reply) => void (await answered('update', to.conversationId, id, reply)),
    },
    pace: {
      forMessage: wait('message'),
      forEdit: wait('edit'),
      hold: async (_: Address, ms: number) => void held.push(ms),
    } as never,
    places: { park: (id, why) => parkConversation(db.database, id, why) },
    render: async (topic) => (shown.has(topic) ? shown.get(topic) : { text: `about ${topic}` }),
    zoneOf: (called) => (called.includes('Team / Channel') ? 'Asia/Tokyo' : undefined),
    clock: { now: () => now },
    sleep: async () => {},
    log: { info: note('info'), warn: note('warn'), error: note('error') },
    ...more,
  });
  return { delivery, asked, logged, held, paced, shown, pacing };
}

/** Looks once; false when nothing was due. `leftMs`: of the lease. */
async function look({ delivery }: ReturnType<typeof deliverer>, leftMs = 1_000): Promise<boolean> {
  const claimed = await delivery.claim({ owner: 'me', leaseMs: 60_000 });
  await claimed?.work({ leftMs: () => leftMs, lose: () => {}, confirm: async () => true });
  return claimed !== undefined;
}

/** Machine time passes: the conversation may be edited again. */
const edits = async () => db.database.query(`update conversation set edit_not_before = '-infinity'`);
const set = (columns: Record<string, unknown>) =>
  Promise.all(
    Object.entries(columns).map(([column, value]) => db.database.query(`update card set ${column} = $1`, [value])),
  );
const want = async (topic: string, columns: Record<string, unknown> = {}, channel = here) => {
  await wantCard(db.database, { topic, channel, kind: topic.split(':')[0] ?? '', threadId: 'thread' });
  await set(columns);
};
/** The card; `rests`: seconds of machine time until it is looked at again. */
const row = async () =>
  (
    await db.database.query(
      `select activity_id as id, shown, unclear, second_post as second, unclear_posts as posts, missing_why as missing, last_error as error,
         create_announced_at is not null as announced, leased_until is null as free,
         case when not_before > clock_timestamp() then round(extract(epoch from not_before - clock_timestamp()))::int else 0 end as rests
       from card order by id limit 1`,
    )
  )[0];
const audited = async () =>
  (await createReads(db.database).audit()).map(({ action, detail }) => ({ action, ...detail }));
const fails = (trouble: TeamsError['trouble'], details = {}) => new TeamsError(trouble, `Teams: ${trouble}`, details);
const fresh = {
  id: null,
  shown: 0,
  unclear: false,
  second: null,
  posts: 0,
  missing: null,
  error: null,
  announced: false,
  free: true,
  rests: 0,
};

describe('a new card', () => {
  it('is posted where it belongs, paced as a message, and stored', async () => {
    const bot = deliverer();
    await want('run:1');
    expect(await look(bot)).toBe(true);

    expect(bot.asked).toEqual([['post', here, 'thread', { text: 'about run:1' }]]);
    expect(bot.paced).toEqual([['message', 8_000]]);
    expect(await row()).toEqual({ ...fresh, id: 'a1', shown: 1 });
    expect(await look(bot)).toBe(false);
  });

  it('says in words by the clock of its channel when something is due, posted or edited', async () => {
    const bot = deliverer();
    bot.shown.set('run:1', { text: `Waits until ${due('2026-11-27T17:00:00Z')}.` });
    await want('run:1');
    await look(bot);
    bot.shown.set('run:1', { text: `Decided before ${due('2026-11-27T17:00:00Z')}.` });
    await bumpTopics(db.database, ['run:1']);
    await db.database.query(`update conversation set edit_not_before = '-infinity'`);
    await look(bot);

    const there = 'Fri 27 Nov, 17:00 UTC (Sat 28 Nov, 02:00 in Asia/Tokyo).';
    expect(bot.asked).toEqual([
      ['post', here, 'thread', { text: `Waits until ${there}` }],
      ['update', here, 'a1', { text: `Decided before ${there}` }],
    ]);
  });

  it('shows its opening first, once, and is due again when that is out of date', async () => {
    const bot = deliverer();
    await want('run:1');
    const address = { topic: 'run:1', conversationId: here, kind: 'run' };
    bot.delivery.kick(address, { text: 'opening' });
    await look(bot);
    expect(bot.asked).toEqual([['post', here, 'thread', { text: 'opening' }]]);
    expect(await row()).toMatchObject({ id: 'a1', shown: 0 });

    await db.database.query(`update conversation set edit_not_before = '-infinity'`);
    await look(bot);
    expect(bot.asked[1]).toEqual(['update', here, 'a1', { text: 'about run:1' }]);
    expect(await row()).toMatchObject({ shown: 1 });
  });

  it('wakes the worker, and an opening that is true needs no edit', async () => {
    const bot = deliverer();
    let woken = 0;
    bot.delivery.attach(() => {
      woken += 1;
    });
    await want('run:1');
    bot.delivery.kick({ topic: 'run:1', conversationId: here, kind: 'run' }, { text: 'about run:1' });
    await look(bot);
    expect([woken, (await row())?.['shown']]).toEqual([1, 1]);
  });

  it.each([
    ['the lease is over', 0],
    ['the lease has been over for a while', -5],
  ])('is not posted when %s', async (_, leftMs) => {
    const bot = deliverer();
    await want('run:1');
    await look(bot, leftMs);
    expect([bot.asked, await row()]).toEqual([[], { ...fresh, free: false }]);
  });

  describe('of a replica that is frozen past its lease between the announcement and the post', () => {
    /** `meanwhile`: what happens to the card before it is thawed. */
    const frozen = async (meanwhile: () => Promise<unknown>) => {
      let left = 1_000;
      const bot = deliverer.with({
        at: async (boundary) => {
          if (boundary !== 'create announced') return;
          left = 0;
          await meanwhile();
        },
      });
      await want('run:1');
      const claimed = await bot.delivery.claim({ owner: 'me', leaseMs: 60_000 });
      await claimed?.work({ leftMs: () => left, lose: () => {}, confirm: async () => true });
      return bot;
    };

    it('is not posted by it, and stays as if nothing had been announced, so that another one posts it at once', async () => {
      const bot = await frozen(async () => {});
      const after = await row();
      const heir = deliverer();
      await look(heir);

      expect([bot.asked, after]).toEqual([[], fresh]);
      expect(heir.asked).toHaveLength(1);
    });

    it('is not touched by it any more once another one holds it', async () => {
      const bot = await frozen(() => db.database.query('update card set lease_token = lease_token + 1'));

      expect([bot.asked, await row()]).toEqual([[], { ...fresh, announced: true, free: false }]);
    });
  });

  it.each<[string, string, TeamsError | TooSoon, object]>([
    [
      'Teams is silent',
      'run:1',
      fails('unclear'),
      { second: 'promised', posts: 1, missing: 'silent', announced: true, rests: 5 },
    ],
    [
      'Teams is silent about a request',
      'approval:R-22222',
      fails('unclear'),
      { second: 'promised', posts: 1, missing: 'silent', announced: true, rests: 60 },
    ],
    ['Teams cannot be reached', 'run:1', fails('unreached'), { error: 'Teams: unreached', rests: 1 }],
    [
      'Teams wants time',
      'run:1',
      fails('throttled', { retryAfterMs: 30_000 }),
      { error: 'Teams: throttled', rests: 30 },
    ],
    [
      'Teams wants a long time',
      'run:1',
      fails('throttled', { retryAfterMs: 60_000 }),
      { error: 'Teams: throttled', missing: 'waiting', rests: 60 },
    ],
    ['Teams wants some time', 'run:1', fails('throttled'), { error: 'Teams: throttled', rests: 3 }],
    ['Teams refuses it', 'run:1', fails('refused'), { error: 'Teams: refused', missing: 'refused', rests: 32 }],
    ['there is nothing to edit', 'run:1', fails('lost'), { error: 'Teams: lost', missing: 'refused', rests: 32 }],
    ['goldbot may not speak there', 'run:1', fails('closed'), { error: 'Teams: closed', missing: 'closed' }],
  ])('waits or is given up when %s', async (_, topic, error, expected) => {
    await want(topic);
    await look(deliverer(error));
    expect(await row()).toEqual({ ...fresh, ...expected });
  });

  it('holds the thread for as long as Teams wants', async () => {
    const bots = [deliverer(fails('throttled', { retryAfterMs: 30_000 })), deliverer(fails('throttled'))];
    await want('run:1');
    await want('run:2');
    for (const bot of bots) await look(bot);
    expect(bots.map(({ held }) => held)).toEqual([[30_000], [3_000]]);
  });

  it('that is early for Teams is given back for as long as it would wait, and nothing was sent', async () => {
    const bot = deliverer();
    bot.pacing.error = new TooSoon(20_000);
    await want('run:1');
    await look(bot);
    expect([bot.asked, await row()]).toEqual([[], { ...fresh, error: 'paced: 20000 ms', rests: 20 }]);
  });

  it.each([
    [2, null],
    [3, 'waiting'],
  ])('that could not be sent for %i tries before is told to those who wait, or not', async (tries, missing) => {
    await want('run:1', { tries });
    await look(deliverer(fails('unreached')));
    expect((await row())?.['missing']).toBe(missing);
  });

  it('that breaks goldbot is tried again, and the worker hears of it', async () => {
    const bot = deliverer();
    bot.shown.set('run:1', undefined);
    await want('run:1');
    await expect(look(bot)).rejects.toThrow('nothing to show for run:1');
    expect(await row()).toEqual({ ...fresh, error: 'Error: nothing to show for run:1', rests: 1 });
  });

  it.each([
    ['is too large', fails('too-big'), { text: 'words', card: {} as never }, 2],
    ['is refused with its card', fails('refused'), { text: 'words', card: {} as never }, 2],
    ['is refused without a card', fails('refused'), { text: 'words' }, 1],
  ])('that %s is sent as its words, or not', async (_, error, reply, asks) => {
    const bot = deliverer(error);
    bot.shown.set('run:1', reply);
    await want('run:1');
    await look(bot);
    expect(bot.asked).toHaveLength(asks);
    if (asks === 2)
      expect([bot.asked[1], (await row())?.['id']]).toEqual([['post', here, 'thread', { text: 'words' }], 'a1']);
  });
});

describe('a card that may be in Teams', () => {
  const died = { create_announced_at: now, conversation_id: here };
  it.each<[string, string, Record<string, unknown>, object, number]>([
    ['of a run is given up after a death', 'run:1', died, { unclear: true, missing: 'given up', announced: true }, 0],
    [
      'that asks is posted again after a death, in a minute',
      'digest:1',
      died,
      { second: 'promised', posts: 1, missing: 'silent', announced: true, rests: 60 },
      0,
    ],
    [
      'that asks waits longer each time',
      'digest:1',
      { ...died, unclear_posts: 2 },
      { second: 'promised', posts: 3, missing: 'silent', announced: true, rests: 240 },
      0,
    ],
    [
      'that asks waits an hour at most',
      'digest:1',
      { ...died, unclear_posts: 20 },
      { second: 'promised', posts: 21, missing: 'silent', announced: true, rests: 3_600 },
      0,
    ],
    [
      'that asks is given up after a day',
      'digest:1',
      { ...died, unclear_posts: 27 },
      { unclear: true, posts: 27, missing: 'given up', announced: true },
      0,
    ],
    [
      'is posted when its second time has come',
      'digest:1',
      { ...died, second_post: 'promised', unclear_posts: 1 },
      { id: 'a1', shown: 1, second: 'made' },
      1,
    ],
    [
      'whose second post killed the process waits again',
      'digest:1',
      { ...died, second_post: 'made', unclear_posts: 1 },
      { second: 'promised', posts: 2, missing: 'silent', announced: true, rests: 120 },
      0,
    ],
  ])('%s', async (_, topic, columns, expected, posts) => {
    const bot = deliverer();
    await want(topic, columns);
    await look(bot);
    expect([await row(), bot.asked.length]).toEqual([{ ...fresh, ...expected }, posts]);
  });

  it.each([
    [1, { second: 'promised', posts: 2 }],
    [2, { unclear: true, posts: 2, missing: 'given up' }],
  ])('of a run is given up when Teams was silent three times: after %i', async (posts, expected) => {
    await want('run:1', { unclear_posts: posts });
    await look(deliverer(fails('unclear')));
    expect(await row()).toMatchObject(expected);
  });

  it('is told in the audit: the first doubt, and that it is given up', async () => {
    await want('digest:1', died);
    await look(deliverer());
    const detail = { topic: 'digest:1', conversation: here, why: 'the process died over it' };
    expect(await audited()).toEqual([{ action: 'card-unclear', ...detail, again: true }]);
    await set({ second_post: null, not_before: new Date(0) });
    await look(deliverer());
    expect(await audited()).toHaveLength(1);
    await set({ second_post: null, not_before: new Date(0), unclear_posts: 27 });
    await look(deliverer());
    expect((await audited())[0]).toEqual({ action: 'card-unclear', ...detail });
  });
});

describe('a card in Teams', () => {
  const there = { activity_id: 'a1', conversation_id: here, shown: 1, wanted: 2 };

  it('is edited, paced as an edit, and rests its conversation', async () => {
    const bot = deliverer();
    await want('run:1', there);
    await look(bot);
    expect([bot.asked, bot.paced]).toEqual([[['update', here, 'a1', { text: 'about run:1' }]], [['edit', 8_000]]]);
    expect(await row()).toEqual({ ...fresh, id: 'a1', shown: 2 });
    const [{ ms } = { ms: 0 }] = await db.database.query<{ ms: number }>(
      'select extract(epoch from edit_not_before - clock_timestamp())::float8 * 1000 as ms from conversation',
    );
    expect(ms).toBeGreaterThan(1_000);
    expect(ms).toBeLessThanOrEqual(3_000);
  });

  it('is not edited when it looks as any replica left it; it is when it looks otherwise, or Teams may have something else', async () => {
    const [one, other] = [deliverer(), deliverer()];
    await want('run:1');
    await look(one);
    const again = async (bot: ReturnType<typeof deliverer>) => {
      await bumpTopics(db.database, ['run:1']);
      await edits();
      await look(bot);
      return [one.asked.length + other.asked.length, (await row())?.['shown']];
    };
    expect([await again(other), await again(one), await again(other)]).toEqual([
      [1, 2],
      [1, 3],
      [1, 4],
    ]);
    for (const bot of [one, other]) bot.shown.set('run:1', { text: 'other' });
    expect([await again(other), await again(one)]).toEqual([
      [2, 5],
      [2, 6],
    ]);
    // A replica died over an edit, or Teams gave no answer.
    await set({ tries: 1 });
    expect(await again(one)).toEqual([3, 7]);
    // A replica of the version before was there, which keeps no looks.
    await set({ shown: 9, wanted: 9 });
    expect([await again(one), await again(other)]).toEqual([
      [4, 10],
      [4, 11],
    ]);
  });

  it('is not edited when the lease is over', async () => {
    const bot = deliverer();
    await want('run:1', there);
    await look(bot, 0);
    expect([bot.asked, (await row())?.['shown']]).toEqual([[], 1]);
  });

  it.each<[TeamsError['trouble'], object]>([
    ['unclear', { shown: 1, error: 'Teams: unclear', rests: 1 }],
    ['unreached', { shown: 1, error: 'Teams: unreached', rests: 1 }],
    ['refused', { shown: 2 }],
    ['lost', { shown: 2 }],
  ])('is tried again, or its state counts as shown: %s', async (trouble, expected) => {
    await want('run:1', there);
    await look(deliverer(fails(trouble)));
    expect(await row()).toEqual({ ...fresh, id: 'a1', ...expected });
  });

  it('that asks and was deleted is posted anew', async () => {
    const topic = `approval:${await anApproval(db.database, await aRun(db.database), here)}`;
    await want(topic, there);
    const bot = deliverer(fails('lost'));
    await look(bot);
    expect(await row()).toMatchObject({ id: null, free: true });
    expect(await audited()).toEqual([
      { action: 'card-deleted', topic, conversation: here, why: 'Teams: lost', again: true },
    ]);
    await look(bot);
    expect(bot.asked.map((call) => (call as unknown[])[0])).toEqual(['update', 'post']);
  });

  it('is parked with its conversation', async () => {
    await want('run:1', there);
    await look(deliverer(fails('closed', { code: 'BotNotInConversationRoster' })));
    expect(await db.database.query('select parked_why from conversation')).toEqual([{ parked_why: 'Teams: closed' }]);
    expect(await audited()).toEqual([
      { action: 'conversation-parked', conversation: here, why: 'Teams: closed', topic: 'run:1' },
    ]);
  });
});

describe('a card that mentions people', () => {
  const asking: Reply = { text: 'Publish it?\nR-9WXB4', mentions: { to: 'your decision', waits: true } };
  const whom = (...names: string[]) => ({
    ...{ people: names.map((name) => ({ oid: name, name })), others: 0, groups: ['approvers'] },
  });
  /** One who would mention these people, from message to message. */
  const mentions = (...found: ReturnType<typeof whom>[]) => {
    const asked: unknown[] = [];
    const mentioner = {
      calling: (): Calling => ({ when: 'now' }),
      whom: async (...call: unknown[]) => {
        asked.push(call);
        return found.shift() ?? whom('nobody');
      },
    };
    return { mentioner, asked };
  };
  const sent = ({ asked }: ReturnType<typeof deliverer>) =>
    asked.map((call) => (call as { text: string }[]).at(-1)?.text);

  it('does so where it is posted; an edit says the same and mentions nobody anew', async () => {
    const { mentioner, asked } = mentions(whom('Grace', 'Heidi'), whom('Judy'));
    const bot = deliverer.with({ mentioner });
    bot.shown.set('approval:1', asking);
    await want('approval:1');
    await look(bot);
    bot.shown.set('approval:1', { ...asking, text: 'Publish it?\nR-9WXB4\nHeidi approves' });
    await bumpTopics(db.database, ['approval:1']);
    await edits();
    await look(bot);
    expect(sent(bot)).toEqual([
      'Publish it?\n@Grace, @Heidi: your decision.\nR-9WXB4',
      'Publish it?\n@Grace, @Heidi: your decision.\nR-9WXB4\nHeidi approves',
    ]);
    expect(asked).toHaveLength(1);
  });

  it('is not edited for looking as it did, and calls nobody once it is decided', async () => {
    const bot = deliverer.with(mentions(whom('Grace')));
    bot.shown.set('approval:1', asking);
    await want('approval:1');
    await look(bot);
    await bumpTopics(db.database, ['approval:1']);
    await edits();
    await look(bot);
    expect(bot.asked).toHaveLength(1);
    bot.shown.set('approval:1', { text: 'Approved' });
    await bumpTopics(db.database, ['approval:1']);
    await edits();
    await look(bot);
    expect(sent(bot).at(-1)).toBe('Approved');
  });

  it('is an alert in somebody’s own chat', async () => {
    await db.database.query(`update conversation set reference = '{"kind":"personal"}'`);
    const { mentioner, asked } = mentions(whom('Grace'));
    const bot = deliverer.with({ mentioner });
    bot.shown.set('approval:1', asking);
    await want('approval:1');
    await look(bot);
    expect(bot.asked).toEqual([['post', here, 'thread', { ...asking, alert: true }]]);
    expect(asked).toEqual([]);
  });
});

describe('a card that is posted in quiet hours', () => {
  const until = new Date('2026-11-24T06:00:00Z');
  const call = 'call:approval:R-9WXB4:2026-11-24T060000000Z';
  const asking: Reply = { text: 'Publish it?', mentions: { to: 'your decision', waits: true } };
  const quiet = { people: [], others: 1, groups: ['approvers'], why: 'quiet', until: until.toISOString() } as const;
  const hushed = (when: 'later' | 'silent') =>
    deliverer.with({ mentioner: { calling: () => ({ when, until }), whom: async () => quiet } });
  const scheduled = () => db.database.query('select key, spec, fires_at as at from schedule');

  it('calls later, where it stands, if it waits for somebody', async () => {
    const bot = hushed('later');
    bot.shown.set('asks:abc', asking);
    await want('asks:abc');
    await look(bot);
    expect(await scheduled()).toEqual([
      { key: `after-quiet:asks:abc:${here}`, spec: { topic: 'asks:abc', channel: here }, at: until },
    ]);
  });

  it('calls nobody later for what only tells', async () => {
    const bot = hushed('silent');
    bot.shown.set('run:1', { text: 'Done', mentions: { to: 'you asked for this', waits: false } });
    await want('run:1');
    await look(bot);
    expect([await scheduled(), bot.asked.length]).toEqual([[], 1]);
  });

  it('makes no device tell of it in somebody’s own chat', async () => {
    await db.database.query(`update conversation set reference = '{"kind":"personal"}'`);
    const bot = hushed('later');
    bot.shown.set('asks:abc', asking);
    await want('asks:abc');
    await look(bot);
    expect(bot.asked).toEqual([['post', here, 'thread', asking]]);
    expect(await scheduled()).toHaveLength(1);
  });

  it('calls once for a request, however many reminders of it came in those hours', async () => {
    const run = await aRun(db.database);
    const id = await anApproval(db.database, run, here);
    const bot = hushed('later');
    for (const topic of [`approval:${id}`, `news:${run}:remind-${id}-1`, `news:${run}:remind-${id}-2`]) {
      bot.shown.set(topic, asking);
      await want(topic);
      await look(bot);
    }
    expect(await scheduled()).toMatchObject([{ spec: { topic: `approval:${id}` } }]);
  });

  it('is called about by a message that is not posted once nobody is waited for', async () => {
    const bot = deliverer.with({ mentioner: { calling: () => ({ when: 'now' }), whom: async () => quiet } });
    bot.shown.set(call, { text: 'R-9WXB4 is approved' });
    await want(call);
    await look(bot);
    expect([bot.asked, await cardsOfTopic(db.database, call)]).toEqual([[], []]);
    bot.shown.set(call, asking);
    await want(call);
    await look(bot);
    expect(bot.asked).toHaveLength(1);
  });
});

describe('a request for somebody who is not where it is posted', () => {
  const asking: Reply = { text: 'Publish it?', mentions: { to: 'your decision', copies: true, waits: true } };
  const judy = { oid: 'judy', name: 'Judy' };
  const found = { people: [], others: 0, groups: ['approvers'], copied: [judy], why: 'elsewhere' } as const;
  const spreading = () => deliverer.with({ mentioner: { calling: () => ({ when: 'now' }), whom: async () => found } });
  const copies = async () =>
    db.database.query(`select topic, conversation_id as place from card where kind = 'copy' order by topic`);
  const chat = async (id: string, person: string) =>
    saveConversation(db.database, {
      ...{ id, tenantId: 't', serviceUrl: 's', reference: { kind: 'personal', person }, name: null },
    });
  const request = async () => {
    const run = await aRun(db.database);
    return { run, id: await anApproval(db.database, run, here) };
  };

  it('comes to their own chat too, once, rings there, and says no name', async () => {
    await chat('a:judy', 'judy');
    await chat('a:other', 'other');
    const { id } = await request();
    const bot = spreading();
    bot.shown.set(`approval:${id}`, asking);
    await want(`approval:${id}`);
    for (const _ of [1, 2, 3]) await look(bot);
    expect(await copies()).toEqual([{ topic: `approval:${id}`, place: 'a:judy' }]);
    expect(bot.asked).toHaveLength(2);
    expect(bot.asked[1]).toEqual(['post', 'a:judy', undefined, { ...asking, alert: true }]);
  });

  it('is followed by its reminder there; whom a reminder meets first gets the request alone', async () => {
    await chat('a:judy', 'judy');
    const { run, id } = await request();
    const bot = spreading();
    const [home, first, second] = [`approval:${id}`, `news:${run}:remind-${id}-1`, `news:${run}:remind-${id}-2`];
    for (const topic of [home, first, second]) bot.shown.set(topic, asking);
    for (const topic of [first, second]) {
      await want(topic);
      for (const _ of [1, 2]) await look(bot);
    }
    expect(await copies()).toEqual([
      { topic: home, place: 'a:judy' },
      { topic: second, place: 'a:judy' },
    ]);
  });

  it('is not posted there any more once nobody is waited for, and follows the request while it is', async () => {
    await chat('a:judy', 'judy');
    const { run, id } = await request();
    const bot = spreading();
    bot.shown.set(`approval:${id}`, asking);
    await want(`approval:${id}`);
    await look(bot);
    bot.shown.set(`approval:${id}`, { text: 'Approved' });
    await look(bot);
    expect(await copies()).toEqual([]);
    bot.shown.set(`approval:${id}`, asking);
    await want(`approval:${id}`, {}, 'a:judy');
    await wantCopies(db.database, `approval:${id}`, ['judy']);
    await redrawRun(db.database, run);
    const wanted = await db.database.query(`select wanted from card where kind = 'copy'`);
    expect(wanted).toEqual([{ wanted: 2 }]);
  });

  it('is found by those whom goldbot may still write to', async () => {
    await chat('a:judy', 'judy');
    await chat('a:gone', 'gone');
    await parkConversation(db.database, 'a:gone', 'removed');
    await meet(db.database, judy, now);
    await chat('a:new', 'new');
    expect(await ownChats(db.database, ['new', 'gone', 'judy', 'nobody'])).toEqual([
      { ...judy, conversationId: 'a:judy', serviceUrl: 's' },
      { oid: 'new', name: null, conversationId: 'a:new', serviceUrl: 's' },
    ]);
  });
});

describe('a message about what stands elsewhere', () => {
  const url = 'https://teams.microsoft.com/l/message/19%3Ahere/1';
  const linked = (more: Partial<DeliveryDeps> = {}) => deliverer.with({ linkTo: async () => url, ...more });
  const card = { type: 'AdaptiveCard', version: '1.5', body: [], actions: [], fallbackText: '' } as const;
  const reminder: Reply = {
    text: 'It still waits',
    card,
    leadsTo: { topic: 'approval:1', title: 'Go to the request' },
  };

  it('has a button and an address that lead there, also after an edit', async () => {
    const bot = linked();
    bot.shown.set('news:1:remind', reminder);
    await want('news:1:remind');
    await look(bot);
    bot.shown.set('news:1:remind', { ...reminder, text: 'It is approved' });
    await bumpTopics(db.database, ['news:1:remind']);
    await edits();
    await look(bot);
    expect(bot.asked).toHaveLength(2);
    for (const call of bot.asked) {
      const sent = (call as Reply[]).at(-1);
      expect(sent?.card?.actions).toEqual([
        { type: 'Action.OpenUrl', title: 'Go to the request', url, mode: 'primary' },
      ]);
      expect(sent?.text.split('\n').at(-1)).toBe(`Go to the request: ${url}`);
    }
  });

  it('is as it is where there is no address, and where there is no room for a button', async () => {
    const bot = linked({ linkTo: async () => undefined });
    bot.shown.set('news:1:remind', reminder);
    await want('news:1:remind');
    await look(bot);
    expect((bot.asked[0] as Reply[]).at(-1)).toMatchObject({ text: 'It still waits', card });
    const full = { ...card, actions: Array.from({ length: 6 }, (_, n) => ({ type: 'Action.Execute', title: `${n}` })) };
    expect(leading({ text: 'full', card: full }, 'Go', url).card).toEqual(full);
  });

  it('leads to its place in a channel whose team is known, and to no chat', async () => {
    await want('approval:1');
    const shown = () => shownAt(db.database, 'approval:1');
    await db.database.query(`update card set activity_id = '17', conversation_id = $1`, [here]);
    expect(await shown()).toBeUndefined();
    await saveConversation(db.database, {
      ...{ id: here, tenantId: 't', serviceUrl: 's', reference: { kind: 'channel' }, name: null, groupId: 'g' },
    });
    const there = await shown();
    expect(there).toMatchObject({ conversationId: here, activityId: '17', groupId: 'g', tenantId: 't' });
    const link = there && messageLink(clouds.Public.bot, { ...there, threadId: null });
    expect(link).toBe(
      'https://teams.microsoft.com/l/message/19%3Ahere%40thread.tacv2/17?tenantId=t&groupId=g&parentMessageId=17',
    );
    expect(there && messageLink(clouds.China.bot, there)).toBeUndefined();
  });
});

describe('a card for a channel that cannot be found', () => {
  it('waits, says why, and its log says so once', async () => {
    const bot = deliverer();
    await want('run:1', {}, 'Team / Nowhere');
    await look(bot);
    const error = 'goldbot is in no channel called "Team / Nowhere"';
    expect([bot.asked, await row()]).toEqual([[], { ...fresh, missing: 'unknown channel', error, rests: 1 }]);
    await set({ not_before: new Date(0) });
    await look(bot);
    expect(bot.logged).toEqual([
      ['error', 'cards wait for a channel', { channel: 'Team / Nowhere', topic: 'run:1', why: error }],
    ]);
    expect(await audited()).toEqual([]);
  });

  it.each([
    ['Team / Nowhere', 300],
    ['Team / Channel', 180],
  ])('%s is looked for every %i s at most', async (channel, rests) => {
    const twin = {
      id: '19:twin@thread.tacv2',
      tenantId: 't',
      serviceUrl: 's',
      reference: { kind: 'channel' },
      name: 'Team / Channel',
    };
    await saveConversation(db.database, twin);
    await want('run:1', { tries: 30 }, channel);
    await look(deliverer());
    expect((await row())?.['rests']).toBe(rests);
  });

  it('because several have its name is told in the audit', async () => {
    const twin = {
      id: '19:twin@thread.tacv2',
      tenantId: 't',
      serviceUrl: 's',
      reference: { kind: 'channel' },
      name: 'Team / Channel',
    };
    await saveConversation(db.database, twin);
    await want('run:1', {}, 'Team / Channel');
    await look(deliverer());
    const why = '2 channels are called "Team / Channel"; nobody has said which is meant';
    expect(await row()).toMatchObject({ missing: 'same name', error: why });
    expect(await audited()).toEqual([
      {
        action: 'conversation-ambiguous',
        conversation: 'Team / Channel',
        channels: [here, twin.id].sort(),
        why,
        topic: 'run:1',
      },
    ]);
  });

  it('or where goldbot may not speak, waits with the reason', async () => {
    await parkConversation(db.database, here, 'removed');
    await want('run:1');
    await look(deliverer());
    expect(await row()).toEqual({ ...fresh, missing: 'closed', error: 'removed', rests: 1 });
    expect((await cardsOfTopic(db.database, 'run:1'))[0]?.conversationId).toBe(here);
  });

  it('says first that a process died over it', async () => {
    await parkConversation(db.database, here, 'removed');
    await want('run:1', { create_announced_at: now });
    await look(deliverer());
    expect(await row()).toMatchObject({ missing: null, announced: true, free: false });
  });
});
