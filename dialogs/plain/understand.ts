import { type Catalogue, findImage } from '../../core/catalogue';
import { call, type Values, type Verb, verbs } from '../../core/command-call';
import { isUserError, type UserError } from '../../core/errors';
import { parseRequestId } from '../../core/runs';
import {
  badValues,
  type Command,
  cleanText,
  findCommand,
  laterVerb,
  type Parsed,
  parse,
  splitRef,
} from '../conversation';
import { noSuchTeam, teamOfPlace } from '../inventory';
import { isLookOf, isUnderstood, meaningOf, type Plain, type Spoken } from './meaning';
import { isKnown, vocabulary } from './score';

/** What a message comes to: the grammar's own reading, plain words, or why neither understands it. */
export type Understood =
  | { readonly kind: 'grammar'; readonly parsed: Parsed }
  | Plain
  | { readonly kind: 'error'; readonly error: UserError };

export interface Said extends Omit<Spoken, 'place'> {
  readonly place: { readonly id: string; readonly name?: string };
}

/**
 * The grammar first: a message that is written in it means what it says. Plain words are tried for what the grammar does
 * not read, or reads as something that cannot be; never for a message with options, which somebody wrote for the grammar.
 */
export function understand(said: string, { place, ...world }: Said): Understood {
  const byGrammar = readBy(said, world);
  if (byGrammar.kind === 'grammar' && canBe(byGrammar.parsed, world)) return byGrammar;
  if (/(^|\s)(--|[–—]-?)[a-z]/i.test(cleanText(said))) return byGrammar;
  if (byGrammar.kind === 'error' && byGrammar.error.code === 'NOT_IN_THIS_VERSION') return byGrammar;
  const polite = isVerb(byGrammar, 'help') || byGrammar.kind === 'error' ? withoutCourtesy(said, world) : undefined;
  if (polite) return polite;
  const team = teamOfPlace(place, world.catalogue);
  const plain = meaningOf(said, { ...world, ...(team !== undefined && { place: team }) });
  if (!plain) return byGrammar;
  const written = byGrammar.kind === 'error' ? readBy(withoutThanks(said), world) : byGrammar;
  if (isMistake(written, plain, world)) return isLookUp(written) ? written : byGrammar;
  if (isLess(plain, byGrammar) || isTooMuch(said, plain, byGrammar, world)) return byGrammar;
  if (plain.kind !== 'offer') return plain;
  const corrects = wrongIn(byGrammar, plain.call.verb, world);
  return corrects === undefined ? plain : { ...plain, corrects };
}

function isVerb(read: Exclude<Understood, Plain>, verb: Verb): boolean {
  return read.kind === 'grammar' && read.parsed.kind === 'command' && read.parsed.command.verb === verb;
}

function isLookUp(read: Exclude<Understood, Plain>): boolean {
  return read.kind === 'grammar' && read.parsed.kind === 'command' && read.parsed.command.effect === 'read';
}

/** What people add to a command without meaning more by it. */
const courtesy = /(?:[\s,;.!]+(?:please|pls|plz|now|asap|thanks|thank you|thx))+[\s.!?]*$/i;

function withoutThanks(said: string): string {
  return cleanText(said).replace(courtesy, '');
}

/** `runs ubuntu-22 now` is the command that somebody wrote, and no other; what changes something is offered. */
function withoutCourtesy(said: string, world: Omit<Said, 'place'>): Plain | undefined {
  const bare = withoutThanks(said);
  const read = bare === cleanText(said) ? undefined : readBy(bare, world);
  if (read?.kind !== 'grammar' || read.parsed.kind === 'empty' || !canBe(read.parsed, world)) return undefined;
  const { command, values, blanks } = read.parsed;
  if (blanks.length > 0) return undefined;
  if (command.verb === 'help') {
    const of = findCommand(world.commands, String(values['verb'] ?? ''))?.verb;
    return { kind: 'help', ...(of !== undefined && { of }) };
  }
  return { kind: isLookOf(command, values) ? 'read' : 'offer', call: call(command.verb, values) };
}

/** What of the command that somebody wrote cannot be: an offer of the same command says what it leaves out or respells. */
function wrongIn(byGrammar: Understood, verb: Verb, { catalogue }: Pick<Said, 'catalogue'>): string | undefined {
  if (byGrammar.kind !== 'grammar' || byGrammar.parsed.kind === 'empty') return undefined;
  const { command, values } = byGrammar.parsed;
  if (command.verb !== verb) return undefined;
  const team = command.args.find(({ name }) => name === 'team');
  return team && values['team'] !== undefined && !isNamed(command, team, values, catalogue)
    ? noSuchTeam(String(values['team']))
    : badValues(command, values)?.message;
}

/** What a sentence begins with, whatever it is about: `show images` asks for no image called images. */
const talkative: ReadonlySet<Verb> = new Set<Verb>(['help', 'show', 'status', 'logs']);

/**
 * `compliance pay`: a whole command with a name that nobody has is that command with a mistake. Plain words mend it where
 * they know what was meant; they neither drop the name nor make another command of it.
 */
function isMistake(byGrammar: Understood, plain: Plain, world: Omit<Said, 'place'>): boolean {
  if (byGrammar.kind !== 'grammar' || byGrammar.parsed.kind === 'empty') return false;
  const { command, values } = byGrammar.parsed;
  const verbs = verbsOf(plain);
  if (talkative.has(command.verb) || verbs.length === 0) return false;
  // `approve everything` is no request of that name.
  if (!verbs.some((verb) => verb === command.verb || verb.startsWith(`${command.verb}-`)))
    return !(plain.kind === 'read' && isSpeech(wrongArgs(command, values, world), values, world));
  return wrongArgs(command, values, world).some(({ name, kind }) => {
    const value = String(values[name]);
    return (kind === 'version' && otherVersion.test(value)) || !isUnderstood(value.replace(/,/g, ' '), world);
  });
}

/** `eol machines in legacy`, `eol ubuntu 1.5.0?`: several words, all of them known, or a question that begins like a command. */
function isSpeech(wrong: Command['args'], values: Values, world: Omit<Said, 'place'>): boolean {
  const given = wrong.map(({ name }) => String(values[name]));
  const isLong = given.some((value) => value.includes(' '));
  return (isLong || given.some((value) => value.endsWith('?'))) && given.every((value) => isUnderstood(value, world));
}

/** Words that say which version is meant, and mean none that plain words know. */
const otherVersion = /^(oldest|earliest|first|second|third|original|lowest)$/i;

function verbsOf(plain: Plain): readonly Verb[] {
  if (plain.kind === 'ask') return plain.among.map(({ verb }) => verb);
  if (plain.kind === 'which') return [plain.verb];
  return plain.kind === 'read' || plain.kind === 'offer' ? [plain.call.verb] : [];
}

/** Whether plain words understand less than the grammar, which then says what is wrong. */
function isLess(plain: Plain, byGrammar: Understood): boolean {
  if (byGrammar.kind !== 'grammar' || byGrammar.parsed.kind === 'empty' || plain.kind !== 'read') return false;
  const { command, values } = byGrammar.parsed;
  // A template that is in no catalogue may be called by any word.
  const isFree = (name: string) => name === 'template' && values[name] !== undefined;
  const lacks = command.args.some(
    ({ required, name }) => (required || isFree(name)) && plain.call.values[name] === undefined,
  );
  return plain.call.verb === command.verb && lacks;
}

/** `runs ubuntu-22 zork`: a command with a word behind it that nobody knows; the grammar says which one. */
function isTooMuch(said: string, plain: Plain, byGrammar: Understood, { catalogue }: Pick<Said, 'catalogue'>): boolean {
  if (byGrammar.kind !== 'error' || byGrammar.error.code !== 'BAD_COMMAND' || plain.kind !== 'read') return false;
  const words = cleanText(said).toLowerCase().split(' ');
  const last = words.at(-1) ?? '';
  if (Object.values(plain.call.values).some((value) => String(value).toLowerCase() === last)) return false;
  const isName = catalogue.teams.has(last) || findImage(catalogue, last) !== undefined;
  return words.length < 4 && words[0] === plain.call.verb && /^[a-z]+$/.test(last) && !isName && !isKnown(last);
}

function readBy(said: string, { commands }: Pick<Said, 'commands'>): Exclude<Understood, Plain> {
  try {
    return { kind: 'grammar', parsed: parse(said, commands) };
  } catch (error) {
    if (isUserError(error)) return { kind: 'error', error };
    throw error;
  }
}

/** Whether what the grammar read can be meant: `show images` is no image called images. */
function canBe(parsed: Parsed, { catalogue, commands }: Pick<Said, 'catalogue' | 'commands'>): boolean {
  if (parsed.kind === 'empty') return true;
  const { command, values, blanks } = parsed;
  if (blanks.length > 0) return true;
  if (command.verb === 'help') return isHelp(values['verb'], commands);
  if (command.verb === 'approve' && values['request'] === undefined) return false;
  return wrongArgs(command, values, { catalogue }).length === 0;
}

/** What was given to a command, and is nothing that it takes. */
function wrongArgs(command: Command, values: Values, { catalogue }: Pick<Said, 'catalogue'>): Command['args'] {
  const wrong = new Set(command.problems(values).map(({ path }) => String(path[0])));
  const given = command.args.filter(({ name }) => values[name] !== undefined);
  return given.filter((arg) => wrong.has(arg.name) || !isNamed(command, arg, values, catalogue));
}

function isHelp(verb: Values[string] | undefined, commands: readonly Command[]): boolean {
  const asked = String(verb ?? '');
  return asked === '' || findCommand(commands, asked) !== undefined || laterVerb([asked]) !== undefined;
}

/** Whether a value is what its argument wants, as far as the catalogue and the words of the table tell. */
function isNamed(
  command: Command,
  { kind, name }: Command['args'][number],
  values: Values,
  catalogue: Catalogue,
): boolean {
  const value = String(values[name]);
  const isImage = (text: string) => findImage(catalogue, splitRef(text).image) !== undefined;
  if (kind === 'image' || kind === 'ref') return isImage(value);
  if (kind === 'request') return !vocabulary.has(value.toLowerCase());
  if (kind !== 'word') return true;
  if (name === 'when' || name === 'until') return !/^v?\d+\.\d+\.\d+\W*$/.test(value);
  if (name === 'ref') return isImage(value) || /:|^marketplace$/i.test(value);
  if (name === 'team') return catalogue.teams.has(value.toLowerCase()) || isTeamWord(command, value.toLowerCase());
  if (command.verb === 'status') return parseRequestId(value) !== undefined || isImage(value);
  const isPlace = (verbs[command.verb] as readonly string[]).includes(name);
  return !isPlace || !vocabulary.has(value.toLowerCase()) || isImage(value) || catalogue.teams.has(value.toLowerCase());
}

/** Those that stand for teams; and in `digest now` the word is one of another argument, for which the team was left out. */
function isTeamWord({ args }: Command, value: string): boolean {
  return ['me', 'all', 'orphans'].includes(value) || args.some(({ choices }) => choices.includes(value));
}
