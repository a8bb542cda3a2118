import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const page = 'docs/architecture.md';

/** One way as told in `docs/architecture.md`: the product files that a reader opens, in order, each once. */
export interface ReadersList {
  readonly files: readonly string[];
  /** Links in the list to files that do not exist. */
  readonly broken: readonly string[];
}

/** The headings of the ways, in the page's words; a list that links to another way's heading begins with that way. */
export const headings = {
  publish: 'From a message to Azure',
  'publish and back': 'And back to the card',
  digest: 'The weekly digest',
  click: 'A click on Approve',
} as const satisfies Record<string, string>;

export type WayName = keyof typeof headings;

/** How many product files a way may lead through. */
export const limits: Readonly<Record<WayName, number>> = { publish: 35, 'publish and back': 48, digest: 26, click: 20 };

/** @throws Error when the page has no such way, or one without a numbered list. */
export function readersList(name: WayName, root: string): ReadersList {
  const text = readFileSync(join(root, page), 'utf8');
  const links = linksOf(section(text, headings[name]));
  if (links.length === 0) throw new Error(`${page}: "${headings[name]}" has no numbered list with links`);
  const before = (Object.keys(headings) as WayName[]).filter(
    (other) => other !== name && links.includes(anchor(headings[other])),
  );
  const all = [...before.flatMap((other) => linksOf(section(text, headings[other]))), ...links];
  const files = [...new Set(all.filter((link) => !link.startsWith('#')).map(resolved))];
  return { files, broken: files.filter((file) => !existsSync(join(root, file))) };
}

/** From the heading to the next one. */
function section(text: string, heading: string): string {
  const start = text.indexOf(`\n### ${heading}\n`);
  if (start < 0) throw new Error(`${page}: no heading "${heading}"`);
  const rest = text.slice(start + heading.length + 5);
  const end = rest.search(/\n##/);
  return end < 0 ? rest : rest.slice(0, end);
}

function linksOf(text: string): readonly string[] {
  const items = text.split('\n').filter((line) => /^\d+\. /.test(line));
  return items.flatMap((item) => [...item.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link));
}

function resolved(link: string): string {
  return posix.normalize(posix.join(posix.dirname(page), link.split('#')[0] ?? ''));
}

/** The anchor that GitHub makes from a heading. */
function anchor(heading: string): string {
  return `#${heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replaceAll(' ', '-')}`;
}
