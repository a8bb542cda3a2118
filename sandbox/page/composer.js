import { h, icon, icons } from './dom.js';
import { Extension } from './find.js';
import { Mentions } from './mentions.js';
import { call, draftIn, keepDraft, store } from './store.js';

/** Puts words into the composer at the foot of the conversation, ready to be sent. */
export function fill(text) {
  const field = document.querySelector('#composer textarea');
  field.value = text;
  field.dispatchEvent(new Event('input'));
  field.focus();
}

/** Where people write; `options.in` is where it goes, `done` is called once a reply was sent or abandoned. */
export function composer(options) {
  const personal = options.personal === true;
  const words = personal
    ? 'Type a message'
    : options.reply
      ? 'Reply, or mention @goldbot'
      : 'Mention @goldbot to ask it';
  const field = h('textarea', {
    rows: '1',
    placeholder: words,
    'aria-label': words,
    'aria-autocomplete': 'list',
    spellcheck: 'false',
  });
  const names = h('div', { class: 'names', role: 'listbox', 'aria-label': 'Mention', hidden: true });
  const send = h(
    'button',
    { type: 'button', class: 'icon-button send', 'aria-label': 'Send', title: 'Send (Enter)' },
    icon(icons.send),
  );
  const hint = h('p', { class: 'hint', hidden: true });
  const addMention = () => {
    field.value = `@goldbot ${field.value}`;
    field.dispatchEvent(new Event('input'));
    field.focus();
  };
  hint.append(
    'goldbot hears only what mentions it. ',
    h('button', { type: 'button', class: 'link', onclick: addMention }, 'Add @goldbot'),
  );
  const beside = new Extension(options.in, field, () => changed());
  const box = h('div', { class: 'composer' }, names, beside.panel, field, beside.button, send);
  const completion = new Mentions(field, names);
  const grow = () => {
    field.style.height = 'auto';
    field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
  };
  const changed = () => {
    grow();
    hint.hidden = personal || field.value.trim().length < 3 || /@|^\//.test(field.value.trim());
    send.disabled = field.value.trim() === '' && !beside.draft;
    beside.typed(field.value);
    if (!hint.hidden) hint.scrollIntoView({ block: 'nearest' });
    completion.look();
    keepDraft(options.in, field.value);
    options.typed?.();
  };
  const submit = () => post(options, { field, beside }, changed);
  field.addEventListener('input', changed);
  field.addEventListener('keydown', (event) => {
    if (completion.key(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void submit();
    } else if (event.key === 'Escape') options.done?.();
  });
  field.addEventListener('blur', () => completion.close());
  send.addEventListener('click', submit);
  field.value = draftIn(options.in);
  send.disabled = field.value.trim() === '';
  if (!send.disabled) requestAnimationFrame(grow);
  return h('div', { class: 'composer-column' }, beside.card, box, hint);
}

async function post({ in: where, done, personal }, { field, beside }, changed) {
  const text = field.value.trim();
  const draft = beside.taken();
  if (text === '' && !draft) return;
  field.value = '';
  changed();
  done?.();
  try {
    // After a slash it goes to goldbot alone, and so does the answer; one's own chat is private anyway.
    const targeted = text.startsWith('/') && !personal;
    await call('/api/say', {
      as: store.me.id,
      in: where,
      text: targeted ? text.slice(1) : text,
      ...(draft && { draft }),
      ...(targeted && { targeted }),
    });
  } catch (error) {
    // The message itself says when goldbot did not get it.
    if (/No bot answers|did not answer within|connection to the bot/.test(error.message)) return;
    // It was not even posted: nobody types it twice.
    if (field.value === '') field.value = text;
    changed();
    throw error;
  }
}
