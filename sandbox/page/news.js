import { h, icon, icons } from './dom.js';

/**
 * What is new while somebody reads further up, or listens: a pill that counts the messages that came out of sight and leads
 * to the first of them, and a line that screen readers say. A card is said by its text, which says what the card says.
 */
const home = document.querySelector('#messages');
const pill = document.querySelector('#news');
const aloud = document.querySelector('#aloud');

/** Elements of messages that came and were not seen yet, oldest first. */
let unseen = [];

const watch = new IntersectionObserver(
  (entries) => {
    const seen = entries.filter((e) => e.isIntersecting).map((e) => e.target);
    if (seen.length > 0) forget(seen);
  },
  { root: home },
);

/** A message came. It is counted until it has been in sight. */
export function count(element) {
  unseen.push(element);
  watch.observe(element);
  // The observer looks after the next frame; what came into sight shows no pill even for that long.
  requestAnimationFrame(() => requestAnimationFrame(show));
}

/** Of these, or of all: another conversation is shown. */
export function forget(elements = unseen) {
  for (const element of elements) watch.unobserve(element);
  unseen = unseen.filter((element) => !elements.includes(element));
  show();
}

function show() {
  unseen = unseen.filter((element) => element.isConnected);
  const [first] = unseen;
  pill.hidden = first === undefined;
  if (!first) return;
  const below = first.getBoundingClientRect().top > home.getBoundingClientRect().top;
  const words = unseen.length === 1 ? '1 new message' : `${unseen.length} new messages`;
  pill.replaceChildren(words, icon(below ? icons.down : icons.up));
}

pill.addEventListener('click', () => {
  const [first] = unseen;
  first?.scrollIntoView({ block: 'start' });
  first?.focus({ preventScroll: true });
});

/** Said once, when nothing else is being said. */
export function say(words) {
  aloud.append(h('p', {}, words.replace(/<\/?at>/g, '')));
  while (aloud.childElementCount > 5) aloud.firstElementChild.remove();
}
