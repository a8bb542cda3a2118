import { openBeside } from './beside.js';
import { letPassUntil, momentsAhead } from './clock.js';
import { fill } from './composer.js';
import { h, icon, icons } from './dom.js';
import { say } from './news.js';
import { find, store } from './store.js';
import { askerIn, deciderBeside } from './tour-people.js';

/**
 * Five steps from the asking to the digest, beside the conversation and never over it. Each leads to where it happens and
 * sees by the messages that it has happened; nobody has to follow. What was closed stays closed until it is asked for.
 */
const home = document.querySelector('#tour');
const button = document.querySelector('#tour-open');
const general = 'Image Factory / General';
const approvals = 'Image Factory / approvals';

let visit;
let state = JSON.parse(localStorage.getItem('tour') ?? '{}');

const person = (name) => store.people.find((p) => p.name === name);
const go = (name, where) => visit({ person: person(name), conversation: find(where) });
const said = (where, test) => (store.messages.get(find(where)?.id) ?? []).some(test);
const byBot = (pattern) => (m) => m.fromId === 'bot' && pattern.test(m.text);

const asker = () => askerIn(store.messages.get(find(general)?.id) ?? []);
const decider = () => deciderBeside(asker());

const steps = () => [
  {
    title: 'Ask for an image',
    words: 'Ada is an image engineer. In her team’s channel she asks goldbot for a new golden image.',
    acts: [['Write it for me', ask]],
    done: () => said(general, (m) => m.fromId !== 'bot' && /publish/i.test(m.text)),
  },
  {
    title: 'Watch the plan',
    words:
      'One card tells the whole run: it builds, tests and signs the image. An hour of it takes a few seconds here.',
    acts: [['Go to the card', () => go(asker(), general)]],
    done: () => said(approvals, byBot(/ubuntu-22/)),
  },
  {
    title: 'Approve as somebody else',
    words: `Whoever asked cannot approve. Be ${decider()}, read what changed, and decide.`,
    acts: [
      [`Be ${decider()}`, () => go(decider(), approvals)],
      [`${decider()} beside ${asker()}`, bothBeside],
    ],
    done: () => said(general, byBot(/^(Approved|Replicating|Published)/)),
  },
  {
    title: 'See it published',
    words: `The card in ${asker()}’s thread is the same one. It now says which version every new machine gets.`,
    acts: [['Back to the card', () => go(asker(), general)]],
    done: () => said(general, byBot(/^Published/)),
  },
  {
    title: 'Read the week’s digest',
    words: 'Every week each team is told how its machines stand. Let the time pass until the next one.',
    acts: [['Go to the next digest', nextDigest]],
    done: () => store.conversations.some((c) => c.kind === 'channel' && said(c.id, byBot(/week \d+/i))),
  },
];

/** A step has happened once those before it have. */
function happened() {
  const all = steps();
  const first = all.findIndex(({ done }) => !done());
  return all.map((_, i) => first < 0 || i < first);
}

async function ask() {
  await go('Ada', general);
  fill('@goldbot publish ubuntu-22');
}

async function bothBeside() {
  await go(asker(), approvals);
  openBeside(person(decider()));
}

async function nextDigest() {
  const next = (await momentsAhead()).find(({ kind }) => kind === 'digest');
  if (!next) {
    await go('Linus', 'payments / ops');
    fill('@goldbot digest');
    return;
  }
  await letPassUntil(next.at);
  await go(store.me.name, `${next.name} / ops`);
}

/** Shows the tour unless it was closed. `visited` leads to a conversation, as a person. */
export function keepTour(visited) {
  visit = visited;
  button.addEventListener('click', () => {
    const closed = !home.hidden;
    keep({ closed });
    if (!closed) home.querySelector('h2').focus();
  });
  const next = happened().indexOf(false);
  // In a new world the story begins anew.
  const step = next === 0 ? 0 : (state.step ?? next);
  keep({ step: step < 0 ? steps().length - 1 : step });
}

let seen = [];

/** A message came: a step may have happened. */
export function lookAtTour() {
  if (!visit) return;
  const now = happened();
  if (now.join() === seen.join()) return;
  const news = steps().find((_, i) => now[i] && !seen[i]);
  if (news && !home.hidden) say(`Tour: ${news.title}, done.`);
  draw();
}

function keep(change) {
  state = { ...state, ...change };
  localStorage.setItem('tour', JSON.stringify(state));
  draw();
}

function close() {
  keep({ closed: true });
  button.focus();
}

function to(step) {
  keep({ step });
  home.querySelector('h2').focus();
}

function draw() {
  seen = happened();
  home.hidden = state.closed === true;
  button.setAttribute('aria-expanded', String(!home.hidden));
  const all = steps();
  const at = Math.min(state.step, all.length - 1);
  const { title, words, acts } = all[at];
  const focused = home.contains(document.activeElement) && document.activeElement.dataset.part;
  home.replaceChildren(
    head(at),
    h('h2', { tabindex: '-1', 'data-part': 'title' }, title),
    h('p', {}, words),
    h('div', { class: 'acts' }, ...acts.map(([label, act], i) => actButton(label, act, i === 0 && !seen[at]))),
    foot(at),
  );
  if (focused) home.querySelector(`[data-part="${focused}"]`)?.focus();
}

function head(at) {
  const x = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Close the tour', title: 'Close', onclick: close },
    icon(icons.close),
  );
  const dot = (step, i) =>
    h(
      'li',
      { class: `${i === at ? 'now' : ''}${seen[i] ? ' done' : ''}`, 'aria-current': i === at && 'step' },
      h('span', { class: 'hidden-words' }, `${step.title}${seen[i] ? ', done' : ''}`),
      seen[i] && icon(icons.check),
    );
  return h('div', { class: 'tour-head' }, h('ol', { 'aria-label': 'Steps' }, ...steps().map(dot)), x);
}

function actButton(label, act, primary) {
  const props = { type: 'button', class: primary ? 'primary' : 'quiet', 'data-part': label, onclick: () => act() };
  return h('button', props, label);
}

function foot(at) {
  const many = steps().length;
  const last = at === many - 1;
  const next = () => (last ? close() : to(at + 1));
  return h(
    'div',
    { class: 'tour-foot' },
    h('small', {}, `Step ${at + 1} of ${many}${seen[at] ? ' · done' : ''}`),
    at > 0 && h('button', { type: 'button', class: 'quiet', 'data-part': 'back', onclick: () => to(at - 1) }, 'Back'),
    h(
      'button',
      { type: 'button', class: seen[at] ? 'primary' : 'quiet', 'data-part': 'next', onclick: next },
      last ? 'Finish' : 'Next',
    ),
  );
}
