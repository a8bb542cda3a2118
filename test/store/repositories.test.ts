import { setTimeout as pause } from 'node:timers/promises';
import {
  type Card,
  cardCreating,
  cardFailed,
  cardShown,
  cardsOfTopic,
  cardUnclear,
  claimCard,
  drainBucket,
  findConversation,
  goldbot,
  type Lease,
  leaseOfCard,
  parkConversation,
  promiseSecondPost,
  saveConversation,
  takeTokens,
  wantCard,
} from '../../store';
import { verifyAudit } from '../../store/audit';
import { bumpTopics } from '../../store/cards';
import { givesBack, lockHeld, renewLease, updateHeld } from '../../store/leases';
import { createReads } from '../../store/reads';
import { type TestDatabase, testDatabase } from './database';
import { parkedConversations } from './parked';

const topic = 'run:R-7F3KQ';
const channel = {
  id: '19:channel',
  tenantId: 'tenant',
  serviceUrl: 'https://smba.example/',
  reference: { conversation: { id: '19:channel' } },
  name: 'Image Factory / approvals',
};

describe('the repositories', () => {
  let db: TestDatabase;
  const terms = (leaseMs: number) => ({ owner: 'test', leaseMs });
  const claim = async (leaseMs = 60_000): Promise<Card> => {
    const card = await claimCard(db.database, terms(leaseMs));
    if (!card) throw new Error('no card is behind its topic');
    return card;
  };
  beforeEach(async () => {
    db = await testDatabase();
  });
  afterEach(() => db.close());

  describe('cards', () => {
    beforeEach(() => wantCard(db.database, { topic, channel: channel.name, kind: 'run', threadId: '1' }));

    it('are leased to one deliverer, however many ask', async () => {
      const claims = await Promise.all(Array.from({ length: 10 }, () => claimCard(db.database, terms(60_000))));

      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(claims.find(Boolean)).toMatchObject({ topic, kind: 'run', threadId: '1', activityId: null, wanted: 1 });
    });

    it('obey no lease that was lost to another deliverer, and none that was given back', async () => {
      const [frozen, heir] = [
        leaseOfCard(await claim(1)),
        await pause(20).then(async () => leaseOfCard(await claim())),
      ];
      const may = async (lease: Lease) => [
        await lockHeld(db.database, lease),
        await updateHeld(db.database, lease, 'last_error = $3', ['changed']),
        await renewLease(db.database, lease, 60_000),
      ];
      expect(await may(frozen)).toEqual([false, false, false]);
      expect(await may(heir)).toEqual([true, true, true]);

      await updateHeld(db.database, heir, givesBack);

      expect(await may(heir)).toEqual([false, false, false]);
      expect(await db.database.query('select leased_until from card')).toEqual([{ leased_until: null }]);
    });

    it('are shown again when their topic moves while they are being sent', async () => {
      const first = await claim();
      await bumpTopics(db.database, [topic]);
      await cardShown(db.database, first, { conversationId: channel.id, activityId: 'a1', editPauseMs: 0 });

      expect(await claim()).toMatchObject({ activityId: 'a1', wanted: 2, shown: 1 });
    });

    it('cannot be marked by a deliverer whose lease went to another', async () => {
      const frozen = await claim(1);
      await pause(20);
      const heir = await claim();

      expect(await cardCreating(db.database, frozen, { conversation: channel.id })).toBe(false);
      expect(
        await cardShown(db.database, frozen, { conversationId: channel.id, activityId: 'late', editPauseMs: 0 }),
      ).toBe(false);
      expect(await cardCreating(db.database, heir, { conversation: channel.id })).toBe(true);
    });

    it('tell the next deliverer that a create may have got through', async () => {
      await cardCreating(db.database, await claim(1), { conversation: channel.id });
      await pause(20);
      const card = await claim();
      expect(card).toMatchObject({ activityId: null, createStartedAt: expect.any(Date) });

      const at = new Date();
      const detail = { topic, conversation: channel.id, why: 'silence' };
      const record = { at, who: goldbot, action: 'card-unclear', detail } as const;
      await cardUnclear(db.database, card, { record, missing: { why: 'given up', at } });
      await bumpTopics(db.database, [topic]);

      expect(await claimCard(db.database, terms(1))).toBeUndefined();
      expect(await verifyAudit(db.database)).toMatchObject({ entries: 1 });
    });

    it('wait after a refusal, and for the pause between two edits in one conversation', async () => {
      await saveConversation(db.database, channel);
      await cardFailed(db.database, await claim(), { error: '429', retryMs: 60_000 });
      expect(await claimCard(db.database, terms(1))).toBeUndefined();
      await saveConversation(db.database, channel);

      await cardShown(db.database, await claim(), {
        conversationId: channel.id,
        activityId: 'a1',
        editPauseMs: 60_000,
      });
      await bumpTopics(db.database, [topic]);

      expect(await claimCard(db.database, terms(1))).toBeUndefined();
      expect(await cardsOfTopic(db.database, topic)).toMatchObject([{ wanted: 2, shown: 1, tries: 0 }]);
    });

    it('rest while their conversation is parked, until it is heard from again', async () => {
      await saveConversation(db.database, channel);
      const sent = { conversationId: channel.id, activityId: 'a1', editPauseMs: 0 };
      await cardShown(db.database, await claim(), sent);
      await bumpTopics(db.database, [topic]);
      await parkConversation(db.database, channel.id, '403 BotNotInConversationRoster');
      expect(await claimCard(db.database, terms(1))).toBeUndefined();
      expect(await parkedConversations(db.database)).toMatchObject([{ id: channel.id }]);

      await saveConversation(db.database, { ...channel, name: null });

      expect(await claim()).toMatchObject({ topic });
      expect(await findConversation(db.database, channel.name)).toMatchObject({ ...channel, parkedWhy: null });
    });

    it('keep the time of a second post when the conversation is heard from: the first may be clicked until then', async () => {
      await saveConversation(db.database, channel);
      await cardCreating(db.database, await claim(1), { conversation: channel.id });
      await pause(20);
      const missing = { why: 'silent' as const, at: new Date() };
      await promiseSecondPost(db.database, await claim(), { afterMs: 60_000, missing });
      await saveConversation(db.database, channel);

      expect(await claimCard(db.database, terms(1))).toBeUndefined();
    });
  });

  it('share the tokens of a bucket among all who ask, and let the late wait longer', async () => {
    const bucket = { key: 'tenant', perSecond: 10, burst: 5 };

    const start = Date.now();
    const waits = await Promise.all(Array.from({ length: 25 }, () => takeTokens(db.database, [bucket])));
    const took = Date.now() - start;
    waits.sort((a, b) => a - b);

    expect(waits.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    // Twenty too many at ten a second: the last waits two seconds, less what the queries themselves took.
    expect(waits.at(-1)).toBeGreaterThanOrEqual(2_000 - took);
    expect(waits.at(-1)).toBeLessThanOrEqual(2_000);
    await drainBucket(db.database, bucket, 60_000);
    expect(await takeTokens(db.database, [bucket])).toBeGreaterThan(59_000);
  });

  it('remember the versions and durations of an image', async () => {
    const insert = `insert into run (id, kind, subject, plan, stages, stage, due_at, created_at, ended_at, outcome, data)
      values ($1, 'publish', 'ubuntu-22', '{}', '{}', 'x', $2, $2, $3, $4, $5)`;
    const start = new Date(0);
    const asked = (minutes: number) => [
      { stage: 'capture', attempt: 1, from: start.toISOString() },
      { stage: 'approve', attempt: 1, from: new Date(minutes * 60_000).toISOString() },
      { stage: 'publish', attempt: 1, from: new Date(5 * minutes * 60_000).toISOString() },
    ];
    const runs: [string, number, string, object][] = [
      ['R-22222', 100, 'published', { versionsTaken: ['1.0.0', '1.0.1'], times: asked(10) }],
      ['R-22223', 300, 'published', { times: asked(30) }],
      ['R-22224', 990, 'failed', { versionsTaken: ['1.0.2'], times: asked(99) }],
    ];
    for (const [id, minutes, outcome, data] of runs) {
      await db.database.query(`insert into request values ($1, 'run')`, [id]);
      await db.database.query(insert, [id, start, new Date(minutes * 60_000), outcome, JSON.stringify(data)]);
    }
    const reads = createReads(db.database);

    expect((await reads.versionsTaken('ubuntu-22')).slice().sort()).toEqual(['1.0.0', '1.0.1', '1.0.2']);
    expect(await reads.duration('ubuntu-22')).toBe(20 * 60_000);
    expect(await reads.duration('windows-2022')).toBeUndefined();
    expect((await reads.runs({ failed: true })).map((r) => r.id)).toEqual(['R-22224']);
    expect(await reads.requestKind('R-22222')).toBe('run');
    expect(await reads.requestKind('R-99999')).toBeUndefined();
  });
});
