import { type Call, fail, options, unmodelled } from './call';

const bootMark = '/var/lib/cloud/instance/boot-finished';

export function cloudInit(call: Call): number {
  const [verb = ''] = call.args;
  const { files } = call.state;
  if (verb === 'status') {
    const done = files.kind(bootMark) !== undefined;
    call.out(
      call.args.includes('--long')
        ? `status: ${done ? 'done' : 'not started'}\ndetail:\nDataSourceAzure [seed=/dev/sr0]\n`
        : `status: ${done ? 'done' : 'not started'}\n`,
    );
    return 0;
  }
  if (verb === 'clean') {
    if (!call.state.isRoot) return fail(call, 'Permission denied');
    for (const path of ['/var/lib/cloud/instance', '/var/lib/cloud/instances'])
      if (files.kind(path)) files.remove(path);
    if (options(call.args).flags.has('logs') || call.args.includes('-l')) files.remove('/var/log/cloud-init.log');
    if (call.args.includes('--machine-id')) files.write('/etc/machine-id', '');
    return 0;
  }
  if (verb === '--version') {
    call.out(`/usr/bin/cloud-init ${call.state.guest.packages['cloud-init']}\n`);
    return 0;
  }
  return unmodelled(call);
}

/** Deprovisioning strips a machine of its identity: host keys, leases, its name and, with `+user`, the last user. */
export function waagent(call: Call): number {
  const { files, guest, isRoot } = call.state;
  if (call.args.some((a) => /^-+version$/.test(a))) {
    call.out(`WALinuxAgent-${guest.packages['walinuxagent']?.split('-')[0]} running on ubuntu ${guest.os.version}\n`);
    return 0;
  }
  const verb = call.args.find((a) => /^-+deprovision/.test(a));
  if (!verb) return unmodelled(call);
  if (!isRoot) return fail({ ...call, name: 'ERROR' }, 'Must be root to run waagent');
  call.out(
    'WARNING! The waagent service will be stopped.\nWARNING! All SSH host key pairs will be deleted.\nWARNING! Cached DHCP leases will be deleted.\n',
  );
  for (const path of Object.keys(guest.files)) if (/^\/etc\/ssh\/ssh_host_/.test(path)) files.remove(path);
  if (files.kind('/var/lib/cloud')) files.remove('/var/lib/cloud');
  files.write('/etc/hostname', 'localhost.localdomain\n');
  files.write('/etc/machine-id', '');
  if (verb.includes('+user')) {
    for (const name of Object.keys(guest.users)) {
      if (guest.users[name]?.uid !== 1000) continue;
      files.remove(guest.users[name].home);
      delete guest.users[name];
    }
  }
  return 0;
}
