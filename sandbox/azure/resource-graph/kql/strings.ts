const escapeSequence = String.raw`\\(?:[\\'"abfnrtv]|u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|[0-3][0-7]{2}|[0-7]{1,2})`;

const ordinary = (quote: string): string => `${quote}(?:${escapeSequence}|[^${quote}\\\\\\r\\n])*${quote}`;
const verbatim = (quote: string): string => `@${quote}(?:${quote}${quote}|[^${quote}\\r\\n])*${quote}`;

/** A whole string literal of KQL: ordinary, verbatim or over several lines; hidden from logs (`h'…'`) or not. */
export const stringPattern = new RegExp(
  `[hH]?(?:${[ordinary("'"), ordinary('"'), verbatim("'"), verbatim('"')].join('|')}|\`\`\`[^]*?\`\`\`|~~~[^]*?~~~)`,
  'y',
);

const controls: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const escapes = new RegExp(escapeSequence, 'g');

/** What a string literal means. */
export function unquote(literal: string): string {
  const quoted = /^[hH]/.test(literal) ? literal.slice(1) : literal;
  if (quoted.startsWith('```') || quoted.startsWith('~~~')) return quoted.slice(3, -3);
  if (!quoted.startsWith('@')) return quoted.slice(1, -1).replace(escapes, meaning);
  const quote = quoted.charAt(1);
  return quoted.slice(2, -1).replaceAll(quote + quote, quote);
}

function meaning(escaped: string): string {
  const [kind = '', digits] = [escaped.charAt(1), escaped.slice(2)];
  if (/[ux]/.test(kind)) return String.fromCharCode(Number.parseInt(digits, 16));
  if (/[0-7]/.test(kind)) return String.fromCharCode(Number.parseInt(escaped.slice(1), 8));
  return controls[kind] ?? kind;
}
