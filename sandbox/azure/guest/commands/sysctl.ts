import { type Call, fail, lines, options } from './call';

/** The kernel's own values for what hardening guides set. */
const defaults: Readonly<Record<string, string>> = {
  'fs.protected_hardlinks': '1',
  'fs.protected_symlinks': '1',
  'fs.suid_dumpable': '2',
  'kernel.dmesg_restrict': '1',
  'kernel.kptr_restrict': '1',
  'kernel.randomize_va_space': '2',
  'kernel.yama.ptrace_scope': '1',
  'net.core.bpf_jit_harden': '0',
  'net.ipv4.conf.all.accept_redirects': '0',
  'net.ipv4.conf.all.accept_source_route': '0',
  'net.ipv4.conf.all.log_martians': '0',
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv4.conf.all.secure_redirects': '1',
  'net.ipv4.conf.all.send_redirects': '1',
  'net.ipv4.conf.default.accept_redirects': '1',
  'net.ipv4.conf.default.accept_source_route': '0',
  'net.ipv4.conf.default.log_martians': '0',
  'net.ipv4.conf.default.rp_filter': '0',
  'net.ipv4.conf.default.secure_redirects': '1',
  'net.ipv4.conf.default.send_redirects': '1',
  'net.ipv4.icmp_echo_ignore_broadcasts': '1',
  'net.ipv4.icmp_ignore_bogus_error_responses': '1',
  'net.ipv4.ip_forward': '0',
  'net.ipv4.tcp_syncookies': '1',
  'net.ipv6.conf.all.accept_ra': '1',
  'net.ipv6.conf.all.accept_redirects': '1',
  'net.ipv6.conf.all.disable_ipv6': '0',
  'net.ipv6.conf.default.accept_ra': '1',
  'net.ipv6.conf.default.accept_redirects': '1',
  'vm.overcommit_memory': '0',
  'vm.swappiness': '60',
};

const runtime = (key: string) => `/proc/sys/${key.replaceAll('.', '/')}`;

/** Settings of the files in the order in which they are applied; the last one wins. */
function configured(call: Call, only?: string): Map<string, string> {
  const { guest } = call.state;
  const paths = Object.keys(guest.files)
    .filter((p) => (only ? p === only : /^\/(etc|usr\/lib)\/sysctl\.d\/.*\.conf$/.test(p)))
    .sort();
  const found = new Map<string, string>();
  for (const path of only ? paths : [...paths, '/etc/sysctl.conf']) {
    for (const line of lines(guest.files[path]?.content ?? '')) {
      const [, key = '', value = ''] = /^\s*([a-z][\w./-]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (key) found.set(key.replaceAll('/', '.'), value);
    }
  }
  return found;
}

/** The value in effect: what was set since the boot, else what the files say, else the kernel's own value. */
export function sysctl(call: Call): number {
  const { flags, values, rest } = options(call.args, ['p', 'load']);
  if (flags.has('system') || values.has('p') || flags.has('p')) {
    if (!call.state.isRoot) return fail(call, 'permission denied on key', 255);
    for (const [key, value] of configured(call, values.get('p') || undefined)) call.out(`${key} = ${value}\n`);
    return 0;
  }
  if (flags.has('a')) {
    for (const key of Object.keys(defaults)) call.out(`${key} = ${effective(call, key)}\n`);
    return 0;
  }
  return rest.reduce((status, given) => Math.max(status, one(call, given, flags)), 0);
}

function one(call: Call, given: string, flags: ReadonlySet<string>): number {
  const [key = '', value] = given.split('=').map((s) => s.trim());
  if (effective(call, key) === undefined)
    return flags.has('e') ? 0 : fail(call, `cannot stat ${runtime(key)}: No such file or directory`, 255);
  if (value !== undefined) {
    if (!call.state.isRoot) return fail(call, `permission denied on key "${key}"`, 255);
    call.state.files.write(runtime(key), `${value}\n`);
  }
  call.out(flags.has('n') ? `${effective(call, key)}\n` : `${key} = ${effective(call, key)}\n`);
  return 0;
}

function effective(call: Call, key: string): string | undefined {
  return call.state.files.read(runtime(key))?.trim() ?? configured(call).get(key) ?? defaults[key];
}
