import { avatar, h } from './dom.js';
import { draftIn, mine, store, unread } from './store.js';

/** Chats and channels, as in the left pane of Teams. */
export function showList(open) {
  const channels = mine().filter((c) => c.kind === 'channel');
  const teams = [...new Set(channels.map((c) => c.team))];
  const chat = mine().find((c) => c.kind === 'personal');
  document.querySelector('.list').replaceChildren(
    h('h1', { class: 'list-title' }, 'Conversations'),
    h('h2', {}, 'Chats'),
    chat ? entry(chat, 'goldbot', avatar(store.bot, 24), open) : '',
    ...mine()
      .filter((c) => c.kind === 'groupChat')
      .map((c) => entry(c, c.name, avatar({ name: c.name, number: 0 }, 24), open)),
    h('h2', {}, 'Teams and channels'),
    ...teams.flatMap((team) => [
      h('h3', {}, h('span', { class: 'team', 'aria-hidden': 'true' }, team[0].toUpperCase()), team),
      ...channels.filter((c) => c.team === team).map((c) => entry(c, c.channel, undefined, open)),
    ]),
  );
  const waiting = mine().filter((c) => c !== store.here && unread(c)).length;
  document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${store.here.name} · goldbot sandbox`;
}

function entry(conversation, name, picture, open) {
  const current = conversation.id === store.here.id;
  const news = !current && unread(conversation);
  const props = {
    type: 'button',
    class: `entry${picture ? '' : ' channel'}${news ? ' news' : ''}`,
    'aria-current': current ? 'page' : undefined,
    onclick: () => open(conversation),
  };
  const draft = !current && draftIn(conversation.id) !== '' && h('span', { class: 'draft' }, 'Draft');
  const dot = news && h('span', { class: 'dot', role: 'img', 'aria-label': 'unread' });
  return h('button', props, picture ?? '', h('span', { class: 'name' }, name), draft, dot);
}
