/** What is read of a message at the most; nobody types more. */
const maxLength = 4_000;

const tags =
  /<\/?(?:p|div|span|br|a|b|i|u|s|em|strong|code|pre|ul|ol|li|blockquote|img|font|h[1-6]|table|tbody|tr|td)(?:\s[^<>]*)?\/?>/gi;
const entities: Readonly<Record<string, string>> = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters and direction overrides are what is looked for
const invisible = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** What a person typed, out of what Teams sends: without mentions, HTML, odd spaces and the quotes that phones put in. */
export function cleanText(raw: string): string {
  return raw
    .slice(0, maxLength)
    .replace(/<at\b[^<>]*>[^<]*<\/at>/gi, ' ')
    .replace(tags, ' ')
    .replace(/&(?:#(\d{1,6})|([a-z]{2,6}));/gi, (whole, code: string | undefined, name: string | undefined) =>
      code === undefined ? (entities[(name ?? '').toLowerCase()] ?? whole) : character(Number(code)),
    )
    .replace(invisible, '')
    .replace(/[“”„‟«»″＂]/g, '"')
    .replace(/[‘’‚‛′＇]/g, "'")
    .replace(/\s+/g, ' ')
    .trim();
}

function character(code: number): string {
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '' : String.fromCodePoint(code);
}
