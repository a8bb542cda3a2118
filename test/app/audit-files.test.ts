import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Format, isPart, writeAudit } from '../../app/audit-files';
import { judgedFiles } from '../../app/audit-judged';
import { keysIn } from '../../app/verify-file';
import type { AuditRecord } from '../../core/audit';
import { checkpointPayload, checkpointPreAuthentication } from '../../core/provenance';
import { days } from '../../core/time';
import { appendAudit, auditPage, keepCheckpoint } from '../../store';
import { type TestDatabase, testDatabase } from '../store/database';
import { testKey } from '../support/signing';

const own = testKey();
const keys = keysIn(own.publicPem, 'key.pem');
const begun = Date.parse('2026-11-01T00:00:00Z');

let db: TestDatabase;
let out: string;
beforeEach(async () => {
  db = await testDatabase();
  out = mkdtempSync(join(tmpdir(), 'audit-'));
  await recorded();
});
afterEach(async () => {
  rmSync(out, { recursive: true });
  await db.close();
});

const hostile = ['=1+1', 'a "quoted", one', '\n=two\nlines\r\n', '＠x', '', '\u2028 – ü'];

/** An entry a day, by people with awkward names, and a checkpoint over the first four. */
async function recorded(): Promise<void> {
  const records = hostile.map((name, n): AuditRecord => {
    const at = new Date(begun + days(n));
    return { at, who: { oid: `oid-${n}`, name }, action: 'refuse', subject: name, detail: { code: 'NO', said: name } };
  });
  await db.database.transaction((tx) => appendAudit(tx, records));
  const [fourth] = await auditPage(db.database, { after: 3, last: 4, limit: 1 });
  const checkpoint = { entries: 4, head: fourth?.hash ?? '', at: new Date(begun + days(4)).toISOString() };
  const payload = checkpointPayload(checkpoint);
  const signature = await own.signer.sign(checkpointPreAuthentication(payload));
  await db.database.transaction((tx) => keepCheckpoint(tx, { ...checkpoint, payload }, signature));
}

const exported = (format: Format, time: { readonly from?: Date; readonly until?: Date } = {}) =>
  writeAudit(db.database, { out, format, from: time.from, until: time.until, size: 2 });

function judged() {
  const names = readdirSync(out).sort();
  const text = (name: string) => readFileSync(join(out, name), 'utf8');
  const parts = names.filter(isPart).map((name) => ({ name, text: () => text(name) }));
  const kept = text('checkpoints.txt');
  return judgedFiles(parts, kept === '' ? [] : [{ name: 'checkpoints.txt', text: kept }], keys);
}

const change = (name: string, how: (text: string) => string) =>
  writeFileSync(join(out, name), how(readFileSync(join(out, name), 'utf8')));
const part = (first: number) =>
  readdirSync(out).find((name) => name.startsWith(`audit-${String(first).padStart(12, '0')}-`)) ?? '';

describe.each(['csv', 'json'] as const)('the audit as files of %s', (format) => {
  it('is in parts, with its checkpoints, and whole without the database', async () => {
    expect(await exported(format)).toEqual([
      `audit-000000000001-000000000002.${format}: 2 entries`,
      `audit-000000000003-000000000004.${format}: 2 entries`,
      `audit-000000000005-000000000006.${format}: 2 entries`,
      'checkpoints.txt: 1 signed checkpoints',
      `npm run audit:verify -- --files ${out} --key <public key> holds them together.`,
    ]);
    expect(judged()).toEqual({
      lines: [
        'whole: 6 entries, each as it was written and none missing.',
        'It fits the checkpoint of 2026-11-05T00:00:00.000Z over its first 4 entries.',
        'Of 1 checkpoints given it fits 1.',
      ],
      exitCode: 0,
    });
  });

  it('is as much as belongs to a time, and says where it begins and ends', async () => {
    await exported(format, { from: new Date(begun + days(1)), until: new Date(begun + days(3)) });
    const saved = writeFileSync(join(out, 'checkpoints.txt'), '');
    expect(saved).toBeUndefined();
    const { lines, exitCode } = judged();
    expect([lines[0], lines[3], exitCode]).toEqual([
      'whole: 2 entries, each as it was written and none missing.',
      'The files begin with entry 2; what came before is held by its hash alone.',
      0,
    ]);
  });

  it('says so when there is nothing of that time', async () => {
    expect(await exported(format, { from: new Date(begun + days(90)) })).toEqual([
      'The audit has no entry of that time; nothing was written.',
    ]);
  });

  it('is not all when a checkpoint counts more entries, which is said', async () => {
    await exported(format);
    for (const first of [3, 5]) rmSync(join(out, part(first)));
    expect(judged()).toMatchObject({ exitCode: 0 });
    expect(judged().lines).toContain('They end with entry 2: 1 of the checkpoints count more.');
  });

  it('names the first entry that was changed in a file', async () => {
    await exported(format);
    change(part(5), (text) => text.replaceAll('oid-4', 'oid-9'));
    const { lines, exitCode } = judged();
    expect(lines[0]).toBe('altered: entry 5 is the first that is wrong or missing: the entry was edited.');
    expect(exitCode).toBe(2);
  });

  it('names an entry of which what people read was changed, and not what was hashed', async () => {
    await exported(format);
    change(part(1), (text) => text.replace('oid-1', 'oid-9'));
    expect(judged().lines[0]).toBe(
      'altered: entry 2 is the first that is wrong or missing: what stands beside the entry was edited.',
    );
  });

  it('names a part that is missing', async () => {
    await exported(format);
    rmSync(join(out, part(3)));
    expect(judged().lines[0]).toBe('altered: entry 3 is the first that is wrong or missing: the entry is missing.');
  });

  it('does not take what is no part of it', async () => {
    await exported(format);
    change(part(1), () => 'seen by Grace');
    expect(judged).toThrow(/is no part of an exported audit/);
  });
});

it('files in which the chain was computed anew are found out by the checkpoint', async () => {
  await exported('json');
  let prev = '';
  for (const name of readdirSync(out).filter(isPart).sort()) {
    change(name, (text) => {
      const rows = (JSON.parse(text) as Record<string, unknown>[]).map(({ seq, entry: was }) => {
        const entry = String(was).replaceAll('oid-2', 'oid-9');
        const hash = createHash('sha256').update(`${seq}\n${prev}\n${entry}`).digest('hex');
        const row = { seq, ...JSON.parse(entry), entry, prev, hash };
        prev = hash;
        return row;
      });
      return JSON.stringify(rows);
    });
  }
  expect(judged().lines[0]).toMatch(/^altered: .* one of the entries 1 to 4: entry 4 is not the one /);
});
