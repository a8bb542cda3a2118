/* global AdaptiveCards */
import { h } from './dom.js';
import { cardMarkdown } from './markdown.js';
import { call, store } from './store.js';

let hostConfig;
const configs = new Map();

AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = cardMarkdown(text);
  result.didProcess = true;
};

/** Takes Microsoft's host config for Teams in this theme; cards that are shown must be drawn again. */
export async function useTheme(theme) {
  if (!configs.has(theme)) {
    const config = await (await fetch(`/vendor/teams-${theme}.json`)).json();
    // Segoe UI where there is one; elsewhere cards look like the rest of the page.
    config.fontTypes.default.fontFamily = getComputedStyle(document.body).fontFamily;
    configs.set(theme, config);
  }
  hostConfig = new AdaptiveCards.HostConfig(configs.get(theme));
}

const refreshed = new Set();

/** A card as one element that can be drawn again in place. */
export class CardView {
  constructor(message) {
    this.message = message;
    this.card = h('div', { class: 'card' });
    this.notice = h('p', { class: 'notice', role: 'status', hidden: true });
    this.element = h('div', { class: 'card-home' }, this.card, this.notice);
    this.draw();
  }

  /** Draws what the message holds now; what was typed into inputs is kept, and so is the cursor's position. */
  draw(message = this.message) {
    const same = JSON.stringify(message.card) === this.drawn;
    this.message = message;
    if (same && hostConfig === this.config) return this.refresh();
    this.drawn = JSON.stringify(message.card);
    this.config = hostConfig;
    const typed = this.typed();
    const focus = this.focus();
    const rendering = new AdaptiveCards.AdaptiveCard();
    rendering.hostConfig = hostConfig;
    rendering.onExecuteAction = (action) => this.run(action);
    const content = structuredClone(message.card);
    refill(content, typed);
    rendering.parse(content);
    this.initial = new Map(rendering.getAllInputs().map((i) => [i.id, i.value]));
    for (const [id] of typed) this.initial.set(id, undefined);
    this.rendering = rendering;
    this.element.classList.toggle('full', message.card.msteams?.width?.toLowerCase() === 'full');
    this.card.replaceChildren(rendering.render() ?? 'This card cannot be shown.');
    focus?.();
    this.refresh();
  }

  /** Inputs whose value is no longer the one the card gave them. */
  typed() {
    const inputs = this.rendering?.getAllInputs() ?? [];
    return new Map(
      inputs.filter((i) => i.value !== undefined && i.value !== this.initial.get(i.id)).map((i) => [i.id, i.value]),
    );
  }

  /** How to put the cursor back after a redraw. */
  focus() {
    const controls = () => [...this.card.querySelectorAll('input, textarea, select, button')];
    const at = controls().indexOf(document.activeElement);
    if (at < 0) return undefined;
    const { selectionStart, selectionEnd } = document.activeElement;
    return () => {
      const control = controls()[at];
      control?.focus({ preventScroll: true });
      if (typeof selectionStart === 'number') control?.setSelectionRange?.(selectionStart, selectionEnd);
    };
  }

  async run(action) {
    if (action instanceof AdaptiveCards.OpenUrlAction) return window.open(action.url, '_blank', 'noopener');
    // Unfolds a part of the card by itself.
    if (action instanceof AdaptiveCards.ToggleVisibilityAction) return;
    if (!(action instanceof AdaptiveCards.ExecuteAction))
      return this.say('Only Action.Execute reaches a bot here.', true);
    const { title, verb, data } = action;
    this.say('');
    this.busy(true);
    try {
      const click = {
        as: store.me.id,
        activityId: this.message.id,
        ...(title && { title }),
        ...(verb && { verb }),
        data: data ?? {},
      };
      this.answered(await call('/api/click', click));
    } catch (error) {
      this.say(error.message, true);
    } finally {
      this.busy(false);
    }
  }

  answered({ status, card, message }) {
    if (message) this.say(message, status >= 400);
    if (!card) return;
    this.message.card = card;
    this.draw();
  }

  /** Cards that show each person something different ask by themselves, once per edit. */
  refresh() {
    const { action, userIds } = this.message.card?.refresh ?? {};
    const key = `${this.message.id} ${this.message.updatedAt ?? ''} ${store.me.id}`;
    if (!action || refreshed.has(key) || (userIds && !userIds.includes(store.me.userId))) return;
    refreshed.add(key);
    call('/api/refresh', { as: store.me.id, activityId: this.message.id }).then(
      ({ card }) => card && this.answered({ status: 200, card }),
      () => undefined,
    );
  }

  say(words, bad = false) {
    this.notice.hidden = words === '';
    this.notice.textContent = words;
    this.notice.classList.toggle('bad', bad);
    if (words !== '') this.notice.scrollIntoView({ block: 'nearest' });
  }

  busy(is) {
    this.card.classList.toggle('busy', is);
    this.card.inert = is;
  }
}

/** Puts typed values into the inputs of a card that is about to be drawn. */
function refill(part, typed) {
  if (Array.isArray(part)) {
    for (const item of part) refill(item, typed);
  } else if (part && typeof part === 'object') {
    if (String(part.type).startsWith('Input.') && typed.has(part.id)) part.value = typed.get(part.id);
    for (const inner of Object.values(part)) refill(inner, typed);
  }
}
