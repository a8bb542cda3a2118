import { conditionRoutes } from '../../sandbox/azure/conditions';
import { build } from '../../sandbox/azure/image-builder/build';
import type { JsonObject } from '../../sandbox/azure/image-builder/section';
import type { Json } from '../../sandbox/kernel/types';
import { ask } from './client';
import { baseGuest, run } from './guest/powershell-world';
import { get, imageBuilder, intoWindows, lastRun, put, readLog, template } from './image-builder-world';

const start = Date.parse('2026-11-22T12:00:00Z');

/** A build of these steps, and its log as people read it. */
function built(
  customize: readonly object[],
  {
    validate = [] as readonly object[],
    ...properties
  }: { validate?: readonly object[]; [name: string]: Json | readonly object[] } = {},
) {
  const template = {
    id: '/t/1',
    name: 't1',
    subscriptionId: 's',
    resourceGroup: 'g',
    location: 'westeurope',
    tags: {},
    identity: {},
    outputs: {},
    properties: {
      source: {},
      customize,
      validate: { inVMValidations: validate },
      ...properties,
    } as unknown as JsonObject,
  };
  const outcome = build(template, baseGuest(), start);
  const log = outcome.log.map(([, text]) => text).join('\n');
  const minutes = Math.round((outcome.endMs - start) / 60_000);
  return { ...outcome, text: log, minutes, error: /--> azure-arm: (.*)/.exec(log)?.[1] };
}

const ps = (...inline: string[]) => ({ type: 'PowerShell', name: 'p', inline });

describe('a build of Windows', () => {
  it('runs PowerShell in the machine, and what it did is in the image', () => {
    const { failure, guest, text } = built([
      ps(
        "New-Item 'HKLM:\\SOFTWARE\\x' -Force | Out-Null",
        "Set-ItemProperty 'HKLM:\\SOFTWARE\\x' a 1",
        "Write-Output 'said'",
      ),
    ]);
    expect(failure).toBeUndefined();
    expect(guest?.registry?.['HKLM\\SOFTWARE\\x']).toEqual({ a: { kind: 'DWord', data: 1 } });
    expect(text).toContain('PACKER OUT     azure-arm: said');
    expect(text).toMatch(/==> azure-arm: Provisioning with powershell script: \/tmp\/powershell-provisioner\d+/);
    expect(text).toContain('IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE');
  });

  it('is run by an administrator, and as SYSTEM when it is asked for', () => {
    const { text } = built([ps('whoami'), { ...ps('whoami'), runElevated: true, runAsSystem: true }]);
    expect(text.match(/azure-arm: (?:nt authority|pkrvm).*/g)).toEqual([
      'azure-arm: pkrvmt1\\packer',
      'azure-arm: nt authority\\system',
    ]);
  });

  it.each([
    ['throw', ["throw 'no disk'"], 'Script exited with non-zero exit status: 1. Allowed exit codes are: [0]'],
    ['exit', ['exit 7'], 'Script exited with non-zero exit status: 7. Allowed exit codes are: [0]'],
    [
      'the last program',
      ['cmd /c "exit 4"'],
      'Script exited with non-zero exit status: 4. Allowed exit codes are: [0]',
    ],
    [
      'an error that stops',
      ["$ErrorActionPreference = 'Stop'", 'Get-Service nope'],
      'Script exited with non-zero exit status: 1. Allowed exit codes are: [0]',
    ],
    ['an error that does not', ['Get-Service nope'], undefined],
    ['a script that cannot be read, of which Packer sees no exit code', ['if ($true) {'], undefined],
  ])('ends as Packer ends: %s', (_, inline, error) => {
    const outcome = built([ps(...inline)]);
    expect(outcome.error).toBe(error);
    expect(outcome.failure).toBe(error === undefined ? undefined : 'customizing');
  });

  it('takes the exit codes that are said to be valid, and no other', () => {
    expect(built([{ ...ps('exit 3010'), validExitCodes: [0, 3010] }]).failure).toBeUndefined();
    expect(built([{ ...ps('exit 1'), validExitCodes: [0, 3010] }]).error).toBe(
      'Script exited with non-zero exit status: 1. Allowed exit codes are: [0 3010]',
    );
  });

  it('installs what is newer than its base, and restarts by itself', () => {
    const { guest, text } = built([{ type: 'WindowsUpdate' }]);
    expect(guest?.os.kernel).toBe('10.0.20348.4565');
    expect(Object.keys(guest?.updates ?? {})).toHaveLength(4);
    expect(text).toMatch(/Found Windows update \(2026-11-10; .* MB\): 2026-11 Cumulative Update .* \(KB\d+\)/);
    expect(
      built([{ type: 'WindowsUpdate' }, { type: 'WindowsUpdate' }]).text.match(/Installing Windows updates/g),
    ).toHaveLength(1);
  });

  it('takes the updates that the filters let through, and no more than the limit', () => {
    const filtered = built([{ type: 'WindowsUpdate', filters: ["exclude:$_.Title -like '*.NET*'", 'include:$true'] }]);
    expect(Object.keys(filtered.guest?.updates ?? {})).toHaveLength(3);
    expect(filtered.text).toContain('Skipped (filter) Windows update');
    expect(Object.keys(built([{ type: 'WindowsUpdate', updateLimit: 1 }]).guest?.updates ?? {})).toHaveLength(2);
    expect(built([{ type: 'WindowsUpdate', filters: ['exclude:$true'] }]).text).toContain('No Windows updates found');
  });

  it('does not update while a restart is pending, which WindowsRestart mends', () => {
    const feature = ps('$null = Install-WindowsFeature Hyper-V');
    const failed = built([feature, { type: 'WindowsUpdate' }]);
    expect(failed.text).toContain('0x80240016');
    expect(failed.error).toBe('Windows update script exited with non-zero exit status: 1');
    expect(built([feature, { type: 'WindowsRestart' }, { type: 'WindowsUpdate' }]).guest?.features?.['Hyper-V']).toBe(
      true,
    );
  });

  it('waits for a restart no longer than it may', () => {
    expect(built([{ type: 'WindowsRestart', restartTimeout: '1m' }]).error).toBe(
      'Timeout waiting for machine to restart.',
    );
    expect(built([{ type: 'WindowsRestart', restartTimeout: '2m' }]).failure).toBeUndefined();
    expect(built([ps('Set-Service WinRM -StartupType Disabled'), { type: 'WindowsRestart' }]).error).toBe(
      'Timeout waiting for machine to restart.',
    );
  });

  it.each([
    ['its service', 'Stop-Service WinRM'],
    [
      'its port',
      '$null = New-NetFirewallRule -DisplayName x -Direction Inbound -Action Block -Protocol TCP -LocalPort 5986',
    ],
  ])('ends when the recipe cuts off WinRM: %s', (_, cut) => {
    expect(built([ps(cut), ps('1')]).error).toMatch(/5986\/wsman.*i\/o timeout$/);
    expect(built([ps(cut)]).failure).toBe('customizing');
  });

  it('does not end when the recipe blocks another port', () => {
    expect(
      built([
        ps('$null = New-NetFirewallRule -DisplayName x -Direction Inbound -Action Block -Protocol TCP -LocalPort 445'),
      ]).failure,
    ).toBeUndefined();
  });

  it('is generalized by a file that the recipe may change and must not delete', () => {
    const file = 'C:\\DeprovisioningScript.ps1';
    const deleted = built([ps(`Remove-Item ${file}`)]);
    expect(deleted.failure).toBe('customizing');
    expect(deleted.text).toContain(`The term '${file}' is not recognized`);
    const changed = built([ps(`Add-Content ${file} "Write-Output 'mine'"`)]);
    expect(changed.text).toContain('azure-arm: mine');
    expect(changed.guest?.files[file]).toBeUndefined();
  });

  it('is never generalized while a restart is pending: Sysprep says so until the time is over', () => {
    const { text, minutes } = built([ps('$null = Install-WindowsFeature Hyper-V')]);
    expect(text).toContain('IMAGE_STATE_UNDEPLOYABLE');
    expect(minutes).toBeGreaterThan(16 * 60);
  });

  it('is validated by PowerShell on a machine of its own', () => {
    const good = built([ps('Set-Service Spooler -StartupType Disabled')], {
      validate: [ps("if ((Get-Service Spooler).Status -ne 'Stopped') { throw 'it runs' }")],
    });
    expect(good.failure).toBeUndefined();
    const bad = built([], { validate: [ps("if ((Get-Service Spooler).Status -ne 'Stopped') { throw 'it runs' }")] });
    expect(bad.failure).toBe('validating');
    expect(bad.text).toContain('In-VM validation failed: p');
    expect(built([], { validate: [ps('Get-Something')] }).failure).toBe('validating');
  });

  it('keeps what is not modelled out of it, and says so', () => {
    const { failure, text, guest } = built([
      ps('choco install git'),
      { type: 'PowerShell', name: 'remote', scriptUri: 'https://example.com/a.ps1' },
      { type: 'File', name: 'f', sourceUri: 'https://example.com/b', destination: 'C:\\b' },
    ]);
    expect(failure).toBeUndefined();
    expect(text.match(/sandbox: not executed: .*/g)).toEqual([
      'sandbox: not executed: choco',
      'sandbox: not executed: remote: the sandbox does not fetch https://example.com/a.ps1',
      'sandbox: not executed: f: the sandbox does not fetch https://example.com/b',
    ]);
    expect(run(guest ?? baseGuest(), 'Get-Content C:\\b').stdout).toBe(
      'sandbox: not fetched from https://example.com/b\n',
    );
  });
});

describe('a build machine that Packer does not reach in time', () => {
  const source = {
    type: 'PlatformImage',
    publisher: 'MicrosoftWindowsServer',
    offer: 'WindowsServer',
    sku: '2022-datacenter-g2',
  };

  it.each([
    ['Standard_D1_v2', 'Failed'],
    ['Standard_D2_v2', 'Succeeded'],
  ])('of the size %s: %s', async (vmSize, runState) => {
    const azure = imageBuilder();
    azure.sandbox.add(
      'azure',
      conditionRoutes(azure.world, () => 0),
    );
    await ask(azure.sandbox, 'POST', '/_sandbox/conditions', { builds: [{ size: 'Standard_D1_v2', reached: false }] });
    const properties = { source, vmProfile: { vmSize } };
    await put(azure, 't1', template({ customize: [ps('1')], properties, distribute: intoWindows }));
    azure.world.clock.advance(120);
    expect(await lastRun(azure, 't1')).toMatchObject({ runState });
    const log = await readLog(azure, String((await get(azure, 't1')).body.properties['exactStagingResourceGroup']));
    expect(log.includes('Timeout waiting for WinRM.')).toBe(runState === 'Failed');
  });
});
