/* global AdaptiveCards */
/**
 * What Teams draws and Microsoft's open renderer does not: badges, bars, charts, code, flowing figures. Nobody publishes
 * these openly; here they look as in Teams, so that the page and the pictures show what people see. Loaded with the
 * renderer, it registers them; their looks are in elements.css.
 */
const { CardElement, Container, GlobalRegistry, GlobalSettings, Versions } = AdaptiveCards;

// Buttons beyond those that fit stand behind the three dots, as in Teams, instead of being dropped.
GlobalSettings.allowMoreThanMaxActionsInOverflowMenu = true;

const svgSpace = 'http://www.w3.org/2000/svg';

function tag(name, attributes = {}, ...children) {
  const made =
    name === 'svg' || name === 'path' || name === 'circle'
      ? document.createElementNS(svgSpace, name)
      : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

const lower = (value, usual) => String(value ?? usual).toLowerCase();
const list = (value) => (Array.isArray(value) ? value : []);
const shown = (value) => Number(value).toLocaleString('en-GB');

/** An element that is drawn from its JSON alone. */
function element(name, draw) {
  class Drawn extends CardElement {
    getJsonTypeName() {
      return name;
    }

    internalParse(source, context) {
      super.internalParse(source, context);
      this.source = source;
      this.action = source.selectAction && context.parseAction(this, source.selectAction, [], false);
    }

    internalRender() {
      const drawn = draw(this.source);
      if (this.action) clickable(drawn, this.action);
      return drawn;
    }
  }
  GlobalRegistry.elements.register(name, Drawn, Versions.v1_0);
}

function clickable(drawn, action) {
  drawn.classList.add('ac-selectable');
  drawn.tabIndex = 0;
  drawn.setAttribute('role', 'button');
  if (action.title) drawn.setAttribute('aria-label', action.title);
  drawn.addEventListener('click', () => action.execute());
  drawn.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    action.execute();
  });
}

element('Badge', ({ text = '', style, appearance, size, shape, tooltip }) => {
  const looks = [
    't-badge',
    lower(style, 'default'),
    lower(appearance, 'filled'),
    lower(size, 'medium'),
    lower(shape, 'rounded'),
  ];
  return tag(
    'div',
    { class: 't-badge-home' },
    tag('span', { class: looks.join(' '), ...(tooltip && { title: tooltip }) }, text),
  );
});

element('ProgressBar', ({ value = 0, max = 100, color }) => {
  const percent = Math.max(0, Math.min(100, (100 * value) / (max || 1)));
  const looks = {
    class: `t-progress ${lower(color, 'accent')}`,
    role: 'progressbar',
    'aria-label': `${Math.round(percent)} %`,
  };
  const bar = tag(
    'div',
    { ...looks, 'aria-valuenow': Math.round(percent), 'aria-valuemin': 0, 'aria-valuemax': 100 },
    tag('i'),
  );
  bar.firstChild.style.width = `${percent}%`;
  return bar;
});

/** Lines that are in sight before somebody expands the block. */
const codeLines = 10;

element('CodeBlock', ({ codeSnippet = '', language, startLineNumber = 1 }) => {
  const lines = codeSnippet.split('\n');
  const code = tag('ol', { class: 't-code-lines' });
  code.start = startLineNumber;
  code.style.setProperty('--first', startLineNumber - 1);
  code.append(...lines.map((line) => tag('li', {}, line === '' ? ' ' : line)));
  const head = tag(
    'div',
    { class: 't-code-head' },
    tag('span', {}, language === 'PlainText' ? 'Text' : String(language ?? 'Text')),
  );
  // What is wider than the card is scrolled, also without a mouse.
  const scrolled = tag('div', { class: 't-code-scroll', tabindex: 0, role: 'group', 'aria-label': 'Code' }, code);
  const block = tag('div', { class: 't-code' }, head, scrolled);
  if (lines.length <= codeLines) return block;
  block.classList.add('folded');
  const more = tag('button', { type: 'button', class: 't-code-more', 'aria-expanded': 'false' }, 'Expand');
  more.addEventListener('click', () => {
    const isFolded = block.classList.toggle('folded');
    more.textContent = isFolded ? 'Expand' : 'Collapse';
    more.setAttribute('aria-expanded', String(!isFolded));
  });
  block.append(more);
  return block;
});

/** A few of Fluent's icons by their names; any other is a dot. */
const icons = {
  Checkmark: 'm4 10.5 4 4 8-9',
  CheckmarkCircle: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15Zm-3.2 8 2.2 2.2 4.2-5',
  DismissCircle: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM7.5 7.5l5 5m0-5-5 5',
  ErrorCircle: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM10 6v5m0 2.6v.2',
  Warning: 'M10 3 2.5 16.5h15L10 3Zm0 5v4m0 2.2v.2',
  Clock: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM10 6v4.5h3.5',
  Server: 'M5 2.5h10v15H5v-15Zm2.5 3.5h5m-5 3h5m-5 5h.2',
  Cube: 'm10 2.5 7 3.5v8l-7 3.5L3 14V6l7-3.5ZM3 6l7 3.5L17 6m-7 3.5v8',
  History: 'M4 4v4h4M4.3 8a6.5 6.5 0 1 1-.6 3M10 6.5V10l2.5 1.5',
  ChevronRight: 'm8 4.5 5.5 5.5L8 15.5',
};

function iconOf(name) {
  const path = tag('path', { d: icons[name] ?? 'M10 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z' });
  return tag('svg', { viewBox: '0 0 20 20', class: 't-icon-drawing', 'aria-hidden': 'true' }, path);
}

element('Icon', ({ name, size, color }) =>
  tag('span', { class: `t-icon ${lower(size, 'standard')} ${lower(color, 'default')}` }, iconOf(name)),
);

element('CompoundButton', ({ title = '', description = '', icon }) =>
  tag(
    'div',
    { class: 't-compound' },
    ...(icon?.name ? [iconOf(icon.name)] : []),
    tag('span', { class: 't-compound-words' }, tag('strong', {}, title), tag('span', {}, description)),
  ),
);

const series = ['categoricalBlue', 'categoricalTeal', 'categoricalMarigold', 'good', 'attention', 'neutral'];
const inkOf = (color, i) => `--t-${color ?? series[i % series.length]}`;

function swatch(color, i) {
  const made = tag('i', { class: 't-swatch' });
  made.style.background = `var(${inkOf(color, i)})`;
  return made;
}

/** A chart says in words what it shows, for who does not see it. */
function chart(kind, { title = '', showTitle }, words, ...parts) {
  const heading = showTitle ? [tag('p', { class: 't-chart-title' }, title)] : [];
  return tag(
    'div',
    { class: `t-chart ${kind}`, role: 'img', 'aria-label': `${title}: ${words}` },
    ...heading,
    ...parts,
  );
}

function legendOf(entries) {
  const items = entries.map(({ legend, value, color }, i) => {
    const amount = value === undefined ? [] : [tag('b', {}, shown(value))];
    return tag('li', {}, swatch(color, i), tag('span', {}, legend), ...amount);
  });
  return tag('ul', { class: 't-legend' }, ...items);
}

element('Chart.HorizontalBar.Stacked', (source) => {
  const rows = list(source.data);
  const most = Math.max(1, ...rows.map(({ data }) => list(data).reduce((sum, { value }) => sum + value, 0)));
  const drawn = rows.map(({ title, data }) => {
    const bar = tag('div', { class: 't-stack-bar' });
    for (const [i, { value, color }] of list(data).entries()) {
      const part = swatch(color, i);
      part.style.width = `${(100 * value) / most}%`;
      if (value > 0) bar.append(part);
    }
    return tag('div', { class: 't-stack' }, tag('span', {}, title), bar);
  });
  const words = rows.map(
    ({ title, data }) =>
      `${title} ${list(data)
        .map(({ legend, value }) => `${value} ${legend}`)
        .join(', ')}`,
  );
  const known = list(rows[0]?.data).map(({ legend, color }) => ({ legend, color }));
  return chart('stacked', source, words.join('; '), ...drawn, legendOf(known));
});

element('Chart.Donut', (source) => {
  const parts = list(source.data);
  const sum = Math.max(
    1,
    parts.reduce((all, { value }) => all + value, 0),
  );
  const ring = tag('svg', { viewBox: '0 0 42 42', class: 't-donut', 'aria-hidden': 'true' });
  let begun = 0;
  for (const [i, { value, color }] of parts.entries()) {
    const share = (100 * value) / sum;
    const place = {
      cx: 21,
      cy: 21,
      r: 15.915,
      'stroke-dasharray': `${share} ${100 - share}`,
      'stroke-dashoffset': 125 - begun,
    };
    const arc = tag('circle', place);
    arc.style.stroke = `var(${inkOf(color, i)})`;
    ring.append(arc);
    begun += share;
  }
  const middle = tag('div', { class: 't-donut-home' }, ring, tag('strong', {}, source.value ?? ''));
  const words = parts.map(({ legend, value }) => `${value} ${legend}`).join(', ');
  return chart('donut', source, words, middle, legendOf(parts));
});

const markOf = (className, left, top) => {
  const made = tag('i', { class: className });
  made.style.left = `${left}%`;
  made.style.top = `${top}%`;
  return made;
};

element('Chart.Line', (source) => {
  const [{ values, color } = {}] = list(source.data);
  const points = list(values);
  const { yMin = 0, yMax = Math.max(1, ...points.map(({ y }) => y)) } = source;
  const at = points.map(({ y }, i) => [
    points.length < 2 ? 50 : (100 * i) / (points.length - 1),
    100 - (100 * (y - yMin)) / (yMax - yMin || 1),
  ]);
  const line = tag('path', { d: `M${at.map(([x, y]) => `${x} ${y}`).join('L')}` });
  const ink = `var(${inkOf(color, 0)})`;
  line.style.stroke = ink;
  const plot = tag(
    'div',
    { class: 't-plot' },
    tag('svg', { viewBox: '0 0 100 100', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, line),
  );
  plot.style.setProperty('--ink', ink);
  plot.append(...at.map(([x, y]) => markOf('t-dot', x, y)));
  const scale = tag(
    'div',
    { class: 't-scale' },
    ...[yMax, (yMin + yMax) / 2, yMin].map((y) => tag('span', {}, shown(y))),
  );
  const labels = tag('div', { class: 't-labels' }, ...points.map(({ x }) => tag('span', {}, String(x))));
  const words = points.map(({ x, y }) => `${x} ${y}`).join(', ');
  const axis = source.yAxisTitle ? [tag('p', { class: 't-axis' }, source.yAxisTitle)] : [];
  return chart('line', source, words, ...axis, tag('div', { class: 't-line' }, scale, plot, labels));
});

/** A container whose items stand beside one another as long as there is room. */
class FlowingContainer extends Container {
  internalParse(source, context) {
    super.internalParse(source, context);
    this.flow = list(source.layouts).find(({ type }) => type === 'Layout.Flow');
  }

  internalRender() {
    const drawn = super.internalRender();
    if (!drawn || !this.flow) return drawn;
    drawn.classList.add('t-flow', `fit-${lower(this.flow.itemFit, 'fit')}`);
    drawn.style.setProperty('--least', this.flow.minItemWidth ?? 'auto');
    return drawn;
  }
}
GlobalRegistry.elements.register('Container', FlowingContainer, Versions.v1_0);

const widths = ['verynarrow', 'narrow', 'standard', 'wide'];
/** Up to how many pixels a card is of each width but the last. */
const upTo = [216, 345, 500];

/** `narrow`, `wide`: how wide Teams would call a card of so many pixels. */
export function widthName(pixels) {
  const found = upTo.findIndex((most) => pixels <= most);
  return widths[found < 0 ? upTo.length : found];
}

/** The card as it shows at this width: elements for other widths are left out; icons of Fluent have no address. */
export function fitted(node, width) {
  if (Array.isArray(node))
    return node.filter((item) => isFor(item?.targetWidth, width)).map((item) => fitted(item, width));
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).filter(
    ([key, value]) => !(key === 'iconUrl' && String(value).startsWith('icon:')),
  );
  return Object.fromEntries(
    entries.map(([key, value]) => [key, key === 'data' && node.verb ? value : fitted(value, width)]),
  );
}

function isFor(wanted, width) {
  if (typeof wanted !== 'string') return true;
  const [name, bound] = wanted.toLowerCase().split(':').reverse();
  const difference = widths.indexOf(width) - widths.indexOf(name);
  if (bound === 'atleast') return difference >= 0;
  return bound === 'atmost' ? difference <= 0 : difference === 0;
}

// For pages that load this by a tag: those of the tests and of the pictures.
globalThis.teamsElements = { fitted, widthName };
