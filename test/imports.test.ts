import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findCircle, importGraph } from './support/import-graph';
import { inFull, spread } from './support/size';

const root = join(__dirname, '..');
const layers = ['core', 'store', 'services', 'cards', 'workflows', 'dialogs', 'bot', 'app', 'sandbox'];
const bin = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

function cruise(cwd: string, folders: readonly string[]) {
  const config = join(root, '.dependency-cruiser.cjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, '--config', config, ...folders], {
    cwd,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

function productFiles(): string[] {
  const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...layers], {
    cwd: root,
    encoding: 'utf8',
  });
  return stdout.split('\n').filter((file) => file.endsWith('.ts') && existsSync(join(root, file)));
}

describe('what is loaded', () => {
  it('is never loaded in a circle', () => {
    const files = productFiles();
    expect(files.length).toBeGreaterThan(100);
    expect(findCircle(importGraph(root, files))).toBeUndefined();
  });

  it('shows a circle that leads through the face of a room, and none of types alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-circles-'));
    mkdirSync(join(folder, 'room'));
    writeFileSync(join(folder, 'room/index.ts'), "export { a } from './a';");
    writeFileSync(join(folder, 'room/a.ts'), "import { b } from '../b';\nexport const a = b;");
    const files = ['b.ts', 'room/a.ts', 'room/index.ts'];
    writeFileSync(join(folder, 'b.ts'), "import { type A, a } from './room';\nexport const b = a as A;");
    expect(findCircle(importGraph(folder, files))).toHaveLength(4);
    writeFileSync(join(folder, 'b.ts'), "import { type A } from './room';\nexport const b = 1 as A;");
    expect(findCircle(importGraph(folder, files))).toBeUndefined();
  });
});

/** What is wrong with the beginning of a room's face; undefined when it says in up to five lines what the room is for. */
function faceProblem(text: string): string | undefined {
  const comment = /^\/\*\*\n((?: \*.*\n)+?) \*\/\n/.exec(text)?.[1];
  if (comment === undefined) return 'does not begin with a doc comment';
  return comment.trim().split('\n').length > 5 ? 'takes more than five lines' : undefined;
}

describe('the face of each room', () => {
  const faces = productFiles().filter(
    (file) => /^(?!sandbox).*\/index\.ts$/.test(file) && !file.includes('migrations'),
  );

  it('begins by saying what lives there', () => {
    expect(faces.length).toBeGreaterThan(20);
    const problems = faces.map((file) => [file, faceProblem(readFileSync(join(root, file), 'utf8'))]);
    expect(problems.filter(([, problem]) => problem)).toEqual([]);
  });

  it('is named in the table of rooms', () => {
    const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
    const rooms = faces.filter((face) => /^(core|store|services|workflows|dialogs)\/[^/]+\/index\.ts$/.test(face));
    expect(rooms.filter((face) => !page.includes(`](../${face})`))).toEqual([]);
  });

  it('would be found without a word, or with too many', () => {
    expect(faceProblem("export { a } from './a';\n")).toBe('does not begin with a doc comment');
    expect(faceProblem(`/**\n${' * word\n'.repeat(6)} */\n`)).toBe('takes more than five lines');
    expect(faceProblem('/**\n * What lives here.\n */\n')).toBeUndefined();
  });
});

describe('the import table', () => {
  // `npm run check` asks for the same, before anything lands.
  inFull('is kept by every folder of the product', () => {
    const { status, output } = cruise(root, layers);
    expect(output).toContain('no dependency violations');
    expect(status).toBe(0);
  });

  it.each(
    spread(4, [
      [
        'a dialog that imports a service',
        'dialogs/a.ts',
        "import { b } from '../services/b';\nexport const a = b;",
        'dialogs-imports',
      ],
      [
        'a dialog that reaches past the reads',
        'dialogs/a.ts',
        "import { b } from '../store/b';\nexport const a = b;",
        'dialogs-imports',
      ],
      [
        'a sandbox that knows the product',
        'sandbox/a.ts',
        "import { b } from '../core/b';\nexport const a = b;",
        'sandbox-imports',
      ],
      [
        'a core that reads files',
        'core/a.ts',
        "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;",
        'core-needs-little',
      ],
      [
        'whoever reaches past the face of a room',
        'dialogs/a.ts',
        "import { b } from '../core/runs/b';\nexport const a = b;",
        'rooms-have-one-door',
      ],
    ]),
  )('refuses %s', (_what, path, text, rule) => {
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-imports-'));
    const files = {
      [path]: text,
      'services/b.ts': 'export const b = 1;',
      'store/b.ts': 'export const b = 1;',
      'core/b.ts': 'export const b = 1;',
      'core/runs/b.ts': 'export const b = 1;',
    };
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const { output } = cruise(folder, [dirname(path)]);
    expect(output).toContain(rule);
  });
});
