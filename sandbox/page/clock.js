import { h, zone } from './dom.js';
import { call } from './store.js';

/** World time, which runs faster than ours: how fast, and until when it is to pass at once. */

/** The steps of the slider. */
const speeds = [0, 1, 10, 120, 600, 3600];
const steps = [
  ['+1 h', 60],
  ['+1 day', 24 * 60],
  ['+1 week', 7 * 24 * 60],
];

const button = document.querySelector('#clock');
const panel = document.querySelector('#clock-panel');
const slider = h('input', { type: 'range', id: 'clock-speed', min: '0', max: String(speeds.length - 1), step: '1' });
const paceWords = h('output', { for: 'clock-speed', class: 'soft' });
const big = h('p', { class: 'clock-big' });
const moments = h('div', { class: 'moments' });
let clock;

/** Shows the clock, and follows it. */
export function keepTime() {
  fillPanel();
  button.addEventListener('click', () => (panel.hidden ? open() : close()));
  panel.addEventListener('keydown', ({ key }) => key === 'Escape' && close());
  document.addEventListener('pointerdown', ({ target }) => {
    if (!panel.hidden && !target.closest('.clock')) close({ focus: false });
  });
  setInterval(tick, 500);
  setInterval(() => ask().catch(() => undefined), 10_000);
  return ask();
}

/** What goldbot waits for, soonest first, as it has told the sandbox. */
export async function momentsAhead() {
  return (await call('/_sandbox/moments')).moments;
}

export async function letPassUntil(at) {
  learn(await call('/_sandbox/clock', { until: at }));
}

async function ask() {
  learn(await call('/_sandbox/clock'));
  if (!panel.hidden) showMoments(await momentsAhead());
}

const change = async (body) => {
  learn(await call('/_sandbox/clock', body));
  showMoments(await momentsAhead());
};

function open() {
  panel.hidden = false;
  button.setAttribute('aria-expanded', 'true');
  slider.focus();
  return ask();
}

function close({ focus = true } = {}) {
  panel.hidden = true;
  button.setAttribute('aria-expanded', 'false');
  if (focus) button.focus();
}

function fillPanel() {
  slider.addEventListener('input', () => sayPace(speeds[slider.value]));
  slider.addEventListener('change', () => change({ speed: speeds[slider.value] }));
  const step = ([label, advanceMinutes]) =>
    h('button', { type: 'button', class: 'quiet', onclick: () => change({ advanceMinutes }) }, label);
  panel.replaceChildren(
    h('h2', {}, 'World time'),
    big,
    h('div', { class: 'pace' }, h('label', { for: 'clock-speed' }, 'Speed'), paceWords),
    slider,
    h(
      'div',
      { class: 'ticks', 'aria-hidden': 'true' },
      ...speeds.map((s) => h('span', {}, s === 0 ? 'stop' : `${s}×`)),
    ),
    h('h3', {}, 'Let time pass'),
    h('div', { class: 'steps' }, ...steps.map(step)),
    h('h3', {}, 'Until'),
    moments,
  );
}

function learn(answer) {
  clock = { at: performance.now(), now: Date.parse(answer.now), speed: answer.speed };
  const nearest = speeds.findLastIndex((s) => s <= answer.speed);
  if (document.activeElement !== slider || panel.hidden) slider.value = String(nearest);
  document.querySelector('#clock-pace').textContent = answer.speed === 0 ? 'stopped' : `${answer.speed}×`;
  sayPace(answer.speed);
  tick();
}

function sayPace(speed) {
  const words = speed === 0 ? 'Stands still' : speed === 1 ? 'As fast as yours' : `${speed} times as fast as yours`;
  paceWords.textContent = words;
  slider.setAttribute('aria-valuetext', words);
}

const worldNow = () => clock.now + (performance.now() - clock.at) * clock.speed;

function tick() {
  if (!clock) return;
  const now = new Date(worldNow());
  const shown = document.querySelector('#clock-now');
  shown.dateTime = now.toISOString();
  // A phone shows no more than the time of day.
  const [date, time] = when(now).split(/, (?=\d\d:)/);
  shown.replaceChildren(h('span', { class: 'date' }, `${date}, `), `${time} ${zone}`);
  big.textContent = `${when(now, 'long')} ${zone}`;
}

function when(date, length = 'short') {
  const [weekday, month] = [length, length];
  const options = { weekday, day: 'numeric', month, hour: '2-digit', minute: '2-digit', timeZone: zone };
  return date.toLocaleString('en-GB', options);
}

/** The next one of each kind first; the rest is folded. */
function showMoments(ahead) {
  const next = ahead.filter((m, i) => ahead.findIndex(({ kind }) => kind === m.kind) === i);
  const others = ahead.filter((m) => !next.includes(m));
  const unfolded = moments.querySelector('details')?.open;
  const focused = [...moments.querySelectorAll('button')].indexOf(document.activeElement);
  moments.replaceChildren(
    ...next.map((m) => momentButton(m, `Next ${m.kind}`)),
    others.length === 0
      ? ''
      : h(
          'details',
          { open: unfolded },
          h('summary', {}, `${others.length} more`),
          ...others.map((m) => momentButton(m, `${m.kind[0].toUpperCase()}${m.kind.slice(1)}`)),
        ),
    ahead.length === 0 ? h('p', { class: 'soft' }, 'goldbot waits for nothing, or has not said so yet.') : '',
  );
  if (focused >= 0) (moments.querySelectorAll('button')[focused] ?? button).focus();
}

function momentButton({ name, at }, title) {
  const words = `${name} · ${when(new Date(at))} · ${distance(Date.parse(at) - worldNow())}`;
  return h(
    'button',
    { type: 'button', onclick: () => change({ until: at }) },
    h('b', {}, title),
    h('small', {}, words),
  );
}

function distance(ms) {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 60) return `in ${minutes} min`;
  if (minutes < 48 * 60) return `in ${Math.round(minutes / 60)} h`;
  return `in ${Math.round(minutes / 60 / 24)} days`;
}
