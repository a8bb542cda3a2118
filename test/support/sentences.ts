import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';

/** Words that people may read, and whether a test reads them, too. */
export interface Sentence {
  readonly file: string;
  /** `…` stands for what is filled in. */
  readonly text: string;
  readonly read: boolean;
}

const root = join(__dirname, '../..');
/** Where sentences for people are written. */
const rooms = ['cards', 'dialogs', 'services', 'workflows'] as const;
/** Views that are made by hand prove nothing about what `dialogs/present` and `workflows/` compose. */
const notTests = /^test\/(fixtures\/cards|mutants|support\/sentences)/;
/** Kusto, which Resource Graph reads, and what people say to goldbot. */
const notForPeople =
  /^(services\/resource-graph\/(kql|.*-queries)|dialogs\/plain\/(acts|german|looks(-\w+)?|manner|meaning|score|words))\.ts$/;
const titled = /^(it|test|describe)$/;

const filesIn = (folder: string, kind: RegExp): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true })
    .map((file) => `${folder}/${String(file).replaceAll('\\', '/')}`)
    .filter((file) => kind.test(file))
    .sort();
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** So many words in a row must stand in a test; of a sentence that has fewer between what is filled in, all of those. */
const inARow: Readonly<Record<(typeof rooms)[number], number>> = { cards: 5, dialogs: 5, services: 3, workflows: 3 };

/**
 * Every literal of four words and more in the rooms that speak to people. It counts as read when enough of its words
 * stand in a row in a literal of a test (not in a title or comment), in a transcript, or, of a card, in the gallery.
 */
export function sentences(): readonly Sentence[] {
  const tests = filesIn('test', /\.ts$/).filter((file) => !notTests.test(file));
  const transcripts = filesIn('test/transcripts', /\.md$/).map(textOf);
  const said = wordRows([...tests.flatMap((file) => literals(textOf(file))), ...transcripts], [3, 4, 5]);
  const gallery = wordRows(filesIn('docs/gallery', /\.json$/).map(textOf), [3, 4, 5]);
  return rooms.flatMap((room) =>
    spoken(room).flatMap((file) => {
      const isRead = (row: string) => said.has(row) || (room === 'cards' && gallery.has(row));
      return literals(textOf(file), { patterns: false }).flatMap((text) => {
        const longest = Math.max(...runsOf(text).map(({ length }) => length));
        // A path or the name of a package has words, but is no sentence.
        const isSentence = longest >= 3 && wordsOf(text).length >= 4 && /\s/.test(text);
        const rows = wordRows([text], [Math.min(inARow[room], longest)]);
        return isSentence ? [{ file, text, read: [...rows].some(isRead) }] : [];
      });
    }),
  );
}

const spoken = (room: string) => filesIn(room, /\.ts$/).filter((file) => !notForPeople.test(file));

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}’']+/gu) ?? [];

/** The words between what is filled in. */
const runsOf = (text: string) => text.split('…').map(wordsOf);

/** All rows of so many words, without what is filled in between. */
function wordRows(texts: readonly string[], lengths: readonly number[]): ReadonlySet<string> {
  const rows = (words: readonly string[], length: number) =>
    words.slice(length - 1).map((_, i) => words.slice(i, i + length).join(' '));
  return new Set(texts.flatMap(runsOf).flatMap((words) => lengths.flatMap((length) => rows(words, length))));
}

interface Node {
  readonly type?: unknown;
  readonly [key: string]: unknown;
}

/** The texts in a file of TypeScript, and its regular expressions; holes of templates are `…`. */
export function literals(source: string, { patterns } = { patterns: true }): readonly string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const node = value as Node;
    const text = literal(node);
    if (text !== undefined && (patterns || node.type !== 'RegExpLiteral')) found.push(text);
    // A type says what may be written, and is not written itself.
    if (node.type === 'ImportDeclaration' || node.type === 'TsLiteralType') return;
    for (const [key, inner] of Object.entries(node)) {
      // Examples of commands are no sentences; tests run them.
      if (key === 'value' && isNamed(node, 'examples')) continue;
      if (key === 'arguments' && isTitled(node['callee'])) visit((inner as unknown[]).slice(1));
      else visit(inner);
    }
  };
  visit(parseSync(source, { syntax: 'typescript', target: 'es2023' }).body);
  return found;
}

function literal(node: Node): string | undefined {
  if (node.type === 'StringLiteral') return String(node['value']);
  if (node.type === 'RegExpLiteral') return String(node['pattern']).replaceAll(/\\[nrtdws]|[\\^$]|\.\*/g, ' ');
  if (node.type !== 'TemplateLiteral' || !Array.isArray(node['quasis'])) return undefined;
  return node['quasis'].map((quasi: Node) => String(quasi['cooked'] ?? quasi['raw'])).join('…');
}

const isNamed = (node: Node, name: string): boolean =>
  node.type === 'KeyValueProperty' && (node['key'] as Node)['value'] === name;

/** `it(…)`, `it.only(…)`, and what `it.each(…)` gives; the rows that `each` itself is given are not titles. */
function isTitled(callee: unknown): boolean {
  if (typeof callee !== 'object' || callee === null) return false;
  const { type, value, object, property, callee: made } = callee as Node;
  if (type === 'Identifier') return titled.test(String(value));
  if (type === 'MemberExpression') return isTitled(object) && (property as Node)['value'] !== 'each';
  return type === 'CallExpression' && isTitled((made as Node)['object']);
}
