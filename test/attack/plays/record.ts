import { judgedAudit } from '../../../app/audit-judged';
import { keysIn } from '../../../app/verify-file';
import type { AuditRecord } from '../../../core/audit';
import type { Catalogue } from '../../../core/catalogue';
import { days } from '../../../core/time';
import { appendAudit, type Held } from '../../../store';
import { checkpointOf } from '../../../store/checkpoints';
import { checkpoints } from '../../../workflows/checkpoints';
import { type TestDatabase, testDatabase } from '../../store/database';
import { testKey } from '../../support/signing';
import { type Play, pick } from '../front';

type Random = () => number;

const signer = testKey();
const keys = keysIn(signer.publicPem, 'key.pem');
const entriesBefore = 12;
const entriesAfter = 8;

/** A record with a checkpoint in its middle, and the copy of that checkpoint which a channel has. */
async function recorded(db: TestDatabase): Promise<string> {
  let now = new Date('2026-11-30T09:00:00Z');
  const work = checkpoints({
    database: db.database,
    clock: { now: () => now },
    catalogue: () => ({ azure: {} }) as unknown as Catalogue,
    signer: () => signer.signer,
    log: () => {},
    outside: () => undefined as never,
  });
  const pass = async () => void (await (await work.claim({ owner: 'attack', leaseMs: 10_000 }))?.work({} as Held));
  const write = async (count: number) => {
    const records = Array.from({ length: count }, (_, i): AuditRecord => {
      return { at: now, who: { oid: 'oid-ada', name: 'Ada' }, action: 'refuse', detail: { code: 'NO', verb: `v${i}` } };
    });
    await db.database.transaction((tx) => appendAudit(tx, records));
  };
  await write(entriesBefore);
  await pass();
  now = new Date(now.getTime() + days(1));
  await pass();
  await write(entriesAfter);
  return JSON.stringify(await checkpointOf(db.database, entriesBefore));
}

const unguarded = (statement: string) => [
  'alter table audit_checkpoint disable trigger all',
  statement,
  'alter table audit_checkpoint enable trigger all',
];
const headBack = `update audit_head set seq = coalesce((select max(seq) from audit), 0),
  hash = coalesce((select hash from audit order by seq desc limit 1), '')`;

/** The chain computed anew from its first entry on, by somebody who has read the code. */
async function recompute({ database }: TestDatabase): Promise<void> {
  const rows = await database.query<{ seq: number }>('select seq from audit order by seq');
  for (const { seq } of rows) {
    await database.query(
      `update audit set prev = coalesce((select hash from audit where seq = $1 - 1), '') where seq = $1`,
      [seq],
    );
    await database.query(
      `update audit set hash = encode(sha256(convert_to(seq || E'\\n' || prev || E'\\n' || entry, 'UTF8')), 'hex') where seq = $1`,
      [seq],
    );
  }
  await database.query(headBack);
}

interface Tampering {
  readonly why: string;
  readonly statements: (n: number, random: Random) => readonly string[];
  readonly recomputes?: true;
  /** Only of entries that the checkpoint covers can anybody tell once the chain is computed anew. */
  readonly covered?: true;
}

const edits: readonly ((n: number) => string)[] = [
  (n) => `update audit set entry = replace(entry, '"NO"', '"OK"') where seq = ${n}`,
  (n) => `update audit set entry = replace(entry, 'oid-ada', 'oid-eve') where seq = ${n}`,
  (n) => `update audit set entry = entry || ' ' where seq = ${n}`,
];

const tamperings: readonly Tampering[] = [
  { why: 'edited', statements: (n, random) => [pick(random, edits)(n)] },
  {
    why: 'edited, and its own hash with it',
    statements: (n, random) => [
      pick(random, edits)(n),
      `update audit set hash = encode(sha256(convert_to(seq || E'\\n' || prev || E'\\n' || entry, 'UTF8')), 'hex') where seq = ${n}`,
    ],
  },
  { why: 'deleted', statements: (n) => [`delete from audit where seq = ${n}`] },
  {
    why: 'deleted, and the rest renumbered',
    statements: (n) => [
      `delete from audit where seq = ${n}`,
      `update audit set seq = -seq where seq > ${n}`,
      'update audit set seq = -seq - 1 where seq < 0',
    ],
    recomputes: true,
    covered: true,
  },
  {
    why: 'cut off, and the head moved back',
    statements: (n) => [`delete from audit where seq >= ${n}`, headBack],
    covered: true,
  },
  {
    why: 'edited, and everything computed anew',
    statements: (n, random) => [pick(random, edits)(n)],
    recomputes: true,
    covered: true,
  },
  {
    why: 'changed places',
    statements: (n) => [`update audit set entry = (select entry from audit b where b.seq = ${n} + 1) where seq = ${n}`],
  },
  {
    why: 'wiped with the checkpoints',
    statements: () => [
      'delete from audit',
      ...unguarded('delete from audit_checkpoint'),
      `update audit_head set seq = 0, hash = ''`,
    ],
    covered: true,
  },
  {
    why: 'edited, computed anew, and the checkpoint taken away',
    statements: (n, random) => [pick(random, edits)(n), ...unguarded('delete from audit_checkpoint')],
    recomputes: true,
    covered: true,
  },
];

const textOf = async ({ database }: TestDatabase): Promise<string> =>
  JSON.stringify(await database.query('select * from audit order by seq'));

/** What somebody does to the audit who may write to the whole database; the copy of one checkpoint is outside. */
export const record: Play = async ({ size, random }) => {
  const letIn: string[] = [];
  const isWhole = async (db: TestDatabase, saved: string) =>
    (await judgedAudit(db.database, [{ name: 'saved', text: saved }], keys)).exitCode === 0;
  for (let i = 0; i < size; i += 1) {
    const tampering = tamperings[i % tamperings.length] as Tampering;
    const db = await testDatabase();
    const saved = await recorded(db);
    if (i === 0 && !(await isWhole(db, saved))) letIn.push('a record that nobody touched is called altered');
    const drawn = 1 + Math.floor(random() * (tampering.covered ? entriesBefore - 1 : entriesBefore + entriesAfter - 1));
    // The entry that tells of the checkpoint has none of the words that are changed.
    const n = drawn === entriesBefore + 1 ? drawn + 1 : drawn;
    const before = await textOf(db);
    for (const statement of tampering.statements(n, random)) await db.database.query(statement);
    if (tampering.recomputes) await recompute(db);
    if ((await textOf(db)) === before) throw new Error(`entry ${n} ${tampering.why}: nothing was altered`);
    if (await isWhole(db, saved)) letIn.push(`entry ${n} ${tampering.why}: the record passes for intact`);
    await db.close();
  }
  return { tries: size, letIn, seen: `${tamperings.length} ways` };
};
