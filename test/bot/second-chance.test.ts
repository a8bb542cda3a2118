import { Delivery } from '../../bot/delivery';
import { type Address, TeamsError } from '../../bot/teams';
import type { Reply } from '../../cards';
import type { RequestId } from '../../core/runs';
import {
  adoptMessage,
  bindChannels,
  type Card,
  cardsOfTopic,
  findApproval,
  insertApproval,
  parkConversation,
  saveConversation,
  takeRequestId,
  topicOfCopy,
  wantCard,
} from '../../store';
import { type TestDatabase, testDatabase } from '../store/database';
import { card, MemoryLog } from './world';

const channel = {
  id: '19:approvals@thread.tacv2',
  tenantId: 't',
  serviceUrl: 'https://x/',
  reference: { kind: 'channel', teamId: '19:team@thread.tacv2' },
  name: 'Image Factory / approvals',
};
const now = new Date('2026-11-24T10:00:00Z');
const terms = { owner: 'test', leaseMs: 60_000 };
const fence = { leftMs: () => 60_000, lose: () => {}, confirm: async () => true };

const answered = (trouble: TeamsError['trouble'], message: string, retryAfterMs?: number) =>
  new TeamsError(trouble, message, retryAfterMs === undefined ? {} : { retryAfterMs });

/** Deliveries one by one, to a Teams that gives these answers one after another and takes everything afterwards. */
class Bench {
  readonly posts: Address[] = [];
  readonly replies: Reply[] = [];
  readonly log = new MemoryLog();
  answers: Error[] = [];
  render: (topic: string) => Promise<ReturnType<typeof card>> = async (topic) => card(topic);
  private readonly delivery: Delivery;

  constructor(readonly db: TestDatabase) {
    const { log } = this;
    this.delivery = new Delivery({
      database: db.database,
      teams: { post: (address, reply) => this.post(address, reply), update: (_, id) => this.update(id) },
      pace: { forMessage: async () => {}, forEdit: async () => {}, hold: async () => {} } as never,
      places: { park: (id, why) => parkConversation(db.database, id, why) },
      render: (topic) => this.render(topic),
      clock: { now: () => now },
      sleep: async () => {},
      log,
    });
  }

  private async post(address: Address, reply: Reply) {
    this.posts.push(address);
    this.replies.push(reply);
    const next = this.answers.shift();
    if (next) throw next;
    return { activityId: `posted ${this.posts.length}` };
  }

  /** Messages that somebody deleted in Teams. */
  readonly deleted = new Set<string>();

  readonly edits: string[] = [];

  private async update(activityId: string): Promise<void> {
    this.edits.push(activityId);
    if (this.deleted.has(activityId)) throw new TeamsError('lost', 'Teams: 404 ActivityNotFoundInConversation');
  }

  /** Delivers what is due. False: nothing is. */
  async deliver(): Promise<boolean> {
    const claimed = await this.delivery.claim(terms);
    await claimed?.work(fence);
    return claimed !== undefined;
  }

  async all(): Promise<void> {
    while (await this.deliver());
  }

  /** The milliseconds of machine time until the card is due, to the second; then makes it due. */
  async untilDue(topic: string): Promise<number> {
    const [row] = await this.db.database.query<{ ms: number }>(
      `select extract(epoch from not_before - clock_timestamp())::float8 * 1000 as ms from card where topic = $1`,
      [topic],
    );
    await this.db.database.query(`update card set not_before = '-infinity' where topic = $1`, [topic]);
    return Math.round((row?.ms ?? 0) / 1_000) * 1_000;
  }

  async card(topic: string): Promise<Card> {
    const [found] = await cardsOfTopic(this.db.database, topic);
    if (!found) throw new Error(`no card of ${topic}`);
    return found;
  }

  async audited(action: string): Promise<{ detail: Record<string, unknown> }[]> {
    const rows = await this.db.database.query<{ entry: string }>(
      `select entry from audit where entry::jsonb ->> 'action' = $1 order by seq`,
      [action],
    );
    return rows.map(({ entry }) => JSON.parse(entry));
  }

  /** The process died between announcing a create and storing its message. */
  died(topic: string) {
    return this.db.database.query(
      `update card set create_announced_at = clock_timestamp(), conversation_id = $2 where topic = $1`,
      [topic, channel.id],
    );
  }
}

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(async () => {
  for (const table of ['card', 'channel', 'conversation', 'approval', 'run', 'request', 'audit'])
    await db.database.query(`delete from ${table}`);
});
afterAll(() => db.close());

describe('a card of which nobody knows whether Teams took it', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = new Bench(db);
    await saveConversation(bench.db.database, channel);
  });

  const want = (topic: string) =>
    wantCard(bench.db.database, { topic, channel: channel.name, kind: topic.split(':')[0] ?? topic });

  it.each([
    ['approval:R-22222', '503', 60_000],
    ['approval:R-22222', 'ECONNRESET', 60_000],
    ['digest:R-22222', '503', 60_000],
    ['run:R-22222', '503', 5_000],
    ['news:R-22222:repair', '503', 5_000],
  ])('%s, after %s, is posted again after %d ms, and its story is in the audit', async (topic, message, afterMs) => {
    bench.answers = [answered('unclear', message)];
    await want(topic);
    await bench.all();
    const before = bench.posts.length;
    const waitMs = await bench.untilDue(topic);
    await bench.all();

    expect([before, waitMs, bench.posts.length]).toEqual([1, afterMs, 2]);
    expect(await bench.card(topic)).toMatchObject({ activityId: 'posted 2', unclearPosts: 0, missingWhy: null });
    expect(await bench.audited('card-unclear')).toMatchObject([
      { detail: { topic, conversation: channel.name, why: message, again: true } },
    ]);
  });

  it.each([
    ['approval:R-22222', true],
    ['requests:m', true],
    ['news:R-22222:asked-R-99999', true],
    ['digest:R-22222', true],
    ['run:R-22222', false],
    ['news:R-22222:repair', false],
  ])('%s, after a death, is posted again: %s', async (topic, again) => {
    await want(topic);
    await bench.died(topic);
    await bench.all();
    const [entry] = await bench.audited('card-unclear');
    await bench.untilDue(topic);
    await bench.all();

    expect(bench.posts).toHaveLength(again ? 1 : 0);
    expect(entry?.detail).toMatchObject({ topic, why: 'the process died over it' });
    expect(entry?.detail['again']).toBe(again ? true : undefined);
    expect((await bench.card(topic)).missingWhy).toBe(again ? null : 'given up');
  });

  it('is posted by nobody whose lease of it went to another one while it was drawn', async () => {
    const topic = 'approval:R-22222';
    await want(topic);
    bench.render = async (about) => {
      await db.database.query('update card set lease_token = lease_token + 1');
      return card(about);
    };
    await bench.deliver();
    expect(bench.posts).toEqual([]);
  });

  it('is not given up for a day when it asks, in growing pauses, and is in the audit twice at most', async () => {
    const topic = 'approval:R-22222';
    bench.answers = Array.from({ length: 28 }, () => answered('unclear', '503'));
    await want(topic);
    const waits: number[] = [];
    for (let i = 0; i < 27; i += 1) {
      await bench.all();
      waits.push((await bench.untilDue(topic)) / 60_000);
    }
    await bench.all();
    await bench.untilDue(topic);
    const due = await bench.deliver();

    expect(waits).toEqual([1, 2, 4, 8, 16, 32, ...Array(21).fill(60)]);
    expect([bench.posts.length, due]).toEqual([28, false]);
    expect((await bench.card(topic)).missingWhy).toBe('given up');
    expect((await bench.audited('card-unclear')).map(({ detail }) => detail['again'])).toEqual([true, undefined]);
  });

  it('is given up after three posts when it only answers', async () => {
    bench.answers = Array.from({ length: 9 }, () => answered('unclear', '503'));
    await want('run:R-22222');
    const waits: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      await bench.all();
      waits.push(await bench.untilDue('run:R-22222'));
    }

    expect(bench.posts).toHaveLength(3);
    expect(waits.slice(0, 2)).toEqual([5_000, 10_000]);
  });

  it('gets another chance when the process dies over its second post', async () => {
    const topic = 'approval:R-22222';
    bench.answers = [answered('unclear', '503')];
    await want(topic);
    await bench.all();
    await bench.db.database.query(`update card set second_post = 'made', not_before = '-infinity'`);
    await bench.all();
    const waitMs = await bench.untilDue(topic);
    await bench.all();

    expect(waitMs).toBe(120_000);
    expect(await bench.card(topic)).toMatchObject({ activityId: 'posted 2', secondPost: 'made' });
  });

  it('waits for its channel when that closes meanwhile, and a death over its second post is one more doubt', async () => {
    const topic = 'approval:R-22222';
    bench.answers = [answered('unclear', '503')];
    await want(topic);
    await bench.all();
    await bench.untilDue(topic);
    await parkConversation(bench.db.database, channel.id, 'goldbot was removed from here');
    await bench.all();
    const closed = await bench.card(topic);
    await saveConversation(bench.db.database, channel);
    bench.answers = [new Error('the process dies')];
    await bench.all().catch(() => {});
    await bench.died(topic);
    await bench.db.database.query(`update card set leased_until = null, not_before = '-infinity'`);
    const before = bench.posts.length;
    await bench.all();

    expect([closed.missingWhy, closed.leaseToken]).toEqual(['closed', 2]);
    expect(await bench.card(topic)).toMatchObject({ secondPost: 'promised', unclearPosts: 2 });
    expect(bench.posts).toHaveLength(before);
  });

  it('is the one that somebody clicks meanwhile, also after a 429 came in between', async () => {
    const topic = 'approval:R-22222';
    bench.answers = [answered('unclear', '503'), answered('throttled', '429', 90_000)];
    await want(topic);
    await bench.all();
    await bench.untilDue(topic);
    await bench.all();
    await bindChannels(bench.db.database, [channel.name], now);
    const clicked = { activityId: 'first', topics: [topic] };
    const elsewhere = await adoptMessage(bench.db.database, '19:other@thread.tacv2', clicked);
    const adopted = await adoptMessage(bench.db.database, channel.id, clicked);
    await bench.all();

    expect([elsewhere, adopted]).toEqual([null, topic]);
    expect(bench.posts).toHaveLength(2);
    expect(await bench.card(topic)).toMatchObject({ activityId: 'first', missingWhy: null });
  });

  it('counts as clicked also on its first message, when the second stands beside it; one that was posted once has no copies', async () => {
    const topic = 'approval:R-22222';
    await want('approval:R-33333');
    await bench.all();
    bench.answers = [answered('unclear', '503')];
    await want(topic);
    await bench.all();
    await bench.untilDue(topic);
    await bench.all();
    const copies = (id: string, about: string) => topicOfCopy(bench.db.database, id, [about]);

    expect(await copies(channel.id, topic)).toBe(topic);
    expect(await copies('19:other@thread.tacv2', topic)).toBeNull();
    expect(await copies(channel.id, 'approval:R-33333')).toBeNull();
  });

  it('is one that Teams took or did not: 429 and a 503 with Retry-After leave no doubt', async () => {
    const topic = 'run:R-22222';
    bench.answers = [answered('throttled', '503', 7_000)];
    await want(topic);
    await bench.all();
    const left = await bench.card(topic);
    const waitMs = await bench.untilDue(topic);
    await bench.all();

    expect(left).toMatchObject({ createStartedAt: null, secondPost: null, unclearPosts: 0, missingWhy: null });
    expect(waitMs).toBe(7_000);
    expect(await bench.audited('card-unclear')).toEqual([]);
    expect(bench.posts).toHaveLength(2);
  });

  it('is posted in its words when Teams refuses it as a card: people can still decide', async () => {
    const topic = 'approval:R-22222';
    bench.answers = [answered('refused', '400')];
    await want(topic);
    await bench.all();

    expect(bench.replies).toMatchObject([{ card: expect.anything() }, { text: topic }]);
    expect(bench.replies[1]?.card).toBeUndefined();
    expect(await bench.card(topic)).toMatchObject({ activityId: 'posted 2', missingWhy: null });
  });

  it('is not made at all when another replica took the card over before the create was announced', async () => {
    const topic = 'approval:R-22222';
    await want(topic);
    bench.render = async () => {
      await bench.db.database.query('update card set lease_token = lease_token + 1');
      return card(topic);
    };
    await bench.deliver();

    expect(bench.posts).toEqual([]);
    expect(await bench.card(topic)).toMatchObject({ createStartedAt: null });
  });
});

describe('cards for a name that two channels have', () => {
  it('go to neither, and the audit and the log say so once', async () => {
    const bench = new Bench(db);
    await saveConversation(db.database, channel);
    await saveConversation(db.database, { ...channel, id: '19:evil@thread.tacv2' });
    const topics = ['approval:R-22222', 'approval:R-33333'];
    for (const topic of topics) await wantCard(db.database, { topic, channel: channel.name, kind: 'approval' });
    await bench.all();
    const why = `2 channels are called "${channel.name}"; nobody has said which is meant`;

    expect(bench.posts).toEqual([]);
    expect(await bench.card('approval:R-33333')).toMatchObject({ missingWhy: 'same name', createStartedAt: null });
    expect(await bench.audited('conversation-ambiguous')).toMatchObject([
      { detail: { conversation: channel.name, channels: [channel.id, '19:evil@thread.tacv2'], why } },
    ]);
    expect(bench.log.entries).toMatchObject([
      { level: 'error', text: 'cards wait for a channel', fields: { channel: channel.name, why } },
    ]);
  });
});

describe('a run that waits for a decision', () => {
  let bench: Bench;
  let approval = '';
  let id: RequestId;
  beforeEach(async () => {
    bench = new Bench(db);
    await bench.db.database.query(`insert into request values ('R-77777', 'run')`);
    await bench.db.database.query(
      `insert into run (id, kind, subject, plan, stages, stage, due_at, created_at)
       values ('R-77777', 'publish', 'ubuntu-22', '{}', '{}', 'approve', now(), now())`,
    );
    id = await takeRequestId(bench.db.database, 'approval');
    approval = `approval:${id}`;
    const rule = { group: 'g', groupName: 'approvers', quorum: 1 };
    await insertApproval(bench.db.database, {
      ...{ id, runId: 'R-77777' as never, planHash: 'h', rule: rule as never, channel: channel.name },
      ...{ askedAt: now, expiresAt: new Date(now.getTime() + 1) },
    });
    await saveConversation(bench.db.database, {
      ...channel,
      id: '19:general@thread.tacv2',
      name: 'Image Factory / General',
    });
    const general = { conversationId: '19:general@thread.tacv2', kind: 'run' };
    await wantCard(bench.db.database, { topic: 'run:R-77777', ...general });
    await bench.all();
    await wantCard(bench.db.database, { topic: approval, channel: channel.name, kind: 'approval' });
  });

  const change = async (state: string) => {
    bench.render = async (topic) => card(`${topic}: ${state}`);
    await bench.db.database.query('update card set wanted = wanted + 1 where topic = $1', [approval]);
    // Teams is not asked to edit in one conversation all the time.
    await bench.db.database.query(`update conversation set edit_not_before = '-infinity'`);
    await bench.all();
  };

  it('is posted anew, once, when somebody deleted its message in Teams; the second time those who wait are told', async () => {
    await saveConversation(bench.db.database, channel);
    await bench.all();
    const { activityId: first = '' } = await bench.card(approval);
    bench.deleted.add(first ?? '');
    const before = bench.posts.length;
    await change('one of two approved');
    const anew = await bench.card(approval);
    expect(bench.posts.slice(before).map(({ conversationId }) => conversationId)).toEqual([channel.id]);
    expect(anew).toMatchObject({ activityId: `posted ${before + 1}`, deletedAt: now, missingWhy: null });
    expect((await findApproval(bench.db.database, id))?.deletedAt).toEqual(now);

    await still();
    const shown = await behind();
    bench.deleted.add(anew.activityId ?? '');
    await change('as before');
    await change('as before again');
    expect(bench.posts).toHaveLength(before + 1);
    expect(await bench.card(approval)).toMatchObject({ activityId: null, missingWhy: 'deleted' });
    expect((await findApproval(bench.db.database, id))?.unasked).toEqual({
      why: 'deleted',
      channel: channel.name,
      since: now,
    });
    expect(await behind()).toBe(shown + 1);
    expect((await bench.audited('card-deleted')).map(({ detail }) => detail)).toMatchObject([
      { topic: approval, conversation: channel.name, again: true },
      { topic: approval, conversation: channel.name },
    ]);
  });

  it('is left alone when its message is deleted and nobody is waited for any more', async () => {
    await saveConversation(bench.db.database, channel);
    await bench.all();
    await bench.db.database.query(`update approval set status = 'approved'`);
    const { activityId: first = '' } = await bench.card(approval);
    bench.deleted.add(first ?? '');
    const before = bench.posts.length;
    await change('published');
    expect([bench.posts.length, bench.edits.filter((one) => one === first)]).toEqual([before, [first]]);
    expect(await bench.card(approval)).toMatchObject({ activityId: first, deletedAt: null });
    expect(await bench.audited('card-deleted')).toEqual([]);
  });

  const behind = async () => {
    const { wanted, shown } = await bench.card('run:R-77777');
    return wanted - shown;
  };
  const why = async () => (await bench.card(approval)).missingWhy;
  /** Keeps the run's card from being drawn, so that what makes it wait is counted. */
  const still = () => bench.db.database.query(`update card set not_before = 'infinity' where topic = 'run:R-77777'`);

  it('is drawn anew when nobody could be asked, once for each reason, and when somebody is asked at last', async () => {
    await still();
    const seen: unknown[] = [];
    const look = async () => seen.push([await why(), await behind()]);
    await bench.all();
    await look();
    await bench.untilDue(approval);
    await bench.all();
    await look();
    await saveConversation(bench.db.database, channel);
    bench.answers = [answered('unclear', '503')];
    await bench.all();
    await look();
    await bench.untilDue(approval);
    await bench.all();
    await look();

    expect(seen).toEqual([
      ['unknown channel', 1],
      ['unknown channel', 1],
      ['silent', 2],
      [null, 3],
    ]);
  });

  it('is not drawn anew when all goes well', async () => {
    await saveConversation(bench.db.database, channel);
    await still();
    await bench.all();

    expect([await why(), await behind(), bench.posts.length]).toEqual([null, 0, 2]);
  });

  it.each([
    ['400', 'refused'],
    ['403', 'closed'],
  ] as const)('learns that Teams says %s', async (message, word) => {
    await saveConversation(bench.db.database, channel);
    // Of a refused card the words are tried too.
    bench.answers = [answered(word, message), answered(word, message)];
    await still();
    await bench.all();

    expect([await why(), await behind()]).toEqual([word, 1]);
  });

  it.each([
    [59_000, null],
    [60_000, 'waiting'],
  ])('learns that Teams wants to be left alone for %d ms: %s', async (ms, word) => {
    await saveConversation(bench.db.database, channel);
    bench.answers = [answered('throttled', '429', ms)];
    await still();
    await bench.all();

    expect(await why()).toBe(word);
  });

  it('is told of a Teams that cannot be reached after a quarter of a minute, not at once', async () => {
    await saveConversation(bench.db.database, channel);
    bench.answers = Array.from({ length: 4 }, () => answered('unreached', 'ECONNREFUSED'));
    await still();
    const seen: unknown[] = [];
    for (let i = 0; i < 4; i += 1) {
      await bench.all();
      seen.push(await why());
      await bench.untilDue(approval);
    }

    expect(seen).toEqual([null, null, null, 'waiting']);
  });
});
