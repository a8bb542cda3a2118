import type { Approval, RequestId } from '../../core/runs';
import { minutes } from '../../core/time';
import {
  cardsOfTopic,
  claimRun,
  findApproval,
  findRun,
  insertSignal,
  newestApproval,
  openSignals,
  wantCard,
  writeSubscription,
} from '../../store';
import { createReads } from '../../store/reads';
import { commitStep } from '../../workflows/engine/commit';
import type { ClaimedRun } from '../../workflows/engine/step';
import { type TestDatabase, testDatabase } from '../store/database';
import { anApproval, aRun, day, emptyTables } from '../store/rows';
import { ada, HandClock, type ToyStep, toyWorkflow } from './bench';

/** What the engine writes for each answer of a stage, without an engine: one step, one commit. */
let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase({ audit: 'of any version' });
});
afterEach(async () => {
  await emptyTables(db.database);
  await db.database.query(`delete from audit; update audit_head set seq = 0, hash = ''`);
});
afterAll(() => db.close());

const clock = new HandClock();
const now = clock.now();
const later = (ms: number) => new Date(now.getTime() + ms);
const workflow = {
  ...toyWorkflow({ build: () => wait, test: () => wait }, { build: ['cancel', 'decided'], test: ['decided'] }),
  news: (_: unknown, stage: string) => (stage === 'test' ? 'tested' : undefined),
  tells: ({ id }: { readonly id: string }, step: ToyStep) =>
    step.kind === 'end'
      ? {
          happened: [{ kind: 'published' as const, subject: 's', runId: id as RequestId, data: { image: 'heard' } }],
          webhooks: [
            {
              ...{ eventId: `${id}-told`, receiver: 'tickets', kind: 'published' as const },
              subject: 's',
              body: '{}',
              at: now,
            },
          ],
          at: now,
        }
      : { happened: [], webhooks: [], at: now },
};
const wait: ToyStep = { kind: 'again', ms: minutes(1) };
const rule = { group: 'g', groupName: 'Approvers', quorum: 1 };
const ask: ToyStep = { kind: 'ask', rule, ttlMs: minutes(60), channel: '19:approvals' };

/** A run in the stage `build`, leased; its card is in a thread. */
async function claimed(columns: Record<string, unknown> = {}, approval?: 'pending'): Promise<ClaimedRun> {
  const id = await aRun(db.database, {}, { plan_hash: 'h1', attempt: 2, data: '{"kept":1,"old":2}', ...columns });
  if (approval) await anApproval(db.database, id);
  return claimAgain(id);
}

async function claimAgain(id: RequestId): Promise<ClaimedRun> {
  await wantCard(db.database, { topic: `run:${id}`, conversationId: '19:thread', threadId: 't', kind: 'run' });
  const run = await claimRun(db.database, { owner: 'me', leaseMs: 60_000, now, known: ['build'], kinds: ['publish'] });
  if (!run) throw new Error('the run is not due');
  await db.database.query('update card set wanted = 1');
  return { run, inbox: await openSignals(db.database, id), approval: await newestApproval(db.database, id) };
}

const commit = (of: ClaimedRun, step: ToyStep) => commitStep({ database: db.database, clock, workflow }, of, step);
const rowOf = async ({ run }: ClaimedRun) => {
  const found = await findRun(db.database, run.id);
  if (!found) throw new Error('the run is gone');
  return found;
};
const redrawn = async ({ run }: ClaimedRun) => (await cardsOfTopic(db.database, `run:${run.id}`))[0]?.wanted === 2;
const audited = async () =>
  (await createReads(db.database).audit())
    .map(({ action, request, detail }) => ({ action, request, detail }))
    .reverse();
const pauses = async () => {
  const [row] = await db.database.query<{ ms: number }>(
    `select extract(epoch from not_before - clock_timestamp())::float8 * 1000 as ms from run`,
  );
  return Number(row?.ms) > 0;
};
const says = (of: ClaimedRun, kind: 'cancel' | 'decided' | 'rebuild', reason?: string) =>
  insertSignal(db.database, of.run.id, { kind, by: ada, body: { ...(reason && { reason }) }, at: now });

describe('a step that waits', () => {
  it('changes no card and says nothing to the audit: only when it looks again', async () => {
    const of = await claimed();
    expect(await commit(of, { ...wait, ms: minutes(5) })).toBe('committed');

    expect(await rowOf(of)).toMatchObject({
      ...{ stage: 'build', attempt: 2, planHash: 'h1', data: { kept: 1, old: 2 }, dueAt: later(minutes(5)) },
      ...{ version: 1, tries: 0, endedAt: null, outcome: null },
    });
    expect([await redrawn(of), await audited(), await pauses()]).toEqual([false, [], false]);
  });

  it('is drawn when it has something to show; what is undefined is forgotten', async () => {
    const of = await claimed();
    await commit(of, { ...wait, data: { old: undefined, fresh: 3 } });

    expect((await rowOf(of)).data).toEqual({ kept: 1, fresh: 3 });
    expect(await redrawn(of)).toBe(true);
  });

  it.each([
    ['it has heard somebody', {}, true, true],
    ['it failed five times before', { tries: 4 }, false, true],
    ['it failed four times before', { tries: 3 }, false, false],
  ])('is drawn or not: %s', async (_, columns, heard, drawn) => {
    let of = await claimed(columns);
    if (heard) of = { ...of, inbox: [{ id: 0, kind: 'cancel', by: ada, body: {}, at: now }] };
    await commit(of, wait);

    expect(await redrawn(of)).toBe(drawn);
  });

  it('may wait for machine time too, and never into the past', async () => {
    const of = await claimed();
    await commit(of, { kind: 'again', ms: -5, machineMs: 60_000 });

    expect((await rowOf(of)).dueAt).toEqual(now);
    expect(await pauses()).toBe(true);
  });

  it.each([
    ['before it would look', day(25), later(minutes(1))],
    ['after it would look', later(1_000), later(1_000)],
  ])('looks when its open request expires, if that is %s', async (_, expires, due) => {
    const of = await claimed({}, 'pending');
    const approval = { ...of.approval, expiresAt: expires } as Approval;
    await commit({ ...of, approval }, wait);
    expect((await rowOf(of)).dueAt).toEqual(due);
    expect((await newestApproval(db.database, of.run.id))?.status).toBe('pending');
  });

  it('does not look earlier for a request that is decided', async () => {
    const of = await claimed({}, 'pending');
    await commit({ ...of, approval: { ...of.approval, status: 'approved', expiresAt: later(1) } as Approval }, wait);

    expect((await rowOf(of)).dueAt).toEqual(later(minutes(1)));
  });

  it('is due at once, without a pause, when somebody said something meanwhile, and has not heard it', async () => {
    const of = await claimed();
    await says(of, 'cancel');
    expect(await commit(of, { ...wait, machineMs: 60_000 })).toBe('committed');

    expect(await rowOf(of)).toMatchObject({ dueAt: now, signalSeq: 1 });
    expect(await pauses()).toBe(false);
    expect(await openSignals(db.database, of.run.id)).toHaveLength(1);
  });
});

describe('a step that reminds', () => {
  const escalation = { group: 'heads', groupName: 'Heads', channel: '19:heads' };
  it.each([
    [1, later(minutes(20)), ['remind']],
    [2, later(minutes(1)), ['remind', 'escalate']],
  ])('says so beside the card that asks; the second time others are asked too: %s', async (times, until, told) => {
    const { approval: before, ...of } = await claimed({}, 'pending');
    const request = { ...before, askedAt: later(-minutes(10)), expiresAt: until } as Approval;
    const approval = { ...request, rule: { ...rule, reminders: {}, escalation } };
    const topic = `approval:${approval.id}`;
    await wantCard(db.database, { topic, conversationId: '19:approvals', kind: 'approval' });
    await db.database.query('update card set activity_id = $2 where topic = $1', [topic, 'posted']);

    await commit({ ...of, approval }, { ...wait, remind: { request: approval.id, times } });

    const news = await cardsOfTopic(db.database, `news:${of.run.id}:remind-${approval.id}-${times}`);
    expect(news).toMatchObject([{ conversationId: '19:approvals', threadId: 'posted', kind: 'news' }]);
    const places = (await cardsOfTopic(db.database, topic)).map(({ conversationId }) => conversationId);
    expect(places).toEqual(['19:approvals', ...told.slice(1).map(() => '19:heads')]);
    const entries = await audited();
    expect(entries.map(({ action }) => action)).toEqual(told);
    expect(entries[0]?.detail).toMatchObject({ times });
    for (const { detail } of entries.slice(1)) expect(detail).toMatchObject({ escalation });
  });
});

describe('a step that reminds groups that decide in turn', () => {
  it.each([
    [1, { times: 1 }],
    [3, { times: 1, turn: 1 }],
  ] as const)('speaks where the group is asked whose turn it is, and nowhere else: %d', async (n, told) => {
    const { approval: before, ...of } = await claimed({}, 'pending');
    const first = [{ group: 's', groupName: 'Security', quorum: 1, channel: '19:gate' }];
    const decisions = [{ oid: 'sam', name: 'Sam', verdict: 'approve', reason: null, via: 'text', at: now, turn: 0 }];
    const ours = { ...rule, reminders: {}, first, channel: '19:approvals' };
    const approval = { ...before, rule: ours, decisions } as unknown as Approval;
    const topic = `approval:${approval.id}`;
    for (const conversationId of ['19:gate', '19:approvals'])
      await wantCard(db.database, { topic, conversationId, kind: 'approval' });
    await db.database.query('update card set activity_id = conversation_id where topic = $1', [topic]);

    await commit({ ...of, approval }, { ...wait, remind: { request: approval.id, ...told } });

    const news = await cardsOfTopic(db.database, `news:${of.run.id}:remind-${approval.id}-${n}`);
    expect(news).toMatchObject([{ conversationId: '19:approvals' }]);
  });
});

describe('a step that moves on', () => {
  const on: ToyStep = { kind: 'to', stage: 'test' };

  it('is drawn, told in the audit and beside the card, and has consumed what it heard', async () => {
    const first = await claimed();
    await says(first, 'cancel');
    const of = { ...first, run: { ...first.run, signalSeq: 1 }, inbox: await openSignals(db.database, first.run.id) };
    await commit(of, { ...on, attempt: 3, plan: { value: { p: 1 }, hash: 'h2' }, why: 'because' });

    expect(await rowOf(of)).toMatchObject({
      stage: 'test',
      attempt: 3,
      plan: { p: 1 },
      planHash: 'h2',
      dueAt: now,
      version: 1,
    });
    expect(await db.database.query('select consumed_version from signal')).toEqual([{ consumed_version: 1 }]);
    expect(await redrawn(of)).toBe(true);
    const detail = { from: 'build', to: 'test', attempt: 3, planHash: 'h2', why: 'because' };
    expect(await audited()).toEqual([{ action: 'stage', request: of.run.id, detail }]);
    expect(await cardsOfTopic(db.database, `news:${of.run.id}:tested`)).toMatchObject([
      { conversationId: '19:thread', threadId: 't', kind: 'news' },
    ]);
  });

  it('keeps plan and attempt when it says nothing of them; no news is no message', async () => {
    const of = await claimed();
    await commit(of, { kind: 'to', stage: 'build' });

    expect(await rowOf(of)).toMatchObject({ stage: 'build', attempt: 2, plan: {}, planHash: 'h1' });
    expect((await audited())[0]?.detail).toEqual({ from: 'build', to: 'build', attempt: 2 });
    expect(await db.database.query('select topic from card')).toHaveLength(1);
  });

  it('never goes back to an earlier attempt', async () => {
    const of = await claimed();
    await expect(commit(of, { ...on, attempt: 1 })).rejects.toThrow('sets attempt 1 after 2');

    expect(await commit(of, { ...on, attempt: 2 })).toBe('committed');
  });

  it.each([
    ['is one that the next stage takes', on, 'decided', 'committed'],
    ['is one that the next stage does not take', on, 'cancel', 'restarted'],
    ['leads to a stage that nobody knows', { ...on, stage: 'gone' }, 'decided', 'restarted'],
    ['comes at the end', { kind: 'end', outcome: 'done' }, 'decided', 'restarted'],
    ['comes while it asks', ask, 'cancel', 'committed'],
    ['is a decision about what is asked again', { ...ask, voids: { why: 'outlived' } }, 'decided', 'restarted'],
    ['is no decision about what is asked again', { ...ask, voids: { why: 'outlived' } }, 'cancel', 'committed'],
  ] as const)('drops no signal that comes in between: it %s', async (_, step, kind, outcome) => {
    const of = await claimed({ due_at: day(1), not_before: new Date(0), tries: 2 });
    await says(of, kind);

    expect(await commit(of, step as ToyStep)).toBe(outcome);
    const run = await rowOf(of);
    expect([run.version, run.stage]).toEqual(
      outcome === 'restarted' ? [0, 'build'] : [1, step.kind === 'to' ? 'test' : 'build'],
    );
    if (outcome === 'restarted') expect([run.tries, await audited()]).toEqual([0, []]);
    expect(await openSignals(db.database, of.run.id)).toHaveLength(1);
  });

  it('looks at nothing twice for a signal that it has heard', async () => {
    const first = await claimed();
    await says(first, 'cancel');
    const inbox = await openSignals(db.database, first.run.id);

    expect(await commit({ ...first, inbox }, on)).toBe('committed');
  });

  it('is lost without a trace when another replica has the run', async () => {
    const of = await claimed();
    const lease = { ...of.run.lease, token: of.run.lease.token + 1 };

    expect(await commit({ ...of, run: { ...of.run, lease } }, on)).toBe('lost');
    expect([(await rowOf(of)).version, await audited(), await redrawn(of)]).toEqual([0, [], false]);
  });

  it.each([
    ['its own step', [], { by: 'goldbot' }],
    [
      'a person who cancelled',
      [{ id: 1, kind: 'cancel', by: ada, body: { reason: 'no' }, at: now }],
      { by: 'Ada', why: 'no' },
    ],
    ['its own step, whatever was said', [{ id: 1, kind: 'rebuild', by: ada, body: {}, at: now }], { by: 'goldbot' }],
  ] as const)('closes its open request, in the name of %s', async (_, inbox, closed) => {
    const of = await claimed({}, 'pending');
    await commit({ ...of, inbox }, on);

    const approval = await newestApproval(db.database, of.run.id);
    expect(approval).toMatchObject({ status: 'void', closed: { at: now, ...closed } });
    const [entry] = await audited();
    expect(entry).toMatchObject({ action: 'void', request: approval?.id, detail: { ...closed, planHash: 'h1' } });
  });

  it('voids a request that does not stand any more, and says why', async () => {
    const of = await claimed({}, 'pending');
    await commit(of, { ...on, voids: { why: 'outlived' } });

    const approval = await newestApproval(db.database, of.run.id);
    expect(approval).toMatchObject({ status: 'void', voided: { why: 'outlived' }, closed: { at: now, by: 'goldbot' } });
    const voids = (await audited()).filter(({ action }) => action === 'void');
    expect(voids).toEqual([
      { action: 'void', request: approval?.id, detail: { by: 'goldbot', why: 'outlived', planHash: 'h1' } },
    ]);
  });
});

describe('a step that asks', () => {
  it('binds the request to the plan, tells it where it is to be decided, and looks when it expires', async () => {
    const of = await claimed();
    await commit(of, ask);

    const approval = await newestApproval(db.database, of.run.id);
    expect(approval).toMatchObject({
      planHash: 'h1',
      rule,
      status: 'pending',
      askedAt: now,
      expiresAt: later(minutes(60)),
    });
    expect(approval?.fingerprint).toBeUndefined();
    expect(await cardsOfTopic(db.database, `approval:${approval?.id}`)).toMatchObject([
      { kind: 'approval', conversationId: '19:approvals' },
    ]);
    expect(await rowOf(of)).toMatchObject({ stage: 'build', dueAt: later(minutes(60)) });
    expect(await redrawn(of)).toBe(true);
    const detail = { planHash: 'h1', rule, channel: '19:approvals', expiresAt: later(minutes(60)).toISOString() };
    expect(await audited()).toEqual([{ action: 'ask', request: approval?.id, detail }]);
  });

  it.each([
    ['earlier than it expires', minutes(15), minutes(15)],
    ['no later than it expires', minutes(90), minutes(60)],
  ])('looks again when it says, %s', async (_, lookMs, due) => {
    const of = await claimed();
    await commit(of, { ...ask, lookMs });

    expect((await rowOf(of)).dueAt).toEqual(later(due));
  });

  it('closes the request before it: there is one at a time', async () => {
    const of = await claimed({}, 'pending');
    const before = of.approval?.id as RequestId;
    await commit(of, ask);

    expect((await findApproval(db.database, before))?.status).toBe('void');
    expect((await newestApproval(db.database, of.run.id))?.status).toBe('pending');
    expect((await audited()).map(({ action }) => action)).toEqual(['void', 'ask']);
  });

  it('cannot before there is a plan', async () => {
    const of = await claimed({ plan_hash: null });
    await expect(commit(of, ask)).rejects.toThrow('asks for approval before there is a plan');
  });
});

describe('a step that ends', () => {
  const end: ToyStep = { kind: 'end', outcome: 'cancelled' };

  it('says what came of it, in the row, in the audit and in the cards that it wants', async () => {
    const of = await claimed();
    const cards = [{ topic: 'digest:x', channel: '19:team', kind: 'digest' }];
    await commit(of, { ...end, data: { old: undefined }, cards, audit: { said: 'enough', by: 'Ada' } });

    expect(await rowOf(of)).toMatchObject({ endedAt: now, outcome: 'cancelled', data: { kept: 1 }, dueAt: now });
    expect(await audited()).toEqual([
      { action: 'end', request: of.run.id, detail: { outcome: 'cancelled', said: 'enough', by: 'Ada' } },
    ]);
    expect(await cardsOfTopic(db.database, 'digest:x')).toHaveLength(1);
    expect(await redrawn(of)).toBe(true);
  });

  it('keeps what programs and subscribers are told, and nothing of a step that is lost', async () => {
    const of = await claimed();
    const by = { oid: 'ada', name: 'Ada' };
    const hears = { conversationId: '19:hears', person: null, by, since: now };
    await writeSubscription(db.database, { ...hears, image: 'heard', events: ['published', 'revoked'] });
    await writeSubscription(db.database, { ...hears, conversationId: '19:else', image: 'heard', events: ['retired'] });
    await writeSubscription(db.database, { ...hears, image: 'other', events: ['published'] });
    const kept = async () => {
      const sql = `select id from webhook where event_id = $1 union all select id from notice where event_id like $2`;
      const rows = await db.database.query<{ id: string }>(sql, [`${of.run.id}-told`, `${of.run.id}-%`]);
      return rows.map(({ id }) => id);
    };
    const stale = { ...of.run, lease: { ...of.run.lease, token: of.run.lease.token + 1 } };
    expect([await commit({ ...of, run: stale }, end), await kept()]).toEqual(['lost', []]);
    await commit(of, end);
    expect(await kept()).toEqual([`${of.run.id}-told tickets`, `${of.run.id}-published 19:hears`]);
  });

  it('hands over what it leaves, and draws every run that left some of it', async () => {
    const earlier = await aRun(db.database, { subject: 'windows-2022' }, { ended_at: day(2) });
    await wantCard(db.database, { topic: `run:${earlier}`, conversationId: '19:thread', kind: 'run' });
    const of = await claimed();
    const left = {
      id: '/A',
      kind: 'template',
      name: 'a',
      runId: earlier,
      place: {},
      since: day(2),
      answer: 'busy',
      dueAt: now,
    } as const;
    await commit(of, { ...end, leftovers: [left] });

    expect(await createReads(db.database).leftovers()).toMatchObject([{ id: '/a', runId: earlier, answer: 'busy' }]);
    expect((await cardsOfTopic(db.database, `run:${earlier}`))[0]?.wanted).toBe(2);
    const entries = await createReads(db.database).audit();
    expect(entries.map(({ action, subject, request }) => [action, subject, request])).toEqual([
      ['leftover', 'windows-2022', earlier],
      ['end', 'ubuntu-22', of.run.id],
    ]);
    expect(entries[0]?.detail).toEqual({ kind: 'template', name: 'a', answer: 'busy' });
  });
});
