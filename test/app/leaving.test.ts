import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { until } from '../bot/world';
import { sizeOf } from '../chaos/matrix';
import { inFull } from '../support/size';
import { bundled, endProcesses, type Started } from './processes';

const people = ['Ada', 'Grace', 'Linus'];
const questions = sizeOf('leaving', 'questions');
let box: ListeningSandbox;
let bot: (environment: Readonly<Record<string, string>>) => Started;
beforeAll(async () => {
  [box, bot] = await Promise.all([startSandbox({ speed: 120 }), bundled('bot')]);
});
afterAll(async () => {
  endProcesses();
  await box.close();
});

/** True when goldbot took it: then nobody sends it again. */
async function isTaken(as: string, text: string): Promise<boolean> {
  const response = await fetch(`${box.teamsUrl}/api/say`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ as, in: 'goldbot', text }),
  });
  await response.text();
  return response.status === 200;
}

/** What goldbot has said to people in their own chats. */
async function said(): Promise<number> {
  const get = async <T>(path: string) => (await (await fetch(box.teamsUrl + path)).json()) as T;
  const { conversations } = await get<{ conversations: { id: string; personId?: string }[] }>('/api/state');
  const chats = conversations.filter(({ personId }) => personId);
  const told = chats.map(({ id }) => get<{ from: string }[]>(`/api/conversations/${encodeURIComponent(id)}/messages`));
  return (await Promise.all(told)).flat().filter(({ from }) => from === 'goldbot').length;
}

inFull(
  'leaves in order while people ask: what it took is answered, once, by it or by the next one',
  async () => {
    const environment = {
      ...{ GOLDBOT_DATA: mkdtempSync(join(tmpdir(), 'goldbot-leaving-')), PORT: '0' },
      ...{ SANDBOX_AZURE_URL: box.azureUrl, SANDBOX_TEAMS_URL: box.teamsUrl },
    };
    const leaving = bot(environment);
    await leaving.line(/Bot: http/);
    const before = await said();
    let taken = 0;
    const asked = Array.from({ length: questions }, async (_, i) => {
      await new Promise((go) => setTimeout(go, i * 10));
      if (!(await isTaken(people[i % people.length] ?? '', i % 2 ? 'versions' : 'help'))) return;
      taken += 1;
      // Once: a second signal ends it at once, with 1.
      if (taken === 3) leaving.child.kill('SIGTERM');
    });
    const [code] = await Promise.all([leaving.ended, ...asked]);
    const late = await isTaken('Ada', 'help');
    const next = bot(environment);
    await next.line(/Bot: http/);
    await until(async () => (await said()) - before >= taken, 60_000);
    next.child.kill('SIGTERM');
    await next.ended;

    expect(code).toBe(0);
    expect(late).toBe(false);
    // A message whose acknowledgement was cut off may have been taken all the same; it is answered once, too.
    const answered = (await said()) - before;
    expect(answered).toBeGreaterThanOrEqual(taken);
    expect(answered).toBeLessThanOrEqual(questions);
  },
  240_000,
);
