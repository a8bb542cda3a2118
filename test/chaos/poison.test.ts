import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { needsALookAfter } from '../../core/runs';
import { wantCard } from '../../store';
import { approvals, TestWorld, type Told, until } from '../bot/world';
import { programFile } from '../support/programs';
import { inFull } from '../support/size';
import { poison, type TeamsReplicaConfig } from './teams-replica';

const others = ['B', 'C', 'D', 'F', 'G'].map((letter) => `approval:R-2222${letter}`);

inFull(
  'a card whose drawing kills the process does not take the fleet down: all others are shown, by a replica that lives',
  async () => {
    const world = await TestWorld.open();
    const { database } = world.db;
    const want = (topic: string) => wantCard(database, { topic, channel: approvals, kind: 'approval' });
    const behind = async () =>
      (await database.query<{ topic: string }>('select topic from card where shown < wanted')).map(
        ({ topic }) => topic,
      );
    try {
      await want(poison);
      // After so many deaths words stand in its place, which kill nobody.
      const isTold = async () =>
        (await world.messages(approvals)).some(({ text }: Told) => text.includes('goldbot cannot show'));
      for (let deaths = 0; (await lifeOf(world, isTold)) === 'died'; deaths += 1)
        expect(deaths).toBeLessThanOrEqual(needsALookAfter);
      for (const topic of others) await want(topic);
      const isDone = async () => (await behind()).length === 1;
      // On a machine that is busy enough, the rest may be over before all is shown; the next one is twice as long.
      for (let lives = 1; (await lifeOf(world, isDone)) === 'died'; lives += 1)
        expect(lives).toBeLessThan(needsALookAfter);

      expect(await behind()).toEqual([poison]);
      // What stands in the place of the one that kills has no card, and may be there already.
      const shown = (await world.messages(approvals)).filter((m: Told) => m.from === 'goldbot' && m.card !== undefined);
      expect(shown.map(({ summary }) => summary).sort()).toEqual([...others].sort());
    } finally {
      await world.close();
    }
  },
  600_000,
);

/** One replica, until it dies or has done what there is to do. */
async function lifeOf(world: TestWorld, isDone: () => Promise<boolean>): Promise<'died' | 'lives'> {
  const config: TeamsReplicaConfig = { databaseUrl: world.db.url, teamsUrl: world.box.teamsUrl, point: 'none' };
  const child = spawn(process.execPath, [await programFile('replica-teams'), JSON.stringify(config)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let [died, gone] = [false, false];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === `died ${poison}`) died = true;
    // Teams tells it where its channels are.
    if (line.startsWith('listening'))
      void world.teams('POST', '/_sandbox/bot', { url: `${line.slice(10)}/api/messages` }).catch(() => {});
  });
  const ended = new Promise<void>((done) =>
    child.once('close', () => {
      gone = true;
      done();
    }),
  );
  try {
    await until(async () => gone || (await isDone()), 120_000);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
  return died ? 'died' : 'lives';
}
