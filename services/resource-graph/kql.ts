/** A fixed query with its parameters already in it as quoted literals: nothing else creates one. */
export interface Query<Row> {
  readonly name: string;
  readonly kql: string;
  /** Reads one row; throws when the row is not what the query projects. */
  readonly read: (row: GraphRow) => Row;
}

export type GraphRow = Readonly<Record<string, unknown>>;

/** A KQL literal: nothing in the text can end it. */
export function kqlString(text: string): string {
  const escaped = text
    .replace(/\\/g, '\\\\')
    .replace(/'/g, "\\'")
    // Control characters and line ends would break the line of the query.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
    .replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `'${escaped}'`;
}

/** A list of literals, for `in` and `in~`. At least one: KQL has no empty list. */
export const kqlStrings = (texts: readonly string[]): string => texts.map(kqlString).join(', ');

export function textIn(row: GraphRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`Resource Graph: no text in the column ${column}`);
  return value;
}

export function numberIn(row: GraphRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new Error(`Resource Graph: no number in the column ${column}`);
  return value;
}

/** Undefined when Azure has no time there. */
export function timeIn(row: GraphRow, column: string): Date | undefined {
  const value = row[column];
  if (value === undefined || value === null || value === '') return undefined;
  const time = new Date(String(value));
  if (Number.isNaN(time.getTime())) throw new Error(`Resource Graph: no time in the column ${column}`);
  return time;
}

/** For a column in which Azure always has a time. */
export function certainTimeIn(row: GraphRow, column: string): Date {
  const time = timeIn(row, column);
  if (!time) throw new Error(`Resource Graph: no time in the column ${column}`);
  return time;
}

/** A list, even when Azure has none there. */
export function listIn(row: GraphRow, column: string): readonly unknown[] {
  const value = row[column];
  if (value === undefined || value === null || value === '') return [];
  if (!Array.isArray(value)) throw new Error(`Resource Graph: no list in the column ${column}`);
  return value;
}

/**
 * A tag's value, however its name is spelt: Azure ignores the case of tag names and keeps them as first written, while KQL
 * finds an exact spelling only. Any other is found in the text of the tags, where a name stands behind a brace or a comma
 * and quotes within values are escaped.
 */
export function tagValue(name: string): string {
  const key = JSON.stringify(name).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const pattern = `(?i)[{,]${key}:("(?:[^"\\\\]|\\\\.)*")`;
  return `tostring(coalesce(tags[${kqlString(name)}], todynamic(extract(${kqlString(pattern)}, 1, tostring(tags)))))`;
}
