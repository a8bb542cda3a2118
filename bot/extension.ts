import { type AdaptiveCard, type Reply, type Sharing, stillOf } from '../cards';
import { isRecord, textIn } from '../core/collections';
import { type FoundAnswer, type Hit, type LookedFor, search } from '../dialogs';
import type { TeamsActivity } from './activity';

/** What is asked of goldbot beside the message box of any conversation, also of one that it is not in. */
export type Asked =
  | { readonly kind: 'find'; readonly lookedFor: LookedFor }
  /** One of what was found is put into a message. */
  | { readonly kind: 'share'; readonly verb: string; readonly data: unknown }
  /** An address was put into a message. */
  | { readonly kind: 'link'; readonly url: string };

type Card = { readonly contentType: string; readonly content: unknown };

/** What the message box shows. */
export interface ExtensionAnswer {
  readonly composeExtension:
    | {
        readonly type: 'result';
        readonly attachmentLayout: 'list';
        readonly attachments: readonly (Card & { readonly preview: Card })[];
      }
    | { readonly type: 'message'; readonly text: string };
}

/** As Teams asks for them; more would be scrolled through by nobody. */
const mostHits = 25;

/** What was asked beside a message box; undefined for any other activity. None of it is trusted. */
export function askedOf({ name, value }: TeamsActivity): Asked | undefined {
  const given = isRecord(value) ? value : {};
  switch (name) {
    case 'composeExtension/query':
      return { kind: 'find', lookedFor: lookedForIn(given) };
    case 'composeExtension/selectItem':
      return { kind: 'share', verb: textIn(given['verb']), data: given['values'] };
    case 'composeExtension/queryLink':
      return { kind: 'link', url: textIn(given['url']) };
    default:
      return undefined;
  }
}

/** Before a letter is typed Teams sends a parameter of its own, `initialRun`. */
function lookedForIn({ parameters, queryOptions }: Readonly<Record<string, unknown>>): LookedFor {
  const list: readonly unknown[] = Array.isArray(parameters) ? parameters : [];
  const typed = list.find((one) => isRecord(one) && one['name'] === search.parameter);
  const { skip, count } = isRecord(queryOptions) ? queryOptions : {};
  return {
    text: isRecord(typed) ? textIn(typed['value']) : '',
    skip: whole(skip, 0),
    count: Math.min(whole(count, mostHits), mostHits),
  };
}

const whole = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : otherwise;

export function inWords(text: string): ExtensionAnswer {
  return { composeExtension: { type: 'message', text } };
}

/** A list of which each line, pressed, asks for its card. */
export function listed(answer: FoundAnswer): ExtensionAnswer {
  return answer.kind === 'words' ? inWords(answer.text) : result(answer.hits.map(lineOf));
}

function lineOf({ title, about, call }: Hit) {
  const tap = { type: 'invoke', title, value: { verb: call.verb, values: call.values } };
  return { ...thumbnail(title, about), preview: thumbnail(title, about, tap) };
}

/** A card as it stands in the message box and then in the message. */
export function inserted(reply: Reply, sharing: Sharing): ExtensionAnswer {
  const { card } = stillOf(reply, sharing);
  return card ? result([attachment(card, reply.text)]) : inWords(reply.text);
}

/** Of a link Teams shows cards up to version 1.3, and nothing where there is none. */
export function unfurled(reply: Reply | undefined, sharing: Sharing): ExtensionAnswer {
  const card = reply && stillOf(reply, sharing).card;
  return result(card ? [attachment({ ...card, version: '1.3' }, reply.text)] : []);
}

function result(attachments: readonly (Card & { readonly preview: Card })[]): ExtensionAnswer {
  return { composeExtension: { type: 'result', attachmentLayout: 'list', attachments } };
}

function attachment(content: Omit<AdaptiveCard, 'version'> & { readonly version: string }, words: string) {
  const [title = '', about = ''] = words.split('\n');
  return { contentType: 'application/vnd.microsoft.card.adaptive', content, preview: thumbnail(title, about) };
}

function thumbnail(title: string, text: string, tap?: object): Card {
  return { contentType: 'application/vnd.microsoft.card.thumbnail', content: { title, text, ...(tap && { tap }) } };
}

/** A message of a person that is nothing but a card: one of goldbot's own that they have shared. There is no question in it. */
export function isSharedAlone({ attachments = [] }: TeamsActivity, words: string): boolean {
  const isCard = (one: unknown) => isRecord(one) && one['contentType'] === 'application/vnd.microsoft.card.adaptive';
  return words.trim() === '' && attachments.some(isCard);
}
