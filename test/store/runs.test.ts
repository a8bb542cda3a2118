import type { Fingerprint } from '../../core/images';
import type { Signal } from '../../core/runs';
import {
  addActor,
  type Closing,
  claimRun,
  closePending,
  consumeSignals,
  dropDecision,
  dropRequestId,
  enterStage,
  findApproval,
  findRun,
  insertRun,
  insertSignal,
  isRunDue,
  lockOpenRun,
  newestApproval,
  openSignals,
  restartStep,
  takeRequestId,
  voidNewest,
  wantCard,
  writeDecision,
  writeFailure,
  writeStep,
} from '../../store';
import { insertApproval } from '../../store/approvals';
import { requestKind } from '../../store/runs';
import { type TestDatabase, testDatabase } from './database';
import { anApproval, aRun, day, emptyTables } from './rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(() => emptyTables(db.database));
afterAll(() => db.close());

const [ada, grace] = [
  { oid: 'oid-ada', name: 'Ada' },
  { oid: 'oid-grace', name: 'Grace' },
];

describe('a run', () => {
  const knows = { known: ['build', 'test'], kinds: ['publish', 'digest'], now: day(2) };
  const claim = (leaseMs = 60_000) => claimRun(db.database, { ...knows, owner: 'me', leaseMs });
  const columnsOf = async (id: string, columns: string) =>
    (await db.database.query(`select ${columns} from run where id = $1`, [id]))[0];

  it.each([
    ['is due', {}, {}, true],
    ['is due to the second', {}, { due_at: day(2) }, true],
    ['is due later', {}, { due_at: day(2, '09:01') }, false],
    ['has ended', {}, { ended_at: day(1) }, false],
    ['rests after a failure', {}, { not_before: new Date(Date.now() + 60_000) }, false],
    ['is another replica’s', {}, { leased_until: new Date(Date.now() + 60_000) }, false],
    ['was a dead replica’s', {}, { leased_until: new Date(Date.now() - 1_000) }, true],
    ['has a stage that only newer replicas know', { stages: ['build', 'polish'] }, {}, false],
    ['is of a kind that only newer replicas know', { kind: 'change' as const }, {}, false],
  ])('that %s', async (_, run, columns, due) => {
    const id = await aRun(db.database, run, columns);

    expect(await isRunDue(db.database, knows)).toBe(due);
    expect((await claim())?.id).toBe(due ? id : undefined);
  });

  it('is claimed in the order of its due time, once, with a new token', async () => {
    const [late, early] = [
      await aRun(db.database, { subject: 'late' }, { due_at: day(1, '12:00') }),
      await aRun(db.database, { subject: 'early' }, { due_at: day(1, '11:00'), lease_token: 6, tries: 2 }),
    ];

    expect(await claim()).toMatchObject({ id: early, lease: { of: 'run', id: early, token: 7 }, tries: 3 });
    expect((await claim())?.id).toBe(late);
    expect(await claim()).toBeUndefined();
  });

  it('says that the replica before stopped in mid-step, but not of one that gave it back', async () => {
    const [dead, back] = [
      await aRun(db.database, { subject: 'dead' }, { leased_until: new Date(0), last_error: 'x' }),
      await aRun(db.database, { subject: 'back' }, { last_error: 'Azure is silent' }),
    ];
    await Promise.all([claim(), claim()]);

    expect((await findRun(db.database, dead))?.lastError).toBe(
      'The replica that was working on this stopped in mid-step.',
    );
    expect((await findRun(db.database, back))?.lastError).toBe('Azure is silent');
  });

  it('is one per kind and subject while it is open, and one per key for ever', async () => {
    const again = async (run: object) => {
      const id = await takeRequestId(db.database, 'run');
      return insertRun(db.database, {
        ...{ id, kind: 'publish', subject: 'ubuntu-22', plan: {}, stages: [], stage: 'x', now: day(1), ...run },
      });
    };
    const open = await aRun(db.database, { dedupe: 'week 48' });
    expect([await again({}), await again({ subject: 'other' }), await again({ kind: 'change' })]).toEqual([
      false,
      true,
      true,
    ]);
    expect((await lockOpenRun(db.database, 'publish', 'ubuntu-22'))?.id).toBe(open);

    await db.database.query('update run set ended_at = $2 where id = $1', [open, day(2)]);
    expect(await lockOpenRun(db.database, 'publish', 'ubuntu-22')).toBeUndefined();
    expect([await again({ dedupe: 'week 48' }), await again({})]).toEqual([false, true]);
  });

  it('leaves its subject to the next once a change is over but for looking on, its review and the last word about it', async () => {
    const revoke = { kind: 'change', subject: 'revoke:ubuntu-22@1.5.0' } as const;
    const first = await aRun(db.database, revoke);
    const goTo = (id: string, stage: string) =>
      db.database.query('update run set stage = $2 where id = $1', [id, stage]);
    const isOpen = async () => (await lockOpenRun(db.database, 'change', revoke.subject))?.id;
    expect(await isOpen()).toBe(first);
    for (const over of ['track', 'review']) {
      await goTo(first, over);
      expect(await isOpen()).toBeUndefined();
    }
    const second = await aRun(db.database, revoke);
    await goTo(first, 'close');
    expect(await isOpen()).toBe(second);
    await expect(goTo(first, 'apply')).rejects.toThrow();
    const publish = await aRun(db.database, { subject: 'other', stage: 'review' });
    expect((await lockOpenRun(db.database, 'publish', 'other'))?.id).toBe(publish);
  });

  it('knows its people in the order in which they came, and of each what they did first', async () => {
    const id = await aRun(db.database);
    const did = (who: typeof ada, what: 'requested' | 'joined', n: number) =>
      addActor(db.database, id, { ...who, did: what, now: day(n) });

    expect([await did(grace, 'joined', 3), await did(ada, 'requested', 2), await did(ada, 'joined', 4)]).toEqual([
      true,
      true,
      false,
    ]);
    expect((await findRun(db.database, id))?.actors).toEqual([
      { ...ada, did: 'requested' },
      { ...grace, did: 'joined' },
    ]);
  });

  it('knows since when it is in its stage, and forgets it in the next stage and the next attempt', async () => {
    const id = await aRun(db.database);
    const limit = { waitsFor: 'Image Builder', until: day(4), afterwards: 'It is cancelled.' };
    const inStage = async () => (await findRun(db.database, id))?.inStage;
    const enter = async (limited: object) => {
      const run = await findRun(db.database, id);
      if (run) await enterStage(db.database, run, { since: day(2), ...limited });
    };
    expect(await inStage()).toBeNull();

    await enter({});
    expect(await inStage()).toEqual({ since: day(2) });
    await enter({ limit });
    expect(await inStage()).toEqual({ since: day(2), limit });

    await db.database.query('update run set attempt = 2');
    expect(await inStage()).toBeNull();
    await db.database.query(`update run set attempt = 1, stage = 'test'`);
    expect(await inStage()).toBeNull();
  });

  it('has after a step what the step says, no failures, and no lease', async () => {
    const id = await aRun(
      db.database,
      {},
      { tries: 4, failures: 3, last_error: 'x', failing_since: day(1), version: 8 },
    );
    await claim();
    await writeStep(db.database, id, {
      ...{ plan: { a: 1 }, planHash: 'h', stage: 'test', attempt: 2, data: { b: 2 }, dueAt: day(3), pauseMs: 60_000 },
      ...{ endedAt: day(4), outcome: 'published' },
    });

    expect(await findRun(db.database, id)).toMatchObject({
      ...{ plan: { a: 1 }, planHash: 'h', stage: 'test', attempt: 2, data: { b: 2 }, dueAt: day(3), version: 9 },
      ...{
        tries: 0,
        failures: 0,
        lastError: null,
        failingSince: null,
        endedAt: day(4),
        outcome: 'published',
        createdAt: day(1),
      },
    });
    const lease = "leased_until, lease_owner, not_before > clock_timestamp() + interval '50 s' as rests";
    expect(await columnsOf(id, lease)).toEqual({ leased_until: null, lease_owner: null, rests: true });
  });

  it('has failed since its first failure, and rests as long as it is told', async () => {
    const id = await aRun(db.database);
    const fail = (n: number, error: string) =>
      writeFailure(db.database, id, { error, retryMs: n * 60_000, tries: n + 1, failures: n, at: day(n) });
    await writeFailure(db.database, id, { error: 'a', retryMs: 0, tries: 1, failures: 0, at: null });
    expect((await findRun(db.database, id))?.failingSince).toBeNull();
    await fail(2, 'b\u0000');
    await fail(3, 'c\u0000');

    expect(await findRun(db.database, id)).toMatchObject({
      failingSince: day(2),
      lastError: 'c\ufffd',
      tries: 4,
      failures: 3,
    });
    const rests = await columnsOf(id, `not_before > clock_timestamp() + interval '170 s' as rests, leased_until`);
    expect(rests).toEqual({ rests: true, leased_until: null });
  });

  it.each([
    ['earlier than it would look', day(9), day(3), day(3)],
    ['later than it would look', day(2), day(3), day(2)],
  ])('is due at once when somebody says something: %s', async (_, dueAt, at, due) => {
    const waits = { due_at: dueAt, tries: 3, not_before: new Date(Date.now() + 60_000) };
    const [told, restarted] = [await aRun(db.database, {}, waits), await aRun(db.database, { subject: 'x' }, waits)];
    await insertSignal(db.database, told, { kind: 'cancel', by: ada, body: { reason: 'no' }, at } as Signal);
    await restartStep(db.database, restarted, at);

    const rest = `not_before = '-infinity' as now`;
    expect([await columnsOf(told, rest), await columnsOf(restarted, rest)]).toEqual([{ now: true }, { now: true }]);
    expect(await findRun(db.database, told)).toMatchObject({ dueAt: due, signalSeq: 1, tries: 3 });
    expect(await findRun(db.database, restarted)).toMatchObject({ dueAt: due, signalSeq: 0, tries: 0 });
  });

  it('hears what is said in its order, once, and nothing that is said to another', async () => {
    const [id, other] = [await aRun(db.database), await aRun(db.database, { subject: 'other' })];
    const say = (run: typeof id, note: string, at: Date) =>
      insertSignal(db.database, run, {
        kind: 'rebuild',
        by: { ...grace, name: 'G\u0000' },
        body: { note },
        at,
      } as Signal);
    await say(id, 'first', day(3));
    await say(other, 'elsewhere', day(3));
    await say(id, 'second', day(2));

    const open = await openSignals(db.database, id);
    expect(open.map(({ id: _, ...signal }) => signal)).toEqual([
      { kind: 'rebuild', by: { oid: grace.oid, name: 'G\ufffd' }, body: { note: 'first' }, at: day(3) },
      { kind: 'rebuild', by: { oid: grace.oid, name: 'G\ufffd' }, body: { note: 'second' }, at: day(2) },
    ]);
    await consumeSignals(db.database, [], 4);
    expect(await openSignals(db.database, id)).toHaveLength(2);
    await consumeSignals(
      db.database,
      open.slice(0, 1).map((signal) => signal.id),
      4,
    );

    expect((await openSignals(db.database, id)).map(({ body }) => body.note)).toEqual(['second']);
    expect(await db.database.query('select consumed_version from signal order by id')).toEqual(
      [4, null, null].map((version) => ({ consumed_version: version })),
    );
  });

  it('takes an id that nothing else has, and gives back what it does not need', async () => {
    const id = await takeRequestId(db.database, 'approval');
    const run = await takeRequestId(db.database, 'run');
    expect([await requestKind(db.database, id), await requestKind(db.database, run)]).toEqual(['approval', 'run']);
    await dropRequestId(db.database, id);

    expect([await requestKind(db.database, id), await requestKind(db.database, run)]).toEqual([undefined, 'run']);
  });
});

describe('an approval request', () => {
  const fingerprint = { source: 's1' } as unknown as Fingerprint;
  const closing: Closing = { status: 'withdrawn', at: day(3), by: 'Ada\u0000', why: 'wrong\u0000' };

  it('is what was asked, and nothing else', async () => {
    const runId = await aRun(db.database);
    const id = await anApproval(db.database, runId);
    const rule = { group: 'g', groupName: 'Approvers', deciders: 1 };

    expect(await findApproval(db.database, id)).toEqual({
      ...{ id, runId, planHash: 'h1', rule, status: 'pending', askedAt: day(2), expiresAt: day(5), decisions: [] },
    });
    expect(await newestApproval(db.database, 'R-22222' as never)).toBeUndefined();
  });

  it('is closed once; the newest is the one that was asked last, whenever', async () => {
    const runId = await aRun(db.database);
    const first = await anApproval(db.database, runId);
    const gone = { id: first, planHash: 'h1' };
    expect(await closePending(db.database, runId, closing)).toEqual([gone]);
    expect(await closePending(db.database, runId, { status: 'expired', at: day(4), by: 'goldbot' })).toEqual([]);
    expect(await findApproval(db.database, first)).toMatchObject({
      status: 'withdrawn',
      closed: { at: day(3), by: 'Ada\ufffd', why: 'wrong\ufffd' },
    });

    const second = await takeRequestId(db.database, 'approval');
    const asked = { id: second, runId, planHash: 'h2', rule: {} as never, channel: 'c', fingerprint };
    await insertApproval(db.database, { ...asked, askedAt: day(1), expiresAt: day(2) });
    expect(await newestApproval(db.database, runId)).toMatchObject({ id: second, fingerprint });
    const closed = await closePending(db.database, runId, { status: 'approved', at: day(4), by: 'goldbot' });
    expect(closed).toEqual([{ id: second, planHash: 'h2', fingerprint }]);
    expect((await findApproval(db.database, second))?.closed).toEqual({ at: day(4), by: 'goldbot' });
  });

  it('was closed by goldbot when no name was kept', async () => {
    const id = await anApproval(db.database, await aRun(db.database));
    await db.database.query(`update approval set status = 'expired', closed_at = $1`, [day(5)]);

    expect((await findApproval(db.database, id))?.closed).toEqual({ at: day(5), by: 'goldbot' });
  });

  it.each([
    ['pending', true],
    ['approved', true],
    ['rejected', false],
    ['expired', false],
    ['withdrawn', false],
    ['void', false],
  ])('that is %s when goldbot finds that its object is another: voided %s', async (status, voided) => {
    const [runId, other] = [await aRun(db.database), await aRun(db.database, { subject: 'other' })];
    const before = await anApproval(db.database, runId);
    await closePending(db.database, runId, { status: 'approved', at: day(2), by: 'Grace' });
    const [id, elsewhere] = [await anApproval(db.database, runId), await anApproval(db.database, other)];
    if (status !== 'pending') await closePending(db.database, runId, { ...closing, status } as Closing);
    const found = { reason: { why: 'outlived' as const }, at: day(4), by: 'goldbot\u0000' };

    expect(await voidNewest(db.database, runId, found)).toEqual(voided ? { id, planHash: 'h1' } : undefined);
    const asked = await findApproval(db.database, id);
    if (voided) {
      const of = { status: 'void', voided: { why: 'outlived' }, closed: { at: day(4), by: 'goldbot\ufffd' } };
      expect(asked).toMatchObject(of);
    } else expect([asked?.status, asked?.voided]).toEqual([status, undefined]);
    expect((await findApproval(db.database, before))?.status).toBe('approved');
    expect((await findApproval(db.database, elsewhere))?.status).toBe('pending');
  });

  it('has one decision of each person, the last, in the order of their first', async () => {
    const id = await anApproval(db.database, await aRun(db.database));
    const other = await anApproval(db.database, await aRun(db.database, { subject: 'other' }));
    const decide = (who: typeof ada, verdict: 'approve' | 'reject', reason: string | null, n: number) =>
      writeDecision(db.database, id, { ...who, verdict, reason, via: `way ${n}`, at: day(n), turn: 0 });
    await decide(grace, 'approve', null, 2);
    await decide(ada, 'approve', 'good\u0000', 3);
    await decide({ ...grace, name: 'Grace H\u0000' }, 'reject', 'no\u0000', 4);

    expect((await findApproval(db.database, id))?.decisions).toEqual([
      { oid: grace.oid, name: 'Grace H\ufffd', verdict: 'reject', reason: 'no\ufffd', via: 'way 4', at: day(4) },
      { ...ada, verdict: 'approve', reason: 'good\ufffd', via: 'way 3', at: day(3) },
    ]);
    expect(await dropDecision(db.database, other, ada.oid)).toBe(false);
    expect(await dropDecision(db.database, id, ada.oid)).toBe(true);
    expect(await dropDecision(db.database, id, ada.oid)).toBe(false);
    expect((await findApproval(db.database, id))?.decisions.map(({ oid }) => oid)).toEqual([grace.oid]);
  });

  it.each([
    ['its card is missing', {}, {}, true],
    ['it expired meanwhile', {}, { status: 'expired' }, true],
    ['it was decided meanwhile', {}, { status: 'approved' }, false],
    ['its card came after all', { activity_id: 'a1' }, {}, false],
    ['its card is on its way', { missing_why: null, missing_at: null }, {}, false],
    ['the missing card is one for somebody else', { conversation_id: '19:elsewhere' }, {}, false],
    ['the missing card is that of another request', { topic: 'approval:R-99999' }, {}, false],
    ['its channel is known by its name only', { conversation_name: '19:approvals', conversation_id: '19:x' }, {}, true],
  ])('says whether anybody could be asked: %s', async (_, card, approval, unasked) => {
    const id = await anApproval(db.database, await aRun(db.database));
    await wantCard(db.database, { topic: `approval:${id}`, channel: '19:approvals', kind: 'approval' });
    const set = async (table: string, columns: Record<string, unknown>) => {
      for (const [column, value] of Object.entries(columns))
        await db.database.query(`update ${table} set ${column} = $1`, [value]);
    };
    await set('card', { missing_why: 'closed', missing_at: day(3), ...card });
    await set('approval', approval);

    const told = { why: 'closed', channel: '19:approvals', since: day(3) };
    expect((await findApproval(db.database, id))?.unasked).toEqual(unasked ? told : undefined);
  });

  it('says when its message was deleted last', async () => {
    const id = await anApproval(db.database, await aRun(db.database));
    for (const [channel, n] of [
      ['19:a', 3],
      ['19:b', 4],
    ] as const) {
      await wantCard(db.database, { topic: `approval:${id}`, channel, kind: 'approval' });
      await db.database.query('update card set deleted_at = $2 where conversation_id = $1', [channel, day(n)]);
    }
    expect((await findApproval(db.database, id))?.deletedAt).toEqual(day(4));
  });
});
