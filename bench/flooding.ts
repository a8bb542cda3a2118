import { sleep } from '../core/time';
import { type ListeningSandbox, startSandbox } from '../sandbox';
import { appendAudit, type Database } from '../store';
import { testDatabase } from '../test/store/database';
import { goldbotBeside } from '../test/support/world';
import { worldStart } from '../test/support/world-start';
import { type Result, thousands, times } from './table';

const entries = 20_000;
const perSecond = 100;
const floodMs = 15_000;
/** Each in their own chat, so that Teams' pace holds nobody up. */
const others = ['Grace', 'Linus', 'Heidi', 'Dana'];
/** Between two questions of the others together: three a second of each would be beyond what one person may ask. */
const pauseMs = 150;
const target = 3;

interface Asked {
  readonly p99Ms: number;
  readonly answered: number;
}

/** B14: what others wait for their answers while one person asks for the audit log a hundred times a second. */
export async function flooding(say: (line: string) => void): Promise<readonly Result[]> {
  const store = await testDatabase();
  await fillAudit(store.database);
  const sandbox = await startSandbox({ speed: 1, startMs: worldStart });
  const goldbot = await goldbotBeside(sandbox, { databaseUrl: store.url });
  try {
    await asking(sandbox, 2_000);
    const quiet = await asking(sandbox, floodMs);
    const [flooded, sent] = await Promise.all([asking(sandbox, floodMs), flood(sandbox, floodMs)]);
    const told = ({ p99Ms, answered }: Asked) => `p99 ${Math.round(p99Ms)} ms of ${answered}`;
    say(`others while one person sends ${sent} audit: ${told(flooded)}; nobody floods: ${told(quiet)}`);
    return [
      {
        id: 'B14',
        what: `others' status under ${perSecond} audit/s of one person, ${thousands(entries)} entries`,
        goldbot: `${told(flooded)}, ${times(flooded.p99Ms, quiet.p99Ms)}, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB with sandbox`,
        peers: [`nobody floods: ${told(quiet)}`],
        target: `${target} x, every question answered`,
        reached: flooded.p99Ms <= quiet.p99Ms * target,
      },
    ];
  } finally {
    await goldbot.drain();
    await sandbox.close();
    await store.close();
  }
}

async function fillAudit(database: Database): Promise<void> {
  const record = (n: number) => {
    const detail = { code: 'WRONG_ROLE', said: `publish ${n}` };
    return { at: new Date(worldStart), who: { oid: `oid-${n}`, name: 'Ada' }, action: 'refuse', detail } as const;
  };
  const batch = 500;
  for (let from = 0; from < entries; from += batch) {
    const records = Array.from({ length: batch }, (_, n) => record(from + n));
    await database.transaction((tx) => appendAudit(tx, records));
  }
}

/** Asks for `ms`; each question has to be answered. */
async function asking({ teamsUrl }: ListeningSandbox, ms: number): Promise<Asked> {
  const waits: Promise<number>[] = [];
  for (const until = performance.now() + ms; performance.now() < until; await sleep(pauseMs)) {
    const as = others[waits.length % others.length] ?? '';
    waits.push(answerMs(teamsUrl, as));
  }
  const taken = (await Promise.all(waits)).sort((a, b) => a - b);
  return { p99Ms: taken[Math.ceil(taken.length * 0.99) - 1] ?? 0, answered: taken.length };
}

async function answerMs(teamsUrl: string, as: string): Promise<number> {
  const started = performance.now();
  const { messages } = await post<{ messages: readonly unknown[] }>(`${teamsUrl}/api/say`, {
    as,
    in: 'goldbot',
    text: 'status',
  });
  if (messages.length === 0) throw new Error(`${as} got no answer`);
  return performance.now() - started;
}

async function flood({ teamsUrl }: ListeningSandbox, ms: number): Promise<number> {
  const sent: Promise<unknown>[] = [];
  for (const until = performance.now() + ms; performance.now() < until; await sleep(1_000 / perSecond)) {
    const activity = { type: 'message', id: `flood-${sent.length}`, text: 'audit' };
    sent.push(post(`${teamsUrl}/_sandbox/deliver`, { as: 'Ada', in: 'Image Factory / General', activity }));
  }
  await Promise.all(sent);
  return sent.length;
}

async function post<T>(url: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
