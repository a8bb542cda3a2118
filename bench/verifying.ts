import { Client } from 'pg';
import { checkpointPayload, checkpointPreAuthentication } from '../core/provenance';
import { appendAudit, type Database, goldbot, keepCheckpoint, verifyAudit } from '../store';
import { testDatabase } from '../test/store/database';
import { testKey } from '../test/support/signing';
import { type Result, thousands, times } from './table';

/** What `audit --verify` may take before a person is told how far it came. */
const patienceS = 40;
/** `audit` waits for the entries since the last midnight alone. */
const target = 1.5;
const negligibleMs = 0.5;
const repeats = 20;
/** Of the last day, which no checkpoint holds yet. */
const since = 500;

/** How long the audit takes to verify, as `audit` does it and as `audit --verify` and the check at midnight do. */
export async function verifying(entries: number, say: (line: string) => void): Promise<readonly Result[]> {
  const [young, full] = [await chained(2 * since), await chained(entries)];
  try {
    const [own, peer] = [await medianMs(full.database), await medianMs(young.database)];
    const begun = performance.now();
    const { intact } = await verifyAudit(full.database, { whole: true });
    const whole = (performance.now() - begun) / 1_000;
    if (!intact) throw new Error('the chain that was made is none');
    say(
      `verified: ${own.toFixed(1)} ms from the checkpoint, of a short one ${peer.toFixed(1)} ms; whole ${whole.toFixed(1)} s`,
    );
    return [
      {
        id: 'B11',
        what: `verification from the newest checkpoint, ${since} entries before the end of ${thousands(entries)}`,
        goldbot: `${own.toFixed(2)} ms`,
        peers: [`of ${thousands(2 * since)}: ${peer.toFixed(2)} ms, ${times(own, peer)}`],
        target: `${target} x or ${negligibleMs} ms more`,
        reached: own <= Math.max(peer * target, peer + negligibleMs),
      },
      {
        id: 'B11',
        what: `verification of ${thousands(entries)} entries from the first on`,
        goldbot: `${whole.toFixed(1)} s`,
        peers: [],
        target: `${patienceS} s: audit --verify`,
        reached: whole <= patienceS,
      },
    ];
  } finally {
    await full.close();
    await young.close();
  }
}

/** An audit of so many entries that is whole, and signed up to the last day. */
async function chained(entries: number) {
  const db = await testDatabase({ audit: 'of any version' });
  const client = new Client(db.url);
  await client.connect();
  await client.query(chainOf(entries));
  await client.query('update audit_head set (seq, hash) = (select seq, hash from audit order by seq desc limit 1)');
  await client.query('analyze audit');
  const { rows } = await client.query<{ hash: string }>('select hash from audit where seq = $1', [entries - since]);
  await client.end();
  const checkpoint = { entries: entries - since, head: rows[0]?.hash ?? '', at: new Date().toISOString() };
  const payload = checkpointPayload(checkpoint);
  const signature = await testKey().signer.sign(checkpointPreAuthentication(payload));
  await keepCheckpoint(db.database, { ...checkpoint, payload }, signature);
  await db.database.transaction((tx) =>
    appendAudit(tx, [
      { at: new Date(), who: goldbot, action: 'forget', detail: { person: 'bench', rows: 0, kept: 0 } },
    ]),
  );
  return db;
}

/** As goldbot chains them, in one statement: each of some 400 characters. */
function chainOf(entries: number): string {
  const at = (n: string) => `timestamptz '2021-11-01' + ${n} * interval '2 minutes'`;
  const entry = (n: string) =>
    `'{"action":"stage","at":"' || to_char((${at(n)}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
       || '","detail":{"attempt":1,"from":"customise","to":"test","why":"${'x'.repeat(150)}"},"request":null,"runId":"R-22222","subject":"image-'
       || ${n} % 500 || '","who":{"name":"","oid":"00000000-0000-0000-0000-' || lpad((${n} % 400)::text, 12, '0') || '"}}'`;
  const hash = (n: string, prev: string) =>
    `encode(sha256(convert_to(${n} || E'\\n' || ${prev} || E'\\n' || ${entry(n)}, 'UTF8')), 'hex')`;
  return `with recursive chain (n, prev, hash) as (
      select 1, '', ${hash('1', `''`)}
      union all select n + 1, hash, ${hash('(n + 1)', 'hash')} from chain where n < ${entries})
    insert into audit (seq, at, entry, prev, hash) select n, ${at('n')}, ${entry('n')}, prev, hash from chain`;
}

async function medianMs(database: Database): Promise<number> {
  const taken: number[] = [];
  for (let n = 0; n < repeats; n += 1) {
    const started = performance.now();
    await verifyAudit(database);
    taken.push(performance.now() - started);
  }
  return taken.sort((a, b) => a - b)[repeats / 2] ?? 0;
}
