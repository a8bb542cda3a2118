import { CardView } from './cards.js';
import { composer, fill } from './composer.js';
import { avatar, clockTime, day, h, icon, icons } from './dom.js';
import { emptyState } from './empty.js';
import { messageText } from './markdown.js';
import { count, forget, say } from './news.js';
import { draftIn, here, sender, store } from './store.js';

const home = document.querySelector('#messages');
// What scrolls can be scrolled by keys.
home.tabIndex = 0;
home.addEventListener('keydown', step);
/** message id → what is shown of it. */
let shown = new Map();

/** Draws the open conversation from its beginning, and scrolls to its end. */
export function showMessages() {
  const { here: place } = store;
  const personal = place.kind === 'personal';
  const title = personal ? 'goldbot' : (place.channel ?? place.name);
  document.querySelector('#talk-title').textContent = title;
  document.querySelector('#talk-about').textContent = personal
    ? 'Your own chat; goldbot hears every message'
    : (place.team ?? 'A chat of several people');
  const badge = personal
    ? avatar(store.bot, 36)
    : h('span', { class: 'team large', 'aria-hidden': 'true' }, (place.team ?? title)[0].toUpperCase());
  document.querySelector('#talk-icon').replaceChildren(badge);
  shown = new Map();
  forget();
  home.className = `messages ${place.kind === 'channel' ? 'channel' : 'personal'}`;
  home.replaceChildren(h('div', { class: 'column' }));
  if (here().length === 0) column().append(emptyState(place, fill));
  for (const message of here()) add(message);
  keepEnd.observe(column());
  toEnd();
}

export function refreshCards() {
  for (const { view } of shown.values()) view?.draw();
}

/** Shows one message that was posted, edited or deleted. */
export function changeMessage(what, { id }) {
  const stay = nearEnd();
  const message = here().find((m) => m.id === id);
  if (what === 'new') showNew(message, stay);
  else if (what === 'gone') {
    shown.get(id)?.body.replaceChildren(h('p', { class: 'deleted' }, 'This message has been deleted.'));
  } else if (shown.has(id)) {
    const parts = shown.get(id);
    if (parts.said !== gist(message)) say(`${message.from} changed a message: ${gist(message)}`);
    update(parts, message);
    if (stay) toEnd();
  }
}

/** What is said of a message: of a card the headline, which is its answer. The rest is read where it stands. */
const gist = ({ card, text }) => (card ? text.split('\n')[0] : text);

function showNew(message, stay) {
  const own = message.fromId === store.me.id;
  column().querySelector('.empty')?.remove();
  stopTyping();
  add(message);
  if (stay || own) toEnd();
  if (own) return;
  count(shown.get(message.id).element);
  say(`${message.from}: ${gist(message)}`);
}

export function showTyping({ conversationId, rootId }) {
  if (conversationId !== store.here.id) return;
  stopTyping();
  const place = rootId ? shown.get(rootId)?.replies : column();
  const dots = h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));
  const stay = nearEnd();
  place?.append(h('p', { class: 'typing' }, avatar(store.bot, 20), 'goldbot is typing', dots));
  if (stay) toEnd();
  setTimeout(stopTyping, 8000);
}

function stopTyping() {
  for (const line of home.querySelectorAll('.typing')) line.remove();
}

/** Somebody who is reading the end stays at the end, whatever grows or shrinks. */
let atEnd = true;
home.addEventListener('scroll', () => {
  atEnd = nearEnd();
});
const keepEnd = new ResizeObserver(() => atEnd && toEnd());
keepEnd.observe(home);

const column = () => home.querySelector('.column');
const nearEnd = () => home.scrollHeight - home.scrollTop - home.clientHeight < 120;
const toEnd = () => {
  atEnd = true;
  home.scrollTop = home.scrollHeight;
};

function add(message) {
  const parts = line(message);
  shown.set(message.id, parts);
  if (store.here.kind !== 'channel') {
    newDay(message);
    column().append(parts.element);
  } else if (message.replyToId && shown.get(message.replyToId)?.replies) {
    shown.get(message.replyToId).replies.append(parts.element);
  } else {
    newDay(message);
    column().append(thread(message, parts));
  }
}

function newDay({ at }) {
  const label = day(at);
  if ([...column().querySelectorAll('.day')].at(-1)?.textContent !== label)
    column().append(h('p', { class: 'day' }, label));
}

/** A thread of a channel: its first message, the replies, and a place to answer. */
function thread(message, parts) {
  parts.replies = h('div', { class: 'replies' });
  const foot = h('div', { class: 'thread-foot' });
  const where = `${store.here.id};messageid=${message.id}`;
  const answer = () => foot.replaceChildren(composer({ in: where, reply: true, done: button }));
  const button = () => {
    foot.replaceChildren(
      h(
        'button',
        {
          type: 'button',
          class: 'reply',
          onclick: () => {
            answer();
            foot.querySelector('textarea').focus();
            foot.scrollIntoView({ block: 'nearest' });
          },
        },
        icon(icons.reply),
        'Reply',
      ),
    );
  };
  // Nobody can reply to what only one person sees.
  if (!message.onlyFor) draftIn(where) ? answer() : button();
  return h(
    'section',
    { class: 'thread', 'aria-label': `Thread started by ${message.from}` },
    parts.element,
    parts.replies,
    foot,
  );
}

function line(message) {
  const person = sender(message);
  const own = message.fromId === store.me.id;
  const time = h(
    'time',
    { datetime: message.at, title: new Date(message.at).toLocaleString('en-GB') },
    clockTime(message.at),
  );
  const edited = h('span', { class: 'edited', hidden: true }, 'Edited');
  const head = h(
    'p',
    { class: 'from' },
    h('b', {}, message.from),
    person?.bot && h('span', { class: 'tag' }, 'app'),
    time,
    edited,
    message.onlyFor && h('span', { class: 'edited' }, 'Only you can see this'),
  );
  const body = h('div', { class: 'body' });
  const element = h(
    'article',
    {
      class: `message${own ? ' own' : ''}${person?.bot ? ' by-bot' : ''}`,
      'data-id': message.id,
      'aria-label': `${message.from}, ${clockTime(message.at)}`,
      tabindex: '-1',
    },
    avatar(person, 32),
    h('div', { class: 'what' }, head, body),
  );
  const parts = { element, body, edited };
  update(parts, message);
  return parts;
}

function update(parts, message) {
  const names = ['goldbot', ...store.people.map((p) => p.name)];
  // The summary is for notifications and screen readers; the card says the same.
  const words = message.card && message.text === message.summary ? '' : message.text;
  const text = words ? messageText(words, names) : '';
  parts.said = gist(message);
  parts.edited.hidden = !message.updatedAt || message.fromId === 'bot';
  parts.element.classList.toggle('with-card', Boolean(message.card));
  if (parts.view && message.card) {
    parts.body.querySelector(':scope > .text')?.remove();
    if (text) parts.body.prepend(text);
    parts.view.draw(message);
    return;
  }
  parts.view = message.card ? new CardView(message) : undefined;
  parts.body.replaceChildren(...[text, parts.view?.element, lost(message)].filter(Boolean));
}

/** Beside a message that came to nothing: why. Teams shows neither. */
function lost({ from, undelivered, refused }) {
  if (undelivered) return h('p', { class: 'undelivered' }, `goldbot did not get this. ${undelivered}`);
  return refused && h('p', { class: 'undelivered' }, h('b', {}, `${from} was refused.`), ` ${refused}`);
}

/** Up and down lead from message to message, also from the pane itself; Enter into a message, Escape out of it. */
function step(event) {
  const { key, target } = event;
  const current = target.closest('.message');
  if (key === 'Escape' && current && target !== current) current.focus();
  if (target !== home && target !== current) return;
  const all = [...home.querySelectorAll('.message')];
  const to = {
    ArrowDown: current ? all[all.indexOf(current) + 1] : undefined,
    ArrowUp: current ? all[all.indexOf(current) - 1] : all.at(-1),
    Enter: current?.querySelector('button, a[href], input, select, textarea, [tabindex="0"]'),
  }[key];
  if (!to) return;
  event.preventDefault();
  to.focus();
  to.scrollIntoView({ block: 'nearest' });
}
