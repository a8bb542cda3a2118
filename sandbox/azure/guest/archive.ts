export type UbuntuRelease = '18.04' | '20.04' | '22.04' | '24.04';

export interface ArchivedPackage {
  readonly name: string;
  readonly version: string;
  /** Part of every Azure image of this release. */
  readonly preinstalled: boolean;
  /** Services that come with it: enabled and started when it is installed. */
  readonly services: readonly string[];
  readonly depends: readonly string[];
}

interface Row {
  readonly name: string;
  /** One version pattern for all releases, or one per release; `#` is the security update's number. */
  readonly version: string | Partial<Record<UbuntuRelease, string>>;
  /** The update's number on 1 January 2025, and how many days lie between two updates. */
  readonly first: number;
  readonly everyDays: number;
  readonly preinstalled: boolean;
  readonly services: readonly string[];
  readonly depends: readonly string[];
}

const dayMs = 86_400_000;
const epochMs = Date.UTC(2025, 0, 1);

function row(name: string, version: Row['version'], rest: Partial<Row> = {}): Row {
  return { name, version, first: 1, everyDays: 120, preinstalled: false, services: [], depends: [], ...rest };
}

const part = { preinstalled: true };

const images: readonly Row[] = [
  row('apt', { '20.04': '2.0.#', '22.04': '2.4.#', '24.04': '2.7.14build#' }, { ...part, first: 13, everyDays: 200 }),
  row(
    'apparmor',
    { '20.04': '2.13.3-7ubuntu5.#', '22.04': '3.0.4-2ubuntu2.#', '24.04': '4.0.1really4.0.1-0ubuntu0.24.04.#' },
    { ...part, first: 4, everyDays: 150, services: ['apparmor'] },
  ),
  row(
    'base-files',
    { '20.04': '11ubuntu5.#', '22.04': '12ubuntu4.#', '24.04': '13ubuntu10.#' },
    { ...part, first: 7, everyDays: 180 },
  ),
  row(
    'bash',
    { '20.04': '5.0-6ubuntu1.#', '22.04': '5.1-6ubuntu1.#', '24.04': '5.2.21-2ubuntu#' },
    { ...part, first: 1, everyDays: 900 },
  ),
  row('ca-certificates', '20240203~22.04.#', { ...part, first: 1, everyDays: 300 }),
  row(
    'chrony',
    { '20.04': '3.5-6ubuntu6.#', '22.04': '4.2-2ubuntu#', '24.04': '4.5-1ubuntu4.#' },
    { ...part, first: 2, everyDays: 400, services: ['chrony'] },
  ),
  row('cloud-init', '25.1.#-0ubuntu0~22.04.1', { ...part, first: 1, everyDays: 30, services: ['cloud-init'] }),
  row(
    'coreutils',
    { '20.04': '8.30-3ubuntu#', '22.04': '8.32-4.1ubuntu1.#', '24.04': '9.4-3ubuntu6.#' },
    { ...part, first: 2, everyDays: 700 },
  ),
  row('cron', '3.0pl1-137ubuntu#', { ...part, first: 3, everyDays: 900, services: ['cron'] }),
  row(
    'curl',
    { '20.04': '7.68.0-1ubuntu2.#', '22.04': '7.81.0-1ubuntu1.#', '24.04': '8.5.0-2ubuntu10.#' },
    { ...part, first: 20, everyDays: 25, depends: ['libcurl4'] },
  ),
  row(
    'dpkg',
    { '20.04': '1.19.7ubuntu3.#', '22.04': '1.21.1ubuntu2.#', '24.04': '1.22.6ubuntu6.#' },
    { ...part, first: 3, everyDays: 500 },
  ),
  row(
    'gnupg',
    { '20.04': '2.2.19-3ubuntu2.#', '22.04': '2.2.27-3ubuntu2.#', '24.04': '2.4.4-2ubuntu17.#' },
    { ...part, first: 1, everyDays: 250 },
  ),
  row(
    'libc6',
    { '18.04': '2.27-3ubuntu1.#', '20.04': '2.31-0ubuntu9.#', '22.04': '2.35-0ubuntu3.#', '24.04': '2.39-0ubuntu8.#' },
    { ...part, first: 8, everyDays: 60 },
  ),
  row(
    'libcurl4',
    { '20.04': '7.68.0-1ubuntu2.#', '22.04': '7.81.0-1ubuntu1.#', '24.04': '8.5.0-2ubuntu10.#' },
    { ...part, first: 20, everyDays: 25 },
  ),
  row('libssl3', { '22.04': '3.0.2-0ubuntu1.#', '24.04': '3.0.13-0ubuntu3.#' }, { ...part, first: 18, everyDays: 20 }),
  row(
    'linux-image-azure',
    { '20.04': '5.15.0.#.42~20.04.1', '22.04': '6.8.0-#.46~22.04.1', '24.04': '6.14.0-#.11~24.04.1' },
    { ...part, first: 1020, everyDays: 14 },
  ),
  row('netplan.io', '0.106.1-7ubuntu0.22.04.#', { ...part, first: 2, everyDays: 300 }),
  row(
    'openssh-client',
    { '20.04': '1:8.2p1-4ubuntu0.#', '22.04': '1:8.9p1-3ubuntu0.#', '24.04': '1:9.6p1-3ubuntu13.#' },
    { ...part, first: 10, everyDays: 140 },
  ),
  row(
    'openssh-server',
    {
      '18.04': '1:7.6p1-4ubuntu0.#',
      '20.04': '1:8.2p1-4ubuntu0.#',
      '22.04': '1:8.9p1-3ubuntu0.#',
      '24.04': '1:9.6p1-3ubuntu13.#',
    },
    { ...part, first: 10, everyDays: 140, services: ['ssh'], depends: ['openssh-client'] },
  ),
  row(
    'openssl',
    {
      '18.04': '1.1.1-1ubuntu2.1~18.04.#',
      '20.04': '1.1.1f-1ubuntu2.#',
      '22.04': '3.0.2-0ubuntu1.#',
      '24.04': '3.0.13-0ubuntu3.#',
    },
    { ...part, first: 18, everyDays: 20 },
  ),
  row(
    'python3',
    { '20.04': '3.8.2-0ubuntu#', '22.04': '3.10.6-1~22.04.#', '24.04': '3.12.3-0ubuntu#' },
    { ...part, first: 1, everyDays: 500 },
  ),
  row(
    'rsyslog',
    { '20.04': '8.2001.0-1ubuntu1.#', '22.04': '8.2112.0-2ubuntu2.#', '24.04': '8.2312.0-3ubuntu9.#' },
    { ...part, first: 2, everyDays: 600, services: ['rsyslog'] },
  ),
  row('snapd', '2.67.#+22.04', { ...part, first: 1, everyDays: 20, services: ['snapd'] }),
  row(
    'sudo',
    { '20.04': '1.8.31-1ubuntu1.#', '22.04': '1.9.9-1ubuntu2.#', '24.04': '1.9.15p5-3ubuntu5.#' },
    { ...part, first: 4, everyDays: 200 },
  ),
  row(
    'systemd',
    {
      '18.04': '237-3ubuntu10.#',
      '20.04': '245.4-4ubuntu3.#',
      '22.04': '249.11-0ubuntu3.#',
      '24.04': '255.4-1ubuntu8.#',
    },
    { ...part, first: 12, everyDays: 35 },
  ),
  row('tzdata', '2025b-#ubuntu0.22.04', { ...part, first: 1, everyDays: 120 }),
  row('ubuntu-minimal', '1.481.#', { ...part, first: 4, everyDays: 365 }),
  row(
    'ufw',
    { '20.04': '0.36-6ubuntu1.#', '22.04': '0.36.1-4ubuntu0.#', '24.04': '0.36.2-6ubuntu#' },
    { ...part, first: 1, everyDays: 900, services: ['ufw'] },
  ),
  row('unattended-upgrades', '2.8ubuntu#', { ...part, first: 1, everyDays: 900, services: ['unattended-upgrades'] }),
  row(
    'vim',
    { '20.04': '2:8.1.2269-1ubuntu5.#', '22.04': '2:8.2.3995-1ubuntu2.#', '24.04': '2:9.1.0016-1ubuntu7.#' },
    { ...part, first: 21, everyDays: 9 },
  ),
  row('walinuxagent', '2.11.1.4-0ubuntu0~22.04.#', { ...part, first: 1, everyDays: 240, services: ['walinuxagent'] }),
  row(
    'wget',
    { '20.04': '1.20.3-1ubuntu2.#', '22.04': '1.21.2-2ubuntu1.#', '24.04': '1.21.4-1ubuntu4.#' },
    { ...part, first: 1, everyDays: 365 },
  ),
];

const installable: readonly Row[] = [
  row('acl', '2.3.1-#'),
  row('aide', '0.17.4-1ubuntu0.#'),
  row('aide-common', '0.17.4-1ubuntu0.#', { depends: ['aide'] }),
  row('apache2', '2.4.52-1ubuntu4.#', { first: 13, services: ['apache2'] }),
  row('apparmor-utils', '3.0.4-2ubuntu2.#', { first: 4 }),
  row('apt-transport-https', '2.4.#', { first: 13 }),
  row('auditd', '1:3.0.7-1build#', { services: ['auditd'] }),
  row('build-essential', '12.9ubuntu#'),
  row('cifs-utils', '2:6.14-1ubuntu0.#'),
  row('collectd', '5.12.0-9ubuntu#', { services: ['collectd'] }),
  row('default-jdk', '2:1.11-72build#', { depends: ['openjdk-11-jdk'] }),
  row('dnsutils', '1:9.18.30-0ubuntu0.22.04.#'),
  row('docker.io', '26.1.3-0ubuntu1~22.04.#', { services: ['docker'] }),
  row('fail2ban', '0.11.2-6ubuntu#', { services: ['fail2ban'] }),
  row('git', '1:2.34.1-1ubuntu1.#', { first: 11 }),
  row('haproxy', '2.4.24-0ubuntu0.22.04.#', { services: ['haproxy'] }),
  row('haveged', '1.9.14-1ubuntu#', { services: ['haveged'] }),
  row('htop', '3.0.5-7build#'),
  row('iptables-persistent', '1.0.16ubuntu#'),
  row('jq', '1.6-2.1ubuntu3.#'),
  row('libpam-pwquality', '1.4.4-1build#'),
  row('libpam-tmpdir', '0.09build#'),
  row('logrotate', '3.19.0-1ubuntu1.#'),
  row('lsb-release', '11.1.0ubuntu#', { first: 4 }),
  row('lvm2', '2.03.11-2.1ubuntu#', { first: 5 }),
  row('net-tools', '1.60+git20181103.0eebece-1ubuntu5.#'),
  row('nfs-common', '1:2.6.1-1ubuntu1.#'),
  row('nginx', '1.18.0-6ubuntu14.#', { first: 4, services: ['nginx'] }),
  row('nodejs', '12.22.9~dfsg-1ubuntu3.#'),
  row('openjdk-11-jdk', '11.0.#+9-0ubuntu1~22.04', { first: 25 }),
  row('openjdk-17-jdk', '17.0.#+9-0ubuntu1~22.04', { first: 13 }),
  row('postgresql-client', '14+238ubuntu#'),
  row('prometheus-node-exporter', '1.3.1-1ubuntu0.22.04.#', { services: ['prometheus-node-exporter'] }),
  row('python3-pip', '22.0.2+dfsg-1ubuntu0.#', { first: 4 }),
  row('python3-venv', '3.10.6-1~22.04.#'),
  row('redis-tools', '5:6.0.16-1ubuntu1.#'),
  row('software-properties-common', '0.99.22.#', { first: 9 }),
  row('stress', '1.0.5-1build#'),
  row('sysstat', '12.5.2-2ubuntu0.#', { services: ['sysstat'] }),
  row('telnet', '0.17-44build#'),
  row('tmux', '3.2a-4ubuntu0.#'),
  row('traceroute', '1:2.1.0-2ubuntu#'),
  row('tree', '2.0.2-#'),
  row('unzip', '6.0-26ubuntu3.#', { first: 2 }),
  row('xfsprogs', '5.13.0-1ubuntu2.#'),
  row('zip', '3.0-12build#'),
];

const rows = new Map([...images, ...installable].map((r) => [r.name, r]));

/** Packages that are built from a source of another name. */
const sources: Readonly<Record<string, string>> = {
  'aide-common': 'aide',
  dnsutils: 'bind9',
  libc6: 'glibc',
  libcurl4: 'curl',
  libssl3: 'openssl',
  'linux-image-azure': 'linux-meta-azure',
  'openssh-client': 'openssh',
  'openssh-server': 'openssh',
  'redis-tools': 'redis',
};

export function sourceOf(name: string): string {
  return sources[name] ?? name;
}

/** The archive's newest version of a package at a moment, or undefined when this release does not carry it. */
export function archived(name: string, release: UbuntuRelease, atMs: number): ArchivedPackage | undefined {
  const found = rows.get(name);
  const pattern = typeof found?.version === 'string' ? found.version : found?.version[release];
  if (!found || !pattern) return undefined;
  const update = found.first + Math.max(0, Math.floor((atMs - epochMs) / dayMs / found.everyDays));
  const version = pattern.replace('#', String(update)).replaceAll('22.04', release);
  return { name, version, preinstalled: found.preinstalled, services: found.services, depends: found.depends };
}

/** Everything an Azure image of this release is made of. */
export function preinstalled(release: UbuntuRelease, atMs: number): ArchivedPackage[] {
  return images.flatMap(({ name }) => archived(name, release, atMs) ?? []);
}

export function isRelease(version: string): version is UbuntuRelease {
  return ['18.04', '20.04', '22.04', '24.04'].includes(version);
}
