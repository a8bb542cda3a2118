import { sourceOf } from '../archive';
import { globPattern } from '../files';
import { type Call, options, unmodelled } from './call';

export function dpkg(call: Call): number {
  const [flag = '', ...names] = call.args;
  if (flag === '-l' || flag === '--list') return list(call, names);
  if (flag === '-s' || flag === '--status') return status(call, names);
  if (flag === '--get-selections') return selections(call);
  if (flag === '--compare-versions') return compare(names);
  if (flag === '--configure' || flag === '--audit' || flag === '-C') return 0;
  if (flag === '--print-architecture') {
    call.out('amd64\n');
    return 0;
  }
  return unmodelled(call);
}

function matching(call: Call, names: readonly string[]): { found: [string, string][]; missing: string[] } {
  const all = Object.entries(call.state.guest.packages).sort(([a], [b]) => (a < b ? -1 : 1));
  if (names.length === 0) return { found: all, missing: [] };
  const found = all.filter(([name]) => names.some((n) => globPattern(n).test(name)));
  return { found, missing: names.filter((n) => !all.some(([name]) => globPattern(n).test(name))) };
}

function list(call: Call, names: readonly string[]): number {
  const { found, missing } = matching(call, names);
  if (found.length > 0) {
    call.out(
      'Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n',
    );
    call.out(
      '|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n||/ Name Version Architecture Description\n+++-====-=======-============-===========\n',
    );
  }
  for (const [name, version] of found) {
    const state = call.state.guest.held?.includes(name) ? 'hi' : 'ii';
    call.out(`${state}  ${name.padEnd(28)} ${version.padEnd(32)} amd64        ${name}\n`);
  }
  for (const name of missing) call.err(`dpkg-query: no packages found matching ${name}\n`);
  return missing.length > 0 ? 1 : 0;
}

function status(call: Call, names: readonly string[]): number {
  let code = 0;
  for (const name of names) {
    const version = call.state.guest.packages[name];
    if (version)
      call.out(`Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`);
    else {
      call.err(`dpkg-query: package '${name}' is not installed and no information is available\n`);
      code = 1;
    }
  }
  return code;
}

function selections(call: Call): number {
  for (const name of Object.keys(call.state.guest.packages).sort()) call.out(`${name}\t\t\t\tinstall\n`);
  return 0;
}

export function dpkgQuery(call: Call): number {
  const { flags, values, rest } = options(call.args, ['f', 'showformat']);
  if (flags.has('l')) return list(call, rest);
  if (flags.has('s')) return status(call, rest);
  if (!flags.has('W') && !flags.has('show')) return unmodelled(call);
  const format =
    values.get('f')?.replace(/^=/, '') ??
    values.get('showformat') ??
    ['$', '{Package}\\t', '$', '{Version}\\n'].join('');
  const { found, missing } = matching(call, rest);
  for (const [name, version] of found) {
    const fields: Readonly<Record<string, string>> = {
      Package: name,
      'binary:Package': name,
      Version: version,
      Architecture: 'amd64',
      Status: 'install ok installed',
      'db:Status-Status': 'installed',
      'db:Status-Abbrev': 'ii ',
      'source:Package': sourceOf(name),
      'source:Version': version,
    };
    const text = format.replace(/\$\{([^};]+)(;-?\d+)?\}/g, (_, field: string) => fields[field] ?? '');
    call.out(text.replaceAll('\\n', '\n').replaceAll('\\t', '\t'));
  }
  for (const name of missing) call.err(`dpkg-query: no packages found matching ${name}\n`);
  return missing.length > 0 ? 1 : 0;
}

function compare([a = '', operator = '', b = '']: readonly string[]): number {
  const order = a.localeCompare(b, 'en', { numeric: true });
  const truths: Readonly<Record<string, boolean>> = {
    lt: order < 0,
    le: order <= 0,
    eq: order === 0,
    ne: order !== 0,
    ge: order >= 0,
    gt: order > 0,
  };
  return truths[operator] ? 0 : 1;
}
