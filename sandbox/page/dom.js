/** Makes an element: `h('button', { class: 'quiet', onclick }, 'Send')`. Text is always text, never HTML. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((c) => c !== undefined && c !== false));
  return element;
}

/** An icon of the page's own: strokes on a 24 × 24 grid. */
export function icon(path) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

export const icons = {
  send: 'M4 12 3.5 4.5 21 12 3.5 19.5 4 12Zm0 0h8',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4',
  reply: 'M10 8V4.5L3.5 11l6.5 6.5V14c5 0 8 1.5 10.5 5 0-6-3.5-11-10.5-11Z',
  down: 'M12 5v14M6 13l6 6 6-6',
  up: 'M12 19V5M6 11l6-6 6 6',
  close: 'M6 6l12 12M18 6 6 18',
  beside: 'M4 5h16v14H4ZM12 5v14',
  check: 'M5 12.5l4.5 4.5L19 7',
  tour: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.5 9.2a2.6 2.6 0 0 1 5 .9c0 1.7-2.5 2-2.5 3.9M12 16.9v.1',
  next: 'M9 5l7 7-7 7',
  find: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM15.5 15.5 21 21',
};

const colours = ['#7b4fb5', '#0f6cbd', '#107c41', '#b5502a', '#a4262c', '#4f6b8a'];

/** The picture of a person: initials on a colour of their own; the bot has its icon. Sizes are classes of shell.css. */
export function avatar(person, size = 32) {
  const shape = `avatar s${size}`;
  if (!person || person.bot) return h('img', { class: `${shape} bot`, src: '/page/icon.svg', alt: '' });
  const style = `background:${colours[person.number % colours.length]}`;
  return h('span', { class: shape, style, 'aria-hidden': 'true' }, person.name[0]);
}

/** Times are read as goldbot's cards write them. */
export const zone = 'UTC';

export function clockTime(iso) {
  return new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone });
}

export function day(iso) {
  return new Date(iso).toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', timeZone: zone });
}
