import type { RequestId } from '../../core/runs';
import { minutes } from '../../core/time';
import { cardsOfTopic, wantCard } from '../../store';
import { until } from '../support/until';
import { say } from './asking';
import {
  ada,
  type Bench,
  bench,
  grace,
  heidi,
  intent,
  rule,
  type ToyContext,
  type ToyStep,
  toyWorkflow,
} from './bench';

/** One run with a card of its own, one of its request and a message beside it; each must follow whatever happens. */
const ask: ToyStep = { kind: 'ask', rule: { ...rule, quorum: 2 }, ttlMs: minutes(60), channel: 'approvals' };
const workflow = toyWorkflow({
  plan: () => ({ kind: 'to', stage: 'approve', plan: { value: {}, hash: 'hash-1' } }),
  approve: ({ approval, inbox }: ToyContext): ToyStep => {
    if (inbox.some((s) => s.kind === 'cancel')) return { kind: 'to', stage: 'tidy' };
    if (!approval) return ask;
    return approval.status === 'approved' ? { kind: 'to', stage: 'work' } : { kind: 'again', ms: minutes(600) };
  },
  work: ({ run }): ToyStep =>
    run.data['seen'] ? { kind: 'again', ms: minutes(600) } : { kind: 'again', ms: minutes(5), data: { seen: true } },
  tidy: () => ({ kind: 'end', outcome: 'cancelled' }),
});

let b: Bench;
beforeAll(async () => {
  b = await bench(workflow);
});
afterAll(() => b.close());

async function asked(subject: string) {
  const { id } = await b.start(subject);
  b.replica();
  await b.until(id, (r) => r.version >= 2);
  const [approval] = await b.reads.approvalsOfRun(id);
  if (!approval) throw new Error('did not ask');
  for (const topic of [`run:${id}`, `news:${id}:outcome`])
    await wantCard(b.db.database, { topic, conversationId: '19:here', kind: 'run' });
  const wanted = async () => {
    const topics = [`run:${id}`, `approval:${approval.id}`, `news:${id}:outcome`];
    const cards = await Promise.all(topics.map((topic) => cardsOfTopic(b.db.database, topic)));
    return cards.map(([card]) => card?.wanted ?? 0);
  };
  /** Who was drawn anew by this. */
  const drawn = async (act: () => Promise<unknown>) => {
    const before = await wanted();
    await act();
    return (await wanted()).map((n, i) => n > (before[i] ?? 0));
  };
  return { id, approval: approval.id, drawn };
}

const every = [true, true, true];

it('draws every card of a run anew at whatever people do, and at each step that is more than a look', async () => {
  const { id, approval, drawn } = await asked('ubuntu-22');
  expect(await drawn(() => b.control.decide(say(approval, grace)))).toEqual(every);
  expect(await drawn(() => b.start('ubuntu-22', grace))).toEqual(every);
  expect(await drawn(() => b.control.decide(say(approval, heidi)))).toEqual(every);
  b.directory.members.add('oid-ivy');
  const worked = async () => {
    await b.control.decide(say(approval, { oid: 'oid-ivy', name: 'Ivy' }));
    await b.until(id, (r) => r.data !== null && 'seen' in (r.data as object));
  };
  expect(await drawn(worked)).toEqual(every);
  const looked = async () => {
    const { version } = await b.until(id, () => true);
    b.clock.advance(minutes(5));
    await b.until(id, (r) => r.version > version);
  };
  expect(await drawn(looked)).toEqual([false, false, false]);
});

it('draws them anew when a request expires', async () => {
  const { drawn, approval } = await asked('ubuntu-24');
  const expired = async () => {
    b.clock.advance(minutes(60));
    await until(async () => (await b.reads.approval(approval))?.status !== 'pending');
  };
  expect(await drawn(expired)).toEqual(every);
});

it('closes the request of a run that somebody cancels with the name and the reason, in the audit too', async () => {
  const { id, approval, drawn } = await asked('ubuntu-26');
  const cancelled = async () => {
    const body = { reason: 'wrong base' };
    await b.control.signal({ request: id, kind: 'cancel', person: ada, body, intent: intent() });
    await b.until(id, (r) => r.endedAt !== null);
  };
  expect(await drawn(cancelled)).toEqual(every);
  const closed = await b.reads.approval(approval);
  expect(closed).toMatchObject({ status: 'void', closed: { by: 'Ada', why: 'wrong base', at: b.clock.now() } });
  const voided = (await b.reads.audit()).find((entry) => entry.action === 'void');
  expect(voided).toMatchObject({ request: approval, runId: id, detail: { by: 'Ada', why: 'wrong base' } });
  const late = b.control.decide(say(approval, grace));
  await expect(late).rejects.toThrow(`${approval} was closed when Ada cancelled ${id}; nothing was changed.`);
});

it('keeps the reason of somebody who withdraws', async () => {
  const { approval } = await asked('ubuntu-28');
  const reason = 'found a better base';
  const withdrawn = await b.control.withdraw({ request: approval, person: ada, reason, intent: intent() });
  expect(withdrawn.approval).toMatchObject({ status: 'withdrawn', closed: { by: 'Ada', why: reason } });
  const late = b.control.decide(say(approval, grace));
  await expect(late).rejects.toThrow(`${approval} was withdrawn by Ada; nothing was changed.`);
});

it('keeps the reason of a decider who approved first and rejects then', async () => {
  const { id, approval } = await asked('ubuntu-30');
  await b.control.decide(say(approval, grace));
  await b.control.decide(say(approval, grace, { verdict: 'reject', reason: 'sshd is open' }));
  const rejected = { status: 'rejected', decisions: [{ name: 'Grace', verdict: 'reject', reason: 'sshd is open' }] };
  expect(await b.reads.approval(approval)).toMatchObject(rejected);
  const decided = (await b.reads.audit()).filter((entry) => entry.runId === id).map(({ action }) => action);
  expect(decided).toEqual(['reject', 'approve', 'ask', 'stage', 'start']);
});

it('knows what was rejected before for the same, back to the last that was approved', async () => {
  const subject = 'ubuntu-32';
  const round = async (verdict: 'approve' | 'reject') => {
    const { id, approval } = await asked(subject);
    const reason = `too early, says ${verdict}`;
    await b.control.decide(say(approval, grace, { verdict, reason }));
    if (verdict === 'approve') await b.control.decide(say(approval, heidi));
    // The step that this wakes must be over before the run is ended by hand.
    await b.until(id, (r) => (verdict === 'approve' ? r.stage === 'work' : true) && r.dueAt > b.clock.now());
    await b.db.database.query(`update run set ended_at = created_at, outcome = 'cancelled' where id = $1`, [id]);
    return approval;
  };
  const before = async (id: RequestId) => (await b.reads.rejectedBefore(id)).map((approval) => approval.id);
  const [first, second] = [await round('reject'), await round('reject')];
  const approved = await round('approve');
  const third = await round('reject');
  const { approval: now } = await asked(subject);
  expect(await before(first)).toEqual([]);
  expect(await before(second)).toEqual([first]);
  expect(await before(approved)).toEqual([second, first]);
  expect(await before(now)).toEqual([third]);
});
