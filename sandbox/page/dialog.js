import { CardView } from './cards.js';
import { h } from './dom.js';
import { call, store } from './store.js';

/** The card of a dialog: its buttons send what is typed, and the answer takes its place, or closes the dialog. */
class DialogView extends CardView {
  constructor(dialog, frame) {
    super({ id: dialog.id, card: dialog.card });
    this.dialog = dialog;
    this.frame = frame;
  }

  async run(action) {
    if (!(action instanceof AdaptiveCards.SubmitAction)) return super.run(action);
    const { title, data } = action;
    this.say('');
    this.busy(true);
    try {
      const answer = await call('/api/submit', {
        as: store.me.id,
        dialog: this.dialog.id,
        ...(title && { title }),
        data: this.meant(data),
      });
      this.frame.answered(answer);
    } catch (error) {
      this.say(error.message, true);
    } finally {
      this.busy(false);
    }
  }

  /** Only cards of messages ask by themselves. */
  refresh() {}

  where() {
    return { dialog: this.dialog.id };
  }
}

/**
 * Opens a dialog above the page, as Teams does: what is behind it cannot be reached, Escape closes it, and the cursor
 * goes back to where it was. `told`: shows a line where the dialog was opened.
 */
export function showDialog(dialog, told) {
  const title = h('h2', { id: 'dialog-title' }, dialog.title);
  const close = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Close', onclick: () => shut() },
    '✕',
  );
  const body = h('div', { class: 'dialog-body' });
  const element = h(
    'dialog',
    { class: 'dialog', 'aria-labelledby': 'dialog-title' },
    h('header', { class: 'dialog-head' }, title, close),
    body,
  );
  const opener = document.activeElement;
  const shut = () => element.close();
  element.addEventListener('close', () => {
    element.remove();
    if (opener?.isConnected) opener.focus({ preventScroll: true });
  });
  const frame = {
    answered({ status, dialog: next, message }) {
      if (next) return show(next);
      if (message && status < 400) told(message);
      if (message && status >= 400) return view.say(message, true);
      shut();
    },
  };
  let view;
  const show = (next) => {
    title.textContent = next.title;
    view = new DialogView(next, frame);
    body.replaceChildren(view.element);
    body.querySelector('input, textarea, select, button')?.focus();
  };
  document.body.append(element);
  element.showModal();
  show(dialog);
}
