import { keepTime } from './clock.js';
import { composer } from './composer.js';
import { showList } from './list.js';
import { changeMessage, refreshCards, showMessages, showTyping } from './messages.js';
import { showPeople } from './people.js';
import { load, loadMessages, markRead, mine, remember, store, take } from './store.js';
import { keepTheme } from './theme.js';

const trouble = document.querySelector('#trouble');

export function complain(error) {
  trouble.textContent = error.message;
  trouble.hidden = false;
  setTimeout(() => {
    trouble.hidden = true;
  }, 6000);
}

function open(conversation, { narrowToo = true } = {}) {
  store.here = conversation;
  remember('in', conversation.kind === 'personal' ? 'goldbot' : conversation.name);
  if (narrowToo) document.body.classList.add('in-talk');
  draw();
  document.querySelector('#composer textarea')?.focus({ preventScroll: true });
}

function draw() {
  markRead(store.here);
  showList(open);
  showPeople(become);
  const personal = store.here.kind === 'personal';
  document.querySelector('#composer').replaceChildren(composer({ in: store.here.id, personal }));
  showMessages();
  const inTeam = store.here.kind === 'channel';
  document.querySelector('#rail-chat').setAttribute('aria-current', String(!inTeam));
  document.querySelector('#rail-teams').setAttribute('aria-current', String(inTeam));
}

async function become(person) {
  const wasPersonal = store.here.kind === 'personal';
  store.me = person;
  remember('as', person.name);
  await loadMessages();
  if (wasPersonal || !mine().includes(store.here)) store.here = mine().find((c) => c.kind === 'personal');
  draw();
}

function listen() {
  const events = new EventSource('/api/events');
  let world;
  let caughtUp = Promise.resolve();
  events.addEventListener('hello', ({ data }) => {
    const now = JSON.parse(data).world;
    if (world !== undefined && now !== world) return location.reload();
    world = now;
    caughtUp = catchUp().catch(complain);
  });
  events.addEventListener('reset', () => location.reload());
  // In their order, behind the reading that they would otherwise be overwritten by.
  events.addEventListener('message', ({ data }) => caughtUp.then(() => arrived(JSON.parse(data))));
  events.addEventListener('typing', ({ data }) => showTyping(JSON.parse(data)));
}

/** No event tells what was posted before the connection stood, be it the first one or one that was down. */
async function catchUp() {
  const before = JSON.stringify([...store.messages]);
  await loadMessages();
  // Redrawing takes away what somebody types into a card.
  if (JSON.stringify([...store.messages]) === before) return;
  showList(open);
  showMessages();
}

function arrived(event) {
  const what = take(event);
  if (what === 'elsewhere') return;
  if (event.conversationId === store.here.id) {
    changeMessage(what, event);
    if (document.hasFocus()) markRead(store.here);
  }
  showList(open);
}

window.addEventListener('error', ({ error }) => error && complain(error));
window.addEventListener('unhandledrejection', ({ reason }) => complain(reason));
window.addEventListener('focus', () => {
  if (!store.here) return;
  markRead(store.here);
  showList(open);
});
document.querySelector('#back').addEventListener('click', () => document.body.classList.remove('in-talk'));
document.querySelector('#rail-chat').addEventListener('click', () => open(mine().find((c) => c.kind === 'personal')));
document.querySelector('#rail-teams').addEventListener('click', () => open(mine().find((c) => c.kind === 'channel')));

await keepTheme(refreshCards);
keepTime().catch(complain);
await load();
if (new URLSearchParams(location.search).has('in')) document.body.classList.add('in-talk');
draw();
if (matchMedia('(min-width: 641px)').matches) {
  document.querySelector('#composer textarea')?.focus({ preventScroll: true });
}
listen();
