import { type Document, isAlias, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

/** A file of the catalogue folder; `path` is relative to it, with slashes: `images/ubuntu-22.yaml`. */
export interface CatalogueFile {
  readonly path: string;
  readonly text: string;
}

export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** Where a value stands: its file, and the line of each part of it. */
export interface Source {
  readonly file: string;
  readonly lineOf: (path: readonly PropertyKey[]) => number;
  /** What another file says: where. */
  readonly elsewhere?: (path: readonly PropertyKey[]) => Omit<Problem, 'message'> | undefined;
}

/** What a file says, fit for its schema. */
export interface Read<T> {
  readonly value: T;
  readonly source: Source;
}

/** The file of this path, judged; undefined when it is missing or wrong, which is among the problems then. */
export function readOne<S extends z.ZodType>(
  files: readonly CatalogueFile[],
  path: string,
  schema: S,
  problems: Problem[],
) {
  const file = files.find((f) => f.path === path);
  if (!file) {
    problems.push({ file: path, line: 1, message: 'is missing' });
    return undefined;
  }
  return read(file, schema, problems);
}

function read<S extends z.ZodType>(file: CatalogueFile, schema: S, problems: Problem[]): Read<z.output<S>> | undefined {
  const found = readYaml(file, problems);
  return found && judge(found, schema, problems);
}

/** What a file says, whatever it is. */
export function readYaml(file: CatalogueFile, problems: Problem[]): Read<unknown> | undefined {
  const counter = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: counter, prettyErrors: false });
  for (const e of document.errors) {
    problems.push({
      file: file.path,
      line: counter.linePos(e.pos[0]).line,
      message: `is not valid YAML: ${e.message}`,
    });
  }
  if (document.errors.length > 0) return undefined;
  const source = { file: file.path, lineOf: (path: readonly PropertyKey[]) => lineOf(document, counter, path) };
  try {
    return { value: document.toJS(), source };
  } catch (error) {
    // What only shows when aliases are followed: one without an anchor, or far too many.
    if (!(error instanceof ReferenceError)) throw error;
    problems.push({ file: file.path, line: 1, message: `is not valid YAML: ${error.message}` });
    return undefined;
  }
}

/** What was read, as the schema has it; its mistakes are among the problems, each with its line. */
export function judge<S extends z.ZodType>({ value, source }: Read<unknown>, schema: S, problems: Problem[]) {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data, source };
  const issues = parsed.error.issues.flatMap(ofMeant);
  problems.push(...issues.map((issue) => problem(source, issue.path, sentence(issue))));
  return undefined;
}

/** For a union, the mistakes of the one alternative whose keys are right: that is the one that was meant. */
function ofMeant(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const [meant, ...others] = issue.errors.filter((errors) => errors.every((e) => e.path.length > 0));
  if (!meant || others.length > 0) return [issue];
  return meant.flatMap(ofMeant).map((e) => ({ ...e, path: [...issue.path, ...e.path] }));
}

function sentence(issue: z.core.$ZodIssue): string {
  const where = issue.path.map(String).join('.') || 'the file';
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  // The name of a team or of a tag: zod says only that it is wrong.
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return `${where}: ${missing ? 'is missing' : message}`;
}

export function problem(source: Source, path: readonly PropertyKey[], message: string): Problem {
  return { ...(source.elsewhere?.(path) ?? { file: source.file, line: source.lineOf(path) }), message };
}

/** The line of the deepest part of the path that exists in the file: a missing key is reported where it belongs. */
function lineOf(document: Document.Parsed, counter: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    const range =
      typeof node === 'object' && node !== null && !isAlias(node) ? (node as { range?: number[] }).range : undefined;
    if (range?.[0] !== undefined) return counter.linePos(range[0]).line;
  }
  return 1;
}
