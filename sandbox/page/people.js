import { openBeside } from './beside.js';
import { avatar, h, icon, icons } from './dom.js';
import { addressOf, beside } from './place.js';
import { store } from './store.js';

/** The picture at the top right, and the list of everybody you can be, here or beside. */
export function showPeople(become) {
  const button = document.querySelector('#me');
  const menu = document.querySelector('#people');
  const { me, people } = store;
  button.replaceChildren(avatar(me, 32));
  button.setAttribute('aria-label', `You are ${me.name}. Switch to somebody else`);
  button.title = `${me.name} · ${me.title}`;
  const close = ({ focus = true } = {}) => {
    menu.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    if (focus) button.focus();
  };
  const chosen = (then) => (person) => {
    close();
    then(person);
  };
  menu.replaceChildren(
    h('p', { class: 'menu-title', role: 'presentation' }, 'Be somebody else'),
    ...people.map((person) => entry(person, { become: chosen(become), open: chosen(openBeside) })),
  );
  button.onclick = () => {
    menu.hidden = !menu.hidden;
    button.setAttribute('aria-expanded', String(!menu.hidden));
    if (!menu.hidden) menu.querySelector('[aria-checked="true"]')?.focus();
  };
  menu.onkeydown = (event) => key(event, menu, close);
  document.onclick = ({ target }) => {
    if (!menu.hidden && !target.closest('.menu-home')) close({ focus: false });
  };
}

/** Up and down through the people, sideways between a person here and beside. */
function key(event, menu, close) {
  const entries = [...menu.querySelectorAll('[role^="menuitem"]')];
  const at = entries.indexOf(document.activeElement);
  const wide = entries.length / store.people.length;
  const step = { ArrowDown: wide, ArrowUp: -wide, ArrowRight: wide - 1, ArrowLeft: 1 - wide }[event.key];
  if (step) entries.at((at + step) % entries.length)?.focus();
  else if (event.key === 'Home') entries[0].focus();
  else if (event.key === 'End') entries.at(-wide).focus();
  else if (event.key === 'Escape') close();
  else if (event.key === 'Tab') return close();
  else return;
  event.preventDefault();
}

function entry(person, { become, open }) {
  const checked = String(person.id === store.me.id);
  const words = h('span', { class: 'who' }, h('b', {}, person.name), h('small', {}, about(person)));
  const choose = h(
    'button',
    { type: 'button', role: 'menuitemradio', 'aria-checked': checked, tabindex: '-1', onclick: () => become(person) },
    avatar(person, 32),
    words,
  );
  if (beside) return choose;
  return h('div', { class: 'person', role: 'presentation' }, choose, besideLink(person, open));
}

/** A link, so that it opens in a tab or window of its own as links do. */
function besideLink(person, open) {
  const label = `Open ${person.name} beside`;
  const onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(person);
  };
  const href = addressOf(person, store.here.kind === 'personal' ? undefined : store.here).href;
  return h(
    'a',
    {
      class: 'icon-button',
      role: 'menuitem',
      tabindex: '-1',
      href,
      target: '_blank',
      'aria-label': label,
      title: label,
      onclick,
    },
    icon(icons.beside),
  );
}

function about({ title, tenantId }) {
  const foreign = tenantId !== undefined && tenantId !== store.people[0].tenantId;
  return foreign ? 'another tenant: goldbot does not answer' : title;
}
