import type { Activity, TurnContext } from 'botbuilder';
import {
  ActivityTypes,
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  ConfigurationServiceClientCredentialFactory,
  TeamsInfo,
} from 'botbuilder';
import { type BotCloud, clouds } from '../core/cloud';
import type { TeamsActivity } from './activity';
import {
  type Account,
  type BotCredentials,
  type Connector,
  type Framework,
  type FrameworkSettings,
  type Outgoing,
  requestTimeoutMs,
  sandboxToken,
  type TurnAnswer,
  WireError,
} from './framework';
import { Refused, type ServiceUrlRule } from './front-door';

type Factory = NonNullable<ConstructorParameters<typeof ConfigurationBotFrameworkAuthentication>[1]>;
type Credentials = Awaited<ReturnType<Factory['createCredentials']>>;
type Connectors = ReturnType<ConfigurationBotFrameworkAuthentication['createConnectorFactory']>;
/** botbuilder's REST client of one service URL. */
export type BotbuilderClient = Awaited<ReturnType<Connectors['create']>>;

/** Microsoft's botbuilder with authentication always on, and clients that neither retry nor follow redirects. */
export class Botbuilder implements Framework {
  private readonly adapter: Adapter;

  constructor(settings: FrameworkSettings) {
    if (settings.appId.trim() === '') throw new Error('botbuilder: the app id is empty');
    this.adapter = new Adapter(settings);
  }

  receive(activity: TeamsActivity, turn: () => Promise<object | undefined>): Promise<TurnAnswer | undefined> {
    return this.adapter.receive(activity as unknown as Activity, async (context) => {
      const body = await turn();
      if (body) await context.sendActivity({ type: ActivityTypes.InvokeResponse, value: { status: 200, body } });
    });
  }

  async connector(serviceUrl: string): Promise<Connector> {
    return connectorOf(await this.adapter.client(serviceUrl), serviceUrl);
  }

  /** botbuilder's own client, to ask what goldbot never asks. @throws Refused for a service URL that is not Teams'. */
  client(serviceUrl: string): Promise<BotbuilderClient> {
    return this.adapter.client(serviceUrl);
  }
}

class Adapter extends CloudAdapter {
  constructor(private readonly settings: FrameworkSettings) {
    super(new GuardedAuthentication(settings));
  }

  async receive(activity: Activity, logic: (context: TurnContext) => Promise<void>): Promise<TurnAnswer | undefined> {
    const { appId, cloud = clouds.Public.bot } = this.settings;
    const claimsIdentity = this.createClaimsIdentity(appId);
    const connectorFactory = this.botFrameworkAuthentication.createConnectorFactory(claimsIdentity);
    const audience = cloud.issuer;
    return this.processActivity({ audience, claimsIdentity, connectorFactory }, activity, logic);
  }

  async client(serviceUrl: string): Promise<BotbuilderClient> {
    const identity = this.createClaimsIdentity(this.settings.appId);
    return this.botFrameworkAuthentication.createConnectorFactory(identity).create(serviceUrl);
  }
}

function connectorOf(client: BotbuilderClient, serviceUrl: string): Connector {
  const { conversations } = client;
  return {
    send: (to, activity) => onTheWire(conversations.sendToConversation(to, bodyOf(activity), optionsOf(activity))),
    update: async (to, id, activity) => {
      await onTheWire(conversations.updateActivity(to, id, bodyOf(activity), optionsOf(activity)));
    },
    create: (parameters) => onTheWire(conversations.createConversation(parameters as never)),
    member: (id, userId) => onTheWire(conversations.getConversationMember(id, userId)),
    members: async (id, { size, after }) => {
      const options = { pageSize: size, ...(after !== undefined && { continuationToken: after }) };
      const asked = conversations.getConversationPagedMembers(id, options as PagedOptions);
      const { members, continuationToken: next } = await onTheWire(asked);
      return { members: members as readonly Account[], ...(next && { next }) };
    },
    team: (teamId) => onTheWire(TeamsInfo.getTeamDetails(turnAt(client, serviceUrl), teamId)),
    channels: (teamId) => onTheWire(TeamsInfo.getTeamChannels(turnAt(client, serviceUrl), teamId)),
  };
}

/** Its type asks for a token on the first page, too. */
type PagedOptions = { pageSize: number; continuationToken: string };

const bodyOf = ({ body }: Outgoing) => body as Activity;

/** Marks a request for the policy that makes a targeted one of it: botbuilder has no words for that. */
const targetedHeader = 'x-goldbot-targeted';

function optionsOf({ targeted }: Outgoing): { readonly customHeaders?: Record<string, string> } {
  return targeted ? { customHeaders: { [targetedHeader]: 'true' } } : {};
}

/** All that TeamsInfo reads of a turn's context, which is gone when the turn is over. */
function turnAt(client: BotbuilderClient, serviceUrl: string): TurnContext {
  const [adapter, turnState] = [{ ConnectorClientKey: 'connector' }, new Map([['connector', client]])];
  return { adapter, turnState, activity: { serviceUrl } } as unknown as TurnContext;
}

interface RestLike {
  readonly statusCode?: number;
  readonly code?: string;
  /** Of Teams' answer, as its client reads it. */
  readonly details?: { readonly error?: { readonly code?: string } };
  readonly response?: { readonly headers?: { get?(name: string): string | undefined } };
}

/** Errors of botbuilder's pipeline happened on the wire; anything else, such as a missing token, before it. */
async function onTheWire<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    const { statusCode: status, code, details, response } = error as RestLike;
    const words = String(error);
    if (status !== undefined) {
      const retryAfter = response?.headers?.get?.('retry-after');
      throw new WireError(words, { status, code: details?.error?.code, retryAfter });
    }
    if (['RestError', 'AbortError', 'TimeoutError'].includes((error as Error).name))
      throw new WireError(words, { code });
    throw error;
  }
}

type UserTokens = ReturnType<ConfigurationBotFrameworkAuthentication['createUserTokenClient']>;

/** Of service URLs that Teams has named; there is one a region. */
const mostClients = 100;

/** Every client of botbuilder is created here: for replies, proactive messages and new threads alike. */
class GuardedAuthentication extends ConfigurationBotFrameworkAuthentication {
  private readonly mayCall: ServiceUrlRule;
  /** Clients keep nothing of a turn, and to make one costs as much as to send a reply by it. */
  private readonly clients = new Map<string, Promise<BotbuilderClient>>();
  private userTokens: UserTokens | undefined;

  constructor({ appId, credentials, metadataUrl, mayCall, cloud = clouds.Public.bot }: FrameworkSettings) {
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
        return this.known(`${audience} ${serviceUrl}`, async () =>
          tamed(await connectors.create(serviceUrl, audience)),
        );
      },
    };
  }

  private known(key: string, make: () => Promise<BotbuilderClient>): Promise<BotbuilderClient> {
    const known = this.clients.get(key);
    if (known) return known;
    if (this.clients.size >= mostClients) this.clients.clear();
    const made = make();
    this.clients.set(key, made);
    // One that could not be made is made anew by whoever asks next.
    made.catch(() => this.clients.delete(key));
    return made;
  }

  /** botbuilder makes one for each turn; nobody signs in through goldbot. */
  override createUserTokenClient(
    ...args: Parameters<ConfigurationBotFrameworkAuthentication['createUserTokenClient']>
  ) {
    this.userTokens ??= super.createUserTokenClient(...args);
    return this.userTokens;
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
function tamed(client: BotbuilderClient): BotbuilderClient {
  const { pipeline } = (client as unknown as { client: { pipeline: Pipeline } }).client;
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
  return client;
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
      request.headers.set('authorization', `Bearer ${sandboxToken}`);
      return request;
    },
  };
  return {
    isValidAppId: async (id) => id === appId,
    isAuthenticationDisabled: async () => false,
    createCredentials: async () => credentials,
  };
}
