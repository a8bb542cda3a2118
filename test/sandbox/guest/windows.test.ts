import { guestOf, setGuest } from '../../../sandbox/azure/guest/guest';
import { firstBoot, needsRestart, restart } from '../../../sandbox/azure/guest/windows/boot';
import { GuestRegistry } from '../../../sandbox/azure/guest/windows/registry';
import { tattooTextOf } from '../../../sandbox/azure/guest/windows/tattoo';
import { World } from '../../../sandbox/kernel/world';
import { baseGuest, type Guest, run } from './powershell-world';

const tattoo = 'HKLM:\\SOFTWARE\\goldbot\\tattoo';
const key = 'HKLM\\SOFTWARE\\goldbot\\tattoo';

/** What a script prints and ends with, on a machine of its own or on the one of the row. */
const rows: readonly (readonly [name: string, script: string, output: string, exit?: number])[] = [
  [
    'a key is made with its parents by force alone',
    `(New-Item '${tattoo}' -ErrorAction SilentlyContinue) -eq $null; (New-Item '${tattoo}' -Force).PSChildName`,
    'True\ntattoo\n',
  ],
  [
    'values have kinds',
    `New-Item '${tattoo}' -Force | Out-Null\nSet-ItemProperty '${tattoo}' -Name a -Value 1 -Type DWord\nSet-ItemProperty '${tattoo}' -Name b -Value x\n(Get-Item '${tattoo}').GetValueKind('a'); (Get-ItemProperty '${tattoo}').b; Get-ItemPropertyValue '${tattoo}' -Name a`,
    'DWord\nx\n1\n',
  ],
  [
    'a value that is not there is an error',
    `Get-ItemPropertyValue 'HKLM:\\SOFTWARE' -Name nope -ErrorAction Stop`,
    '',
    1,
  ],
  [
    'a key that is not there is an error',
    "$ErrorActionPreference = 'Stop'; Set-ItemProperty 'HKLM:\\SOFTWARE\\nope' -Name a -Value 1",
    '',
    1,
  ],
  [
    'the 32-bit view of SOFTWARE is another one',
    `New-Item '${tattoo}' -Force | Out-Null\n[Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry32').OpenSubKey('SOFTWARE\\goldbot\\tattoo') -eq $null`,
    'True\n',
  ],
  [
    'a key is read whole',
    `New-Item '${tattoo}' -Force | Out-Null; foreach ($n in 'image', 'version') { Set-ItemProperty '${tattoo}' $n "v-$n" }\n$k = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64').OpenSubKey('SOFTWARE\\goldbot\\tattoo')\nforeach ($n in $k.GetValueNames()) { "$n=$($k.GetValue($n))" }`,
    'image=v-image\nversion=v-version\n',
  ],
  [
    'reg.exe sees the same',
    `reg add HKLM\\SOFTWARE\\x /v n /t REG_DWORD /d 7 /f | Out-Null; $LASTEXITCODE; (Get-ItemProperty HKLM:\\SOFTWARE\\x).n; reg query HKLM\\SOFTWARE\\nope 2>$null; $LASTEXITCODE`,
    '0\n7\n1\n',
  ],
  [
    'files are written and read',
    "New-Item C:\\app -ItemType Directory | Out-Null\n'one', 'two' | Set-Content C:\\app\\a.txt\nAdd-Content C:\\app\\a.txt three\n(Get-Content c:\\APP\\A.TXT).Count; (Get-Content C:\\app\\a.txt -Raw).Length; Test-Path C:\\app\\b.txt",
    '3\n17\nFalse\n',
  ],
  [
    'a folder that is not there takes no file',
    "$ErrorActionPreference = 'Stop'; 'x' | Set-Content C:\\nope\\a.txt",
    '',
    1,
  ],
  [
    'services',
    'Set-Service Spooler -StartupType Disabled; Stop-Service Spooler\n$s = Get-Service Spooler; "$($s.Status) $($s.StartType)"',
    'Stopped Disabled\n',
  ],
  [
    'a disabled service does not start',
    'Set-Service Spooler -StartupType Disabled; Stop-Service Spooler; Start-Service Spooler -ErrorAction Stop',
    '',
    1,
  ],
  ['a service that was never installed', 'Get-Service nope -ErrorAction Stop', '', 1],
  [
    'SMB 1 by its switch',
    '(Get-SmbServerConfiguration).EnableSMB1Protocol; Set-SmbServerConfiguration -EnableSMB1Protocol $true -Force; (Get-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Parameters).SMB1',
    'False\n1\n',
  ],
  [
    'a feature without a restart',
    '(Install-WindowsFeature Telnet-Client).RestartNeeded; (Get-WindowsFeature Telnet-Client).Installed; (Get-WindowsOptionalFeature -Online -FeatureName TelnetClient).State',
    'No\nTrue\nEnabled\n',
  ],
  [
    'a role brings its services',
    '(Get-Service W3SVC -ErrorAction SilentlyContinue) -eq $null; $null = Install-WindowsFeature Web-Server; (Get-Service W3SVC).Status',
    'True\nRunning\n',
  ],
  ['a feature that there is not ends its statement alone', 'Install-WindowsFeature Nope\n"after"', 'after\n'],
  [
    'the firewall',
    "Set-NetFirewallProfile -Profile Public -Enabled False; (Get-NetFirewallProfile | Where-Object { $_.Enabled -ne 'True' }).Name",
    'Public\n',
  ],
  [
    'rules of the firewall',
    "$null = New-NetFirewallRule -DisplayName 'web' -Direction Inbound -Action Allow -Protocol TCP -LocalPort 443; (Get-NetFirewallRule -DisplayName web).LocalPort; Disable-NetFirewallRule -DisplayName web; (Get-NetFirewallRule -DisplayName web).Enabled",
    '443\nFalse\n',
  ],
  [
    'accounts',
    "Disable-LocalUser Guest; (Get-LocalUser Guest).Enabled; Rename-LocalUser Administrator -NewName gbadmin; (Get-LocalUser | Where-Object { $_.SID -like '*-500' }).Name",
    'False\ngbadmin\n',
  ],
  [
    'the time zone',
    "tzutil /s 'W. Europe Standard Time'; $LASTEXITCODE; (Get-TimeZone).Id; tzutil /s 'Nowhere' 2>$null; $LASTEXITCODE",
    '0\nW. Europe Standard Time\n1\n',
  ],
  [
    'the audit policy',
    "auditpol /set '/subcategory:Logon' /success:enable /failure:enable | Out-Null; auditpol /get '/subcategory:Logon' | Select-String 'Success and Failure' -Quiet",
    'True\n',
  ],
  ['updates by their KB', '(Get-HotFix).Count; (Get-HotFix).InstalledOn -lt (Get-Date)', '1\nTrue\n'],
  [
    'the system',
    '(Get-CimInstance Win32_OperatingSystem).Caption; (Get-CimInstance Win32_OperatingSystem).BuildNumber; [Environment]::OSVersion.Version.Build',
    'Microsoft Windows Server 2022 Datacenter Azure Edition\n20348\n20348\n',
  ],
  ['who runs it', 'whoami; $env:USERNAME', 'nt authority\\system\nWIN-SANDBOX$\n'],
  ['programs have exit codes', 'cmd /c "exit 5"; $LASTEXITCODE; $?', '5\nTrue\n'],
  ['a program that is not modelled fails a test', 'Get-Something; "not reached"', '', 1],
  ['so does a parameter that is not', 'Get-Service WinRM -Frobnicate', '', 1],
];

describe('a Windows guest', () => {
  it.each(rows.map(([name, script, output, exit = 0]) => ({ name, script, output, exit })))(
    '$name',
    ({ script, output, exit }) => {
      const { stdout, exitCode, stderr } = run(baseGuest(), script);
      expect({ output: stdout, exit: exitCode, error: exit === 0 ? '' : stderr }).toEqual({
        output,
        exit,
        error: exit === 0 ? '' : expect.stringContaining('FullyQualifiedErrorId'),
      });
    },
  );

  it('says what is wrong in the words of PowerShell, with the place', () => {
    const { stderr } = run(baseGuest(), "'ok'\n  Get-Service nope -Verbose");
    expect(stderr).toBe(
      [
        "Get-Service : Cannot find any service with service name 'nope'.",
        'At C:\\script.ps1:2 char:3',
        '+ Get-Service nope -Verbose',
        '+ ~~~~~~~~~~~~~~~~~~~~~~~~~',
        '    + CategoryInfo          : ObjectNotFound: (nope:String) [Get-Service], ServiceCommandException',
        '    + FullyQualifiedErrorId : NoServiceFoundForGivenName,Microsoft.PowerShell.Commands.GetServiceCommand',
        ' ',
        '',
      ].join('\n'),
    );
  });

  it('notes in a customizer what is not modelled, and what reads it, and goes on', () => {
    const guest = baseGuest();
    const script =
      "$v = Get-Something\nif ($v.Bad) { throw 'no' }\nSet-Service Spooler -StartupType Disabled\nInvoke-WebRequest https://example.com/a.msi -OutFile C:\\a.msi";
    const { exitCode, log } = run(guest, script, 'customizer');
    expect(exitCode).toBe(0);
    expect(log).toEqual([
      'not executed: Get-Something',
      'not executed: what reads $v',
      'not executed: Invoke-WebRequest https://example.com/a.msi',
    ]);
    expect(guest.services['Spooler']).toMatchObject({ enabled: false });
  });

  it('waits for nothing for ever', () => {
    const { exitCode, sleptMs } = run(baseGuest(), 'while ($true) { Start-Sleep -Seconds 60 }');
    expect(exitCode).toBe(1);
    expect(sleptMs).toBeGreaterThanOrEqual(24 * 3_600_000);
    expect(run(baseGuest(), 'while ($true) { $i++ }').exitCode).toBe(1);
  });

  it('has features that come with the next restart alone, and says that one is pending', () => {
    const guest = baseGuest();
    const pending = `Test-Path 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending'`;
    expect(
      run(guest, `$null = Install-WindowsFeature Hyper-V; (Get-WindowsFeature Hyper-V).InstallState; ${pending}`)
        .stdout,
    ).toContain('InstallPending\nTrue\n');
    expect(needsRestart(guest)).toBe(true);
    restart(guest);
    expect(run(guest, `(Get-WindowsFeature Hyper-V).InstallState; ${pending}`).stdout).toBe('Installed\nFalse\n');
  });

  it('gets a name of its own at its first start, and starts the services that start by themselves', () => {
    const guest = baseGuest();
    run(guest, 'Stop-Service EventLog; Set-Service Spooler -StartupType Disabled');
    firstBoot(guest, 'gbt-7f3kq-a1');
    expect(
      run(
        guest,
        '$env:COMPUTERNAME; hostname; (Get-Service EventLog).Status; (Get-Service Spooler).Status; (Get-Service BITS).Status',
      ).stdout,
    ).toBe('gbt-7f3kq-a1\ngbt-7f3kq-a1\nRunning\nStopped\nStopped\n');
  });

  it('is kept as what differs from its image', () => {
    const world = new World({ startMs: 0, speed: 0 });
    const guest = baseGuest();
    run(
      guest,
      `New-Item '${tattoo}' -Force | Out-Null; Set-ItemProperty '${tattoo}' image windows-2022; $null = Uninstall-WindowsFeature PowerShell-V2`,
    );
    setGuest(world, '/vm/1', guest);
    expect(guestOf(world, '/vm/1')).toEqual(guest);
    expect(JSON.stringify(world.section('guests', () => ({}))).length).toBeLessThan(900);
  });

  it('of a world of an earlier version gets keys in place of texts', () => {
    const world = new World({ startMs: 0, speed: 0 });
    const { registry: _, features: __, updates: ___, ...old } = baseGuest();
    const stored = {
      ...old,
      services: { WinRM: { enabled: true, active: true } },
      registry: { [key]: 'image=windows-2022\nversion=1.0.0\n', 'HKLM\\SOFTWARE\\A\\B': '7' },
    };
    world.section<{ guests: Record<string, unknown> }>('guests', () => ({ guests: {} })).guests['/vm/1'] = stored;
    const guest = guestOf(world, '/vm/1') as Guest;
    expect(tattooTextOf(guest)).toBe('image=windows-2022\nversion=1.0.0\n');
    expect(new GuestRegistry(guest).value('HKLM\\SOFTWARE\\A', 'B')).toEqual({ kind: 'String', data: '7' });
    expect(run(guest, `(Get-ItemProperty '${tattoo}').version; (Get-Service EventLog).Status`).stdout).toBe(
      '1.0.0\nRunning\n',
    );
  });

  it.each([
    ['2019-datacenter-gensecond', '17763.8000.261013', 'Windows Server 2019', 'Installed'],
    ['2025-datacenter-g2', '26100.4000.261013', 'Windows Server 2025', 'Available'],
  ])('of %s is what that release is', (sku, version, name, powerShell2) => {
    const guest = baseGuest(sku, version);
    const script =
      '(Get-CimInstance Win32_OperatingSystem).Caption; (Get-WindowsFeature PowerShell-V2).InstallState; (Get-HotFix).Count';
    expect(run(guest, script).stdout).toBe(`Microsoft ${name} Datacenter\n${powerShell2}\n1\n`);
  });
});
