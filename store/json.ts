/** Lone halves of surrogate pairs and NUL: legal in JavaScript, refused by PostgreSQL for ever after. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what it is about
const unstorable = /\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text that PostgreSQL takes: what a build log may hold and a database cannot becomes a replacement character. */
export function storable(text: string): string {
  return text.replace(unstorable, '\ufffd');
}

/** A parameter for a `jsonb` column. */
export function jsonb(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, v: unknown) => (typeof v === 'string' ? storable(v) : v));
}
