import { avatar, h } from './dom.js';
import { store } from './store.js';

/** The picture at the top right, and the list of everybody you can be. */
export function showPeople(become) {
  const button = document.querySelector('#me');
  const menu = document.querySelector('#people');
  const { me, people } = store;
  button.replaceChildren(avatar(me, 32));
  button.setAttribute('aria-label', `You are ${me.name}. Switch to somebody else`);
  button.title = `${me.name} · ${me.title}`;
  const close = () => {
    menu.hidden = true;
    button.setAttribute('aria-expanded', 'false');
  };
  menu.replaceChildren(
    h('p', { class: 'menu-title' }, 'Be somebody else'),
    ...people.map((person) =>
      entry(person, () => {
        close();
        button.focus();
        become(person);
      }),
    ),
  );
  button.onclick = () => {
    menu.hidden = !menu.hidden;
    button.setAttribute('aria-expanded', String(!menu.hidden));
    if (!menu.hidden) menu.querySelector('[aria-checked="true"]')?.focus();
  };
  menu.onkeydown = (event) => {
    const entries = [...menu.querySelectorAll('button')];
    const at = entries.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      entries.at((at + step) % entries.length)?.focus();
    } else if (event.key === 'Escape') {
      close();
      button.focus();
    }
  };
  document.onclick = ({ target }) => {
    if (!menu.hidden && !target.closest('.menu-home')) close();
  };
}

function entry(person, choose) {
  const checked = String(person.id === store.me.id);
  const words = h('span', { class: 'who' }, h('b', {}, person.name), h('small', {}, about(person)));
  return h(
    'button',
    { type: 'button', role: 'menuitemradio', 'aria-checked': checked, onclick: choose },
    avatar(person, 32),
    words,
  );
}

function about({ title, tenantId }) {
  const foreign = tenantId !== undefined && tenantId !== store.people[0].tenantId;
  return foreign ? 'another tenant: goldbot does not answer' : title;
}
