import { Botbuilder } from '../bot/botbuilder';
import { ChannelKeys, FrontDoor, Strangers, serviceUrlRule } from '../bot/front-door';
import { BotServer } from '../bot/server';
import { sleep } from '../core/time';
import { MemoryLog, sandboxAppId, TestWorld, tenantId } from '../test/bot/world';
import type { Result } from './table';

const perSecond = 50;
const messages = 300;
const people = 60;
/** Azure hangs for longer than anybody waits; goldbot's dialogs give up after this. */
const dialogBudgetMs = 2_600;
/** Teams delivers a message again that was not acknowledged for so long. */
const redeliveredMs = 15_000;
const targetMs = 50;

interface Figure {
  readonly p99Ms: number;
  readonly redelivered: number;
}

/** B2: how long Teams waits for its acknowledgement while Azure hangs. */
export async function acknowledging(say: (line: string) => void): Promise<readonly Result[]> {
  const world = await TestWorld.open();
  world.script.onText = () => sleep(dialogBudgetMs).then(() => ({ text: 'Azure did not answer in time.' }));
  const bot = await world.bot();
  const own = await load(world, bot.url);
  const inline = await turning(world, redeliveredMs);
  const peer = await load(world, inline.url);
  const empty = await turning(world, 0);
  const floor = await load(world, empty.url);
  await Promise.all([inline.close(0), empty.close(0)]);
  await world.close();
  const told = ({ p99Ms, redelivered }: Figure) => `p99 ${Math.round(p99Ms)} ms, ${redelivered} redelivered`;
  say(
    `acknowledging while Azure hangs: goldbot ${told(own)}; awaiting Azure ${told(peer)}; doing nothing ${told(floor)}`,
  );
  return [
    {
      id: 'B2',
      what: `acknowledgement while Azure hangs, ${perSecond} messages/s`,
      goldbot: told(own),
      peers: [`awaiting Azure in the turn: ${told(peer)}`, `doing nothing: ${told(floor)}`],
      target: `p99 ${targetMs} ms, none redelivered`,
      reached: own.p99Ms <= targetMs && own.redelivered === 0,
    },
  ];
}

/** The same server and front door, before a turn of that length. */
async function turning({ box, db }: TestWorld, turnMs: number): Promise<BotServer> {
  const metadataUrl = `${box.teamsUrl}/openidconfiguration`;
  const mayCall = serviceUrlRule(box.teamsUrl);
  const settings = { appId: sandboxAppId, tenants: [tenantId], port: 0, host: '127.0.0.1' };
  const log = new MemoryLog();
  const server = new BotServer(settings, {
    door: new FrontDoor(settings, new ChannelKeys({ metadataUrl }), mayCall),
    framework: new Botbuilder({ ...settings, credentials: { kind: 'sandbox' }, metadataUrl, mayCall }),
    turns: { take: () => sleep(turnMs).then(() => undefined) },
    strangers: new Strangers(db.database, { now: () => new Date() }, log),
    programs: { answer: () => Promise.reject(new Error('no program asks')) },
    ready: {},
    log,
  });
  await server.listen();
  return server;
}

async function load({ box }: TestWorld, url: string): Promise<Figure> {
  const { link } = box.teams;
  const authorization = `Bearer ${await link.tokens.sign(link.serviceUrl)}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const one = async (n: number): Promise<number> => {
    const body = JSON.stringify(message(n, link.serviceUrl));
    const started = performance.now();
    const { status } = await fetch(`${url}/api/messages`, { method: 'POST', headers, body });
    if (status !== 200) throw new Error(`a message was answered with ${status}`);
    return performance.now() - started;
  };
  await one(-1);
  const waits: Promise<number>[] = [];
  for (let n = 0; n < messages; n += 1) {
    waits.push(one(n));
    await sleep(1_000 / perSecond);
  }
  const ms = (await Promise.all(waits)).sort((a, b) => a - b);
  return { p99Ms: ms[Math.ceil(ms.length * 0.99) - 1] ?? 0, redelivered: ms.filter((m) => m >= redeliveredMs).length };
}

function message(n: number, serviceUrl: string): object {
  const who = String(n % people).padStart(12, '0');
  return {
    ...{
      type: 'message',
      id: `bench-${serviceUrl}-${n}-${Date.now()}`,
      channelId: 'msteams',
      serviceUrl,
      text: 'status',
    },
    from: { id: `29:${who}`, name: `Person ${who}`, aadObjectId: `00000000-0000-4000-8000-${who}` },
    recipient: { id: `28:${sandboxAppId}` },
    conversation: { id: `a:${who}`, conversationType: 'personal', tenantId },
    channelData: { tenant: { id: tenantId } },
  };
}
