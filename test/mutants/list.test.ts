import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutants } from './list';

const root = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** Whether they are seen takes minutes: `npm run mutants:known`, every night. */
it.each(mutants.map((mutant) => [mutant.harm, mutant] as const))(
  'can still be put back: %s',
  (_, { file, text, instead, test, only }) => {
    expect(read(file).split(text)).toHaveLength(2);
    expect(instead).not.toBe(text);
    expect(existsSync(join(root, test))).toBe(true);
    if (only !== undefined) expect(read(test)).toContain(only);
  },
);

it('names each mistake once', () => {
  const names = mutants.map(({ harm }) => harm);
  expect(new Set(names).size).toBe(names.length);
});
