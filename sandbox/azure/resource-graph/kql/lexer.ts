import { type Place, parserFailure } from './errors';

export interface Token extends Place {
  readonly kind: 'name' | 'string' | 'number' | 'timespan' | 'datetime' | 'symbol' | 'end';
  readonly text: string;
}

const space = /(?:\s+|\/\/[^\n]*)+/y;
const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['datetime', /datetime\(\s*([^)]*?)\s*\)/iy],
  ['timespan', /\d+(?:\.\d+)?(?:ms|d|h|m|s)\b/y],
  ['number', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['name', /!?(?:in~|contains_cs|has_cs|startswith_cs|endswith_cs)(?!\w)/y],
  ['name', /!(?:in|contains|has|startswith|endswith)\b/y],
  ['name', /(?:project-away|mv-expand)\b/y],
  ['name', /[A-Za-z_$][\w$]*/y],
  ['symbol', /==|=~|!=|!~|<=|>=|[|,()[\].=<>+\-*/:;]/y],
];
const stringPattern = /@"[^"]*"|@'[^']*'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;

/** Splits a query into tokens; the last one is `<EOF>`. */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (true) {
    at += match(space, query, at)?.length ?? 0;
    const place = placeOf(query, at);
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
    const inner = kind === 'datetime' ? text.slice(text.indexOf('(') + 1, -1).trim() : text;
    return { token: { kind, text: inner, ...place }, length: text.length };
  }
  throw parserFailure(place, query[at] ?? '', 'an operator, a name or a literal');
}

function match(pattern: RegExp, query: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(query)?.[0];
}

function unquote(quoted: string): string {
  if (quoted.startsWith('@')) return quoted.slice(2, -1);
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
  return quoted.slice(1, -1).replaceAll(/\\(.)/g, (_, c: string) => escapes[c] ?? c);
}

function placeOf(query: string, at: number): Place {
  const before = query.slice(0, at).split('\n');
  return { line: before.length, column: before.at(-1)?.length ?? 0 };
}
