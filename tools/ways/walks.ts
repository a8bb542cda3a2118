import { join } from 'node:path';
import { CatalogueSource } from '../../app/catalogue-files';
import { type Duty, type Goldbot, startGoldbot } from '../../app/goldbot';
import { createLog } from '../../app/run';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { tenantId } from '../../sandbox/entra/people';
import type { SandboxRequest } from '../../sandbox/kernel/types';
import { sandboxAppId } from '../../sandbox/teams/face';
import { sandboxClient, sandboxCredential } from '../../services';
import { testDatabase } from '../../test/store/database';
import { Coverage, type Executed } from './coverage';
import type { WayName } from './reader';

/**
 * The four ways, walked for real: goldbot and the sandbox in this process, real HTTP between them, and V8 counting
 * between two points. What has nothing to do with a way is kept out by not running it, never by taking files away
 * afterwards: a replica has only the duties that its way needs (the first way runs with nobody delivering cards,
 * the click is judged by a replica that works on no run), nothing else is due, and a message before the start has
 * fetched the keys and learned the channels. What still runs belongs to the way, even the loops that claim its rows.
 */
export const walks: Readonly<Record<WayName, () => Promise<Executed>>> = {
  publish: publishToArm,
  'publish and back': publishToCard,
  digest: digestToCard,
  click: clickToAnswer,
};

const general = 'Image Factory / General';
const approvals = 'Image Factory / approvals';
const monday = Date.parse('2026-11-23T00:00:00Z');
/** A minute before the digest of payments is due, and after the others of its week. */
const beforeDigest = Date.parse('2026-11-27T07:59:00Z');
const patienceMs = 120_000;
const quick = { leaseMs: 10_000, renewMs: 3_000, pollMs: 20, backOffMs: 100 };

/** From the message to the PUT of the image template. */
async function publishToArm(): Promise<Executed> {
  return inWorld({ speed: 60 }, async (world) => {
    await world.replica(['runs']);
    return world.between(
      () => world.say('Ada', general, 'publish ubuntu-22'),
      (request) => isTemplatePut(request),
    );
  });
}

/** And on to the run card that shows the build. */
async function publishToCard(): Promise<Executed> {
  return inWorld({ speed: 60 }, async (world) => {
    await world.replica(['runs', 'cards']);
    let ordered = false;
    return world.between(
      () => world.say('Ada', general, 'publish ubuntu-22'),
      (request) => {
        ordered ||= isTemplatePut(request);
        return ordered && isEdit(request);
      },
    );
  });
}

/** From the moment at which the schedule is due to the card in the team's channel. */
async function digestToCard(): Promise<Executed> {
  return inWorld({ speed: 1, startMs: beforeDigest }, async (world) => {
    await world.replica(['runs', 'cards', 'schedules']);
    await new Promise((done) => setTimeout(done, 2_000));
    return world.between(
      () => world.teams('/_sandbox/clock', { advanceMinutes: 2 }),
      (request) => isPost(request) && JSON.stringify(request.body).includes('week 48'),
    );
  });
}

/** From the HTTP request of the click to its answer. */
async function clickToAnswer(): Promise<Executed> {
  return inWorld({ speed: 2_000 }, async (world) => {
    const factory = await world.replica(['runs', 'cards']);
    await world.say('Ada', general, 'publish ubuntu-22');
    const card = await world.cardIn(approvals);
    await world.retire(factory);
    await world.replica([]);
    const coverage = new Coverage();
    await coverage.begin();
    const { status, message } = await world.teams('/api/click', { as: 'Grace', activityId: card, verb: 'approve' });
    const executed = await coverage.end();
    if (status !== 200) throw new Error(`the click was answered with ${status}: ${message}`);
    return executed;
  });
}

function isTemplatePut({ face, method, url }: SandboxRequest): boolean {
  return face === 'azure' && method === 'PUT' && /\/imageTemplates\/[^/]+$/i.test(url.pathname);
}

function isPost({ face, method, url }: SandboxRequest): boolean {
  return face === 'teams' && method === 'POST' && url.pathname.startsWith('/v3/conversations');
}

function isEdit({ face, method, url }: SandboxRequest): boolean {
  return face === 'teams' && method === 'PUT' && url.pathname.startsWith('/v3/conversations');
}

interface WorldOptions {
  readonly speed: number;
  readonly startMs?: number;
}

async function inWorld(options: WorldOptions, walk: (world: WalkWorld) => Promise<Executed>): Promise<Executed> {
  const [box, store] = await Promise.all([startSandbox({ startMs: monday, ...options }), testDatabase()]);
  const world = new WalkWorld(box, store.url);
  try {
    return await walk(world);
  } finally {
    await world.close();
    await box.close();
    await store.close();
  }
}

type Seen = (request: SandboxRequest) => void;

class WalkWorld {
  private readonly replicas = new Set<Goldbot>();
  private onRequest: Seen = () => {};

  constructor(
    private readonly box: ListeningSandbox,
    private readonly databaseUrl: string,
  ) {
    const { sandbox } = box;
    const handle = sandbox.handle.bind(sandbox);
    sandbox.handle = async (request) => {
      const response = await handle(request);
      this.onRequest(request);
      return response;
    };
  }

  async replica(duties: readonly Duty[]): Promise<Goldbot> {
    const goldbot = await startGoldbot({
      databaseUrl: this.databaseUrl,
      clock: this.box.world.clock,
      catalogue: new CatalogueSource(join(__dirname, '../../catalog'), () => {}),
      azure: { credential: sandboxCredential, httpClient: sandboxClient(this.box.azureUrl) },
      bot: {
        ...{ appId: sandboxAppId, tenants: [tenantId], credentials: { kind: 'sandbox' } },
        ...{ port: 0, host: '127.0.0.1', sandbox: { teamsUrl: this.box.teamsUrl } },
      },
      owner: `replica-${this.replicas.size}`,
      log: createLog('error'),
      engine: quick,
      secondLookMs: 50,
      schedulePollMs: 100,
      duties,
    });
    this.replicas.add(goldbot);
    await this.teams('/_sandbox/bot', { url: messagesOf(goldbot) });
    for (const where of [general, approvals]) await this.say('Ada', where, 'help');
    return goldbot;
  }

  async retire(goldbot: Goldbot): Promise<void> {
    await this.teams('/_sandbox/bot', { url: messagesOf(goldbot) }, 'DELETE');
    this.replicas.delete(goldbot);
    await goldbot.drain();
  }

  async close(): Promise<void> {
    await Promise.all([...this.replicas].map((goldbot) => goldbot.drain()));
  }

  /** What ran from the start until the request that `isEnd` knows. */
  async between(start: () => Promise<unknown>, isEnd: (request: SandboxRequest) => boolean): Promise<Executed> {
    const coverage = new Coverage();
    await coverage.begin();
    const executed = new Promise<Executed>((done, fail) => {
      const late = setTimeout(() => fail(new Error('the way has no end')), patienceMs);
      this.onRequest = (request) => {
        if (!isEnd(request)) return;
        this.onRequest = () => {};
        clearTimeout(late);
        coverage.end().then(done, fail);
      };
    });
    const [found] = await Promise.all([executed, start()]);
    return found;
  }

  say(as: string, where: string, text: string): Promise<Answer> {
    return this.teams('/api/say', { as, in: where, text: `@goldbot ${text}` });
  }

  /** The id of the first card on which Grace can approve. */
  async cardIn(where: string): Promise<string> {
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline) {
      const path = `/api/conversations/${encodeURIComponent(where)}/messages?as=Grace`;
      const response = await fetch(this.box.teamsUrl + path);
      const messages = (await response.json()) as { id: string; card?: unknown }[];
      const found = messages.find(({ card }) => JSON.stringify(card ?? {}).includes('"approve"'));
      if (found) return found.id;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`no approval request in ${where}`);
  }

  async teams(path: string, body: object, method = 'POST'): Promise<Answer> {
    const response = await fetch(this.box.teamsUrl + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }
}

interface Answer {
  readonly status?: number;
  readonly message?: string;
}

function messagesOf({ bot }: Goldbot): string {
  return `${bot.url}/api/messages`;
}
