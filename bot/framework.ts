import type { BotCloud } from '../core/cloud';
import type { TeamsActivity } from './activity';
import type { ServiceUrlRule } from './front-door';

/**
 * What goldbot needs of a bot framework, and all that it knows of one: turns for what the front door has admitted, and
 * requests to Teams' connector. `botbuilder.ts` is the one of production; a second one, in test/bot/, stands the same tests.
 */
export interface Framework {
  /**
   * Runs one turn of an activity that the front door has admitted: its token is for this bot, and is not read again. What
   * `turn` gives answers an invoke. Undefined: the answer to a message, which has no body.
   */
  receive(activity: TeamsActivity, turn: () => Promise<object | undefined>): Promise<TurnAnswer | undefined>;
  /** For unprompted messages. @throws Refused for a service URL that is not Teams'. */
  connector(serviceUrl: string): Promise<Connector>;
}

export interface TurnAnswer {
  readonly status: number;
  readonly body?: unknown;
}

export interface FrameworkSettings {
  readonly appId: string;
  readonly credentials: BotCredentials;
  /** OpenID metadata of the Bot Framework. */
  readonly metadataUrl: string;
  readonly mayCall: ServiceUrlRule;
  /** The public one's when absent. */
  readonly cloud?: BotCloud;
}

/** How goldbot authenticates to Teams. */
export type BotCredentials =
  /** A user-assigned managed identity whose client id is the app id. */
  | { readonly kind: 'managed-identity'; readonly tenantId: string }
  | { readonly kind: 'secret'; readonly secret: string; readonly tenantId: string }
  /** The sandbox accepts any bearer token, and MSAL refuses a login endpoint over plain http. */
  | { readonly kind: 'sandbox' };

/** What the sandbox is shown in place of a token. */
export const sandboxToken = 'goldbot-in-the-sandbox';

/** How long a request to Teams may take; machine time. */
export const requestTimeoutMs = 10_000;

/**
 * The REST client of one service URL. Each method sends one request, once, follows no redirect, gives up after ten
 * seconds, and throws WireError for what happened on the wire; `team` and `channels` are
 * asked again after what passes by itself: without their names nothing could be posted in a team.
 */
export interface Connector {
  /** `POST /v3/conversations/{id}/activities`. Not idempotent. */
  send(conversationId: string, activity: Outgoing): Promise<{ readonly id: string }>;
  /** `PUT /v3/conversations/{id}/activities/{activity}`. */
  update(conversationId: string, activityId: string, activity: Outgoing): Promise<void>;
  /** `POST /v3/conversations`. Not idempotent. */
  create(parameters: object): Promise<{ readonly id: string; readonly activityId?: string }>;
  /** `GET /v3/conversations/{id}/members/{member}`. */
  member(conversationId: string, userId: string): Promise<Account>;
  /** `GET /v3/conversations/{id}/pagedmembers`. */
  members(
    conversationId: string,
    page: Page,
  ): Promise<{ readonly members: readonly Account[]; readonly next?: string }>;
  /** `GET /v3/teams/{id}`. */
  team(teamId: string): Promise<{ readonly name?: string; readonly aadGroupId?: string }>;
  /** `GET /v3/teams/{id}/conversations`. */
  channels(teamId: string): Promise<readonly { readonly id?: string; readonly name?: string }[]>;
}

export interface Outgoing {
  readonly body: object;
  /** One person alone is to see it: `?isTargetedActivity=true`. */
  readonly targeted: boolean;
}

export interface Page {
  readonly size: number;
  readonly after?: string;
}

/** A member as Teams writes it. */
export interface Account {
  readonly id?: string;
  readonly name?: string;
  readonly aadObjectId?: string;
  readonly objectId?: string;
}

/** A request that Teams answered with a refusal, or did not answer at all, whichever framework sent it. */
export class WireError extends Error {
  override readonly name = 'WireError';

  constructor(
    message: string,
    readonly met: {
      /** Of Teams' answer; absent when there was none. */
      readonly status?: number;
      /** Teams' own word for it (`BotNotInConversationRoster`), or without an answer the system's (`ECONNRESET`). */
      readonly code?: string | undefined;
      /** The header. */
      readonly retryAfter?: string | undefined;
    },
  ) {
    // Without the framework's error as cause: it holds the request, and with it the bot's token.
    super(message);
  }
}
