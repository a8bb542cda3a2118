import { presentRuns } from '../../dialogs/present';
import { createReads } from '../../store/reads';
import { type TestDatabase, testDatabase } from './database';
import { aRun, day, emptyTables } from './rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterEach(() => emptyTables(db.database));
afterAll(() => db.close());

const everything = { images: 'all', teams: 'all', person: 'ada' } as const;
const ids = ({ runs }: { readonly runs: readonly { readonly id: string }[] }) => runs.map(({ id }) => id);
const seen = (sight: Parameters<ReturnType<typeof createReads>['openSeen']>[0], limit = 15) =>
  createReads(db.database).openSeen(sight, { limit });
const hasPart = (run: string, oid: string) =>
  db.database.query(`insert into run_actor (run_id, oid, name, did, at) values ($1, $2, 'Ada', 'requested', $3)`, [
    ...[run, oid, day(1)],
  ]);

describe('what is open', () => {
  it('is read as far as it is shown, newest first, with how many there are', async () => {
    const all: string[] = [];
    for (let n = 0; n < 5; n += 1) all.push(await aRun(db.database, { subject: `s${n}`, now: day(n + 1) }));
    await aRun(db.database, { subject: 'over' }, { ended_at: day(2), outcome: 'published' });
    await aRun(db.database, { kind: 'digest', subject: 'payments' });

    const open = await seen(everything, 2);
    const card = presentRuns(open.runs, { title: 'In progress', none: 'Nothing', now: day(9), of: open });
    expect(card.text).toContain('The newest 2 of 5.');
    expect(card.text).toContain('5 runs are in progress');
    expect(open).toMatchObject({ total: 5, asking: 0, ending: 0 });
    expect(ids(open)).toEqual([all[4], all[3]]);
    expect(await seen({ ...everything, images: [] })).toEqual({ runs: [], total: 0, asking: 0, ending: 0 });
  });

  it('is what somebody may look at: by image, by team, or having a part in it', async () => {
    const ubuntu = await aRun(db.database, { subject: 'ubuntu-22', now: day(1) });
    await aRun(db.database, { subject: 'windows', now: day(2) });
    const change = (subject: string, n: number, team: string | null) =>
      aRun(db.database, { kind: 'change', subject, now: day(n), plan: { verb: 'exempt', target: subject, team } });
    const payments = await change('exempt:a', 3, 'payments');
    const storefront = await change('exempt:b', 4, 'storefront');
    const nobodys = await change('exempt:c', 5, null);
    const sees = async (teams: 'all' | readonly string[], images: 'all' | readonly string[] = ['ubuntu-22']) =>
      ids(await seen({ images, teams, person: 'ada' }));

    expect(await sees(['payments'])).toEqual([payments, ubuntu]);
    expect(await sees('all', [])).toEqual([nobodys, storefront, payments]);
    await hasPart(storefront, 'ada');
    expect(await sees(['payments'], [])).toEqual([storefront, payments]);
  });

  it('is found by the beginnings of its words, and what waits for somebody by its people', async () => {
    const mine = await aRun(db.database, { subject: 'ubuntu-22', stage: 'repair' });
    const others = await aRun(db.database, { subject: 'ubuntu-24', stage: 'repair' });
    await aRun(db.database, { subject: 'windows' });
    await hasPart(mine, 'ada');
    await hasPart(others, 'grace');
    const read = createReads(db.database);

    expect(ids(await read.openSeen(everything, { limit: 9, words: ['ubuntu', 'publ'] })).sort()).toEqual(
      [mine, others].sort(),
    );
    expect(ids(await read.openSeen(everything, { limit: 9, words: ['ubuntu_22'] }))).toEqual([]);
    const repairs = await read.openSeen(everything, { limit: 9, toRepair: true });
    expect([ids(repairs), repairs.total]).toEqual([[mine], 3]);
  });

  it('counts what waits for somebody as the card would count its lines, however a run stands', async () => {
    const endings = [undefined, { outcome: 'cancelled', how: 'cancelled' }, { outcome: 'failed', how: 'refused' }];
    const fixed = { version: '1.2.3', recipe: { os: 'linux' } };
    let n = 0;
    for (const kind of ['publish', 'change'] as const) {
      for (const stage of ['plan', 'approve', 'repair', 'hold', 'track', 'cleanup']) {
        for (const ending of endings) {
          for (const tries of [0, 5]) {
            n += 1;
            const plan = kind === 'publish' ? { fixed } : { verb: 'exempt', target: 'vm', team: 'payments' };
            const data = JSON.stringify({ ...(ending && { ending: { ...ending, why: 'so' } }) });
            await aRun(db.database, { kind, subject: `${kind}:${n}`, stage, plan }, { tries, data });
            const open = await seen(everything, 100);
            const list = { title: 'In progress', none: 'Nothing', now: day(9) };
            const [counted, drawn] = [{ of: open }, {}].map((of) => presentRuns(open.runs, { ...list, ...of }).text);
            expect([kind, stage, ending, tries, counted]).toEqual([kind, stage, ending, tries, drawn]);
          }
        }
      }
    }
  });

  it('is asked for by what it is about', async () => {
    const publish = await aRun(db.database, { subject: 'ubuntu-22' });
    const change = (subject: string, plan: object) => aRun(db.database, { kind: 'change', subject, plan });
    const trial = await change('try', { verb: 'try' });
    const rollback = await change('rollback:windows', { verb: 'rollback', image: 'windows' });
    const read = createReads(db.database);

    expect(ids({ runs: await read.openPublishes() })).toEqual([publish]);
    expect(ids({ runs: await read.openChanges({ verb: 'try' }) })).toEqual([trial]);
    expect(ids({ runs: await read.openChanges({ subject: 'rollback:windows' }) })).toEqual([rollback]);
    expect([...(await read.openSubjects())].sort()).toEqual(['try', 'ubuntu-22', 'windows']);
  });
});
