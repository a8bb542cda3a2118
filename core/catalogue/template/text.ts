import { LineCounter, parseDocument } from 'yaml';
import type { Json } from './expressions';

/** A template's file with its placeholders filled in. */
export interface FilledText {
  readonly value: Json;
  /** From 1; of the deepest part of the path that the file has. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
  /** The first line that has these words; 1 when none has. */
  readonly lineWith: (words: string) => number;
  /** Names of placeholders that were filled in. */
  readonly used: ReadonlySet<string>;
}

/** Why a file could not be read, and where. */
export interface TextProblem {
  readonly line: number;
  readonly message: string;
}

/** `<name>`: letters, digits, dots, dashes, underscores, beginning with a letter. */
const placeholder = /<([A-Za-z][\w.-]*)>/g;

/** The names of placeholders in a text. */
export function placeholdersIn(text: string): readonly string[] {
  return [...text.matchAll(placeholder)].map(([, name]) => name ?? '');
}

/**
 * Fills placeholders where the file has them, in names, in texts and, without quotes, as numbers; comments are skipped, as
 * ARM skips them. Those without a value stay.
 */
export function fillText(text: string, values: Readonly<Record<string, unknown>>): FilledText | TextProblem[] {
  const used = new Set<string>();
  const filled = fill(text.replace(/^\uFEFF/, ''), values, used);
  const lineAt = (offset: number) => filled.slice(0, offset).split('\n').length;
  const bare = [...withoutTexts(filled).matchAll(placeholder)];
  if (bare.length > 0) return bare.map((found) => ({ line: lineAt(found.index), message: noValue(found[1] ?? '') }));
  try {
    const value = JSON.parse(filled) as Json;
    const lines = new LineCounter();
    const document = parseDocument(filled, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    const lineOf = (path: readonly (string | number)[]) => {
      for (let depth = path.length; depth > 0; depth--) {
        const node = document.getIn(path.slice(0, depth), true) as { range?: number[] } | undefined;
        if (node?.range?.[0] !== undefined) return lines.linePos(node.range[0]).line;
      }
      return 1;
    };
    const lineWith = (words: string) => lineAt(Math.max(0, filled.indexOf(words)));
    return { value, lineOf, lineWith, used };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const position = /position (\d+)/.exec(error.message)?.[1];
    const line = lineAt(position === undefined ? filled.length : Number(position));
    return [{ line, message: `is not valid JSON: ${error.message}` }];
  }
}

export function noValue(name: string): string {
  return `the placeholder <${name}> has no value: give it one under templateValues (\`${name}: "<${name}>"\` keeps it as it is)`;
}

const parts = /"(?:\\[\s\S]|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|<[A-Za-z][\w.-]*>/g;

function fill(text: string, values: Readonly<Record<string, unknown>>, used: Set<string>): string {
  const inserted = (found: string, name: string, quoted: boolean) => {
    if (!Object.hasOwn(values, name)) return found;
    used.add(name);
    const value = values[name];
    return quoted && typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : JSON.stringify(value);
  };
  return text.replace(parts, (found) => {
    if (found.startsWith('/')) return found.replace(/[^\n]/g, ' ');
    if (found.startsWith('<')) return inserted(found, found.slice(1, -1), false);
    return found.replace(placeholder, (whole, name: string) => inserted(whole, name, true));
  });
}

/** With blanks in place of quoted texts, so that offsets stay. */
function withoutTexts(text: string): string {
  return text.replace(/"(?:\\[\s\S]|[^"\\])*"/g, (found) => found.replace(/[^\n]/g, ' '));
}
