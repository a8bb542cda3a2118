import type { Guest } from '../model';
import { type Call, type CommandTable, options, refused, unmodelled } from './call';
import { sshd, sshdPorts, sshdProblem } from './sshd';

export const serviceCommands: CommandTable = {
  systemctl,
  service: (call) => systemctl({ ...call, name: 'systemctl', args: [call.args[1] ?? 'status', call.args[0] ?? ''] }),
  sshd,
  ss,
};

const aliases: Readonly<Record<string, string>> = {
  sshd: 'ssh',
  chronyd: 'chrony',
  waagent: 'walinuxagent',
  syslog: 'rsyslog',
};

function unitName(given: string): string {
  const plain = given.replace(/\.service$/, '');
  return aliases[plain] ?? plain;
}

/** The state of a unit; one whose file was written by hand exists, disabled. */
function unit(call: Call, name: string): { enabled: boolean; active: boolean } | undefined {
  const { guest } = call.state;
  if (guest.services[name]) return guest.services[name];
  const files = [
    `/etc/systemd/system/${name}.service`,
    `/lib/systemd/system/${name}.service`,
    `/etc/systemd/system/${name}`,
  ];
  return files.some((f) => guest.files[f]) ? { enabled: false, active: false } : undefined;
}

const full = (name: string) => (name.includes('.') ? name : `${name}.service`);

function systemctl(call: Call): number {
  const { flags, rest } = options(call.args, ['p', 'property', 't', 'type', 'state', 'root']);
  const [verb = 'list-units', ...given] = rest;
  const names = given.map(unitName);
  const quiet = flags.has('q') || flags.has('quiet');
  if (verb === 'is-active')
    return answer(call, names, quiet, { say: (u) => (u?.active ? 'active' : 'inactive'), yes: 'active', code: 3 });
  if (verb === 'is-enabled') return isEnabled(call, names, quiet);
  if (verb === 'is-failed') return 1;
  if (verb === 'is-system-running') {
    call.out('running\n');
    return 0;
  }
  if (verb === 'status') return status(call, names);
  if (verb === 'list-unit-files') return listUnitFiles(call);
  if (verb === 'show' || verb.startsWith('list-') || verb === 'cat') return unmodelled(call);
  const no = refused(call, `Failed to ${verb} ${full(names[0] ?? '')}: Interactive authentication required.`);
  if (no !== undefined) return no;
  if (['daemon-reload', 'daemon-reexec', 'reset-failed', 'preset', 'set-default'].includes(verb)) return 0;
  return change(call, verb, names, flags.has('now'));
}

type Unit = { enabled: boolean; active: boolean } | undefined;

/** A question about units: the word for one, the word that all must have, and the exit code if one has another. */
interface Question {
  readonly say: (u: Unit) => string;
  readonly yes: string;
  readonly code: number;
}

function answer(call: Call, names: readonly string[], quiet: boolean, { say, yes, code }: Question): number {
  const words = names.map((n) => say(unit(call, n)));
  if (!quiet) for (const word of words) call.out(`${word}\n`);
  return words.every((w) => w === yes) ? 0 : code;
}

function isEnabled(call: Call, names: readonly string[], quiet: boolean): number {
  for (const name of names) {
    if (unit(call, name) || quiet) continue;
    call.err(`Failed to get unit file state for ${full(name)}: No such file or directory\n`);
    return 1;
  }
  const say = (u: Unit) => (u?.enabled ? 'enabled' : 'disabled');
  return answer(call, names, quiet, { say, yes: 'enabled', code: 1 });
}

function status(call: Call, names: readonly string[]): number {
  for (const name of names) {
    const found = unit(call, name);
    if (!found) {
      call.err(`Unit ${full(name)} could not be found.\n`);
      return 4;
    }
    call.out(
      `● ${full(name)}\n     Loaded: loaded (/lib/systemd/system/${full(name)}; ${found.enabled ? 'enabled' : 'disabled'})\n`,
    );
    call.out(`     Active: ${found.active ? 'active (running)' : 'inactive (dead)'}\n`);
    if (!found.active) return 3;
  }
  return 0;
}

function change(call: Call, verb: string, names: readonly string[], now: boolean): number {
  const changes: Readonly<Record<string, Partial<NonNullable<Unit>>>> = {
    enable: now ? { enabled: true, active: true } : { enabled: true },
    disable: now ? { enabled: false, active: false } : { enabled: false },
    mask: now ? { enabled: false, active: false } : { enabled: false },
    unmask: {},
    start: { active: true },
    stop: { active: false },
    restart: { active: true },
    'try-restart': {},
    reload: {},
    'reload-or-restart': { active: true },
  };
  const wanted = changes[verb];
  if (!wanted) return unmodelled(call);
  for (const name of names) {
    const found = unit(call, name);
    if (!found) return absent(call, verb, name);
    if (name === 'ssh' && wanted.active && sshdProblem(call.state.guest)) return failed(call, name);
    if (verb === 'enable' && !found.enabled)
      call.err(
        `Created symlink /etc/systemd/system/multi-user.target.wants/${full(name)} → /lib/systemd/system/${full(name)}.\n`,
      );
    call.state.guest.services[name] = { ...found, ...wanted };
  }
  return 0;
}

/** `systemctl list-unit-files --type=service --state=enabled`: what starts by itself. */
function listUnitFiles(call: Call): number {
  const { flags, values } = options(call.args, ['type', 'state', 't']);
  if ((values.get('type') ?? values.get('t')) !== 'service' || !flags.has('no-legend')) return unmodelled(call);
  const wanted = values.get('state');
  for (const [name, { enabled }] of Object.entries(call.state.guest.services).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const state = enabled ? 'enabled' : 'disabled';
    if (wanted === undefined || wanted === state) call.out(`${full(name).padEnd(40)} ${state.padEnd(15)} enabled\n`);
  }
  return 0;
}

/** Where a service of this name listens while it is active; those that are not here listen nowhere. */
const listens: Readonly<Record<string, (guest: Guest) => readonly string[]>> = {
  apache2: () => ['*:80'],
  haproxy: () => ['0.0.0.0:80'],
  nginx: () => ['0.0.0.0:80', '[::]:80'],
  'prometheus-node-exporter': () => ['*:9100'],
  ssh: (guest) => sshdPorts(guest).flatMap((port) => [`0.0.0.0:${port}`, `[::]:${port}`]),
  'systemd-resolved': () => ['127.0.0.53%lo:53'],
};

/** The listening TCP sockets: `ss -ltn`, with their programs by `-p`. */
function ss(call: Call): number {
  const { flags } = options(call.args);
  if (!flags.has('l') || !flags.has('t') || [...flags].some((flag) => !'ltnpH'.includes(flag))) return unmodelled(call);
  if (!flags.has('H')) call.out('State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n');
  const { guest } = call.state;
  for (const [name, places] of Object.entries(listens)) {
    if (!guest.services[name]?.active) continue;
    const program = Object.keys(aliases).find((alias) => aliases[alias] === name) ?? name;
    const process = flags.has('p') ? ` users:(("${program.slice(0, 15)}",pid=${600 + name.length},fd=3))` : '';
    for (const place of places(guest)) {
      const peer = place.startsWith('[') ? '[::]:*' : '0.0.0.0:*';
      call.out(`LISTEN 0      128    ${place.padStart(20)} ${peer.padStart(12)}${process}\n`);
    }
  }
  return 0;
}

function absent(call: Call, verb: string, name: string): number {
  if (['enable', 'disable', 'mask', 'unmask'].includes(verb)) {
    call.err(`Failed to ${verb} unit: Unit file ${full(name)} does not exist.\n`);
    return 1;
  }
  call.err(`Failed to ${verb} ${full(name)}: Unit ${full(name)} not found.\n`);
  return 5;
}

function failed(call: Call, name: string): number {
  call.err(`Job for ${full(name)} failed because the control process exited with error code.\n`);
  call.err(`See "systemctl status ${full(name)}" and "journalctl -xeu ${full(name)}" for details.\n`);
  return 1;
}

/** What systemd said about a unit that a command needs running. */
export function isActive(call: Call, name: string): boolean {
  return unit(call, name)?.active ?? false;
}
