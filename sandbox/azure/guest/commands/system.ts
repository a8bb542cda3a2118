import { accountCommands } from './accounts';
import { type Call, type CommandTable, fail, lines, options, unmodelled } from './call';
import { cloudInit, waagent } from './provisioning';
import { isActive } from './services';
import { sysctl } from './sysctl';

const done = () => 0;

export const systemCommands: CommandTable = {
  ...accountCommands,
  'cloud-init': cloudInit,
  waagent,
  sysctl,
  timedatectl,
  chronyc,
  df,
  findmnt,
  mount: (call) => (call.args.length === 0 ? findmnt(call) : 0),
  lsb_release: lsbRelease,
  date,
  uname,
  hostname: (call) => say(call, hostName(call)),
  hostnamectl: (call) => {
    if (call.args[0] === 'set-hostname' || call.args[0] === 'hostname')
      call.state.files.write('/etc/hostname', `${call.args[1]}\n`);
    else call.out(` Static hostname: ${hostName(call)}\n Operating System: Ubuntu ${call.state.guest.os.version}\n`);
    return 0;
  },
  ufw,
  nproc: (call) => say(call, '2'),
  uptime: (call) => say(call, 'up 3 minutes'),
  swapon: done,
  swapoff: done,
  logger: done,
  ldconfig: done,
  fstrim: done,
  depmod: done,
  'update-initramfs': (call) =>
    say(call, `update-initramfs: Generating /boot/initrd.img-${call.state.guest.os.kernel}`),
  'update-grub': (call) => say(call, 'Generating grub configuration file ...\ndone'),
  journalctl: (call) =>
    call.args.some((a) => a.startsWith('--vacuum') || a === '--rotate') ? 0 : say(call, '-- No entries --'),
  curl: remote,
  wget: remote,
  openssl: (call) =>
    call.args[0] === 'version'
      ? say(call, `OpenSSL ${call.state.guest.packages['openssl']?.split('-')[0]}`)
      : unmodelled(call),
};

function say({ out }: Call, text: string): number {
  out(`${text}\n`);
  return 0;
}

/** Nothing is fetched: a customizer goes on with a note, everything else sees a host that does not answer. */
function remote(call: Call): number {
  const url = call.args.find((a) => /^https?:/.test(a));
  if (!url && call.args.includes('--version'))
    return say(call, `${call.name} ${call.state.guest.packages[call.name]?.split('-')[0]}`);
  if (call.state.mode === 'customizer') {
    call.shell.note(`not executed: ${call.name} ${call.args.join(' ')} (the sandbox fetches nothing)`, call);
    return 0;
  }
  const host = /\/\/([^/:]+)/.exec(url ?? '')?.[1] ?? '';
  if (call.name === 'wget') return fail(call, `unable to resolve host address '${host}'`, 4);
  call.err(`curl: (6) Could not resolve host: ${host}\n`);
  return 6;
}

function hostName(call: Call): string {
  return call.state.files.read('/etc/hostname')?.trim() ?? 'localhost';
}

function timedatectl(call: Call): number {
  const { flags, values, rest } = options(call.args, ['p', 'property']);
  const synchronised = isActive(call, 'chrony') || isActive(call, 'systemd-timesyncd');
  const zone = call.state.files.read('/etc/timezone')?.trim() ?? 'Etc/UTC';
  if (rest[0] === 'set-timezone') {
    if (!call.state.isRoot) return fail(call, 'Failed to set time zone: Interactive authentication required.');
    call.state.files.write('/etc/timezone', `${rest[1]}\n`);
    return 0;
  }
  if (rest[0] === 'set-ntp') return 0;
  const yes = (truth: boolean) => (truth ? 'yes' : 'no');
  const facts: Readonly<Record<string, string>> = {
    Timezone: zone,
    LocalRTC: 'no',
    CanNTP: 'yes',
    NTP: yes(synchronised),
    NTPSynchronized: yes(synchronised),
  };
  if (rest[0] !== 'show') {
    return say(
      call,
      `                Time zone: ${zone} (UTC, +0000)\nSystem clock synchronized: ${yes(synchronised)}\n              NTP service: ${synchronised ? 'active' : 'inactive'}`,
    );
  }
  const wanted = values.get('p') ?? values.get('property');
  for (const [name, value] of Object.entries(facts)) {
    if (!wanted || wanted.split(',').includes(name)) call.out(flags.has('value') ? `${value}\n` : `${name}=${value}\n`);
  }
  return 0;
}

function chronyc(call: Call): number {
  if (!isActive(call, 'chrony')) return say(call, '506 Cannot talk to daemon') + 1;
  const verb = options(call.args).rest[0];
  if (verb === 'tracking')
    return say(
      call,
      'Reference ID    : 50484330 (PHC0)\nStratum         : 3\nSystem time     : 0.000001204 seconds fast of NTP time\nLeap status     : Normal',
    );
  if (verb === 'sources')
    return say(
      call,
      'MS Name/IP address         Stratum Poll Reach LastRx Last sample\n#* PHC0                          2   3   377     9  +1204ns[+2406ns] +/- 1513ns',
    );
  return verb === 'waitsync' || verb === 'makestep' ? say(call, '200 OK') : unmodelled(call);
}

interface Mount {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly options: string;
}

function mounts(call: Call): Mount[] {
  const always = [{ source: '/dev/sda1', target: '/', type: 'ext4', options: 'rw,relatime,discard,errors=remount-ro' }];
  const named = lines(call.state.files.read('/etc/fstab') ?? '').filter((l) => /^[^#\s]/.test(l));
  const others = named.map((l) => l.split(/\s+/)).filter(([, target, type]) => target !== '/' && type !== 'swap');
  return [
    ...always,
    ...others.map(([source = '', target = '', type = '', given = '']) => ({ source, target, type, options: given })),
  ];
}

function findmnt(call: Call): number {
  const { flags, values, rest } = options(call.args, ['o', 'output', 'T', 'target', 't', 'M', 'mountpoint']);
  const target = rest[0] ?? values.get('M') ?? values.get('mountpoint');
  const found = mounts(call).filter((m) => !target || m.target === target || m.source === target);
  const columns = (values.get('o') ?? values.get('output') ?? 'TARGET,SOURCE,FSTYPE,OPTIONS').split(',');
  if (found.length === 0) return 1;
  if (!flags.has('n') && !flags.has('noheadings')) call.out(`${columns.join(' ')}\n`);
  for (const m of found) {
    const facts: Readonly<Record<string, string>> = {
      TARGET: m.target,
      SOURCE: m.source,
      FSTYPE: m.type,
      OPTIONS: m.options,
    };
    call.out(`${columns.map((c) => facts[c.toUpperCase()] ?? '').join(' ')}\n`);
  }
  return 0;
}

/** A 30 GiB disk, filled by what is installed. */
function df(call: Call): number {
  const { flags, values, rest } = options(call.args, ['output', 'B', 'block-size', 't', 'x']);
  const sizeMb = 29_700;
  const usedMb = 1_600 + Object.keys(call.state.guest.packages).length * 14;
  const unit =
    flags.has('m') || values.get('B') === 'M'
      ? 1
      : flags.has('h') || values.get('B') === 'G' || flags.has('BG')
        ? 1024
        : 1 / 1024;
  const shown = (mb: number) =>
    `${unit === 1024 ? Math.ceil(mb / unit) : Math.round(mb / unit)}${unit === 1024 ? 'G' : ''}`;
  const percent = `${Math.ceil((usedMb / sizeMb) * 100)}%`;
  const facts: Readonly<Record<string, string>> = {
    source: '/dev/root',
    size: shown(sizeMb),
    used: shown(usedMb),
    avail: shown(sizeMb - usedMb),
    pcent: percent,
    target: '/',
    ipcent: '3%',
  };
  const titles: Readonly<Record<string, string>> = {
    source: 'Filesystem',
    size: unit === 1024 ? 'Size' : '1K-blocks',
    used: 'Used',
    avail: 'Avail',
    pcent: 'Use%',
    target: 'Mounted on',
    ipcent: 'IUse%',
  };
  const usual = flags.has('i') ? 'source,ipcent,target' : 'source,size,used,avail,pcent,target';
  const columns = (values.get('output') ?? usual).split(',');
  if (rest.some((p) => call.state.files.kind(p) === undefined))
    return fail(call, `${rest[0]}: No such file or directory`);
  call.out(`${columns.map((c) => titles[c] ?? c).join(' ')}\n${columns.map((c) => facts[c] ?? '-').join(' ')}\n`);
  return 0;
}

function lsbRelease(call: Call): number {
  const { flags } = options(call.args);
  const file = Object.fromEntries(
    lines(call.state.files.read('/etc/lsb-release') ?? '').map((l) => [
      l.split('=')[0],
      l.split('=')[1]?.replaceAll('"', ''),
    ]),
  );
  const rows = [
    ['i', 'Distributor ID', file['DISTRIB_ID']],
    ['d', 'Description', file['DISTRIB_DESCRIPTION']],
    ['r', 'Release', file['DISTRIB_RELEASE']],
    ['c', 'Codename', file['DISTRIB_CODENAME']],
  ] as const;
  for (const [letter, title, value] of rows) {
    const wanted =
      flags.has('a') ||
      flags.has(letter) ||
      (letter === 'r' && flags.has('release')) ||
      (letter === 'c' && flags.has('codename'));
    if (wanted) call.out(flags.has('s') || flags.has('short') ? `${value}\n` : `${title}:\t${value}\n`);
  }
  return 0;
}

/** In UTC; other moments than now are not modelled. */
function date(call: Call): number {
  const { flags, values, rest } = options(call.args, ['d', 'date', 'I', 'iso-8601']);
  if (values.has('d') || values.has('date')) return unmodelled(call);
  const iso = call.state.now.toISOString();
  if (values.has('I') || flags.has('I') || flags.has('iso-8601'))
    return say(
      call,
      (values.get('I') ?? values.get('iso-8601') ?? '').startsWith('s')
        ? `${iso.slice(0, 19)}+00:00`
        : iso.slice(0, 10),
    );
  const [day, time] = [iso.slice(0, 10), iso.slice(11, 19)];
  const facts: Readonly<Record<string, string>> = {
    F: day,
    T: time,
    Y: day.slice(0, 4),
    m: day.slice(5, 7),
    d: day.slice(8),
    H: time.slice(0, 2),
    M: time.slice(3, 5),
    S: time.slice(6),
    s: String(Math.floor(call.state.now.getTime() / 1000)),
    z: '+0000',
    Z: 'UTC',
    '%': '%',
    y: day.slice(2, 4),
    N: '000000000',
  };
  const format = rest[0]?.startsWith('+') ? rest[0].slice(1) : undefined;
  return say(
    call,
    format ? format.replace(/%([A-Za-z%])/g, (all, c: string) => facts[c] ?? all) : call.state.now.toUTCString(),
  );
}

function uname(call: Call): number {
  const { kernel } = call.state.guest.os;
  const parts = { s: 'Linux', n: hostName(call), r: kernel, v: '#54-Ubuntu SMP', m: 'x86_64', o: 'GNU/Linux' };
  const { flags } = options(call.args);
  const wanted = Object.entries(parts).filter(([k]) => flags.has('a') || flags.has(k));
  return say(call, wanted.length > 0 ? wanted.map(([, v]) => v).join(' ') : 'Linux');
}

/** The firewall's switch and its rules, one a line, as people read them back. */
function ufw(call: Call): number {
  const [verb = '', ...rule] = call.args.filter((a) => a !== '--force');
  if (!call.state.isRoot) return fail({ ...call, name: 'ERROR' }, 'You need to be root to run this script');
  const { files, guest } = call.state;
  const rules = files.read('/etc/ufw/user.rules') ?? '';
  if (verb === 'enable' || verb === 'disable') {
    files.write('/etc/ufw/ufw.conf', `ENABLED=${verb === 'enable' ? 'yes' : 'no'}\n`);
    guest.services['ufw'] = { enabled: true, active: verb === 'enable' };
    return say(
      call,
      verb === 'enable'
        ? 'Firewall is active and enabled on system startup'
        : 'Firewall stopped and disabled on system startup',
    );
  }
  if (verb === 'status') {
    const active = /ENABLED=yes/.test(files.read('/etc/ufw/ufw.conf') ?? '');
    return say(call, active ? `Status: active\n\n${rules}` : 'Status: inactive');
  }
  if (!['allow', 'deny', 'limit', 'reject', 'default', 'logging', 'reset'].includes(verb)) return unmodelled(call);
  files.write(
    '/etc/ufw/user.rules',
    `${verb === 'reset' ? '' : rules}${rule.join(' ').padEnd(26)} ${verb.toUpperCase()}\n`,
    { mode: '0640' },
  );
  return say(
    call,
    verb === 'default' ? `Default ${rule[1] ?? 'incoming'} policy changed to '${rule[0]}'` : 'Rules updated',
  );
}
