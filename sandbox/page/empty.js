import { h } from './dom.js';
import { call, store } from './store.js';

const first = '@goldbot publish ubuntu-22';

/** What a newcomer sees before anything was said. */
export function emptyState(place, fill) {
  const { title, words, say } = content(place);
  return h(
    'div',
    { class: 'empty' },
    h('img', { src: '/page/icon.svg', alt: '', width: '56', height: '56' }),
    h('h2', {}, title),
    ...words.map((w) => h('p', {}, ...w)),
    h('button', { type: 'button', class: 'primary', onclick: () => fill(say) }, `Write “${say}”`),
    h('button', { type: 'button', class: 'link', onclick: () => install(place) }, 'See what it says when it is added'),
  );
}

/** As if somebody added goldbot here just now. */
function install({ id }) {
  return call('/_sandbox/install', { as: store.me.id, in: id });
}

function content({ kind, channel, team }) {
  const command = (text) => h('span', { class: 'command' }, text);
  if (kind === 'personal') {
    const words = [
      ['Here goldbot hears every message; no mention is needed.'],
      ['Try ', command('help'), ' or ', command('versions ubuntu-22'), '.'],
    ];
    return { title: `Hello ${store.me.name}`, words, say: 'help' };
  }
  if (kind === 'groupChat') {
    const words = [['In a chat of several people goldbot hears only what mentions it.']];
    return { title: 'Nothing has been said here yet', words, say: '@goldbot help' };
  }
  if (channel === 'approvals') {
    const words = [
      ['goldbot asks here before an image becomes the latest.'],
      ['Whoever asked cannot approve: be Grace, Heidi or Judy, with the picture at the top right.'],
    ];
    return { title: 'Nothing waits for an approval', words, say: '@goldbot approvals' };
  }
  if (team === 'Image Factory') {
    const words = [
      ['Write ', command(first), ', and watch one card tell the whole process: capture, customise, tattoo, test.'],
      ['Then be Grace, with the picture at the top right, and approve it in the channel approvals.'],
    ];
    return { title: 'Publish your first golden image', words, say: first };
  }
  const words = [[`goldbot tells team ${team} here about the images its machines run on.`]];
  return { title: `Nothing has been said in ${team} yet`, words, say: '@goldbot versions ubuntu-22' };
}
