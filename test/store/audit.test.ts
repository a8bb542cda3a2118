import type { AuditRecord } from '../../core/audit';
import { appendAudit, auditAlone } from '../../store';
import { verifyAudit } from '../../store/audit';
import { type AuditFilter, createReads } from '../../store/reads';
import { type TestDatabase, testDatabase } from './database';

const at = new Date(Date.UTC(2026, 10, 23, 9));
const record = (verb: string, more: Partial<AuditRecord<'refuse'>> = {}): AuditRecord => ({
  at,
  who: { oid: 'oid-ada', name: 'Ada' },
  action: 'refuse',
  ...more,
  detail: { code: 'WRONG_ROLE', verb, ...more.detail },
});

describe('the audit', () => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await testDatabase({ audit: 'of any version' });
    await db.database.transaction((tx) =>
      appendAudit(
        tx,
        ['one', 'two', 'three', 'four'].map((a) => record(a)),
      ),
    );
  });
  afterEach(() => db.close());

  it('is intact after many transactions at once have written to it', async () => {
    const writers = Array.from({ length: 40 }, (_, i) =>
      db.database.transaction((tx) => appendAudit(tx, [record(`w${i}`)])),
    );
    await Promise.all(writers);

    expect(await verifyAudit(db.database)).toEqual({ intact: true, entries: 44 });
  });

  it.each([
    [
      'an edited entry',
      `update audit set entry = replace(entry, 'two', 'owt') where seq = 2`,
      2,
      'the entry was edited',
    ],
    [
      'an entry edited together with its hash',
      `update audit set entry = 'x', hash = 'y' where seq = 2`,
      2,
      'the entry was edited',
    ],
    [
      'an edited time',
      `update audit set at = at + interval '1 hour' where seq = 3`,
      3,
      'the time of the entry was edited',
    ],
    ['a deleted entry', 'delete from audit where seq = 2', 2, 'the entry is missing'],
    ['a deleted first entry', 'delete from audit where seq = 1', 1, 'the entry is missing'],
    ['a truncated end', 'delete from audit where seq >= 3', 3, 'the end of the chain is missing'],
    ['everything deleted', 'delete from audit', 1, 'the end of the chain is missing'],
    [
      'an entry put behind the head',
      `insert into audit select 5, at, entry, prev, hash from audit where seq = 4`,
      5,
      'the entry stands behind the head of the chain',
    ],
    [
      'two entries swapped',
      `update audit set seq = case seq when 2 then -3 else -2 end where seq in (2, 3); update audit set seq = -seq where seq < 0`,
      2,
      'the entry does not follow the one before it',
    ],
    ['a head that was set back', `update audit_head set seq = 3`, 3, 'the head does not fit the last entry'],
    ['a head that is gone', 'delete from audit_head', 1, 'the head of the chain is gone'],
  ])('shows %s', async (_what, tampering, firstBroken, why) => {
    for (const sql of tampering.split(';')) await db.database.query(sql);

    expect(await verifyAudit(db.database)).toMatchObject({ intact: false, firstBroken, why });
  });

  it('is read to its end when that takes more than a page of two thousand entries', async () => {
    const many = Array.from({ length: 1_997 }, () => record('more'));
    await db.database.transaction((tx) => appendAudit(tx, many));
    expect(await verifyAudit(db.database)).toEqual({ intact: true, entries: 2_001 });
    const impatient = await verifyAudit(db.database, { whole: true, patienceMs: 0 });
    expect(impatient).toEqual({ intact: true, entries: 2_000, left: 1 });

    await db.database.query(`update audit set entry = replace(entry, 'more', 'less') where seq = 2001`);
    expect(await verifyAudit(db.database)).toMatchObject({ intact: false, entries: 2_000, firstBroken: 2_001 });
  });

  it('keeps what says that nothing was changed, and stays as it is when there is nothing to say', async () => {
    await auditAlone(db.database, record('alone', { subject: 'ubuntu-22' }));
    await db.database.transaction((tx) => appendAudit(tx, []));

    expect(await verifyAudit(db.database)).toEqual({ intact: true, entries: 5 });
    const [newest] = await createReads(db.database).audit({ limit: 1 });
    expect(newest).toMatchObject({ subject: 'ubuntu-22', request: null, runId: null, detail: { verb: 'alone' } });
  });

  it('shows an entry that was edited by somebody who knows how the hash is made', async () => {
    await db.database.query(
      `update audit set entry = replace(entry, 'two', 'owt'),
         hash = encode(sha256(convert_to(seq || E'\\n' || prev || E'\\n' || replace(entry, 'two', 'owt'), 'UTF8')), 'hex')
       where seq = 2`,
    );

    expect(await verifyAudit(db.database)).toMatchObject({
      intact: false,
      firstBroken: 3,
      why: 'the entry does not follow the one before it',
    });
  });

  it('finds entries by person, image and time, newest first', async () => {
    const grace = { oid: 'oid-grace', name: 'Grace Hopper' };
    const later = new Date(at.getTime() + 1);
    await db.database.transaction((tx) =>
      appendAudit(tx, [
        record('approve', { who: grace, subject: 'ubuntu-22', at: later }),
        record('reject', { who: grace, subject: 'windows-2022', detail: { code: 'X', reason: 'a\u0000b' }, at: later }),
      ]),
    );
    const reads = createReads(db.database);

    const verbs = async (filter: AuditFilter) => (await reads.audit(filter)).map(({ detail }) => detail['verb']);
    expect(await verbs({ who: 'oid-grace' })).toEqual(['reject', 'approve']);
    expect(await verbs({ who: 'hopper', image: 'ubuntu-22' })).toEqual(['approve']);
    expect((await reads.audit({ since: later, limit: 1 }))[0]).toMatchObject({
      seq: 6,
      at: later,
      who: grace,
      detail: { reason: 'a\ufffdb' },
    });
    expect(await reads.audit({ who: `%' or true --` })).toEqual([]);
  });

  it('reads what earlier versions wrote: fewer details, and actions that are none any more', async () => {
    const old = {
      at,
      who: { oid: 'oid-grace', name: 'Grace' },
      subject: 'ubuntu-22',
      request: 'R-22222',
      runId: 'R-33333',
    };
    const entries = [
      { ...old, action: 'drop-decision' },
      { ...old, action: 'void', detail: { why: 'changed' } },
      { ...old, action: 'acknowledge', detail: { note: 'seen' } },
    ].map((entry) => ({ detail: {}, ...entry }));
    await db.database.transaction((tx) => appendAudit(tx, entries as never));

    const found = await createReads(db.database).audit({ image: 'ubuntu-22' });
    expect([...found].reverse()).toEqual(entries.map((entry, i) => ({ seq: 5 + i, ...entry })));
    expect(await verifyAudit(db.database)).toEqual({ intact: true, entries: 7 });
  });
});
