import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageConfig } from '../../core/catalogue';
import { stepNames, type Tattoo, tattooFile, tattooSteps } from '../../core/images';
import { powerShellQuoted, saysNoTattoo } from '../../core/images/guest-tattoo';

const tattoo: Tattoo = {
  schema: '1',
  image: 'windows-2022',
  version: '1.3.0',
  source: 'MicrosoftWindowsServer:WindowsServer:2022-datacenter-azure-edition:20348.2966.261110',
  os: 'unread',
  built: '2026-11-22T10:00:00.000Z',
  run: 'R-7F3KQ',
  recipe: 'a'.repeat(64),
};
/** Values that would end a string, a line or a command if they could. */
const hostile = [
  "it's",
  '‘typographic’ ‚quotes‛',
  '$(hostname) `id` %s %n \\n',
  '"; exit 0 #',
  "'; Remove-Item C:\\ -Recurse; '",
];
const hostileTattoo: Tattoo = { ...tattoo, source: hostile.join(' '), run: hostile[4] ?? '' };

const lines = (steps: ReturnType<typeof tattooSteps>): string => {
  const last = steps.at(-1);
  return last && 'inline' in last ? (last.inline ?? []).join('\n') : '';
};
const windows: Pick<ImageConfig, 'os' | 'customize'> = { os: 'Windows', customize: [] };

describe('the tattoo in a Linux guest', () => {
  it('is written as it is, whatever its values are, by the shell that Image Builder uses', () => {
    const home = mkdtempSync(join(tmpdir(), 'tattoo-'));
    writeFileSync(join(home, 'sudo'), '#!/bin/sh\nexec "$@"\n');
    writeFileSync(join(home, 'os-release'), 'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 22.04.5 LTS"\n');
    chmodSync(join(home, 'sudo'), 0o755);
    const script = lines(tattooSteps(hostileTattoo, { os: 'Linux', customize: [] }));
    const here = script
      .replaceAll('/etc/goldbot', join(home, 'goldbot'))
      .replaceAll('/etc/os-release', join(home, 'os-release'));
    const ran = spawnSync('sh', ['-e', '-c', here], {
      env: { PATH: `${home}:${process.env['PATH']}` },
      encoding: 'utf8',
    });
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    const file = readFileSync(join(home, 'goldbot', 'tattoo'), 'utf8');
    expect(file).toBe(tattooFile({ ...hostileTattoo, os: 'Ubuntu 22.04.5 LTS' }));
  });
});

describe('the tattoo in a Windows guest', () => {
  it('comes last, as SYSTEM, after a restart: the recipe’s own or another one', () => {
    const restart = { type: 'WindowsRestart', name: 'mine' } as const;
    const added = tattooSteps(tattoo, windows);
    expect(added.map(({ type, name }) => `${type} ${name}`)).toEqual([
      'WindowsRestart goldbot-restart',
      'PowerShell goldbot-tattoo',
    ]);
    expect(added.at(-1)).toMatchObject({ runElevated: true, runAsSystem: true });
    expect(tattooSteps(tattoo, { ...windows, customize: [restart] })).toHaveLength(1);
    expect(stepNames(windows)).toEqual(['restart', 'tattoo']);
    expect(stepNames({ ...windows, customize: [restart] })).toEqual(['mine', 'tattoo']);
    expect(stepNames({ os: 'Linux', customize: [] })).toEqual(['tattoo']);
  });

  it('has no quotation mark that ends a value, nor any letter that the code page of a machine makes one of', () => {
    expect(powerShellQuoted("a'b $c")).toBe("'a''b $c'");
    expect(powerShellQuoted("a’b'é")).toBe("('' + 'a' + [char]0x2019 + 'b''' + [char]0xe9)");
    expect(powerShellQuoted('\n')).toBe("('' + [char]0xa)");
  });

  it.each([
    [true, 'cat: /etc/goldbot/tattoo: No such file or directory\n'],
    [true, 'HKLM\\SOFTWARE\\goldbot\\tattoo does\r\nnot exist\r\nAt C:\\script.ps1:5 char:25'],
    [false, 'Requested registry access is not allowed.'],
    [false, ''],
  ])('is missing (%s) where the machine says: %j', (missing, said) => {
    expect(saysNoTattoo(said)).toBe(missing);
  });
});
