import type { Dialect } from './state';
import {
  type AndOr,
  type Command,
  NotModelled,
  type Pipeline,
  type Redirect,
  type Script,
  ShellSyntaxError,
  type Word,
} from './syntax';
import { WordReader } from './words';

const closing = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}']);
/** Words of bash that begin something which is not modelled; to dash they are the names of commands. */
const unmodelled = new Set(['function', 'select', '[[', 'coproc']);

/** @throws ShellSyntaxError what no shell would read; NotModelled what only this one does not. */
export function parse(text: string, dialect: Dialect): Script {
  const reader = new WordReader(text, dialect, script);
  const found = script(reader, '');
  if (!reader.done)
    throw new ShellSyntaxError(
      `"${reader.text.slice(reader.at, reader.at + 10).split('\n')[0]}" unexpected`,
      reader.line,
    );
  return found;
}

/** Commands up to the end, to `end`, or to a word that closes the construct around them. */
function script(reader: WordReader, end: string): Script {
  const found: AndOr[] = [];
  for (;;) {
    skipSeparators(reader);
    if (reader.done || (end && reader.peek(end)) || reader.peek(')') || reader.peek(';;')) return found;
    if (closing.has(nextWord(reader))) return found;
    const item = andOr(reader);
    reader.skipBlanks();
    if (reader.take('&')) {
      found.push({ ...item, background: true });
      continue;
    }
    found.push(item);
    if (!reader.peek(';') && !reader.peek('\n') && !reader.done && !reader.peek(')')) {
      throw new ShellSyntaxError(`"${reader.text[reader.at]}" unexpected`, reader.line);
    }
  }
}

function skipSeparators(reader: WordReader): void {
  do reader.skipBlanks();
  while (reader.takeNewline() || (reader.peek(';') && !reader.peek(';;') && reader.take(';')));
}

function skipNewlines(reader: WordReader): void {
  do reader.skipBlanks();
  while (reader.takeNewline());
}

/** The literal word that comes next, without taking it; empty when it is quoted or an operator. */
function nextWord(reader: WordReader): string {
  return /^[^\s;&|<>()'"$`\\]+/.exec(reader.text.slice(reader.at, reader.at + 80))?.[0] ?? '';
}

function andOr(reader: WordReader): AndOr {
  const first = pipeline(reader);
  const rest: { operator: '&&' | '||'; pipeline: Pipeline }[] = [];
  for (;;) {
    reader.skipBlanks();
    const operator = reader.take('&&') ? '&&' : reader.take('||') ? '||' : undefined;
    if (!operator) return { first, rest };
    skipNewlines(reader);
    rest.push({ operator, pipeline: pipeline(reader) });
  }
}

function pipeline(reader: WordReader): Pipeline {
  const negated = nextWord(reader) === '!' && reader.take('!');
  const commands: Command[] = [];
  do {
    skipNewlines(reader);
    commands.push(command(reader));
    reader.skipBlanks();
  } while (reader.peek('|') && !reader.peek('||') && reader.take('|'));
  return { negated, commands };
}

function command(reader: WordReader): Command {
  const word = nextWord(reader);
  if (unmodelled.has(word) && reader.dialect === 'bash') throw new NotModelled(`\`${word}\``);
  if (word === 'if') return ifCommand(reader);
  if (word === 'for') return forCommand(reader);
  if (word === 'case') return caseCommand(reader);
  if (word === 'while' || word === 'until') return loop(reader, word);
  if (word === '{') return group(reader, '{', '}');
  if (reader.peek('(')) return group(reader, '(', ')');
  return simple(reader);
}

function expect(reader: WordReader, word: string): void {
  skipSeparators(reader);
  if (nextWord(reader) !== word) throw unexpected(reader, word);
  reader.take(word);
}

function unexpected(reader: WordReader, word: string): ShellSyntaxError {
  const found = nextWord(reader) || (reader.done ? 'end of file' : reader.text[reader.at]);
  return new ShellSyntaxError(`${found} unexpected (expecting "${word}")`, reader.line);
}

function ifCommand(reader: WordReader): Command {
  const branches: { condition: Script; body: Script }[] = [];
  let otherwise: Script | undefined;
  reader.take('if');
  do {
    const condition = script(reader, '');
    expect(reader, 'then');
    branches.push({ condition, body: script(reader, '') });
    skipSeparators(reader);
  } while (nextWord(reader) === 'elif' && reader.take('elif'));
  if (nextWord(reader) === 'else' && reader.take('else')) otherwise = script(reader, '');
  expect(reader, 'fi');
  return { kind: 'if', branches, ...(otherwise && { otherwise }), redirects: redirects(reader) };
}

function forCommand(reader: WordReader): Command {
  reader.take('for');
  reader.skipBlanks();
  const name = nextWord(reader);
  reader.take(name);
  reader.skipBlanks();
  const words: Word[] = [];
  if (nextWord(reader) === 'in' && reader.take('in')) {
    for (reader.skipBlanks(); ; reader.skipBlanks()) {
      const word = reader.word();
      if (!word) break;
      words.push(word);
    }
  }
  expect(reader, 'do');
  const body = script(reader, '');
  expect(reader, 'done');
  return { kind: 'for', name, words, body, redirects: redirects(reader) };
}

function caseCommand(reader: WordReader): Command {
  reader.take('case');
  reader.skipBlanks();
  const word = neededWord(reader);
  expect(reader, 'in');
  const arms: { patterns: Word[]; body: Script }[] = [];
  for (skipNewlines(reader); nextWord(reader) !== 'esac' && !reader.done; skipNewlines(reader)) {
    reader.take('(');
    const patterns: Word[] = [];
    do {
      reader.skipBlanks();
      patterns.push(neededWord(reader));
      reader.skipBlanks();
    } while (reader.take('|'));
    if (!reader.take(')')) throw unexpected(reader, ')');
    arms.push({ patterns, body: script(reader, '') });
    if (!reader.take(';;')) break;
  }
  expect(reader, 'esac');
  return { kind: 'case', word, arms, redirects: redirects(reader) };
}

function neededWord(reader: WordReader): Word {
  const word = reader.word();
  if (!word) throw unexpected(reader, 'word');
  return word;
}

function loop(reader: WordReader, word: 'while' | 'until'): Command {
  reader.take(word);
  const condition = script(reader, '');
  expect(reader, 'do');
  const body = script(reader, '');
  expect(reader, 'done');
  return { kind: 'while', until: word === 'until', condition, body, redirects: redirects(reader) };
}

function group(reader: WordReader, open: string, close: string): Command {
  reader.take(open);
  const body = script(reader, close);
  if (!reader.take(close)) throw new ShellSyntaxError(`end of file unexpected (expecting "${close}")`, reader.line);
  return { kind: 'group', subshell: open === '(', body, redirects: redirects(reader) };
}

function redirects(reader: WordReader): Redirect[] {
  const found: Redirect[] = [];
  for (;;) {
    reader.skipBlanks();
    const next = redirect(reader);
    if (!next) return found;
    found.push(next);
  }
}

function redirect(reader: WordReader): Redirect | undefined {
  const match = /^(\d*)(<<|>>|>&|>\||&>>|&>|<|>)/.exec(reader.text.slice(reader.at, reader.at + 6));
  if (!match || reader.peek('<(')) return undefined;
  const [all, digits = '', sign = ''] = match;
  const both = sign.startsWith('&');
  // To dash the command ends there and runs in the background.
  if (both && reader.dialect === 'sh') return undefined;
  reader.at += all.length;
  if (sign === '<<' && reader.peek('<')) reader.bashOnly('here-strings', 'redirection');
  const operator = (both ? sign.slice(1) : sign.replace('|', '')) as Redirect['operator'];
  const fd = both ? 3 : digits ? Number(digits) : operator.startsWith('<') ? 0 : 1;
  const found: Redirect = { fd, operator, target: [] };
  if (operator === '<<') {
    reader.expectHeredoc(found);
    return found;
  }
  reader.skipBlanks();
  const target = reader.word();
  if (!target) throw new ShellSyntaxError(`newline unexpected`, reader.line);
  found.target = target;
  return found;
}

function simple(reader: WordReader): Command {
  const { line } = reader;
  const assignments: { name: string; value: Word }[] = [];
  const words: Word[] = [];
  const found: Redirect[] = [];
  for (reader.skipBlanks(); !reader.done; reader.skipBlanks()) {
    const next = redirect(reader);
    if (next) {
      found.push(next);
      continue;
    }
    const name =
      words.length === 0 ? /^[A-Za-z_]\w*(?==)/.exec(reader.text.slice(reader.at, reader.at + 80))?.[0] : undefined;
    if (name) {
      reader.at += name.length + 1;
      if (reader.peek('(')) reader.bashOnly('arrays', '"("');
      assignments.push({ name, value: reader.word() ?? [] });
      continue;
    }
    const word = reader.word();
    if (!word) break;
    words.push(word);
    if (words.length + assignments.length + found.length === 1 && isDefinition(reader)) return definition(reader, word);
  }
  if (words.length + assignments.length + found.length === 0) {
    throw new ShellSyntaxError(`"${reader.text[reader.at] ?? 'end of file'}" unexpected`, reader.line);
  }
  return { kind: 'simple', line, assignments, words, redirects: found };
}

const parentheses = /^[ \t]*\([ \t]*\)/;

function isDefinition(reader: WordReader): boolean {
  return parentheses.test(reader.text.slice(reader.at, reader.at + 80));
}

function definition(reader: WordReader, word: Word): Command {
  const name = word.map((part) => (part.kind === 'text' && !part.quoted ? part.text : '?')).join('');
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new ShellSyntaxError('Bad function name', reader.line);
  reader.at += parentheses.exec(reader.text.slice(reader.at))?.[0].length ?? 0;
  skipNewlines(reader);
  return { kind: 'function', name, body: command(reader), redirects: [] };
}
