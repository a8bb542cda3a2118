import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filledIn, type Result } from '../bench/table';

const read = (path: string) => readFileSync(join(__dirname, '..', path), 'utf8');
const page = read('docs/performance.md');
const measured = [...read('bench/main.ts').matchAll(/ids: \[([^\]]+)\]/g)].flatMap(([, ids = '']) =>
  [...ids.matchAll(/'(B\d+)'/g)].map(([, id]) => id as string),
);

const result = (id: string, goldbot: string): Result => ({
  ...{ id, goldbot, what: 'what', peers: ['one: 2', 'two: 3'], target: 'little', reached: true },
});

describe('the figures of docs/performance.md', () => {
  it('have a place for each measurement of npm run bench', () => {
    expect(measured).toContain('B1');
    expect(() =>
      filledIn(
        page,
        measured.map((id) => result(id, '1')),
        new Date(),
      ),
    ).not.toThrow();
  });

  it('are replaced where they were measured again, and stay elsewhere', () => {
    const at = new Date('2026-12-02T00:00:00Z');
    const once = filledIn(page, [result('B1', 'slow'), result('B2', 'kept')], at);
    const twice = filledIn(once, [result('B1', 'quick'), result('B1', 'quicker')], at);

    expect(twice).not.toContain('slow |');
    for (const figure of ['quick', 'quicker', 'kept']) expect(twice).toContain(`| ${figure} | one: 2; two: 3 |`);
    expect(twice).toContain('*2 December 2026; ');
  });

  it('are put into no page that has no place for them', () => {
    expect(() => filledIn('', [result('B1', '1')], new Date())).toThrow('no place for B1');
  });
});
