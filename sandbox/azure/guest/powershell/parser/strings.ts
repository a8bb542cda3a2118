import type { Expression } from '../syntax';
import type { Cursor } from './cursor';

/** What stands in `$( )` of a string, read by the parser of statements. */
export type ReadSub = (cursor: Cursor) => Expression;

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** What a backquote makes of the character after it. */
export function escaped(character: string): string {
  return escapes[character] ?? character;
}

const variableName = /\$(?:(?:(?:global|script|local|private|using|env|variable|function):)?\w+|[$?^])/i;

/** `$name`, `$env:NAME`, `${any name}`; undefined where a `$` is only a `$`. */
export function readVariable(cursor: Cursor): Expression | undefined {
  const from = cursor.at;
  const braced = cursor.match(/\$\{([^}]+)\}/);
  const name = braced?.[1] ?? cursor.match(variableName)?.[0].slice(1);
  return name === undefined ? undefined : { kind: 'variable', name, from, to: cursor.at };
}

/** A string that begins here, of any of the four kinds; undefined when none does. */
export function readString(cursor: Cursor, readSub: ReadSub): Expression | undefined {
  const from = cursor.at;
  if (cursor.look(/@['"][ \t]*\r?\n/)) return hereString(cursor, readSub);
  if (cursor.take("'")) {
    const found = cursor.match(/((?:[^']|'')*)'/);
    if (!found) throw unterminated(cursor, from, "'");
    return { kind: 'literal', value: (found[1] ?? '').replaceAll("''", "'"), from, to: cursor.at };
  }
  if (!cursor.take('"')) return undefined;
  const parts = readParts(cursor, readSub, () => cursor.here === '"' && cursor.peek() !== '"');
  if (!cursor.take('"')) throw unterminated(cursor, from, '"');
  return expandable(parts, from, cursor.at);
}

function unterminated(cursor: Cursor, from: number, quote: string) {
  return cursor.error('TerminatorExpectedAtEndOfString', `The string is missing the terminator: ${quote}.`, {
    from,
    to: cursor.text.length,
  });
}

function expandable(parts: readonly (string | Expression)[], from: number, to: number): Expression {
  const [first] = parts;
  if (parts.length === 0) return { kind: 'literal', value: '', from, to };
  if (parts.length === 1 && typeof first === 'string') return { kind: 'literal', value: first, from, to };
  return { kind: 'expandable', parts, from, to };
}

function hereString(cursor: Cursor, readSub: ReadSub): Expression {
  const from = cursor.at;
  const quote = cursor.peek();
  cursor.match(/@['"][ \t]*\r?\n/);
  const end = new RegExp(`\\r?\\n${quote}@`);
  const rest = cursor.text.slice(cursor.at);
  const isEmpty = rest.startsWith(`${quote}@`);
  const found = isEmpty ? 0 : rest.search(end);
  if (found < 0) {
    throw cursor.error('TerminatorExpectedAtEndOfString', `The string is missing the terminator: ${quote}@.`, {
      from,
      to: cursor.text.length,
    });
  }
  const stop = cursor.at + found;
  const parts =
    quote === '"' ? readParts(cursor, readSub, () => cursor.at >= stop, true) : [cursor.text.slice(cursor.at, stop)];
  cursor.at = stop;
  cursor.match(/\r?\n/);
  cursor.at += 2;
  return expandable(
    parts.map((part) => (typeof part === 'string' ? part.replaceAll('\r\n', '\n') : part)),
    from,
    cursor.at,
  );
}

/** Text, variables and sub-expressions up to where `isEnd` says. */
export function readParts(
  cursor: Cursor,
  readSub: ReadSub,
  isEnd: () => boolean,
  here = false,
): (string | Expression)[] {
  const parts: (string | Expression)[] = [];
  let text = '';
  const flush = () => {
    if (text) parts.push(text);
    text = '';
  };
  while (!cursor.isDone && !isEnd()) {
    if (cursor.here === '`') {
      text += escaped(cursor.peek());
      cursor.at += 2;
    } else if (!here && cursor.starts('""')) {
      text += '"';
      cursor.at += 2;
    } else if (cursor.here === '$') {
      const found = cursor.starts('$(') ? readSub(cursor) : readVariable(cursor);
      if (found) {
        flush();
        parts.push(found);
      } else {
        text += '$';
        cursor.at += 1;
      }
    } else {
      text += cursor.here;
      cursor.at += 1;
    }
  }
  flush();
  return parts;
}
