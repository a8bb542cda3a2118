import { UserError } from '../../core/errors';
import { minutes } from '../../core/time';
import type { Late } from '../../workflows/engine';
import { ada, type Bench, bench, intent, type ToyContext, type ToyStep, toyWorkflow } from './bench';

/** Each stage here may wait for an hour. */
describe('the limit of a stage', () => {
  let opened: Bench | undefined;
  afterEach(() => opened?.close());

  const limit = (past: (late: Late) => ToyStep | undefined, more = {}) => ({
    waitsFor: 'Azure',
    ms: minutes(60),
    afterwards: 'It ends.',
    past: async (_: ToyContext, late: Late) => past(late),
    ...more,
  });
  const failed = ({ error = 'it only waited' }: Late): ToyStep => ({ kind: 'end', outcome: 'failed', data: { error } });
  const waiting = ({ run }: Pick<ToyContext, 'run'>): ToyStep => {
    return { kind: 'again', ms: minutes(10), data: { steps: Number(run.data['steps'] ?? 0) + 1 } };
  };

  async function open(...args: Parameters<typeof toyWorkflow>): Promise<Bench & { run: { id: `R-${string}` } }> {
    opened = await bench(toyWorkflow(...args));
    opened.replica({ settings: { backOffMs: 1 } });
    const run = await opened.start();
    return { ...opened, run };
  }

  it('ends a wait that is longer, not one that is as long, and what its last step did is kept', async () => {
    const b = await open({ work: waiting }, {}, limit(failed));
    const first = await b.until(b.run.id, (r) => r.version > 0);
    b.clock.advance(minutes(60));
    const before = await b.until(b.run.id, (r) => r.version > first.version);
    b.clock.advance(minutes(10));
    const after = await b.until(b.run.id, (r) => r.outcome !== null);

    expect(before.outcome).toBeNull();
    expect(after.data).toEqual({ error: 'it only waited', steps: 3 });
  });

  it('ends a stage that only fails, with the reason of its last try', async () => {
    const locked = () => {
      throw new UserError('AZ_CONFLICT', 'Somebody locked it.', { hint: 'Unlock it.' });
    };
    const b = await open({ work: locked }, {}, limit(failed));
    const trying = await b.until(b.run.id, (r) => r.tries > 1);
    b.clock.advance(minutes(60) + 1);
    const after = await b.until(b.run.id, (r) => r.outcome !== null);

    expect(trying).toMatchObject({ outcome: null, failingSince: trying.inStage?.since });
    expect(after.data).toEqual({ error: 'Somebody locked it.' });
  });

  it('counts from the first step in the stage: time in which no replica ran is nobody’s fault', async () => {
    opened = await bench(toyWorkflow({ work: waiting }, {}, limit(failed)));
    const { id } = await opened.start();
    opened.clock.advance(minutes(600));
    opened.replica();
    expect((await opened.until(id, (r) => r.version > 0)).outcome).toBeNull();
  });

  it('begins anew with each stage', async () => {
    const one = (context: ToyContext): ToyStep =>
      context.run.version === 0 ? waiting(context) : { kind: 'to', stage: 'two' };
    const b = await open({ one, two: waiting }, {}, limit(failed));
    await b.until(b.run.id, (r) => r.version > 0);
    b.clock.advance(minutes(50));
    await b.until(b.run.id, (r) => r.stage === 'two' && r.version === 3);
    b.clock.advance(minutes(60));
    const before = await b.until(b.run.id, (r) => r.version > 3);
    expect(before.outcome).toBeNull();
  });

  it('says nothing about a replica that has lost its lease', async () => {
    let lost = false;
    const work = (context: ToyContext): ToyStep => {
      if (!lost) return waiting(context);
      lost = false;
      throw new UserError('FENCED', 'This replica no longer holds the run.', { hint: 'Nothing is to be done.' });
    };
    const b = await open({ work }, {}, limit(failed));
    await b.until(b.run.id, (r) => r.version > 0);
    lost = true;
    b.clock.advance(minutes(61));
    expect((await b.until(b.run.id, (r) => r.outcome !== null)).data).toMatchObject({ error: 'it only waited' });
  });

  it('lets a wait go on that has a limit of its own', async () => {
    const b = await open(
      { work: waiting },
      {},
      limit(() => undefined),
    );
    const { version } = await b.until(b.run.id, (r) => r.version > 0);
    b.clock.advance(minutes(120));
    expect((await b.until(b.run.id, (r) => r.version > version)).outcome).toBeNull();
  });

  it('adds what the plan of the run allows, and counts from where the stage says', async () => {
    const since = () => new Date(Date.UTC(2026, 10, 23, 8));
    const b = await open(
      { work: waiting },
      {},
      limit(failed, { since, plus: { what: 'more', ms: () => minutes(30) } }),
    );
    // It is 9:00: half an hour is left.
    const { version } = await b.until(b.run.id, (r) => r.version > 0);
    b.clock.advance(minutes(30));
    const before = await b.until(b.run.id, (r) => r.version > version);
    b.clock.advance(minutes(10));
    expect([before.outcome, (await b.until(b.run.id, (r) => r.outcome !== null)).outcome]).toEqual([null, 'failed']);
  });

  it('does not count against a click that the step has heard', async () => {
    const work = ({ inbox, run }: ToyContext): ToyStep =>
      inbox.length > 0 ? { kind: 'end', outcome: 'cancelled' } : waiting({ run });
    const b = await open(
      { work },
      {},
      limit(() => undefined),
    );
    await b.until(b.run.id, (r) => r.version > 0);
    b.clock.advance(minutes(61));
    await b.control.signal({ request: b.run.id, kind: 'cancel', person: ada, intent: intent() });
    expect((await b.until(b.run.id, (r) => r.outcome !== null)).outcome).toBe('cancelled');
  });

  it('is not for a stage of one step: to wait there is a bug', async () => {
    const b = await open({ work: waiting }, {}, 'at once');
    const { lastError } = await b.until(b.run.id, (r) => r.lastError !== null);
    expect(lastError).toBe('Error: the stage work waits, and has no limit');
  });
});
