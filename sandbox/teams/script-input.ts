import { entra, type Person } from '../entra/people';
import { placeOf } from './connector';
import type { TeamsFace } from './face';
import type { Card, Message, Place } from './model';
import { Refusal } from './refusal';
import { conversations, membersOf, personalChat } from './roster';

/** @throws Refusal 400 when the field is missing or not text. */
export function textField(input: Record<string, unknown>, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new Refusal(400, 'BadInput', `\`${name}\` must be a text${value === undefined ? ', and is missing' : ''}.`);
}

/** @throws Refusal 400 when it is there and not text. */
export function optionalField(input: Record<string, unknown>, name: string): string | undefined {
  return input[name] === undefined ? undefined : textField(input, name);
}

/** By Entra object id or exact name. @throws Refusal 404 listing everybody's name. */
export function findPerson(face: TeamsFace, wanted: string): Person {
  const { people } = entra(face.world);
  const found = people.find((p) => p.id === wanted || p.name === wanted);
  if (found) return found;
  throw new Refusal(404, 'NoSuchPerson', `There is no "${wanted}" here.`, { known: people.map((p) => p.name) });
}

/**
 * By id or exact name, with `;messageid=<root>` for a thread; `goldbot` is the speaker's own chat with the bot.
 * @throws Refusal 404 with all names, 403 when the speaker is not a member.
 */
export function findPlace(face: TeamsFace, wanted: string, speaker?: Person): Place {
  const [name = '', rootId] = wanted.split(';messageid=');
  const all = conversations(face.world);
  const own = speaker && name === 'goldbot' ? personalChat(speaker) : undefined;
  const conversation = own ?? all.find((c) => c.id === name || c.name === name);
  if (!conversation) {
    const message = `There is no conversation "${name}".`;
    throw new Refusal(404, 'NoSuchConversation', message, { known: all.map((c) => c.name) });
  }
  if (speaker && !membersOf(face.world, conversation).some((p) => p.id === speaker.id)) {
    throw new Refusal(403, 'NotAMember', `${speaker.name} is not a member of "${conversation.name}".`);
  }
  if (!rootId) return { conversation };
  const place = placeOf(face, `${conversation.id};messageid=${rootId}`);
  if (place) return place;
  throw new Refusal(404, 'NoSuchThread', `No thread in "${conversation.name}" starts with the message ${rootId}.`);
}

/** The thread or chat that a message is in; undefined: the conversation is gone. */
export function placeOfMessage(face: TeamsFace, { id, conversationId, rootId }: Message): Place | undefined {
  const conversation = conversations(face.world).find((c) => c.id === conversationId);
  if (!conversation) return undefined;
  return conversation.kind === 'channel' ? { conversation, rootId: rootId ?? id } : { conversation };
}

/** A message with a card, as one person sees it. */
export interface Seen {
  readonly message: Message;
  readonly card: Card;
  readonly place: Place;
}

/** The card of a message, as this person sees it. @throws Refusal 404, 403. */
export function findCard(face: TeamsFace, activityId: string, person: Person): Seen {
  const message = face.chat.find(activityId);
  const hidden = message?.onlyFor !== undefined && message.onlyFor !== person.id;
  if (!message || message.deleted || hidden)
    throw new Refusal(404, 'NoSuchMessage', `There is no message ${activityId}.`);
  const { conversation } = findPlace(face, message.conversationId, person);
  const card = message.views?.[person.id] ?? message.card;
  if (!card) throw new Refusal(404, 'NoCard', `The message ${activityId} has no card.`);
  const rootId = conversation.kind === 'channel' ? (message.rootId ?? message.id) : undefined;
  return { message, card, place: rootId ? { conversation, rootId } : { conversation } };
}
