import type { Activity } from 'botbuilder';
import type { Reply } from '../cards';
import type { Connector, TeamsAdapter } from './adapter';
import { toTeamsError } from './teams-error';

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
