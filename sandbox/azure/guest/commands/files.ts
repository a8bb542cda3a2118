import { baseName, parentOf } from '../files';
import { type Call, type CommandTable, each, fail, type Options, options, path, readFile, unmodelled } from './call';

export const fileCommands: CommandTable = {
  mkdir,
  rm,
  rmdir: (call) => rm({ ...call, args: ['-r', ...call.args] }),
  touch: (call) => each(call, options(call.args, ['d', 't', 'r']).rest, (at) => touch(call, at)),
  cp: copy,
  mv: copy,
  ln,
  install,
  truncate,
  tee,
  mktemp: (call) => {
    const at = `/tmp/tmp.${Object.keys(call.state.guest.files).length.toString(36).padStart(10, '0')}`;
    if (options(call.args).flags.has('d')) call.state.files.makeDirectory(at, owner(call));
    else call.state.files.write(at, '', { mode: '0600', owner: owner(call) });
    call.out(`${at}\n`);
    return 0;
  },
  basename: ({ args, out }) => {
    const name = baseName((args[0] ?? '').replace(/\/+$/, ''));
    out(`${args[1] && name.endsWith(args[1]) ? name.slice(0, -args[1].length) : name}\n`);
    return 0;
  },
  dirname: ({ args, out }) => {
    out(`${args[0]?.includes('/') ? parentOf(args[0]) : '.'}\n`);
    return 0;
  },
};

const owner = (call: Call) => `${call.state.user}:${call.state.user}`;

function mkdir(call: Call): number {
  const { flags, values, rest } = options(call.args, ['m', 'mode']);
  const mode = values.get('m') ?? values.get('mode');
  const { files } = call.state;
  return each(call, rest, (at, name) => {
    const parents = flags.has('p') || flags.has('parents');
    if (files.kind(at) && !parents) return `cannot create directory '${name}': File exists`;
    if (files.kind(at) === 'file') return `cannot create directory '${name}': File exists`;
    if (files.kind(at)) return undefined;
    if (!parents && !files.kind(parentOf(at))) return `cannot create directory '${name}': No such file or directory`;
    if (!call.state.mayWrite(at)) return `cannot create directory '${name}': Permission denied`;
    files.makeDirectory(at, owner(call));
    if (mode) files.change(at, { mode: mode.padStart(4, '0') });
    return undefined;
  });
}

function rm(call: Call): number {
  const { flags, rest } = options(call.args);
  const recursive = ['r', 'R', 'recursive'].some((f) => flags.has(f));
  const { files } = call.state;
  return each(call, rest, (at, name) => {
    const kind = files.isLink(at) ? 'file' : files.kind(at);
    if (!kind)
      return flags.has('f') || flags.has('force') ? undefined : `cannot remove '${name}': No such file or directory`;
    if (kind === 'directory' && !recursive) return `cannot remove '${name}': Is a directory`;
    if (!call.state.mayWrite(at)) return `cannot remove '${name}': Permission denied`;
    files.remove(at);
    return undefined;
  });
}

function touch(call: Call, at: string): string | undefined {
  const { files } = call.state;
  if (files.kind(at)) return undefined;
  if (files.kind(parentOf(at)) !== 'directory') return `cannot touch '${at}': No such file or directory`;
  if (!call.state.mayWrite(at)) return `cannot touch '${at}': Permission denied`;
  files.write(at, '', { owner: owner(call) });
  return undefined;
}

/** `cp` and `mv`: into a directory, or to a name. */
function copy(call: Call): number {
  const given = options(call.args, ['t']);
  const { files } = call.state;
  const target = given.values.get('t') ?? given.rest.at(-1) ?? '';
  const sources = given.values.has('t') ? given.rest : given.rest.slice(0, -1);
  const isMove = call.name === 'mv';
  return each(call, sources, (from, name) => {
    const to =
      files.kind(path(call, target)) === 'directory' ? path(call, `${target}/${baseName(from)}`) : path(call, target);
    if (!files.kind(from)) return `cannot stat '${name}': No such file or directory`;
    if (files.kind(from) === 'directory' && !isMove && !isRecursive(given))
      return `-r not specified; omitting directory '${name}'`;
    if (files.kind(parentOf(to)) !== 'directory')
      return `cannot create regular file '${target}': No such file or directory`;
    if (!call.state.mayWrite(to) || (isMove && !call.state.mayWrite(from)))
      return `cannot create regular file '${target}': Permission denied`;
    if (from === to) return `'${name}' and '${target}' are the same file`;
    files.copy(from, to);
    if (isMove) files.remove(from);
    return undefined;
  });
}

const isRecursive = ({ flags }: Options) => ['r', 'R', 'a', 'recursive', 'archive'].some((f) => flags.has(f));

function ln(call: Call): number {
  const { flags, rest } = options(call.args);
  const [target = '', name = baseName(target)] = rest;
  const { files } = call.state;
  const at =
    files.kind(path(call, name)) === 'directory' && !flags.has('n')
      ? path(call, `${name}/${baseName(target)}`)
      : path(call, name);
  if (files.kind(at) && !flags.has('f')) return fail(call, `failed to create symbolic link '${name}': File exists`);
  if (!call.state.mayWrite(at)) return fail(call, `failed to create symbolic link '${name}': Permission denied`);
  if (flags.has('s')) files.link(at, target);
  else files.copy(path(call, target), at);
  return 0;
}

function install(call: Call): number {
  const { flags, values, rest } = options(call.args, ['m', 'mode', 'o', 'owner', 'g', 'group', 't']);
  const mode = (values.get('m') ?? values.get('mode') ?? '755').padStart(4, '0');
  const user = values.get('o') ?? values.get('owner') ?? call.state.user;
  const entry = { mode, owner: `${user}:${values.get('g') ?? values.get('group') ?? user}` };
  const { files } = call.state;
  if (flags.has('d')) {
    return each(call, rest, (at) => {
      if (!call.state.mayWrite(at)) return `cannot create directory '${at}': Permission denied`;
      files.makeDirectory(at, entry.owner);
      files.change(at, entry);
      return undefined;
    });
  }
  const [from = '', to = ''] = rest;
  const text = from === '/dev/null' ? '' : from === '/dev/stdin' ? call.stdin.rest : readFile(call, from);
  if (text === undefined) return 1;
  const at = files.kind(path(call, to)) === 'directory' ? path(call, `${to}/${baseName(from)}`) : path(call, to);
  if (!call.state.mayWrite(at)) return fail(call, `cannot create regular file '${to}': Permission denied`);
  files.write(at, text, entry);
  return 0;
}

function truncate(call: Call): number {
  const { values, rest } = options(call.args, ['s', 'size']);
  if ((values.get('s') ?? values.get('size')) !== '0') return unmodelled(call);
  return each(call, rest, (at, name) => {
    if (!call.state.mayWrite(at)) return `cannot open '${name}' for writing: Permission denied`;
    call.state.files.write(at, '', call.state.files.kind(at) ? {} : { owner: owner(call) });
    return undefined;
  });
}

function tee(call: Call): number {
  const { flags, rest } = options(call.args);
  const text = call.stdin.rest;
  call.stdin.rest = '';
  call.out(text);
  const { files } = call.state;
  return each(
    call,
    rest.filter((r) => r !== '/dev/null'),
    (at, name) => {
      if (files.kind(parentOf(at)) !== 'directory') return `${name}: No such file or directory`;
      if (!call.state.mayWrite(at)) return `${name}: Permission denied`;
      const before = flags.has('a') ? (files.read(at) ?? '') : '';
      files.write(at, before + text, files.kind(at) ? {} : { owner: owner(call) });
      return undefined;
    },
  );
}
