import {
  type AuthConfiguration,
  AuthType,
  CloudAdapter,
  ConnectorClient,
  HttpClient,
  HttpError,
  type HttpRequestConfig,
  type HttpResponse,
  type WebResponse,
} from '@microsoft/agents-hosting';
import type { TeamsActivity } from '../../bot/activity';
import {
  type Account,
  type Connector,
  type Framework,
  type FrameworkSettings,
  requestTimeoutMs,
  sandboxToken,
  type TurnAnswer,
  WireError,
} from '../../bot/framework';
import { Refused } from '../../bot/front-door';
import { clouds } from '../../core/cloud';
import { seconds, sleep } from '../../core/time';

/**
 * Microsoft's agents-hosting behind the same wall as botbuilder: on the day that botbuilder has to go, this file moves to
 * bot/, and one line of bot/index.ts names it. Why it is not in production yet: docs/adr/0037-a-wall-around-the-framework.md.
 */
export class AgentsHosting implements Framework {
  private readonly adapter: Adapter;

  constructor(private readonly settings: FrameworkSettings) {
    if (settings.appId.trim() === '') throw new Error('agents-hosting: the app id is empty');
    this.adapter = new Adapter(settings);
  }

  async receive(activity: TeamsActivity, turn: () => Promise<object | undefined>): Promise<TurnAnswer | undefined> {
    const { written, response } = memoryResponse();
    const body = activity as unknown as Record<string, unknown>;
    const request = { body, headers: {}, method: 'POST', user: CloudAdapter.createIdentity(this.settings.appId) };
    await this.adapter.process(request, response, async (context) => {
      const answer = await turn();
      if (answer) await context.sendActivity({ type: 'invokeResponse', value: { status: 200, body: answer } } as never);
    });
    return activity.type === 'invoke' ? written() : undefined;
  }

  async connector(serviceUrl: string): Promise<Connector> {
    return connectorOf(this.adapter.clientAt(serviceUrl));
  }
}

type Activity = Parameters<ConnectorClient['sendToConversation']>[1];

class Adapter extends CloudAdapter {
  constructor(private readonly settings: FrameworkSettings) {
    super(authOf(settings));
    // The usual one tells people in the chat to fix the source code.
    this.onTurnError = async (_, error) => {
      throw error;
    };
  }

  /** By its own rules, which are not goldbot's. */
  override authorizeRequest(): never {
    throw new Error('a token is verified by the front door alone');
  }

  clientAt(serviceUrl: string): Client {
    if (!this.settings.mayCall(serviceUrl)) throw new Refused(403, 'the service URL is not one of Microsoft Teams');
    return new Client(new GuardedHttp(serviceUrl, () => this.tokenFor(serviceUrl)));
  }

  protected override async createConnectorClient(serviceUrl: string): Promise<ConnectorClient> {
    return this.clientAt(serviceUrl);
  }

  protected override async createConnectorClientWithIdentity(
    _: unknown,
    { serviceUrl = '' }: { readonly serviceUrl?: string },
  ): Promise<ConnectorClient> {
    return this.clientAt(serviceUrl);
  }

  /** goldbot signs nobody in; the usual one asks for a token for each turn. */
  protected override async createUserTokenClient(): Promise<never> {
    return undefined as never;
  }

  private async tokenFor(serviceUrl: string): Promise<string> {
    const { appId, credentials, cloud = clouds.Public.bot } = this.settings;
    if (credentials.kind === 'sandbox') return sandboxToken;
    const provider = this.connectionManager.getTokenProvider(CloudAdapter.createIdentity(appId), serviceUrl);
    return provider.getAccessToken(cloud.issuer);
  }
}

function authOf({ appId: clientId, credentials, cloud = clouds.Public.bot }: FrameworkSettings): AuthConfiguration {
  switch (credentials.kind) {
    case 'managed-identity':
      return { clientId, tenantId: credentials.tenantId, authType: AuthType.UserManagedIdentity };
    case 'secret': {
      const { tenantId, secret: clientSecret } = credentials;
      return { clientId, tenantId, clientSecret, authType: AuthType.ClientSecret, authorityEndpoint: cloud.login };
    }
    case 'sandbox':
      return { clientId };
  }
}

/** Its constructor is for heirs alone. */
class Client extends ConnectorClient {
  constructor(readonly http: GuardedHttp) {
    super(http);
  }
}

/** agents-hosting's own follows redirects, token included, and waits for an answer without an end. */
class GuardedHttp extends HttpClient {
  constructor(
    serviceUrl: string,
    private readonly token: () => Promise<string>,
  ) {
    super({ baseURL: serviceUrl.replace(/\/+$/, ''), headers: { accept: 'application/json' } });
  }

  override async request<T = unknown>(config: HttpRequestConfig): Promise<HttpResponse<T>> {
    const url = new URL(`${this.baseURL}/${config.url.replace(/^\//, '')}`);
    for (const [name, value] of Object.entries(config.params ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const authorization = `Bearer ${await this.token()}`;
    const headers = { ...this.defaultHeaders, 'content-type': 'application/json', authorization };
    const response = await fetch(url, {
      method: config.method.toUpperCase(),
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(requestTimeoutMs),
      ...(config.data !== undefined && { body: JSON.stringify(config.data) }),
    });
    const { status, statusText, ok } = response;
    const answer = { data: parsed(await response.text()) as T, status, statusText, headers: response.headers, config };
    if (!ok) throw new HttpError(`status ${status}`, answer, config);
    return answer;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function connectorOf(client: Client): Connector {
  // It puts ids into paths as they are.
  const at = encodeURIComponent;
  /** For what its client has no words for; of a targeted message it changes the body. */
  const ask = async <T>(method: string, url: string, more: Pick<HttpRequestConfig, 'data' | 'params'> = {}) =>
    (await client.http.request<T>({ method, url, ...more })).data;
  return {
    send: (to, { body, targeted }) =>
      onTheWire(
        targeted
          ? ask<{ id: string }>('post', `v3/conversations/${at(to)}/activities`, { data: body, params: toOne })
          : client.sendToConversation(at(to), body as Activity),
      ),
    update: async (to, id, { body, targeted }) => {
      await onTheWire<unknown>(
        targeted
          ? ask('put', `v3/conversations/${at(to)}/activities/${at(id)}`, { data: body, params: toOne })
          : client.updateActivity(at(to), at(id), body as Activity),
      );
    },
    create: (parameters) => onTheWire(client.createConversation(parameters as never)),
    member: (id, userId) => onTheWire(client.getConversationMember(at(userId), at(id)) as Promise<Account>),
    members: async (id, { size, after }) => {
      const params = { pageSize: String(size), ...(after !== undefined && { continuationToken: after }) };
      const found = ask<Members>('get', `v3/conversations/${at(id)}/pagedmembers`, { params });
      const { members, continuationToken: next } = await onTheWire(found);
      return { members, ...(next && { next }) };
    },
    team: (teamId) => again(() => ask('get', `v3/teams/${at(teamId)}`)),
    channels: async (teamId) => {
      const found = again(() => ask<Channels>('get', `v3/teams/${at(teamId)}/conversations`));
      return (await found).conversations ?? [];
    },
  };
}

const toOne = { isTargetedActivity: 'true' };

interface Members {
  readonly members: readonly Account[];
  readonly continuationToken?: string;
}

interface Channels {
  readonly conversations?: Awaited<ReturnType<Connector['channels']>>;
}

const mostTries = 4;

/** A read: asked again after what passes by itself. */
async function again<T>(read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await onTheWire(read());
    } catch (error) {
      const status = (error as Partial<WireError>).met?.status;
      const passes = status === 429 || (status !== undefined && status >= 500);
      if (!passes || tries === mostTries) throw error;
      await sleep(seconds(2 ** (tries - 1)));
    }
  }
}

/** What fetch throws happened on the wire; anything else, such as a missing token, before it. */
async function onTheWire<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    const words = String(error);
    if ((error as Error).name === 'HttpError') {
      const { status, response } = error as HttpError;
      const code = (response.data as { error?: { code?: string } } | undefined)?.error?.code;
      throw new WireError(words, { status, code, retryAfter: response.headers.get('retry-after') ?? undefined });
    }
    const { name, cause } = error as Error & { readonly cause?: { readonly code?: string } };
    if (name === 'TimeoutError' || name === 'AbortError') throw new WireError(words, {});
    if (name === 'TypeError' && cause?.code !== undefined) throw new WireError(words, { code: cause.code });
    throw error;
  }
}

/** A response that is kept in place of being sent: goldbot's server sends it. */
function memoryResponse() {
  const written: { status: number; body?: unknown } = { status: 200 };
  const response = {
    headersSent: false,
    writableEnded: false,
    status(code: number) {
      written.status = code;
      return response;
    },
    setHeader: () => response,
    send(body: unknown) {
      written.body = body;
      return response;
    },
    end() {
      response.writableEnded = true;
      return response;
    },
  };
  return { response: response as WebResponse, written: (): TurnAnswer => written };
}
