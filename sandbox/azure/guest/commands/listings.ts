import { baseName, globPattern } from '../files';
import { type Call, type CommandTable, each, fail, lines, options, path, unmodelled } from './call';

export const listingCommands: CommandTable = { ls, stat, find, readlink: resolved, realpath: resolved };

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
