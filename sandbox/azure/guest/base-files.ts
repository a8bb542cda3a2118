import type { UbuntuRelease } from './archive';
import type { GuestFile } from './model';

const file = (content: string, mode = '0644'): GuestFile => ({ content, mode, owner: 'root:root' });
const directory = (mode = '0755'): GuestFile => ({ content: '', mode, owner: 'root:root', kind: 'directory' });

/** The configuration files of a fresh Ubuntu image on Azure, as far as platform teams read or change them. */
export function baseFiles(release: UbuntuRelease, codename: string, serial: string): Record<string, GuestFile> {
  return { ...system(release, codename, serial), ...ssh(), ...agents(), ...directories() };
}

function system(release: UbuntuRelease, codename: string, serial: string): Record<string, GuestFile> {
  const lts = { '18.04': '18.04.6', '20.04': '20.04.6', '22.04': '22.04.5', '24.04': '24.04.3' }[release];
  const osRelease = [
    `PRETTY_NAME="Ubuntu ${lts} LTS"`,
    'NAME="Ubuntu"',
    `VERSION_ID="${release}"`,
    `VERSION="${lts} LTS (${codename[0]?.toUpperCase()}${codename.slice(1)})"`,
    `VERSION_CODENAME=${codename}`,
    'ID=ubuntu',
    'ID_LIKE=debian',
    `UBUNTU_CODENAME=${codename}`,
  ];
  return {
    '/etc/os-release': file(`${osRelease.join('\n')}\n`),
    '/etc/lsb-release': file(
      `DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=${release}\nDISTRIB_CODENAME=${codename}\nDISTRIB_DESCRIPTION="Ubuntu ${lts} LTS"\n`,
    ),
    '/etc/cloud/build.info': file(`build_name: server\nserial: ${serial}\n`),
    '/etc/default/grub': file('GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX=""\n'),
    '/etc/issue': file(`Ubuntu ${lts} LTS \\n \\l\n\n`),
    '/etc/issue.net': file(`Ubuntu ${lts} LTS\n`),
    '/etc/hostname': file('ubuntu\n'),
    '/etc/hosts': file('127.0.0.1 localhost\n\n::1 ip6-localhost ip6-loopback\n'),
    '/etc/machine-id': file('', '0444'),
    '/etc/timezone': file('Etc/UTC\n'),
    '/etc/passwd': file('root:x:0:0:root:/root:/bin/bash\nsshd:x:106:65534::/run/sshd:/usr/sbin/nologin\n'),
    '/etc/group': file('root:x:0:\nadm:x:4:syslog\nsudo:x:27:\n'),
    '/etc/shadow': file('root:*:19000:0:99999:7:::\n', '0640'),
    '/etc/sudoers': file('Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n', '0440'),
    '/etc/fstab': file(
      'LABEL=cloudimg-rootfs / ext4 discard,errors=remount-ro 0 1\nLABEL=UEFI /boot/efi vfat umask=0077 0 1\n',
    ),
    '/etc/login.defs': file(
      'PASS_MAX_DAYS 99999\nPASS_MIN_DAYS 0\nPASS_WARN_AGE 7\nUMASK 022\nENCRYPT_METHOD SHA512\n',
    ),
    '/etc/sysctl.conf': file('#net.ipv4.conf.all.rp_filter=1\n#net.ipv4.tcp_syncookies=1\n'),
    '/etc/sysctl.d/10-network-security.conf': file(
      'net.ipv4.conf.default.rp_filter=2\nnet.ipv4.conf.all.rp_filter=2\n',
    ),
    '/etc/apt/sources.list': file(
      ['', '-updates', '-security']
        .map((pocket) => `deb http://azure.archive.ubuntu.com/ubuntu/ ${codename}${pocket} main restricted universe\n`)
        .join(''),
    ),
    '/etc/apt/apt.conf.d/20auto-upgrades': file(
      'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n',
    ),
  };
}

function ssh(): Record<string, GuestFile> {
  const config = [
    'Include /etc/ssh/sshd_config.d/*.conf',
    '#Port 22',
    '#PermitRootLogin prohibit-password',
    '#PasswordAuthentication yes',
    'KbdInteractiveAuthentication no',
    'UsePAM yes',
    'X11Forwarding yes',
    'PrintMotd no',
    'AcceptEnv LANG LC_*',
    'Subsystem sftp /usr/lib/openssh/sftp-server',
    'ClientAliveInterval 120',
  ];
  return {
    '/etc/ssh/sshd_config': file(`${config.join('\n')}\n`),
    '/etc/ssh/sshd_config.d/50-cloud-init.conf': file('PasswordAuthentication no\n', '0600'),
    '/etc/ssh/ssh_host_ed25519_key': file('(private key)\n', '0600'),
    '/etc/ssh/ssh_host_ed25519_key.pub': file('ssh-ed25519 (public key)\n'),
  };
}

function agents(): Record<string, GuestFile> {
  return {
    '/etc/waagent.conf': file(
      'Provisioning.Agent=auto\nResourceDisk.Format=n\nResourceDisk.EnableSwap=n\nLogs.Verbose=n\nOS.RootDeviceScsiTimeout=300\n',
    ),
    '/etc/cloud/cloud.cfg.d/90_dpkg.cfg': file('datasource_list: [ Azure ]\n'),
    '/etc/chrony/chrony.conf': file(
      'refclock PHC /dev/ptp_hyperv poll 3 dpoll -2 offset 0 stratum 2\ndriftfile /var/lib/chrony/chrony.drift\nmakestep 1.0 -1\nrtcsync\n',
    ),
    '/var/log/waagent.log': file('INFO Daemon Azure Linux Agent\n'),
    '/var/log/cloud-init.log': file('cloud-init finished\n'),
    '/var/log/dpkg.log': file(''),
  };
}

function directories(): Record<string, GuestFile> {
  const standard = [
    '/bin',
    '/boot',
    '/boot/efi',
    '/home',
    '/mnt',
    '/opt',
    '/run',
    '/srv',
    '/usr/local/bin',
    '/usr/share',
  ];
  const configuration = ['chrony/conf.d', 'cron.d', 'default', 'logrotate.d', 'modprobe.d', 'pam.d', 'profile.d'];
  const more = ['security/limits.d', 'sudoers.d', 'systemd/journald.conf.d', 'systemd/system', 'update-motd.d'];
  const variable = ['/var/lib/apt/lists', '/var/lib/waagent', '/var/cache/apt/archives', '/var/log/journal'];
  const paths = [...standard, ...[...configuration, ...more].map((name) => `/etc/${name}`), ...variable];
  return {
    ...Object.fromEntries(paths.map((path) => [path, directory()])),
    '/tmp': directory('1777'),
    '/var/tmp': directory('1777'),
    '/root': directory('0700'),
  };
}
