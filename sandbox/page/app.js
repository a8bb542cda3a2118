import { keepBeside, showBeside } from './beside.js';
import { keepTime } from './clock.js';
import { composer, fill } from './composer.js';
import { showList } from './list.js';
import { changeMessage, refreshCards, showMessages, showTyping } from './messages.js';
import { showPeople } from './people.js';
import { beside, goTo, onSteps, readPlace, settlePlace, toList } from './place.js';
import { load, loadMessages, markRead, mine, store, take } from './store.js';
import { keepTheme } from './theme.js';
import { keepTour, lookAtTour } from './tour.js';

const trouble = document.querySelector('#trouble');

export function complain(error) {
  trouble.textContent = error.message;
  trouble.hidden = false;
  setTimeout(() => {
    trouble.hidden = true;
  }, 6000);
}

/** `{ person }`, `{ conversation }` or both. */
export async function visit(where) {
  await goTo(where);
  draw();
  focusComposer();
}

const open = (conversation) => visit({ conversation });

function focusComposer() {
  document.querySelector('#composer textarea')?.focus({ preventScroll: true });
}

function draw() {
  markRead(store.here);
  showList(open);
  showPeople(become);
  const personal = store.here.kind === 'personal';
  const typed = () => showList(open);
  document.querySelector('#composer').replaceChildren(composer({ in: store.here.id, personal, typed }));
  showMessages();
  const inTeam = store.here.kind === 'channel';
  document.querySelector('#rail-chat').setAttribute('aria-current', String(!inTeam));
  document.querySelector('#rail-teams').setAttribute('aria-current', String(inTeam));
}

/** The picture at the top right keeps the focus: whoever looks for somebody else may go on looking. */
async function become(person) {
  await goTo({ person });
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
  lookAtTour();
}

document.addEventListener('own-chat', ({ detail }) =>
  visit({ conversation: first('personal') }).then(() => fill(detail)),
);
document.addEventListener('message-elsewhere', ({ detail }) =>
  visit({ conversation: store.conversations.find(({ id }) => id === detail.conversation) }).then(() =>
    document.querySelector(`[data-id="${CSS.escape(detail.message)}"]`)?.scrollIntoView({ block: 'start' }),
  ),
);
window.addEventListener('error', ({ error }) => error && complain(error));
window.addEventListener('unhandledrejection', ({ reason }) => complain(reason));
window.addEventListener('focus', () => {
  if (!store.here) return;
  markRead(store.here);
  showList(open);
});
const first = (kind) => mine().find((c) => c.kind === kind);
document.querySelector('#back').addEventListener('click', () => toList());
document.querySelector('#rail-chat').addEventListener('click', () => open(first('personal')));
document.querySelector('#rail-teams').addEventListener('click', () => open(first('channel')));
// On a phone the list hides the conversation.
document.querySelector('#skip').addEventListener('click', () => open(store.here));

document.body.classList.toggle('beside', beside);
await keepTheme(refreshCards);
if (!beside) keepTime().catch(complain);
await load();
readPlace();
await loadMessages();
settlePlace();
onSteps(draw);
draw();
if (!beside) {
  keepTour(visit);
  keepBeside();
  showBeside();
}
if (!beside && matchMedia('(min-width: 40.0625em)').matches) focusComposer();
listen();
