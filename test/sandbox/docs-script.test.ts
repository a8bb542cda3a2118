import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startWorld } from '../support/world';

describe('the script of docs/sandbox.md', () => {
  it('publishes an image with nothing but what that page says', async () => {
    const page = readFileSync(join(__dirname, '../../docs/sandbox.md'), 'utf8');
    const script = /```js\n(.*?)```/s.exec(page)?.[1] ?? '';
    const file = join(mkdtempSync(join(tmpdir(), 'goldbot-docs-')), 'publish.mjs');
    writeFileSync(file, script);
    const world = await startWorld();
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [file, world.teamsUrl]);
      expect(stdout).toMatch(/^Published ubuntu-22 1\.6\.0/);
      expect(stdout).toMatch(/● 1\.6\.0 · Latest/);
    } finally {
      await world.stop();
    }
  });
});
