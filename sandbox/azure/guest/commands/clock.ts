import { type Call, type CommandTable, fail, options, say, unmodelled } from './call';
import { isActive } from './services';

export const clockCommands: CommandTable = { timedatectl, chronyc, date };

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

/** In UTC; moments other than now are not modelled. */
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
