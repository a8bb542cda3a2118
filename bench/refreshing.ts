import { type ListeningSandbox, startSandbox } from '../sandbox';
import { tenantId } from '../sandbox/entra/people';
import { sandboxAppId } from '../sandbox/teams/face';
import { testDatabase } from '../test/store/database';
import { worldStart } from '../test/support/world-start';
import { ContestantProcess } from './contestant-process';
import type { Result } from './table';

const people = 60;
const cards = 20;
/** As many as clients of one channel keep open to Teams' service, and it to the bot. */
const connections = 16;
const targetMs = 100;
const approvals = 'Image Factory / approvals';

interface Storm {
  readonly p99Ms: number;
  readonly azureCalls: number;
  /** Of goldbot's process. */
  readonly cpuMs: number;
}

/** B9: sixty people open a channel with twenty cards that are another one for each of them. */
export async function refreshing(say: (line: string) => void): Promise<readonly Result[]> {
  const store = await testDatabase();
  const sandbox = await startSandbox({ speed: 1_200, startMs: worldStart });
  // In a process of its own: who measures, and the sandbox, would wait in its line.
  const goldbot = await ContestantProcess.beside(sandbox, store.url);
  try {
    const asked = await approvalCard(sandbox);
    // Nothing comes due by itself: what Azure is asked from here on, refreshes ask.
    await post(`${sandbox.teamsUrl}/_sandbox/clock`, { speed: 0 });
    const world = { sandbox, goldbot, asked };
    await rest(sandbox);
    await storm(world, { of: 1, readsAzure: false });
    const own = await storm(world, { of: cards, readsAzure: false });
    const peer = await storm(world, { of: cards, readsAzure: true });
    const told = ({ p99Ms, azureCalls, cpuMs }: Storm) =>
      `${azureCalls} Azure calls, p99 ${Math.round(p99Ms)} ms, ${cpuMs.toFixed(1)} ms of CPU each`;
    say(`refreshing ${people} x ${cards} cards: goldbot ${told(own)}; with an Azure read each ${told(peer)}`);
    return [
      {
        id: 'B9',
        what: `refresh storm, ${people} people x ${cards} cards`,
        goldbot: told(own),
        peers: [`one Azure read a refresh: ${told(peer)}`],
        target: `0 Azure calls, p99 ${targetMs} ms`,
        reached: own.azureCalls === 0 && own.p99Ms <= targetMs,
      },
    ];
  } finally {
    await goldbot.stop();
    await sandbox.close();
    await store.close();
  }
}

interface Asked {
  readonly messageId: string;
  readonly conversation: string;
  readonly refresh: { readonly action: object };
}

/** The card of a request that waits for its approvers. */
async function approvalCard({ teamsUrl }: ListeningSandbox): Promise<Asked> {
  await post(`${teamsUrl}/api/say`, { as: 'Ada', in: 'Image Factory / General', text: '@goldbot publish ubuntu-22' });
  const address = `${teamsUrl}/api/conversations/${encodeURIComponent(approvals)}/messages?as=Linus`;
  const { conversations } = (await (await fetch(`${teamsUrl}/api/state`)).json()) as {
    readonly conversations: readonly { readonly id: string; readonly name: string }[];
  };
  const conversation = conversations.find(({ name }) => name === approvals)?.id ?? '';
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; ) {
    const messages = (await (await fetch(address)).json()) as readonly {
      readonly id: string;
      readonly card?: { readonly refresh?: { readonly action: object } };
    }[];
    const found = messages.find(({ card }) => card?.refresh !== undefined);
    if (found?.card?.refresh) return { messageId: found.id, conversation, refresh: found.card.refresh };
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('no request came to be approved');
}

interface World {
  readonly sandbox: ListeningSandbox;
  readonly goldbot: ContestantProcess;
  readonly asked: Asked;
}

async function storm({ sandbox, goldbot, asked }: World, how: { of: number; readsAzure: boolean }): Promise<Storm> {
  const { link } = sandbox.teams;
  const authorization = `Bearer ${await link.tokens.sign(link.serviceUrl)}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const [before, cpuBefore] = [azureCallsOf(sandbox), await goldbot.cpuMs()];
  const waiting = Array.from({ length: people * how.of }, (_, n) => n);
  const waits: number[] = [];
  const client = async () => {
    for (let n = waiting.shift(); n !== undefined; n = waiting.shift()) {
      const body = JSON.stringify(refreshOf(asked, n, link.serviceUrl));
      const started = performance.now();
      if (how.readsAzure) await fetch(`${sandbox.azureUrl}${aRead}`, { headers: { authorization: 'Bearer sandbox' } });
      const answer = await fetch(goldbot.url, { method: 'POST', headers, body });
      const text = await answer.text();
      waits.push(performance.now() - started);
      if (!text.includes('vnd.microsoft.card.adaptive')) throw new Error(`no card: ${answer.status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  waits.sort((a, b) => a - b);
  const cpuMs = ((await goldbot.cpuMs()) - cpuBefore) / waits.length;
  const p99Ms = waits[Math.ceil(waits.length * 0.99) - 1] ?? 0;
  return { p99Ms, cpuMs, azureCalls: azureCallsOf(sandbox) - before };
}

const azureCallsOf = ({ sandbox }: ListeningSandbox): number =>
  sandbox.exchanges.filter(({ face }) => face === 'azure').length;

/** Until what goldbot does by itself is done: nothing was asked for as long as a run waits between two looks. */
async function rest(sandbox: ListeningSandbox): Promise<void> {
  let last = azureCallsOf(sandbox);
  for (let quiet = 0, tries = 0; quiet < 30 && tries < 600; tries += 1) {
    await new Promise((done) => setTimeout(done, 100));
    const now = azureCallsOf(sandbox);
    quiet = now === last ? quiet + 1 : 0;
    last = now;
  }
}

const aRead = '/subscriptions?api-version=2022-12-01';

function refreshOf({ messageId, conversation, refresh }: Asked, n: number, serviceUrl: string): object {
  const who = String(n % people).padStart(12, '0');
  return {
    ...{
      type: 'invoke',
      name: 'adaptiveCard/action',
      id: `bench-${n}-${Date.now()}`,
      channelId: 'msteams',
      serviceUrl,
    },
    value: { action: refresh.action, trigger: 'automatic' },
    replyToId: messageId,
    from: { id: `29:${who}`, name: `Person ${who}`, aadObjectId: `00000000-0000-4000-8000-${who}` },
    recipient: { id: `28:${sandboxAppId}` },
    conversation: { id: conversation, conversationType: 'channel', isGroup: true, tenantId },
    channelData: { tenant: { id: tenantId }, channel: { id: conversation } },
  };
}

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
}
