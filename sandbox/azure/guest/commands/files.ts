import { baseName, globPattern, parentOf } from '../files';
import { type Call, type CommandTable, fail, lines, type Options, options, path, readFile, unmodelled } from './call';

export const fileCommands: CommandTable = {
  mkdir,
  rm,
  rmdir: (call) => rm({ ...call, args: ['-r', ...call.args] }),
  touch: (call) => each(call, options(call.args, ['d', 't', 'r']).rest, (at) => touch(call, at)),
  chmod: attributes,
  chown: attributes,
  chgrp: attributes,
  ls,
  stat,
  cp: copy,
  mv: copy,
  ln,
  install,
  truncate,
  find,
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
  readlink: resolved,
  realpath: resolved,
};

const owner = (call: Call) => `${call.state.user}:${call.state.user}`;

function each(call: Call, names: readonly string[], act: (at: string, name: string) => string | undefined): number {
  let status = 0;
  for (const name of names) {
    const problem = act(path(call, name), name);
    if (problem === undefined) continue;
    call.err(`${call.name}: ${problem}\n`);
    status = 1;
  }
  return status;
}

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

/** chmod, chown and chgrp, with -R. */
function attributes(call: Call): number {
  const symbolic = call.args.filter((a) => /^[-+=][rwxXst]+$/.test(a));
  const { flags, rest } = options(call.args.filter((a) => !symbolic.includes(a)));
  const [what = '', ...names] = [...symbolic, ...rest];
  const { files } = call.state;
  return each(call, names, (at, name) => {
    if (!files.kind(at)) return `cannot access '${name}': No such file or directory`;
    if (!call.state.isRoot && !files.entry(at)?.owner.startsWith(`${call.state.user}:`)) {
      return `changing ${call.name === 'chmod' ? 'permissions' : 'ownership'} of '${name}': Operation not permitted`;
    }
    for (const each of flags.has('R') ? files.under(at) : [at])
      files.change(each, changed(call.name, what, files.entry(each)));
    return undefined;
  });
}

function changed(
  command: string,
  what: string,
  before: { mode: string; owner: string } | undefined,
): { mode?: string; owner?: string } {
  const [user = 'root', group = 'root'] = (before?.owner ?? 'root:root').split(':');
  if (command === 'chgrp') return { owner: `${user}:${what}` };
  if (command === 'chown') {
    const [newUser, newGroup] = what.split(/[:.]/);
    return { owner: `${newUser || user}:${newGroup || (what.includes(':') && !newGroup ? newUser : group)}` };
  }
  return { mode: /^[0-7]+$/.test(what) ? what.padStart(4, '0') : symbolicMode(what, before?.mode ?? '0644') };
}

function symbolicMode(what: string, before: string): string {
  const digits = [...before].map(Number);
  for (const clause of what.split(',')) {
    const [, who = '', operator, rights = ''] = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause) ?? [];
    const bits = (rights.includes('r') ? 4 : 0) | (rights.includes('w') ? 2 : 0) | (/[xX]/.test(rights) ? 1 : 0);
    for (const [i, letter] of ['u', 'g', 'o'].entries()) {
      if (who !== '' && !who.includes('a') && !who.includes(letter)) continue;
      const now = digits[i + 1] ?? 0;
      digits[i + 1] = operator === '+' ? now | bits : operator === '-' ? now & ~bits : bits;
    }
  }
  return digits.join('');
}

function rights(mode: string, isDirectory: boolean): string {
  const triples = [...mode.slice(-3)].map(
    (d) => `${Number(d) & 4 ? 'r' : '-'}${Number(d) & 2 ? 'w' : '-'}${Number(d) & 1 ? 'x' : '-'}`,
  );
  return (isDirectory ? 'd' : '-') + triples.join('');
}

function ls(call: Call): number {
  const { flags, rest } = options(call.args);
  const { files } = call.state;
  let status = 0;
  for (const name of rest.length > 0 ? rest : ['.']) {
    const at = path(call, name);
    if (!files.kind(at)) {
      status = fail(call, `cannot access '${name}': No such file or directory`, 2);
      continue;
    }
    const inside = files.kind(at) === 'directory' && !flags.has('d');
    const shown = inside
      ? files.children(at).filter((c) => flags.has('a') || flags.has('A') || !c.startsWith('.'))
      : [name];
    for (const child of shown) {
      const entry = files.entry(inside ? path(call, `${at}/${child}`) : at);
      const long = `${rights(entry?.mode ?? '0644', entry?.kind === 'directory')} 1 ${entry?.owner.replace(':', ' ')} ${entry?.content.length ?? 0} Nov 12 06:00 ${child}`;
      call.out(`${flags.has('l') ? long : child}\n`);
    }
  }
  return status;
}

function stat(call: Call): number {
  const { values, rest } = options(call.args, ['c', 'format', 'printf']);
  const format = values.get('c') ?? values.get('format');
  return each(call, rest, (at, name) => {
    const entry = call.state.files.entry(at);
    if (!entry) return `cannot statx '${name}': No such file or directory`;
    const [user = '', group = ''] = entry.owner.split(':');
    const size = String(Buffer.byteLength(entry.content));
    const facts: Readonly<Record<string, string>> = {
      a: entry.mode.replace(/^0/, ''),
      U: user,
      G: group,
      s: size,
      n: name,
      A: rights(entry.mode, entry.kind === 'directory'),
      F: entry.kind === 'directory' ? 'directory' : 'regular file',
    };
    const shown = (format ?? '  File: %n\n  Size: %s\nAccess: (0%a/%A)  Uid: %U Gid: %G').replace(
      /%([aUGsnAF])/g,
      (_, k: string) => facts[k] as string,
    );
    call.out(`${shown}\n`);
    return undefined;
  });
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

/** `find DIR… [-maxdepth N] [-type f|d] [-name GLOB] [-delete|-print]`; anything else is not modelled. */
function find(call: Call): number {
  const first = call.args.findIndex((a) => a.startsWith('-'));
  const roots = call.args.slice(0, first < 0 ? call.args.length : first);
  const rules = call.args.slice(roots.length);
  const { files } = call.state;
  let found = (roots.length > 0 ? roots : ['.']).flatMap((r) =>
    files.under(path(call, r)).map((at) => ({ at, depth: at.slice(path(call, r).length).split('/').length - 1 })),
  );
  for (let i = 0; i < rules.length; i += 1) {
    const [rule, value = ''] = [rules[i], rules[i + 1]];
    if (rule === '-type') found = found.filter(({ at }) => (files.kind(at) === 'directory') === (value === 'd'));
    else if (rule === '-name') found = found.filter(({ at }) => globPattern(value).test(baseName(at)));
    else if (rule === '-maxdepth') found = found.filter(({ depth }) => depth <= Number(value));
    else if (rule === '-mindepth') found = found.filter(({ depth }) => depth >= Number(value));
    else if (rule === '-delete') {
      for (const { at } of found) files.remove(at);
      return 0;
    } else if (rule === '-print') continue;
    else return unmodelled(call);
    i += 1;
  }
  for (const { at } of found) call.out(`${at}\n`);
  return 0;
}

function resolved(call: Call): number {
  const names = options(call.args).rest;
  for (const name of names) {
    const at = path(call, name);
    const link = call.state.guest.files[at];
    if (link?.kind === 'link') call.out(`${lines(link.content)[0]}\n`);
    else if (call.name === 'realpath' || call.args.includes('-f')) call.out(`${at}\n`);
    else return 1;
  }
  return 0;
}
