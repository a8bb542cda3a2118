import { type Verb, verbs } from '../../core/command-call';
import { type ArgInfo, type Command, distance } from '../conversation';
import type { Intent } from './intent';
import type { Piece, SlotName, Slots } from './pieces';
import { intents, small, spellings } from './words';

/** How well a sentence fits what a command does. */
export interface Scored {
  readonly intent: Intent;
  readonly command: Command;
  readonly score: number;
}

interface Wording {
  readonly pattern: RegExp;
  readonly weight: number;
  /** Only what was found, and no word about what is wanted. */
  readonly isSlot?: boolean;
  /** Without it the list says nothing. */
  readonly isNeeded?: boolean;
}

/** A list of keys: the first has to be there, and those that are needed. */
type Keys = readonly Wording[];

interface Compiled {
  readonly intent: Intent;
  readonly wordings: readonly Wording[];
  readonly keys: readonly Keys[];
  /** How it begins as a request. */
  readonly first: RegExp;
}

const compiled: readonly Compiled[] = [...intents.looks, ...intents.acts].map((intent) => ({
  intent,
  wordings: [
    ...intent.says.flatMap((said) => wording(said, 2)),
    ...(intent.hints ?? []).flatMap((said) => wording(said, 1)),
  ],
  keys: (intent.keys ?? []).map((list) => list.split(', ').map(keyOf)),
  first: firstOf(intent),
}));

/** `revoke the latest ubuntu` begins with what is wanted: any first key that is a strong word. */
function firstOf({ keys = [] }: Intent): RegExp {
  const heads = keys.map((list) => (list.split(', ')[0] ?? '').split(' '));
  const ways = heads.flatMap(([weight, head = '']) => (Number(weight) > 2 ? head.split('|') : []));
  const words = ways.filter((way) => !way.startsWith('<')).map((way) => way.split('+').map(keyWord).join(' '));
  return new RegExp(`^(?:i |we )?(?:${['$.', ...words].join('|')}) `);
}

/** `2 overdue|too+late|approv*`. */
function keyOf(key: string): Wording {
  const [weight = '', ways = ''] = key.split(' ');
  const any = ways.split('|').map((way) => way.split('+').map(keyWord).join(' '));
  const isSlot = ways.split('|').every((way) => way.startsWith('<'));
  const isNeeded = weight.startsWith('!');
  return {
    pattern: new RegExp(`(?:^| )(?:${any.join('|')}) `),
    weight: Number(weight.replace('!', '')),
    isSlot,
    isNeeded,
  };
}

function keyWord(word: string): string {
  return shapeOf(word.replace(/\*$/, '')) + (word.endsWith('*') ? '\\S*' : '');
}

/** Words that some wording holds. */
export const vocabulary: ReadonlySet<string> = new Set([
  ...[...intents.looks, ...intents.acts]
    .flatMap(({ says, keys = [], hints = [] }) => [...says, ...keys, ...hints])
    .flatMap((said) => said.split(/[\s|+,]+/))
    .filter((word) => /^[a-z][a-z0-9-]*$/.test(word)),
  ...small,
  ...'who what which when where why how not no never my our me us we now all everything'.split(' '),
  ...'version image team machine request approval run again today yesterday week month day'.split(' '),
  ...'explain mean means help with safe happens about last next soon together'.split(' '),
  ...'guest agent configuration policy gallery region monitor monitoring baseline gone missing'.split(' '),
  ...'gets plan better worse object objection objections january february march april june july august september october november december'.split(
    ' ',
  ),
  ...'have has had get got give make take put set show list see tell'.split(' '),
]);

/** `approv*` and the like, of the keys: whatever begins so is no unknown word. Of short ones, what is bent alone: `used`. */
const begun = [...intents.looks, ...intents.acts].flatMap(({ keys = [] }) =>
  keys.flatMap((list) => list.match(/[a-z]+(?=[*])/g) ?? []),
);
const beginnings = new RegExp(
  `^(?:${[...new Set(begun)].map((stem) => (stem.length < 4 ? `${stem}(?:e?[srdn]?|ing|able|ions?|ive|ivity)$` : stem)).join('|')})`,
);

/** Whether some wording or key holds a word. */
export function isKnown(word: string): boolean {
  return vocabulary.has(word) || beginnings.test(word);
}

function wording(said: string, perWord: number): readonly Wording[] {
  let weight = 0;
  const parts: string[] = [];
  for (const element of said.split(' ')) {
    if (element === '…') {
      parts.push('(?:\\S+ )*?');
      weight -= 0.25;
      continue;
    }
    const ways = element.split('|').map((way) =>
      way
        .split('+')
        .filter((word) => !small.has(word))
        .map((word) => (/^(my|mine)$/.test(word) ? '<me>' : shapeOf(word))),
    );
    const real = ways.filter((way) => way.length > 0);
    if (real.length === 0) continue;
    const slotsOnly = real.every((way) => way.every((word) => word.includes('<')));
    weight += slotsOnly ? perWord / 2 : perWord;
    parts.push(`(?:${real.map((way) => way.map((word) => `${word} `).join('')).join('|')})`);
  }
  return weight <= 0 ? [] : [{ pattern: new RegExp(`(?:^| )${parts.join('')}`), weight }];
}

function shapeOf(word: string): string {
  if (word === '<package>') return '<word>';
  if (word === '<who>') return '(?:<person>|<word>)';
  return word.replace(/[.*+?^${}()\\]/g, '\\$&');
}

/** Whether a word asks for something to be done with an image, which is named behind it. */
export function wantsImage(word: string): boolean {
  return compiled.some(
    ({ intent, first }) => imageFirst.has(intent.verb) && isAct.has(intent) && first.test(`${word} `),
  );
}

const imageFirst: ReadonlySet<string> = new Set(
  Object.entries(verbs).flatMap(([verb, [name]]) => (name === 'image' || name === 'ref' ? verb : [])),
);

const isAct: ReadonlySet<Intent> = new Set(intents.acts);

/** Every meaning with something to say for it, best first. */
export function scored(pieces: readonly Piece[], slots: Slots, commands: readonly Command[]): readonly Scored[] {
  const texts = textsOf(pieces);
  const whole = `${pieces.flatMap(({ shape }) => (shape === '' ? [] : shape)).join(' ')} `;
  return compiled
    .flatMap(({ intent, wordings, keys, first }): readonly Scored[] => {
      const command = commands.find(({ verb }) => verb === intent.verb);
      const weights = wordings
        .filter(({ pattern }) => texts.some((text) => pattern.test(text)))
        .map(({ weight }) => weight)
        .sort((a, b) => b - a);
      const [best] = weights;
      const told = Math.max(0, ...keys.map((list) => weightOf(list, whole)));
      if (!command || (best === undefined && told === 0)) return [];
      const begun = isAct.has(intent) && first.test(whole) ? 1 : 0;
      const more = Math.min(0.5, Math.max(0, weights.length - 1) * 0.2);
      return [{ intent, command, score: Math.max(told, (best ?? 0) + more) + begun + taken(command, intent, slots) }];
    })
    .sort((a, b) => b.score - a.score);
}

function weightOf(keys: Keys, whole: string): number {
  const there = keys.filter(({ pattern }) => pattern.test(whole));
  if (there[0] !== keys[0] || there.every(({ isSlot }) => isSlot)) return 0;
  if (keys.some((key) => key.isNeeded && !there.includes(key))) return 0;
  return there.reduce((sum, { weight }) => sum + weight, 0);
}

/** With and without what says whose; small words left out. */
function textsOf(pieces: readonly Piece[]): readonly string[] {
  const shapes = pieces.map(({ shape }) => shape).filter((shape) => shape !== '' && !small.has(shape));
  const own = shapes.map((shape) =>
    /^(my|mine|me|myself)$/.test(shape) ? '<me>' : /^(our|ours|us|we)$/.test(shape) ? '<us>' : shape,
  );
  const text = (all: readonly string[]) => ` ${all.join(' ')} `.replace(/^ (?=$)/, '');
  return [text(own), text(own.filter((shape) => shape !== '<me>' && shape !== '<us>'))];
}

/** Which arguments of a command take what a sentence names. */
export const takers: Readonly<Record<SlotName, (arg: ArgInfo, verb: Verb) => boolean>> = {
  image: (arg, verb) =>
    arg.kind === 'image' ||
    arg.name === 'request' ||
    isRef(arg) ||
    (verb === 'status' && arg.name === 'request') ||
    arg.name === 'row',
  noImage: (arg, verb) => takers.image(arg, verb),
  version: (arg) =>
    arg.kind === 'version' || isRef(arg) || arg.name === 'row' || (arg.name === 'version' && arg.kind === 'word'),
  run: (arg) => arg.name === 'request' || arg.name === 'requests',
  team: (arg) => arg.name === 'team' || arg.name === 'scope' || arg.name === 'with',
  machine: (arg) => arg.name === 'machine' || arg.name === 'why' || arg.name === 'what',
  person: (arg) => arg.name === 'person' || arg.name === 'who',
  group: (arg) => arg.name === 'group',
  channel: (arg) => arg.name === 'channel' && arg.kind === 'choice',
  until: (arg) => ['until', 'when', 'since', 'days', 'at'].includes(arg.name),
  days: (arg) => ['until', 'when', 'since', 'days', 'at'].includes(arg.name),
  weekday: (arg) => arg.name === 'day' || arg.name === 'at',
  clock: (arg) => arg.name === 'at',
  region: (arg) => ['region', 'regions', 'add', 'remove'].includes(arg.name),
  keep: (arg) => arg.name === 'keep',
  lines: (arg) => arg.name === 'tail',
  id: (arg) => arg.name === 'id',
  base: (arg) => arg.name === 'from' && arg.kind !== 'number',
};

export function isRef(arg: ArgInfo): boolean {
  return arg.name === 'ref' || arg.name === 'what';
}

/** Software that people ask about by name: never a slip of the thumb for another word, and preferred to a word that nobody knows. */
const software = new Set(
  `openssl libssl libssl3 openssh ssh sshd curl libcurl wget bash sudo xz xz-utils liblzma log4j log4shell glibc libc6
  kernel nginx apache apache2 httpd python python3 java openjdk jdk jre node nodejs dotnet php perl ruby git docker
  containerd runc kubelet systemd zlib libxml2 expat postgresql mysql redis tomcat iis powershell pwsh vim tar gzip
  bzip2 krb5 samba snapd polkit pkexec rsyslog auditd walinuxagent waagent defender`.split(/\s+/),
);

/** A package, an update (`KB5034441`) or a vulnerability by its number. */
export function isPackage(word: string): boolean {
  return software.has(word) || /^(kb\d{6,}|cve-\d{4}-\d+|lib[a-z]+\d*(-[\w-]+)?)$/.test(word);
}

/** Verbs that take a word which nothing explains: a package, somebody's name. */
export const takesUnknown: ReadonlySet<Verb> = new Set<Verb>(['who has', 'audit', 'delegate', 'webhooks']);

const slotNames = Object.keys(takers) as SlotName[];

/** What it costs to leave out what was said. A time is often said beside: `what failed last week`. */
const lost: Partial<Record<SlotName, number>> = { until: 0.5, days: 0, weekday: 0.5, clock: 0.5 };

/** `approve Ada's request`: whose it is says nothing that the command takes, and is no sign of another one. */
const aboutSomebodys: ReadonlySet<Verb> = new Set<Verb>(['approve', 'reject', 'cancel', 'rebuild']);

function taken(command: Command, { values = {} }: Intent, slots: Slots): number {
  let sum = 0;
  for (const name of Object.keys(takers) as SlotName[]) {
    if (slots[name].length === 0) continue;
    const takes = command.args.some(
      (arg) =>
        takers[name](arg, command.verb) &&
        !(arg.name === 'why' && values['list'] === true) &&
        (values[arg.name] ?? '<>').toString().startsWith('<'),
    );
    // Which is the latest is no question about a version that is named.
    const isOther = name === 'version' && command.verb === 'latest';
    sum += isOther
      ? -4
      : takes
        ? 0.75
        : -(name === 'person' && aboutSomebodys.has(command.verb) ? 0.5 : (lost[name] ?? 1.25));
  }
  const needs = command.args.filter(({ required, kind }) => required && kind !== 'text');
  const has = (arg: ArgInfo) => slotNames.some((n) => takers[n](arg, command.verb) && slots[n].length > 0);
  if (command.verb === 'who has' && slots.unknown.some(isPackage)) sum += 1;
  if (slots.unknown.length > 0) sum += takesUnknown.has(command.verb) ? 0.5 : -0.5;
  return sum - 0.4 * needs.filter((arg) => !has(arg) && values[arg.name] === undefined).length;
}

/** The word that was meant, for one that no wording holds: a letter or two wrong, never its first. */
export function respelt(word: string): string | undefined {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return undefined;
  const plain = unbent(word);
  if (plain) return plain;
  let best: { readonly word: string; readonly far: number } | undefined;
  for (const candidate of candidates) {
    const allowed = Math.max(candidate.length, word.length) < 7 ? 1 : 2;
    if (candidate.length < 4 || Math.abs(candidate.length - word.length) > allowed || !isAlike(candidate, word))
      continue;
    const far = isSwapped(word, candidate) ? 0.5 : distance(word, candidate);
    if (far <= allowed && (!best || far < best.far)) best = { word: candidate, far };
  }
  return best?.word;
}

/** What a slip of the thumb may have meant: words of the table, of times and of thanks, and software with a name long enough. */
const candidates: ReadonlySet<string> = new Set([
  ...vocabulary,
  ...[...spellings.keys()].filter((word) => /^[a-z]{5,}$/.test(word)),
  ...'hours days weeks months years hour year sunday monday tuesday wednesday thursday friday saturday'.split(' '),
  ...'stable canary lines thanks thank hello goldbot cached moment morning evening danke syntax conformity unknown window under three seven eight'.split(
    ' ',
  ),
  ...[...software].filter((word) => /^[a-z]{6,}$/.test(word)),
]);

/** `stbale`: two letters that changed places. */
function isSwapped(typed: string, meant: string): boolean {
  if (typed.length !== meant.length) return false;
  const at = [...typed].findIndex((letter, n) => letter !== meant[n]);
  const swapped = typed.slice(0, at) + (typed[at + 1] ?? '') + (typed[at] ?? '') + typed.slice(at + 2);
  return at >= 0 && swapped === meant;
}

/** `approvals` of `approval`, `publishing` of `publish`, `revoked` of `revoke`. */
function unbent(word: string): string | undefined {
  const stem = word.replace(/(ing|ed|es|s|d|ment|ions?)$/, '');
  if (stem === word || stem.length < 4) return undefined;
  return [stem, `${stem}e`, stem.replace(/(.)\1$/, '$1')].find((one) => one.length > 3 && vocabulary.has(one));
}

function isAlike(a: string, b: string): boolean {
  return a[0] === b[0] || (a[0] === b[1] && a[1] === b[0]);
}
