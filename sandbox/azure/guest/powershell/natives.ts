import { keys } from '../windows/base';
import { generalize, markPending, needsRestart } from '../windows/boot';
import { featureNamed, optionalNamed } from '../windows/features';
import { startTypeOf } from '../windows/service';
import { timeZoneNamed } from '../windows/time-zones';
import { has, type Native, notModelled, option } from './native';
import { reg } from './native-reg';
import { toText } from './values';

const whoami: Native = ({ engine, print }) => {
  const { user, environment } = engine.runtime;
  const host = toText(environment.get('COMPUTERNAME')).toLowerCase();
  print(user === 'SYSTEM' ? 'nt authority\\system\n' : `${host}\\${user}\n`);
  return 0;
};

const hostname: Native = ({ engine, print }) => {
  print(`${toText(engine.runtime.environment.get('COMPUTERNAME'))}\n`);
  return 0;
};

/** `cmd /c exit 4`, `cmd /c echo …`, or a program that is modelled. */
const cmd: Native = (call) => {
  const at = call.args.findIndex((arg) => /^\/c/i.test(arg));
  const words = call.args
    .slice(at + 1)
    .join(' ')
    .replace(/^"|"$/g, '')
    .trim();
  const exit = /^exit(?:\s+\/b)?\s+(-?\d+)$/i.exec(words);
  if (at < 0) throw notModelled(call);
  if (exit) return Number(exit[1]);
  const echo = /^echo\s+(.*)$/i.exec(words);
  if (echo) {
    call.print(`${echo[1]}\n`);
    return 0;
  }
  const [name = '', ...args] = words.split(/\s+/);
  const native = natives[name.toLowerCase().replace(/\.exe$/, '')];
  if (!native) throw notModelled(call);
  return native({ ...call, name, args });
};

/** Sysprep does not generalize a machine that has to be restarted first. */
const sysprep: Native = (call) => {
  const { guest, registry } = call.engine.runtime;
  if (!has(call, '/generalize')) throw notModelled(call);
  if (!needsRestart(guest)) generalize(guest);
  else registry.set(keys.setup, 'ImageState', { kind: 'String', data: 'IMAGE_STATE_UNDEPLOYABLE' });
  return 0;
};

const tzutil: Native = (call) => {
  const { registry } = call.engine.runtime;
  if (has(call, '/g')) {
    call.print(`${String(registry.value(keys.timeZone, 'TimeZoneKeyName')?.data ?? 'UTC')}\n`);
    return 0;
  }
  const wanted = option(call, '/s');
  const id = timeZoneNamed(wanted ?? '');
  if (wanted === undefined) throw notModelled(call);
  if (!id) {
    call.complain('The time zone ID is not valid.\n');
    return 1;
  }
  registry.set(keys.timeZone, 'TimeZoneKeyName', { kind: 'String', data: id });
  return 0;
};

/** The audit policy, kept as a key of its own: the real one lies in the SECURITY hive, which nobody reads by name. */
const auditKey = 'HKLM\\SECURITY\\Policy\\PolAdtEv';

const auditpol: Native = (call) => {
  const { registry } = call.engine.runtime;
  const names = option(call, '/subcategory') ?? option(call, '/category');
  const wanted = (names ?? '').split(',').map((n) => n.trim().replace(/^"|"$/g, ''));
  if (names === undefined || names === '') throw notModelled(call);
  if (has(call, '/get')) {
    call.print('System audit policy\nCategory/Subcategory                      Setting\n');
    for (const name of wanted)
      call.print(`  ${name.padEnd(40)}${String(registry.value(auditKey, name)?.data ?? 'No Auditing')}\n`);
    return 0;
  }
  if (!has(call, '/set')) throw notModelled(call);
  const success = option(call, '/success') === 'enable';
  const failure = option(call, '/failure') === 'enable';
  const data = success && failure ? 'Success and Failure' : success ? 'Success' : failure ? 'Failure' : 'No Auditing';
  for (const name of wanted) registry.set(auditKey, name, { kind: 'String', data });
  call.print('The command was successfully executed.\n');
  return 0;
};

/** `sc.exe query`, `config start=`, `start`, `stop`. */
const sc: Native = (call) => {
  const [verb = '', name = ''] = call.args;
  const { services } = call.engine.runtime.guest;
  const known = Object.keys(services).find((n) => n.toLowerCase() === name.toLowerCase());
  const service = known === undefined ? undefined : services[known];
  if (known === undefined || !service) {
    call.print(
      `[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\n\nThe specified service does not exist as an installed service.\n`,
    );
    return 1060;
  }
  const wanted = call.args
    .join(' ')
    .match(/start=\s*(\w+)/i)?.[1]
    ?.toLowerCase();
  switch (verb.toLowerCase()) {
    case 'query':
      call.print(
        `\nSERVICE_NAME: ${known}\n        STATE              : ${service.active ? '4  RUNNING' : '1  STOPPED'}\n`,
      );
      return 0;
    case 'qc':
      call.print(
        `[SC] QueryServiceConfig SUCCESS\n\nSERVICE_NAME: ${known}\n        START_TYPE         : ${startTypeOf(service)}\n`,
      );
      return 0;
    case 'config':
      if (wanted)
        services[known] = {
          ...service,
          enabled: wanted === 'auto' || wanted === 'delayed',
          manual: wanted === 'demand',
        };
      call.print('[SC] ChangeServiceConfig SUCCESS\n');
      return 0;
    case 'start':
    case 'stop':
      services[known] = { ...service, active: verb.toLowerCase() === 'start' };
      return 0;
    default:
      throw notModelled(call);
  }
};

/** `net start`, `net stop`; accounts are for PowerShell's own commands. */
const net: Native = (call) => {
  const [verb = '', ...words] = call.args;
  if (!/^(?:start|stop)$/i.test(verb)) throw notModelled(call);
  const name = words.join(' ').replace(/^"|"$/g, '');
  const { services } = call.engine.runtime.guest;
  const known = Object.keys(services).find(
    (n) => n.toLowerCase() === name.toLowerCase() || services[n]?.displayName === name,
  );
  const service = known === undefined ? undefined : services[known];
  if (known === undefined || !service) {
    call.complain('The service name is invalid.\n\nMore help is available by typing NET HELPMSG 2185.\n\n');
    return 2;
  }
  services[known] = { ...service, active: verb.toLowerCase() === 'start' };
  call.print(
    `The ${service.displayName ?? known} service was ${verb.toLowerCase() === 'start' ? 'started' : 'stopped'} successfully.\n`,
  );
  return 0;
};

/** `dism /online /enable-feature` and its like; 3010 says that a restart is needed. */
const dism: Native = (call) => {
  const wanted = option(call, '/featurename');
  const on = has(call, '/enable-feature') ? true : has(call, '/disable-feature') ? false : undefined;
  if (has(call, '/cleanup-image')) {
    call.print('The operation completed successfully.\n');
    return 0;
  }
  if (on === undefined || wanted === undefined) throw notModelled(call);
  const feature = optionalNamed(wanted) ?? featureNamed(wanted);
  if (!feature) {
    call.print(`\nError: 0x800f080c\n\nFeature name ${wanted} is unknown.\n`);
    return -2_146_498_548;
  }
  const { guest } = call.engine.runtime;
  const isThere = guest.features?.[feature.name] === true;
  if (feature.needsRestart && isThere !== on) markPending(guest, { features: { [feature.name]: on } }, 'components');
  else guest.features = { ...guest.features, [feature.name]: on };
  call.print('The operation completed successfully.\n');
  return feature.needsRestart && isThere !== on ? 3010 : 0;
};

/** A quiet installation of a file that is there; which restarts are needed only the package knows, so none. */
const msiexec: Native = (call) => {
  const path = option(call, '/i') ?? option(call, '/package');
  if (path === undefined) throw notModelled(call);
  const { files } = call.engine.runtime;
  if (files.kind(call.engine.runtime.filePath(path)) !== 'file') return 1619;
  throw notModelled(call);
};

const shutdown: Native = (call) => {
  if (has(call, '/a')) return 1116;
  throw notModelled(call);
};

const w32tm: Native = (call) => {
  if (has(call, '/query') && has(call, '/status')) {
    if (!call.engine.runtime.guest.services['W32Time']?.active) {
      call.print('The following error occurred: The service has not been started. (0x80070426)\n');
      return -2_147_023_834;
    }
    call.print(
      'Leap Indicator: 0(no warning)\nStratum: 2 (secondary reference - syncd by (S)NTP)\nSource: VM IC Time Synchronization Provider\n',
    );
    return 0;
  }
  if (!has(call, '/config') && !has(call, '/resync')) throw notModelled(call);
  const peers = option(call, '/manualpeerlist');
  const key = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\W32Time\\Parameters';
  if (peers !== undefined) call.engine.runtime.registry.set(key, 'NtpServer', { kind: 'String', data: peers });
  call.print('The command completed successfully.\n');
  return 0;
};

/** `netsh advfirewall set allprofiles state on`. */
const netsh: Native = (call) => {
  const words = call.args.map((a) => a.toLowerCase()).join(' ');
  const found = /^advfirewall set (all|domain|private|public)profiles? state (on|off)$/.exec(words);
  if (!found) throw notModelled(call);
  const profiles = { domain: 'DomainProfile', private: 'StandardProfile', public: 'PublicProfile' };
  for (const [name, key] of Object.entries(profiles)) {
    if (found[1] !== 'all' && found[1] !== name) continue;
    call.engine.runtime.registry.set(`${keys.firewall}\\${key}`, 'EnableFirewall', {
      kind: 'DWord',
      data: found[2] === 'on' ? 1 : 0,
    });
  }
  call.print('Ok.\n\n');
  return 0;
};

const systeminfo: Native = ({ engine, print }) => {
  const { guest, environment } = engine.runtime;
  print(
    `\nHost Name:                 ${toText(environment.get('COMPUTERNAME'))}\nOS Name:                   Microsoft ${guest.os.name}\nOS Version:                ${guest.os.version} N/A Build ${guest.os.version.split('.')[2]}\n`,
  );
  return 0;
};

export const natives: Readonly<Record<string, Native>> = {
  auditpol,
  cmd,
  dism,
  hostname,
  msiexec,
  net,
  netsh,
  reg,
  sc,
  shutdown,
  sysprep,
  systeminfo,
  tzutil,
  w32tm,
  whoami,
};
