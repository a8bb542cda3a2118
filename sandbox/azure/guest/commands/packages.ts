import { type ArchivedPackage, archived, isRelease } from '../archive';
import { candidate, update } from './apt-lists';
import { aptMark, list, policy } from './apt-queries';
import { type Call, type CommandTable, fail, options, path, unmodelled } from './call';
import { dpkg, dpkgQuery } from './dpkg';

export const packageCommands: CommandTable = {
  apt,
  'apt-get': apt,
  'apt-mark': aptMark,
  'apt-cache': (call) => (call.args[0] === 'policy' ? policy(call) : unmodelled(call)),
  dpkg,
  'dpkg-query': dpkgQuery,
  'debconf-set-selections': (call) => {
    call.stdin.rest = '';
    return 0;
  },
};

const valued = ['o', 'c', 't', 'option', 'target-release'];

function apt(call: Call): number {
  const { flags, values, rest } = options(call.args, valued);
  const [verb = '', ...names] = rest;
  if (call.name === 'apt' && verb !== '') {
    call.err('\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n');
  }
  if (verb === 'list') return list(call, flags);
  const verbs: Readonly<Record<string, () => number>> = {
    update: () => update(call),
    upgrade: () => upgrade(call, new Set(['linux-image-azure'])),
    'dist-upgrade': () => upgrade(call, new Set()),
    'full-upgrade': () => upgrade(call, new Set()),
    install: () => install(call, names),
    reinstall: () => install(call, names),
    remove: () => remove(call, names),
    purge: () => remove(call, names),
    autoremove: () => nothingToDo(call),
    autopurge: () => nothingToDo(call),
    clean: () => 0,
    autoclean: () => 0,
    check: () => 0,
  };
  const run = verbs[verb];
  if (!run)
    return verb === '' || values.size === 0
      ? fail({ ...call, name: 'E' }, `Invalid operation ${verb}`, 100)
      : unmodelled(call);
  return locked(call, verb) ?? run();
}

function locked(call: Call, verb: string): number | undefined {
  if (call.state.isRoot) return undefined;
  if (verb === 'update') {
    call.err(
      'E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)\nE: Unable to lock directory /var/lib/apt/lists/\n',
    );
  } else {
    call.err('E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\n');
    call.err('E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n');
  }
  return 100;
}

function upgrade(call: Call, keep: ReadonlySet<string>): number {
  const { guest } = call.state;
  const waiting = Object.keys(guest.packages).flatMap((name) => {
    const found = candidate(call, name);
    return found && found.version !== guest.packages[name] && !guest.held?.includes(name) ? [found] : [];
  });
  reading(call);
  call.out('Calculating upgrade...\n');
  const upgraded = waiting.filter(({ name }) => !keep.has(name));
  return transact(call, { upgraded, added: [], kept: waiting.length - upgraded.length });
}

function install(call: Call, names: readonly string[]): number {
  reading(call);
  const { guest } = call.state;
  const wanted = new Map<string, ArchivedPackage>();
  for (const given of names) {
    if (given.includes('/')) return localPackage(call, given);
    const [name = '', version] = given.split('=');
    const found = candidate(call, name) ?? known(call, name);
    if (!found) return missing(call, name);
    if (version && version !== found.version)
      return fail({ ...call, name: 'E' }, `Version '${version}' for '${name}' was not found`, 100);
    for (const depended of found.depends) {
      const other = candidate(call, depended);
      if (other && !guest.packages[depended]) wanted.set(depended, other);
    }
    if (guest.packages[name] === found.version) call.out(`${name} is already the newest version (${found.version}).\n`);
    else wanted.set(name, found);
  }
  const all = [...wanted.values()];
  const upgraded = all.filter(({ name }) => guest.packages[name]);
  return transact(call, { upgraded, added: all.filter((p) => !upgraded.includes(p)), kept: 0 });
}

/** Without package lists, only installed packages are known. */
function known(call: Call, name: string): ArchivedPackage | undefined {
  const version = call.state.guest.packages[name];
  return version ? { name, version, preinstalled: true, services: [], depends: [] } : undefined;
}

function missing(call: Call, name: string): number {
  return fail({ ...call, name: 'E' }, `Unable to locate package ${name}`, 100);
}

function localPackage(call: Call, given: string): number {
  if (!call.state.files.kind(path(call, given)))
    return fail({ ...call, name: 'E' }, `Unsupported file ${given} given on commandline`, 100);
  return unmodelled(call);
}

interface Transaction {
  readonly upgraded: readonly ArchivedPackage[];
  readonly added: readonly ArchivedPackage[];
  readonly kept: number;
}

function transact(call: Call, { upgraded, added, kept }: Transaction): number {
  const all = [...upgraded, ...added];
  if (added.length > 0)
    call.out(`The following NEW packages will be installed:\n  ${added.map((p) => p.name).join(' ')}\n`);
  if (upgraded.length > 0)
    call.out(`The following packages will be upgraded:\n  ${upgraded.map((p) => p.name).join(' ')}\n`);
  call.out(`${upgraded.length} upgraded, ${added.length} newly installed, 0 to remove and ${kept} not upgraded.\n`);
  if (all.length === 0) return 0;
  call.out(`Need to get ${(all.length * 1.3).toFixed(1)} MB of archives.\n`);
  if (!confirmed(call)) return 1;
  noise(call);
  const { guest } = call.state;
  for (const p of all) unpack(call, p, guest.packages[p.name]);
  for (const p of all) {
    call.out(`Setting up ${p.name} (${p.version}) ...\n`);
    guest.packages[p.name] = p.version;
    for (const service of p.services) guest.services[service] ??= { enabled: true, active: true };
  }
  call.out('Processing triggers for man-db (2.10.2-1) ...\n');
  return 0;
}

/** Nobody is there to answer: Packer's script has no terminal. */
function confirmed(call: Call): boolean {
  const { flags, values } = options(call.args, valued);
  const yes = ['y', 'yes', 'assume-yes', 'force-yes', 'qq'].some((f) => flags.has(f));
  const configured = Object.entries(call.state.guest.files).some(
    ([p, f]) => p.startsWith('/etc/apt/apt.conf.d/') && /Assume-Yes\s+"true"/i.test(f.content),
  );
  if (yes || configured || values.get('o') === 'APT::Get::Assume-Yes=true') return true;
  call.out('Do you want to continue? [Y/n] Abort.\n');
  return false;
}

function noise(call: Call): void {
  if (call.state.variables.get('DEBIAN_FRONTEND') === 'noninteractive') return;
  call.err('debconf: unable to initialize frontend: Dialog\n');
  call.err(
    'debconf: (Dialog frontend will not work on a dumb terminal, an emacs shell buffer, or without a controlling terminal.)\n',
  );
  call.err('debconf: falling back to frontend: Readline\n');
  call.err('dpkg-preconfigure: unable to re-open stdin: \n');
}

function unpack(call: Call, { name, version }: ArchivedPackage, before: string | undefined): void {
  const file = `.../${name}_${version.replace(/^\d+:/, '')}_amd64.deb`;
  call.out(`Preparing to unpack ${file} ...\n`);
  call.out(`Unpacking ${name} (${version})${before ? ` over (${before})` : ''} ...\n`);
}

function remove(call: Call, names: readonly string[]): number {
  reading(call);
  const { guest } = call.state;
  const present = names.filter((n) => guest.packages[n]);
  for (const name of names.filter((n) => !guest.packages[n])) {
    if (!candidate(call, name)) return missing(call, name);
    call.out(`Package '${name}' is not installed, so not removed\n`);
  }
  if (present.length > 0)
    call.out(`The following packages will be REMOVED:\n  ${present.map((n) => `${n}*`).join(' ')}\n`);
  call.out(`0 upgraded, 0 newly installed, ${present.length} to remove and 0 not upgraded.\n`);
  if (present.length > 0 && !confirmed(call)) return 1;
  for (const name of present) {
    call.out(`Removing ${name} (${guest.packages[name]}) ...\n`);
    delete guest.packages[name];
    const services = isRelease(guest.os.version) ? (archived(name, guest.os.version, 0)?.services ?? []) : [];
    for (const service of services) delete guest.services[service];
  }
  return 0;
}

function nothingToDo(call: Call): number {
  reading(call);
  call.out('0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n');
  return 0;
}

function reading(call: Call): void {
  call.out('Reading package lists...\nBuilding dependency tree...\nReading state information...\n');
}
