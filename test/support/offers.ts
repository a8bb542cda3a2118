import { backMark } from '../../bot/back';
import { ownVerb } from '../../cards';
import { call, line } from '../../core/command-call';
import { commands, findCommand } from '../../dialogs';
import { callOf, readData } from '../../dialogs/conversation/grammar';

/** What a card offers: the sentences at its foot, and its buttons. */
export interface Offers {
  readonly sentences: readonly string[];
  readonly buttons: readonly { readonly verb: string; readonly data?: Readonly<Record<string, unknown>> }[];
}

export function offersOf(card: unknown): Offers {
  const buttons: Offers['buttons'][number][] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const item = node as Record<string, unknown>;
    // Whoever asks for their own card says nothing by it.
    if (item['type'] === 'Action.Execute' && item['verb'] !== ownVerb)
      buttons.push(item as unknown as Offers['buttons'][number]);
    if (item['type'] === 'Action.Submit') {
      const { verb, values } = item['data'] as Record<string, unknown>;
      buttons.push({ verb, data: values } as Offers['buttons'][number]);
    }
    // What a client asks by itself when it shows the card is no offer to anybody.
    const { refresh: _, ...shown } = item;
    Object.values(shown).forEach(walk);
  };
  walk(card);
  const foot = monospace((card as { body?: readonly unknown[] } | undefined)?.body?.at(-1));
  return { sentences: foot.flatMap((text) => plainText(text).split(' · ')), buttons };
}

/** What is wrong with what a card offers: each sentence parses to itself, each button means a sentence, commands take both. */
export function wrongOffers({ sentences, buttons }: Offers): readonly string[] {
  return [...sentences.flatMap((text) => problemOfSentence(text) ?? []), ...buttons.flatMap(problemsOfButton)];
}

function problemOfSentence(text: string): string | undefined {
  try {
    const { verb, values, blanks = [] } = callOf(text, commands);
    // What a command needs and was not given it asks for by a form.
    const problem = findCommand(commands, verb)
      ?.problems(values)
      .find((p) => values[String(p.path[0])] !== undefined);
    if (problem) return `${text}: ${problem.message}`;
    const again = line(call(verb, values, ...blanks));
    return again === text ? undefined : `${text} is read as ${again}`;
  } catch (error) {
    return `${text}: ${(error as Error).message}`;
  }
}

function problemsOfButton({ verb, data: sent = {} }: Offers['buttons'][number]): readonly string[] {
  // The way back is the bot's own; no command takes it.
  const { [backMark]: _, ...data } = sent;
  // Nor is asking for one's own card a command: it has no sentence, and does nothing.
  if (verb === ownVerb) return [];
  const command = findCommand(commands, verb);
  if (!command) return [`no command ${verb}`];
  const strange = Object.keys(data).filter((key) => key !== 'hash' && !command.args.some((a) => a.name === key));
  if (strange.length > 0) return strange.map((key) => `${verb} takes no ${key}`);
  const { values } = readData(command, data);
  const problems = command.problems(values).filter((p) => values[String(p.path[0])] !== undefined);
  const asked = line(call(command.verb, values));
  const read = line(callOf(asked, commands));
  return [...problems.map((p) => `${asked}: ${p.message}`), ...(read === asked ? [] : [`${asked} is read as ${read}`])];
}

/** The commands stand in the last block of a card. */
function monospace(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { fontType, text, ...rest } = node as Record<string, unknown>;
  const own = fontType === 'Monospace' ? [String(text)] : [];
  return [...own, ...Object.values(rest).flatMap(monospace)];
}

/** A text of a card without the escapes of its Markdown. */
function plainText(text: string): string {
  return text.replace(/\\([\\`*_{}[\]()#+\-.!~|<>])/g, '$1').replaceAll('\u200b', '');
}
