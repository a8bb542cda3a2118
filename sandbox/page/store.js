/** Everything the page knows, and the calls by which it learns it. No element of the page is touched here. */
export const store = {
  people: [],
  conversations: [],
  bot: undefined,
  /** conversation id → messages, oldest first. */
  messages: new Map(),
  me: undefined,
  here: undefined,
};

export class Failed extends Error {}

export async function call(path, body, method = body ? 'POST' : 'GET') {
  const init = { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) };
  let response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new Failed('The sandbox does not answer. Is it still running?');
  }
  const answer = await response.json().catch(() => undefined);
  if (!response.ok) throw new Failed(answer?.error?.message ?? `The sandbox answered ${response.status}.`);
  return answer;
}

export async function load() {
  const state = await call('/api/state');
  store.people = state.people.map((person, number) => ({ ...person, number }));
  store.conversations = state.conversations;
  store.bot = { ...state.bot, bot: true };
}

export async function loadMessages() {
  const as = `as=${store.me.id}`;
  const lists = await Promise.all(
    mine().map((c) => call(`/api/conversations/${encodeURIComponent(c.id)}/messages?${as}`)),
  );
  store.messages = new Map(mine().map((c, i) => [c.id, lists[i]]));
}

/** Channels, the one chat with goldbot that is mine, and the group chats that I am in. */
export function mine() {
  return store.conversations.filter(
    (c) => c.kind === 'channel' || c.personId === store.me.id || c.memberIds?.includes(store.me.id),
  );
}

export function find(name) {
  return mine().find((c) => c.id === name || c.name === name || (name === 'goldbot' && c.kind === 'personal'));
}

export function here() {
  return store.messages.get(store.here.id) ?? [];
}

export function sender(message) {
  return message.fromId === 'bot' ? store.bot : store.people.find((p) => p.id === message.fromId);
}

/** Takes in an event from the server. Returns what it was: new, changed, gone, or none of our business. */
export function take({ conversationId, views, deleted, ...message }) {
  const list = store.messages.get(conversationId);
  if (!list || (message.onlyFor && message.onlyFor !== store.me.id)) return 'elsewhere';
  const seen = views?.[store.me.id];
  const shown = seen ? { ...message, card: seen } : message;
  const at = list.findIndex((m) => m.id === message.id);
  if (deleted) list.splice(at, at < 0 ? 0 : 1);
  else if (at < 0) list.push(shown);
  else list[at] = shown;
  if (deleted) return 'gone';
  return at < 0 ? 'new' : 'changed';
}

const readKey = (conversation) => `read ${store.bot.appId} ${store.me.id} ${conversation.id}`;

export function unread(conversation) {
  const last = store.messages.get(conversation.id)?.at(-1);
  if (!last || last.fromId === store.me.id) return false;
  return Number(last.id) > Number(localStorage.getItem(readKey(conversation)) ?? 0);
}

export function markRead(conversation) {
  const last = store.messages.get(conversation.id)?.at(-1);
  if (last) localStorage.setItem(readKey(conversation), last.id);
}

const draftKey = (place) => `draft ${store.bot.appId} ${store.me.id} ${place}`;

/** What somebody has begun to write in a conversation or thread, kept over reloads and to whom one changes. */
export function draftIn(place) {
  return localStorage.getItem(draftKey(place)) ?? '';
}

export function keepDraft(place, text) {
  if (text.trim() === '') localStorage.removeItem(draftKey(place));
  else localStorage.setItem(draftKey(place), text);
}
