import { failureOfLog, failureOfOutput } from '../../core/images';

/** A customization log whose last step printed these lines; `!` marks its error stream, as Packer does with `==>`. */
function packer(
  lines: readonly string[],
  { status = 1, heading = 'Provisioning with shell script: /tmp/packer-shell1' } = {},
) {
  const id = '[7111a125-0000-4000-8000-000000000000] ';
  const out = (text: string) => `${id}PACKER OUT ${text}`;
  return [
    out('==> azure-arm: Running builder ...'),
    out(`==> azure-arm: ${heading}`),
    ...lines.map((l) => out(l.startsWith('!') ? `==> azure-arm: ${l.slice(1)}` : `    azure-arm: ${l}`)),
    `${id}PACKER ERR 2026/11/20 09:14:09 [INFO] RPC endpoint: Communicator ended with: ${status}`,
    out('==> azure-arm: Provisioning step had errors: Running the cleanup provisioner, if present...'),
    out('==> azure-arm: Deleting individual resources ...'),
    out("==> azure-arm: Adding to deletion queue -> Microsoft.Compute/virtualMachines : 'pkrvm7x'"),
    out('==> azure-arm: Error deleting resource.  Please delete manually.'),
    out('==> azure-arm: Error: compute.DisksClient#Delete: Failure sending request: StatusCode=409'),
    out(
      `Build 'azure-arm' errored after 5 minutes: Script exited with non-zero exit status: ${status}. Allowed exit codes are: [0]`,
    ),
    out("==> Some builds didn't complete successfully and had errors:"),
  ].join('\n');
}

const locale = [
  '/usr/bin/locale: Cannot set LC_CTYPE to default locale: No such file or directory',
  '!locale: Cannot set LC_ALL to default locale: No such file or directory',
  '!/bin/bash: warning: setlocale: LC_ALL: cannot change locale (en_US.UTF-8)',
  '!/tmp/script_1.sh: line 3: warning: setlocale: LC_ALL: cannot change locale (en_US.UTF-8): No such file or directory',
  '!perl: warning: Setting locale failed.',
  '!perl: warning: Please check that your locale settings:',
  '!\tLANGUAGE = (unset),',
  '!\tLC_ALL = (unset),',
  '!\tLANG = "en_US.UTF-8"',
  '!    are supported and installed on your system.',
  '!perl: warning: Falling back to the standard locale ("C").',
  "apt-listchanges: Can't set locale; make sure $LC_* and $LANG are correct!",
  'Failed to set locale, defaulting to C.UTF-8',
];

const apt = [
  '!debconf: unable to initialize frontend: Dialog',
  '!debconf: (Dialog frontend will not work on a dumb terminal, an emacs shell buffer, or without a controlling terminal.)',
  '!debconf: falling back to frontend: Readline',
  '!dpkg-preconfigure: unable to re-open stdin: No such file or directory',
  '!Warning: apt-key is deprecated. Manage keyring files in trusted.gpg.d instead (see apt-key(8)).',
  'W: https://packages.example.com/dists/jammy/InRelease: Key is stored in legacy trusted.gpg keyring',
  '!W: Failed to fetch http://archive.example.com/InRelease  Temporary failure resolving',
  "!dpkg: warning: unable to delete old directory '/lib/modules/5.15': Directory not empty",
  'Setting up liberror-perl (0.17029-1) ...',
  'invoke-rc.d: policy-rc.d denied execution of start.',
  'Failed to check for processor microcode upgrades.',
  '(Reading database ... 62190 files and directories currently installed.)',
];

const others = [
  '!Failed to connect to bus: No such file or directory',
  '!Running in chroot, ignoring command “daemon-reload”',
  '!useradd: warning: the home directory /home/x already exists.',
  'Unable to read consumer identity',
  'This system is not registered with an entitlement server. You can use subscription-manager to register.',
  "!ERROR: pip's dependency resolver does not currently take into account all the packages that are installed.",
  "!WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError: failed to establish a new connection'",
  'localhost : ok=12 changed=3 unreachable=0 failed=0 skipped=1',
  '3 upgraded, 0 errors',
  '!+ rm /tmp/missing-file-failed',
  'npm WARN deprecated request@2.88.2: request has been deprecated, see error 3142',
];

const meter = [
  '!  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current',
  '!                                 Dload  Upload   Total   Spent    Left  Speed',
];
const drawn = '  0   162    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0';

describe('the first real error behind noise', () => {
  const shapes: [what: string, lines: string[], error: string, remedy: RegExp | undefined][] = [
    [
      'locale',
      [...locale, "mv: cannot stat 'x': No such file or directory"],
      "mv: cannot stat 'x': No such file or directory",
      /A file is missing/,
    ],
    [
      'locale of a build that says no more',
      locale,
      'Script exited with non-zero exit status: 1. Allowed exit codes are: [0]',
      undefined,
    ],
    [
      'apt and debconf',
      [...apt, '!E: Unable to locate package aide-dynamic'],
      'E: Unable to locate package aide-dynamic',
      /No repository/,
    ],
    [
      'a locked debconf',
      [
        ...apt,
        '!debconf: DbDriver "config": /var/cache/debconf/config.dat is locked by another process: Resource temporarily unavailable',
      ],
      'debconf: DbDriver "config": /var/cache/debconf/config.dat is locked by another process: Resource temporarily unavailable',
      /package manager was still running/,
    ],
    [
      'systemd, RHEL, pip, Ansible and npm',
      [...others, '!Job for nginx.service failed because the control process exited with error code.'],
      'Job for nginx.service failed because the control process exited with error code.',
      /journalctl/,
    ],
    [
      'a log file that is called error.log',
      ['!nginx: [emerg] open() "/var/log/nginx/error.log" failed (13: Permission denied)'],
      'nginx: [emerg] open() "/var/log/nginx/error.log" failed (13: Permission denied)',
      /lacks permission/,
    ],
    [
      'a progress meter',
      [...meter, `!${drawn}`, '!curl: (22) The requested URL returned error: 404'],
      'curl: (22) The requested URL returned error: 404',
      /no longer exists/,
    ],
    [
      'a progress meter without an end of line',
      [...meter, `!${drawn}curl: (22) The requested URL returned error: 404`],
      'curl: (22) The requested URL returned error: 404',
      /no longer exists/,
    ],
    [
      'a progress meter that draws over itself',
      [
        ...meter,
        `!\r${drawn}\r 45 9.8M   45 4.4M    0     0  2200k      0  0:00:04  0:00:02  0:00:02 2200k\rcurl: (56) Recv failure: Connection reset by peer`,
      ],
      'curl: (56) Recv failure: Connection reset by peer',
      /could not be reached/,
    ],
    [
      'a bar of curl -#',
      [
        '!######################################################################## 100.0%curl: (22) The requested URL returned error: 503',
      ],
      'curl: (22) The requested URL returned error: 503',
      /fault of its own/,
    ],
    [
      'wget',
      ['!     0K .......... .......... 50% 1.2M 0s', '!2026-11-20 09:14:03 ERROR 403: Forbidden.'],
      '2026-11-20 09:14:03 ERROR 403: Forbidden.',
      /download was refused/,
    ],
  ];
  it.each(shapes)('is found: %s', (_, lines, error, remedy) => {
    const found = failureOfLog(packer(lines), ['one']);
    expect(found).toMatchObject({ error, step: 'one' });
    if (remedy) expect(found.remedy).toMatch(remedy);
    else expect(found.remedy).toBeUndefined();
  });

  it('is never what Packer says once its clean-up has begun', () => {
    const found = failureOfLog(packer(['This system is not yet registered'], { status: 70 }), ['one']);
    expect(found.error).toBe('This system is not yet registered');
    const silent = failureOfLog(packer(['installing'], { status: 70 }));
    expect(silent.error).toBe('Script exited with non-zero exit status: 70. Allowed exit codes are: [0]');
    expect([...found.tail, ...silent.tail].join('\n')).not.toMatch(/delet/i);
  });

  it('is not in the clean-up of a machine that could never be made either', () => {
    const log = [
      'PACKER OUT ==> azure-arm: Deploying deployment template ...',
      'PACKER OUT ==> azure-arm: Deleting individual resources ...',
      'PACKER OUT ==> azure-arm: Error deleting resource.  Please delete manually.',
      "PACKER OUT Build 'azure-arm' errored after 2 minutes: The deployment was cancelled.",
    ].join('\n');
    expect(failureOfLog(log).error).toBe('The deployment was cancelled.');
  });
});

describe('an error of several lines', () => {
  const traceback = [
    '!Traceback (most recent call last):',
    '!  File "/opt/agent/setup.py", line 12, in <module>',
    '!    main()',
    '!  File "/opt/agent/setup.py", line 8, in main',
    '!    raise ValueError("failed: no such thing")',
  ];

  it('of Python is the last line of its traceback', () => {
    const found = failureOfLog(packer([...traceback, "!KeyError: 'AGENT_TOKEN'", 'bye']));
    expect(found.error).toBe("KeyError: 'AGENT_TOKEN'");
    const module = failureOfLog(packer([...traceback.slice(0, 3), "!ModuleNotFoundError: No module named 'yaml'"]));
    expect(module).toMatchObject({
      error: "ModuleNotFoundError: No module named 'yaml'",
      remedy: expect.stringMatching(/Python module/),
    });
  });

  it('of Python is the last line of the last traceback where one led to another', () => {
    const lines = [
      ...traceback,
      "!KeyError: 'mirror'",
      '!',
      '!During handling of the above exception, another exception occurred:',
      '!',
      ...traceback,
      '!agent.ConfigError: no mirror is configured',
    ];
    expect(failureOfLog(packer(lines)).error).toBe('agent.ConfigError: no mirror is configured');
  });

  it('of PowerShell is what stands before the place, however it was broken into lines', () => {
    const heading = 'Provisioning with Powershell...';
    const record = [
      '!Install-Module : Unable to resolve package source',
      "!'https://www.powershellgallery.com/api/v2'.",
      '!At C:\\Windows\\Temp\\packer-elevated-shell.ps1:3 char:1',
      '!+ Install-Module Az -Force',
      '!+ ~~~~~~~~~~~~~~~~~~~~~~~~',
      '!    + CategoryInfo          : NotSpecified: (:) [Install-Module], Exception',
      '!    + FullyQualifiedErrorId : Microsoft.PowerShell.Commands.WriteErrorException,Install-Package',
    ];
    const said = "Install-Module : Unable to resolve package source 'https://www.powershellgallery.com/api/v2'.";
    expect(failureOfLog(packer(record, { heading })).error).toBe(said);
    const thrown = [
      'installing',
      '!licence server did not answer',
      '!At line:1 char:1',
      "!+ throw 'licence server did not answer'",
    ];
    expect(failureOfLog(packer(thrown, { heading })).error).toBe('licence server did not answer');
  });

  it('of PowerShell is found in what it wrote as XML, and its progress is not one', () => {
    const xml = [
      '!#< CLIXML',
      '!<Objs Version="1.1.0.1" xmlns="x"><Obj S="progress"><S N="a">Preparing modules for first use. failed</S></Obj></Objs>',
      '!<Objs Version="1.1.0.1" xmlns="x"><S S="Error">Copy-Item : Access to the path &apos;C:\\x&apos; is denied._x000D__x000A_</S><S S="Error">At C:\\s.ps1:4 char:1_x000D__x000A_</S></Objs>',
    ];
    expect(failureOfLog(packer(xml)).error).toBe("Copy-Item : Access to the path 'C:\\x' is denied.");
  });

  it('of dpkg comes with its reason', () => {
    const lines = [
      '!dpkg: error processing package mysql-server (--configure):',
      '! installed mysql-server package post-installation script subprocess returned error exit status 1',
    ];
    expect(failureOfLog(packer(lines)).error).toBe(
      'dpkg: error processing package mysql-server (--configure): installed mysql-server package post-installation script subprocess returned error exit status 1',
    );
  });
});

describe('a step written for bash', () => {
  const said: [line: string][] = [
    ['/tmp/script_4321.sh: 2: set: Illegal option -o pipefail'],
    ['/tmp/script_4321.sh: 3: [[: not found'],
    ['/tmp/script_4321.sh: 3: source: not found'],
    ['/tmp/script_4321.sh: 4: Bad substitution'],
    ['/tmp/script_4321.sh: 5: Syntax error: "(" unexpected'],
    ['/tmp/script_4321.sh: 6: [: a: unexpected operator'],
  ];
  it.each(said)('fails with %s, and the remedy is bash', (line) => {
    const found = failureOfLog(packer([`!${line}`], { status: 2 }));
    expect(found).toMatchObject({
      error: line,
      remedy: expect.stringMatching(/under `\/bin\/sh`.*bash -euo pipefail/),
    });
  });

  it('is not blamed for what bash itself says', () => {
    const found = failureOfLog(packer(["!/tmp/x.sh: line 3: syntax error near unexpected token `fi'"]));
    expect(found.remedy).toMatch(/bash -n/);
    expect(failureOfLog(packer(['!/tmp/script_1.sh: 3: aide: not found'])).remedy).toMatch(/not on this system/);
  });
});

describe('the first real error of what one command printed', () => {
  const outputs: [what: string, output: string, error: string | undefined, remedy: RegExp | undefined][] = [
    ['the last line', 'checking for failed units\ninactive\n', 'inactive', undefined],
    [
      'the last line before noise',
      'inactive\nlocale: Cannot set LC_ALL to default locale: No such file or directory\n',
      'inactive',
      undefined,
    ],
    [
      'a line that says so',
      'cat: /etc/x: No such file or directory\nbye\n',
      'cat: /etc/x: No such file or directory',
      /A file is missing/,
    ],
    [
      'a traceback',
      'Traceback (most recent call last):\n  File "t.py", line 1, in <module>\n    x()\nAssertionError: 3 != 4\nbye',
      'AssertionError: 3 != 4',
      undefined,
    ],
    ['a bashism', 'script.sh: 2: [[: not found', 'script.sh: 2: [[: not found', /bash/],
    ["a Go program's log", '2026/11/20 09:14:03 fatal: no licence', '2026/11/20 09:14:03 fatal: no licence', undefined],
    ['nothing', '\n', undefined, undefined],
  ];
  it.each(outputs)('is %s', (_, output, error, remedy) => {
    const found = failureOfOutput(output);
    expect(found.error).toBe(error);
    if (remedy) expect(found.remedy).toMatch(remedy);
    else expect(found.remedy).toBeUndefined();
  });
});

describe('the remedy', () => {
  it('is that of the error itself, not of what followed from it', () => {
    const lines = [
      '!curl: (22) The requested URL returned error: 404',
      '!E: Could not get lock /var/lib/dpkg/lock-frontend',
    ];
    expect(failureOfLog(packer(lines)).remedy).toMatch(/no longer exists/);
  });
});

describe('a line that is long', () => {
  it.each([
    [300, 'x'.repeat(300)],
    [301, `${'x'.repeat(299)}…`],
  ])('is cut at 300 characters: %d', (length, shown) => {
    const found = failureOfOutput('x'.repeat(length));
    expect([found.error, found.tail]).toEqual([shown, [shown]]);
  });
});
