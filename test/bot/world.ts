import { type Bot, type BotDeps, createBot } from '../../bot';
import type { Log } from '../../bot/log';
import type { AdaptiveCard, Reply } from '../../cards';
import { sleep } from '../../core/time';
import {
  type AboutLink,
  type Arrival,
  type ClickAnswer,
  type CommandPace,
  commands,
  type DialogSaid,
  type FoundAnswer,
  findCommand,
  type Letters,
  type LookedFor,
  type Offered,
  type ProgramAnswer,
  type TextAnswer,
  type Turn,
} from '../../dialogs';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { tenantId } from '../../sandbox/entra/people';
import { sandboxAppId } from '../../sandbox/teams/face';
import type { Reads } from '../../store/reads';
import { createWorker, type Worker } from '../../workflows/engine';
import { type TestDatabase, testDatabase } from '../store/database';
import { usualFramework } from './frameworks';

export { until } from '../support/until';
export { sandboxAppId, tenantId };

export const general = 'Image Factory / General';
export const approvals = 'Image Factory / approvals';

/** Answers as a test tells it; remembers what it was asked. */
export class Script {
  readonly texts: { turn: Turn; text: string }[] = [];
  readonly clicks: { turn: Turn; verb: string; data: unknown }[] = [];
  readonly dialogs: { turn: Turn; dialog: DialogSaid }[] = [];
  /** Who asked for their own card. */
  readonly views: { turn: Turn; byHand: boolean }[] = [];
  /** What topics look like at this moment. */
  readonly topics = new Map<string, Reply>();
  onText: (text: string, turn: Turn) => TextAnswer | Promise<TextAnswer> = (text) => ({ text: `You said: ${text}` });
  onDialog: (dialog: DialogSaid, turn: Turn) => ClickAnswer | Promise<ClickAnswer> = ({ verb }) => ({
    kind: 'message',
    text: `Opened ${verb}.`,
  });
  onClick: (verb: string, turn: Turn) => ClickAnswer | Promise<ClickAnswer> = (verb) => ({
    kind: 'message',
    text: `Clicked ${verb}.`,
  });
  onFind: (lookedFor: LookedFor, turn: Turn) => FoundAnswer | Promise<FoundAnswer> = ({ text }) => ({
    kind: 'words',
    text: `Nothing is called ${text}.`,
  });
  onShare: (verb: string, data: unknown, turn: Turn) => ClickAnswer = (verb) => ({
    kind: 'message',
    text: `Shared ${verb}.`,
  });
  onLink: (url: string, turn: Turn) => AboutLink | undefined = () => undefined;
  onView: (turn: Turn, byHand: boolean) => ClickAnswer | Promise<ClickAnswer> = () => ({
    kind: 'message',
    text: 'You have no card of your own.',
  });

  answerAsUsual(): void {
    const { onText, onDialog, onClick, onFind, onShare, onLink, onView } = new Script();
    Object.assign(this, { onText, onDialog, onClick, onFind, onShare, onLink, onView });
  }

  /** Whoever said this. Others are heard meanwhile, also late: a message is found by what it says. */
  heard(words: string) {
    return this.texts.filter(({ text }) => text.includes(words));
  }

  /** The clicks that carried this reason. */
  pressed(reason: string) {
    return this.clicks.filter(({ data }) => (data as { reason?: unknown } | undefined)?.reason === reason);
  }

  /** By the first word, as the grammar has it. */
  paceOf(_: unknown, text: string): CommandPace {
    const verb =
      text
        .replace(/<at>.*<\/at>/, '')
        .trim()
        .split(' ')[0] ?? '';
    return findCommand(commands, verb)?.pace ?? 'look';
  }

  async handleText(turn: Turn, text: string): Promise<TextAnswer> {
    this.texts.push({ turn, text });
    return this.onText(text, turn);
  }

  async handleView(turn: Turn, byHand: boolean): Promise<ClickAnswer> {
    this.views.push({ turn, byHand });
    return this.onView(turn, byHand);
  }

  async handleAsk(turn: Turn, text: string): Promise<ProgramAnswer> {
    this.texts.push({ turn, text });
    return { ok: true, text: `You asked: ${text}`, next: [] };
  }

  async handleDialog(turn: Turn, dialog: DialogSaid): Promise<ClickAnswer> {
    this.dialogs.push({ turn, dialog });
    return this.onDialog(dialog, turn);
  }

  async handleSearch(_: Turn, { dataset, text }: Letters): Promise<readonly Offered[]> {
    return [{ title: `${dataset}: ${text}`, value: text }];
  }

  async handleFind(turn: Turn, lookedFor: LookedFor): Promise<FoundAnswer> {
    return this.onFind(lookedFor, turn);
  }

  /** Where goldbot was added, and by whom. */
  readonly arrivals: Arrival[] = [];

  async handleArrival(arrival: Arrival): Promise<Reply> {
    this.arrivals.push(arrival);
    return { text: `Hello, ${arrival.turn.person.name}.` };
  }

  async handleShare(turn: Turn, verb: string, data: unknown): Promise<ClickAnswer> {
    return this.onShare(verb, data, turn);
  }

  async handleLink(turn: Turn, url: string): Promise<AboutLink | undefined> {
    return this.onLink(url, turn);
  }

  async handleAction(turn: Turn, verb: string, data: unknown): Promise<ClickAnswer> {
    this.clicks.push({ turn, verb, data });
    return this.onClick(verb, turn);
  }
}

export interface Entry {
  readonly level: string;
  readonly fields: object;
  readonly text: string;
}

export class MemoryLog implements Log {
  readonly entries: Entry[] = [];
  info = (fields: object, text: string) => this.write('info', fields, text);
  warn = (fields: object, text: string) => this.write('warn', fields, text);
  error = (fields: object, text: string) => this.write('error', fields, text);

  private write(level: string, fields: object, text: string) {
    this.entries.push({ level, fields, text });
  }
}

/** The sandbox's Teams, a database, and bots in between. */
export class TestWorld {
  readonly script = new Script();
  readonly log = new MemoryLog();
  readonly bots: Bot[] = [];
  private readonly workers: Worker[] = [];

  private constructor(
    readonly box: ListeningSandbox,
    readonly db: TestDatabase,
  ) {}

  static async open(options: Parameters<typeof startSandbox>[0] = {}): Promise<TestWorld> {
    const [box, db] = await Promise.all([startSandbox({ speed: 1, ...options }), testDatabase()]);
    return new TestWorld(box, db);
  }

  async bot(deps: Partial<BotDeps> = {}): Promise<Bot> {
    const bot = await this.unknownBot(deps);
    await this.teams('POST', '/_sandbox/bot', { url: `${bot.url}/api/messages` });
    return bot;
  }

  /** A bot of which Teams has not heard: it was told nothing either. */
  async unknownBot(deps: Partial<BotDeps> = {}): Promise<Bot> {
    const bot = createBot(
      {
        appId: sandboxAppId,
        tenants: [tenantId],
        credentials: { kind: 'sandbox' },
        port: 0,
        host: '127.0.0.1',
        sandbox: { teamsUrl: this.box.teamsUrl, azureUrl: this.box.azureUrl },
      },
      {
        database: this.db.database,
        conversation: this.script,
        reads: {
          run: async () => undefined,
          runOfApproval: async () => undefined,
          approval: async () => undefined,
        } as unknown as Reads,
        clock: { now: () => this.box.world.clock.now() },
        log: this.log,
        framework: usualFramework(),
        render: async (topic) => this.script.topics.get(topic) ?? card(topic),
        ...deps,
      },
    );
    await bot.listen();
    const { database } = this.db;
    const worker = createWorker({ database, sleep, owner: `bot ${this.bots.length}`, work: bot.work });
    worker.start();
    this.bots.push(bot);
    this.workers.push(worker);
    return bot;
  }

  /** A test begins: what earlier ones told goldbot to answer is forgotten, as is how much their people have asked. */
  async anew(): Promise<void> {
    this.script.answerAsUsual();
    await this.db.database.query(`delete from thread_pace where thread like 'asks %'`);
  }

  /** One of the scripted endpoints. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, asserted field by field
  async teams(method: string, path: string, body?: object): Promise<any> {
    const response = await fetch(this.box.teamsUrl + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return response.json();
  }

  say(as: string, where: string, text: string) {
    return this.teams('POST', '/api/say', { as, in: where, text });
  }

  click(as: string, activityId: string, verb: string, data?: object) {
    return this.teams('POST', '/api/click', { as, activityId, verb, ...(data && { data }) });
  }

  async messages(name: string): Promise<Told[]> {
    const { conversations } = await this.teams('GET', '/api/state');
    const { id } = conversations.find((c: { name: string }) => c.name === name);
    return this.teams('GET', `/api/conversations/${encodeURIComponent(id)}/messages`);
  }

  /** The bot's own requests to Teams' connector. */
  sent(method?: string) {
    return this.box.sandbox.exchanges.filter((e) => e.url.includes('/v3/') && (!method || e.method === method));
  }

  /** What goldbot posted of these words, in its order. Answers to what an earlier test asked may come between. */
  posted(...of: readonly string[]): readonly string[] {
    const words = this.sent('POST').map(({ requestBody }) => saidIn(requestBody));
    return words.filter((each) => of.includes(each));
  }

  /** The activity Teams sent last that says this. What it sent last of all may be somebody's click that was answered late. */
  lastMessage(text: string): object {
    const found = this.box.sandbox.exchanges.findLast(
      ({ url, requestBody: body }) =>
        url.endsWith('/api/messages') && body instanceof Object && 'text' in body && String(body.text).includes(text),
    );
    if (!found) throw new Error(`Teams has sent no message that says ${text}`);
    return found.requestBody as object;
  }

  fault(rule: object) {
    return this.teams('POST', '/_sandbox/faults', rule);
  }

  async close(): Promise<void> {
    const turns = Promise.all(this.bots.map((bot) => bot.drain()));
    await Promise.all([turns, ...this.workers.map((worker) => worker.drain(turns))]);
    await this.box.close();
    await this.db.close();
  }
}

export interface Told {
  readonly id: string;
  readonly from: string;
  readonly text: string;
  readonly summary?: string;
  readonly card?: AdaptiveCard;
  readonly replyToId?: string;
  readonly updatedAt?: string;
}

export function card(text: string, ...verbs: string[]): Reply {
  const actions = verbs.map((verb) => ({ type: 'Action.Execute', title: verb, verb, data: { request: 'R-7F3KQ' } }));
  const body = [{ type: 'TextBlock', text, wrap: true }];
  return { text, card: { type: 'AdaptiveCard', version: '1.5', body, actions, fallbackText: text } };
}

/** Opened once, by somebody else. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((done) => {
    open = done;
  });
  return { opened, open: () => open() };
}

/** The words of a message that goldbot posts; one without a thread to answer in begins it. */
export function saidIn(requestBody: unknown): string {
  const body = requestBody as { activity?: Words } & Words;
  const { text, summary } = body.activity ?? body;
  return text ?? summary ?? '';
}

interface Words {
  readonly text?: string;
  /** Beside a card. */
  readonly summary?: string;
}
