/** Arguments by name, as they were typed, filled in or clicked. */
export type Values = Readonly<Record<string, string | number | boolean>>;

/** Every verb of this version, with the arguments that need no option name, in order. */
export const verbs = {
  approvals: [],
  approve: ['request'],
  audit: [],
  cancel: ['request'],
  classify: ['machine', 'model'],
  compliance: ['team'],
  diff: ['image', 'from', 'to'],
  digest: ['team', 'action'],
  exempt: ['machine'],
  forecast: ['team'],
  help: ['verb'],
  images: [],
  logs: ['request'],
  publish: ['image'],
  rebuild: ['request'],
  reject: ['request'],
  remediate: ['machine'],
  rescan: ['team'],
  restrict: ['scope', 'effect'],
  runs: ['image'],
  show: ['ref'],
  status: ['request'],
  tattoo: ['machine'],
  versions: ['image'],
  'who uses': ['ref', 'version'],
  whoami: [],
  withdraw: ['request'],
} as const satisfies Record<string, readonly string[]>;

export type Verb = keyof typeof verbs;

/** A sentence that goldbot understands, as data. Whoever offers one to a person carries this; nobody writes or parses the text. */
export interface CommandCall {
  readonly verb: Verb;
  readonly values: Values;
  /** Arguments that the person has yet to fill in; the sentence shows each as `"…"`. */
  readonly blanks?: readonly string[];
}

export function call(verb: Verb, values: Values = {}, ...blanks: readonly string[]): CommandCall {
  return blanks.length === 0 ? { verb, values } : { verb, values, blanks };
}

/** As it is typed: `classify vm1 pet --reason "the \"ledger\" disk"`. What the reader makes of it is the same call. */
export function line({ verb, values, blanks = [] }: CommandCall): string {
  const given = (name: string) => values[name] !== undefined || blanks.includes(name);
  const places: readonly string[] = verbs[verb];
  const gap = places.findIndex((name) => !given(name));
  const placed = gap < 0 ? places : places.slice(0, gap);
  const named = [...Object.keys(values), ...blanks].filter((name) => !placed.includes(name));
  const shown = (name: string) => (values[name] === undefined ? blank : quoted(values[name]));
  return [verb, ...placed.map(shown), ...named.flatMap((name) => option(name, values[name]))].join(' ');
}

const blank = '"…"';

function option(name: string, value: Values[string] | undefined): readonly string[] {
  if (value === false) return [];
  if (value === true) return [optionName(name)];
  return [optionName(name), value === undefined ? blank : quoted(value)];
}

/** As it is typed: `replaceBy` is `--replace-by`. */
export function optionName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * The one rule of quoting, as command lines have it: a backslash is a backslash, but in front of a quote two of them are
 * one, and an odd one makes the quote a part of the text.
 */
function quoted(value: string | number | boolean): string {
  const text = String(value)
    .replace(/[“”„«»]/g, '"')
    .replace(/\s+/g, ' ')
    .trim();
  if (/^[^\s"'`–—-][^\s"`]*$/.test(text)) return text;
  return `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}
