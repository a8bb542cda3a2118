import { failureOfBuild, failureOfLog, failureOfOutput, stepsBegun } from '../../core/images';

/** A customization log of a Windows build in the form of Packer's; `!` marks the error stream of a script. */
function packer(steps: readonly (readonly string[])[], exit: string, { cut = false } = {}) {
  const id = '[64f6f026-0959-4788-bfe8-da8ebd42ae51] ';
  const out = (text: string) => `${id}PACKER OUT ${text}`;
  const begun = steps.flatMap(([heading = '', ...lines]) => [
    ...heading.split('\n').map((h) => out(`==> azure-arm: ${h}`)),
    `${id}PACKER ERR 2026/11/20 12:09:31 packer-provisioner-powershell plugin: Uploading env vars to c:/Windows/Temp/packer-ps-env-vars-1.ps1`,
    ...lines.map((l) => out(l.startsWith('!') ? `==> azure-arm: ${l.slice(1)}` : `    azure-arm: ${l}`)),
  ]);
  const ended = [
    out('==> azure-arm: Provisioning step had errors: Running the cleanup provisioner, if present...'),
    out('==> azure-arm: Error: Failure sending request: StatusCode=409'),
    out(`Build 'azure-arm' errored after 41 minutes: ${exit}`),
    out("==> Some builds didn't complete successfully and had errors:"),
  ];
  return [
    out('==> azure-arm: Running builder ...'),
    out('==> azure-arm: Waiting for WinRM to become available...'),
    out('    azure-arm: #< CLIXML'),
    out('    azure-arm: WinRM connected.'),
    out('==> azure-arm: Connected to WinRM!'),
    ...begun,
    ...(cut ? [] : ended),
  ].join('\n');
}

const script =
  'Provisioning with Powershell...\nProvisioning with powershell script: /tmp/powershell-provisioner361870342';
const exited = (code: number, allowed = '[0]') =>
  `Script exited with non-zero exit status: ${code}. Allowed exit codes are: ${allowed}`;
const record = (said: readonly string[], id: string, place = 'C:\\Windows\\Temp\\script-5f956214.ps1:12 char:5') => [
  ...said.map((l) => `!${l}`),
  `!At ${place}`,
  '!+     Install-Package -Name agent',
  '!+     ~~~~~~~~~~~~~~~~~~~~~~~~~~~',
  '!    + CategoryInfo          : ObjectNotFound: (agent:String) [Install-Package], Exception',
  `!    + FullyQualifiedErrorId : ${id}`,
];
const updates =
  'Uploading the Windows update elevated script...\nUploading the Windows update check for reboot required elevated script...\nUploading the Windows update script...\nRunning Windows update...';

describe('the first real error of a Windows build', () => {
  const cases: [what: string, log: string, error: string, remedy: RegExp, step?: string][] = [
    [
      'an error record',
      packer(
        [
          [
            script,
            'installing',
            ...record(
              ['Get-Service : Cannot find any service with service name', "'agent'."],
              'NoServiceFoundForGivenName,Microsoft.PowerShell.Commands.GetServiceCommand',
            ),
          ],
        ],
        exited(1),
      ),
      "Get-Service : Cannot find any service with service name 'agent'.",
      /^The service does not exist on this system/,
    ],
    [
      'an exit code that asks for a restart',
      packer([[script, 'Installing agent.msi ...']], exited(3010)),
      exited(3010),
      /Add 3010 to the `validExitCodes`/,
    ],
    [
      'an exit code that the step does not allow',
      packer([[script, 'Installing agent.msi ...']], exited(1618, '[0 3010]')),
      exited(1618, '[0 3010]'),
      /^Another installation was still running/,
    ],
    [
      'updates while a restart is pending',
      packer(
        [
          [
            updates,
            'Searching for Windows updates...',
            'Found Windows update (2026-11-10; 640.11 MB): 2026-11 Cumulative Update (KB5051979)',
            'Installing Windows updates...',
            '!ERROR: Exception from HRESULT: 0x80240016',
            '!ERROR:',
          ],
        ],
        'Windows update script exited with non-zero exit status: 16001',
      ),
      'ERROR: Exception from HRESULT: 0x80240016',
      /^Another installation was still running, or Windows is waiting for a restart/,
    ],
    [
      'an update server that does not answer',
      packer(
        [
          [
            updates,
            'Searching for Windows updates...',
            "Search for Windows updates failed with 'Exception from HRESULT: 0x8024401F'. Retrying...",
          ],
        ],
        'Windows update script exited with non-zero exit status: 16001',
      ),
      "Search for Windows updates failed with 'Exception from HRESULT: 0x8024401F'. Retrying...",
      /does not reach the server of its updates/,
    ],
    [
      'a machine without WinRM',
      packer([], 'Timeout waiting for WinRM.'),
      'Timeout waiting for WinRM.',
      /`build\.vmSize`/,
    ],
    [
      'a restart that takes too long',
      packer(
        [
          [
            'Restarting Machine',
            '!A system shutdown has already been scheduled.(1190)',
            'Waiting for machine to restart...',
          ],
        ],
        'Timeout waiting for machine to restart.',
      ),
      'Timeout waiting for machine to restart.',
      /`restartTimeout`/,
    ],
    [
      'a machine that sysprep cannot generalize',
      packer(
        [
          [script, 'done'],
          [
            script,
            'IMAGE_STATE_COMPLETE',
            'IMAGE_STATE_UNDEPLOYABLE',
            'IMAGE_STATE_UNDEPLOYABLE',
            'IMAGE_STATE_UNDEPLOYABLE',
          ],
        ],
        'context deadline exceeded',
      ),
      'IMAGE_STATE_UNDEPLOYABLE',
      /^Sysprep could not generalize the machine/,
    ],
    [
      'a recipe without the script that generalizes',
      packer(
        [
          [script, 'done'],
          [
            script,
            ...record(
              [
                "& : The term 'C:\\DeprovisioningScript.ps1' is not recognized as the name of a cmdlet, function, script",
                'file, or operable program.',
              ],
              'CommandNotFoundException',
            ),
          ],
        ],
        exited(1),
      ),
      "& : The term 'C:\\DeprovisioningScript.ps1' is not recognized as the name of a cmdlet, function, script file, or operable program.",
      /a step has removed or broken that file/,
    ],
    [
      'a recipe that closes WinRM',
      packer(
        [[script, 'hardening']],
        'unknown error Post "https://10.1.0.4:5986/wsman": dial tcp 10.1.0.4:5986: i/o timeout',
      ),
      'unknown error Post "https://10.1.0.4:5986/wsman": dial tcp 10.1.0.4:5986: i/o timeout',
      /^The step cut Image Builder off/,
    ],
    [
      'a script that is gone',
      packer([[script]], exited(4294770688)),
      exited(4294770688),
      /emptied `C:\\Windows\\Temp`/,
    ],
    [
      'a script that PowerShell cannot read',
      packer(
        [[script, ...record(["Missing closing '}' in statement block or type definition."], 'MissingEndCurlyBrace')]],
        exited(1),
      ),
      "Missing closing '}' in statement block or type definition.",
      /^PowerShell cannot read the script/,
    ],
    [
      'a step without the rights',
      packer(
        [
          [
            script,
            ...record(['New-Item : Requested registry access is not allowed.'], 'System.Security.SecurityException'),
          ],
        ],
        exited(1),
      ),
      'New-Item : Requested registry access is not allowed.',
      /`runElevated: true`/,
    ],
    [
      'a disk that is full',
      packer([[script, '!Copy-Item : There is not enough space on the disk.']], exited(1)),
      'Copy-Item : There is not enough space on the disk.',
      /`build\.osDiskSizeGiB`/,
    ],
    [
      'a feature without its files',
      packer([[script, '!Install-WindowsFeature : The source files could not be found. Error: 0x800f081f']], exited(1)),
      'Install-WindowsFeature : The source files could not be found. Error: 0x800f081f',
      /does not find the files of that feature/,
    ],
  ];
  it.each(cases)('is that of %s, with what helps', (_, log, error, remedy) => {
    const found = failureOfBuild('Failed in building/customizing image', log);
    expect(found.error).toBe(error);
    expect(found.remedy).toMatch(remedy);
  });

  it('never advises what Windows does not have', () => {
    const told = cases.map(([, log]) => failureOfLog(log).remedy).join('\n');
    expect(told).not.toMatch(/sudo|apt|bash/);
  });
});

describe('the steps of a Windows build', () => {
  const names = ['updates', 'restart', 'harden', 'goldbot-restart', 'goldbot-tattoo'];
  const failing = [script, ...record(['licence server did not answer'], 'licence server did not answer')];
  const rounds = [
    ...[
      'Searching for Windows updates...',
      "Search for Windows updates failed with 'Exception from HRESULT: 0x8024402C'.",
    ],
    ...[
      'Restarting the machine...',
      'Checking for pending restart...',
      'Running Windows update...',
      'Found no updates',
    ],
  ];

  it('are counted once each, however often Packer announces PowerShell and Windows looks for updates', () => {
    const log = packer([[updates, ...rounds], ['Restarting Machine', 'restarted.'], failing], exited(1));
    expect(stepsBegun(log)).toBe(3);
    expect(failureOfLog(log, names)).toMatchObject({ step: 'harden', error: 'licence server did not answer' });
  });

  it('of updates are told by their last round', () => {
    const log = packer(
      [[updates, ...rounds, '!Exception from HRESULT: 0x80240016']],
      'Windows update script exited with non-zero exit status: 16001',
    );
    expect(failureOfLog(log, names)).toMatchObject({ step: 'updates', error: 'Exception from HRESULT: 0x80240016' });
  });

  it('that follow each other are two, be they updates', () => {
    expect(
      stepsBegun(
        packer(
          [
            [updates, 'one'],
            [updates, 'two'],
          ],
          '',
          { cut: true },
        ),
      ),
    ).toBe(2);
  });
});

describe('the first real error of a test on Windows', () => {
  it('is what the record says, not where it was thrown', () => {
    const output = [
      'WinDefend Stopped',
      'WinDefend is Stopped',
      'At C:\\Packages\\Plugins\\Microsoft.CPlat.Core.RunCommandHandlerWindows\\2.0.14\\Downloads\\script.ps1:5 char:28',
      '+ ... $status -ne \'Running\') { throw "$name is $status" }',
      '    + CategoryInfo          : OperationStopped: (WinDefend is Stopped:String) [], RuntimeException',
      '    + FullyQualifiedErrorId : WinDefend is Stopped',
    ].join('\r\n');
    expect(failureOfOutput(output).error).toBe('WinDefend is Stopped');
  });
});
