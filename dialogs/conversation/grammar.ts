import { UserError } from '../../core/errors';
import type { ArgInfo } from './arguments';
import { bad } from './bad-command';
import { cleanText } from './clean';
import type { Command, Values } from './define';
import { later } from './later';
import { nearest } from './nearest';
import { type Token, tokenise } from './tokens';
import { unknownVerb } from './unknown-verb';
import { optionName, positionalArgs } from './usage';

/** What a message comes to. Only a `command` is ever executed. */
export type Parsed =
  | { readonly kind: 'empty' }
  | { readonly kind: 'command'; readonly command: Command; readonly values: Values };

/**
 * Reads a message by the grammar of `docs/reference/commands.md`.
 *
 * @throws UserError `UNKNOWN_COMMAND` (with the nearest one), `NOT_IN_THIS_VERSION`, `BAD_COMMAND`.
 */
export function parse(raw: string, commands: readonly Command[]): Parsed {
  const text = cleanText(raw);
  const tokens = tokenise(text);
  const [first] = tokens;
  if (!first) return { kind: 'empty' };
  const verb = first.text.toLowerCase().replace(/^\/|[?!.,:;]+$/g, '');
  const found = spokenCommand(
    tokens.map((token, n) => (n === 0 ? verb : token.text)),
    commands,
  );
  if (found) return { kind: 'command', command: found.command, values: bind(found.command, tokens.slice(found.words)) };
  throw unknown(verb, tokens, commands);
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
  return new UserError('NOT_IN_THIS_VERSION', `\`${verb}\` (${later[verb] ?? 'planned'}) is not in this version.`, {
    hint: 'See what there is with `help`.',
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
  const takes = (command: Command) => reads(command, rest);
  const words = rest.map((t) => (t.quoted ? `"${t.text.replaceAll('"', "'")}"` : t.text));
  return unknownVerb(two ? pair : spoken, commands, { words, takes });
}

function reads(command: Command, tokens: readonly Token[]): boolean {
  try {
    bind(command, tokens);
    return true;
  } catch {
    return false;
  }
}

/** Gives words to arguments. Kinds decide: text and lists take the words that follow, a flag takes none. */
export function bind(command: Command, tokens: readonly Token[]): Values {
  const values: Record<string, string | boolean> = {};
  const loose: Token[] = [];
  let open: ArgInfo | undefined;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.option !== undefined) {
      const info = findOption(command, token.option);
      const next = tokens[at + 1];
      const takesNext = info.kind !== 'flag' && token.value === undefined;
      put(command, values, info, takesNext ? nextValue(command, info, next) : (token.value ?? true));
      if (takesNext) at++;
      open = absorbs(info) && !(takesNext ? next?.quoted : token.value !== undefined) ? info : undefined;
    } else if (open && loose.length >= positionalArgs(command).length) {
      values[open.name] = `${values[open.name]} ${token.text}`;
    } else loose.push(token);
  }
  bindLoose(command, values, loose);
  return values;
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
  throw bad(command, `${command.verb} has no option ${shown}.`, near && `Did you mean ${near}?`);
}

function nextValue(command: Command, info: ArgInfo, next: Token | undefined): string {
  if (next && next.option === undefined) return next.text;
  throw bad(command, `${optionName(info.name)} needs a value: ${info.takes}.`);
}

function put(command: Command, values: Record<string, string | boolean>, info: ArgInfo, value: string | boolean) {
  if (values[info.name] !== undefined) throw bad(command, `${optionName(info.name)} is given twice.`);
  values[info.name] = info.kind === 'flag' ? truth(command, info, value) : value;
}

function truth(command: Command, info: ArgInfo, value: string | boolean): boolean {
  const word = String(value).toLowerCase();
  if (word === 'true' || word === 'yes') return true;
  if (word === 'false' || word === 'no') return false;
  throw bad(command, `${optionName(info.name)} takes no value.`);
}

function bindLoose(command: Command, values: Record<string, string | boolean>, loose: readonly Token[]) {
  const slots = positionalArgs(command).filter((slot) => values[slot.name] === undefined);
  const words = loose.map((token) => token.text);
  for (const slot of slots) {
    const first = words.shift();
    if (first === undefined) return;
    if (slot.kind === 'ref')
      values[slot.name] = first.includes('@') || words.length === 0 ? first : `${first} ${words.shift()}`;
    else if (slot.kind === 'text') values[slot.name] = [first, ...words.splice(0)].join(' ');
    else if (slot.kind === 'image' && /.@./.test(first))
      values[slot.name] = splitVersion(command, values, first, words);
    else values[slot.name] = first;
  }
  const extra = words[0];
  if (extra === undefined) return;
  const hint =
    slots.some((s) => s.kind === 'ref') || !command.args.some(absorbs)
      ? undefined
      : 'Put text of several words in quotes.';
  throw bad(command, `"${extra.slice(0, 60)}" is one word too many for ${command.verb}.`, hint);
}

/** `ubuntu-22@1.6.0` where an image is expected: the version goes to where the command wants one. */
function splitVersion(
  command: Command,
  values: Record<string, string | boolean>,
  word: string,
  rest: string[],
): string {
  const [image = '', version = ''] = word.split('@', 2);
  const option = command.args.find((a) => a.name === 'version' && !a.positional);
  if (option) put(command, values, option, version);
  else rest.unshift(version);
  return image;
}
