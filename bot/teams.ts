import type { Activity, InvokeResponse, TurnContext } from 'botbuilder';
import {
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  ConfigurationServiceClientCredentialFactory,
  TeamsInfo,
} from 'botbuilder';
import type { Reply } from '../cards';
import { Refused, type ServiceUrlRule } from './front-door';
import type { TeamLooks } from './places';

/** A conversation as the connector wants it addressed. */
export interface Address {
  /** `19:…@thread.tacv2` or `a:…`, without the thread. */
  readonly conversationId: string;
  readonly kind: 'channel' | 'personal';
  readonly tenantId: string;
  readonly serviceUrl: string;
  /** Id of the first message of a channel's thread. */
  readonly threadId?: string;
}

/** A message that Teams has taken. */
export interface Posted {
  readonly activityId: string;
  /** Absent in personal chats. */
  readonly threadId?: string;
}

/** What goldbot says to Teams: each method is one request, sent once. They throw TeamsError. */
export class Teams {
  private readonly connectors = new Map<string, Promise<Connector>>();

  constructor(
    private readonly adapter: Pick<TeamsAdapter, 'connector'>,
    private readonly appId: string,
  ) {}

  /** Into the thread of the address, as a new thread of a channel without one, or into the personal chat. Not idempotent. */
  async post(address: Address, reply: Reply): Promise<Posted> {
    if (address.kind === 'channel' && address.threadId === undefined) return this.startThread(address, reply);
    const to = address.threadId ? `${address.conversationId};messageid=${address.threadId}` : address.conversationId;
    const { id } = await this.call(address, (c) => c.conversations.sendToConversation(to, message(reply)));
    return { activityId: id, ...(address.threadId !== undefined && { threadId: address.threadId }) };
  }

  /** Idempotent. */
  async update(address: Address, activityId: string, reply: Reply): Promise<void> {
    const activity = { ...message(reply), id: activityId };
    const { conversationId } = address;
    await this.call(address, (c) => c.conversations.updateActivity(conversationId, activityId, activity as Activity));
  }

  private async startThread(address: Address, reply: Reply): Promise<Posted> {
    const parameters = {
      isGroup: true,
      bot: { id: `28:${this.appId}`, name: 'goldbot' },
      tenantId: address.tenantId,
      channelData: { channel: { id: address.conversationId }, tenant: { id: address.tenantId } },
      activity: message(reply) as Activity,
    };
    const created = await this.call(address, (c) => c.conversations.createConversation(parameters as never));
    const threadId = created.id.split(';messageid=')[1];
    const activityId = created.activityId ?? threadId ?? created.id;
    return { activityId, threadId: threadId ?? activityId };
  }

  private async call<T>(
    address: Pick<Address, 'serviceUrl'>,
    request: (connector: Connector) => Promise<T>,
  ): Promise<T> {
    try {
      return await request(await this.connector(address.serviceUrl));
    } catch (error) {
      throw toTeamsError(error);
    }
  }

  private connector(serviceUrl: string): Promise<Connector> {
    const known = this.connectors.get(serviceUrl);
    if (known) return known;
    const made = this.adapter.connector(serviceUrl);
    this.connectors.set(serviceUrl, made);
    made.catch(() => this.connectors.delete(serviceUrl));
    return made;
  }
}

/**
 * With a card, the words go where Teams takes them from for notifications and for clients that show no cards: as text
 * they would stand above the card once more.
 */
function message(reply: Reply): Partial<Activity> {
  if (!reply.card) return { type: 'message', textFormat: 'plain', text: reply.text };
  return {
    type: 'message',
    summary: reply.text,
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: reply.card }],
  };
}

/** Whether two replies look the same in Teams. */
export function sameContent(a: Reply, b: Reply): boolean {
  return a === b || JSON.stringify(message(a)) === JSON.stringify(message(b));
}

const smallTextLength = 4_000;

/** What is left when Teams finds a message too large: the beginning of its words. */
export function smaller(reply: Reply): Reply {
  if (reply.text.length <= smallTextLength) return { text: reply.text };
  return { text: `${reply.text.slice(0, smallTextLength)}…\nThe rest was too large for Teams.` };
}

/**
 * What became of a request to Teams:
 * `throttled` — not taken, later; `unreached` — nobody was there to take it; `unclear` — perhaps taken;
 * `closed` — goldbot may not speak in this conversation (any more); `lost` — the message that was to be edited is gone;
 * `too-big` — the message is; `refused` — taken as wrong, repeating it is no use.
 */
export type TeamsTrouble = 'throttled' | 'unreached' | 'unclear' | 'closed' | 'lost' | 'too-big' | 'refused';

export class TeamsError extends Error {
  override readonly name = 'TeamsError';

  constructor(
    readonly trouble: TeamsTrouble,
    message: string,
    readonly details: {
      readonly status?: number;
      /** Teams' own word for it: `BotNotInConversationRoster`. */
      readonly code?: string;
      /** Machine time. */
      readonly retryAfterMs?: number;
    } = {},
  ) {
    // Without the SDK's error as cause: it holds the request, and with it the bot's token.
    super(message);
  }
}

export function isTeamsError(error: unknown): error is TeamsError {
  return typeof error === 'object' && error !== null && (error as Error).name === 'TeamsError';
}

interface RestLike {
  readonly statusCode?: number;
  readonly code?: string;
  readonly body?: { readonly error?: { readonly code?: string } };
  readonly response?: { readonly headers?: { get?(name: string): string | undefined } };
}

/** Connections that never came to be: Teams has not seen the request. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** The `retry-after` of Teams when it names none. */
const usualWaitMs = 2_000;

export function toTeamsError(error: unknown): TeamsError {
  if (isTeamsError(error)) return error;
  const { statusCode: status, code: systemCode, body, response } = error as RestLike;
  if (status === undefined) {
    return new TeamsError(troubleBefore(error, systemCode), `Teams: ${systemCode ?? String(error)}`);
  }
  const code = body?.error?.code;
  const retryAfterMs = readRetryAfter(response?.headers?.get?.('retry-after'));
  const details = { status, ...(code && { code }), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  const trouble = troubleOf(status, code);
  const waiting = trouble === 'throttled' ? { ...details, retryAfterMs: retryAfterMs ?? usualWaitMs } : details;
  return new TeamsError(trouble, `Teams: ${status}${code ? ` ${code}` : ''}`, waiting);
}

function troubleBefore(error: unknown, code: string | undefined): TeamsTrouble {
  if ((error as Error).name === 'Refused') return 'closed';
  return neverSent.has(code ?? '') || !isRest(error) ? 'unreached' : 'unclear';
}

function troubleOf(status: number, code: string | undefined): TeamsTrouble {
  if (status === 429 || status === 412) return 'throttled';
  // Our own token is not accepted (yet): nothing was taken.
  if (status === 401) return 'unreached';
  if (status === 408 || status >= 500) return 'unclear';
  if (status === 413) return 'too-big';
  if (status === 404 && code?.startsWith('Activity')) return 'lost';
  return status === 403 || status === 404 ? 'closed' : 'refused';
}

/** Seconds, or a date. */
function readRetryAfter(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Errors of the SDK's own pipeline happened on the wire; anything else before it, as a missing token. */
function isRest(error: unknown): boolean {
  return ['RestError', 'AbortError', 'TimeoutError'].includes((error as Error).name);
}

/** How goldbot proves to Teams who it is. */
export type BotCredentials =
  /** A user-assigned managed identity whose client id is the app id. */
  | { readonly kind: 'managed-identity'; readonly tenantId: string }
  | { readonly kind: 'secret'; readonly secret: string; readonly tenantId: string }
  /** The sandbox takes any bearer token, and MSAL refuses to talk to a login over plain http. */
  | { readonly kind: 'sandbox' };

export interface AdapterSettings {
  readonly appId: string;
  readonly credentials: BotCredentials;
  /** OpenID metadata of the Bot Framework. */
  readonly metadataUrl: string;
  readonly mayCall: ServiceUrlRule;
}

type Factory = NonNullable<ConstructorParameters<typeof ConfigurationBotFrameworkAuthentication>[1]>;
type Credentials = Awaited<ReturnType<Factory['createCredentials']>>;
type Connectors = ReturnType<ConfigurationBotFrameworkAuthentication['createConnectorFactory']>;
/** The REST client of one service URL. */
export type Connector = Awaited<ReturnType<Connectors['create']>>;

const requestTimeoutMs = 10_000;

/** Microsoft's adapter with its own authentication switched on for good, and a connector that goldbot can trust. */
export class TeamsAdapter extends CloudAdapter {
  constructor(private readonly settings: AdapterSettings) {
    if (settings.appId.trim() === '') throw new Error('adapter: the app id is empty');
    super(new GuardedAuthentication(settings));
  }

  /**
   * Runs one turn. The token is checked again, by botbuilder's own rules.
   *
   * @throws Refused 401, or 503 while botbuilder cannot get the keys.
   */
  async receive(
    authorization: string,
    activity: Activity,
    logic: (context: TurnContext) => Promise<void>,
  ): Promise<InvokeResponse | undefined> {
    const authenticated = await this.botFrameworkAuthentication
      .authenticateRequest(activity, authorization)
      .catch((cause: Error & { statusCode?: number }) => {
        const keysMissing = cause.name === 'FetchError' || cause.statusCode === 500;
        throw new Refused(keysMissing ? 503 : 401, 'botbuilder does not accept the token', { cause });
      });
    return this.processActivity(authenticated, activity, logic);
  }

  /** For what goldbot says by itself. Never repeats a request; throws for a service URL that is not Teams'. */
  async connector(serviceUrl: string): Promise<Connector> {
    const identity = this.createClaimsIdentity(this.settings.appId);
    return this.botFrameworkAuthentication.createConnectorFactory(identity).create(serviceUrl);
  }
}

/** Every connector of botbuilder is made here: replies, proactive messages and new threads alike. */
class GuardedAuthentication extends ConfigurationBotFrameworkAuthentication {
  private readonly mayCall: ServiceUrlRule;

  constructor({ appId, credentials, metadataUrl, mayCall }: AdapterSettings) {
    // Any one of these makes the SDK take all of them from here instead of from its built-in cloud.
    const parameters = {
      ToChannelFromBotLoginUrl: 'https://login.microsoftonline.com/botframework.com',
      ToChannelFromBotOAuthScope: 'https://api.botframework.com',
      ToBotFromChannelTokenIssuer: 'https://api.botframework.com',
      ToBotFromChannelOpenIdMetadataUrl: metadataUrl,
      ToBotFromEmulatorOpenIdMetadataUrl: metadataUrl,
      OAuthUrl: 'https://token.botframework.com',
    };
    super(parameters, credentialsFactory(appId, credentials));
    this.mayCall = mayCall;
  }

  override async authenticateRequest(
    ...args: Parameters<ConfigurationBotFrameworkAuthentication['authenticateRequest']>
  ): ReturnType<ConfigurationBotFrameworkAuthentication['authenticateRequest']> {
    const result = await super.authenticateRequest(...args);
    return { ...result, ...(result.connectorFactory && { connectorFactory: this.guarded(result.connectorFactory) }) };
  }

  override createConnectorFactory(
    ...args: Parameters<ConfigurationBotFrameworkAuthentication['createConnectorFactory']>
  ) {
    return this.guarded(super.createConnectorFactory(...args));
  }

  private guarded(connectors: Connectors): Connectors {
    return {
      create: async (serviceUrl, audience) => {
        if (!this.mayCall(serviceUrl)) throw new Refused(403, 'the service URL is not one of Microsoft Teams');
        return tamed(await connectors.create(serviceUrl, audience));
      },
    };
  }
}

interface Pipeline {
  removePolicy(options: { name: string }): unknown;
  addPolicy(policy: Policy, options: { phase: 'Serialize' }): void;
}

interface Request {
  abortSignal?: AbortSignal;
}

interface Policy {
  readonly name: string;
  sendRequest(request: Request, next: (request: Request) => Promise<never>): Promise<never>;
}

/**
 * The SDK repeats a POST after 5xx, 408 and resets, when Teams may have taken it: a message would show twice. It also
 * follows redirects, with the token. Neither can be switched off by its options.
 */
function tamed(connector: Connector): Connector {
  const { pipeline } = (connector as unknown as { client: { pipeline: Pipeline } }).client;
  pipeline.removePolicy({ name: 'defaultRetryPolicy' });
  pipeline.removePolicy({ name: 'redirectPolicy' });
  const patience: Policy = {
    name: 'goldbotTimeout',
    sendRequest(request, next) {
      request.abortSignal = AbortSignal.timeout(requestTimeoutMs);
      return next(request);
    },
  };
  pipeline.addPolicy(patience, { phase: 'Serialize' });
  return connector;
}

function credentialsFactory(appId: string, credentials: BotCredentials): Factory {
  switch (credentials.kind) {
    case 'managed-identity':
      return new ConfigurationServiceClientCredentialFactory({
        MicrosoftAppId: appId,
        MicrosoftAppType: 'UserAssignedMSI',
        MicrosoftAppTenantId: credentials.tenantId,
      });
    case 'secret':
      return new ConfigurationServiceClientCredentialFactory({
        MicrosoftAppId: appId,
        MicrosoftAppType: 'SingleTenant',
        MicrosoftAppPassword: credentials.secret,
        MicrosoftAppTenantId: credentials.tenantId,
      });
    case 'sandbox':
      return sandboxCredentials(appId);
  }
}

function sandboxCredentials(appId: string): Factory {
  const credentials: Credentials = {
    signRequest: async (request) => {
      request.headers.set('authorization', 'Bearer goldbot-in-the-sandbox');
      return request;
    },
  };
  return {
    isValidAppId: async (id) => id === appId,
    isAuthenticationDisabled: async () => false,
    createCredentials: async () => credentials,
  };
}

/** What Teams tells within a turn about the team that it comes from. */
export function looksOf(context: TurnContext): TeamLooks {
  return {
    name: async (teamId) => (await TeamsInfo.getTeamDetails(context, teamId)).name ?? teamId,
    channels: async (teamId) => {
      const found = await TeamsInfo.getTeamChannels(context, teamId);
      return found.flatMap(({ id, name }) => (id ? [{ id, ...(name && { name }) }] : []));
    },
  };
}
