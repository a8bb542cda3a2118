import { avatar, h } from './dom.js';
import { store } from './store.js';

/** Offers names after an @, and handles the keys while it does. */
export class Mentions {
  found = [];
  at = 0;

  constructor(field, list) {
    this.field = field;
    this.list = list;
  }

  /** What was typed after the @ before the cursor; undefined when there is none. */
  typed() {
    return /(?:^|\s)@(\w*)$/.exec(this.field.value.slice(0, this.field.selectionStart))?.[1];
  }

  look() {
    const word = this.typed()?.toLowerCase();
    const all = [store.bot, ...store.people.filter((p) => p.id !== store.me.id)];
    const named = (name) => name.toLowerCase().startsWith(word);
    this.found = word === undefined ? [] : all.filter((p) => named(p.name));
    if (this.found.some((p) => p.name.toLowerCase() === word)) this.found = [];
    this.at = 0;
    this.draw();
  }

  close() {
    this.found = [];
    this.draw();
  }

  take(person) {
    const end = this.field.selectionStart;
    this.field.setRangeText(`${person.name} `, end - this.typed().length, end, 'end');
    this.close();
    this.field.dispatchEvent(new Event('input'));
  }

  draw() {
    this.list.hidden = this.found.length === 0;
    this.list.replaceChildren(...this.found.map((person, i) => this.option(person, i === this.at)));
  }

  option(person, selected) {
    const onmousedown = (event) => {
      event.preventDefault();
      this.take(person);
    };
    const props = { type: 'button', role: 'option', tabindex: '-1', 'aria-selected': String(selected), onmousedown };
    const words = person.bot ? 'runs your golden images' : person.title;
    return h('button', props, avatar(person, 24), h('b', {}, person.name), h('small', {}, words));
  }

  /** True when the key was for the list. */
  key(event) {
    if (this.found.length === 0) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.at = (this.at + step + this.found.length) % this.found.length;
      this.draw();
    } else if (event.key === 'Escape') this.close();
    else if (event.key === 'Tab' || event.key === 'Enter') this.take(this.found[this.at]);
    else return false;
    event.preventDefault();
    return true;
  }
}
