import { type Call, fail, say, unmodelled } from './call';

/** The firewall's switch and its rules, one per line, as people read them back. */
export function ufw(call: Call): number {
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
