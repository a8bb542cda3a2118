import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureOfBuild, failureOfLog, linesForPeople, stepsBegun } from '../../core/images';

const log = (name: string) => readFileSync(join(__dirname, 'logs', `${name}.txt`), 'utf8');

describe('a log as people read it', () => {
  it('has each step by its name, what it said, and how it ended, and nothing else in front of a line', () => {
    expect(linesForPeople(log('apt-404'), ['apt-upgrade'])).toEqual([
      '▸ apt-upgrade',
      expect.stringMatching(/^ {2}Err:7 http/),
      '  404  Not Found [IP: 20.50.2.10 80]',
      expect.stringMatching(/^ {2}E: Failed to fetch/),
      expect.stringMatching(/^ {2}E: Unable to fetch/),
      'Script exited with non-zero exit status: 100. Allowed exit codes are: [0]',
    ]);
    expect(linesForPeople(log('windows-download')).slice(0, 2)).toEqual([
      '▸ creating the machine',
      '  Running builder ...',
    ]);
  });

  it('names what is no step of the recipe by its script', () => {
    const heading = (script: string) => linesForPeople(`==> azure-arm: Provisioning with shell script: ${script}`);
    expect(heading('/tmp/packer-shell107919 (no-leftover-lists)')).toEqual(['▸ no-leftover-lists']);
    expect(heading('/tmp/DeprovisioningScript.sh')).toEqual(['▸ DeprovisioningScript.sh']);
  });

  it('is without what looks like trouble in every build', () => {
    const all = linesForPeople(log('command-not-found')).join('\n');
    expect(all).toContain('aide: command not found');
    expect(all).not.toMatch(/PACKER|debconf|microcode|policy-rc/);
  });
});

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

describe('a line of the log', () => {
  const heading = '==> azure-arm: Provisioning with shell script: /tmp/s.sh';
  const tailOf = (...lines: string[]) => failureOfLog([heading, ...lines].join('\n')).tail;
  const guid = '[0f3c1a2b-77aa-4c1d-9d11-a1b2c3d4e5f6]';

  it.each([
    [`${guid} PACKER OUT     azure-arm: words 1`],
    [`${guid} PACKER ERR     azure-arm: words 1\r`],
    [`${guid} PACKER OUT ==> azure-arm: words 1`],
    ['PACKER words 1'],
    ['    azure-arm: words 1'],
    ['--> azure-arm.ubuntu-22: words 1'],
    ['==> words 1'],
    ['azure-arm: \u001b[1;32mwords 1\u001b[0m'],
    [`${guid} PACKER 2025/03/18 20:42:48 ui: ==> azure-arm: words 1`],
    [`${guid} PACKER ERR 2025/03/18 20:42:48   ui error:     azure-arm: words 1`],
    ['  2025/03/18 20:42:48 ui:words 1'],
    ['words 0\rwords 1\r'],
  ])('is its words alone: %j', (line) => {
    expect(tailOf(line)).toEqual(['words 1']);
  });

  it('of what plugins of Packer tell each other is none, and a date in words is words', () => {
    expect(tailOf('2025/03/18 20:42:48 packer-plugin: polling', 'words', 'words')).toEqual(['words']);
    expect(tailOf('at 2025/03/18 20:42:48 it began')).toEqual(['at 2025/03/18 20:42:48 it began']);
  });

  it.each([
    ['  0  100    0     0    0     0      0 --:--:-- --:--:-- --:--:--     0curl: (22) The URL', 'curl: (22) The URL'],
    ['###   3.0%curl: (6) Could not resolve host', 'curl: (6) Could not resolve host'],
    ['my curl: (22) wrapper', 'my curl: (22) wrapper'],
  ])('behind a progress meter is what stands there: %j', (line, words) => {
    expect(tailOf(line)).toEqual([words]);
  });

  it.each([
    ['==> azure-arm: Provisioning with powershell script: x', 2],
    ['==> azure-arm: Uploading a.txt => /tmp/a.txt', 2],
    ['==> azure-arm: Restarting Machine', 2],
    ['==> azure-arm: Running Windows update', 2],
    ['==> azure-arm: Customizer 2', 2],
    ['==> azure-arm: Uploading a.txt', 1],
    ['==> azure-arm: then Provisioning with care', 1],
  ])('begins a step, or not: %s', (line, begun) => {
    expect(stepsBegun([heading, line].join('\n'))).toBe(begun);
  });

  it('names the step in its heading, with quotes or without', () => {
    const step = (text: string) => failureOfLog(`==> azure-arm: ${text}\nazure-arm: no`, []).step;
    expect(step("Customizer 'harden-sshd' began")).toBe('harden-sshd');
    expect(step('Customizer: agents')).toBe('agents');
    expect(step('Restarting Machine')).toBeUndefined();
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

describe('why a build failed', () => {
  const built = [
    '==> azure-arm: Provisioning with shell script: /tmp/a',
    '    azure-arm: could not find the optional feature, missing',
    "Build 'azure-arm' finished after 6 minutes 17 seconds.",
  ].join('\n');
  const distributing =
    'Deployment failed. Correlation ID: 1f2e3d4c-0000-4000-8000-000000000000. Failed in distributing 1 images out of total 1: {[Error 0] Internal error occurred.} For more troubleshooting steps go to https://aka.ms/azvmimagebuilderts.';
  const late = 'Failed in building/customizing image: Timeout waiting for microservice to complete.';

  it('is what Image Builder says when the image was built and could not be handed on', () => {
    const found = failureOfBuild(distributing, built, ['updates']);
    expect(found).toMatchObject({
      error: 'Failed in distributing 1 images out of total 1: {[Error 0] Internal error occurred.}',
      remedy: expect.stringContaining('the gallery would not take it'),
      tail: [],
    });
    expect(found.step).toBeUndefined();
    const validated = `${built}\n==> azure-arm: Validation VM is ready.\n    azure-arm: could not, missing`;
    expect(failureOfBuild(distributing, validated)).toEqual(found);
  });

  it('is what Image Builder says when Packer had ended well, and when there is no log', () => {
    expect(failureOfBuild(late, built).error).toBe(late);
    expect(failureOfBuild(late, undefined).error).toBe(late);
    expect(failureOfBuild(late, '').error).toBe(late);
  });

  it('is what a validator said when Packer had ended well before it', () => {
    const validated = [
      built,
      '==> azure-arm: Validation VM is ready.',
      '==> azure-arm: Provisioning with shell script: /tmp/b',
      '==> azure-arm: sshd: command not found',
      "Build 'azure-arm' errored after 9 minutes: Script exited with non-zero exit status: 127.",
    ].join('\n');
    expect(failureOfBuild('During the image build a failure has occurred.', validated).error).toBe(
      'sshd: command not found',
    );
    const hanging = validated.slice(0, validated.lastIndexOf('\n'));
    expect(failureOfBuild(late, hanging).error).toBe('sshd: command not found');
  });

  it('is the innermost of what ARM says of a deployment, and the whole where that cannot be read', () => {
    const inner = { code: 'QuotaExceeded', message: 'exceeding approved standardDSv5Family Cores quota' };
    const nested = JSON.stringify([{ code: 'DeploymentFailed', message: 'See details.', details: [inner] }]);
    const said = `Code="InvalidTemplateDeployment" Message="See inner errors." Details=${nested}`;
    const log = `==> azure-arm: ${said}\nBuild 'azure-arm' errored after 1 minute: ${said}`;
    expect(failureOfBuild('During the image build a failure has occurred.', log)).toMatchObject({
      error: `QuotaExceeded: ${inner.message}`,
      remedy: expect.stringContaining('no room for the build machine'),
    });
    expect(failureOfBuild(said, undefined).error).toBe(`QuotaExceeded: ${inner.message}`);
    const cut = 'Code="X" Message="y" Details=[{"code":"Quo"}, {]}]';
    expect(failureOfBuild(cut, undefined).error).toBe(cut);
  });
});
