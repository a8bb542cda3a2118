import { BicepCompiler, bicepCompiler } from '../../tools/bicep/compiler';
import { sampleEnvironment } from '../../tools/bicep/project';

const required = process.env['GOLDBOT_REQUIRE_BICEP'] === '1';

/**
 * Tests that ask Bicep's own compiler. Without it they are skipped, and that is said aloud; with
 * `GOLDBOT_REQUIRE_BICEP=1`, as in CI, they fail instead.
 */
export function judgedByBicep(name: string, tests: (compiler: () => BicepCompiler) => void): void {
  const path = bicepCompiler();
  if (path !== undefined) {
    describe(name, () => {
      let compiler: BicepCompiler;
      beforeAll(() => {
        compiler = new BicepCompiler(path, sampleEnvironment());
      });
      afterAll(() => compiler.close());
      tests(() => compiler);
    });
  } else if (required) {
    it(`${name}: needs the Bicep compiler`, () => {
      throw new Error(
        'The Bicep compiler is not here, and GOLDBOT_REQUIRE_BICEP=1 demands it: npm run bicep -- --fetch.',
      );
    });
  } else {
    process.stderr.write(`skipped: ${name} (no Bicep compiler; where there is .NET: npm run bicep -- --fetch)\n`);
    describe.skip(`${name} (skipped: no Bicep compiler)`, () => {
      it('is judged by the Bicep compiler', () => {});
    });
  }
}
