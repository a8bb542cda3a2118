import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

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

describe('the import table', () => {
  it('is kept by every folder of the product', () => {
    const { status, output } = cruise(root, layers);
    expect(output).toContain('no dependency violations');
    expect(status).toBe(0);
  });

  it.each([
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
  ])('refuses %s', (_what, path, text, rule) => {
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-imports-'));
    const files = {
      [path]: text,
      'services/b.ts': 'export const b = 1;',
      'store/b.ts': 'export const b = 1;',
      'core/b.ts': 'export const b = 1;',
    };
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const { output } = cruise(folder, [dirname(path)]);
    expect(output).toContain(rule);
  });
});
