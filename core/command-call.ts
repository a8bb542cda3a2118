/** Arguments by name, as they were typed, filled in or clicked. */
export type Values = Readonly<Record<string, string | number | boolean>>;

/** Every verb of this version, with the arguments that need no option name, in order. */
export const verbs = {
  access: ['image'],
  age: ['ref'],
  appoint: ['machine'],
  approvals: [],
  approve: ['request'],
  'approve-all': ['requests'],
  audit: [],
  cancel: ['request'],
  channel: ['ref', 'channel'],
  channels: ['name'],
  classify: ['machine', 'model'],
  compliance: ['team'],
  confirm: ['request'],
  copy: ['ref'],
  cost: ['image'],
  delegate: ['person'],
  defer: ['image'],
  diff: ['image', 'from', 'to'],
  digest: ['team', 'action'],
  doctor: [],
  drift: ['team'],
  eol: ['ref', 'when'],
  exempt: ['machine'],
  follow: ['image', 'channel'],
  forecast: ['team'],
  grant: ['group', 'right', 'image'],
  help: ['verb'],
  images: [],
  latest: ['image'],
  leftovers: [],
  lineage: ['ref'],
  lock: ['image'],
  logs: ['request'],
  override: ['request'],
  parity: ['image'],
  promote: ['ref'],
  publish: ['image'],
  rebuild: ['request'],
  reject: ['request'],
  remediate: ['machine'],
  replicate: ['ref'],
  rescan: ['team'],
  restore: ['ref'],
  restrict: ['scope', 'effect'],
  retention: ['image'],
  retire: ['ref'],
  review: ['request'],
  revoke: ['ref'],
  rollback: ['image'],
  rollout: ['image', 'version'],
  runs: ['image'],
  schedule: ['image', 'rhythm', 'cron'],
  share: ['image', 'with', 'id'],
  show: ['ref'],
  snooze: ['row'],
  status: ['request'],
  subscribe: ['image', 'events'],
  tattoo: ['machine'],
  triggers: ['template'],
  try: [],
  unappoint: ['machine'],
  undefer: ['image'],
  undelegate: [],
  ungrant: ['group', 'right', 'image'],
  unlock: ['image'],
  unsnooze: ['row'],
  unshare: ['image', 'with', 'id'],
  unsubscribe: ['image'],
  verify: ['what', 'version'],
  versions: ['image'],
  'who has': ['package', 'version'],
  'who uses': ['ref', 'version'],
  webhooks: ['receiver'],
  whoami: [],
  withdraw: ['request'],
} as const satisfies Record<string, readonly string[]>;

export type Verb = keyof typeof verbs;

/**
 * A sentence that goldbot understands, as data. Code that offers one to people passes this on; none of it writes or
 * parses the text.
 */
export interface CommandCall {
  readonly verb: Verb;
  readonly values: Values;
  /** Arguments that the person has yet to fill in; the sentence shows each as `"…"`. */
  readonly blanks?: readonly string[];
  /** Some value is only an example: the sentence is shown for typing with a real one, and gets no button. */
  readonly example?: true;
}

export function call(verb: Verb, values: Values = {}, ...blanks: readonly string[]): CommandCall {
  return blanks.length === 0 ? { verb, values } : { verb, values, blanks };
}

/** A call with a made-up value, to show how it is written. */
export function exampleCall(verb: Verb, values: Values, ...blanks: readonly string[]): CommandCall {
  return { ...call(verb, values, ...blanks), example: true };
}

/**
 * As typed: `classify vm1 pet --reason "the \"ledger\" disk"`. The grammar reads it back as the same call, as far as a
 * message can hold its values (`sayable`).
 */
export function line({ verb, values, blanks = [] }: CommandCall): string {
  const given = (name: string) => values[name] !== undefined || blanks.includes(name);
  const places: readonly string[] = verbs[verb];
  const gap = places.findIndex((name) => !given(name));
  const placed = gap < 0 ? places : places.slice(0, gap);
  const named = [...Object.keys(values), ...blanks].filter((name) => !placed.includes(name));
  const shown = (name: string) => (values[name] === undefined ? quoted(blank) : written(values[name]));
  return [verb, ...placed.map(shown), ...named.flatMap((name) => option(name, values[name]))].join(' ');
}

/**
 * A sentence from words as a shell hands them over, which has taken the quotes off: what has blanks in it is quoted again.
 * A word alone is a sentence already.
 */
export function sentenceOf(words: readonly string[]): string {
  if (words.length === 1) return words[0] ?? '';
  return words
    .map((word) => {
      const [, name = '', value] = /^(--?[a-z][\w-]*)(?:=(.*))?$/is.exec(word) ?? [];
      if (name === '') return written(word);
      return value === undefined ? name : `${name}=${written(value)}`;
    })
    .join(' ');
}

/** In words: `“status R-7F3KQ” or “runs”`. */
export function offered(calls: readonly CommandCall[]): string {
  const all = calls.map((one) => `“${line(one)}”`);
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

function option(name: string, value: Values[string] | undefined): readonly string[] {
  if (value === false) return [];
  if (value === true) return [optionName(name)];
  return [optionName(name), value === undefined ? quoted(blank) : written(value)];
}

/** As typed: `replaceBy` is `--replace-by`. */
export function optionName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for control characters and direction overrides
const invisible = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Text as a message can hold it: on one line, with single spaces and nothing invisible. */
export function sayable(text: string): string {
  return text.replace(invisible, '').replace(/\s+/g, ' ').trim();
}

/** Placeholder for what a person has yet to fill in. */
const blank = '…';

/** Keyboards and phones insert any of these. Within a row, any of them closes any other. */
const doubleQuotes = '"“”„‟«»″＂';
const singleQuotes = "'‘’‚‛′＇";
const dashes = '–—-';

function written(value: string | number | boolean): string {
  const text = sayable(String(value));
  const bare = new RegExp(
    `^[^\\s${doubleQuotes}${singleQuotes}\`${dashes}][^\\s${doubleQuotes}${singleQuotes.slice(1)}\`]*$`,
  );
  return bare.test(text) ? text : quoted(text);
}

/**
 * The one quoting rule, with `readQuoted` as its inverse: a backslash is a backslash, but before a quote two of them
 * mean one, and an odd one makes the quote part of the text.
 */
function quoted(text: string): string {
  return `"${text.replace(new RegExp(`(\\\\*)([${doubleQuotes}])`, 'g'), '$1$1\\$2').replace(/(\\+)$/, '$1$1')}"`;
}

/** A word of a message. `quoted`: at least its beginning was in quotes, so it is never an option. */
export interface Token {
  readonly text: string;
  readonly quoted: boolean;
  /** For `--option` and `--option=value`: the name in lower case. */
  readonly option?: string;
  /** For `--option=value`. */
  readonly value?: string;
}

/** `"…"`: somebody sent the sentence without filling it in, so there is no value. */
export function isBlank(token: Token): boolean {
  return token.quoted && token.text === blank;
}

/**
 * Splits a cleaned message into words. Quotes keep words together, also after `=`; an en or em dash that begins an
 * option counts as `--`. An apostrophe within a word is an apostrophe. Undefined when a double quote is never closed.
 */
export function tokenise(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ') at++;
    else {
      const found = readToken(text, at);
      if (!found) return undefined;
      tokens.push(found[0]);
      at = found[1];
    }
  }
  return tokens;
}

function readToken(text: string, start: number): readonly [Token, number] | undefined {
  const inQuotes = readQuoted(text, start);
  if (inQuotes === 'open') return undefined;
  if (inQuotes) return [{ text: inQuotes[0], quoted: true }, inQuotes[1]];
  const found = /^(?:--?|[–—]-?)([a-z][\w-]*)(=?)/i.exec(text.slice(start, start + 80));
  const end = endOfWord(text, start);
  if (!found?.[1]) return [{ text: bareWord(text, start, end), quoted: false }, end];
  const name = found[1].toLowerCase();
  const after = start + found[0].length;
  if (found[2] === '=') return readAssigned(text, start, { name, after });
  return [{ text: text.slice(start, end), quoted: false, option: name + text.slice(after, end).toLowerCase() }, end];
}

function readAssigned(
  text: string,
  start: number,
  { name, after }: { readonly name: string; readonly after: number },
): readonly [Token, number] | undefined {
  const inQuotes = readQuoted(text, after);
  if (inQuotes === 'open') return undefined;
  const end = inQuotes ? inQuotes[1] : endOfWord(text, after);
  const value = inQuotes ? inQuotes[0] : bareWord(text, after, end);
  return [{ text: text.slice(start, end), quoted: false, option: name, value }, end];
}

/** Text between quotes, and where it ends; `open` when it does not. A lone single quote is an apostrophe: undefined. */
function readQuoted(text: string, start: number): readonly [string, number] | 'open' | undefined {
  const opening = text.charAt(start);
  const row = [doubleQuotes, singleQuotes].find((quotes) => opening !== '' && quotes.includes(opening));
  if (row === undefined) return undefined;
  let value = '';
  let slashes = 0;
  for (let at = start + 1; at < text.length; at++) {
    const sign = text.charAt(at);
    if (sign === '\\') slashes++;
    else {
      const escaped = slashes % 2 === 1;
      const quote = row.includes(sign) && (escaped || row === doubleQuotes || endsWord(text, at + 1));
      value += '\\'.repeat(quote ? Math.floor(slashes / 2) : slashes);
      if (quote && !escaped) return [value, at + 1];
      value += sign;
      slashes = 0;
    }
  }
  return row === singleQuotes ? undefined : 'open';
}

/** Outside quotes an apostrophe is an apostrophe, whatever a phone turned it into. */
function bareWord(text: string, start: number, end: number): string {
  return text.slice(start, end).replace(new RegExp(`[${singleQuotes}]`, 'g'), "'");
}

function endsWord(text: string, at: number): boolean {
  return at >= text.length || text[at] === ' ';
}

function endOfWord(text: string, start: number): number {
  const end = text.indexOf(' ', start);
  return end < 0 ? text.length : end;
}
