import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureOfLog, stepsBegun } from '../../core/images';

const log = (name: string) => readFileSync(join(__dirname, 'logs', `${name}.txt`), 'utf8');

describe('the first real error of a log', () => {
  const cases: [log: string, error: RegExp, remedy: RegExp][] = [
    ['dpkg-lock', /^E: Could not get lock .*unattended-upgr/, /cloud-init status --wait/],
    ['command-not-found', /line 3: aide: command not found$/, /not on this system/],
    ['apt-404', /^Err:7 .*libssl3.*: 404 Not Found/, /apt-get update/],
    ['no-space', /^dpkg: error processing archive .*dotnet-sdk/, /disk is full/],
    ['key-expired', /^Err:4 https:\/\/packages\.example\.com/, /signing key has expired/],
    ['policy', /^ERROR: -> InvalidTemplateDeployment/, /Azure Policy forbids/],
    ['windows-download', /^Invoke-WebRequest : The remote name could not be resolved/, /cannot resolve names/],
    ['timeout', /context deadline exceeded/, /ran out of time/],
  ];
  it.each(cases)('is found in %s, with what has helped before', (name, error, remedy) => {
    const found = failureOfLog(log(name));
    expect(found.error).toMatch(error);
    expect(found.remedy).toMatch(remedy);
  });

  it('is not what looks like one in every build', () => {
    const found = failureOfLog(log('command-not-found'));
    expect([found.error, ...found.tail].join('\n')).not.toMatch(/debconf|liberror|microcode|policy-rc/);
  });

  it('is found when the failing step says nothing, by how it ended', () => {
    const silent = [
      '==> azure-arm: Provisioning with shell script: /tmp/a',
      "Build 'azure-arm' errored after 1 minute: Script exited with non-zero exit status: 137. Allowed exit codes are: [0]",
    ].join('\n');
    expect(failureOfLog(silent)).toMatchObject({
      error: expect.stringContaining('exit status: 137'),
      remedy: expect.stringContaining('memory'),
    });
  });

  it('of a log in which nothing went wrong names no error', () => {
    expect(failureOfLog('')).toEqual({ tail: [] });
    expect(failureOfLog('==> azure-arm: Connected to SSH!').error).toBeUndefined();
  });

  it('of any text has one line, and a tail of at most twelve', () => {
    const long = Array.from({ length: 500 }, (_, i) => `==> azure-arm: item a${i} failed ${'x'.repeat(i * 3)}`).join(
      '\n',
    );
    const found = failureOfLog(long);
    expect(found.error).toBe('item a0 failed');
    expect(found.tail).toHaveLength(12);
    expect(Math.max(...found.tail.map((l) => l.length))).toBe(300);
  });
});

describe('the tail', () => {
  it('is the end of the failing step, without what Packer does afterwards and what its plugins say', () => {
    const { tail } = failureOfLog(log('command-not-found'));
    expect(tail).toEqual([
      'installing the agent',
      '/tmp/script_4112.sh: line 3: aide: command not found',
      'Script exited with non-zero exit status: 127. Allowed exit codes are: [0]',
    ]);
  });
});

describe('the failing step', () => {
  it('is told by its place in the recipe', () => {
    expect(failureOfLog(log('command-not-found'), ['updates', 'aide', 'tattoo']).step).toBe('aide');
    expect(failureOfLog(log('dpkg-lock'), ['updates', 'aide', 'tattoo']).step).toBe('updates');
  });

  it('is told by its name where the log has it', () => {
    const named = log('command-not-found').replace('installing the agent', 'goldbot step: harden');
    expect(failureOfLog(named, ['updates', 'aide', 'harden']).step).toBe('harden');
  });

  it('is the one with the longest name when the log has a name that begins like it', () => {
    const named = log('command-not-found').replace('installing the agent', 'goldbot step: harden-sshd');
    expect(failureOfLog(named, ['harden', 'harden-sshd', 'x']).step).toBe('harden-sshd');
  });

  it('is the last that has begun', () => {
    expect(stepsBegun(log('command-not-found'))).toBe(2);
    expect(stepsBegun(log('policy'))).toBe(0);
  });

  it('is unknown when the build failed before any', () => {
    expect(failureOfLog(log('policy'), ['updates']).step).toBeUndefined();
  });
});
