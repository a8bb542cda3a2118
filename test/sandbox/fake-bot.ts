import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';

export interface Received {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly activity: FakeActivity;
}

/** An activity as the fake bot reads it: whatever came. */
export interface FakeActivity {
  readonly type: string;
  readonly id: string;
  readonly name?: string;
  readonly text: string;
  readonly replyToId: string;
  readonly serviceUrl: string;
  readonly from: { id: string; name: string; aadObjectId: string };
  readonly conversation: { id: string; tenantId: string; conversationType: string };
  readonly channelData: Record<string, { id: string; name?: string } & Record<string, unknown>>;
  readonly entities: { type: string; text?: string; mentioned?: { id: string } }[];
  readonly value: { action: { verb: string; data: Record<string, unknown> }; trigger: string };
  readonly membersAdded?: { id: string }[];
}

export type Turn = (activity: FakeActivity, bot: FakeBot) => unknown;

/** A bot of a few lines: checks the token as a bot must, answers through the connector. */
export class FakeBot {
  readonly received: Received[] = [];
  /** What the next turns do; the value they return is the body of the answer: without one, nothing will be said. */
  turn: Turn = () => undefined;
  private server: Server | undefined;
  /** As bots do, it asks for the keys once. */
  private published: Promise<Published> | undefined;

  async start(teamsUrl: () => string, appId: string): Promise<string> {
    this.server = createServer((incoming, outgoing) => {
      // Not chained: restify, loaded by other tests of this process, makes writeHead return nothing.
      const send = (status: number, text: string, more: object = {}) => {
        outgoing.writeHead(status, { 'content-type': 'application/json', ...more });
        outgoing.end(text);
      };
      this.answer(incoming, teamsUrl(), appId).then(
        (body) => send(200, JSON.stringify(body ?? {}), body === undefined ? { 'x-goldbot-answer': 'none' } : {}),
        (error: Error) => send(error.name === 'Refused' ? 401 : 500, String(error)),
      );
    });
    await new Promise<void>((done) => this.server?.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/messages`;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((done) => this.server?.close(done));
  }

  /** Messages and clicks, without what the bot was told when it was installed. */
  get turns(): FakeActivity[] {
    return this.received.map((r) => r.activity).filter((a) => a.type === 'message' || a.type === 'invoke');
  }

  private async answer(incoming: IncomingMessage, teamsUrl: string, appId: string): Promise<unknown> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const activity = JSON.parse(Buffer.concat(chunks).toString()) as FakeActivity;
    this.published ??= publishedAt(teamsUrl);
    const claims = await verify(incoming.headers.authorization ?? '', await this.published, appId);
    if (claims['serviceurl'] !== activity.serviceUrl) throw refused('serviceurl');
    this.received.push({ claims, activity });
    return activity.type === 'message' || activity.type === 'invoke' ? this.turn(activity, this) : undefined;
  }
}

interface Published {
  readonly keys: ReturnType<typeof createRemoteJWKSet>;
  readonly issuer: string;
}

async function publishedAt(teamsUrl: string): Promise<Published> {
  const { jwks_uri, issuer } = (await (await fetch(`${teamsUrl}/openidconfiguration`)).json()) as {
    jwks_uri: string;
    issuer: string;
  };
  return { keys: createRemoteJWKSet(new URL(jwks_uri)), issuer };
}

async function verify(authorization: string, { keys, issuer }: Published, appId: string): Promise<Received['claims']> {
  const token = authorization.replace(/^Bearer /, '');
  try {
    return (await jwtVerify(token, keys, { audience: appId, issuer })).payload;
  } catch (error) {
    throw refused(String(error));
  }
}

function refused(why: string): Error {
  return Object.assign(new Error(why), { name: 'Refused' });
}

/** A call of the connector, as a bot makes it. */
export async function connector(
  activity: { readonly serviceUrl: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const response = await fetch(`${activity.serviceUrl}v3/${path}`, {
    method,
    headers: { authorization: 'Bearer anything', 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : {} };
}

/** Answers an activity in its own thread. */
export function reply(activity: FakeActivity, message: object) {
  const path = `conversations/${encodeURIComponent(activity.conversation.id)}/activities/${activity.id}`;
  return connector(activity, 'POST', path, { type: 'message', replyToId: activity.id, ...message });
}

export function cardAttachment(body: object[], actions: object[] = []): object {
  const content = { type: 'AdaptiveCard', version: '1.5', body, actions };
  return { attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }] };
}
