import type { AdaptiveCard, Reply } from '../cards';
import { isRecord } from '../core/collections';
import { backMark } from './back';

/**
 * Buttons of a card that one person alone sees carry which message it answers, so that a press is answered in private
 * too: Teams does not say of a press whether its card was private. Who forges it gains an answer for their own eyes.
 */
export const mark = 'goldbotPrivate';

/** The same reply, whose buttons say that it is private. */
export function markedPrivate(reply: Reply, question: string): Reply {
  return reply.card ? { ...reply, card: marked(reply.card, question) as AdaptiveCard } : reply;
}

function marked(part: unknown, question: string): unknown {
  if (Array.isArray(part)) return part.map((one) => marked(one, question));
  if (!isRecord(part)) return part;
  const inner = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, marked(value, question)]));
  if (part['type'] !== 'Action.Execute' && part['type'] !== 'Action.Submit') return inner;
  return { ...inner, data: { ...(isRecord(part['data']) && part['data']), [mark]: question } };
}

/** The private message whose answer the pressed card was; undefined for a card that everybody sees. */
export function privateQuestion(value: unknown): string | undefined {
  const { action, data: ofDialog } = isRecord(value) ? value : {};
  const data = isRecord(action) ? action['data'] : ofDialog;
  const question = isRecord(data) ? data[mark] : undefined;
  return typeof question === 'string' && question !== '' ? question : undefined;
}

/** What the command gets: the data of the same button on a card for everybody. */
export function withoutMark(data: unknown): unknown {
  if (!isRecord(data)) return data;
  const { [mark]: _, [backMark]: __, ...rest } = data;
  return rest;
}
