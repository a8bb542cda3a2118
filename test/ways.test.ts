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
