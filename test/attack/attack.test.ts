import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from '../chaos/random';
import { mutants } from '../mutants/list';
import { sized } from '../support/size';
import { figures } from './figures';
import { fronts } from './fronts';

const root = join(__dirname, '../..');
const seed = 14;

const played = fronts.flatMap(({ name, sizes, play }) => {
  const size = sizes && sized(sizes.sample, sizes.full);
  return play && size ? [[name, play, size] as const] : [];
});

describe('an attack', () => {
  it.each(played)('on %s lets nobody in', async (_, play, size) => {
    const { tries, letIn } = await play({ size, random: seeded(seed), seed });

    expect(letIn).toEqual([]);
    expect(tries).toBeGreaterThanOrEqual(size);
  });
});

describe('the fronts', () => {
  it.each(fronts.map((front) => [front.name, front] as const))('%s names what there is', (_, front) => {
    const { guards, suites = [], faults, play } = front;
    expect(play !== undefined || suites.length > 0).toBe(true);
    for (const path of [...guards, ...suites.map(({ file }) => file)])
      expect([path, existsSync(join(root, path))]).toEqual([path, true]);
    for (const { file, only } of suites)
      if (only) expect(readFileSync(join(root, file), 'utf8')).toMatch(new RegExp(only));
    expect(faults.filter((fault) => !mutants.some(({ harm }) => harm === fault))).toEqual([]);
    // A fault in a guard must be somewhere that the front's guards are.
    const places = mutants.filter(({ harm }) => faults.includes(harm)).map(({ file }) => file);
    expect(places.filter((file) => !guards.includes(file))).toEqual([]);
  });

  it('have a name each, and only figures of their own', () => {
    const names = fronts.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(figures()).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('of which a figure is kept let nobody in', () => {
    expect(Object.entries(figures()).filter(([, { letIn }]) => letIn > 0)).toEqual([]);
  });
});
