import type { Person } from '../entra/people';
import type { Json } from '../kernel/types';
import { clickActivity } from './activities';
import { rememberButtons } from './card-actions';
import type { TeamsFace } from './face';
import { type Card, isObject, type Message, type Place } from './model';
import { membersOf, userId } from './roster';

/**
 * Cards that are another one for each person: by `refresh` of the card that everybody sees, a person's client asks the bot
 * for theirs, which nobody else sees and which lasts until the next edit.
 */

/** Clients of more people than that do not ask by themselves where the card names nobody. */
const mostAsking = 60;
/** A client that looks again asks again once its last answer is as old as this; machine time. */
const freshMs = 60_000;

/** When a client asked last, and about which edit of the message. */
interface Look {
  readonly edit: string;
  readonly atMs: number;
  readonly answer: Promise<void>;
}

const looks = new WeakMap<Message, Map<string, Look>>();

/** What the bot makes of a press or a refresh. */
export interface Turn {
  readonly status: number;
  readonly body: unknown;
  readonly problem?: string;
}

/** What a card says about who sees another one; undefined: it does not, or not for this person. */
function refreshFor(face: TeamsFace, card: Card | undefined, place: Place, person: Person) {
  const plan = card?.['refresh'];
  const action = isObject(plan) ? plan['action'] : undefined;
  if (!isObject(plan) || !isObject(action)) return undefined;
  const users = plan['userIds'];
  if (Array.isArray(users)) return users.includes(userId(person)) ? action : undefined;
  return membersOf(face.world, place.conversation).length <= mostAsking ? action : undefined;
}

/** Asks the bot for a person's own card, as their client does. Undefined: it would not ask. */
export async function askForView(
  face: TeamsFace,
  { message, place }: { readonly message: Message; readonly place: Place },
  person: Person,
): Promise<Turn | undefined> {
  const action = refreshFor(face, message.views?.[person.id] ?? message.card, place, person);
  if (!action) return undefined;
  const data = (isObject(action['data']) ? action['data'] : {}) as Record<string, Json>;
  const asked = { cardId: message.id, action, data, trigger: 'automatic' } as const;
  return face.link.deliver(clickActivity(face.link.setting, person, place, asked));
}

/** The card that a turn was answered with; undefined when it was something else. */
export function cardIn({ status, body }: Turn): Card | undefined {
  if (status !== 200 || !isObject(body) || body['type'] !== 'application/vnd.microsoft.card.adaptive') return undefined;
  return isObject(body['value']) ? (body['value'] as Card) : undefined;
}

export function showTo(face: TeamsFace, message: Message, person: Person, card: Card): void {
  rememberButtons(message, message.views?.[person.id]);
  message.views = { ...message.views, [person.id]: card };
  face.world.touch();
}

/** A person looks at a message: their client asks for their own card where it has none of this edit, or an old one. */
export async function lookAt(face: TeamsFace, message: Message, place: Place, person: Person): Promise<void> {
  const own = message.views?.[person.id];
  if (!refreshFor(face, own ?? message.card, place, person)) return;
  const edit = message.updatedAt ?? '';
  const known = looks.get(message) ?? new Map<string, Look>();
  looks.set(message, known);
  const last = known.get(person.id);
  if (last && last.edit === edit && Date.now() - last.atMs < freshMs) return last.answer;
  const answer = ask(face, { message, place }, person);
  known.set(person.id, { edit, atMs: Date.now(), answer });
  await answer;
  // What was answered may be of before an edit that came meanwhile.
  if ((message.updatedAt ?? '') !== edit) await lookAt(face, message, place, person);
}

async function ask(face: TeamsFace, at: { readonly message: Message; readonly place: Place }, person: Person) {
  const before = at.message.updatedAt;
  const turn = await askForView(face, at, person);
  const card = turn && cardIn(turn);
  if (card && at.message.updatedAt === before) showTo(face, at.message, person, card);
}

/** Everybody for whom clients ask has looked. */
export async function lookedAtByAll(face: TeamsFace, message: Message, place: Place): Promise<void> {
  await Promise.all(membersOf(face.world, place.conversation).map((person) => lookAt(face, message, place, person)));
}
