import type { GuestService } from '../model';

const service = (displayName: string): GuestService => ({ enabled: true, active: true, displayName });

/** Roles and features of Windows Server: the server manager's name, what it shows, and the name DISM has for it. */
export interface Feature {
  readonly name: string;
  readonly displayName: string;
  readonly optional: string;
  readonly atFirst?: boolean;
  /** It is there, or gone, only after a restart. */
  readonly needsRestart?: boolean;
  /** Features that come with it. */
  readonly brings?: readonly string[];
  readonly services?: Readonly<Record<string, GuestService>>;
}

export const features: readonly Feature[] = [
  {
    name: 'AD-Domain-Services',
    displayName: 'Active Directory Domain Services',
    optional: 'DirectoryServices-DomainController',
  },
  { name: 'BitLocker', displayName: 'BitLocker Drive Encryption', optional: 'BitLocker', needsRestart: true },
  { name: 'Containers', displayName: 'Containers', optional: 'Containers', needsRestart: true },
  { name: 'DHCP', displayName: 'DHCP Server', optional: 'DHCPServer' },
  {
    name: 'DNS',
    displayName: 'DNS Server',
    optional: 'DNS-Server-Full-Role',
    services: { DNS: service('DNS Server') },
  },
  {
    name: 'Failover-Clustering',
    displayName: 'Failover Clustering',
    optional: 'FailoverCluster-FullServer',
    needsRestart: true,
  },
  { name: 'File-Services', displayName: 'File and iSCSI Services', optional: 'File-Services', atFirst: true },
  { name: 'FS-FileServer', displayName: 'File Server', optional: 'CoreFileServer' },
  { name: 'FS-SMB1', displayName: 'SMB 1.0/CIFS File Sharing Support', optional: 'SMB1Protocol', needsRestart: true },
  { name: 'Hyper-V', displayName: 'Hyper-V', optional: 'Microsoft-Hyper-V', needsRestart: true },
  { name: 'NET-Framework-45-Core', displayName: '.NET Framework 4.8', optional: 'NetFx4', atFirst: true },
  { name: 'NET-Framework-Core', displayName: '.NET Framework 3.5 (includes .NET 2.0 and 3.0)', optional: 'NetFx3' },
  { name: 'PowerShell', displayName: 'Windows PowerShell 5.1', optional: 'MicrosoftWindowsPowerShell', atFirst: true },
  {
    name: 'PowerShell-ISE',
    displayName: 'Windows PowerShell ISE',
    optional: 'MicrosoftWindowsPowerShellISE',
    atFirst: true,
  },
  {
    name: 'PowerShell-V2',
    displayName: 'Windows PowerShell 2.0 Engine',
    optional: 'MicrosoftWindowsPowerShellV2',
    atFirst: true,
  },
  { name: 'RSAT', displayName: 'Remote Server Administration Tools', optional: 'RSAT' },
  { name: 'Storage-Services', displayName: 'Storage Services', optional: 'Storage-Services', atFirst: true },
  { name: 'Telnet-Client', displayName: 'Telnet Client', optional: 'TelnetClient' },
  { name: 'TFTP-Client', displayName: 'TFTP Client', optional: 'TFTP' },
  { name: 'Web-Mgmt-Console', displayName: 'IIS Management Console', optional: 'IIS-ManagementConsole' },
  { name: 'Web-Server', displayName: 'Web Server (IIS)', optional: 'IIS-WebServerRole', brings: ['Web-WebServer'] },
  {
    name: 'Web-WebServer',
    displayName: 'Web Server',
    optional: 'IIS-WebServer',
    services: {
      W3SVC: service('World Wide Web Publishing Service'),
      WAS: service('Windows Process Activation Service'),
    },
  },
  {
    name: 'Windows-Defender',
    displayName: 'Microsoft Defender Antivirus',
    optional: 'Windows-Defender',
    atFirst: true,
    needsRestart: true,
  },
  { name: 'WINS', displayName: 'WINS Server', optional: 'WINSRuntime' },
  { name: 'Wow64-Support', displayName: 'WoW64 Support', optional: 'ServerCore-WOW64', atFirst: true },
  { name: 'XPS-Viewer', displayName: 'XPS Viewer', optional: 'Xps-Foundation-Xps-Viewer' },
];

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

export const featureNamed = (name: string): Feature | undefined => features.find((f) => same(f.name, name));
export const optionalNamed = (name: string): Feature | undefined => features.find((f) => same(f.optional, name));

/** SMB 1 came with 2016 and is not installed since; the PowerShell 2 engine went with 2025. */
export function installedAtFirst(year: string): Record<string, boolean> {
  const there = features.filter((f) => f.atFirst && !(f.name === 'PowerShell-V2' && year === '2025'));
  return Object.fromEntries(there.map((f) => [f.name, true]));
}
