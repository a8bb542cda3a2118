import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { some } from '../support/size';

const root = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'goldbot-run-'));

function run(command: string, ...args: string[]) {
  const env = { PATH: process.env['PATH'], GOLDBOT_DATA: join(folder, 'world') };
  const options = { cwd: root, env, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', `app/${command}.ts`, ...args],
    options,
  );
  return { status, stdout: stdout.trim().split('\n'), stderr: stderr.trim().split('\n') };
}

describe('a command of package.json', () => {
  it('says what it is for, and does nothing else, when asked for help', () => {
    mkdirSync(join(folder, 'world'));
    expect(run('reset', '--help')).toEqual({
      status: 0,
      stdout: [expect.stringMatching(/^npm run reset: deletes the local world/)],
      stderr: [''],
    });
    expect(existsSync(join(folder, 'world'))).toBe(true);
  });

  it('begins once its whole file is there: the doctor without any setting names them', () => {
    const { status, stdout } = run('doctor');
    expect([status, stdout[0]]).toEqual([1, 'Broken:']);
    expect(stdout[1]).toMatch(/MicrosoftAppId is missing/);
  });

  it.each(
    some<[string, string, string[], RegExp[]]>(1, [
      ['a word too many', 'reset', ['now'], [/^Unexpected argument 'now'\.$/, /^npm run reset: /]],
      [
        'two houses at once',
        'doctor',
        ['--sandbox', '--as', 'me'],
        [/^The doctor looks at the sandbox or, as you, at Azure: not at both at once\.$/, /^Leave out/],
      ],
      ['an option that it does not have', 'verify', ['--kee', 'x'], [/^Unknown option '--kee'/, /^npm run verify -- /]],
      [
        'a file that is not there',
        'verify',
        ['none.json'],
        [/^none\.json cannot be read: ENOENT/, /^Correct its name\.$/],
      ],
    ]),
  )('does nothing with %s, and says so in words', (_, command, args, said) => {
    const { status, stderr } = run(command, ...args);
    expect([status, stderr]).toEqual([1, said.map((line) => expect.stringMatching(line))]);
  });
});
