import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const places = [join(root, '../shared'), join(root, '.specs')];

/**
 * Azure's and Teams' own words: beside the checkout, or in `.specs/` where `npm run specs` puts them. Nothing of them is
 * part of the project.
 */
export const shared = places.find((place) => existsSync(join(place, 'azure-specs'))) ?? join(root, '.specs');
const present = existsSync(join(shared, 'azure-specs'));
const required = process.env['GOLDBOT_REQUIRE_SHARED'] === '1';

/** One of these files, parsed. */
export function sharedJson<T>(...path: readonly string[]): T {
  return JSON.parse(readFileSync(join(shared, ...path), 'utf8')) as T;
}

/** Names of what lies in one of these folders; none without it, so that tests can be listed (and skipped). */
export function sharedFiles(...path: readonly string[]): string[] {
  const folder = join(shared, ...path);
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/**
 * Tests that Azure's and Teams' own words judge. Without them the tests are skipped, and that is said aloud; with
 * `GOLDBOT_REQUIRE_SHARED=1`, as in CI, they fail instead.
 */
export function judged(name: string, tests: () => void): void {
  if (present) {
    describe(name, tests);
  } else if (required) {
    it(`${name} needs the specifications`, () => {
      throw new Error('Neither ../shared nor .specs is here, and GOLDBOT_REQUIRE_SHARED=1 demands one: npm run specs.');
    });
  } else {
    process.stderr.write(`skipped: ${name} (no specifications to judge by; fetch them with: npm run specs)\n`);
    describe.skip(`${name} (skipped: no specifications)`, () => {
      it('is judged by the specifications', () => {});
      try {
        // jest counts them as skipped, as far as they can be listed without the files that they are about.
        tests();
      } catch (error) {
        process.stderr.write(`  not all of its tests can be listed: ${(error as Error).message}\n`);
      }
    });
  }
}
