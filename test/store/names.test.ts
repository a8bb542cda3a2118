import { forgetPerson } from '../../app/forget-person';
import type { AuditRecord } from '../../core/audit';
import { hours } from '../../core/time';
import { appendAudit, auditAlone, meet, noteLooked } from '../../store';
import { verifyAudit } from '../../store/audit';
import { namesApart } from '../../store/migrations/037-names-apart';
import { actors } from '../../store/migrations/039-actors';
import { createReads } from '../../store/reads';
import { type TestDatabase, testDatabase } from './database';
import { fillFiveYears, shareOf } from './five-years';
import { recordStatements } from './plans';

const at = new Date('2026-11-23T09:00:00Z');
const ada = { oid: '0b1ec700-0000-4000-8000-0000000000ad', name: 'Ada Lovelace' };
const grace = { oid: '0b1ec700-0000-4000-8000-00000000009c', name: 'Grace Hopper' };
const passedOn = (until: string): AuditRecord => ({
  ...{ at, who: ada, action: 'delegate', detail: { to: grace, image: null, until, before: null } },
});

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase({ audit: 'of any version' });
});
afterEach(() => db.close());

const texts = async () =>
  (await db.database.query<{ entry: string }>('select entry from audit order by seq')).map(({ entry }) => entry);
const shown = async (who?: string) => createReads(db.database).audit(who === undefined ? {} : { who });

describe('names in the audit', () => {
  it('stand apart from what is hashed, and are shown as they are now', async () => {
    await auditAlone(db.database, passedOn('2026-12-24'));
    expect((await texts()).join()).not.toMatch(/Ada|Grace/);
    expect(await shown()).toMatchObject([{ who: ada, at, detail: { to: grace, until: '2026-12-24' } }]);
    await meet(db.database, { oid: ada.oid, name: 'Ada King' }, new Date(at.getTime() + 1));
    expect(await shown('king')).toMatchObject([{ who: { oid: ada.oid, name: 'Ada King' } }]);
    expect(await shown('Lovelace')).toEqual([]);
    expect(await shown(ada.oid)).toHaveLength(1);
  });

  it('of goldbot itself are in what is hashed: it is nobody', async () => {
    await auditAlone(db.database, {
      at,
      who: { oid: null, name: 'goldbot' },
      action: 'forget',
      detail: { person: 'x', rows: 0, kept: 0 },
    });
    expect(await shown('goldbot')).toMatchObject([{ who: { oid: null, name: 'goldbot' } }]);
    expect((await texts())[0]).toContain('"name":"goldbot"');
  });

  it('are put apart for what earlier versions wrote, one of each person', async () => {
    const old = {
      action: 'lock',
      at: at.toISOString(),
      detail: {},
      request: null,
      runId: null,
      subject: 'x',
      who: ada,
    };
    const text = JSON.stringify({ ...old, who: { name: ada.name, oid: ada.oid } });
    for (const seq of [1, 2, 3])
      await db.database.query(`insert into audit values ($1, $2, $3, 'p', 'h')`, [seq, at, text]);
    await db.database.query('drop table forgotten, looked');
    await db.database.query(namesApart);
    expect(await db.database.query('select oid, name from person')).toEqual([ada]);
    expect(await shown('ada')).toHaveLength(3);
  });
});

it('says who it was and no more, so that the end of an entry is the actor; what earlier versions added is found as well', async () => {
  const withTenant = { ...ada, tenantId: 'contoso', application: 'x' };
  await auditAlone(db.database, { ...passedOn('2026-12-24'), who: withTenant });
  expect((await texts())[0]).toMatch(/"who":\{"name":"","oid":"[^"]*"\}\}$/);
  const rest = { action: 'lock', at: at.toISOString(), detail: {}, request: null, runId: null, subject: 'x' };
  const text = JSON.stringify({ ...rest, who: { name: grace.name, oid: grace.oid, tenantId: 'contoso' } });
  await db.database.query(`insert into audit values (2, $1, $2, 'p', 'h')`, [at, text]);
  await db.database.query(actors);
  expect(await shown('grace')).toMatchObject([{ who: grace, action: 'lock' }]);
  expect(await shown(grace.oid)).toHaveLength(1);
});

describe('a person who must be forgotten', () => {
  it('has no name any more wherever it stood beside their object id; the chain holds, and the audit says so without it', async () => {
    await auditAlone(db.database, passedOn('2026-12-24'));
    await db.database.query(
      `insert into image_lock (image, by_oid, by_name, reason, since) values ('ubuntu-22', $1, $2, 'x', $3)`,
      [ada.oid, ada.name, at],
    );
    const lines = await forgetPerson(db.database, ada.oid, at);
    expect(lines).toEqual([
      `forgotten: the name of ${ada.oid} was taken out of 2 rows, and the audit says so without it.`,
      'What people wrote in their own words, plans of runs, messages in Teams, exported files and copies of the database are not touched.',
    ]);
    const [entry, first] = await shown();
    expect(entry).toMatchObject({
      action: 'forget',
      who: { oid: null },
      detail: { person: ada.oid, rows: 2, kept: 0 },
    });
    expect(first).toMatchObject({ who: { oid: ada.oid, name: 'a forgotten person' }, detail: { to: grace } });
    expect(await verifyAudit(db.database)).toEqual({ intact: true, entries: 2 });
    const tables = await db.database.query<{ table_name: string }>(
      `select table_name from information_schema.tables where table_schema = 'public'`,
    );
    const found: string[] = [];
    for (const { table_name: table } of tables) {
      const rows = await db.database.query(`select 1 from "${table}" t where t::text like '%Lovelace%'`);
      if (rows.length > 0) found.push(table);
    }
    expect(found).toEqual([]);
  });

  it('is shown nowhere by entries of earlier versions, which keep the name in what is hashed, and that is said', async () => {
    const text = JSON.stringify({
      action: 'lock',
      at: at.toISOString(),
      detail: {},
      request: null,
      runId: null,
      subject: 'x',
      who: { name: ada.name, oid: ada.oid },
    });
    await db.database.query(`insert into audit values (1, $1, $2, 'p', 'h')`, [at, text]);
    await db.database.query(`update audit_head set seq = 1, hash = 'h'`);
    const lines = await forgetPerson(db.database, ada.oid, at);
    expect(lines[1]).toBe(
      '1 entries of earlier versions hold the name: they are hashed, and stay; nobody is shown it any more.',
    );
    expect((await shown())[1]?.who).toEqual({ oid: ada.oid, name: 'a forgotten person' });
  });
});

describe('what somebody was shown of other teams', () => {
  const look = (after: number, more: object = {}) =>
    noteLooked(db.database, {
      at: new Date(at.getTime() + after),
      who: ada,
      verb: 'compliance',
      teams: ['payments'],
      ...more,
    });

  it('is told once an hour for each person, command and teams', async () => {
    for (const after of [0, 1, hours(1) - 1]) await look(after);
    await look(0, { verb: 'forecast' });
    await look(0, { who: grace });
    await look(0, { teams: ['search', null, 'payments'] });
    await look(hours(1));
    const told = (await shown()).map(({ who, subject, detail }) => [
      who.name,
      subject,
      detail['verb'],
      detail['teams'],
    ]);
    expect(told.reverse()).toEqual([
      [ada.name, 'payments', 'compliance', ['payments']],
      [ada.name, 'payments', 'forecast', ['payments']],
      [grace.name, 'payments', 'compliance', ['payments']],
      [ada.name, '3 teams', 'compliance', ['no team', 'payments', 'search']],
      [ada.name, 'payments', 'compliance', ['payments']],
    ]);
  });

  it('is told once by several replicas at once, and what is past is not kept', async () => {
    await Promise.all(Array.from({ length: 10 }, () => look(0)));
    expect(await shown()).toHaveLength(1);
    await look(hours(5));
    expect(await db.database.query('select 1 from looked')).toHaveLength(1);
  });
});

it('who rarely does anything is found in an index, in a long audit', async () => {
  await fillFiveYears(db.url, shareOf(250));
  await db.database.transaction((tx) => appendAudit(tx, [passedOn('2026-12-24')]));
  const { seen, stop } = recordStatements();
  expect(await shown('lovelace')).toHaveLength(1);
  stop();
  const [found] = [...seen].filter(([text]) => /from audit where/.test(text));
  const [text = '', values = []] = found ?? [];
  const plan = await db.database.query(`explain ${text}`, values);
  expect(JSON.stringify(plan)).toContain('audit_who');
});
