import { copyOf } from '../../../kernel/copy';
import type { Guest, GuestFile, GuestService, RegistryKey, RegistryValue } from '../model';
import { installedAtFirst } from './features';
import { updateOfVersion } from './updates';

const running = (displayName: string): GuestService => ({ enabled: true, active: true, displayName });
const manual = (displayName: string, active = false): GuestService => ({
  enabled: false,
  active,
  manual: true,
  displayName,
});
const disabled = (displayName: string): GuestService => ({ enabled: false, active: false, displayName });

/** Services of a fresh Windows Server on Azure, as far as platform teams read or change them. */
const services: Readonly<Record<string, GuestService>> = {
  AppIDSvc: manual('Application Identity'),
  BFE: running('Base Filtering Engine'),
  BITS: manual('Background Intelligent Transfer Service'),
  CryptSvc: running('Cryptographic Services'),
  Dhcp: running('DHCP Client'),
  DiagTrack: running('Connected User Experiences and Telemetry'),
  Dnscache: running('DNS Client'),
  EventLog: running('Windows Event Log'),
  LanmanServer: running('Server'),
  LanmanWorkstation: running('Workstation'),
  MapsBroker: disabled('Downloaded Maps Manager'),
  MpsSvc: running('Windows Defender Firewall'),
  NlaSvc: running('Network Location Awareness'),
  RdAgent: running('RdAgent'),
  RemoteRegistry: disabled('Remote Registry'),
  RpcSs: running('Remote Procedure Call (RPC)'),
  SamSs: running('Security Accounts Manager'),
  Schedule: running('Task Scheduler'),
  SENS: running('System Event Notification Service'),
  Spooler: running('Print Spooler'),
  SysMain: running('SysMain'),
  TermService: manual('Remote Desktop Services', true),
  TrustedInstaller: manual('Windows Modules Installer'),
  UmRdpService: manual('Remote Desktop Services UserMode Port Redirector', true),
  W32Time: manual('Windows Time', true),
  WerSvc: manual('Windows Error Reporting Service'),
  WinDefend: running('Microsoft Defender Antivirus Service'),
  WindowsAzureGuestAgent: running('WindowsAzureGuestAgent'),
  WinHttpAutoProxySvc: manual('WinHTTP Web Proxy Auto-Discovery Service', true),
  Winmgmt: running('Windows Management Instrumentation'),
  WinRM: running('Windows Remote Management (WS-Management)'),
  wuauserv: manual('Windows Update'),
};

const text = (data: string): RegistryValue => ({ kind: 'String', data });
const number = (data: number): RegistryValue => ({ kind: 'DWord', data });

const current = 'HKLM\\SYSTEM\\CurrentControlSet';
const windows = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion';

export const keys = {
  version: 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion',
  setup: `${windows}\\Setup\\State`,
  rebootPending: `${windows}\\Component Based Servicing\\RebootPending`,
  rebootRequired: `${windows}\\WindowsUpdate\\Auto Update\\RebootRequired`,
  computerName: `${current}\\Control\\ComputerName\\ComputerName`,
  activeName: `${current}\\Control\\ComputerName\\ActiveComputerName`,
  session: `${current}\\Control\\Session Manager`,
  smb: `${current}\\Services\\LanmanServer\\Parameters`,
  timeZone: `${current}\\Control\\TimeZoneInformation`,
  firewall: `${current}\\Services\\SharedAccess\\Parameters\\FirewallPolicy`,
  terminal: `${current}\\Control\\Terminal Server`,
  lsa: `${current}\\Control\\Lsa`,
  schannel: `${current}\\Control\\SecurityProviders\\SCHANNEL\\Protocols`,
} as const;

function registry(year: string, build: string, revision: string): Record<string, RegistryKey> {
  const profile = { EnableFirewall: number(1), DefaultInboundAction: number(1), DefaultOutboundAction: number(0) };
  return {
    [keys.version]: {
      ProductName: text(`Windows Server ${year} Datacenter`),
      CurrentBuild: text(build),
      CurrentBuildNumber: text(build),
      UBR: number(Number(revision)),
      CurrentVersion: text('6.3'),
      CurrentMajorVersionNumber: number(10),
      CurrentMinorVersionNumber: number(0),
      EditionID: text('ServerDatacenter'),
      InstallationType: text('Server'),
      DisplayVersion: text({ '2019': '1809', '2022': '21H2', '2025': '24H2' }[year] ?? ''),
    },
    [keys.setup]: { ImageState: text('IMAGE_STATE_COMPLETE') },
    [keys.computerName]: { ComputerName: text('WIN-SANDBOX') },
    [keys.activeName]: { ComputerName: text('WIN-SANDBOX') },
    [`${current}\\Control\\Session Manager\\Environment`]: {
      ComSpec: { kind: 'ExpandString', data: '%SystemRoot%\\system32\\cmd.exe' },
      OS: text('Windows_NT'),
      PROCESSOR_ARCHITECTURE: text('AMD64'),
    },
    [keys.smb]: { SMB1: number(0), RequireSecuritySignature: number(0), EnableSecuritySignature: number(0) },
    [keys.timeZone]: { TimeZoneKeyName: text('UTC') },
    [`${keys.firewall}\\DomainProfile`]: profile,
    [`${keys.firewall}\\PublicProfile`]: profile,
    [`${keys.firewall}\\StandardProfile`]: profile,
    [keys.terminal]: { fDenyTSConnections: number(0) },
    [`${keys.terminal}\\WinStations\\RDP-Tcp`]: {
      UserAuthentication: number(1),
      SecurityLayer: number(2),
      MinEncryptionLevel: number(2),
      PortNumber: number(3389),
    },
    [keys.lsa]: {
      LimitBlankPasswordUse: number(1),
      RestrictAnonymous: number(0),
      RestrictAnonymousSAM: number(1),
      NoLMHash: number(1),
    },
    [keys.schannel]: {},
    ...installed(),
    [`${windows}\\Policies\\System`]: { EnableLUA: number(1), ConsentPromptBehaviorAdmin: number(5) },
    'HKLM\\SOFTWARE\\Policies\\Microsoft': {},
    'HKCU\\Software\\Microsoft': {},
  };
}

function installed(): Record<string, RegistryKey> {
  return {
    [`${windows}\\Uninstall`]: {},
    // Edge comes with Windows, and is a program of 32 bits to the list of what is installed.
    [`${uninstall32}\\Microsoft Edge`]: {
      DisplayName: text('Microsoft Edge'),
      DisplayVersion: text('140.0.3485.54'),
      Publisher: text('Microsoft Corporation'),
    },
  };
}

const uninstall32 = 'HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall';

const file = (content: string): GuestFile => ({ content, mode: '0644', owner: 'Administrators' });

/** The guest of a marketplace image of Windows Server: `20348.3091.250114` is a build, its revision and a day. */
export function windowsBase(urn: string, sku: string, version: string): Guest | undefined {
  const [, build = '', revision = '', yy, mm, dd] = /^(\d+)\.(\d+)\.(\d\d)(\d\d)(\d\d)$/.exec(version) ?? [];
  if (build === '') return undefined;
  const year = sku.startsWith('2019') ? '2019' : sku.startsWith('2025') ? '2025' : '2022';
  const update = updateOfVersion(build, Date.UTC(2000 + Number(yy), Number(mm) - 1, Number(dd), 18));
  return {
    base: urn,
    os: {
      name: `Windows Server ${year} Datacenter${sku.includes('azure-edition') ? ' Azure Edition' : ''}`,
      version: `10.0.${build}`,
      kernel: `10.0.${build}.${revision}`,
    },
    files: {
      'C:\\Windows\\System32\\drivers\\etc\\hosts': file('# Copyright (c) 1993-2009 Microsoft Corp.\r\n'),
      'C:\\Windows\\System32\\Sysprep\\Sysprep.exe': file('(program)'),
    },
    packages: { 'Windows Server': `10.0.${build}.${revision}` },
    services: copyOf(services),
    users: {
      Administrator: {
        uid: 500,
        shell: '',
        home: 'C:\\Users\\Administrator',
        enabled: false,
        groups: ['Administrators'],
      },
      Guest: { uid: 501, shell: '', home: '', enabled: false, groups: ['Guests'] },
      DefaultAccount: { uid: 503, shell: '', home: '', enabled: false, groups: ['System Managed Accounts Group'] },
      WDAGUtilityAccount: { uid: 504, shell: '', home: '', enabled: false },
    },
    registry: registry(year, build, revision),
    features: installedAtFirst(year),
    updates: update ? { [update.id]: { title: update.title, kind: update.kind, installedOn: update.installedOn } } : {},
  };
}
