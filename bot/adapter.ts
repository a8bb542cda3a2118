import type { Activity, InvokeResponse, TurnContext } from 'botbuilder';
import {
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  ConfigurationServiceClientCredentialFactory,
} from 'botbuilder';
import { Refused } from './refused';
import type { ServiceUrlRule } from './service-urls';

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
