/* global AdaptiveCards, hostConfigs, markdownit */
// Runs in the browser: test/conformance/cards-page.ts.
const markdown = markdownit('zero').enable(['emphasis', 'escape', 'link', 'list', 'entity', 'newline']);
AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = markdown.render(text);
  result.didProcess = true;
};

// Teams alone draws them; that each has a fallback, which is drawn here, is judged by test/conformance/cards.ts.
const ofTeams = /^Unknown element type "(Chart\.(Line|Donut|HorizontalBar\.Stacked)|Badge|CodeBlock|Icon|ProgressBar)"/;

/** What the renderer has against each card, and what does not fit. */
globalThis.drawAll = (cards, { look, width }) => {
  const config = structuredClone(hostConfigs[look]);
  config.fontTypes.default.fontFamily = "'Open Sans', sans-serif";
  // With the elements of Teams where they are loaded, otherwise with what stands in for them.
  const teams = globalThis.teamsElements;
  document.documentElement.dataset.theme = look;
  const home = document.querySelector('.card');
  home.style.width = `${width}px`;
  return cards.map((json) => {
    const wrong = [];
    const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_5);
    const card = new AdaptiveCards.AdaptiveCard();
    card.hostConfig = new AdaptiveCards.HostConfig(config);
    card.parse(teams ? teams.fitted(unfolded(json), teams.widthName(width)) : unfolded(json), context);
    const parsed = Array.from({ length: context.eventCount }, (_, i) => context.getEventAt(i).message);
    wrong.push(...parsed.filter((message) => !ofTeams.test(message)).map((message) => `parsing: ${message}`));
    wrong.push(...card.validateProperties().validationEvents.map((event) => `validating: ${event.message}`));
    const drawn = card.render();
    if (!drawn) return [...wrong, 'nothing is drawn'];
    home.replaceChildren(drawn);
    return [...wrong, ...empty(card, drawn, buttonsOf(json)), ...tooWide(drawn), ...tooFaint(drawn)];
  });
};

/** What a button would show is judged as it looks then. */
function unfolded(node) {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map(unfolded);
  const shown = Object.entries(node).filter(([name]) => name !== 'isVisible');
  return Object.fromEntries(shown.map(([name, inner]) => [name, unfolded(inner)]));
}

/** Those of the card and those in rows of its body; those behind the three dots are one. */
function buttonsOf(node) {
  if (typeof node !== 'object' || node === null) return 0;
  const actions = Array.isArray(node.actions) ? node.actions : [];
  const aside = actions.filter(({ mode }) => mode === 'secondary').length;
  const own = actions.length - aside + Math.min(aside, 1);
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
  for (const button of buttons)
    if (!button.textContent.trim() && !button.getAttribute('aria-label')) wrong.push('a button without words');
  for (const part of drawn.querySelectorAll('.ac-container, .ac-textBlock, .ac-richTextBlock, table'))
    if (part.getBoundingClientRect().height === 0) wrong.push(`${part.className} is drawn empty`);
  return wrong;
}

/** Of all text: WCAG asks for it, and a green on white that nobody can read looks well on the maker's screen. */
const leastContrast = 4.5;

/** Buttons, inputs and the star of a required one are drawn by the page. */
function tooFaint(drawn) {
  const texts = [...drawn.querySelectorAll('*')].filter(
    (part) =>
      !part.closest('.ac-pushButton, .ac-input, svg') &&
      part.textContent.trim() !== '*' &&
      [...part.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== ''),
  );
  return texts.flatMap((part) => {
    const ground = groundOf(part);
    const ratio = contrast(over(rgba(getComputedStyle(part).color), ground), ground);
    const words = `“${part.textContent.trim().slice(0, 40)}”`;
    return ratio < leastContrast ? [`${words} has a contrast of ${ratio.toFixed(2)}:1`] : [];
  });
}

function groundOf(part) {
  if (!part) return [255, 255, 255];
  const color = rgba(getComputedStyle(part).backgroundColor);
  return color[3] === 1 ? color : over(color, groundOf(part.parentElement));
}

function rgba(color) {
  const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
  return [r, g, b, a];
}

function over([r, g, b, a], ground) {
  return [r, g, b].map((part, i) => part * a + ground[i] * (1 - a));
}

function contrast(one, other) {
  const [a, b] = [one, other].map((color) => {
    const [r, g, blue] = color.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  });
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

// A browser cuts the chosen entry of a list by itself, and shows it whole in the list.
function tooWide(drawn) {
  const edge = drawn.getBoundingClientRect().right;
  return [drawn, ...drawn.querySelectorAll('*:not(select, option)')].flatMap((part) => {
    // Code scrolls by itself; the dots at the ends of a line stand out of its plot.
    if (part.closest('.t-code-scroll, .t-plot')) return [];
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
