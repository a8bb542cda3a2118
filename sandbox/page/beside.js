import { avatar, h, icon, icons } from './dom.js';
import { addressOf } from './place.js';
import { store } from './store.js';

/**
 * Somebody else beside you: the same page in a frame, as that person. Who asks and who approves are seen at once. On a
 * screen that is too narrow for two it is a tab of its own.
 */
const home = document.querySelector('#beside');

const isWide = () => matchMedia('(min-width: 62.5em)').matches;

export function openBeside(person) {
  const where = store.here.kind === 'personal' ? store.conversations.find((c) => c.personId === person.id) : store.here;
  const url = addressOf(person, where);
  url.searchParams.delete('beside');
  if (!isWide()) {
    window.open(url.href, '_blank', 'noopener');
    return;
  }
  setBeside(person.name);
  fill(person, url);
}

/** After a reload, and after a step back or forward: whoever the address names. */
export function showBeside() {
  const name = new URLSearchParams(location.search).get('beside');
  const person = store.people.find((p) => p.name === name);
  if (!person || !isWide()) return empty();
  if (home.dataset.person !== person.name) openBeside(person);
}

export function keepBeside() {
  window.addEventListener('popstate', showBeside);
}

function setBeside(name) {
  const url = new URL(location.href);
  if (name) url.searchParams.set('beside', name);
  else url.searchParams.delete('beside');
  history.replaceState(history.state, '', url);
}

function fill(person, url) {
  const close = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': `Close ${person.name}`, title: 'Close' },
    icon(icons.close),
  );
  close.addEventListener('click', () => {
    setBeside(undefined);
    empty();
    document.querySelector('#me').focus();
  });
  home.dataset.person = person.name;
  home.setAttribute('aria-label', `Beside you: ${person.name}`);
  home.replaceChildren(
    h(
      'div',
      { class: 'beside-head' },
      avatar(person, 24),
      h('b', {}, person.name),
      h('small', {}, person.title),
      close,
    ),
    h('iframe', { src: url.href, title: `goldbot as ${person.name} sees it` }),
  );
  home.hidden = false;
  document.body.classList.add('with-beside');
}

function empty() {
  delete home.dataset.person;
  home.hidden = true;
  home.replaceChildren();
  document.body.classList.remove('with-beside');
}
