import { inWords, type Reply } from '../cards';
import type { Person } from '../core/access';
import { silentTelemetry, type Telemetry } from '../core/telemetry';
import { believedMs, within } from '../core/time';
import type { Conversation } from '../store';
import type { Connector, Framework, Outgoing, WireError } from './framework';
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

/** goldbot's requests to Teams: each method sends one request, once, and throws TeamsError. */
export class Teams {
  private readonly connectors = new Map<string, Promise<Connector>>();

  constructor(
    private readonly framework: Pick<Framework, 'connector'>,
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
    const body = {
      ...message(shownTo(address, reply)),
      ...(question !== undefined && { replyToId: question }),
      ...(onlyFor && { recipient: { id: onlyFor.userId } }),
    };
    const { id } = await this.call('POST', address, (c) => c.send(to, outgoing(address, body)));
    return { activityId: id, ...(address.threadId !== undefined && { threadId: address.threadId }) };
  }

  /** What can be asked about teams at a service URL. Reads; a failed one throws what the connector throws. */
  queriesAt(serviceUrl: string): TeamQueries {
    return {
      team: async (teamId) => {
        const { name, aadGroupId } = await answered((await this.connector(serviceUrl)).team(teamId));
        return { name: name ?? teamId, ...(aadGroupId && { groupId: aadGroupId }) };
      },
      channels: async (teamId) => {
        const found = await answered((await this.connector(serviceUrl)).channels(teamId));
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
      const found = await this.call('GET', { serviceUrl }, (c) => answered(c.member(conversationId, userId)));
      const { aadObjectId: oid, name } = found;
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
    let after: string | undefined;
    for (let n = 0; n < mostPages; n++) {
      const page = { size: 500, ...(after !== undefined && { after }) };
      const answer = await this.call('GET', { serviceUrl }, (c) => answered(c.members(conversationId, page)));
      for (const { id, aadObjectId, objectId } of answer.members) {
        const oid = aadObjectId ?? objectId;
        if (id !== undefined && oid !== undefined) found.push({ oid: oid.toLowerCase(), userId: id });
      }
      after = answer.next || undefined;
      if (after === undefined) return found;
    }
    return undefined;
  }

  /** Idempotent. */
  async update(address: Address, activityId: string, reply: Reply): Promise<void> {
    const body = { ...message(shownTo(address, reply)), id: activityId };
    await this.call('PUT', address, (c) => c.update(address.conversationId, activityId, outgoing(address, body)));
  }

  private async startThread(address: Address, reply: Reply): Promise<Posted> {
    const parameters = {
      isGroup: true,
      bot: { id: `28:${this.appId}`, name: 'goldbot' },
      tenantId: address.tenantId,
      channelData: { channel: { id: address.conversationId }, tenant: { id: address.tenantId } },
      activity: message(reply),
    };
    const created = await this.call('POST', address, (c) => c.create(parameters));
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
    const made = this.framework.connector(serviceUrl);
    this.connectors.set(serviceUrl, made);
    made.catch(() => this.connectors.delete(serviceUrl));
    return made;
  }
}

function shownTo({ onlyFor }: Address, reply: Reply): Reply {
  return onlyFor ? markedPrivate(reply, onlyFor.question) : reply;
}

function outgoing({ onlyFor }: Address, body: object): Outgoing {
  return { body, targeted: onlyFor !== undefined };
}

/** For a read with all the retries that a framework makes of it by itself; it knows no end. */
const readTimeoutMs = 30_000;

/** @throws TeamsError when a read has no answer in time. */
function answered<T>(reading: Promise<T>): Promise<T> {
  return within(readTimeoutMs, reading, () => {
    throw new TeamsError('unreached', `Teams: no answer within ${readTimeoutMs} ms`);
  });
}

/**
 * With a card, the text goes into `summary`, which Teams uses for notifications and for clients that show no cards; as
 * `text` it would appear a second time above the card.
 */
function message(whole: Reply): object {
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

/** The connection was never made: Teams has not seen the request. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** Used when Teams names no `retry-after`. */
const usualWaitMs = 2_000;

export function toTeamsError(error: unknown): TeamsError {
  if (isTeamsError(error)) return error;
  if (!isWireError(error)) return new TeamsError(troubleBefore(error), `Teams: ${String(error)}`);
  const { status, code, retryAfter } = error.met;
  if (status === undefined) {
    return new TeamsError(neverSent.has(code ?? '') ? 'unreached' : 'unclear', `Teams: ${code ?? error.message}`);
  }
  const retryAfterMs = readRetryAfter(retryAfter);
  const details: Answered = { status, ...(code && { code }), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  const trouble = troubleOf(details);
  const waiting = trouble === 'throttled' ? { ...details, retryAfterMs: retryAfterMs ?? usualWaitMs } : details;
  return new TeamsError(trouble, `Teams: ${status}${code ? ` ${code}` : ''}`, waiting);
}

/** Of what happened before anything was sent, such as a missing token. */
function troubleBefore(error: unknown): TeamsTrouble {
  return (error as Error).name === 'Refused' ? 'closed' : 'unreached';
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
  if (!Number.isNaN(seconds)) return believedMs(seconds * 1_000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : believedMs(at - Date.now());
}

function isWireError(error: unknown): error is WireError {
  return (error as Error).name === 'WireError';
}
