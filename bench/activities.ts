import { randomUUID } from 'node:crypto';
import { startSandbox } from '../sandbox';
import { entra, tenantId } from '../sandbox/entra/people';
import { sandboxAppId } from '../sandbox/teams/face';
import type { Database } from '../store';
import { testDatabase } from '../test/store/database';
import { worldStart } from '../test/support/world-start';
import { ContestantProcess } from './contestant-process';
import { StubConnector } from './stub-connector';
import type { Result } from './table';

const rounds = 5;
const perRound = 160;
/** Until V8 has compiled what is worth it, which takes goldbot more than a thousand messages. */
const warmUp = 1_600;
const connections = 16;
/** Each in their own chat; enough of them that nobody asks more than goldbot takes of one. */
const people = 320;
/** Teams takes thirty messages a second of one tenant, and goldbot keeps to it: of one alone the CPU would mostly rest. */
export const tenants = Array.from({ length: 20 }, (_, n) => `8f6a3c52-1b0e-4d7f-9a1c-${String(n).padStart(12, '0')}`);

const commands = [
  { text: 'status', target: 1.3 },
  { text: 'help', target: 1.3 },
  { text: 'versions ubuntu-22', target: 2 },
  { text: 'compliance payments', target: 2 },
];
const echoes = ['botbuilder', 'agents-hosting', 'teams-apps', 'bare'] as const;

interface Contestant {
  readonly name: string;
  readonly text: string;
  readonly process: ContestantProcess;
}

/** CPU of an activity in milliseconds, a round each. */
type Costs = ReadonlyMap<string, readonly number[]>;

/**
 * B1: what an activity costs the processor, beside echoes that check no token and have no database. Contestants take
 * turns, a round each, so that what else the machine does meets all of them. PostgreSQL's own CPU is not in it.
 */
export async function activities(say: (line: string) => void): Promise<readonly Result[]> {
  const store = await testDatabase();
  const sandbox = await startSandbox({ speed: 1, startMs: worldStart, azure: { throttle: false } });
  const stub = new StubConnector(sandbox.teams.link.tokens);
  await stub.open();
  letIn(sandbox.world);
  const started: ContestantProcess[] = [];
  const quota = new FullQuota(store.database);
  try {
    const teamsUrl = stub.serviceUrl.replace(/\/$/, '');
    const input = { databaseUrl: store.url, azureUrl: sandbox.azureUrl, teamsUrl, tenants };
    const goldbot = await ContestantProcess.goldbot(input);
    started.push(goldbot);
    const contestants: Contestant[] = commands.map(({ text }) => ({ name: text, text, process: goldbot }));
    for (const name of echoes) {
      const process = await ContestantProcess.echo(name);
      started.push(process);
      contestants.push({ name, text: 'status', process });
    }
    const driver = new Driver(stub, await sandbox.teams.link.tokens.sign(stub.serviceUrl));
    return judged(await costsOf(contestants, driver, say), say);
  } finally {
    await quota.end();
    await Promise.all(started.map((process) => process.stop()));
    await stub.close();
    await sandbox.close();
    await store.close();
  }
}

async function costsOf(
  contestants: readonly Contestant[],
  driver: Driver,
  say: (line: string) => void,
): Promise<Costs> {
  const begun = performance.now();
  const at = () => `${((performance.now() - begun) / 1_000).toFixed(0)} s`;
  for (const { name, process, text } of contestants) {
    await driver.send(process.url, text, warmUp);
    say(`${at()}: ${name} is warm, ${warmUp} activities`);
  }
  const costs = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, text, process } of contestants) {
      const before = await process.cpuMs();
      await driver.send(process.url, text, perRound);
      costs.get(name)?.push(((await process.cpuMs()) - before) / perRound);
    }
    say(`${at()}: round ${round} of ${rounds}, of ${perRound} activities each`);
  }
  return costs;
}

const refillMs = 50;

/**
 * Azure's quota, of which there is always enough: what goldbot waits for it costs no CPU, and of `versions`, which reads
 * Azure each time, goldbot lets people have fifteen reads a second.
 */
class FullQuota {
  private isOver = false;
  private readonly filling: Promise<void>;

  constructor(database: Database) {
    this.filling = this.fill(database);
    // Told by `end`.
    this.filling.catch(() => {});
  }

  /** @throws what went wrong with it. */
  async end(): Promise<void> {
    this.isOver = true;
    await this.filling;
  }

  private async fill(database: Database): Promise<void> {
    for (; !this.isOver; await new Promise((done) => setTimeout(done, refillMs))) {
      // No bucket holds more than its burst, whatever stands there.
      await database.query(`update bucket set tokens = 1000 where key like 'azure %'`);
    }
  }
}

/** Everybody who asks may have an answer: a refusal would cost less. */
export function letIn(world: Parameters<typeof entra>[0]): void {
  const { people: known, groups } = entra(world);
  const publishers = groups.find(({ name }) => name === 'goldbot-publishers');
  for (let n = 0; n < people; n += 1) {
    const { aadObjectId: id, name } = message(n, '', '').from;
    known.push({ id, name, mail: `${n}@contoso.example`, tenantId, title: 'Publisher' });
    publishers?.members.push(id);
  }
}

function judged(costs: Costs, say: (line: string) => void): readonly Result[] {
  const median = (name: string) => middle(costs.get(name) ?? []);
  for (const name of costs.keys()) say(`an activity, ${name}: ${median(name).toFixed(2)} ms`);
  const ratio = (name: string) => {
    const peer = costs.get('botbuilder') ?? [];
    return middle((costs.get(name) ?? []).map((cost, round) => cost / (peer[round] ?? Number.NaN)));
  };
  const called = (name: string) => (name === 'bare' ? 'bare node:http' : `${name} echo`);
  const peers = echoes.map((name) => `${called(name)}: ${median(name).toFixed(2)} ms`);
  return commands.map(({ text, target }) => ({
    id: 'B1',
    what: `CPU per \`${text}\`, token checked, database on`,
    goldbot: `${median(text).toFixed(2)} ms, ${ratio(text).toFixed(2)} x`,
    peers,
    target: `${target} x the botbuilder echo`,
    reached: ratio(text) <= target,
  }));
}

const middle = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN;

/** Says things to a bot, each time as the next of many people. */
export class Driver {
  private sent = 0;

  constructor(
    private readonly stub: StubConnector,
    private readonly token: string,
  ) {}

  /** By sixteen connections, each of which sends the next message once the last one was answered. */
  async send(url: string, text: string, count: number): Promise<void> {
    let left = count;
    const client = async () => {
      while (left > 0) {
        left -= 1;
        await this.answerMs(url, text);
      }
    };
    await Promise.all(Array.from({ length: connections }, client));
  }

  /** Until the reply was posted. @throws Error when there is none. */
  async answerMs(url: string, text: string): Promise<number> {
    const activity = message(this.sent, text, this.stub.serviceUrl);
    this.sent += 1;
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    const started = performance.now();
    const replied = this.stub.replyIn(activity.conversation.id);
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(activity) });
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
    await replied;
    return performance.now() - started;
  }
}

/** As Teams sends one of a personal chat. */
function message(n: number, text: string, serviceUrl: string) {
  const who = String(n % people).padStart(12, '0');
  const tenant = tenants[n % tenants.length];
  return {
    ...{ type: 'message', id: randomUUID(), channelId: 'msteams', serviceUrl, text, textFormat: 'plain' },
    ...{ timestamp: '2026-11-23T09:00:00.000Z', locale: 'en-US', localTimezone: 'Europe/Berlin' },
    entities: [{ type: 'clientInfo', locale: 'en-US', country: 'US', platform: 'Web', timezone: 'Europe/Berlin' }],
    from: { id: `29:${who}`, name: `Person ${who}`, aadObjectId: `00000000-0000-4000-8000-${who}` },
    recipient: { id: `28:${sandboxAppId}`, name: 'goldbot' },
    conversation: { id: `a:${who}`, conversationType: 'personal', tenantId: tenant },
    channelData: { tenant: { id: tenant } },
  };
}
