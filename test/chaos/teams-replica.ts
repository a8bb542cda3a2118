import { writeSync } from 'node:fs';
import { createBot } from '../../bot';
import type { DeliveryBoundary } from '../../bot/delivery';
import type { Reply } from '../../cards';
import { sleep } from '../../core/time';
import type { ClickAnswer, Turn } from '../../dialogs';
import { tenantId } from '../../sandbox/entra/people';
import { sandboxAppId } from '../../sandbox/teams/face';
import { appendAudit, type Database, openDatabase, type Queryable, rememberIntent, takeIntent } from '../../store';
import { bumpTopics } from '../../store/cards';
import type { Reads } from '../../store/reads';
import { createWorker } from '../../workflows/engine';

/** Where a process dies, by its own hand. `none`: it lives. */
export const points = [
  'create: announced, not sent',
  'create: taken by Teams, id not stored',
  'create: stored',
  'edit: not sent',
  'edit: taken by Teams, not stored',
  'edit: stored',
  'act: not committed',
  'act: committed, not answered',
  'message: taken, not answered',
  'message: answered in Teams, not stored',
] as const;
export type Point = (typeof points)[number] | 'none';

export interface TeamsReplicaConfig {
  readonly databaseUrl: string;
  readonly teamsUrl: string;
  readonly point: Point;
}

type Die = (point: Point) => void;

const boundaries: Readonly<Record<DeliveryBoundary, Point>> = {
  'create announced': 'create: announced, not sent',
  'create taken': 'create: taken by Teams, id not stored',
  'create stored': 'create: stored',
  'edit rendered': 'edit: not sent',
  'edit taken': 'edit: taken by Teams, not stored',
  'edit stored': 'edit: stored',
};

/** No process survives an attempt to draw this card. */
export const poison = 'approval:R-DEATH';

/** What a topic looks like is how often it changed. */
export async function rendered(db: Queryable, topic: string): Promise<Reply> {
  const [row] = await db.query<{ wanted: number }>('select wanted from card where topic = $1', [topic]);
  const body = [{ type: 'TextBlock', text: `${topic} ${row?.wanted}`, wrap: true }];
  return { text: topic, card: { type: 'AdaptiveCard', version: '1.5', body, actions: [], fallbackText: topic } };
}

/** An act of a person as RunControl does one: intent, effect, audit, one transaction. */
export async function act(database: Database, turn: Turn, die: Die): Promise<ClickAnswer> {
  await database.transaction(async (tx) => {
    if (await takeIntent(tx, turn.intent)) return;
    await rememberIntent(tx, turn.intent, { request: 'R-7F3KQ' as never, outcome: 'done' });
    await bumpTopics(tx, ['run:R-7F3KQ']);
    const detail = { code: 'acted', said: turn.intent };
    await appendAudit(tx, [{ at: new Date(), who: turn.person, action: 'refuse', detail }]);
    die('act: not committed');
  });
  die('act: committed, not answered');
  return { kind: 'message', text: 'Done.' };
}

/** To this a process has no answer for as long as it lives. */
export const endless = 'endless';

/** A message says where a process is to die over it. */
export async function answerTo(text: string, die: Die): Promise<Reply> {
  if (text === endless) await new Promise(() => {});
  if (text === 'message: taken, not answered') die(text);
  return { text: `Answer to ${text}` };
}

/** Dies when it is about to store that a message is answered. */
function dyingAtAnswers(database: Database, die: Die): Database {
  const point = 'message: answered in Teams, not stored';
  return {
    ...database,
    query: async (text, values) => {
      const about = String(values?.[0]);
      if (text.startsWith('update delivery set answered_at') && about.endsWith(point)) die(point);
      return database.query(text, values);
    },
  };
}

function dieOf(what: string): void {
  writeSync(1, `died ${what}\n`);
  process.kill(process.pid, 'SIGKILL');
  // The signal comes before anything else goes on.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}

/** The bot with its delivery as a process of its own. */
async function main({ databaseUrl, teamsUrl, point }: TeamsReplicaConfig): Promise<void> {
  const die: Die = (reached) => {
    if (reached === point) dieOf(point);
  };
  const plain = openDatabase({ url: databaseUrl, poolSize: 4 });
  const bot = createBot(
    {
      appId: sandboxAppId,
      tenants: [tenantId],
      credentials: { kind: 'sandbox' },
      port: 0,
      host: '127.0.0.1',
      sandbox: { teamsUrl },
    },
    {
      database: dyingAtAnswers(plain, die),
      leases: { leaseMs: 1_500, renewMs: 400 },
      conversation: {
        // Of which the fewest wait.
        paceOf: () => 'export',
        handleText: (_, text) => answerTo(text, die),
        handleAction: (turn) => act(plain, turn, die),
        handleSearch: async () => [],
        handleDialog: (turn) => act(plain, turn, die),
        handleView: () => Promise.reject(new Error('nobody has a card of their own')),
        handleAsk: () => Promise.reject(new Error('no program asks')),
        handleArrival: () => Promise.reject(new Error('it was there all along')),
        handleFind: () => Promise.reject(new Error('nobody looks for anything')),
        handleShare: () => Promise.reject(new Error('nobody shares anything')),
        handleLink: () => Promise.reject(new Error('nobody pastes a link')),
      },
      // Nobody has asked for anything: whatever is read is not there.
      reads: new Proxy({} as Reads, { get: () => async () => undefined }),
      clock: { now: () => new Date() },
      log: { info() {}, warn() {}, error() {} },
      render: (topic) => {
        if (topic === poison) dieOf(topic);
        return rendered(plain, topic);
      },
      at: async (boundary) => {
        die(boundaries[boundary]);
        // What stands is to be edited next.
        if (boundary === 'create stored')
          await plain.query('update card set wanted = wanted + 1 where wanted = 1 and activity_id is not null');
      },
    },
  );
  await bot.listen();
  createWorker({ database: plain, sleep, owner: 'replica', work: bot.work }).start();
  writeSync(1, `listening ${bot.url}\n`);
}

if (require.main === module) void main(JSON.parse(process.argv[2] ?? '{}') as TeamsReplicaConfig);
