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
  document.querySelector('#rail-chat').setAttribute('aria-current', String(personal));
  document.querySelector('#rail-teams').setAttribute('aria-current', String(!personal));
}

async function become(person) {
  const wasPersonal = store.here.kind === 'personal';
  store.me = person;
  remember('as', person.name);
  await loadMessages();
  if (wasPersonal) store.here = mine().find((c) => c.kind === 'personal');
  draw();
}

function listen() {
  const events = new EventSource('/api/events');
  let world;
  events.addEventListener('hello', async ({ data }) => {
    const now = JSON.parse(data).world;
    if (world !== undefined) await again(now !== world);
    world = now;
  });
  events.addEventListener('reset', () => location.reload());
  events.addEventListener('message', ({ data }) => {
    const event = JSON.parse(data);
    const what = take(event);
    if (what === 'elsewhere') return;
    if (event.conversationId === store.here.id) {
      changeMessage(what, event);
      if (document.hasFocus()) markRead(store.here);
    }
    showList(open);
  });
  events.addEventListener('typing', ({ data }) => showTyping(JSON.parse(data)));
}

/** The connection was down: what happened meanwhile is read again. */
async function again(otherWorld) {
  if (otherWorld) return location.reload();
  await loadMessages();
  draw();
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
