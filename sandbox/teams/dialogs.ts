import { randomUUID } from 'node:crypto';
import type { Person } from '../entra/people';
import type { Json, SandboxRequest, SandboxResponse } from '../kernel/types';
import { base, clientInfo, type Setting } from './activities';
import { findAction, inputDefaults, mergedData, submitActions } from './card-actions';
import type { TeamsFace } from './face';
import { type Activity, type Card, type ExecuteAction, isObject, type Place } from './model';
import { Refusal } from './refusal';
import { findCard, findPerson, optionalField, textField } from './script-input';

/** A dialog that is open before one person. Like Teams' own it is gone with the window: nothing of it is saved. */
export interface Dialog {
  readonly id: string;
  readonly personId: string;
  readonly place: Place;
  title: string;
  card: Card;
}

/** The most that are open at once; the oldest are forgotten. */
const mostOpen = 100;

/** The dialogs that are open, by id. */
export class Dialogs {
  private readonly open = new Map<string, Dialog>();

  put(dialog: Dialog): void {
    this.open.set(dialog.id, dialog);
    for (const id of [...this.open.keys()].slice(0, Math.max(0, this.open.size - mostOpen))) this.open.delete(id);
  }

  /** @throws Refusal 404 when it is not open, or before somebody else. */
  of(id: string, person: Person): Dialog {
    const found = this.open.get(id);
    if (found?.personId === person.id) return found;
    throw new Refusal(404, 'NoSuchDialog', `No dialog ${id} is open before ${person.name}.`);
  }

  close({ id }: Dialog): void {
    this.open.delete(id);
  }
}

interface Pressed {
  readonly person: Person;
  readonly place: Place;
  readonly data: Record<string, Json>;
}

/** What Teams shows of a dialog, beside the status of the bot's answer. */
interface Shown {
  readonly status: number;
  readonly dialog?: { readonly id: string; readonly title: string; readonly card: Card };
  readonly message?: string;
  readonly problem?: string;
}

/** A button of a card that opens a dialog: Teams asks the bot what is to stand in it. */
export async function openDialog(face: TeamsFace, pressed: Pressed & { readonly cardId: string }): Promise<Shown> {
  const { person, place, data, cardId } = pressed;
  const activity = { ...invoke(face.link.setting, 'task/fetch', pressed), replyToId: cardId };
  const dialog = { id: `d:${randomUUID()}`, personId: person.id, place, title: '', card: {} };
  return shown(face, dialog, await face.link.deliver({ ...activity, value: { data, context } }));
}

/** A button of a dialog, with what its inputs hold. */
export async function submit(face: TeamsFace, { body }: SandboxRequest): Promise<SandboxResponse> {
  const input = isObject(body) ? body : {};
  const person = findPerson(face, textField(input, 'as'));
  const dialog = face.dialogs.of(textField(input, 'dialog'), person);
  const given = dataField(input);
  const data = mergedData(dialog.card, buttonOf(dialog, input, given), given);
  const activity = invoke(face.link.setting, 'task/submit', { person, place: dialog.place });
  const turn = await face.link.deliver({ ...activity, value: { data, context } });
  return { status: 200, body: shown(face, dialog, turn) as unknown as Json };
}

/** What the bot offers for the letters that somebody typed into a field: of a dialog, or of the card of a message. */
export async function choices(face: TeamsFace, { body }: SandboxRequest): Promise<SandboxResponse> {
  const input = isObject(body) ? body : {};
  const person = findPerson(face, textField(input, 'as'));
  const id = optionalField(input, 'dialog');
  const { card, place } = id ? face.dialogs.of(id, person) : findCard(face, textField(input, 'activityId'), person);
  const name = textField(input, 'input');
  const dataset = datasetOf(card, name);
  if (dataset === undefined)
    throw new Refusal(404, 'NoSuchInput', `The card has no input "${name}" that asks the bot.`);
  const queryText = String(input['query'] ?? '');
  const activity = invoke(face.link.setting, 'application/search', { person, place });
  const data = { ...inputDefaults(card), ...dataField(input) };
  const value = { queryText, queryOptions: { skip: 0, top: 15 }, dataset, data };
  const { status, body: answer, problem } = await face.link.deliver({ ...activity, value });
  const results = isObject(answer) && isObject(answer['value']) ? answer['value']['results'] : [];
  return { status: 200, body: { status, choices: (results ?? []) as Json, ...(problem && { problem }) } };
}

const context = { theme: 'default' };

export function invoke(setting: Setting, name: string, { person, place }: Pick<Pressed, 'person' | 'place'>): Activity {
  return { ...base(setting, person, place), type: 'invoke', id: `f:${randomUUID()}`, name, entities: [clientInfo] };
}

function dataField(input: Record<string, unknown>): Record<string, Json> {
  const given = input['data'] ?? {};
  if (!isObject(given)) throw new Refusal(400, 'BadInput', '`data` must be an object: {"<input id>": "<value>"}.');
  return given as Record<string, Json>;
}

/** The named button, or the one that sends the inputs. */
function buttonOf({ card }: Dialog, input: Record<string, unknown>, data: Record<string, Json>): ExecuteAction {
  const buttons = submitActions(card);
  const title = optionalField(input, 'title');
  const verb = optionalField(input, 'verb');
  const named = title !== undefined || verb !== undefined;
  const sends = buttons.find(({ associatedInputs }) => associatedInputs?.toLowerCase() !== 'none');
  const found = named ? findAction(buttons, { title, verb, data }) : (sends ?? buttons[0]);
  if (found) return found;
  const known = buttons.map((a) => a.title ?? '');
  throw new Refusal(404, 'NoSuchButton', `The dialog has no button "${title ?? verb ?? ''}".`, { known });
}

function shown(
  face: TeamsFace,
  dialog: Dialog,
  { status, body, problem }: { readonly status: number; readonly body: unknown; readonly problem?: string },
): Shown {
  if (problem) return { status: status || 502, message: problem };
  if (status !== 200) return { status, message: 'Something went wrong. Please try again.' };
  const task = isObject(body) ? body['task'] : undefined;
  const { type, value } = isObject(task) ? task : {};
  const card = cardOf(value);
  if (type === 'continue' && card) {
    dialog.title = isObject(value) ? String(value['title'] ?? '') : '';
    dialog.card = card;
    face.dialogs.put(dialog);
    return { status, dialog: { id: dialog.id, title: dialog.title, card } };
  }
  face.dialogs.close(dialog);
  return { status, ...(type === 'message' && { message: String(value) }) };
}

function cardOf(value: unknown): Card | undefined {
  const card = isObject(value) ? value['card'] : undefined;
  const content = isObject(card) ? card['content'] : undefined;
  return isObject(content) ? (content as Card) : undefined;
}

function datasetOf(part: unknown, id: string): string | undefined {
  if (!isObject(part)) return undefined;
  const query = part['choices.data'];
  if (part['id'] === id && isObject(query)) return String(query['dataset']);
  for (const inner of Object.values(part).flat()) {
    const found = datasetOf(inner, id);
    if (found !== undefined) return found;
  }
  return undefined;
}
