import { parse } from 'yaml';
import { z } from 'zod';
import { catalogueSections } from '../../tools/docs/catalogue';
import { exampleFiles } from '../support/catalogue';

const page = catalogueSections().join('\n');

/** Names of keys at any depth; those below the root of teams.yaml are names of teams. */
function keysOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

describe('the page about the catalogue', () => {
  it('has every key that the example uses', () => {
    const keys = exampleFiles().flatMap(({ path, text }) => {
      const content = parse(text);
      return keysOf(path === 'teams.yaml' ? Object.values(content) : content);
    });
    expect(new Set(keys).size).toBeGreaterThan(20);
    expect(keys.filter((key) => !new RegExp(`[.\` ]${key}\``).test(page))).toEqual([]);
  });

  it('tells type, default and meaning of a key', () => {
    expect(page).toContain('| `regions[].replicas` | integer, 1 to 100 | `1` | Replicas of a version there.');
    expect(page).toContain('| `endOfLife` | duration or `none` | `+6mo` | From publishing to end of life. |');
    expect(page).toContain('| `customize[].sha256Checksum` (File) | SHA-256 | required | Checksum of the file. |');
  });

  it('cannot be written while a key has no meaning', () => {
    const schema = z.strictObject({ outer: z.strictObject({ secret: z.string() }).describe('Outer.') });
    expect(() => catalogueSections({ 'a.yaml': { schema, about: 'A file.' } })).toThrow('describes no `outer.secret`');
  });
});
