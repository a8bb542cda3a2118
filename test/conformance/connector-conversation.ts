import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { teamSubscriptions } from '../../sandbox/azure/names';
import type { LocalWorld } from '../support/world';
import { parseTranscript } from '../transcripts/parse';
import { play } from '../transcripts/play';

const people = ['Ada', 'Grace', 'Heidi', 'Linus', 'Dana'] as const;

interface Message {
  readonly id: string;
  readonly from: string;
  readonly card?: { readonly actions?: readonly { readonly title: string; readonly verb: string }[] };
}

const general = 'Image Factory / General';

/** What people say that makes every kind of card, in a channel, in a thread of one, and alone with goldbot. */
const sayings = [
  'help',
  'help publish',
  'images',
  'versions ubuntu-22 --all',
  'show ubuntu-22@1.5.0',
  'diff ubuntu-22 1.5.0 1.6.1',
  'tattoo ubuntu-22',
  'runs',
  'approvals',
  'audit',
  'whoami',
  'publish',
  'cancel',
  'versions ubunt',
  'pubish ubuntu-22',
  'status R-22222',
  'publish windows-2022 --plan',
  'publish ubuntu-22 --plan',
] as const;

/** People live through the story of one image, then through every command and trouble that Teams can make. */
export async function liveThrough(world: LocalWorld): Promise<void> {
  const story = join(__dirname, '../transcripts/the-whole-story.md');
  await play(parseTranscript(readFileSync(story, 'utf8')), world);
  await Promise.all([...inPrivate(world), inChannels(world), tooLate(world), besideMessageBoxes(world)]);
  await withTroubles(world);
}

/** The people share the sayings: Teams takes 60 messages in half a minute in one chat, and goldbot waits for it. */
function inPrivate(world: LocalWorld): readonly Promise<void>[] {
  return people.map(async (who, i) => {
    for (const text of sayings.filter((_, at) => at % people.length === i)) await say(world, who, 'goldbot', text);
    await pressAll(world, who, `${who} and goldbot`);
  });
}

/** One button of each card; nobody publishes by this. */
async function pressAll(world: LocalWorld, as: string, where: string): Promise<void> {
  const cards = (await messagesOf(world, where)).filter((m) => m.card !== undefined);
  for (const { id, card } of cards) {
    const [button] = card?.actions?.filter(({ verb }) => verb !== 'publish') ?? [];
    if (button) await ask(world, '/api/click', { as, activityId: id, title: button.title, data: {} });
  }
}

/** Things are looked for, one is shared, and links are pasted, of which goldbot knows one. */
async function besideMessageBoxes(world: LocalWorld): Promise<void> {
  const who = { as: 'Linus', in: 'payments / ops' };
  for (const query of ['vm-payments', 'zzz', '']) await ask(world, '/api/find', { ...who, ...(query && { query }) });
  const { results } = (await ask(world, '/api/find', { ...who, query: 'ubuntu' })) as { results: { item: object }[] };
  await ask(world, '/api/select', { ...who, item: results[0]?.item });
  await ask(world, '/api/select', { ...who, item: { verb: 'lock', values: { image: 'ubuntu-22' } } });
  const machine = `${payments}/providers/Microsoft.Compute/virtualMachines/vm-payments-api-001`;
  for (const id of [machine, '/subscriptions/s'])
    await ask(world, '/api/link', { ...who, url: `https://portal.azure.com/#@contoso/resource${id}` });
}

const payments = `/subscriptions/${teamSubscriptions[0]}/resourceGroups/rg-payments`;

/** The card that asked has been decided on, and goldbot does not serve the tenant of one who clicks. */
async function tooLate(world: LocalWorld): Promise<void> {
  const where = 'Image Factory / approvals';
  const asked = (await messagesOf(world, where)).findLast((m) => m.card !== undefined);
  for (const as of ['Heidi', 'Dana', 'Mallory'])
    await ask(world, '/api/click', { as, activityId: asked?.id, title: 'Approve', data: {} });
}

async function inChannels(world: LocalWorld): Promise<void> {
  const root = await say(world, 'Grace', 'payments / ops', '@goldbot runs');
  await say(world, 'Heidi', `payments / ops;messageid=${root}`, '@goldbot images and @Grace');
  await say(world, 'Dana', 'goldbot', 'publish ubuntu-22');
  await say(world, 'Mallory', general, '@goldbot whoami');
  await say(world, 'Ada', 'web / ops', '@goldbot publish ubuntu-22 --force --note "**bold** <at>Grace</at>"');
  await eventually(() => click(world, 'Ada', 'web / ops', 'Cancel'));
}

/** Teams is busy, finds the message too large, breaks, or does not let goldbot speak any more; then all is well again. */
async function withTroubles(world: LocalWorld): Promise<void> {
  const { conversations } = (await ask(world, '/api/state')) as { conversations: { id: string; name: string }[] };
  const trouble = async (who: string, status: number) => {
    const { id = '' } = conversations.find(({ name }) => name === `${who} and goldbot`) ?? {};
    const headers = status === 429 ? { 'retry-after': '1' } : {};
    const match = { face: 'teams', method: 'POST', url: `${id.slice(2)}/activities` };
    await ask(world, '/_sandbox/faults', { match, status, headers, times: 1 });
    await say(world, who, 'goldbot', 'whoami');
    await say(world, who, 'goldbot', 'help');
  };
  const each = [429, 412, 413, 502, 404];
  await Promise.all(people.map((who, i) => trouble(who, each[i] ?? 500)));
  await trouble('Dana', 403);
}

async function say(world: LocalWorld, as: string, where: string, text: string): Promise<string> {
  return ((await ask(world, '/api/say', { as, in: where, text })) as { activityId: string }).activityId;
}

/** Presses a button of the newest card there that has it. */
async function click(world: LocalWorld, as: string, where: string, title: string): Promise<boolean> {
  const found = (await messagesOf(world, where)).findLast((m) => m.card?.actions?.some((a) => a.title === title));
  if (found) await ask(world, '/api/click', { as, activityId: found.id, title });
  return found !== undefined;
}

async function messagesOf(world: LocalWorld, where: string): Promise<readonly Message[]> {
  return (await ask(world, `/api/conversations/${encodeURIComponent(where)}/messages`)) as Message[];
}

async function eventually(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await done()) return;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error('the button never showed');
}

async function ask(world: LocalWorld, path: string, body?: object): Promise<unknown> {
  const init = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(world.teamsUrl + path, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
