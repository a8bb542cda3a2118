/* global AdaptiveCards */
import { h } from './dom.js';
import { fitted, widthName } from './elements.js';
import { cardMarkdown, cardMentions } from './markdown.js';
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
    enlarge(config);
    configs.set(theme, config);
  }
  hostConfig = new AdaptiveCards.HostConfig(configs.get(theme));
}

/** Whoever reads large text elsewhere reads it in cards: the config's sizes are of the usual 16 pixels. */
function enlarge(config) {
  const scale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  for (const { fontSizes } of Object.values(config.fontTypes)) {
    for (const name of Object.keys(fontSizes)) fontSizes[name] *= scale;
  }
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
    // A narrower card may show other elements; it is in the page, and has a width, from now on.
    new ResizeObserver(() => this.width() !== this.drawnFor && this.draw()).observe(this.card);
  }

  /** How wide Teams would call the card now. */
  width() {
    return widthName(this.card.clientWidth || 640);
  }

  /** Draws what the message holds now; what was typed into inputs is kept, and so is the cursor's position. */
  draw(message = this.message) {
    const same = JSON.stringify(message.card) === this.drawn;
    this.message = message;
    const width = this.width();
    if (same && hostConfig === this.config && width === this.drawnFor) return this.refresh();
    this.drawnFor = width;
    this.drawn = JSON.stringify(message.card);
    this.config = hostConfig;
    const typed = this.typed();
    const focus = this.focus();
    const rendering = new AdaptiveCards.AdaptiveCard();
    rendering.hostConfig = hostConfig;
    rendering.onExecuteAction = (action) => this.run(action);
    rendering.onInputValueChanged = (input) => this.lookUp(input);
    const content = fitted(structuredClone(message.card), width);
    refill(content, typed);
    rendering.parse(content);
    this.initial = new Map(rendering.getAllInputs().map((i) => [i.id, i.value]));
    for (const [id] of typed) this.initial.set(id, undefined);
    this.rendering = rendering;
    this.element.classList.toggle('full', message.card.msteams?.width?.toLowerCase() === 'full');
    this.card.replaceChildren(rendering.render() ?? 'This card cannot be shown.');
    namedByContent(this.card);
    cardMentions(this.card, message.mentions ?? [], store.me.id);
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
    if (action instanceof AdaptiveCards.OpenUrlAction) return follow(action.url);
    // Unfolds a part of the card by itself.
    if (action instanceof AdaptiveCards.ToggleVisibilityAction) return;
    const { title, verb, data } = action;
    if (!(action instanceof AdaptiveCards.ExecuteAction) && !data?.msteams)
      return this.say('Of a card, only Action.Execute and what opens a dialog reach a bot here.', true);
    this.say('');
    this.busy(true);
    try {
      const click = {
        as: store.me.id,
        activityId: this.message.id,
        ...(title && { title }),
        ...(verb && { verb }),
        data: this.meant(data),
      };
      this.answered(await call('/api/click', click));
    } catch (error) {
      this.say(error.message, true);
    } finally {
      this.busy(false);
    }
  }

  /** What the bot knows for the letters that were typed, where a field asks for it. */
  async lookUp(input) {
    if (!(input instanceof AdaptiveCards.ChoiceSetInput) || !input.isDynamicTypeahead()) return;
    const query = input.getFilterForDynamicSearch();
    if (!query || input.choices.some(({ title }) => title === query)) return;
    input.showLoadingIndicator();
    const data = Object.fromEntries(this.rendering.getAllInputs().map((i) => [i.id, i.value ?? '']));
    try {
      const { choices } = await call('/api/choices', {
        as: store.me.id,
        ...this.where(),
        input: input.id,
        query,
        data,
      });
      // The renderer knows what is found by its title; the bot means the value.
      this.found = new Map([
        ...(this.found ?? []),
        ...choices.map(({ title, value }) => [`${input.id} ${title}`, value]),
      ]);
      input.renderChoices(query, choices);
    } catch (error) {
      input.showErrorIndicator(query, error.message);
    } finally {
      input.removeLoadingIndicator();
    }
  }

  async open(dialog) {
    const { showDialog } = await import('./dialog.js');
    showDialog(dialog, (words) => this.say(words));
  }

  /** What is sent, with what was found by what it means. */
  meant(data = {}) {
    const entries = Object.entries(data);
    return Object.fromEntries(entries.map(([id, value]) => [id, this.found?.get(`${id} ${value}`) ?? value]));
  }

  /** Where the card stands, for the sandbox. */
  where() {
    return { activityId: this.message.id };
  }

  answered({ status, card, message, problem, dialog }) {
    // Teams shows its own words; what it hides stands under them, as beside a message.
    const hidden = problem && (status === 403 ? `${store.me.name} was refused. ${problem}` : problem);
    if (message || hidden) this.say([message, hidden].filter(Boolean).join('\n'), status >= 400);
    if (dialog) void this.open(dialog);
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

/** A link into the reader's own chat with goldbot, or to a message, leads there on this page, as it does in Teams; any other opens a page. */
function follow(address) {
  const url = new URL(address);
  const [, kind, conversation, message] = /^\/l\/(message)\/([^/]+)\/([^/]+)$/.exec(url.pathname) ?? [];
  if (kind && store.conversations.some(({ id }) => id === decodeURIComponent(conversation))) {
    const detail = { conversation: decodeURIComponent(conversation), message: decodeURIComponent(message) };
    return document.dispatchEvent(new CustomEvent('message-elsewhere', { detail }));
  }
  const isChat = url.pathname === '/l/chat/0/0' && url.searchParams.get('users') === store.bot.id;
  if (!isChat) return window.open(address, '_blank', 'noopener');
  return document.dispatchEvent(new CustomEvent('own-chat', { detail: url.searchParams.get('message') ?? '' }));
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

/** The title of what can be pressed says what it does, and must not hide from a screen reader what stands in it. */
function namedByContent(card) {
  for (const part of card.querySelectorAll('.ac-selectable[aria-label]')) {
    if (part.textContent.trim() !== '') part.removeAttribute('aria-label');
  }
}
