import { UserError } from '../../core/errors';
import type { Run } from '../../core/runs';
import { seconds } from '../../core/time';
import { wantCard } from '../../store';
import { interruptedOften } from '../../store/leases';
import { aRun } from '../store/rows';
import { until } from '../support/until';
import { type Bench, bench, type ToyContext, type ToyStep, toyWorkflow } from './bench';

/** One step that fails, on a run that has failed before: what it leaves. */
const errors: Readonly<Record<string, () => unknown>> = {
  silent: () => new UserError('AZ_SILENT', 'Azure is silent.', { hint: 'Wait.' }),
  throttled: () => new UserError('AZ_THROTTLED', 'Slow down.', { hint: 'Wait.', retryAfterMs: seconds(3_600) }),
  fenced: () => new UserError('FENCED', 'This replica no longer holds the run.', { hint: 'Nothing is to be done.' }),
  locked: () => new UserError('AZ_CONFLICT', 'There is a lock.', { hint: 'Ask its owner.', again: 'once fixed' }),
  bug: () => new RangeError(`x${'y'.repeat(600)}\nat step`),
  text: () => 'just a text',
};
const message = (what: string): string => {
  const error = errors[what]?.();
  return error instanceof Error ? error.message : String(error);
};

let b: Bench;
const inStep = new Map<string, (context: ToyContext) => Promise<unknown>>();
beforeAll(async () => {
  const work = async (context: ToyContext): Promise<ToyStep> => {
    await inStep.get(context.run.subject)?.(context);
    throw errors[context.run.subject.split(' ')[0] ?? '']?.();
  };
  b = await bench(toyWorkflow({ work }));
  b.replica({ settings: { backOffMs: seconds(600) } });
});
afterAll(() => b.close());

let n = 0;
/** A run that fails once with this error. */
async function failing(what: string, columns: Record<string, unknown> = {}): Promise<Run> {
  n += 1;
  const due = new Date(b.clock.now().getTime() - 1);
  const run = { subject: `${what} ${n}`, stages: ['work'], stage: 'work', now: due };
  const id = await aRun(b.db.database, { ...run, now: new Date(due.getTime() + 3_600_000) });
  await wantCard(b.db.database, { topic: `run:${id}`, conversationId: 'thread', kind: 'run' });
  const all = { ...columns, due_at: due };
  const set = Object.keys(all).map((column, i) => `${column} = $${i + 2}`);
  await b.db.database.query(`update run set ${set.join(', ')} where id = $1`, [id, ...Object.values(all)]);
  const left = await b.until(id, (r) => r.lastError !== null && r.lastError !== columns['last_error']);
  const given = async () =>
    (await b.db.database.query('select 1 from run where id = $1 and leased_until is null', [id])).length;
  await until(async () => (await given()) > 0);
  return left;
}
const drawn = async ({ id }: Run) =>
  (await b.db.database.query(`select wanted > 1 as drawn from card where topic = $1`, [`run:${id}`]))[0]?.['drawn'];
const looks = async ({ id }: Run) =>
  (await b.reads.audit()).filter(({ action, request }) => action === 'needs-a-look' && request === id);
/** Seconds of machine time until it is tried again, to the nearest ten. */
const isLeased = async ({ id }: Run) => {
  const open = 'select from run where id = $1 and leased_until > clock_timestamp()';
  return (await b.db.database.query(open, [id])).length > 0;
};

const nextTick = () => new Promise((done) => setTimeout(done, 5));

const rests = async ({ id }: Run) => {
  const rest = 'round(extract(epoch from not_before - clock_timestamp()) / 10)::int * 10 as s';
  const [row] = await b.db.database.query<{ s: number | null }>(`select ${rest} from run where id = $1`, [id]);
  return row?.s;
};

it.each([
  ['the first time', 'silent', 0, { tries: 1, looks: 0, rests: 600 }],
  ['the fourth time', 'silent', 3, { tries: 4, looks: 0, rests: 600 }],
  ['the fifth time: somebody must look', 'silent', 4, { tries: 5, looks: 1, rests: 600 }],
  ['the sixth time: that has been said', 'silent', 5, { tries: 6, looks: 0, rests: 600 }],
  ['because Azure asks to wait, which is no failure', 'throttled', 3, { tries: 3, looks: 0, rests: 3_600 }],
  ['because Azure asks to wait, after four failures', 'throttled', 4, { tries: 4, looks: 0, rests: 3_600 }],
  ['because its lease was lost, which says nothing about the run', 'fenced', 4, { tries: 4, looks: 0, rests: 600 }],
])('a step that fails %s', async (_, what, tries, left) => {
  const run = await failing(what, { tries });

  expect([run.tries, (await looks(run)).length, await rests(run)]).toEqual([left.tries, left.looks, left.rests]);
  expect(run.failingSince).toEqual(what === 'fenced' ? null : b.clock.now());
});

it.each([
  ['the fourth failure', 3, null, undefined, false],
  ['the fifth failure', 4, null, undefined, true],
  ['the fifth failure, the same as before', 4, message('silent'), undefined, true],
  ['a later failure, the same as before', 6, message('silent'), undefined, false],
  ['a later failure, another than before', 6, 'Something else.', undefined, true],
])('%s changes the cards, or not', async (_, tries, lastError, __, seen) => {
  // The same words as before: what tells that the step is over is the number of tries.
  n += 1;
  const run = { subject: `silent ${n}`, stages: ['work'], stage: 'work', now: b.clock.now() };
  const id = await aRun(b.db.database, { ...run, now: new Date(b.clock.now().getTime() + 3_600_000) });
  await wantCard(b.db.database, { topic: `run:${id}`, conversationId: 'thread', kind: 'run' });
  await b.db.database.query('update run set tries = $2, last_error = $3, due_at = $4 where id = $1', [
    id,
    tries,
    lastError,
    b.clock.now(),
  ]);
  const after = await b.until(id, (r) => r.failingSince !== null);

  expect([after.tries, await drawn(after)]).toEqual([tries + 1, seen]);
});

it('the audit tells who must look which stage failed, how often and why', async () => {
  const run = await failing('silent', { tries: 4 });

  expect(await looks(run)).toMatchObject([
    {
      subject: run.subject,
      runId: run.id,
      who: { name: 'goldbot' },
      detail: { stage: 'work', tries: 5, error: 'Azure is silent.' },
    },
  ]);
});

it.each([
  ['silent', 'Azure is silent.'],
  ['locked', 'There is a lock. Ask its owner.'],
  ['bug', `RangeError: x${'y'.repeat(487)}`],
  ['text', 'Error: just a text'],
])('what people read of an error: %s', async (what, words) => {
  expect((await failing(what)).lastError).toBe(words);
});

it.each([
  ['our own back-off does not count', 'silent', 2, { tries: 1, rests: 600 }],
  ['what Azure asks for does', 'throttled', 1, { tries: 0, rests: 3_600 }],
])('a step that fails while somebody says something is taken again at once: %s', async (_, what, steps, left) => {
  let taken = 0;
  inStep.set(`${what} ${n + 1}`, async ({ run }) => {
    taken += 1;
    if (taken === 1) await b.db.database.query('update run set signal_seq = signal_seq + 1 where id = $1', [run.id]);
  });
  const { id } = await failing(what, { tries: 3 });
  const run = await b.until(id, (r) => taken === steps && r.tries === left.tries);
  // The claim counts the try already; what is to be seen is what the failure leaves.
  while (await isLeased(run)) await nextTick();

  expect(await rests(run)).toBe(left.rests);
});

it('over which five replicas died, it is taken again at once, and the cards say nothing of it', async () => {
  let before: unknown;
  inStep.set(`silent ${n + 1}`, async ({ run }) => {
    const [row] = await b.db.database.query<{ why: string }>('select last_error as why from run where id = $1', [
      run.id,
    ]);
    before = [await drawn(run as unknown as Run), row?.why];
  });
  const run = await failing('silent', { tries: 4, leased_until: new Date(0), last_error: 'x' });

  expect(before).toEqual([false, 'The replica that was working on this stopped in mid-step.']);
  expect(run.tries).toBe(5);
});

it('over which six replicas died, it rests for as long as a lease, and the cards say so', async () => {
  let taken = false;
  inStep.set(`silent ${n + 1}`, async () => {
    taken = true;
  });
  const run = await failing('silent', { tries: 5, leased_until: new Date(0), last_error: 'x' });

  expect([taken, await drawn(run), run.tries, run.lastError]).toEqual([false, true, 5, interruptedOften]);
  expect(interruptedOften).toContain('stopped in mid-step');
});
