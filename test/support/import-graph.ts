import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Files by what they import when they are loaded; `import type` is nothing by then. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

const statement = /^(?:import|export)\s+(type\s+)?(\{[^}]*\}|\*[^;]*?|[\w$]+)\s*from\s+'(\.[^']*)'/gm;

/** `files`: TypeScript files relative to `root`, with slashes. */
export function importGraph(root: string, files: readonly string[]): ImportGraph {
  const known = new Set(files);
  return new Map(files.map((file) => [file, importsOf(readFileSync(join(root, file), 'utf8'), file, known)]));
}

function importsOf(text: string, file: string, known: ReadonlySet<string>): readonly string[] {
  return [...text.matchAll(statement)].flatMap(([, type, names = '', path = '']) => {
    if (type !== undefined || onlyTypes(names)) return [];
    const base = posix.normalize(posix.join(posix.dirname(file), path));
    return [`${base}.ts`, `${base}/index.ts`].find((candidate) => known.has(candidate)) ?? [];
  });
}

function onlyTypes(names: string): boolean {
  if (!names.startsWith('{')) return false;
  return names
    .slice(1, -1)
    .split(',')
    .map((name) => name.trim())
    .every((name) => name === '' || name.startsWith('type '));
}

/** One circle of files that load each other; undefined when there is none. */
export function findCircle(graph: ImportGraph): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const circle = visit(next, [...path, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const circle = visit(file, []);
    if (circle) return circle;
  }
  return undefined;
}
