import type { RequestId } from '../../core/runs';
import { minutes } from '../../core/time';
import type { DecideRequest } from '../../workflows/start';
import { sizeOf } from '../chaos/matrix';
import { asking, planned, say } from './asking';
import {
  ada,
  type Bench,
  bench,
  grace,
  heidi,
  intent,
  rule,
  sleep,
  type ToyContext,
  type ToyStep,
  toyWorkflow,
} from './bench';

/** In full, 10,000 attempts to decide; `npm run chaos` plays as many races of six to twenty attempts. */
describe('races between people, and with the clock', () => {
  let opened: Bench | undefined;
  const open = async (quorum = 1): Promise<Bench> => {
    opened = await bench(asking(quorum));
    return opened;
  };
  afterEach(() => opened?.close());

  /** Many approvals, each decided by several people at once, all of them over one pool. */
  const race = async (b: Bench, rounds: number, attempts: (approval: RequestId) => DecideRequest[]) => {
    const results: PromiseSettledResult<{ outcome: string }>[][] = [];
    b.replica();
    for (let round = 0; round < rounds; round++) {
      const run = await b.start(`image-${round}`);
      await b.until(run.id, (r) => r.version >= 2);
      const [approval] = await b.reads.approvalsOfRun(run.id);
      if (approval) results.push(await Promise.allSettled(attempts(approval.id).map((a) => b.control.decide(a))));
    }
    return results;
  };
  const outcomes = (results: PromiseSettledResult<{ outcome: string }>[]): string[] =>
    results.map((r) => (r.status === 'fulfilled' ? r.value.outcome : (r.reason as { code: string }).code)).sort();

  it('makes exactly one decision of approve against reject, and tells the loser', async () => {
    const b = await open();

    const rounds = sizeOf('races', 'reject');
    const all = await race(b, rounds, (approval) =>
      Array.from({ length: 20 }, (_, i) =>
        i % 2 ? say(approval, grace) : say(approval, heidi, { verdict: 'reject', reason: 'no' }),
      ),
    );

    for (const results of all) {
      const kinds = new Set(outcomes(results));
      const approved = kinds.has('approved');
      expect([...kinds].sort()).toEqual(['APPROVAL_CLOSED', 'already', approved ? 'approved' : 'rejected']);
      expect(outcomes(results).filter((o) => o === 'approved' || o === 'rejected')).toHaveLength(1);
    }
    expect(await b.db.database.query(`select 1 from signal where kind = 'decided'`)).toHaveLength(rounds);
    expect(await b.db.database.query('select 1 from decision')).toHaveLength(rounds);
  });

  it('makes exactly one decision of approve against approve, where two are needed', async () => {
    const b = await open(2);

    const all = await race(b, sizeOf('races', 'approve'), (approval) =>
      Array.from({ length: 20 }, (_, i) => say(approval, i % 2 ? grace : heidi)),
    );

    for (const results of all) {
      expect(outcomes(results).filter((o) => o !== 'already')).toEqual(['approved', 'recorded']);
    }
  });

  it('makes either a decision or an expiry of approve against expiry, never both', async () => {
    // Over once it is decided: this clock goes on by an hour a race, and what earlier ones left open would be due again
    // before each, a hundred of them after a thousand.
    const approve = ({ approval }: ToyContext): ToyStep => {
      if (!approval) return { kind: 'ask', rule, ttlMs: minutes(60), channel: 'approvals' };
      return approval.status === 'pending' ? { kind: 'again', ms: minutes(600) } : { kind: 'end', outcome: 'done' };
    };
    opened = await bench(toyWorkflow({ plan: () => planned, approve }));
    const b = opened;
    b.replica();

    for (let round = 0; round < sizeOf('races', 'expiry'); round++) {
      const run = await b.start(`image-${round}`);
      await b.until(run.id, (r) => r.version >= 2);
      const [asked] = await b.reads.approvalsOfRun(run.id);
      if (!asked) throw new Error('did not ask');
      b.clock.advance(minutes(60) - 1);
      const attempts = Array.from({ length: 8 }, () => b.control.decide(say(asked.id, grace)));
      setTimeout(() => b.clock.advance(1), round % 4);
      const results = outcomes(await Promise.allSettled(attempts));
      b.clock.advance(1);
      await b.until(run.id, (r) => r.version >= 3);

      const after = await b.reads.approval(asked.id);
      const approved = results.includes('approved');
      expect(after?.status).toBe(approved ? 'approved' : 'expired');
      expect(after?.decisions).toHaveLength(approved ? 1 : 0);
    }
  });

  it('either refuses a cancel or obeys it, whenever the run moves on to where it cannot be cancelled', async () => {
    const approve = ({ inbox }: ToyContext): ToyStep =>
      inbox.length > 0 ? { kind: 'end', outcome: 'cancelled' } : { kind: 'to', stage: 'publish' };
    const publish = (): ToyStep => ({ kind: 'end', outcome: 'published' });
    opened = await bench(toyWorkflow({ approve, publish }, { publish: [] }));
    const b = opened;
    for (let i = 0; i < 2; i++) b.replica({ settings: { pollMs: 1 } });

    for (let round = 0; round < sizeOf('races', 'cancel'); round++) {
      const run = await b.start(`image-${round}`);
      const cancel = (): Promise<boolean> =>
        b.control.signal({ request: run.id, kind: 'cancel', person: ada, intent: intent() }).then(
          () => true,
          () => false,
        );
      const accepted = await Promise.all(Array.from({ length: 6 }, cancel));
      const { outcome } = await b.until(run.id, (r) => r.outcome !== null);
      expect(outcome).toBe(accepted.includes(true) ? 'cancelled' : 'published');
    }
  });

  it('counts nobody who is removed from the group while others decide', async () => {
    const b = await open(2);
    b.replica();
    // Whether Entra ever said that both are in the group.
    let both = false;
    const { membersNow } = b.directory;
    b.directory.membersNow = async (group, people) => {
      const members = await membersNow.call(b.directory, group, people);
      await new Promise((answered) => setTimeout(answered, 1));
      both ||= members.has(grace.oid) && members.has(heidi.oid);
      return members;
    };

    for (let round = 0; round < sizeOf('removed deciders', 'races'); round++) {
      b.directory.members.add(heidi.oid);
      const run = await b.start(`image-${round}`);
      await b.until(run.id, (r) => r.version >= 2);
      const [asked] = await b.reads.approvalsOfRun(run.id);
      if (!asked) throw new Error('did not ask');
      await b.control.decide(say(asked.id, heidi));
      both = false;
      const leaves = sleep(round % 4).then(() => b.directory.members.delete(heidi.oid));
      if (round % 4 === 0) await leaves;
      await Promise.allSettled(Array.from({ length: 6 }, () => b.control.decide(say(asked.id, grace))));
      await leaves;

      const after = await b.reads.approval(asked.id);
      expect(['approved', 'pending']).toContain(after?.status);
      // Not the other way round: whoever saw that she has left has dropped what she said, for all who come after.
      if (after?.status === 'approved') expect(both).toBe(true);
      if (round % 4 === 0) expect([after?.status, both]).toEqual(['pending', false]);
    }
  });

  it('does a signal once, however often it is delivered', async () => {
    const b = await open();
    const { id } = await b.start();
    const request = { request: id, kind: 'cancel', person: ada, intent: intent() } as const;

    await Promise.all(Array.from({ length: 40 }, () => b.control.signal(request)));

    expect(await b.db.database.query('select kind from signal')).toEqual([{ kind: 'cancel' }]);
  });
});
