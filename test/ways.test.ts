import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headings, limits, readersList, type WayName } from '../tools/ways/reader';

const root = join(__dirname, '..');
const names = Object.keys(headings) as WayName[];

describe('the four ways of docs/architecture.md', () => {
  it.each(names)('%s leads through files that exist', (name) => {
    expect(readersList(name, root).broken).toEqual([]);
  });

  it.each(names)('%s is no longer than a reader should have to walk', (name) => {
    expect(readersList(name, root).files.length).toBeLessThanOrEqual(limits[name]);
  });
});

describe('a list for readers', () => {
  const list = (name: WayName, ...lines: string[]) => ['', `### ${headings[name]}`, '', ...lines, ''].join('\n');
  const page = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-ways-'));
    mkdirSync(join(folder, 'docs'));
    writeFileSync(join(folder, 'docs/architecture.md'), text);
    writeFileSync(join(folder, 'there.ts'), '');
    return folder;
  };

  it('names a link that leads nowhere', () => {
    const folder = page(list('click', '1. [a](../there.ts)', '2. [b](../gone.ts)'));

    expect(readersList('click', folder)).toEqual({ files: ['there.ts', 'gone.ts'], broken: ['gone.ts'] });
  });

  it('begins with the way whose heading it links, and counts a file once', () => {
    const ways = [
      list('publish', '1. [a](../there.ts)'),
      list('publish and back', '1. [first](#from-a-message-to-azure)', '2. [a](../there.ts#L3), [c](../c.ts)'),
    ];

    expect(readersList('publish and back', page(ways.join('\n'))).files).toEqual(['there.ts', 'c.ts']);
  });

  it('does not pass when a way has no list any more', () => {
    expect(() => readersList('digest', page(list('digest', 'nothing here')))).toThrow('has no numbered list');
    expect(() => readersList('digest', page(''))).toThrow('no heading');
  });
});

describe('what ran between two points', () => {
  it('is told by files of which a function of their own ran, not by what was loaded or read through', () => {
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-ran-'));
    mkdirSync(join(folder, 'core'));
    const files = {
      'core/ran.ts': 'export function ran() { return [1].map((n) => n + 1); }',
      'core/before.ts': 'export function before() { return 1; }',
      'core/read.ts': 'export const limit = 3; export const unused = () => limit;',
      'core/index.ts':
        "export { ran } from './ran'; export { before } from './before'; export { limit } from './read';",
      'main.ts': `import { Coverage } from ${JSON.stringify(join(root, 'tools/ways/coverage'))};
        import { before, limit, ran } from './core';
        async function main() {
          before();
          const coverage = new Coverage(__dirname);
          await coverage.begin();
          ran();
          const executed = await coverage.end();
          console.log(JSON.stringify([limit, [...executed]]));
        }
        void main();`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);

    const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', join(folder, 'main.ts')], {
      cwd: root,
      encoding: 'utf8',
    });

    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([3, [['core/ran.ts', ['ran', '(nameless)']]]]);
  });
});
