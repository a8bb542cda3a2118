import { UserError } from '../../core/errors';
import { needsALookAfter } from '../../core/runs';
import { ada, type Bench, bench, intent, type ToyContext, type ToyStep, toyWorkflow } from './bench';

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

    const dying = await b.until(id, (r) => r.tries > needsALookAfter && r.lastError !== null);

    expect(dying.lastError).toBe('The replica that was working on this stopped in mid-step.');
    expect(await b.db.database.query('select wanted > shown + 1 as bumped from card')).toEqual([{ bumped: true }]);
  });
});
