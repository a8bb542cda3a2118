import { find, loadMessages, mine, store } from './store.js';

/**
 * Where one is, and as whom: the address bar says it (`?as=Grace&in=payments / ops`), so that the browser's back and
 * forward lead from one conversation and person to another, and a copied address to the same.
 */

/** Shown in a frame beside the conversation of somebody else, whose page has the frame, the tour and the clock. */
export const beside = window.self !== window.top;

/** On a phone the list of conversations is a place of its own, whose address names no conversation. */
const isList = () => !new URLSearchParams(location.search).has('in');

const nameOf = (conversation) => (conversation.kind === 'personal' ? 'goldbot' : conversation.name);

/** The page as an address; `conversation` is absent for the list. */
export function addressOf(person, conversation) {
  const url = new URL(location.href);
  url.searchParams.set('as', person.name);
  if (conversation) url.searchParams.set('in', nameOf(conversation));
  else url.searchParams.delete('in');
  return url;
}

/** What the address bar says, or else what this tab was at last; at first Ada in General. */
export function readPlace() {
  const said = new URLSearchParams(location.search);
  const kept = (name) => said.get(name) ?? (beside ? null : sessionStorage.getItem(name));
  store.me = store.people.find((p) => p.name === (kept('as') ?? 'Ada')) ?? store.people[0];
  store.here = find(kept('in') ?? 'Image Factory / General') ?? mine()[0];
  document.body.classList.toggle('in-talk', !isList());
}

/**
 * Goes to a conversation as a person; without one, to the list that a phone shows alone. Somebody else is in the same
 * channel, or in their own chat. `history`: a frame beside leaves no steps back in the history of the page around it.
 */
export async function goTo({ person = store.me, conversation, list = false }, how = beside ? 'replace' : 'push') {
  const wasPersonal = store.here.kind === 'personal';
  const other = person !== store.me;
  store.me = person;
  if (other) await loadMessages();
  if (conversation) store.here = conversation;
  else if (wasPersonal || !mine().includes(store.here)) store.here = mine().find((c) => c.kind === 'personal');
  document.body.classList.toggle('in-talk', !list);
  const url = addressOf(person, list ? undefined : store.here);
  if (url.href !== location.href) history[`${how}State`]({ fromList: isList() }, '', url);
  remember();
}

/** The way from a conversation to the list: a step back where it was a step forward. */
export async function toList() {
  if (history.state?.fromList && !beside) history.back();
  else await goTo({ conversation: store.here, list: true });
}

/** Calls back after a step back or forward of the browser. */
export function onSteps(changed) {
  window.addEventListener('popstate', async () => {
    const before = store.me;
    readPlace();
    if (store.me !== before) await loadMessages();
    remember();
    changed();
  });
}

/** The first address that one came by says as whom and where, like all that follow. */
export function settlePlace() {
  const wide = matchMedia('(min-width: 40.0625em)').matches;
  history.replaceState(null, '', addressOf(store.me, wide || !isList() ? store.here : undefined));
  remember();
}

/** Kept per tab, so that two tabs can be two people. */
function remember() {
  if (beside) return;
  sessionStorage.setItem('as', store.me.name);
  sessionStorage.setItem('in', nameOf(store.here));
}
