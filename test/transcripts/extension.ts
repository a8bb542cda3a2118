import type { Told } from './play';

type Ask = (path: string, body: object) => Promise<unknown>;

interface Who {
  readonly as: string;
  readonly in: string;
}

/** What was found, by its title: what Teams sends back when it is pressed. */
type Found = Map<string, unknown>;

interface Result {
  readonly title: string;
  readonly text: string;
  readonly item: unknown;
}

interface Drafted {
  readonly message?: string;
  readonly draft?: { readonly id: string; readonly card: unknown };
}

/** What stands in the list beside the message box, a line each; or the words in its place. */
export async function find(ask: Ask, query: Who & { readonly query: string }, found: Found): Promise<Told> {
  const { results, message = '' } = (await ask('/api/find', query)) as { results: Result[]; message?: string };
  found.clear();
  for (const { title, item } of results) found.set(title, item);
  const text = results.map((one) => `${one.title}: ${one.text}`).join('\n');
  return { messages: text === '' ? [] : [{ id: 'found', from: 'goldbot', text }], whisper: message };
}

/** Presses one of what was found, and sends it. */
export async function share(ask: Ask, who: Who, title: string, found: Found): Promise<Told> {
  const meant = [...found].find(([name]) => name === title || name.startsWith(`${title} `));
  if (!meant) throw new Error(`nothing called ${title} was found, but ${[...found.keys()].join(', ') || 'nothing'}`);
  const { draft, message = '' } = (await ask('/api/select', { ...who, item: meant[1] })) as Drafted;
  if (!draft) return { messages: [], whisper: message };
  await ask('/api/say', { ...who, draft: draft.id });
  return { messages: [{ id: draft.id, from: who.as, text: '', card: draft.card }], whisper: '' };
}

/** What stands under an address in the message box: nothing, unless the bot knows of it. */
export async function paste(ask: Ask, link: Who & { readonly url: string }): Promise<Told> {
  const { draft } = (await ask('/api/link', link)) as Drafted;
  return { messages: draft ? [{ id: draft.id, from: 'goldbot', text: '', card: draft.card }] : [], whisper: '' };
}
