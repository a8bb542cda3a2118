import { accountCommands } from './accounts';
import { type Call, type CommandTable, fail, lines, options, say, unmodelled } from './call';
import { clockCommands } from './clock';
import { diskCommands } from './disks';
import { ufw } from './firewall';
import { cloudInit, waagent } from './provisioning';
import { sysctl } from './sysctl';

const done = () => 0;

export const systemCommands: CommandTable = {
  ...accountCommands,
  ...clockCommands,
  ...diskCommands,
  'cloud-init': cloudInit,
  waagent,
  sysctl,
  lsb_release: lsbRelease,
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

/** Nothing is fetched: a customizer carries on with a note, everything else sees a host that does not answer. */
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

function uname(call: Call): number {
  const { kernel } = call.state.guest.os;
  const parts = { s: 'Linux', n: hostName(call), r: kernel, v: '#54-Ubuntu SMP', m: 'x86_64', o: 'GNU/Linux' };
  const { flags } = options(call.args);
  const wanted = Object.entries(parts).filter(([k]) => flags.has('a') || flags.has(k));
  return say(call, wanted.length > 0 ? wanted.map(([, v]) => v).join(' ') : 'Linux');
}
