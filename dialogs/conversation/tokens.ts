import { UserError } from '../../core/errors';

/** A word of a message. `quoted`: at least its beginning stood in quotes, so it is never an option. */
export interface Token {
  readonly text: string;
  readonly quoted: boolean;
  /** Of `--option` and `--option=value`: the name in lower case. */
  readonly option?: string;
  /** Of `--option=value`. */
  readonly value?: string;
}

/**
 * Splits a cleaned message into words. Quotes keep words together, also behind `=`; an en or em dash that begins an
 * option counts as `--`. An apostrophe within a word is an apostrophe.
 *
 * @throws UserError `BAD_COMMAND` when a double quote is not closed.
 */
export function tokenise(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ') at++;
    else {
      const [token, next] = readToken(text, at);
      tokens.push(token);
      at = next;
    }
  }
  return tokens;
}

function readToken(text: string, start: number): readonly [Token, number] {
  const quoted = readQuoted(text, start);
  if (quoted) return [{ text: quoted[0], quoted: true }, quoted[1]];
  const option = /^(?:--?|[–—]-?)([a-z][\w-]*)(=?)/i.exec(text.slice(start, start + 80));
  if (option?.[1])
    return readOption(text, start, { name: option[1], length: option[0].length, equals: option[2] === '=' });
  const end = endOfWord(text, start);
  return [{ text: text.slice(start, end), quoted: false }, end];
}

function readOption(
  text: string,
  start: number,
  found: { readonly name: string; readonly length: number; readonly equals: boolean },
): readonly [Token, number] {
  const option = found.name.toLowerCase();
  const after = start + found.length;
  if (!found.equals) {
    const end = endOfWord(text, after);
    return [
      { text: text.slice(start, end), quoted: false, option: option + text.slice(after, end).toLowerCase() },
      end,
    ];
  }
  const quoted = readQuoted(text, after);
  const end = quoted ? quoted[1] : endOfWord(text, after);
  return [
    { text: text.slice(start, end), quoted: false, option, value: quoted ? quoted[0] : text.slice(after, end) },
    end,
  ];
}

/** Text between quotes, with `\"` for a quote within. A lone single quote is an apostrophe: undefined. */
function readQuoted(text: string, start: number): readonly [string, number] | undefined {
  const quote = text[start];
  if (quote !== '"' && quote !== "'") return undefined;
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    const escaped = text[at] === '\\' && text[at + 1] === quote;
    if (escaped) at++;
    else if (text[at] === quote && (quote === '"' || endsWord(text, at + 1))) return [value, at + 1];
    value += text[at];
  }
  if (quote === "'") return undefined;
  throw new UserError('BAD_COMMAND', 'A quote is opened and never closed.', {
    hint: 'Put the text between two quotes: --reason "the base is wrong".',
  });
}

function endsWord(text: string, at: number): boolean {
  return at >= text.length || text[at] === ' ';
}

function endOfWord(text: string, start: number): number {
  const end = text.indexOf(' ', start);
  return end < 0 ? text.length : end;
}
