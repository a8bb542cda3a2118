import { minutes } from '../../core/time';
import { again, to } from '../../workflows/engine';
import { until } from '../support/until';
import { say } from './asking';
import {
  ada,
  type Bench,
  bench,
  grace,
  intent,
  rule,
  sleep,
  type ToyContext,
  type ToyStep,
  toyWorkflow,
} from './bench';

const done: ToyStep = { kind: 'end', outcome: 'published' };
const planned: ToyStep = { kind: 'to', stage: 'work', plan: { value: { version: '1.0.0' }, hash: 'hash-1' } };
const ask: ToyStep = { kind: 'ask', rule, ttlMs: minutes(60), channel: 'Image Factory / approvals' };

describe('the engine', () => {
  let opened: Bench | undefined;
  const open = async (...args: Parameters<typeof bench>): Promise<Bench> => {
    opened = await bench(...args);
    return opened;
  };
  afterEach(() => opened?.close());

  it('takes a run through its stages, and the audit tells them in order', async () => {
    const b = await open(
      toyWorkflow({ plan: () => planned, work: () => to('last', { result: 42, gone: undefined }), last: () => done }),
    );
    const { id } = await b.start();

    b.replica();
    const run = await b.until(id, (r) => r.outcome !== null);

    expect(run).toMatchObject({ outcome: 'published', planHash: 'hash-1', data: { result: 42 }, tries: 0, version: 3 });
    const audit = await b.reads.audit();
    expect(audit.map((entry) => entry.action).reverse()).toEqual(['start', 'stage', 'stage', 'end']);
    expect(await b.reads.verifyAudit()).toEqual({ intact: true, entries: 4 });
  });

  it('looks again only when world time has come, and at once when it has', async () => {
    let read = 0;
    const b = await open(toyWorkflow({ work: () => (++read === 2 ? done : again(minutes(30))) }));
    const { id } = await b.start();
    b.replica();
    await b.until(id, (r) => r.version === 1);

    b.clock.advance(minutes(29));
    await sleep(100);
    expect(read).toBe(1);
    b.clock.advance(minutes(1));
    await b.until(id, (r) => r.outcome === 'published');

    expect(read).toBe(2);
  });

  it('asks one statement whether something is due, and begins a transaction only then', async () => {
    const b = await open(toyWorkflow({ work: () => again(minutes(30)) }));
    const { id } = await b.start();
    const [asked, begun] = [{ times: 0 }, { times: 0 }];
    const database: Bench['db']['database'] = {
      ...b.db.database,
      query: (...args) => {
        asked.times += 1;
        return b.db.database.query(...args);
      },
      transaction: (work) => {
        begun.times += 1;
        return b.db.database.transaction(work);
      },
    };
    b.replica({ database });
    const { version } = await b.until(id, (r) => r.version === 1);
    const [looks, steps] = [asked.times, begun.times];

    await until(() => asked.times + begun.times >= looks + steps + 5);

    expect({ version, begun: begun.times - steps }).toEqual({ version: 1, begun: 0 });
  });

  it('lets many replicas work at once and takes each step of each run once', async () => {
    const taken = new Map<string, number>();
    const stage = async ({ run }: ToyContext): Promise<ToyStep> => {
      const key = `${run.id} ${run.version}`;
      taken.set(key, (taken.get(key) ?? 0) + 1);
      await sleep(5);
      return run.version < 4 ? again(0) : done;
    };
    const b = await open(toyWorkflow({ work: stage }));
    const runs = await Promise.all(Array.from({ length: 20 }, (_, i) => b.start(`image-${i}`)));

    for (let i = 0; i < 4; i++) b.replica();
    for (const run of runs) await b.until(run.id, (r) => r.outcome === 'published');

    expect(taken.size).toBe(100);
    expect([...taken.values()].filter((n) => n > 1)).toEqual([]);
  });

  it('does not lose a signal that comes while the step is under way', async () => {
    const inboxes: string[][] = [];
    let release = (): void => {};
    const inFlight = new Promise<void>((resolve) => {
      release = resolve;
    });
    const work = async ({ inbox }: ToyContext): Promise<ToyStep> => {
      inboxes.push(inbox.map((s) => s.kind));
      if (inbox.length > 0) return { kind: 'end', outcome: 'cancelled' };
      await inFlight;
      return again(minutes(60));
    };
    const b = await open(toyWorkflow({ work }));
    const { id } = await b.start();
    b.replica();
    await b.until(id, (r) => r.tries === 1);

    await b.control.signal({ request: id, kind: 'cancel', person: ada, intent: intent() });
    release();
    const run = await b.until(id, (r) => r.outcome !== null);

    expect(run.outcome).toBe('cancelled');
    expect(inboxes).toEqual([[], ['cancel']]);
  });

  it('does not move on to a stage that would drop an accepted cancel, but looks again with it', async () => {
    let release = (): void => {};
    const inFlight = new Promise<void>((resolve) => {
      release = resolve;
    });
    const work = async ({ inbox }: ToyContext): Promise<ToyStep> => {
      if (inbox.some((s) => s.kind === 'cancel')) return { kind: 'end', outcome: 'cancelled' };
      await inFlight;
      return to('publish');
    };
    const b = await open(toyWorkflow({ work, publish: () => done }, { publish: [] }));
    const { id } = await b.start();
    b.replica();
    await b.until(id, (r) => r.tries === 1);

    await b.control.signal({ request: id, kind: 'cancel', person: ada, intent: intent() });
    release();

    expect((await b.until(id, (r) => r.outcome !== null)).outcome).toBe('cancelled');
  });

  it('counts a rejection that comes while the request is found wanting, and asks nobody anew', async () => {
    let release = (): void => {};
    const inFlight = new Promise<void>((resolve) => {
      release = resolve;
    });
    const work = async ({ approval }: ToyContext): Promise<ToyStep> => {
      if (approval?.status === 'rejected') return { kind: 'end', outcome: 'failed' };
      if (!approval) return ask;
      await inFlight;
      return { ...ask, voids: { why: 'unbound' } } as ToyStep;
    };
    const b = await open(toyWorkflow({ plan: () => planned, work }));
    const { id } = await b.start();
    b.replica();
    await b.until(id, (r) => r.stage === 'work' && r.version >= 2);
    const [request] = await b.reads.approvalsOfRun(id);
    await b.db.database.query('update run set due_at = created_at where id = $1', [id]);
    await b.until(id, (r) => r.tries === 1);

    await b.control.decide(say(request?.id ?? id, grace, { verdict: 'reject', reason: 'no' }));
    release();

    expect((await b.until(id, (r) => r.outcome !== null)).outcome).toBe('failed');
    expect((await b.reads.approvalsOfRun(id)).map(({ status }) => status)).toEqual(['rejected']);
  });

  it('asks, waits, and goes on at once when somebody approved', async () => {
    const work = ({ approval }: ToyContext): ToyStep => (approval?.status === 'approved' ? done : ask);
    const b = await open(toyWorkflow({ plan: () => planned, work }));
    const { id } = await b.start();
    b.replica();
    await b.until(id, (r) => r.version === 2);

    const [approval] = await b.reads.approvalsPending(b.clock.now());
    const result = await b.control.decide({
      request: id,
      person: grace,
      verdict: 'approve',
      via: 'text',
      intent: intent(),
    });
    await b.until(id, (r) => r.outcome === 'published');

    expect(approval).toMatchObject({ runId: id, planHash: 'hash-1', status: 'pending' });
    expect(result).toMatchObject({ outcome: 'approved', by: [grace] });
    expect(await b.db.database.query(`select conversation_name, kind from card`)).toEqual([
      { conversation_name: 'Image Factory / approvals', kind: 'approval' },
    ]);
  });

  it('lets an approval expire when world time jumps over its end', async () => {
    const work = ({ approval }: ToyContext): ToyStep =>
      approval?.status === 'expired' ? { kind: 'end', outcome: 'expired' } : ask;
    const b = await open(toyWorkflow({ plan: () => planned, work }));
    const { id } = await b.start();
    b.replica();
    await b.until(id, (r) => r.version === 2);

    b.clock.advance(minutes(61));

    expect((await b.until(id, (r) => r.outcome !== null)).outcome).toBe('expired');
    expect((await b.reads.approvalsOfRun(id)).map((a) => a.status)).toEqual(['expired']);
  });

  it('voids the pending approval when the plan changes', async () => {
    const work = ({ approval, run }: ToyContext): ToyStep => {
      if (run.planHash === 'hash-2') return done;
      return approval ? { kind: 'to', stage: 'work', plan: { value: {}, hash: 'hash-2' } } : ask;
    };
    const b = await open(toyWorkflow({ plan: () => planned, work }));
    const { id } = await b.start();
    b.replica();
    await b.until(id, (r) => r.version === 2);

    b.clock.advance(minutes(60) - 1);
    await b.db.database.query('update run set due_at = $1', [b.clock.now()]);
    await b.until(id, (r) => r.outcome !== null);

    expect((await b.reads.approvalsOfRun(id)).map((a) => a.status)).toEqual(['void']);
  });

  it('leaves runs alone whose stages it does not know', async () => {
    const b = await open(toyWorkflow({ work: () => done }));
    const { id } = await b.start();
    b.replica({ workflows: [toyWorkflow({ other: () => done })] });
    await sleep(150);
    expect((await b.reads.run(id))?.tries).toBe(0);

    b.replica();

    expect((await b.until(id, (r) => r.outcome !== null)).outcome).toBe('published');
  });

  it('stores what PostgreSQL would refuse in a build log', async () => {
    const b = await open(toyWorkflow({ work: () => to('last', { tail: 'a\u0000b\ud800c' }), last: () => done }));
    const { id } = await b.start();
    b.replica();

    expect((await b.until(id, (r) => r.outcome !== null)).data).toEqual({ tail: 'a\ufffdb\ufffdc' });
  });

  it('ends its steps before it stops', async () => {
    const work = async (): Promise<ToyStep> => {
      await sleep(100);
      return done;
    };
    const b = await open(toyWorkflow({ work }));
    const { id } = await b.start();
    const replica = b.replica();
    await b.until(id, (r) => r.tries === 1);

    await replica.drain();

    expect((await b.reads.run(id))?.outcome).toBe('published');
  });
});
