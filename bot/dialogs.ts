import type { AdaptiveCard, Reply } from '../cards';
import { isRecord, textIn } from '../core/collections';
import { commands, type DialogSaid, findCommand, type Letters, type Offered } from '../dialogs';
import type { TeamsActivity } from './activity';
import { backMark } from './back';
import { mark, withoutMark } from './private';

/** What a click is answered with: the body of an invoke's answer; the HTTP status beside it is 200. */
export interface InvokeAnswer {
  readonly statusCode: 200;
  readonly type: 'application/vnd.microsoft.card.adaptive' | 'application/vnd.microsoft.activity.message';
  readonly value: unknown;
}

/** What a dialog does next: show a card, say a line, or close. */
export type TaskAnswer =
  | { readonly task: { readonly type: 'continue'; readonly value: DialogView } }
  | { readonly task: { readonly type: 'message'; readonly value: string } }
  | { readonly task?: undefined };

/** What fits the letters that somebody typed into a field. */
export interface SearchAnswer {
  readonly statusCode: 200;
  readonly type: 'application/vnd.microsoft.search.searchResponse';
  readonly value: { readonly results: readonly Offered[] };
}

/** What was typed into a field that looks things up; undefined for any other activity. */
export function lettersOf({ name, value }: TeamsActivity): Letters | undefined {
  if (name !== 'application/search' || !isRecord(value)) return undefined;
  return { dataset: textIn(value['dataset']), text: textIn(value['queryText']) };
}

export function found(results: readonly Offered[]): SearchAnswer {
  return { statusCode: 200, type: 'application/vnd.microsoft.search.searchResponse', value: { results } };
}

interface DialogView {
  readonly title: string;
  readonly width: 'medium' | 'large';
  readonly height: 'medium' | 'large';
  readonly card: { readonly contentType: 'application/vnd.microsoft.card.adaptive'; readonly content: unknown };
}

/** What was pressed, in a dialog or to open one; undefined for any other activity. */
export function dialogOf({ name, value }: TeamsActivity): DialogSaid | undefined {
  const opens = name === 'task/fetch';
  if (!opens && name !== 'task/submit') return undefined;
  const data = withoutMark(isRecord(value) ? value['data'] : undefined);
  const { msteams: _, verb, values, hash, ...typed } = isRecord(data) ? data : {};
  const given = hash === undefined ? values : { ...(isRecord(values) ? values : {}), hash };
  return { verb: textIn(verb), given, ...(!opens && { typed }) };
}

/** The same answer for a dialog. One that has nothing left to say closes it. */
export function inDialog({ type, value }: InvokeAnswer, { verb }: DialogSaid): TaskAnswer {
  if (type !== 'application/vnd.microsoft.card.adaptive') {
    return value === '' ? {} : { task: { type: 'message', value: String(value) } };
  }
  const content = submitting(value) as AdaptiveCard;
  const isForm = JSON.stringify(content.body).includes('"Input.');
  const size = isForm ? 'medium' : 'large';
  const title = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
  const card = { contentType: 'application/vnd.microsoft.card.adaptive', content } as const;
  return { task: { type: 'continue', value: { title, width: size, height: size, card } } };
}

/**
 * A card as it stands in a dialog, where Teams knows `Action.Submit` alone and opens no further dialog: what a button
 * leads to is shown in this one. Nor does anything refresh itself there.
 */
function submitting(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(submitting);
  if (!isRecord(part)) return part;
  const { refresh: _, ...kept } = part;
  const inner = Object.fromEntries(Object.entries(kept).map(([key, value]) => [key, submitting(value)]));
  if (part['type'] === 'Action.Submit') return { ...inner, data: withoutTeams(part['data']) };
  if (part['type'] !== 'Action.Execute') return inner;
  const { verb, data, ...action } = inner;
  return { ...action, type: 'Action.Submit', data: apart(verb, data) };
}

/** Verb and arguments as a submit action carries them, which knows no verb, with what is not the command's beside them. */
function apart(verb: unknown, data: unknown): Readonly<Record<string, unknown>> {
  const { hash, [mark]: question, [backMark]: way, ...values } = isRecord(data) ? data : {};
  const beside = Object.entries({ hash, [mark]: question, [backMark]: way }).filter(([, value]) => value !== undefined);
  return { verb, values, ...Object.fromEntries(beside) };
}

/**
 * A card that goldbot goes on editing: each edit would take away what somebody looks at in its place, so that whatever
 * only shows something opens a dialog.
 */
export function opening<Shown extends Reply>(reply: Shown, topic: string): Shown {
  // What is opened there is put beside it, for all who decide.
  if (!reply.card || topic.startsWith('requests:')) return reply;
  const card = opened(reply.card) as AdaptiveCard;
  return Buffer.byteLength(JSON.stringify(card)) <= mostBytes ? { ...reply, card } : reply;
}

/** What a card may weigh. */
const mostBytes = 25 * 1024;

function opened(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(opened);
  if (!isRecord(part)) return part;
  // What it refreshes itself by is no button.
  const { refresh, ...rest } = part;
  const inner = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, opened(value)]));
  const whole = refresh === undefined ? inner : { ...inner, refresh };
  if (part['type'] !== 'Action.Execute' || !isLook(part)) return whole;
  const { verb, data, ...action } = whole;
  return { ...action, type: 'Action.Submit', data: { msteams: { type: 'task/fetch' }, ...apart(verb, data) } };
}

function isLook({ verb, associatedInputs }: Readonly<Record<string, unknown>>): boolean {
  return associatedInputs !== 'auto' && findCommand(commands, String(verb))?.effect === 'read';
}

function withoutTeams(data: unknown): unknown {
  if (!isRecord(data)) return data;
  const { msteams: _, ...rest } = data;
  return rest;
}
