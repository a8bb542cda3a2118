import type { AdaptiveCard, Reply } from '../cards';

/** Buttons beside each other; Teams puts what is more behind three dots, and some clients drop it. */
const mostButtons = 6;
const mostInSight = 3;
/** What a card may weigh. */
const mostBytes = 25 * 1024;

/** Of a copy in somebody's own chat. */
export const toChannel = 'Go to the channel';

/** The same message with a button that leads to where what it is about stands in Teams, and its address in words. */
export function leading<Shown extends Reply>(reply: Shown, title: string, url: string): Shown {
  const text = `${reply.text}\n${title}: ${url}`;
  const card = reply.card && withLink(reply.card, title, url);
  return { ...reply, text, ...(card && { card }) };
}

/** A card that has no room left keeps what it has. */
function withLink(card: AdaptiveCard, title: string, url: string): AdaptiveCard {
  if (card.actions.length >= mostButtons) return card;
  const mode = card.actions.length < mostInSight ? 'primary' : 'secondary';
  const linked = { ...card, actions: [...card.actions, { type: 'Action.OpenUrl', title, url, mode }] };
  return Buffer.byteLength(JSON.stringify(linked)) <= mostBytes ? linked : card;
}
