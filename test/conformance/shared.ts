import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Azure's and Teams' own words lie beside the checkout; nothing of them is part of the project. */
export const shared = join(__dirname, '../../../shared');
const present = existsSync(join(shared, 'azure-specs'));
const required = process.env['GOLDBOT_REQUIRE_SHARED'] === '1';

/** A file of `../shared`, parsed. */
export function sharedJson<T>(...path: readonly string[]): T {
  return JSON.parse(readFileSync(join(shared, ...path), 'utf8')) as T;
}

/** Names of what lies in a folder of `../shared`; none without it, so that tests can be listed (and skipped). */
export function sharedFiles(...path: readonly string[]): string[] {
  const folder = join(shared, ...path);
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/**
 * Tests that Azure's and Teams' own words judge. Without `../shared` they are skipped, and said so aloud; with
 * `GOLDBOT_REQUIRE_SHARED=1`, as in CI, they fail instead.
 */
export function judged(name: string, tests: () => void): void {
  if (present) {
    describe(name, tests);
  } else if (required) {
    it(`${name} needs ../shared`, () => {
      throw new Error(`${shared} is not here, and GOLDBOT_REQUIRE_SHARED=1 says that it must be.`);
    });
  } else {
    process.stderr.write(`skipped: ${name} (../shared is not here to judge)\n`);
    describe.skip(`${name} (skipped: ../shared is not here)`, () => {
      it('is judged by ../shared', () => {});
      try {
        // jest counts them as skipped, as far as they can be listed without the files that they are about.
        tests();
      } catch (error) {
        process.stderr.write(`  not all of its tests can be listed: ${(error as Error).message}\n`);
      }
    });
  }
}
