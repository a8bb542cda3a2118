import type { RequestId } from '../../core/runs';
import { days } from '../../core/time';
import { runOf } from '../../dialogs/conversation';
import { type Closing, closePending, insertSignal, sweepOver, wantCard, writeDecision } from '../../store';
import { createReads } from '../../store/reads';
import { createRunControl } from '../../workflows/start';
import { type TestDatabase, testDatabase } from './database';
import { anApproval, aRun, day } from './rows';

const keepMs = days(400);
/** A day short of 400 after the 2nd, and a day more. */
const before = new Date(day(2).getTime() + keepMs - days(1));
const after = new Date(day(2).getTime() + keepMs + days(1));

describe('what is over for longer than goldbot keeps it', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
  });
  afterAll(() => db.close());

  const sweep = (now: Date) => sweepOver(db.database, { keepMs, now });
  const left = async (table: string, where: string) =>
    (await db.database.query<{ n: number }>(`select count(*)::int as n from ${table} where ${where}`))[0]?.n;

  /** A run that asked, was answered and ended on the 2nd; nothing when `how` is left open. */
  async function asked(how: 'approved' | 'rejected' | undefined, more: Parameters<typeof aRun>[1] = {}) {
    const run = await aRun(db.database, { ...more, subject: `image-${Math.random()}` });
    const request = await anApproval(db.database, run);
    const grace = { oid: 'oid-grace', name: 'Grace' };
    const said = { verdict: how === 'rejected' ? 'reject' : 'approve', reason: null, via: 'text', at: day(2), turn: 0 };
    await writeDecision(db.database, request, { ...grace, ...said } as never);
    await insertSignal(db.database, run, {
      kind: 'decided',
      by: grace,
      body: { approval: request },
      at: day(2),
    } as never);
    for (const topic of [
      `run:${run}`,
      `news:${run}:ended`,
      `approval:${request}`,
      `call:approval:${request}:20261102`,
    ]) {
      await wantCard(db.database, { topic, channel: '19:c', kind: topic.split(':')[0] ?? '' });
    }
    if (how === undefined) return { run, request };
    await closePending(db.database, run, { status: how as Closing['status'], at: day(2), by: 'Grace' });
    await db.database.query(`update run set ended_at = $2, outcome = 'failed' where id = $1`, [run, day(2)]);
    return { run, request };
  }

  const cards = ({ run, request }: { readonly run: RequestId; readonly request: RequestId }) =>
    left('card', `topic ~ '${run}|${request}'`);

  it('goes once it is old: messages, what was said, requests and decisions; the run stays, and says so', async () => {
    const one = await asked('rejected');
    await sweep(before);
    expect(await cards(one)).toBe(4);

    await sweep(after);

    expect(await cards(one)).toBe(0);
    expect(await left('approval', `id = '${one.request}'`)).toBe(0);
    expect(await left('decision', `approval_id = '${one.request}'`)).toBe(0);
    expect(await left('signal', `run_id = '${one.run}'`)).toBe(0);
    expect(await createReads(db.database).run(one.run)).toMatchObject({ clearedAt: after });
  });

  it('keeps what an open run asks and shows, however old', async () => {
    const one = await asked(undefined);
    await db.database.query(`update card set wanted_at = clock_timestamp() - interval '3 years' where topic ~ $1`, [
      `${one.run}|${one.request}`,
    ]);
    await sweep(after);

    expect(await cards(one)).toBe(4);
    expect(await left('signal', `run_id = '${one.run}'`)).toBe(1);
    expect(await left('approval', `id = '${one.request}'`)).toBe(1);
  });

  it('keeps who approved a version, and not who approved a change', async () => {
    const [version, change] = [await asked('approved'), await asked('approved', { kind: 'change' })];
    await sweep(after);

    expect(await left('decision', `approval_id = '${version.request}'`)).toBe(1);
    expect(await left('decision', `approval_id = '${change.request}'`)).toBe(0);
  });

  it('deletes messages that are about no run by when something of them was last wanted', async () => {
    for (const [topic, age] of [
      ['checkpoint:1', '401 days'],
      ['checkpoint:2', '399 days'],
    ] as const) {
      await wantCard(db.database, { topic, channel: '19:audit', kind: 'checkpoint' });
      await db.database.query('update card set wanted_at = clock_timestamp() - $2::interval where topic = $1', [
        topic,
        age,
      ]);
    }
    await sweep(after);

    expect(await left('card', `topic in ('checkpoint:1', 'checkpoint:2')`)).toBe(1);
  });

  it('whoever asks for what is gone learns that it is in the audit, and not that it never was', async () => {
    const { request } = await asked('rejected');
    await sweep(after);

    await expect(runOf(request, createReads(db.database))).rejects.toThrow(
      `${request} is over for so long that only the audit still tells of it.`,
    );
    const control = createRunControl({ database: db.database, clock: { now: () => after } } as never);
    await expect(
      control.decide({
        request,
        person: { oid: 'oid-1', name: 'Ada' },
        verdict: 'approve',
        via: 'button',
        intent: 'i',
      } as never),
    ).rejects.toThrow('only the audit still tells of it');
    await expect(runOf('R-99999' as RequestId, createReads(db.database))).rejects.toThrow(
      'There is no request R-99999.',
    );
  });
});
