import { createHash } from 'node:crypto';
import { bytesOf, endsInBytes } from './binary';
import { type Call, type CommandTable, fail, inputs, lines, options, path, unmodelled } from './call';
import { regularExpression } from './regular-expression';
import { sed } from './sed';

export const textCommands: CommandTable = {
  grep,
  egrep: (call) => grep({ ...call, args: ['-E', ...call.args] }),
  fgrep: (call) => grep({ ...call, args: ['-F', ...call.args] }),
  sed,
  head: (call) => ends(call, (all, n) => all.slice(0, n)),
  tail: (call) => ends(call, (all, n) => (n === 0 ? [] : all.slice(-n))),
  wc,
  sort,
  uniq,
  cut,
  tr,
  awk,
  mawk: awk,
  gawk: awk,
  sha256sum: (call) => digest(call, 'sha256'),
  md5sum: (call) => digest(call, 'md5'),
  seq: ({ args, out }) => {
    const [from, to] = args.length > 1 ? [Number(args[0]), Number(args.at(-1))] : [1, Number(args[0])];
    for (let i = from; i <= to; i += 1) out(`${i}\n`);
    return 0;
  },
  diff: (call) => {
    const [a, b] = inputs(call, options(call.args).rest).texts;
    if (!a || !b) return 2;
    if (a.text !== b.text && !call.args.includes('-q')) call.out(`${a.name} ${b.name} differ\n`);
    return a.text === b.text ? 0 : 1;
  },
};

function filter(call: Call, change: (all: string[]) => readonly string[], files = options(call.args).rest): number {
  const { texts, failed } = inputs(call, files);
  for (const line of change(texts.flatMap(({ text }) => lines(text)))) call.out(`${line}\n`);
  return failed ? 1 : 0;
}

function grep(call: Call): number {
  const { flags, values, rest } = options(call.args, ['e', 'm', 'A', 'B', 'C', 'max-count', 'regexp']);
  const [pattern = '', ...named] = values.has('e') ? [values.get('e') ?? '', ...rest] : rest;
  const kind = flags.has('F') ? 'fixed' : flags.has('E') || flags.has('P') ? 'extended' : 'basic';
  const source = regularExpression(pattern, kind);
  const whole = flags.has('x') ? `^(?:${source})$` : flags.has('w') ? `(?<!\\w)(?:${source})(?!\\w)` : source;
  const test = new RegExp(whole, flags.has('i') ? 'i' : '');
  const recursive = flags.has('r') || flags.has('R');
  const names = recursive
    ? named.flatMap((n) => call.state.files.under(path(call, n)).filter((p) => call.state.files.kind(p) === 'file'))
    : named;
  const quiet = flags.has('s') ? { ...call, err: () => {} } : call;
  const { texts, failed } = recursive && names.length === 0 ? { texts: [], failed: false } : inputs(quiet, names);
  let hits = 0;
  for (const { name, text } of texts) {
    const found = lines(text).filter((line) => test.test(line) !== flags.has('v'));
    hits += found.length;
    if (flags.has('q')) continue;
    const prefix = (names.length > 1 || recursive) && !flags.has('h') ? `${name}:` : '';
    if (flags.has('l')) call.out(found.length > 0 ? `${name}\n` : '');
    else if (flags.has('c')) call.out(`${prefix}${found.length}\n`);
    else {
      const shown = flags.has('o')
        ? found.flatMap((l) => l.match(new RegExp(whole, flags.has('i') ? 'gi' : 'g')) ?? [])
        : found;
      for (const line of shown.slice(0, Number(values.get('m') ?? shown.length))) call.out(`${prefix}${line}\n`);
    }
  }
  return failed && hits === 0 ? 2 : hits > 0 ? 0 : 1;
}

function ends(call: Call, take: (all: string[], n: number) => string[]): number {
  const args = call.args.map((a) => (/^-\d+$/.test(a) ? `-n${a.slice(1)}` : a));
  const { flags, values, rest } = options(args, ['n', 'lines', 'c']);
  if (flags.has('f')) return unmodelled(call);
  const size = values.get('c');
  if (size !== undefined) return endsInBytes(call, size, rest);
  const count = values.get('n') ?? values.get('lines') ?? '10';
  if (count.startsWith('+')) return filter(call, (all) => all.slice(Number(count) - 1), rest);
  return filter(call, (all) => take(all, Number(count)), rest);
}

function wc(call: Call): number {
  const { flags, rest } = options(call.args);
  const { texts, failed } = inputs(call, rest);
  for (const { name, text } of texts) {
    const counts = {
      l: (text.match(/\n/g) ?? []).length,
      w: text.split(/\s+/).filter(Boolean).length,
      c: bytesOf(text).length,
    };
    const wanted = (['l', 'w', 'c'] as const).filter((k) => flags.size === 0 || flags.has(k));
    call.out(`${[...wanted.map((k) => counts[k]), ...(name === '-' ? [] : [name])].join(' ')}\n`);
  }
  return failed ? 1 : 0;
}

function sort(call: Call): number {
  const { flags, values, rest } = options(call.args, ['k', 't']);
  const column = Number.parseInt(values.get('k') ?? '0', 10);
  const field = (line: string) => (column > 0 ? (line.trim().split(values.get('t') ?? /\s+/)[column - 1] ?? '') : line);
  return filter(
    call,
    (all) => {
      const sorted = all.sort((a, b) =>
        flags.has('n') ? Number.parseFloat(field(a)) - Number.parseFloat(field(b)) : field(a) < field(b) ? -1 : 1,
      );
      const unique = flags.has('u') ? [...new Set(sorted)] : sorted;
      return flags.has('r') ? unique.reverse() : unique;
    },
    rest,
  );
}

function uniq(call: Call): number {
  const { flags, rest } = options(call.args);
  if ([...flags].some((flag) => !'cdu'.includes(flag))) return unmodelled(call);
  return filter(
    call,
    (all) => {
      const groups: { line: string; count: number }[] = [];
      for (const line of all) {
        const last = groups.at(-1);
        if (last?.line === line) last.count += 1;
        else groups.push({ line, count: 1 });
      }
      return groups
        .filter(({ count }) => (!flags.has('d') || count > 1) && (!flags.has('u') || count === 1))
        .map(({ line, count }) => (flags.has('c') ? `${String(count).padStart(7)} ${line}` : line));
    },
    rest,
  );
}

function cut(call: Call): number {
  const { flags, values, rest } = options(call.args, ['d', 'f', 'c']);
  const list = values.get('f') ?? values.get('c') ?? '1';
  const delimiter = values.has('c') ? '' : (values.get('d') ?? '\t');
  return filter(
    call,
    (all) =>
      all.flatMap((line) => {
        if (delimiter && !line.includes(delimiter)) return flags.has('s') ? [] : [line];
        const parts = line.split(delimiter);
        return parts.filter((_, i) => inList(i + 1, list)).join(delimiter);
      }),
    rest,
  );
}

function inList(n: number, list: string): boolean {
  return list.split(',').some((range) => {
    const [from, to] = range.includes('-') ? range.split('-') : [range, range];
    return n >= Number(from || 1) && n <= Number(to || Number.POSITIVE_INFINITY);
  });
}

function tr(call: Call): number {
  const { flags, rest } = options(call.args);
  const [from = [], to = []] = rest.map(characters);
  const text = call.stdin.rest;
  call.stdin.rest = '';
  const inSet = (c: string) => from.includes(c) !== (flags.has('c') || flags.has('C'));
  if (flags.has('d')) call.out([...text].filter((c) => !inSet(c)).join(''));
  else {
    const mapped = [...text].map((c) =>
      inSet(c) ? (to[Math.min(Math.max(from.indexOf(c), 0), to.length - 1)] ?? c) : c,
    );
    const set = rest.length > 1 ? to : from;
    call.out(
      flags.has('s') ? mapped.filter((c, i) => c !== mapped[i - 1] || !set.includes(c)).join('') : mapped.join(''),
    );
  }
  return 0;
}

function characters(set: string): string[] {
  const range = (a: string, b: string) =>
    Array.from({ length: b.charCodeAt(0) - a.charCodeAt(0) + 1 }, (_, i) =>
      String.fromCharCode(a.charCodeAt(0) + i),
    ).join('');
  const named: Readonly<Record<string, string>> = {
    upper: range('A', 'Z'),
    lower: range('a', 'z'),
    digit: range('0', '9'),
    space: ' \t\n\r',
    blank: ' \t',
  };
  const plain = set
    .replace(/\[:(\w+):\]/g, (all, name: string) => named[name] ?? all)
    .replace(/\\n/g, '\n')
    .replace(/\\t/g, '\t')
    .replace(/\\r/g, '\r');
  return [...plain.replace(/(.)-(.)/g, (_, a: string, b: string) => range(a, b))];
}

const awkProgram =
  /^\s*(?:NR\s*==\s*(\d+)|\/((?:[^/\\]|\\.)*)\/|\$(\d+)\s*(==|!=|~)\s*(?:"([^"]*)"|\/([^/]*)\/|(\d+)))?\s*(?:\{\s*print\s*([^{}]*?);?\s*\})?\s*$/;

/** `awk [-F x] 'CONDITION {print $N, "text" …}'` with one condition at most; every other program is not modelled. */
function awk(call: Call): number {
  const { values, rest } = options(call.args, ['F', 'v']);
  const [program = '', ...files] = rest;
  const match = awkProgram.exec(program);
  if (!match || values.has('v')) return unmodelled(call);
  const [, row, pattern, column, operator, text, regex, number, print = ''] = match;
  const separator = values.has('F')
    ? new RegExp(values.get('F')?.length === 1 ? `\\${values.get('F')}` : (values.get('F') ?? ''))
    : /\s+/;
  const fieldOf = (line: string, n: number) =>
    n === 0 ? line : ((values.has('F') ? line : line.trim()).split(separator)[n - 1] ?? '');
  const matches = (line: string, i: number) => {
    if (row) return i + 1 === Number(row);
    if (pattern !== undefined) return new RegExp(regularExpression(pattern, 'extended')).test(line);
    if (!column) return true;
    const value = fieldOf(line, Number(column));
    const same = operator === '~' ? new RegExp(regex ?? text ?? '').test(value) : value === (text ?? number ?? '');
    return same !== (operator === '!=');
  };
  const printed = (line: string) =>
    print.trim() === ''
      ? line
      : print
          .split(',')
          .map((group) =>
            (group.match(/"[^"]*"|\$\d+|\$NF|NR/g) ?? [])
              .map((t) =>
                t.startsWith('"')
                  ? t.slice(1, -1)
                  : t === '$NF'
                    ? fieldOf(line, (values.has('F') ? line : line.trim()).split(separator).length)
                    : fieldOf(line, Number(t.slice(1))),
              )
              .join(''),
          )
          .join(' ');
  return filter(call, (all) => all.filter(matches).map(printed), files);
}

function digest(call: Call, algorithm: string): number {
  const { flags, rest } = options(call.args);
  const { texts, failed } = inputs(call, rest);
  if (flags.has('c')) return check(call, algorithm, texts[0]?.text ?? '');
  for (const { name, text } of texts)
    call.out(`${createHash(algorithm).update(bytesOf(text)).digest('hex')}  ${name}\n`);
  return failed ? 1 : 0;
}

function check(call: Call, algorithm: string, list: string): number {
  for (const line of lines(list)) {
    const [wanted, name = ''] = line.split(/\s+\*?/);
    const text = call.state.files.read(path(call, name)) ?? '';
    if (createHash(algorithm).update(text).digest('hex') !== wanted) {
      call.out(`${name}: FAILED\n`);
      return fail(call, 'WARNING: 1 computed checksum did NOT match');
    }
    call.out(`${name}: OK\n`);
  }
  return 0;
}
