import type { Database } from '../store';
import { claimCard, claimRun, redrawRun, wantCard } from '../store';
import { createReads } from '../store/reads';
import { testDatabase } from '../test/store/database';
import { fillFiveYears, fiveYears, shareOf } from '../test/store/five-years';
import { type Result, thousands, times } from './table';
import { verifying } from './verifying';

/** Each at most so many times as slow as in the first week. */
const target = 1.5;
const repeats = 60;
/** A difference that nobody notices: a click takes a hundred times as long. */
const negligibleMs = 0.5;

const me = { owner: 'bench', leaseMs: 25_000 };
const now = new Date('2026-11-23T09:00:00Z');

/** What goldbot does all the time, and what people ask most; each finds little or nothing to do. */
const asked: Readonly<Record<string, (db: Database) => Promise<unknown>>> = {
  'claim of a card': (db) => claimCard(db, me),
  'claim of a run': (db) =>
    claimRun(db, { ...me, now, known: ['plan', 'close'], kinds: ['publish', 'change', 'digest'] }),
  'a stage changes': (db) => redrawRun(db, 'R-22222'),
  'a card is wanted': (db) => wantCard(db, { topic: 'run:R-22222', channel: '19:bench', kind: 'run' }),
  'status without anything else': (db) =>
    createReads(db).openSeen({ images: 'all', teams: 'all', person: 'oid-1' }, { limit: 15 }),
  runs: (db) => createReads(db).runs({}),
  'runs --image': (db) => createReads(db).runs({ image: 'image-7' }),
  approvals: (db) => createReads(db).approvalsPending(now),
  audit: (db) => createReads(db).audit({ limit: 51 }),
  'audit --image': (db) => createReads(db).audit({ image: 'image-7', limit: 51 }),
  'audit --since': (db) => createReads(db).audit({ since: now, limit: 51 }),
};

/** B11: five years of use against the first week, on the same server: lists have as many rows there. */
export async function grown(say: (line: string) => void): Promise<readonly Result[]> {
  const [young, full] = [
    await testDatabase({ audit: 'of any version' }),
    await testDatabase({ audit: 'of any version' }),
  ];
  try {
    const begun = performance.now();
    await fillFiveYears(full.url, fiveYears);
    await fillFiveYears(young.url, shareOf(250));
    say(`five years of use: written in ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
    const results: Result[] = [];
    for (const [what, ask] of Object.entries(asked)) {
      const [own, peer] = [await medianMs(() => ask(full.database)), await medianMs(() => ask(young.database))];
      results.push({
        id: 'B11',
        what: `${what}, after ${thousands(fiveYears.runs)} runs, ${thousands(fiveYears.audit)} entries`,
        goldbot: `${own.toFixed(2)} ms`,
        peers: [`after a week: ${peer.toFixed(2)} ms, ${times(own, peer)}`],
        target: `${target} x or ${negligibleMs} ms more`,
        reached: own <= Math.max(peer * target, peer + negligibleMs),
      });
      say(`${what}: ${own.toFixed(2)} ms, after a week ${peer.toFixed(2)} ms`);
    }
    return [...results, ...(await verifying(fiveYears.audit, say))];
  } finally {
    await full.close();
    await young.close();
  }
}

async function medianMs(ask: () => Promise<unknown>): Promise<number> {
  await ask();
  const taken: number[] = [];
  for (let n = 0; n < repeats; n += 1) {
    const started = performance.now();
    await ask();
    taken.push(performance.now() - started);
  }
  return taken.sort((a, b) => a - b)[repeats / 2] ?? 0;
}
