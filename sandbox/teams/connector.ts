import { entra, type Person } from '../entra/people';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import { botName } from './activities';
import { rememberButtons } from './card-actions';
import type { TeamsFace } from './face';
import { tooBig } from './limits';
import { mentionsIn } from './mentions';
import { type Activity, isObject, type Message, type Place, placeId } from './model';
import { conversations, membersOf, personalChat, userId } from './roster';

/** The Bot Connector's operations on conversations, to the extent that Teams has them. */
export function connectorRoutes(face: TeamsFace): Route[] {
  const path = '/v3/conversations/{conversation}/activities';
  return [
    { method: 'POST', path: '/v3/conversations', handle: authorized((request) => create(face, request)) },
    { method: 'POST', path, handle: authorized((request, params) => send(face, request, params)) },
    {
      method: 'POST',
      path: `${path}/{activity}`,
      handle: authorized((request, params) => send(face, request, params)),
    },
    {
      method: 'PUT',
      path: `${path}/{activity}`,
      handle: authorized((request, params) => update(face, request, params)),
    },
    {
      method: 'DELETE',
      path: `${path}/{activity}`,
      handle: authorized((request, params) => remove(face, request, params)),
    },
  ];
}

/** Teams' error body. */
export function refuse(status: number, code: string, message: string): SandboxResponse {
  return { status, body: { error: { code, message } } };
}

export const noConversation = () => refuse(404, 'ConversationNotFound', 'Conversation not found.');

/** Any bearer token will do: the sandbox issues none. */
export function authorized(handle: (request: SandboxRequest, params: Params) => SandboxResponse): Route['handle'] {
  return (request, params) => {
    const denied = { status: 401, body: { message: 'Authorization has been denied for this request.' } };
    return /^Bearer \S+/i.test(request.headers['authorization'] ?? '') ? handle(request, params) : denied;
  };
}

/** For one person's eyes. */
const isTargeted = ({ url }: SandboxRequest): boolean => url.searchParams.get('isTargetedActivity') === 'true';

/** Whom a targeted message is for: a member of the conversation, and not in their own chat, which is private anyway. */
function readerOf(face: TeamsFace, { conversation }: Place, body: unknown): Person | { problem: SandboxResponse } {
  const recipient = isObject(body) && isObject(body['recipient']) ? body['recipient']['id'] : undefined;
  if (conversation.kind === 'personal' || recipient === undefined) {
    const why = recipient === undefined ? 'needs a recipient' : 'is not for one-on-one chats';
    return { problem: refuse(400, 'BadArgument', `A targeted message ${why}.`) };
  }
  const members = membersOf(face.world, conversation);
  return (
    members.find((p) => [userId(p), p.id].includes(String(recipient))) ?? {
      problem: refuse(403, 'BotNotInConversationRoster', 'The recipient is not part of the conversation roster.'),
    }
  );
}

interface Target extends Place {
  /** An Entra object id. */
  readonly onlyFor?: string;
}

/** The conversation of a connector's URL, with the thread that the id names. */
export function placeOf(face: TeamsFace, id = ''): Place | undefined {
  const [base, rootId] = id.split(';messageid=');
  const conversation = conversations(face.world).find((c) => c.id === base);
  if (!conversation) return undefined;
  if (!rootId) return { conversation };
  const root = face.chat.find(rootId);
  return root?.conversationId === base && !root?.rootId ? { conversation, rootId } : undefined;
}

function send(face: TeamsFace, request: SandboxRequest, params: Params): SandboxResponse {
  const { body } = request;
  const place = placeOf(face, params['conversation']);
  if (!place) return noConversation();
  const reader = isTargeted(request) ? readerOf(face, place, body) : undefined;
  if (reader && 'problem' in reader) return reader.problem;
  // Nobody can reply to what only one person sees.
  if (!reader && place.rootId && face.chat.find(place.rootId)?.onlyFor) return noConversation();
  const replied = params['activity'] ? face.chat.find(params['activity']) : undefined;
  const rootId =
    place.rootId ?? (place.conversation.kind === 'channel' && replied ? (replied.rootId ?? replied.id) : undefined);
  const thread = rootId ? { ...place, rootId } : place;
  const target: Target = { ...thread, ...(reader && { onlyFor: reader.id }) };
  return face.limits.check('send', placeId(thread)) ?? accept(face, target, body, 201);
}

/** Puts an activity from the bot into a thread, or says why not. */
function accept(face: TeamsFace, place: Target, body: unknown, status: number): SandboxResponse {
  const read = readActivity(body);
  if ('problem' in read) return read.problem;
  const { activity } = read;
  if (activity.type === 'typing') {
    const thread = place.rootId ? { rootId: place.rootId } : {};
    face.chat.tell({ kind: 'typing', conversationId: place.conversation.id, ...thread });
    return { status: 202, body: { id: face.chat.newId() } };
  }
  if (activity.type !== 'message')
    return refuse(400, 'Bad Argument', `Activity type ${activity.type} is not supported.`);
  const reply = activity.replyToId ? { replyToId: activity.replyToId } : {};
  const only = place.onlyFor ? { onlyFor: place.onlyFor } : {};
  const posted = face.chat.post(place, {
    fromId: 'bot',
    from: botName,
    ...content(face, place, activity),
    ...reply,
    ...only,
  });
  return { status, body: { id: posted.id } };
}

function update(face: TeamsFace, request: SandboxRequest, params: Params): SandboxResponse {
  const { body } = request;
  const found = own(face, request, params);
  if ('problem' in found) return found.problem;
  if (isTargeted(request) && isObject(body) && body['recipient'] !== undefined)
    return refuse(400, 'BadArgument', 'Whom a targeted message is for cannot be changed: leave the recipient out.');
  const { message, place } = found;
  const limited = face.limits.check('send', threadOf(place, message));
  if (limited) return limited;
  const read = readActivity(body);
  if ('problem' in read) return read.problem;
  for (const card of [...Object.values(message.views ?? {}), message.card]) rememberButtons(message, card);
  for (const part of ['summary', 'card', 'views', 'mentions', 'pending'] as const) delete message[part];
  Object.assign(message, content(face, place, read.activity));
  face.chat.edited(message);
  return { status: 200, body: { id: message.id } };
}

/** The thread that a message is in, however the conversation was named. */
function threadOf({ conversation }: Place, { id, rootId = id }: Message): string {
  return placeId(conversation.kind === 'channel' ? { conversation, rootId } : { conversation });
}

function remove(face: TeamsFace, request: SandboxRequest, params: Params): SandboxResponse {
  const found = own(face, request, params);
  if ('problem' in found) return found.problem;
  found.message.deleted = true;
  face.chat.edited(found.message);
  return { status: 200 };
}

/** The bot's own message that the URL names; people's messages are not the bot's to change. */
function own(
  face: TeamsFace,
  request: SandboxRequest,
  params: Params,
): { message: Message; place: Place } | { problem: SandboxResponse } {
  const place = placeOf(face, params['conversation']);
  if (!place) return { problem: noConversation() };
  const message = face.chat.find(params['activity'] ?? '');
  const meant = message && (message.onlyFor !== undefined) === isTargeted(request);
  if (!message || !meant || message.deleted || message.conversationId !== place.conversation.id) {
    return { problem: refuse(404, 'ActivityNotFoundInConversation', 'Conversation not found.') };
  }
  if (message.fromId === 'bot') return { message, place };
  return { problem: refuse(403, 'NotEnoughPermissions', 'A bot can change its own messages alone.') };
}

function create(face: TeamsFace, { body }: SandboxRequest): SandboxResponse {
  if (!isObject(body)) return refuse(400, 'Bad Argument', 'Conversation parameters are missing.');
  const channelData = isObject(body['channelData']) ? body['channelData'] : {};
  const channel = isObject(channelData['channel']) ? channelData['channel'] : {};
  const channelId = channel['id'] ?? channelData['teamsChannelId'];
  const place = channelId ? placeOf(face, String(channelId)) : personal(face, body);
  // A chat of several people has no threads to create.
  if (!place || (channelId && place.conversation.kind !== 'channel'))
    return channelId ? noConversation() : refuse(400, 'Bad Argument', 'Name one member, or a channel in channelData.');
  const limited = face.limits.check('send', place.conversation.id);
  if (limited) return limited;
  const { activity } = body;
  const start = { conversation: place.conversation };
  if (!activity) {
    if (channelId) return refuse(400, 'Bad Argument', 'A new thread in a channel needs its first activity.');
    return { status: 201, body: { id: place.conversation.id, serviceUrl: face.link.serviceUrl } };
  }
  const accepted = accept(face, start, activity, 201);
  if (accepted.status !== 201) return accepted;
  const { id } = accepted.body as { id: string };
  const thread = channelId ? placeId({ ...start, rootId: id }) : start.conversation.id;
  return { status: 201, body: { id: thread, activityId: id, serviceUrl: face.link.serviceUrl } };
}

/** The chat with the one member that is named, by the bot's name for them or by their object id. */
function personal(face: TeamsFace, parameters: Record<string, unknown>): Place | undefined {
  const members = Array.isArray(parameters['members']) ? parameters['members'] : [];
  const wanted = isObject(members[0]) ? members[0] : {};
  const person = entra(face.world).people.find((p) => [userId(p), p.id].includes(String(wanted['id'])));
  return person && members.length === 1 ? { conversation: personalChat(person) } : undefined;
}

function readActivity(body: unknown): { activity: Activity } | { problem: SandboxResponse } {
  if (!isObject(body) || typeof body['type'] !== 'string') {
    return { problem: refuse(400, 'Bad Argument', 'The activity has no type.') };
  }
  if (tooBig(body)) return { problem: refuse(413, 'MessageSizeTooBig', 'Message size too large.') };
  const activity = body as unknown as Activity;
  const cards = activity.attachments ?? [];
  const bad = cards.find(
    (a) => a.contentType !== adaptive || !isObject(a.content) || a.content['type'] !== 'AdaptiveCard',
  );
  if (bad) return { problem: refuse(400, 'Bad Argument', `The sandbox shows Adaptive Cards, not ${bad.contentType}.`) };
  if (activity.type === 'message' && !activity.text && cards.length === 0) {
    return { problem: refuse(400, 'Bad Argument', 'The message has neither text nor a card.') };
  }
  return { activity };
}

const adaptive = 'application/vnd.microsoft.card.adaptive';

type Content = Pick<Message, 'text' | 'summary' | 'card' | 'mentions' | 'alert' | 'pending'>;

function content(face: TeamsFace, { conversation }: Place, activity: Activity): Content {
  const card = activity.attachments?.[0]?.content;
  const data = activity['channelData'];
  const mentions = mentionsIn(activity, membersOf(face.world, conversation));
  const asks = isObject(data) && isObject(data['notification']) && data['notification']['alert'] === true;
  return {
    text: activity.text ?? '',
    ...(activity.summary && { summary: activity.summary }),
    ...(card && { card }),
    ...(mentions.length > 0 && { mentions }),
    ...(asks && conversation.kind === 'personal' && { alert: true }),
    ...(isObject(data) && data['pending'] === true && { pending: true }),
  };
}
