import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsHelp } from '../app/settings';
import { commands } from '../dialogs';

const root = join(__dirname, '..');
const read = (page: string): string => readFileSync(join(root, page), 'utf8');
const guides = readdirSync(join(root, 'docs')).filter((page) => page.endsWith('.md') && page !== 'plan.md');
const pages = ['README.md', 'deploy/README.md', ...guides.map((page) => `docs/${page}`)];

const verbs = commands.map(({ verb }) => verb);
const begins = (sentence: string) => verbs.some((verb) => new RegExp(`^${verb}(?![\\w-])`).test(sentence));

/** What a page tells people to type that there is not: sentences for goldbot, scripts of package.json. */
function gone(text: string): readonly string[] {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const said = [...text.matchAll(/@goldbot ([a-z][^`\n]*)/g)].map(([, sentence = '']) => sentence);
  const run = [...text.matchAll(/npm run ([a-z][a-z:-]*)/g)].map(([, script = '']) => script);
  return [...said.filter((one) => !begins(one)), ...run.filter((script) => !(script in scripts))];
}

/** Commands that no line of code on a page begins with. */
function untold(text: string): readonly string[] {
  const code = [...text.replace(/```.*?```/gs, '').matchAll(/`([^`\n]+)`/g)].map(([, words = '']) => words);
  const lines = code.map((words) => words.replace(/^@goldbot /, ''));
  return verbs.filter((verb) => !lines.some((words) => new RegExp(`^${verb}(?![\\w-])`).test(words)));
}

describe('what people read about goldbot', () => {
  it.each(pages)('%s names commands and scripts that there are', (page) => {
    expect(gone(read(page))).toEqual([]);
  });

  it('would not hide one that is gone', () => {
    expect(gone('`@goldbot schedules`, `@goldbot approve-all R-9WXB4`, `npm run docter`')).toEqual([
      'schedules',
      'docter',
    ]);
  });

  it('tells of each command where people look first', () => {
    expect(untold(read('README.md'))).toEqual([]);
    expect(untold('`approve-all R-9WXB4`')).toContain('approve');
  });

  it('tells of each setting where operators look', () => {
    const text = pages.map(read).join('\n');
    expect(Object.keys(settingsHelp).filter((name) => !text.includes(name))).toEqual([]);
  });
});
