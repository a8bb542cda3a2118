import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const required = process.env['GOLDBOT_REQUIRE_POWERSHELL'] === '1';

type Place = readonly [command: string, ...first: string[]];

/** The .NET tool that `.config/dotnet-tools.json` names, once `dotnet tool restore` has fetched it; or the machine's own. */
const places: readonly Place[] = [['dotnet', 'tool', 'run', 'pwsh', '--'], ['pwsh']];

const quiet = {
  ...{ DOTNET_NOLOGO: '1', DOTNET_CLI_TELEMETRY_OPTOUT: '1' },
  ...{ POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off' },
};

function start([command, ...first]: Place, args: readonly string[], input = '') {
  const env = { ...process.env, ...quiet };
  return spawnSync(command, [...first, ...args], { cwd: root, env, input, encoding: 'utf8', timeout: 120_000 });
}

const isHere = (place: Place): boolean => /^PowerShell 7/.test(start(place, ['-Version']).stdout ?? '');

/**
 * What a script file answers to a question, both as JSON: on its standard input and on its standard output. A start takes
 * a second or more, so one file of tests should ask once. Undefined where there is no PowerShell.
 * @throws when the script fails or says anything on its error stream
 */
export function askPowerShell<Answer>(file: string, question: unknown): Answer | undefined {
  for (const place of places) {
    const args = ['-NoLogo', '-NoProfile', '-NonInteractive', '-File', file];
    const { status, stdout, stderr } = start(place, args, JSON.stringify(question));
    if (status === 0 && stderr === '') return JSON.parse(stdout) as Answer;
    if (isHere(place)) throw new Error(`${file} ended with ${status}: ${stderr}${stdout}`);
  }
  return undefined;
}

/**
 * Tests that PowerShell itself has judged. Without an answer they are skipped, and that is said aloud; with
 * `GOLDBOT_REQUIRE_POWERSHELL=1`, as in CI, they fail instead.
 */
export function judgedByPowerShell<Answer>(name: string, answer: Answer | undefined, tests: (answer: Answer) => void) {
  if (answer !== undefined) {
    describe(name, () => tests(answer));
  } else if (required) {
    it(`${name}: needs PowerShell`, () => {
      throw new Error('PowerShell is not here, and GOLDBOT_REQUIRE_POWERSHELL=1 demands it: dotnet tool restore.');
    });
  } else {
    process.stderr.write(`skipped: ${name} (no PowerShell to judge by; where there is .NET: dotnet tool restore)\n`);
    describe.skip(`${name} (skipped: no PowerShell)`, () => {
      it('is judged by PowerShell', () => {});
    });
  }
}
