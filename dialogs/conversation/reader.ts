import { inWords, type Reader } from '../../cards';
import { type Catalogue, zoneOfChannel } from '../../core/catalogue';
import type { Turn } from './command';
import type { ClickAnswer, TextAnswer } from './router';

/** Whoever reads the words of an answer: a person by their own clock, a channel by the one that its people live by. */
function readerOf({ conversation, timeZone: zone }: Turn, catalogue: Catalogue): Reader {
  if (conversation.kind === 'personal') return { zone, alone: true };
  return { zone: zoneOfChannel(catalogue, [conversation.id, conversation.name]) };
}

/** An answer with its times by the clock of whoever reads it. What lives on as a card is told so by its delivery. */
export function forReader(turn: Turn, answer: TextAnswer, catalogue: Catalogue): TextAnswer {
  if (answer.topic !== undefined) return answer;
  const { later } = answer;
  const whole = later && { later: later.then((complete) => forReader(turn, complete, catalogue)) };
  return { ...answer, text: inWords(answer.text, readerOf(turn, catalogue)), ...whole };
}

/** The same of what a click is answered with; one line is for the person who clicked alone. */
export function forClicker(turn: Turn, answer: ClickAnswer, catalogue: Catalogue): ClickAnswer {
  if (answer.kind === 'message') {
    return { ...answer, text: inWords(answer.text, { zone: turn.timeZone, alone: true }) };
  }
  return { ...answer, reply: forReader(turn, answer.reply, catalogue) };
}
