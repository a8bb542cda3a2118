import { UserError } from '../../core/errors';
import { needsALookAfter } from '../../core/runs';
import { interruptedOften } from '../../store';
import { createSchedules } from '../../workflows/engine';
import { until } from '../support/until';
import { ada, type Bench, bench, intent, sleep, type ToyContext, type ToyStep, toyWorkflow } from './bench';

const done: ToyStep = { kind: 'end', outcome: 'published' };

describe('the patience of the engine', () => {
  let opened: Bench | undefined;
  const open = async (...args: Parameters<typeof bench>): Promise<Bench> => {
    opened = await bench(...args);
    return opened;
  };
  afterEach(() => opened?.close());

  it('never gives a run up: it says that it needs a look, and goes on when the trouble is over', async () => {
    let broken: UserError | undefined = new UserError('AZ_UNAVAILABLE', 'Azure answered 500.', { hint: 'Wait.' });
    const work = (): ToyStep => {
      if (broken) throw broken;
      return done;
    };
    const b = await open(toyWorkflow({ work }));
    const { id } = await b.start();
    b.replica({ settings: { backOffMs: 1 } });
    const troubled = await b.until(id, (r) => r.tries >= needsALookAfter && r.lastError !== null);
    broken = new UserError('AZ_CONFLICT', 'There is a lock.', { hint: 'Ask its owner.', again: 'once fixed' });
    const locked = await b.until(id, (r) => r.lastError !== troubled.lastError);
    broken = undefined;
    const run = await b.until(id, (r) => r.outcome !== null);

    expect(troubled.lastError).toBe('Azure answered 500.');
    expect(locked.lastError).toBe('There is a lock. Ask its owner.');
    expect(run).toMatchObject({ outcome: 'published', lastError: null, tries: 0 });
    expect((await b.reads.audit()).filter((e) => e.action === 'needs-a-look')).toHaveLength(1);
  });

  it('waits as long as Azure asked for, does not count that as a try, and still hears a click', async () => {
    const work = ({ inbox }: ToyContext): ToyStep => {
      if (inbox.length > 0) return { kind: 'end', outcome: 'cancelled' };
      throw new UserError('AZ_THROTTLED', 'Slow down.', { hint: 'Wait.', retryAfterMs: 3_600_000 });
    };
    const b = await open(toyWorkflow({ work }));
    const { id } = await b.start();
    b.replica();
    const throttled = await b.until(id, (r) => r.lastError !== null);

    await b.control.signal({ request: id, kind: 'cancel', person: ada, intent: intent() });

    expect(throttled.tries).toBe(0);
    expect((await b.until(id, (r) => r.outcome !== null)).outcome).toBe('cancelled');
  });

  it('goes on at once after a lost lease, however often replicas died over the run before', async () => {
    let fenced = true;
    const work = (): ToyStep => {
      if (!fenced) return done;
      fenced = false;
      throw new UserError('FENCED', 'This replica no longer holds the run.', { hint: 'Nothing is to be done.' });
    };
    const b = await open(toyWorkflow({ work }));
    const { id } = await b.start();
    await b.db.database.query('update run set tries = 20');
    b.replica({ settings: { backOffMs: 10 } });

    expect((await b.until(id, (r) => r.outcome !== null)).outcome).toBe('published');
  });

  it('waits after a failed step for as long as steps have failed in a row, however often replicas died over the run', async () => {
    let failed = 0;
    const work = (): ToyStep => {
      failed += 1;
      if (failed <= 3) throw new UserError('AZ_SILENT', 'Azure is silent.', { hint: 'Wait.' });
      return done;
    };
    const b = await open(toyWorkflow({ work }));
    const { id } = await b.start();
    // 2 ** 20 times the first wait is longer than the test.
    await b.db.database.query('update run set tries = 20');
    b.replica({ settings: { backOffMs: 10 } });

    expect(await b.until(id, (r) => r.outcome !== null)).toMatchObject({ outcome: 'published' });
    expect(failed).toBe(4);
  });

  it('gives a step up that hangs, and takes the run on', async () => {
    let first = true;
    const work = async (): Promise<ToyStep> => {
      if (!first) return done;
      first = false;
      return new Promise(() => {});
    };
    const b = await open(toyWorkflow({ work }));
    const { id } = await b.start();
    b.replica({ settings: { longestStepMs: 50 } });

    expect((await b.until(id, (r) => r.outcome !== null)).outcome).toBe('published');
  });

  it('says that a run needs a look over which every replica dies', async () => {
    const b = await open(toyWorkflow({ work: () => new Promise(() => {}) }));
    const { run } = await b.control.startOrJoin({
      kind: 'publish',
      subject: 'ubuntu-22',
      plan: {},
      person: ada,
      intent: intent(),
      card: { conversationId: 'thread' },
    });
    const { id } = run;
    b.replica({ settings: { leaseMs: 30, renewMs: 60_000, longestStepMs: 200 } });

    const dying = await b.until(id, (r) => r.tries > needsALookAfter && r.lastError === interruptedOften);

    expect(dying.lastError).toBe(
      'The replica that was working on this stopped in mid-step, several times in a row; goldbot waits longer before each new attempt.',
    );
    expect(await b.db.database.query('select wanted > shown + 1 as bumped from card')).toEqual([{ bumped: true }]);
  });

  it('lets a run rest that kills one replica after the other, longer each time, and hears a click at once', async () => {
    const frozen: (() => void)[] = [];
    const work = async ({ inbox }: ToyContext): Promise<ToyStep> => {
      if (inbox.length > 0) return { kind: 'end', outcome: 'cancelled' };
      await new Promise<void>((thaw) => frozen.push(thaw));
      return done;
    };
    const b = await open(toyWorkflow({ work }));
    const { id } = await b.start();
    b.replica({ settings: { leaseMs: 100_000, renewMs: 90_000, concurrency: 20 } });
    const die = async (attempts: number) => {
      await until(() => frozen.length >= attempts);
      await b.db.database.query(`update run set leased_until = clock_timestamp() - interval '1 second'`);
    };
    const rests = async (attempts: number): Promise<number> => {
      await die(attempts);
      for (;;) {
        const [row] = await b.db.database.query<{ s: number; why: string }>(
          `select round(extract(epoch from not_before - clock_timestamp()) / 10)::int * 10 as s, last_error as why
           from run where leased_until is null and not_before > clock_timestamp()`,
        );
        if (row?.why === interruptedOften) return row.s;
        await sleep(5);
      }
    };
    const goOn = () => b.db.database.query(`update run set not_before = '-infinity'`);
    for (let i = 1; i < needsALookAfter; i += 1) await die(i);
    const first = await rests(needsALookAfter);
    const attempts = frozen.length;
    await goOn();
    const second = await rests(needsALookAfter + 1);
    await b.control.signal({ request: id, kind: 'cancel', person: ada, intent: intent() });
    const heard = await b.until(id, (r) => r.outcome !== null);
    for (const thaw of frozen) thaw();

    expect([attempts, first, second]).toEqual([needsALookAfter, 100, 200]);
    expect(heard.outcome).toBe('cancelled');
  });

  it('tells operators which step of which run did not work out, and those who look at its card in a line', async () => {
    const told: [string, Record<string, unknown>][] = [];
    const log = (message: string, facts: Record<string, unknown>) => void told.push([message, facts]);
    const b = await open(toyWorkflow({ work: () => Promise.reject(new TypeError('no such field\n  at step')) }));
    const { id } = await b.start();
    b.replica({ log });
    expect((await b.until(id, (r) => r.lastError !== null)).lastError).toBe('TypeError: no such field');
    expect(told[0]).toMatchObject(['step did not work out', { run: id, stage: 'work', attempt: 1, tries: 1 }]);
  });

  it('does not leave a run in a stage that its kind does not have, whoever else has it, without a word', async () => {
    const b = await open(toyWorkflow({ work: () => done }));
    const { id } = await b.start();
    await b.db.database.query(`update run set stages = '{other}', stage = 'other'`);
    const other = { ...toyWorkflow({ other: () => done }), kind: 'change' as const };
    b.replica({ workflows: [toyWorkflow({ work: () => done }), other] });
    const { lastError } = await b.until(id, (r) => r.lastError !== null);
    expect(lastError).toBe('Error: no code for stage other of publish');
  });

  it('gives a step up that hangs, while it has its lease, and says after how long', async () => {
    const errors: unknown[] = [];
    const b = await open(toyWorkflow({ work: () => new Promise(() => {}) }));
    await b.start();
    b.replica({ settings: { longestStepMs: 100 }, log: (_, { error }) => void errors.push(error) });
    await until(() => errors.length > 0);
    expect(String(errors[0])).toBe('Error: the step was given up after 0.1 s');
  });

  it('survives work that breaks, and leaves it to whoever has the lease next', async () => {
    const told: [string, Record<string, unknown>][] = [];
    const b = await open(toyWorkflow({ work: () => done }));
    let claims = 0;
    const lease = { of: 'run', id: 'R-22222', token: 1 } as const;
    const claim = async () => {
      claims += 1;
      return claims === 1 ? { lease, work: () => Promise.reject(new Error('broken')) } : undefined;
    };
    b.replica({
      work: [{ name: 'toys', atOnce: 1, pollMs: 10, claim }],
      log: (m, facts) => void told.push([m, facts]),
    });
    await until(() => claims >= 3);
    expect(told).toEqual([
      ['a piece of work broke; its lease will end', { of: 'run', id: 'R-22222', error: new Error('broken') }],
    ]);
  });

  it('says once for how long schedules cannot be looked at, and looks on', async () => {
    const told: string[] = [];
    const b = await open(toyWorkflow({ work: () => done }));
    let looks = 0;
    const reconcile = async () => {
      looks += 1;
      if (looks < 4) throw new Error('the database is silent');
    };
    const about = () => ({ subject: 'toy' });
    const schedules = createSchedules({
      ...{ database: b.db.database, clock: b.clock, sleep, pollMs: 1, log: (message) => void told.push(message) },
      kinds: [{ kind: 'toy', reconcile, fire: () => Promise.reject(new Error('nothing is due')), about }],
    });
    schedules.start();
    await until(() => looks >= 4);
    await schedules.drain();
    expect(told).toEqual(['schedules cannot be looked at']);
  });
});
