import type { Mentioned, Mentions } from '../../core/mentions';
import type { AdaptiveCard, Reply } from '../reply';
import { bytes, maxCardBytes } from '../sheet';
import { count, list, moment } from './format';

/** The one place that writes `<at>`: everywhere else a card's text loses it (`plain` in render.ts). */

/** A name to be mentioned, and the text that stands for it: in one card each person has another one. */
interface Tag {
  readonly oid: string;
  readonly name: string;
}

/** Of names it keeps what cannot be read as anything else, and tells people of one name apart: Teams finds them by the text. */
function tagsOf(people: Mentioned['people']): readonly Tag[] {
  const used = new Map<string, number>();
  return people.flatMap(({ oid, name }) => {
    const letters = lettersOf(name);
    if (letters === '') return [];
    const times = (used.get(letters) ?? 0) + 1;
    used.set(letters, times);
    return [{ oid, name: times === 1 ? letters : `${letters} (${times})` }];
  });
}

/** Letters, digits and what stands between them in names. */
export function lettersOf(name: string): string {
  const kept = name.replace(/[^\p{L}\p{M}\p{N} .,’'-]/gu, '').replace(/\s+/g, ' ');
  return [...kept].slice(0, 60).join('').trim();
}

/**
 * The message with a line under its headline that mentions people, or says why nobody is. Teams takes `<at>…</at>` for a
 * mention where an entity of the card has the same text. Of a card at
 * its limit, as many are mentioned as fit.
 */
export function mentioning(reply: Reply, asked: Mentions, made: Mentioned): Reply {
  for (let most = made.people.length; most >= 0; most -= 1) {
    const people = made.people.slice(0, most);
    const shown = { ...made, people, others: made.others + made.people.length - most };
    const mentioned = withLine(reply, asked, shown);
    if (most === 0 || !mentioned.card || bytes(mentioned.card) <= maxCardBytes) return mentioned;
  }
  return reply;
}

function withLine(reply: Reply, asked: Mentions, made: Mentioned): Reply {
  const tags = tagsOf(made.people);
  const rest = restOf(asked, made, tags.length);
  if (rest === '') return reply;
  const said = list(
    tags.map(({ name }) => `@${name}`),
    tags.length,
  );
  const [title = '', ...more] = reply.text.split('\n');
  const text = [title, `${said}${rest}`, ...more].join('\n');
  return { ...reply, text, ...(reply.card && { card: withEntities(reply.card, tags, rest) }) };
}

function withEntities(card: AdaptiveCard, tags: readonly Tag[], rest: string): AdaptiveCard {
  const at = ({ name }: Tag) => `<at>${name}</at>`;
  const line = { type: 'TextBlock', text: `${tags.map(at).join(', ')}${rest}`, wrap: true };
  const entities = tags.map((tag) => ({
    type: 'mention',
    text: at(tag),
    mentioned: { id: tag.oid, name: tag.name },
  }));
  const own = card['msteams'] as object | undefined;
  return {
    ...card,
    body: [...card.body.slice(0, 1), line, ...card.body.slice(1)],
    ...(tags.length > 0 && { msteams: { ...own, entities } }),
  };
}

/** What stands behind the names: what it is to them, and who was not notified. Empty: there is nobody to call. */
function restOf({ to, waits, copies }: Mentions, made: Mentioned, mentioned: number): string {
  const group = list(made.groups.map(lettersOf), 3);
  const copied = copiedWords(made);
  const rest = others(made, group) + (copies && made.others > 0 && made.why === 'elsewhere' ? reachedBy : '');
  if (mentioned > 0) return `: ${to}.${copied}${rest}`;
  if (!waits || (made.others === 0 && copied === '')) return '';
  const who = group === '' ? `${to[0]?.toUpperCase() ?? ''}${to.slice(1)}` : `${group}: ${to}`;
  if (copied !== '') return `${who}.${copied}${rest}`;
  return `${who}. Nobody was notified: ${whyWords(made)}.${copies && made.why === 'elsewhere' ? reachedBy : ''}`;
}

/** What those do about it whom goldbot cannot reach: it may begin no chat with somebody of whom it knows none. */
const reachedBy = ' Whoever writes to goldbot once is sent requests in their own chat.';

/** Who has the request elsewhere, and where nobody knows who is here, that this is why. */
function copiedWords({ copied = [], why }: Mentioned): string {
  const names = copied.map(({ name }) => lettersOf(name) || 'somebody');
  if (names.length === 0) return '';
  const where = names.length === 1 ? 'in their own chat' : 'in their own chats';
  if (why === 'silent') return ` Teams did not say who is here: ${list(names, 10)} got it ${where}.`;
  return ` ${list(names, 10)} got it ${where}.`;
}

function others({ others: many, why }: Mentioned, group: string): string {
  if (many === 0) return '';
  const where = why === 'elsewhere' ? (many === 1 ? ' is not here and' : ' are not here and') : '';
  const of = group === '' ? '' : ` of ${group}`;
  return ` ${count(many, 'more person', 'more people')}${of}${where} ${many === 1 ? 'was' : 'were'} not notified.`;
}

function whyWords({ why, others: many, until }: Mentioned): string {
  switch (why) {
    case 'quiet':
      return `quiet hours${until === undefined ? '' : ` until ${moment(until)}`}`;
    case 'many':
      return `${count(many, 'person', 'people')} are too many to be mentioned`;
    case 'elsewhere':
      return many === 1 ? 'that person is not a member here' : 'none of them is a member here';
    default:
      return 'who they are was not told in time';
  }
}
