import { CardView } from './cards.js';
import { composer, fill } from './composer.js';
import { avatar, clockTime, day, h, icon, icons } from './dom.js';
import { emptyState } from './empty.js';
import { messageText } from './markdown.js';
import { here, sender, store } from './store.js';

const home = document.querySelector('#messages');
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
  if (what === 'new') {
    column().querySelector('.empty')?.remove();
    stopTyping();
    add(message);
    if (stay || message.fromId === store.me.id) toEnd();
  } else if (what === 'gone') {
    shown.get(id)?.body.replaceChildren(h('p', { class: 'deleted' }, 'This message has been deleted.'));
  } else if (shown.has(id)) {
    update(shown.get(id), message);
    if (stay) toEnd();
  }
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
  if (!message.onlyFor) button();
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
    { class: `message${own ? ' own' : ''}${person?.bot ? ' by-bot' : ''}`, 'data-id': message.id },
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
  parts.edited.hidden = !message.updatedAt || message.fromId === 'bot';
  parts.element.classList.toggle('with-card', Boolean(message.card));
  if (parts.view && message.card) {
    parts.body.querySelector(':scope > .text')?.remove();
    if (text) parts.body.prepend(text);
    parts.view.draw(message);
    return;
  }
  parts.view = message.card ? new CardView(message) : undefined;
  const lost =
    message.undelivered && h('p', { class: 'undelivered' }, `goldbot did not get this. ${message.undelivered}`);
  parts.body.replaceChildren(...[text, parts.view?.element, lost].filter(Boolean));
}
