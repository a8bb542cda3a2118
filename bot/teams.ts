import type { Activity, InvokeResponse, TurnContext } from 'botbuilder';
import {
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  ConfigurationServiceClientCredentialFactory,
  TeamsInfo,
} from 'botbuilder';
import { inWords, type Reply } from '../cards';
import type { Person } from '../core/access';
import { type BotCloud, clouds } from '../core/cloud';
import { silentTelemetry, type Telemetry } from '../core/telemetry';
import { within } from '../core/time';
import type { Conversation } from '../store';
import { Refused, type ServiceUrlRule } from './front-door';
import type { MemberAddress } from './people';
import type { TeamQueries } from './places';
import { markedPrivate } from './private';
import type { Member } from './views';

/** A conversation as the connector expects it to be addressed. */
export interface Address {
  /** `19:…@thread.tacv2`, `19:…@thread.v2` or `a:…`, without the thread. */
  readonly conversationId: string;
  /** Only channels have threads; a group is a chat or meeting of several people. */
  readonly kind: 'channel' | 'personal' | 'group';
  readonly tenantId: string;
  readonly serviceUrl: string;
  /** Id of the first message of a channel's thread. */
  readonly threadId?: string;
  /** Nobody else is to see it: the person, by Teams' id, and the message that they sent to goldbot alone. */
  readonly onlyFor?: { readonly userId: string; readonly question: string };
}

/** The same place in sight of everybody. Nobody can reply to what only one person sees: that begins a thread. */
export function inSightOfAll({ onlyFor, threadId, ...place }: Address): Address {
  return { ...place, ...(threadId !== undefined && threadId !== onlyFor?.question && { threadId }) };
}

/** By its id: `19:…@thread.v2`, a meeting's begins with `19:meeting_`. Channels end otherwise (`@thread.tacv2`, `@thread.skype`). */
export function isGroupChat(conversationId: string): boolean {
  return conversationId.endsWith('@thread.v2');
}

/** The address of a conversation that the store knows. */
export function addressOf(conversation: Conversation, threadId: string | null): Address {
  const { id, tenantId, serviceUrl, reference } = conversation;
  const { kind: stored } = reference as { kind: Address['kind'] };
  // Earlier versions took a group chat for a channel.
  const kind = isGroupChat(id) ? 'group' : stored;
  return { conversationId: id, tenantId, serviceUrl, kind, ...(threadId !== null && { threadId }) };
}

/** A message that Teams has accepted. */
export interface Posted {
  readonly activityId: string;
  /** Absent in personal chats. */
  readonly threadId?: string;
}

/** Of 500 people each. */
const mostPages = 4;

/** Its type asks for a token on the first page, too. */
type PagedOptions = { pageSize: number; continuationToken: string };

/** A member as Teams writes it. */
interface Account {
  readonly id?: string;
  readonly aadObjectId?: string;
  readonly objectId?: string;
}

/** goldbot's requests to Teams: each method sends one request, once, and throws TeamsError. */
export class Teams {
  private readonly connectors = new Map<string, Promise<Connector>>();

  constructor(
    private readonly adapter: Pick<TeamsAdapter, 'connector'>,
    private readonly appId: string,
    private readonly telemetry: Telemetry = silentTelemetry,
  ) {}

  /**
   * Posts to the address's thread, starts a thread if a channel address has none, or posts to the chat. `question`:
   * the message that it answers; Teams shows nothing of it. Not idempotent.
   */
  async post(address: Address, reply: Reply, question?: string): Promise<Posted> {
    const { onlyFor } = address;
    if (address.kind === 'channel' && address.threadId === undefined && !onlyFor)
      return this.startThread(address, reply);
    const to = address.threadId ? `${address.conversationId};messageid=${address.threadId}` : address.conversationId;
    const activity = {
      ...message(shownTo(address, reply)),
      ...(question !== undefined && { replyToId: question }),
      ...(onlyFor && { recipient: { id: onlyFor.userId } as Activity['recipient'] }),
    };
    const { id } = await this.call('POST', address, (c) =>
      c.conversations.sendToConversation(to, activity, optionsOf(address)),
    );
    return { activityId: id, ...(address.threadId !== undefined && { threadId: address.threadId }) };
  }

  /** What can be asked about teams at a service URL. Reads; a failed one throws what botbuilder throws. */
  queriesAt(serviceUrl: string): TeamQueries {
    const at = async (): Promise<TurnContext> => {
      const connector = await this.connector(serviceUrl);
      // All that TeamsInfo reads of a turn's context, which is gone when the turn is over.
      const [adapter, turnState] = [{ ConnectorClientKey: 'connector' }, new Map([['connector', connector]])];
      return { adapter, turnState, activity: { serviceUrl } } as unknown as TurnContext;
    };
    return {
      team: async (teamId) => {
        const { name, aadGroupId } = await answered(TeamsInfo.getTeamDetails(await at(), teamId));
        return { name: name ?? teamId, ...(aadGroupId && { groupId: aadGroupId }) };
      },
      channels: async (teamId) => {
        const found = await answered(TeamsInfo.getTeamChannels(await at(), teamId));
        return found.flatMap(({ id, name }) => (id ? [{ id, ...(name && { name }) }] : []));
      },
    };
  }

  /**
   * Who somebody of a conversation is in Entra: `GET /v3/conversations/{id}/members/{member}`. Undefined: nobody there has
   * that id. A read. @throws TeamsError
   */
  async member({ serviceUrl, conversationId, userId }: MemberAddress): Promise<Partial<Person> | undefined> {
    try {
      const found = await this.call('GET', { serviceUrl }, (c) =>
        answered(c.conversations.getConversationMember(conversationId, userId)),
      );
      const { aadObjectId: oid, name } = found as { aadObjectId?: string; name?: string };
      return { ...(oid !== undefined && { oid }), ...(name !== undefined && { name }) };
    } catch (error) {
      if (isTeamsError(error) && error.details.status === 404) return undefined;
      throw error;
    }
  }

  /**
   * Who is in a conversation: `GET /v3/conversations/{id}/pagedmembers`, at most four pages. Undefined: there are more. A
   * read. @throws TeamsError
   */
  async members({ serviceUrl, conversationId }: Pick<Address, 'serviceUrl' | 'conversationId'>) {
    const found: Member[] = [];
    let continuationToken: string | undefined;
    for (let page = 0; page < mostPages; page++) {
      const options = { pageSize: 500, ...(continuationToken !== undefined && { continuationToken }) };
      const answer = await this.call('GET', { serviceUrl }, (c) =>
        answered(c.conversations.getConversationPagedMembers(conversationId, options as PagedOptions)),
      );
      for (const { id, aadObjectId, objectId } of answer.members as readonly Account[]) {
        const oid = aadObjectId ?? objectId;
        if (id !== undefined && oid !== undefined) found.push({ oid: oid.toLowerCase(), userId: id });
      }
      continuationToken = answer.continuationToken || undefined;
      if (continuationToken === undefined) return found;
    }
    return undefined;
  }

  /** Idempotent. */
  async update(address: Address, activityId: string, reply: Reply): Promise<void> {
    const activity = { ...message(shownTo(address, reply)), id: activityId };
    const { conversationId } = address;
    await this.call('PUT', address, (c) =>
      c.conversations.updateActivity(conversationId, activityId, activity as Activity, optionsOf(address)),
    );
  }

  private async startThread(address: Address, reply: Reply): Promise<Posted> {
    const parameters = {
      isGroup: true,
      bot: { id: `28:${this.appId}`, name: 'goldbot' },
      tenantId: address.tenantId,
      channelData: { channel: { id: address.conversationId }, tenant: { id: address.tenantId } },
      activity: message(reply) as Activity,
    };
    const created = await this.call('POST', address, (c) => c.conversations.createConversation(parameters as never));
    const threadId = created.id.split(';messageid=')[1];
    const activityId = created.activityId ?? threadId ?? created.id;
    return { activityId, threadId: threadId ?? activityId };
  }

  private call<T>(
    method: 'GET' | 'POST' | 'PUT',
    { serviceUrl }: Pick<Address, 'serviceUrl'>,
    request: (connector: Connector) => Promise<T>,
  ): Promise<T> {
    const about = { 'http.request.method': method };
    return this.telemetry.span({ name: 'teams', attributes: about }, async (span) => {
      try {
        const answer = await request(await this.connector(serviceUrl));
        this.telemetry.count('goldbot.teams.requests', about);
        return answer;
      } catch (error) {
        const wrong = toTeamsError(error);
        const { trouble, details } = wrong;
        span.fail({ 'teams.trouble': trouble, 'http.response.status_code': details.status });
        this.telemetry.count('goldbot.teams.requests', { ...about, 'teams.trouble': trouble });
        throw wrong;
      }
    });
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

function shownTo({ onlyFor }: Address, reply: Reply): Reply {
  return onlyFor ? markedPrivate(reply, onlyFor.question) : reply;
}

/** Marks a request for the policy that makes a targeted one of it: the SDK has no words for that. */
const targetedHeader = 'x-goldbot-targeted';

function optionsOf({ onlyFor }: Address): { readonly customHeaders?: Record<string, string> } {
  return onlyFor ? { customHeaders: { [targetedHeader]: 'true' } } : {};
}

/** @throws TeamsError when a read of botbuilder's has no answer in time. */
function answered<T>(reading: Promise<T>): Promise<T> {
  return within(readTimeoutMs, reading, () => {
    throw new TeamsError('unreached', `Teams: no answer within ${readTimeoutMs} ms`);
  });
}

/**
 * With a card, the text goes into `summary`, which Teams uses for notifications and for clients that show no cards; as
 * `text` it would appear a second time above the card.
 */
function message(whole: Reply): Partial<Activity> {
  // Whoever knows by which clock the words are read has said so before; nobody needs what else is in them.
  const reply = { ...whole, text: inWords(whole.text) };
  // Teams ignores it; who drives the bot by hand learns that the answer is not yet whole.
  const pending = reply.pending ? { pending: true } : {};
  const alert = reply.alert ? { notification: { alert: true } } : {};
  const data = reply.pending || reply.alert ? { channelData: { ...pending, ...alert } } : {};
  if (!reply.card) return { type: 'message', textFormat: 'plain', text: reply.text, ...data };
  return {
    type: 'message',
    summary: reply.text,
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: reply.card }],
    ...data,
  };
}

/** Whether two replies look the same in Teams. */
export function sameContent(a: Reply, b: Reply): boolean {
  return a === b || JSON.stringify(message(a)) === JSON.stringify(message(b));
}

const smallTextLength = 4_000;

/** The fallback when Teams finds a message too large: the beginning of its text. */
export function smaller(reply: Reply): Reply {
  if (reply.text.length <= smallTextLength) return { text: reply.text };
  return { text: `${reply.text.slice(0, smallTextLength)}…\nThe rest was too large for Teams.` };
}

/**
 * What became of a request to Teams:
 * `throttled` — not accepted, try later; `unreached` — never arrived; `unclear` — possibly accepted;
 * `closed` — goldbot may not speak in this conversation (any more); `lost` — the message to edit is gone;
 * `too-big` — the message is; `refused` — invalid, so repeating it is pointless.
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

/** Whether Teams may take the words of what it did not take as a whole: anything is better than nothing. */
export function isHelpedByWords({ trouble }: TeamsError, reply: Reply): boolean {
  return trouble === 'too-big' || (trouble === 'refused' && reply.card !== undefined);
}

export function isTeamsError(error: unknown): error is TeamsError {
  return typeof error === 'object' && error !== null && (error as Error).name === 'TeamsError';
}

type Answered = TeamsError['details'] & { readonly status: number };

interface RestLike {
  readonly statusCode?: number;
  readonly code?: string;
  readonly body?: { readonly error?: { readonly code?: string } };
  readonly response?: { readonly headers?: { get?(name: string): string | undefined } };
}

/** The connection was never made: Teams has not seen the request. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** Used when Teams names no `retry-after`. */
const usualWaitMs = 2_000;

export function toTeamsError(error: unknown): TeamsError {
  if (isTeamsError(error)) return error;
  const { statusCode: status, code: systemCode, body, response } = error as RestLike;
  if (status === undefined) {
    return new TeamsError(troubleBefore(error, systemCode), `Teams: ${systemCode ?? String(error)}`);
  }
  const code = body?.error?.code;
  const retryAfterMs = readRetryAfter(response?.headers?.get?.('retry-after'));
  const details: Answered = { status, ...(code && { code }), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  const trouble = troubleOf(details);
  const waiting = trouble === 'throttled' ? { ...details, retryAfterMs: retryAfterMs ?? usualWaitMs } : details;
  return new TeamsError(trouble, `Teams: ${status}${code ? ` ${code}` : ''}`, waiting);
}

function troubleBefore(error: unknown, code: string | undefined): TeamsTrouble {
  if ((error as Error).name === 'Refused') return 'closed';
  return neverSent.has(code ?? '') || !isRest(error) ? 'unreached' : 'unclear';
}

/** Of an answer. A `503` that says when to come back was given instead of taking the request, as `429` is. */
function troubleOf({ status, code, retryAfterMs }: Answered): TeamsTrouble {
  if (status === 429 || status === 412) return 'throttled';
  if (status === 503 && retryAfterMs !== undefined) return 'throttled';
  // Our own token is not accepted (yet): nothing was processed.
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

/** Errors of the SDK's pipeline happened on the wire; anything else, such as a missing token, before it. */
function isRest(error: unknown): boolean {
  return ['RestError', 'AbortError', 'TimeoutError'].includes((error as Error).name);
}

/** How goldbot authenticates to Teams. */
export type BotCredentials =
  /** A user-assigned managed identity whose client id is the app id. */
  | { readonly kind: 'managed-identity'; readonly tenantId: string }
  | { readonly kind: 'secret'; readonly secret: string; readonly tenantId: string }
  /** The sandbox accepts any bearer token, and MSAL refuses a login endpoint over plain http. */
  | { readonly kind: 'sandbox' };

export interface AdapterSettings {
  readonly appId: string;
  readonly credentials: BotCredentials;
  /** OpenID metadata of the Bot Framework. */
  readonly metadataUrl: string;
  readonly mayCall: ServiceUrlRule;
  /** The public one's when absent. */
  readonly cloud?: BotCloud;
}

type Factory = NonNullable<ConstructorParameters<typeof ConfigurationBotFrameworkAuthentication>[1]>;
type Credentials = Awaited<ReturnType<Factory['createCredentials']>>;
type Connectors = ReturnType<ConfigurationBotFrameworkAuthentication['createConnectorFactory']>;
/** The REST client of one service URL. */
export type Connector = Awaited<ReturnType<Connectors['create']>>;

const requestTimeoutMs = 10_000;
/** For a read with all the retries that botbuilder makes of it by itself; it knows no end. */
const readTimeoutMs = 30_000;

/** Microsoft's adapter with authentication always on, and connectors that neither retry nor follow redirects. */
export class TeamsAdapter extends CloudAdapter {
  constructor(private readonly settings: AdapterSettings) {
    if (settings.appId.trim() === '') throw new Error('adapter: the app id is empty');
    super(new GuardedAuthentication(settings));
  }

  /** Runs one turn of an activity that the front door has admitted: its token is for this bot, and is not read again. */
  async receive(
    activity: Activity,
    logic: (context: TurnContext) => Promise<void>,
  ): Promise<InvokeResponse | undefined> {
    const { appId, cloud = clouds.Public.bot } = this.settings;
    const claimsIdentity = this.createClaimsIdentity(appId);
    const connectorFactory = this.botFrameworkAuthentication.createConnectorFactory(claimsIdentity);
    const audience = cloud.issuer;
    return this.processActivity({ audience, claimsIdentity, connectorFactory }, activity, logic);
  }

  /** For unprompted messages. Never repeats a request; throws for a service URL that is not Teams'. */
  async connector(serviceUrl: string): Promise<Connector> {
    const identity = this.createClaimsIdentity(this.settings.appId);
    return this.botFrameworkAuthentication.createConnectorFactory(identity).create(serviceUrl);
  }
}

/** Every botbuilder connector is created here: for replies, proactive messages and new threads alike. */
class GuardedAuthentication extends ConfigurationBotFrameworkAuthentication {
  private readonly mayCall: ServiceUrlRule;

  constructor({ appId, credentials, metadataUrl, mayCall, cloud = clouds.Public.bot }: AdapterSettings) {
    // Setting any one of these makes the SDK take all of them from here instead of its built-in cloud settings.
    const parameters = {
      ToChannelFromBotLoginUrl: `${cloud.login}/${loginTenant(cloud, credentials)}`,
      ToChannelFromBotOAuthScope: cloud.issuer,
      ToBotFromChannelTokenIssuer: cloud.issuer,
      ToBotFromChannelOpenIdMetadataUrl: metadataUrl,
      ToBotFromEmulatorOpenIdMetadataUrl: metadataUrl,
      OAuthUrl: cloud.tokens,
    };
    super(parameters, credentialsFactory(appId, credentials));
    this.mayCall = mayCall;
  }

  /** By its own rules, which are not goldbot's, and with connectors that nobody guards. */
  override authenticateRequest(): never {
    throw new Error('a token is verified by the front door alone');
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
  url: string;
  readonly headers: { has(name: string): boolean; delete(name: string): void };
}

interface Policy {
  readonly name: string;
  sendRequest(request: Request, next: (request: Request) => Promise<never>): Promise<never>;
}

/**
 * The SDK repeats a POST after 5xx, 408 and connection resets, when Teams may have accepted it: a message would appear
 * twice. It also follows redirects, token included. Neither can be switched off by its options.
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
  const targeted: Policy = {
    name: 'goldbotTargeted',
    sendRequest(request, next) {
      if (request.headers.has(targetedHeader)) {
        request.headers.delete(targetedHeader);
        const url = new URL(request.url);
        url.searchParams.set('isTargetedActivity', 'true');
        request.url = url.toString();
      }
      return next(request);
    },
  };
  pipeline.addPolicy(patience, { phase: 'Serialize' });
  pipeline.addPolicy(targeted, { phase: 'Serialize' });
  return connector;
}

/** Only in China does botbuilder ask the tenant of this address; elsewhere it puts the bot's own in its place. */
function loginTenant({ login, loginTenant: usual }: BotCloud, credentials: BotCredentials): string {
  return login.endsWith('.cn') && credentials.kind === 'secret' ? credentials.tenantId : usual;
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
