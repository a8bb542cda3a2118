import { type Place, parserFailure } from './errors';
import { stringPattern, unquote } from './strings';

export interface Token extends Place {
  readonly kind: 'name' | 'string' | 'number' | 'timespan' | 'datetime' | 'dynamic' | 'symbol' | 'end';
  readonly text: string;
}

const space = /(?:\s+|\/\/[^\n]*)+/y;
const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['datetime', /datetime\(\s*([^)]*?)\s*\)/y],
  ['dynamic', /dynamic\(\s*((?:[^()"']|"(?:[^"\\]|\\.)*")*?)\s*\)/y],
  ['timespan', /\d+(?:\.\d+)?(?:ms|d|h|m|s)\b/y],
  ['number', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['name', /!?(?:in~|contains_cs|has_cs|startswith_cs|endswith_cs)(?!\w)/y],
  ['name', /!(?:in|contains|has|startswith|endswith|between)\b/y],
  ['name', /matches[ \t]+regex\b/y],
  ['name', /(?:project|mv|make|top|sample|parse|partition|graph)-[a-z-]+\b/y],
  ['name', /[A-Za-z_$][\w$]*/y],
  ['symbol', /\.\.|==|=~|!=|!~|<=|>=|[|,()[\].=<>+\-*/%:;]/y],
];

/** Splits a query into tokens; the last one is `<EOF>`. */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  const places = placesOf(query);
  let at = 0;
  while (true) {
    at += match(space, query, at)?.length ?? 0;
    const place = places(at);
    if (at >= query.length) return [...tokens, { kind: 'end', text: '<EOF>', ...place }];
    const token = next(query, at, place);
    tokens.push(token.token);
    at += token.length;
  }
}

function next(query: string, at: number, place: Place): { token: Token; length: number } {
  const quoted = match(stringPattern, query, at);
  if (quoted) return { token: { kind: 'string', text: unquote(quoted), ...place }, length: quoted.length };
  for (const [kind, pattern] of patterns) {
    const text = match(pattern, query, at);
    if (!text) continue;
    const inner = kind === 'datetime' || kind === 'dynamic' ? text.slice(text.indexOf('(') + 1, -1).trim() : text;
    return { token: { kind, text: inner, ...place }, length: text.length };
  }
  throw parserFailure(place, query[at] ?? '', 'an operator, a name or a literal');
}

function match(pattern: RegExp, query: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(query)?.[0];
}

/** Says on which line a character is; asked in the order of the query. */
function placesOf(query: string): (at: number) => Place {
  let [line, start] = [1, 0];
  return (at) => {
    for (let end = query.indexOf('\n', start); end >= 0 && end < at; end = query.indexOf('\n', start)) {
      line += 1;
      start = end + 1;
    }
    return { line, column: at - start };
  };
}
