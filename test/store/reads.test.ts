import {
  claimBase,
  claimLeftover,
  closePending,
  keepLeftovers,
  type NewLeftover,
  noteBases,
  writeBase,
  writeLook,
} from '../../store';
import { createReads } from '../../store/reads';
import { type TestDatabase, testDatabase } from './database';
import { anApproval, aRun, day, emptyTables } from './rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(() => emptyTables(db.database));
afterAll(() => db.close());

const reads = () => createReads(db.database);
const me = { owner: 'me', leaseMs: 60_000 };
const ids = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id);

describe('the runs that people see', () => {
  const ended = (n: number, outcome: string) => ({ ended_at: day(n), outcome });

  it('are without digests: the open ones oldest first, all newest first', async () => {
    const published = await aRun(db.database, { subject: 'a', now: day(1) }, ended(2, 'published'));
    const failed = await aRun(db.database, { subject: 'a', now: day(2) }, ended(3, 'failed'));
    const done = await aRun(db.database, { subject: 'd', kind: 'change', now: day(3) }, ended(4, 'done'));
    const b = await aRun(db.database, { subject: 'b', now: day(4) });
    const a = await aRun(db.database, { subject: 'a', now: day(5) });
    await aRun(db.database, { subject: 'x', kind: 'digest', now: day(6) });
    await aRun(db.database, { subject: 'y', kind: 'digest', now: day(6) }, ended(6, 'failed'));

    expect(ids(await reads().openRuns())).toEqual([b, a]);
    expect(ids(await reads().runs({}))).toEqual([a, b, done, failed, published]);
    expect(ids(await reads().runs({ image: 'a' }))).toEqual([a, failed, published]);
    expect(ids(await reads().runs({ failed: true }))).toEqual([failed]);
    expect(ids(await reads().runs({ failed: false, limit: 2 }))).toEqual([a, b]);
    expect((await reads().openRun('a'))?.id).toBe(a);
    expect(await reads().openRun('d')).toBeUndefined();
    const some = await reads().runsOf([b, published, 'R-99999' as never]);
    expect([...some].map(([id, run]) => `${id} ${run.subject}`).sort()).toEqual([`${b} b`, `${published} a`].sort());
  });

  it('are twenty unless more are asked for', async () => {
    for (let n = 0; n < 21; n += 1) await aRun(db.database, { subject: `s${n}`, now: day(1, `09:${10 + n}`) });

    expect(await reads().runs({})).toHaveLength(20);
    expect(await reads().runs({ limit: 30 })).toHaveLength(21);
  });

  it('are found by their requests, which expire by the clock and not by their rows', async () => {
    const [run, other] = [await aRun(db.database), await aRun(db.database, { subject: 'other' })];
    const first = await anApproval(db.database, run);
    await closePending(db.database, run, { status: 'expired', at: day(3), by: 'goldbot' });
    const [second, elsewhere] = [await anApproval(db.database, run), await anApproval(db.database, other)];
    await db.database.query('update approval set asked_at = $2 where id = $1', [elsewhere, day(1)]);
    const pending = async (time: string) => ids(await reads().approvalsPending(day(5, time)));

    expect(await pending('08:59')).toEqual([elsewhere, second]);
    expect(await pending('09:00')).toEqual([]);
    expect(ids(await reads().approvalsOfRun(run))).toEqual([second, first]);
    expect((await reads().runOfApproval(first))?.id).toBe(run);
    expect(await reads().runOfApproval('R-99999' as never)).toBeUndefined();
    expect((await reads().approval(first))?.status).toBe('expired');
  });
});

describe('earlier rejections', () => {
  /** Requests of one run after another, in the order in which they were asked. */
  const asked = async (...all: readonly [subject: string, status: string, kind?: string][]) => {
    const made: string[] = [];
    for (const [subject, status, kind = 'publish'] of all) {
      const run = await aRun(db.database, { subject, kind: kind as never });
      const id = await anApproval(db.database, run);
      if (status !== 'pending')
        await closePending(db.database, run, { status: status as never, at: day(3), by: 'Grace' });
      await db.database.query('update run set ended_at = $1', [day(3)]);
      made.push(id);
    }
    const told = ids(await reads().rejectedBefore(made.at(-1) as never));
    return told.map((id) => made.indexOf(id));
  };

  it.each([
    [
      'the newest first',
      [
        ['a', 'rejected'],
        ['a', 'rejected'],
        ['a', 'pending'],
      ],
      [1, 0],
    ],
    [
      'three at most',
      [
        ['a', 'rejected'],
        ['a', 'rejected'],
        ['a', 'rejected'],
        ['a', 'rejected'],
        ['a', 'pending'],
      ],
      [3, 2, 1],
    ],
    [
      'back to the last approval',
      [
        ['a', 'rejected'],
        ['a', 'approved'],
        ['a', 'rejected'],
        ['a', 'pending'],
      ],
      [2],
    ],
    [
      'over what expired or was withdrawn',
      [
        ['a', 'rejected'],
        ['a', 'expired'],
        ['a', 'withdrawn'],
        ['a', 'pending'],
      ],
      [0],
    ],
    [
      'none of another image',
      [
        ['b', 'rejected'],
        ['a', 'pending'],
      ],
      [],
    ],
    [
      'none of a change of the same name',
      [
        ['a', 'rejected', 'change'],
        ['a', 'pending'],
      ],
      [],
    ],
    [
      'whatever was approved of another image',
      [
        ['a', 'rejected'],
        ['b', 'approved'],
        ['a', 'pending'],
      ],
      [0],
    ],
    ['not itself', [['a', 'rejected']], []],
  ] as const)('are told: %s', async (_, all, told) => {
    expect(await asked(...(all as unknown as [string, string][]))).toEqual(told);
  });
});

it('how long an image takes is the median of the attempts that were published, up to the request', async () => {
  const took = async (minutes: number, attempt: number, outcome: string, subject = 'ubuntu-22') => {
    const at = (stage: string, n: number, of = attempt) => ({
      stage,
      attempt: of,
      from: new Date(n * 60_000).toISOString(),
    });
    const times = [
      at('capture', -500, attempt - 1),
      at('capture', 0),
      at('approve', minutes),
      at('publish', minutes + 999),
    ];
    await aRun(db.database, { subject }, { ended_at: day(2), outcome, attempt, data: JSON.stringify({ times }) });
  };
  for (const [minutes, attempt] of [
    [10, 1],
    [30, 2],
    [90, 3],
  ] as const)
    await took(minutes, attempt, 'published');
  await took(1, 1, 'failed');
  await took(1, 1, 'published', 'windows-2022');

  expect(await reads().duration('ubuntu-22')).toBe(30 * 60_000);
  expect(await reads().duration('windows-2022')).toBe(60_000);
  expect(await reads().duration('nothing')).toBeUndefined();
});

it('what was waited is told of the runs of an image, newest first, then of others that noted it', async () => {
  const run = (subject: string, n: number, data: object, kind: 'publish' | 'change' = 'publish') =>
    aRun(
      db.database,
      { subject, kind, plan: { fixed: { recipe: { os: 'Linux' } } } as never, now: day(n) },
      { ended_at: day(n), outcome: 'published', data: JSON.stringify(data) },
    );
  await run('a', 1, { took: { build: 1 } });
  await run('b', 2, { took: { build: 2 } });
  await run('a', 3, { times: [] });
  await run('b', 4, {});
  await run('c', 5, { took: { build: 3 } }, 'change');
  await aRun(db.database, { subject: 'a', now: day(6) });

  expect(await reads().waited('a')).toEqual([
    { image: 'a', os: 'Linux', times: [] },
    { image: 'a', os: 'Linux', took: { build: 1 } },
    { image: 'b', os: 'Linux', took: { build: 2 } },
  ]);
});

it('keeps the newest record of a version, and only of what was tested', async () => {
  const tested = (version: string, source: string | null, n: number, subject = 'ubuntu-22', kind = 'publish') =>
    aRun(
      db.database,
      { subject, kind: kind as never, plan: { fixed: { version } }, now: day(n) },
      {
        ended_at: day(n),
        data: JSON.stringify(
          source === null ? { versionsTaken: [version] } : { tested: { source }, versionsTaken: [version, '9.9.9'] },
        ),
      },
    );
  await tested('1.6.0', 'old', 1);
  const newest = await tested('1.6.0', 'new', 2);
  const other = await tested('1.7.0', 'x', 1);
  await tested('1.8.0', null, 1);
  await tested('1.9.0', 'y', 1, 'windows-2022');

  expect(await reads().recordedVersions('ubuntu-22')).toEqual(
    new Map([
      ['1.6.0', { runId: newest, fingerprint: { source: 'new' } }],
      ['1.7.0', { runId: other, fingerprint: { source: 'x' } }],
    ]),
  );
  expect([...(await reads().versionsTaken('ubuntu-22'))].sort()).toEqual(['1.6.0', '1.7.0', '1.8.0', '9.9.9']);
});

describe('what a run left in Azure', () => {
  const left = (id: string, runId: string, more: Partial<NewLeftover> = {}) =>
    keepLeftovers(db.database, [
      {
        ...{
          id,
          kind: 'template',
          name: id,
          runId: runId as never,
          place: { at: id },
          since: day(2),
          answer: 'Conflict',
        },
        ...{ dueAt: day(3), ...more },
      },
    ]);
  const look = async (now: Date) => claimLeftover(db.database, now, me);

  it('is looked for once its run has ended and it is due, the longest due first', async () => {
    const [open, over] = [await aRun(db.database), await aRun(db.database, { subject: 'x' }, { ended_at: day(2) })];
    await left('/OPEN', open);
    await left('/B', over, { dueAt: day(4) });
    await left('/A', over);

    expect(await look(day(2))).toBeUndefined();
    expect(await look(day(9))).toMatchObject({
      id: '/a',
      place: { at: '/A' },
      looks: 0,
      lease: { of: 'leftover', id: '/a', token: 1 },
    });
    expect((await look(day(9)))?.id).toBe('/b');
    expect(await look(day(9))).toBeUndefined();
  });

  it('keeps its rhythm when it is left once more; what had gone and is there again begins anew', async () => {
    const run = await aRun(db.database, {}, { ended_at: day(2) });
    const one = async () => (await reads().leftovers({ gone: true }))[0];
    await left('/a', run);
    const lease = (await look(day(9)))?.lease;
    if (!lease) throw new Error('it is not due');
    expect(await writeLook(db.database, { ...lease, token: 0 }, { answer: 'x', dueAt: day(5), goneAt: null })).toBe(
      false,
    );
    expect(await writeLook(db.database, lease, { answer: 'Still there.', dueAt: day(5), goneAt: null })).toBe(true);
    await left('/A', run, { since: day(4), answer: 'other', dueAt: day(4) });
    expect(await one()).toMatchObject({ looks: 1, answer: 'Still there.', dueAt: day(5), since: day(2), goneAt: null });

    const again = (await look(day(9)))?.lease;
    if (again) await writeLook(db.database, again, { answer: 'Gone.', dueAt: day(6), goneAt: day(6) });
    expect(await look(day(9))).toBeUndefined();
    expect(await reads().leftovers()).toEqual([]);
    await left('/A', run, { since: day(7), answer: 'again', dueAt: day(7) });
    expect(await one()).toMatchObject({ looks: 0, answer: 'again', dueAt: day(7), since: day(7), goneAt: null });
  });

  it('is listed by run, the oldest first, with what has gone only when that is asked for', async () => {
    const [run, other] = [await aRun(db.database), await aRun(db.database, { subject: 'x' })];
    await left('/late', run, { since: day(4) });
    await left('/b', run, { since: day(3) });
    await left('/a', run, { since: day(3) });
    await left('/other', other, { since: day(5) });
    await db.database.query(`update leftover set gone_at = $1 where id = '/b'`, [day(6)]);

    expect(ids(await reads().leftovers())).toEqual(['/a', '/late', '/other']);
    expect(ids(await reads().leftovers({ runId: run }))).toEqual(['/a', '/late']);
    expect(ids(await reads().leftovers({ runId: run, gone: true }))).toEqual(['/a', '/b', '/late']);
  });
});

describe('what the marketplace says of a base', () => {
  it('is asked at once when it is new, later as it was told, and only among those that are used', async () => {
    await noteBases(db.database, ['b', 'a', 'unused'], day(3));
    await noteBases(db.database, ['a'], day(1));
    await db.database.query(`update base set due_at = $1 where id = 'a'`, [day(2)]);
    const claim = async (now: Date) => claimBase(db.database, ['a', 'b'], now, me);

    expect(await claim(day(1))).toBeUndefined();
    expect(await claim(day(3))).toEqual({ key: 'a', lease: { of: 'base', id: 'a', token: 1 } });
    expect((await claim(day(3)))?.key).toBe('b');
    expect(await claim(day(3))).toBeUndefined();
  });

  it('stays known while asking again fails, and what failed is told beside it', async () => {
    await noteBases(db.database, ['a', 'never'], day(1));
    const answered = async (answer: object, n: number) => {
      const base = await claimBase(db.database, ['a'], day(n), me);
      if (!base) throw new Error('it is not due');
      expect(await writeBase(db.database, { ...base.lease, token: 0 }, {}, day(9))).toBe(false);
      expect(await writeBase(db.database, base.lease, answer as never, day(n + 1))).toBe(true);
      return Object.fromEntries(await reads().bases());
    };

    expect(await answered({ failed: { code: 'X' } }, 1)).toEqual({ a: { failed: { code: 'X' } } });
    expect(await answered({ found: { version: '1' } }, 2)).toEqual({ a: { found: { version: '1' } } });
    const both = { found: { version: '1' }, failed: { code: 'Y' } };
    expect(await answered({ failed: { code: 'Y' } }, 3)).toEqual({ a: both });
  });
});

it('reads the audit of a time: its first day belongs to it, its last moment does not', async () => {
  const at = (seq: number) => new Date(day(1).getTime() + seq * 1_000);
  for (const seq of [1, 2, 3, 4]) {
    const entry = JSON.stringify({ at: at(seq), who: { name: 'x' } });
    await db.database.query(`insert into audit values ($1, $2, $3, '', '')`, [seq, at(seq), entry]);
  }
  const found = async (filter: object) => (await reads().audit(filter)).map(({ seq }) => seq);

  expect(await found({ since: at(2), until: at(4) })).toEqual([3, 2]);
  expect(await found({ until: at(1) })).toEqual([]);
  await db.database.query('delete from audit');
});

it('reads the audit a hundred entries at a time, and a broken one as broken', async () => {
  await db.database.query(
    `insert into audit select n, $1, jsonb_build_object('at', $2::text, 'who', jsonb_build_object('name', 'x'))::text, '', '' from generate_series(1, 101) n`,
    [day(1), day(1).toISOString()],
  );

  expect((await reads().audit()).map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, n) => 101 - n));
  expect(await reads().audit({ limit: 200 })).toHaveLength(101);
  expect(await reads().verifyAudit()).toMatchObject({ intact: false });
  await db.database.query('delete from audit');
});

it('knows the last reading of the tattoo of each machine that came to a verdict, of the machines asked about', async () => {
  const read = async (machineId: string, n: number, verdict?: string, verb = 'tattoo') => {
    const run = { kind: 'change', subject: `${verb}:${machineId.toLowerCase()}`, plan: { verb: 'tattoo', machineId } };
    const data = verdict ? { judgement: { verdict, sentence: 'So it is.', evidence: [] } } : {};
    await aRun(db.database, { ...run, now: day(n) } as never, {
      ended_at: day(n, '10:00'),
      data: JSON.stringify(data),
    });
  };
  await read('/vm/One', 1, 'verified');
  await read('/vm/One', 2, 'rebranded', 'verify');
  await read('/vm/One', 3);
  await read('/vm/Two', 1, 'upgraded in place');
  await read('/vm/Three', 1, 'verified');
  const open = { kind: 'change', subject: 'tattoo:/vm/one', plan: { verb: 'tattoo', machineId: '/vm/One' } };
  await aRun(db.database, { ...open, now: day(4) } as never);

  expect(await reads().readings(['/VM/ONE', '/vm/two', '/vm/four'])).toEqual([
    { machine: '/vm/one', at: day(2, '10:00'), verdict: 'rebranded' },
    { machine: '/vm/two', at: day(1, '10:00'), verdict: 'upgraded in place' },
  ]);
});
