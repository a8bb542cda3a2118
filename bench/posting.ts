import { Delivery } from '../bot/delivery';
import { Pace } from '../bot/speaker';
import { TeamsError } from '../bot/teams';
import { sleep } from '../core/time';
import { saveConversation, wantCard } from '../store';
import { testDatabase } from '../test/store/database';
import { createWorker } from '../workflows/engine';
import { StubTeams } from './stub-teams';
import { type Result, seconds, times } from './table';

const teams = 1_000;
const perSecond = 30;
const limitMs = (teams / perSecond) * 1_000;
const places = Array.from({ length: teams }, (_, n) => `19:team-${n}@thread.tacv2`);

interface Figure {
  readonly ms: number;
  readonly lost: number;
  readonly twice: number;
  readonly requests: number;
}

/** B6: a thousand digests into a thousand channels, at what Teams takes of one tenant. */
export async function posting(say: (line: string) => void): Promise<readonly Result[]> {
  const own = await goldbot();
  const peer = await allAtOnce();
  const told = (f: Figure) => `${seconds(f.ms)}, ${f.lost} lost, ${f.twice} twice, ${f.requests} requests`;
  say(`posting, limit ${seconds(limitMs)}: goldbot ${told(own)}; Promise.all with the SDK's retries ${told(peer)}`);
  return [
    {
      id: 'B6',
      what: '1,000 team digests at 30 requests/s, 1 % refused',
      goldbot: `${times(own.ms, limitMs)} the limit, ${own.lost} lost, ${own.twice} twice`,
      peers: [`Promise.all + SDK retries: ${times(peer.ms, limitMs)}, ${peer.lost} lost, ${peer.twice} twice`],
      target: '1.1 x the limit, none lost, none twice',
      reached: own.ms <= limitMs * 1.1 && own.lost + own.twice === 0,
    },
  ];
}

/** goldbot's own delivery: cards as rows, paced in the database, as any number of replicas do. */
async function goldbot(): Promise<Figure> {
  const { database, close } = await testDatabase();
  const teams = new StubTeams();
  for (const id of places) {
    const reference = { kind: 'channel' };
    await saveConversation(database, { id, tenantId: 't', serviceUrl: 'https://x/', reference, name: null });
  }
  const quiet = { info: () => {}, warn: () => {}, error: () => {} };
  const delivery = new Delivery({
    database,
    teams: {
      post: async ({ conversationId }) => {
        await sleep(40);
        const { status, retryAfterMs } = teams.post(conversationId);
        if (status === 429) throw new TeamsError('throttled', 'Teams: 429', { status, retryAfterMs });
        return { activityId: `a-${conversationId}`, threadId: 'x' };
      },
      update: async () => {},
    },
    pace: new Pace(database, sleep),
    places: { park: async () => {} },
    render: async (topic) => ({ text: topic, card: { type: 'AdaptiveCard', version: '1.5', body: [] } as never }),
    clock: { now: () => new Date() },
    sleep,
    log: quiet as never,
  });
  const started = performance.now();
  const worker = createWorker({ database, sleep, owner: 'bench', work: [delivery] });
  worker.start();
  for (const [n, id] of places.entries()) {
    await wantCard(database, { topic: `digest:${n}`, conversationId: id, kind: 'digest' });
  }
  while (teams.delivered.size < places.length && performance.now() - started < limitMs * 3) await sleep(50);
  const ms = performance.now() - started;
  await worker.drain();
  await close();
  return { ms, requests: teams.requests, ...teams.mistakes(places) };
}

/** What botbuilder does of itself: three more tries after a 429, each after its Retry-After, then an error. */
async function allAtOnce(): Promise<Figure> {
  const teams = new StubTeams();
  const started = performance.now();
  await Promise.all(
    places.map(async (id) => {
      for (let tries = 0; tries < 4; tries += 1) {
        await sleep(40);
        const { status, retryAfterMs } = teams.post(id);
        if (status === 201) return;
        await sleep(retryAfterMs);
      }
    }),
  );
  const ms = performance.now() - started;
  return { ms, requests: teams.requests, ...teams.mistakes(places) };
}
