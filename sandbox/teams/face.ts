import { botApp } from '../entra/tokens';
import type { Sandbox } from '../kernel/sandbox';
import { BotLink } from './bot-link';
import { Chat } from './chat';
import { Dialogs } from './dialogs';
import { Drafts } from './extension';
import { RateLimits } from './limits';
import { ChannelTokens } from './tokens';

/** The bot's app id in the sandbox, unless set otherwise. */
export const sandboxAppId = botApp.appId;

export interface TeamsOptions {
  /** Where the bot listens, until it says so itself. */
  readonly botUrl?: string;
  readonly appId?: string;
  /** Teams' rate limits; on unless false. */
  readonly limits?: boolean;
  /** How long Teams waits for a turn before it delivers again, in machine time; 15 s when absent. */
  readonly turnTimeoutMs?: number;
}

/** Microsoft Teams with one bot: what was said, the connector that the bot calls, and the way to the bot. */
export class TeamsFace {
  readonly chat: Chat;
  readonly tokens: ChannelTokens;
  readonly link: BotLink;
  readonly dialogs = new Dialogs();
  readonly drafts = new Drafts();
  readonly limits: RateLimits;

  constructor(
    readonly sandbox: Sandbox,
    options: TeamsOptions,
  ) {
    this.chat = new Chat(sandbox.world);
    this.tokens = new ChannelTokens(sandbox.world, options.appId ?? sandboxAppId);
    this.limits = new RateLimits(options.limits ?? true);
    this.link = new BotLink(sandbox, this.tokens, {
      botUrl: options.botUrl ?? 'http://127.0.0.1:3978/api/messages',
      turnTimeoutMs: options.turnTimeoutMs ?? 15_000,
    });
  }

  get world() {
    return this.sandbox.world;
  }
}
