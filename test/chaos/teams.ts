import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { AdaptiveCard } from '../../cards';
import { wantCard } from '../../store';
import { approvals, TestWorld, type Told, until } from '../bot/world';
import { programFile } from '../support/programs';
import { act, answerTo, type Point, points, rendered, type TeamsReplicaConfig } from './teams-replica';

export interface TeamsReport {
  readonly deaths: readonly string[];
  /** What is wrong, in words; empty when all is well. */
  readonly mistakes: readonly string[];
  /** Topics that show twice; each is in the audit. */
  readonly twice: readonly string[];
  readonly gaps: readonly string[];
}

interface Victim {
  readonly point: Point;
  readonly topic: string;
}

const about = (at: readonly Point[], what: string) => at.filter((point) => point.startsWith(what));

/** Machine time after which something hangs: beside busy neighbours a bot needs half a minute to come up. */
const hangsMs = 300_000;

const letters = 'ABCDEFGHJKLMNPQRST';

/**
 * Kills the bot at each boundary of a delivery and of a click, once over a card that shows something and once over one that
 * asks for a decision; then lets a peaceful one go on, and judges what stands in Teams.
 */
export async function runTeamsChaos(
  kinds: readonly ('run' | 'approval')[],
  at: readonly Point[] = points,
): Promise<TeamsReport> {
  const cardPoints = [...about(at, 'create'), ...about(at, 'edit')];
  const world = await TestWorld.open();
  try {
    const deliveries = kinds.flatMap((kind) => cardPoints.map((p) => ({ kind, p })));
    const victims = deliveries.map(({ kind, p }, i): Victim => ({ point: p, topic: `${kind}:R-AAAA${letters[i]}` }));
    const deaths: string[] = [];
    for (const victim of victims) deaths.push(await killOver(world, victim));
    for (const point of about(at, 'act')) deaths.push(await killIn(world, point, click));
    for (const point of about(at, 'message')) deaths.push(await killIn(world, point, ask));
    await recover(world, about(at, 'act'));
    return { deaths, ...(await judge(world, victims, about(at, 'message'))) };
  } finally {
    await world.close();
  }
}

/** Gives the point at which the process died. */
async function killOver(world: TestWorld, { point, topic }: Victim): Promise<string> {
  const { database } = world.db;
  await wantCard(database, { topic, channel: approvals, kind: topic.split(':')[0] ?? '' });
  // Nobody waits three seconds for the next edit, nor for what others left behind.
  await database.query(`update conversation set edit_not_before = '-infinity'`);
  await database.query(`update card set leased_until = 'infinity' where topic <> $1`, [topic]);
  await database.query(`delete from bucket where key like 'teams edits%'`);
  return died(world, point, async () => {});
}

type Deliver = (world: TestWorld, id: string) => Promise<unknown>;

async function killIn(world: TestWorld, point: Point, deliver: Deliver): Promise<string> {
  await world.db.database.query(`update card set leased_until = 'infinity'`);
  return died(world, point, () => void deliver(world, point).catch(() => {}));
}

async function ask(world: TestWorld, id: string) {
  return world.teams('POST', '/_sandbox/deliver', { as: 'Linus', in: 'goldbot', activity: { id, text: id } });
}

async function click(world: TestWorld, id: string) {
  const value = { action: { type: 'Action.Execute', verb: 'approve', data: { request: 'R-7F3KQ', reason: id } } };
  const activity = { type: 'invoke', name: 'adaptiveCard/action', id, replyToId: '1', value };
  return world.teams('POST', '/_sandbox/deliver', { as: 'Grace', in: approvals, activity });
}

async function died(world: TestWorld, point: Point, then: () => void): Promise<string> {
  const config: TeamsReplicaConfig = { databaseUrl: world.db.url, teamsUrl: world.box.teamsUrl, point };
  const child = spawn(process.execPath, [await programFile('replica-teams'), JSON.stringify(config)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const patience = setTimeout(() => child.kill('SIGKILL'), hangsMs);
  let last = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line;
    if (line.startsWith('listening'))
      void world.teams('POST', '/_sandbox/bot', { url: `${line.slice(10)}/api/messages` }).then(then, () => {});
  });
  return new Promise((done) =>
    child.once('close', () => {
      clearTimeout(patience);
      done(last);
    }),
  );
}

/** A peaceful bot, after the leases of the dead have ended. */
async function recover(world: TestWorld, clicked: readonly Point[]): Promise<void> {
  const { database } = world.db;
  const none = () => {};
  world.script.handleAction = (turn) => act(database, turn, none);
  world.script.handleText = (_, text) => answerTo(text, none);
  // Nobody delivers a message again, and nobody hurries its heir.
  await database.query('update delivery set leased_until = null where activity is null');
  await database.query('update act set leased_until = null');
  await database.query(`update card set leased_until = null`);
  await world.bot({ render: (topic) => rendered(database, topic) });
  for (const point of clicked) await click(world, point);
  await until(async () => {
    // The minute before a second post, and the pause between edits.
    await database.query(`update card set not_before = '-infinity' where leased_until is null`);
    await database.query(`update conversation set edit_not_before = '-infinity'`);
    await database.query(`delete from bucket where key like 'teams edits%'`);
    const open = await database.query('select 1 from delivery where activity is not null and answered_at is null');
    return (
      open.length === 0 &&
      (await database.query('select 1 from card where shown < wanted and not unclear')).length === 0
    );
  }, hangsMs);
}

async function judge(
  world: TestWorld,
  victims: readonly Victim[],
  asked: readonly Point[],
): Promise<Omit<TeamsReport, 'deaths'>> {
  const { database } = world.db;
  const told = (await world.messages(approvals)).filter((m: Told) => m.from === 'goldbot');
  const audit = (await database.query<{ entry: string }>('select entry from audit')).map((row) => row.entry);
  const mistakes: string[] = [];
  const shows = (topic: string) => told.filter((m) => m.summary === topic).map(({ card }) => textOf(card));
  const isUnclear = (topic: string) => audit.some((entry) => entry.includes('card-unclear') && entry.includes(topic));
  for (const { topic, point } of victims) {
    const shown = shows(topic);
    const final = textOf((await rendered(database, topic)).card);
    if (shown.length !== 1 && !isUnclear(topic))
      mistakes.push(`${point}: ${topic} shows ${shown.length} times, unsaid`);
    if (topic.startsWith('run') && shown.length > 1) mistakes.push(`${point}: ${topic} shows twice`);
    if (topic.startsWith('approval') && !shown.includes(final)) mistakes.push(`${point}: ${topic} is not up to date`);
    if (!isUnclear(topic) && !shown.includes(final)) mistakes.push(`${point}: ${topic} is behind`);
  }
  const acted = audit.filter((entry) => entry.includes('"acted"')).length;
  if (acted !== 2) mistakes.push(`2 acts were done ${acted} times`);
  const answers = (await world.messages('Linus and goldbot')).filter((m: Told) => m.from === 'goldbot');
  for (const point of asked) {
    const times = answers.filter(({ text }) => text === `Answer to ${point}`).length;
    // Taken by Teams, and the process died before it could store that: nobody can know, and an answer may stand twice.
    if (times < 1 || times > (point.includes('in Teams') ? 2 : 1)) mistakes.push(`${point}: answered ${times} times`);
  }
  const topics = victims.map(({ topic }) => topic);
  return { mistakes, twice: topics.filter((t) => shows(t).length > 1), gaps: topics.filter(isUnclear) };
}

function textOf(card: AdaptiveCard | undefined): string {
  return String((card?.body[0] as { text?: string } | undefined)?.text);
}
