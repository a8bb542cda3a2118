import {
  type CommandCall,
  call,
  exampleCall,
  isBlank,
  optionName,
  sayable,
  type Token,
  tokenise,
  type Values,
} from '../../core/command-call';
import { isUserError, UserError } from '../../core/errors';
import { type ArgInfo, type Command, inSentence, nothingOf, positionalArgs, timeInput } from './command';

/** The most that is read of a message; nobody types more. */
const maxLength = 4_000;

const tags =
  /<\/?(?:p|div|span|br|a|b|i|u|s|em|strong|code|pre|ul|ol|li|blockquote|img|font|h[1-6]|table|tbody|tr|td)(?:\s[^<>]*)?\/?>/gi;
/**
 * What Teams puts into a text whatever it calls it: `<quoted messageId="1"/>` stands for a quoted message,
 * `<attachment id="2"></attachment>` for a file. A bare `<image>` is what somebody typed after a line of help, since
 * Teams does not escape brackets.
 */
const placeholders = /<(?:\/[a-z][\w:-]*\s*|[a-z][\w:-]*(?:\s[^<>]*)?\/|[a-z][\w:-]*\s[^<>]*=\s*["'][^<>]*)>/gi;
const entities: Readonly<Record<string, string>> = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** What a person typed, taken from what Teams sends: without mentions, placeholders, HTML and invisible characters. */
export function cleanText(raw: string): string {
  const text = raw
    .slice(0, maxLength)
    .replace(/<at\b[^<>]*>[^<]*<\/at>/gi, ' ')
    .replace(tags, ' ')
    .replace(placeholders, ' ')
    .replace(/&(?:#(\d{1,6})|([a-z]{2,6}));/gi, (whole, code: string | undefined, name: string | undefined) =>
      code === undefined ? (entities[(name ?? '').toLowerCase()] ?? whole) : character(Number(code)),
    );
  return sayable(text);
}

function character(code: number): string {
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '' : String.fromCodePoint(code);
}

/** What a message amounts to. Only a `command` is ever executed. */
export type Parsed =
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly values: Values;
      /** Named and left blank: `--reason "…"`. */
      readonly blanks: readonly string[];
    };

/**
 * Reads a message by the grammar in `docs/reference/commands.md`.
 *
 * @throws UserError `UNKNOWN_COMMAND` (with the nearest one), `NOT_IN_THIS_VERSION`, `BAD_COMMAND`.
 */
export function parse(raw: string, commands: readonly Command[]): Parsed {
  const text = cleanText(raw);
  const tokens = tokenise(text);
  if (!tokens) throw quoteLeftOpen(spokenCommand(text.split(' '), commands)?.command);
  const [first] = tokens;
  if (!first) return { kind: 'empty' };
  const verb = first.text.toLowerCase().replace(/^\/|[?!.,:;]+$/g, '');
  const found = spokenCommand(
    tokens.map((token, n) => (n === 0 ? verb : token.text)),
    commands,
  );
  if (found) return { kind: 'command', command: found.command, ...bind(found.command, tokens.slice(found.words)) };
  throw unknown(verb, tokens, commands);
}

function quoteLeftOpen(command: Command | undefined): UserError {
  return new UserError('BAD_COMMAND', 'A quotation mark is opened but never closed.', {
    hint: 'Put the text between two quotation marks: --reason "the base is wrong".',
    next: [command ? call('help', { verb: command.verb }) : call('help')],
  });
}

/** A sentence as its call. @throws UserError as `parse` does, and Error when there is nothing in it. */
export function callOf(text: string, commands: readonly Command[]): CommandCall {
  const parsed = parse(text, commands);
  if (parsed.kind === 'empty') throw new Error('nothing is no call');
  return call(parsed.command.verb, parsed.values, ...parsed.blanks);
}

/** The command that these words begin with, and how many of them are its verb: `who uses` has two. */
export function spokenCommand(
  words: readonly string[],
  commands: readonly Command[],
): { readonly command: Command; readonly words: number } | undefined {
  for (const count of [2, 1]) {
    const command = words.length >= count && findCommand(commands, words.slice(0, count).join(' '));
    if (command) return { command, words: count };
  }
  return undefined;
}

export function findCommand(commands: readonly Command[], verb: string): Command | undefined {
  const wanted = verb.toLowerCase();
  return commands.find((c) => c.verb === wanted || c.aliases?.includes(wanted));
}

/** The planned command that these words begin with. */
export function laterVerb(words: readonly string[]): string | undefined {
  const spoken = words.join(' ').toLowerCase();
  return Object.keys(later).find((verb) => spoken === verb || spoken.startsWith(`${verb} `));
}

export function notInThisVersion(verb: string): UserError {
  return new UserError('NOT_IN_THIS_VERSION', `“${verb}” (${later[verb] ?? 'planned'}) is not in this version.`, {
    hint: 'See what there is.',
    next: [call('help')],
  });
}

function unknown(verb: string, tokens: readonly Token[], commands: readonly Command[]): UserError {
  const planned = laterVerb([verb, ...tokens.slice(1).map((t) => t.text)]);
  if (planned) return notInThisVersion(planned);
  const spoken = verb || (tokens[0]?.text ?? '');
  const pair = `${spoken} ${tokens[1]?.text ?? ''}`;
  const two = nearest(
    pair,
    commands.filter((c) => c.verb.includes(' ')).map((c) => c.verb),
  );
  const rest = tokens.slice(two ? 2 : 1);
  return unknownVerb(two ? pair : spoken, commands, (command) => tryToBind(command, rest));
}

/**
 * A first word that is not a command: names the nearest one in this version, and never does anything. `valuesFor`: what
 * followed the word, as values of that command; undefined when the command could not take it.
 */
export function unknownVerb(
  verb: string,
  commands: readonly Command[],
  valuesFor: (command: Command) => Values | undefined,
): UserError {
  const near = nearest(
    verb,
    commands.flatMap((c) => [c.verb, ...(c.aliases ?? [])]),
  );
  const command = commands.find((c) => c.verb === near || (near !== undefined && c.aliases?.includes(near)));
  const values = command && valuesFor(command);
  const meant = command && (values ? call(command.verb, values) : call('help', { verb: command.verb }));
  return new UserError('UNKNOWN_COMMAND', `goldbot has no command "${verb.slice(0, 40)}".`, {
    hint: command ? `Did you mean “${command.verb}”? Nothing was done.` : 'See what you can ask.',
    next: [meant ?? call('help')],
  });
}

function tryToBind(command: Command, tokens: readonly Token[]): Values | undefined {
  try {
    return bind(command, tokens).values;
  } catch (error) {
    if (isUserError(error)) return undefined;
    throw error;
  }
}

/** The arguments of a command while its words are read. */
interface Filling {
  readonly command: Command;
  readonly values: Record<string, string | boolean>;
  readonly blanks: string[];
}

/** Gives words to arguments. The kind decides: text and lists take the words that follow, a flag takes none. */
function bind(command: Command, tokens: readonly Token[]): Omit<Filling, 'command'> {
  const filling: Filling = { command, values: {}, blanks: [] };
  const loose: Token[] = [];
  let open: ArgInfo | undefined;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.option !== undefined) {
      const info = findOption(command, token.option);
      const takesNext = info.kind !== 'flag' && token.value === undefined;
      const next = takesNext ? nextValue(command, info, tokens[at + 1]) : undefined;
      put(filling, info, next ?? token.value ?? true);
      if (takesNext) at++;
      open = absorbs(info) && !(next ? next.quoted : token.value !== undefined) ? info : undefined;
    } else if (open && loose.length >= positionalArgs(command).length) {
      filling.values[open.name] = `${filling.values[open.name]} ${token.text}`;
    } else loose.push(token);
  }
  bindLoose(filling, loose);
  return filling;
}

function absorbs(info: ArgInfo): boolean {
  return info.kind === 'text' || info.kind === 'list';
}

function findOption(command: Command, option: string): ArgInfo {
  const wanted = option.replaceAll('-', '');
  const found = command.args.find((a) => a.name.toLowerCase() === wanted);
  if (found) return found;
  const names = command.args.filter((a) => !a.hidden).map((a) => optionName(a.name));
  const near = nearest(`--${option}`, names);
  const shown = `--${option.slice(0, 40)}`;
  throw bad(command, `${command.verb} has no option ${shown}.`, { hint: near && `Did you mean ${near}?` });
}

function nextValue(command: Command, info: ArgInfo, next: Token | undefined): Token {
  if (next && next.option === undefined) return next;
  throw bad(command, `${optionName(info.name)} needs a value: ${info.takes}.`);
}

function put({ command, values, blanks }: Filling, info: ArgInfo, value: Token | string | true) {
  const given = typeof value === 'object' ? value.text : value;
  if (values[info.name] !== undefined || blanks.includes(info.name))
    throw bad(command, `${optionName(info.name)} is given twice.`);
  if (typeof value === 'object' && isBlank(value)) blanks.push(info.name);
  else values[info.name] = info.kind === 'flag' ? truth(command, info, given) : given;
}

function truth(command: Command, info: ArgInfo, value: string | boolean): boolean {
  const word = String(value).toLowerCase();
  if (word === 'true' || word === 'yes') return true;
  if (word === 'false' || word === 'no') return false;
  throw bad(command, `${optionName(info.name)} takes no value.`);
}

/** Words without an option name take the next places in order; one that was left blank keeps its place. */
function bindLoose(filling: Filling, loose: readonly Token[]) {
  const { command, values, blanks } = filling;
  const slots = positionalArgs(command).filter(({ name }) => values[name] === undefined && !blanks.includes(name));
  const words = [...loose];
  for (const [n, slot] of slots.entries()) {
    const word = words.shift();
    if (!word) return;
    if (isBlank(word)) blanks.push(slot.name);
    else values[slot.name] = wordFor(filling, { slot, after: slots.length - n - 1 }, word.text, words);
  }
  const extra = words[0]?.text;
  if (extra === undefined) return;
  const textBelongsInQuotes = command.args.some(absorbs) && !slots.some((s) => s.kind === 'ref');
  const hint = textBelongsInQuotes ? 'Put text of several words in quotes.' : undefined;
  throw bad(command, `"${extra.slice(0, 60)}" is one word too many for ${command.verb}.`, { hint });
}

/**
 * A reference may be two words, a text takes them all, and a version after an image goes where one is wanted. `after`:
 * how many places come behind this one.
 */
function wordFor(
  filling: Filling,
  { slot, after }: { readonly slot: ArgInfo; readonly after: number },
  first: string,
  rest: Token[],
): string {
  if (slot.kind === 'ref' && !first.includes('@') && isItsVersion(rest, after))
    return [first, ...rest.splice(0, 1).map(textOf)].join(' ');
  if (slot.kind === 'list') return [first, ...rest.splice(0).map(textOf)].join(',');
  if (slot.kind === 'text') return [first, ...rest.splice(0).map(textOf)].join(' ');
  return slot.kind === 'image' && /.@./.test(first) ? splitVersion(filling, first, rest) : first;
}

/** Whether the next word belongs to the image before it, rather than to one of the places behind. */
function isItsVersion([next, ...others]: readonly Token[], after: number): boolean {
  if (!next || isBlank(next)) return false;
  return others.length >= after || /^(v?\d+\.\d+\.\d+|latest)$/i.test(next.text);
}

function textOf(token: Token): string {
  return token.text;
}

/** `ubuntu-22@1.6.0` where an image is expected. */
function splitVersion(filling: Filling, word: string, rest: Token[]): string {
  const [image = '', version = ''] = word.split('@', 2);
  const option = filling.command.args.find((a) => a.name === 'version' && !a.positional);
  if (option) put(filling, option, version);
  else rest.unshift({ text: version, quoted: false });
  return image;
}

/** A known command with something it does not take. Offers to show how it is written. */
export function bad(
  command: Command,
  message: string,
  { hint, next = [] }: { readonly hint?: string | undefined; readonly next?: readonly CommandCall[] } = {},
): UserError {
  return new UserError('BAD_COMMAND', message, {
    hint: hint ?? 'See how the command is written.',
    next: [...next, call('help', { verb: command.verb })],
  });
}

/** The arguments whose values the command does not take. */
export function wrongOf(command: Command, values: Values): readonly ArgInfo[] {
  const names = new Set(command.problems(values).map((problem) => String(problem.path[0])));
  return command.args.filter((a) => names.has(a.name));
}

/** What is wrong with the values, in words for people, with the same command put right; undefined if nothing is. */
export function badValues(command: Command, values: Values): UserError | undefined {
  const wrong = wrongOf(command, values);
  const [first] = wrong;
  if (!first) return undefined;
  const name = first.positional ? `${command.verb}: ${inSentence(first.label)}` : optionName(first.name);
  const said = String(values[first.name] ?? '').slice(0, 60);
  const message = `${name} takes ${first.takes}, not "${said}".`;
  if (wrong.some((a) => a.kind === 'request'))
    return bad(command, message, { hint: 'Find the id in the list of runs.', next: [call('runs')] });
  const right = exampleCall(command.verb, { ...values, ...Object.fromEntries(wrong.map((a) => [a.name, a.example])) });
  return bad(command, message, { hint: 'Write it with a value that it takes.', next: [right] });
}

/** What a click carries. */
export interface Clicked {
  readonly values: Values;
  readonly hash?: string;
  /** Names of the inputs that the card had, including those that were left empty. */
  readonly fields: readonly string[];
}

/**
 * What a button carries and what was filled in, as arguments; an empty input counts as none. A forged click can hold
 * anything, so a value that no goldbot card would send refuses the whole click.
 *
 * @throws UserError `BAD_COMMAND` on a name that the command does not have, or on anything but a plain value.
 */
export function readData(command: Command, data: unknown): Clicked {
  const given = entries(command, data);
  const values: Record<string, string | number | boolean> = {};
  const fields: string[] = [];
  for (const [name, value] of given) {
    if (name === 'hash' || value === undefined) continue;
    const info = command.args.find((a) => a.name === name);
    if (!info && isTimeOf(command, name)) continue;
    if (!info) throw forged(command, `"${name.slice(0, 40)}"`);
    fields.push(name);
    if (value === null || value === '') continue;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      throw forged(command, name);
    const text = String(value).slice(0, 2_000);
    values[name] = info.kind === 'flag' ? text === 'true' : withTime(text, given.get(timeInput(name)));
  }
  const hash = given.get('hash');
  if (hash === undefined) return { values, fields };
  if (typeof hash !== 'string' || !/^[0-9a-f]{8,64}$/.test(hash)) throw forged(command, 'hash');
  return { values, fields, hash };
}

const isTimeOf = ({ args }: Command, input: string): boolean =>
  args.some(({ name, pick }) => pick === 'moment' && timeInput(name) === input);

/** A day and the time that was chosen beside it, as somebody types them. */
function withTime(text: string, time: unknown): string {
  return typeof time === 'string' && /^\d{2}:\d{2}$/.test(time) ? `${text} ${time}` : text;
}

function entries(command: Command, data: unknown): ReadonlyMap<string, unknown> {
  if (data === undefined || data === null) return new Map();
  if (typeof data !== 'object' || Array.isArray(data)) throw forged(command, 'load');
  return new Map(Object.entries(data));
}

function forged(command: Command, name: string): UserError {
  return new UserError(
    'BAD_COMMAND',
    `The click on “${command.verb}” carries a ${name} that no card of goldbot has; ${nothingOf(command)}.`,
    { hint: 'Use the newest card, or type the command at the bottom of the card.' },
  );
}

/** The candidate that a typo most likely meant; undefined when nothing is close. Never executed, only suggested. */
export function nearest(typed: string, candidates: readonly string[]): string | undefined {
  return nearestFew(typed, candidates, 1)[0];
}

/**
 * The nearest candidates, best first: those that begin with it, then those within two letters (one in short words). Of
 * those that are as near, the first that was given.
 */
export function nearestFew(typed: string, candidates: readonly string[], max = 3): readonly string[] {
  const wanted = typed.toLowerCase().slice(0, 64);
  if (wanted === '') return [];
  const allowed = wanted.length <= 4 ? 1 : 2;
  return candidates
    .map((candidate) => ({ candidate, score: score(wanted, candidate.toLowerCase()) }))
    .filter(({ score: s }) => s <= allowed)
    .sort((a, b) => a.score - b.score)
    .slice(0, max)
    .map(({ candidate }) => candidate);
}

function score(wanted: string, candidate: string): number {
  const begins = wanted.length >= 3 && (candidate.startsWith(wanted) || wanted.startsWith(candidate));
  return begins ? 0.5 : distance(wanted, candidate);
}

/** Words that differ in length by more than this are no typos of each other; nobody compares them letter by letter. */
const farthest = 8;

/** How many letters to insert, delete, replace or swap with their neighbour; of words of very different length, at least so many. */
export function distance(a: string, b: string): number {
  const apart = Math.abs(a.length - b.length);
  if (apart > farthest) return apart;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const at = (r: number, c: number) => rows[r]?.[c] ?? Number.POSITIVE_INFINITY;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(i - 1, j) + 1,
        (row[j - 1] ?? 0) + 1,
        at(i - 1, j - 1) + same,
        swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** Commands that are planned but not in this version: absent from help, answered with "not in this version". */
export const later: Readonly<Record<string, string>> = {
  freeze: 'stops publishing for a while',
  unfreeze: 'lets publishing go on',
};
