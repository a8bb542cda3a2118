/* global AdaptiveCards, hostConfigs, markdownit */
// Runs in the browser: test/conformance/cards-page.ts.
const markdown = markdownit('zero').enable(['emphasis', 'escape', 'link', 'list', 'entity', 'newline']);
AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = markdown.render(text);
  result.didProcess = true;
};

// Teams alone draws them; that each has a fallback, which is drawn here, is judged by test/conformance/cards.ts.
const charts = /^Unknown element type "Chart\.(HorizontalBar|Line)"/;

/** What the renderer has against each card, and what does not fit. */
globalThis.drawAll = (cards, { look, width }) => {
  const config = structuredClone(hostConfigs[look]);
  config.fontTypes.default.fontFamily = "'Open Sans', sans-serif";
  const home = document.querySelector('.card');
  home.style.width = `${width}px`;
  return cards.map((json) => {
    const wrong = [];
    const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_5);
    const card = new AdaptiveCards.AdaptiveCard();
    card.hostConfig = new AdaptiveCards.HostConfig(config);
    card.parse(unfolded(json), context);
    const parsed = Array.from({ length: context.eventCount }, (_, i) => context.getEventAt(i).message);
    wrong.push(...parsed.filter((message) => !charts.test(message)).map((message) => `parsing: ${message}`));
    wrong.push(...card.validateProperties().validationEvents.map((event) => `validating: ${event.message}`));
    const drawn = card.render();
    if (!drawn) return [...wrong, 'nothing is drawn'];
    home.replaceChildren(drawn);
    return [...wrong, ...empty(card, drawn, buttonsOf(json)), ...tooWide(drawn)];
  });
};

/** What a button would show is judged as it looks then. */
function unfolded(node) {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map(unfolded);
  const shown = Object.entries(node).filter(([name]) => name !== 'isVisible');
  return Object.fromEntries(shown.map(([name, inner]) => [name, unfolded(inner)]));
}

/** Those of the card and those in rows of its body. */
function buttonsOf(node) {
  if (typeof node !== 'object' || node === null) return 0;
  const own = Array.isArray(node.actions) ? node.actions.length : 0;
  return Object.values(node).reduce((sum, inner) => sum + buttonsOf(inner), own);
}

function empty(card, drawn, wanted) {
  const wrong = [];
  for (let i = 0; i < card.getItemCount(); i += 1) {
    const item = card.getItemAt(i);
    if (!item.renderedElement || item.renderedElement.getBoundingClientRect().height === 0)
      wrong.push(`body/${i}: ${item.getJsonTypeName()} is drawn empty`);
  }
  const buttons = [...drawn.querySelectorAll('.ac-pushButton')];
  if (buttons.length !== wanted) wrong.push(`${buttons.length} of ${wanted} buttons are drawn`);
  for (const button of buttons) if (!button.textContent.trim()) wrong.push('a button without words');
  for (const part of drawn.querySelectorAll('.ac-container, .ac-textBlock, .ac-richTextBlock, table'))
    if (part.getBoundingClientRect().height === 0) wrong.push(`${part.className} is drawn empty`);
  return wrong;
}

// A browser cuts the chosen entry of a list by itself, and shows it whole in the list.
function tooWide(drawn) {
  const edge = drawn.getBoundingClientRect().right;
  return [drawn, ...drawn.querySelectorAll('*:not(select, option)')].flatMap((part) => {
    const cut = part.clientWidth > 0 && part.scrollWidth > part.clientWidth + 1;
    const out = part.getBoundingClientRect().right > edge + 1;
    const words = `${part.className || part.tagName} “${part.textContent.trim().slice(0, 60)}”`;
    return cut || out
      ? [
          `${words} is ${cut ? part.scrollWidth : Math.round(part.getBoundingClientRect().right)} px wide, has ${cut ? part.clientWidth : Math.round(edge)}`,
        ]
      : [];
  });
}
