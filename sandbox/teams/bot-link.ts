import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { JWTPayload } from 'jose';
import { entra } from '../entra/people';
import type { Sandbox } from '../kernel/sandbox';
import { chatInstalled, type Setting, teamInstalled } from './activities';
import type { Activity } from './model';
import { conversations, personalChat, teams } from './roster';
import type { ChannelTokens } from './tokens';

export interface Delivery {
  /** The bot's HTTP status; 0 when nobody answered. */
  readonly status: number;
  readonly body: unknown;
  /** The bot says that it will not answer this message. */
  readonly silent?: true;
  /** Why nobody answered, for people. */
  readonly problem?: string;
}

export interface LinkOptions {
  readonly botUrl: string;
  /** How long Teams waits for a turn, in machine time. */
  readonly turnTimeoutMs: number;
}

/** How Teams reaches the bot: one address, behind which several replicas may have registered. */
export class BotLink {
  private urls: string[];
  private installed = false;
  /** Set once the face listens; without it, nothing can be signed for it. */
  serviceUrl = 'http://127.0.0.1:3979/';

  constructor(
    private readonly sandbox: Sandbox,
    readonly tokens: ChannelTokens,
    private readonly options: LinkOptions,
  ) {
    this.urls = [options.botUrl];
  }

  get addresses(): readonly string[] {
    return this.urls;
  }

  get setting(): Setting {
    return { appId: this.tokens.appId, serviceUrl: this.serviceUrl, now: this.sandbox.world.clock.now() };
  }

  /** The newest address gets the traffic; the earlier ones take over while it does not answer. */
  async connect(url: string): Promise<number> {
    const first = this.urls[0] === this.options.botUrl && !this.installed ? [] : this.urls;
    this.urls = [url, ...first.filter((u) => u !== url)];
    return this.install();
  }

  disconnect(url: string): void {
    this.urls = this.urls.filter((u) => u !== url);
    if (this.urls.length === 0) this.urls = [this.options.botUrl];
  }

  /**
   * After a reset the bot is told again where it is installed, before the next message. A bot that follows the sandbox
   * registers again by itself: this waits for it, for at most `patienceMs` of machine time.
   */
  async forget(patienceMs: number): Promise<void> {
    const wasThere = this.installed;
    this.installed = false;
    for (let waited = 0; wasThere && !this.installed && waited < patienceMs; waited += 50) await pause(50);
  }

  /**
   * Tells the bot where it is installed, which teaches it its conversations: it has been there all along, in an earlier
   * version. Returns how many activities arrived.
   */
  async install(): Promise<number> {
    const { people } = entra(this.sandbox.world);
    const admin = people.find((p) => p.name === 'Grace') ?? people[0];
    if (!admin) return 0;
    const { setting } = this;
    const activities = [
      ...teams.flatMap((team) => teamInstalled(setting, admin, team, { action: 'add-upgrade' })),
      ...people.flatMap((p) => chatInstalled(setting, p, { conversation: personalChat(p) }, 'add-upgrade')),
      ...conversations(this.sandbox.world)
        .filter((c) => c.kind === 'groupChat')
        .flatMap((conversation) => chatInstalled(setting, admin, { conversation }, 'add-upgrade')),
    ];
    let delivered = 0;
    for (const activity of activities) {
      if ((await this.send(activity)).status === 0) return delivered;
      delivered += 1;
    }
    this.installed = true;
    return delivered;
  }

  /**
   * One turn of the bot, ending with its HTTP answer. A turn that takes too long is delivered again, as in Teams: as
   * the same activity, and an invoke after that as a new one, up to four times.
   */
  async deliver(activity: Activity): Promise<Delivery> {
    if (!this.installed) await this.install();
    const again = { ...activity, id: `f:${randomUUID()}`, timestamp: this.setting.now.toISOString() };
    const attempts = activity.type === 'invoke' ? [activity, activity, again, again] : [activity, activity, activity];
    let last: Delivery = { status: 0, body: undefined };
    for (const attempt of attempts) {
      last = await this.send(attempt);
      if (last.status !== 504 && last.status !== 408) break;
    }
    return last;
  }

  /** Sends once, as is. `token` replaces the whole token, `claims` parts of it: for tests of the bot's front door. */
  async send(activity: Activity, forged: { token?: string | null; claims?: JWTPayload } = {}): Promise<Delivery> {
    const token = forged.token === undefined ? await this.tokens.sign(this.serviceUrl, forged.claims) : forged.token;
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      ...(token && { authorization: `Bearer ${token}` }),
    };
    for (const url of this.urls) {
      const delivery = await this.post(url, headers, activity);
      if (delivery) return delivery;
    }
    const problem = `No bot answers at ${this.urls.join(' or ')}. Start it, or say where it is: POST /_sandbox/bot {"url": "…"}.`;
    return { status: 0, body: undefined, problem };
  }

  /** Undefined when nobody listens at this address. */
  private async post(url: string, headers: Record<string, string>, activity: Activity): Promise<Delivery | undefined> {
    const answer = await this.fetch(url, headers, activity);
    if (!answer) return undefined;
    const request = { face: 'teams', method: 'POST', url: new URL(url), headers, body: activity } as const;
    this.sandbox.remember(request, answer);
    return answer;
  }

  private async fetch(url: string, headers: Record<string, string>, activity: Activity): Promise<Delivery | undefined> {
    const { turnTimeoutMs } = this.options;
    try {
      const signal = AbortSignal.timeout(turnTimeoutMs);
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(activity), signal });
      const text = await response.text();
      const silent = response.headers.get('x-goldbot-answer') === 'none';
      return { status: response.status, body: readJson(text), ...(silent && { silent }) };
    } catch (error) {
      const { name, cause } = error as Error & { cause?: { code?: string } };
      if (name === 'TimeoutError') {
        return { status: 504, body: undefined, problem: `The bot did not answer within ${turnTimeoutMs / 1000} s.` };
      }
      if (cause?.code === 'ECONNREFUSED') return undefined;
      return { status: 504, body: undefined, problem: `The connection to the bot broke (${cause?.code ?? name}).` };
    }
  }
}

function readJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
