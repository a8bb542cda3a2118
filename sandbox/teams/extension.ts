import { randomUUID } from 'node:crypto';
import type { Person } from '../entra/people';
import type { Json, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { Delivery } from './bot-link';
import { invoke } from './dialogs';
import type { TeamsFace } from './face';
import { type Card, isObject } from './model';
import { Refusal } from './refusal';
import { findPerson, findPlace, textField } from './script-input';

/** As the app's manifest says: what is searched by which parameter, and links to where the bot is asked about. */
export const extension = { command: 'find', parameter: 'name', domains: ['portal.azure.com'] } as const;

/** A card in somebody's message box, from the bot: nobody can send another one. */
export interface Draft {
  readonly id: string;
  readonly personId: string;
  readonly title: string;
  readonly card: Card;
}

/** The most that wait to be sent; the oldest are forgotten. */
const mostDrafts = 100;

/** The cards that stand in message boxes, by id. Like Teams' own they are gone with the window. */
export class Drafts {
  private readonly open = new Map<string, Draft>();

  put(draft: Omit<Draft, 'id'>): Draft {
    const kept = { ...draft, id: randomUUID() };
    this.open.set(kept.id, kept);
    for (const id of [...this.open.keys()].slice(0, Math.max(0, this.open.size - mostDrafts))) this.open.delete(id);
    return kept;
  }

  /** @throws Refusal 404 when it is not in this person's message box. */
  take(id: string, { id: personId, name }: Person): Draft {
    const found = this.open.get(id);
    if (found?.personId !== personId) throw new Refusal(404, 'NoSuchDraft', `${name} has no card ${id} to send.`);
    this.open.delete(id);
    return found;
  }
}

/** What the bot finds for what somebody types beside the message box; `query` absent: before a letter is typed. */
export async function findThings(face: TeamsFace, { body }: SandboxRequest): Promise<SandboxResponse> {
  const input = isObject(body) ? body : {};
  const typed = input['query'] === undefined ? '' : String(input['query']);
  const skip = Number(input['skip'] ?? 0);
  const value = {
    commandId: extension.command,
    // As Teams asks before anybody has typed.
    parameters: [typed === '' ? { name: 'initialRun', value: 'true' } : { name: extension.parameter, value: typed }],
    queryOptions: { skip, count: 25 },
  };
  const turn = await ask(face, input, 'composeExtension/query', value);
  const results = turn.attachments.map(({ preview }) => {
    const { title = '', text = '', tap } = contentOf(preview);
    return { title, text, item: isObject(tap) ? (tap['value'] as Json) : null };
  });
  return { status: 200, body: { ...turn.shown, results: results as Json } };
}

/** Somebody presses one of the results: its card stands in their message box, ready to be sent. */
export async function selectThing(face: TeamsFace, { body }: SandboxRequest): Promise<SandboxResponse> {
  const input = isObject(body) ? body : {};
  const turn = await ask(face, input, 'composeExtension/selectItem', input['item'] ?? null);
  return { status: 200, body: { ...turn.shown, ...drafted(face, input, turn) } };
}

/** Somebody puts an address into their message: what the bot has to say of it. */
export async function lookAtLink(face: TeamsFace, { body }: SandboxRequest): Promise<SandboxResponse> {
  const input = isObject(body) ? body : {};
  const url = textField(input, 'url');
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  // Teams asks about links to where the manifest says, and shows the others itself.
  if (!(extension.domains as readonly string[]).includes(host)) return { status: 200, body: { status: 200 } };
  const turn = await ask(face, input, 'composeExtension/queryLink', { url });
  // Of a link, words are shown nowhere, and only the first card counts.
  const { message: _, ...shown } = turn.shown;
  const isOld = String(turn.attachments[0]?.content?.['version'] ?? '') <= '1.3';
  return { status: 200, body: { ...shown, ...(isOld && drafted(face, input, turn)) } };
}

interface Attachment {
  readonly contentType?: string;
  readonly content?: Card;
  readonly preview?: Attachment;
}

interface Turn {
  readonly attachments: readonly Attachment[];
  /** What a person is told where there is nothing to choose from. */
  readonly shown: { readonly status: number; readonly message?: string };
}

async function ask(face: TeamsFace, input: Record<string, unknown>, name: string, value: unknown): Promise<Turn> {
  const person = findPerson(face, textField(input, 'as'));
  const place = findPlace(face, textField(input, 'in'), person);
  const activity = invoke(face.link.setting, name, { person, place });
  return turnOf(await face.link.deliver({ ...activity, value }));
}

function turnOf({ status, body, problem }: Delivery): Turn {
  if (problem) return { attachments: [], shown: { status: status || 502, message: problem } };
  if (status !== 200) return { attachments: [], shown: { status, message: 'Something went wrong. Try again.' } };
  const answer = isObject(body) && isObject(body['composeExtension']) ? body['composeExtension'] : {};
  const { type, text, attachments } = answer;
  if (type === 'message') return { attachments: [], shown: { status, message: String(text) } };
  // Without a preview Teams shows nothing of an attachment.
  const list = Array.isArray(attachments) ? (attachments as Attachment[]).filter(({ preview }) => preview) : [];
  return { attachments: list, shown: { status } };
}

function drafted(face: TeamsFace, input: Record<string, unknown>, { attachments: [first] }: Turn) {
  if (!first?.content) return {};
  const { id: personId } = findPerson(face, textField(input, 'as'));
  const title = String(contentOf(first.preview)['title'] ?? '');
  const draft = face.drafts.put({ personId, title, card: first.content });
  return { draft: { id: draft.id, title, card: draft.card } };
}

const contentOf = (attachment: Attachment | undefined): Record<string, unknown> => attachment?.content ?? {};
