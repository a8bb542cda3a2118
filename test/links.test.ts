import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..');
const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
});
const pages = stdout
  .trim()
  .split('\n')
  .filter((page) => existsSync(join(root, page)));

/** Links of a page to files of the repository that do not exist. */
function brokenLinks(page: string, text: string): readonly string[] {
  const links = [...text.replace(/```.*?```/gs, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const files = links.filter((link) => !/^(https?:|mailto:|#)/.test(link)).map((link) => link.split('#')[0] ?? '');
  return files.filter((file) => !existsSync(join(root, dirname(page), decodeURI(file))));
}

describe('the pages for people', () => {
  it.each(pages)('%s links files that exist', (page) => {
    expect(brokenLinks(page, readFileSync(join(root, page), 'utf8'))).toEqual([]);
  });

  it('would not hide a broken link', () => {
    expect(brokenLinks('docs/x.md', 'see [there](../README.md#try-it) and [gone](gone.md)')).toEqual(['gone.md']);
  });
});
