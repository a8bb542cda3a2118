import type { Person } from '../entra/people';
import { type Activity, isObject } from './model';
import { userId } from './roster';

/** Somebody whom Teams would notify of a message, and the text that stands for them in it. */
export interface Mentioned {
  /** Entra object id. */
  readonly id: string;
  readonly name: string;
  /** `<at>Grace</at>`. */
  readonly text: string;
}

/**
 * Whom a message mentions. As in Teams, an entity counts where its text is a part of what is shown (in a card: of a TextBlock
 * or a fact) and its id is a member's: by the bot's name for them, their object id or their user principal name. Any other one
 * is ignored, and its text stays text.
 */
export function mentionsIn(activity: Activity, members: readonly Person[]): readonly Mentioned[] {
  const card = activity.attachments?.[0]?.content;
  const inCard = isObject(card?.['msteams']) ? card['msteams']['entities'] : undefined;
  const found = [
    ...matching(activity['entities'], activity.text ?? '', members),
    ...matching(inCard, textsOf(card).join('\n'), members),
  ];
  return [...new Map(found.map((one) => [one.text, one])).values()];
}

function matching(entities: unknown, shown: string, members: readonly Person[]): readonly Mentioned[] {
  return (Array.isArray(entities) ? entities : []).flatMap((entity) => {
    if (!isObject(entity) || entity['type'] !== 'mention' || !isObject(entity['mentioned'])) return [];
    const { text } = entity;
    if (typeof text !== 'string' || !/^<at>.+<\/at>$/.test(text) || !shown.includes(text)) return [];
    const id = String(entity['mentioned']['id']).toLowerCase();
    const person = members.find((p) => [userId(p), p.id, p.mail].some((known) => known.toLowerCase() === id));
    return person ? [{ id: person.id, name: String(entity['mentioned']['name'] ?? person.name), text }] : [];
  });
}

/** What TextBlocks and facts show, wherever they are in a card. */
function textsOf(node: unknown, parent = ''): readonly string[] {
  if (Array.isArray(node)) return node.flatMap((item) => textsOf(item, parent));
  if (!isObject(node)) return [];
  const own = node['type'] === 'TextBlock' ? [node['text']] : parent === 'facts' ? [node['title'], node['value']] : [];
  const inner = Object.entries(node).flatMap(([name, value]) => textsOf(value, name));
  return [...own.filter((text): text is string => typeof text === 'string'), ...inner];
}
