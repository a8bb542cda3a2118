import { CardView } from './cards.js';
import { h, icon, icons } from './dom.js';
import { call, store } from './store.js';

/** Milliseconds that nobody types before goldbot is asked, as Teams waits. */
const pause = 300;
/** An address, of which Teams shows what an app knows. */
const address = /https:\/\/portal\.azure\.(?:com|us|cn)\/#\S+/;

/**
 * What goldbot adds to a message box: a search whose results become cards in the message, and what it knows of a link to
 * the Azure portal. `changed` is called when there is something to send, or no more.
 */
export class Extension {
  draft = undefined;

  constructor(place, field, changed) {
    this.place = place;
    this.field = field;
    this.changed = changed;
    this.panel = h('div', { class: 'find', role: 'dialog', 'aria-label': 'Find in goldbot', hidden: true });
    // What scrolls can be scrolled by keys.
    this.card = h('div', {
      class: 'in-box',
      role: 'group',
      'aria-label': 'In your message',
      tabindex: '0',
      hidden: true,
    });
    this.button = h(
      'button',
      {
        type: 'button',
        class: 'icon-button find-open',
        'aria-label': 'Find in goldbot',
        title: 'Find in goldbot, and put it into the message',
        'aria-expanded': 'false',
        onclick: () => (this.panel.hidden ? this.open() : this.close()),
      },
      icon(icons.find),
    );
  }

  open() {
    const input = h('input', {
      type: 'search',
      placeholder: 'Image, version, run or machine',
      'aria-label': 'Image, version, run or machine',
      autocomplete: 'off',
      spellcheck: 'false',
    });
    this.list = h('ul', { class: 'found', 'aria-label': 'Found' });
    this.words = h('p', { class: 'found-words', role: 'status' });
    this.panel.replaceChildren(h('p', { class: 'find-head' }, 'Find in goldbot'), input, this.words, this.list);
    this.panel.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    input.addEventListener('input', () => this.later(() => this.look(input.value)));
    this.panel.onkeydown = (event) => this.key(event);
    input.focus();
    void this.look('');
  }

  close() {
    clearTimeout(this.timer);
    this.panel.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
    this.button.focus();
  }

  later(work) {
    clearTimeout(this.timer);
    this.timer = setTimeout(work, pause);
  }

  /** Up and down lead through what was found, Escape away from it. */
  key(event) {
    if (event.key === 'Escape') {
      event.stopPropagation();
      return this.close();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const all = [...this.panel.querySelectorAll('input, .found button')];
    all[all.indexOf(document.activeElement) + step]?.focus();
    event.preventDefault();
  }

  async look(query) {
    const asked = { as: store.me.id, in: this.place, ...(query.trim() && { query: query.trim() }) };
    this.asked = asked;
    const { results, message } = await call('/api/find', asked).catch((error) => ({
      results: [],
      message: error.message,
    }));
    // Only what was typed last counts.
    if (this.asked !== asked) return;
    this.words.textContent = message ?? '';
    this.list.replaceChildren(...results.map((one) => h('li', {}, this.line(one))));
  }

  line({ title, text, item }) {
    const onclick = () => this.take(item);
    return h('button', { type: 'button', onclick }, h('b', {}, title), h('small', {}, text));
  }

  async take(item) {
    const { draft, message } = await call('/api/select', { as: store.me.id, in: this.place, item }).catch((error) => ({
      message: error.message,
    }));
    if (!draft) {
      this.words.textContent = message ?? 'There is nothing to show.';
      return;
    }
    this.show(draft);
    this.close();
    this.field.focus();
  }

  /** What stands in the message beside its words. */
  show(draft) {
    this.draft = draft;
    const drop = () => {
      this.drop();
      this.field.focus();
    };
    const away = h(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': `Take ${draft.title} out of the message`, onclick: drop },
      icon(icons.close),
    );
    const view = new CardView({ id: draft.id, card: draft.card });
    this.card.replaceChildren(h('p', { class: 'in-box-head' }, 'In your message', away), view.element);
    this.card.hidden = false;
    this.changed();
  }

  drop() {
    this.draft = undefined;
    this.card.hidden = true;
    this.card.replaceChildren();
    this.changed();
  }

  /** Asks once about each address that somebody writes. */
  typed(text) {
    const [url] = address.exec(text) ?? [];
    if (!url || url === this.url) return;
    this.url = url;
    this.later(async () => {
      const { draft } = await call('/api/link', { as: store.me.id, in: this.place, url }).catch(() => ({}));
      if (draft && this.field.value.includes(url)) this.show(draft);
    });
  }

  /** The card to send, which then is in the message box no more. */
  taken() {
    const { draft } = this;
    if (draft) this.drop();
    this.url = undefined;
    return draft?.id;
  }
}
