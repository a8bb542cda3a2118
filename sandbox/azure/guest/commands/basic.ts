import { absolute } from '../files';
import { separator, separatorsOf } from '../shell/expand';
import { ShellExit, type ShellOptions, type ShellState } from '../shell/state';
import { type Call, type CommandTable, fail, lines, path, readFile, unmodelled } from './call';

export const basicCommands: CommandTable = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  echo,
  printf,
  cat,
  exit: ({ args, state }) => {
    throw new ShellExit(args[0] === undefined ? state.status : Number(args[0]) & 255);
  },
  set: setOptions,
  unset: ({ args, state }) => {
    for (const name of args) state.variables.delete(name);
    return 0;
  },
  export: assign,
  readonly: assign,
  local,
  test: (call) => test(call, call.args),
  '[': (call) => (call.args.at(-1) === ']' ? test(call, call.args.slice(0, -1)) : fail(call, 'missing ]', 2)),
  cd,
  pwd: ({ state, out }) => {
    out(`${state.cwd}\n`);
    return 0;
  },
  read,
  shift: ({ args, state }) => {
    const [zero = 'sh', ...rest] = state.positional;
    state.positional = [zero, ...rest.slice(Number(args[0] ?? 1))];
    return 0;
  },
  trap,
  umask: () => 0,
  ulimit: () => 0,
  wait: ({ args, state }) => (args.length > 0 ? state.inBackground : 0),
  sync: () => 0,
  sleep: () => 0,
};

/** dash knows `-n` alone and always reads escapes; bash reads them after `-e`. */
function echo({ args, out, state }: Call): number {
  if (state.dialect === 'sh') {
    const silent = args[0] === '-n';
    out(escapes(args.slice(silent ? 1 : 0).join(' ')) + (silent ? '' : '\n'));
    return 0;
  }
  const flags = args.findIndex((a) => !/^-[neE]+$/.test(a));
  const given = args.slice(0, flags < 0 ? args.length : flags).join('');
  const text = args.slice(flags < 0 ? args.length : flags).join(' ');
  out((given.includes('e') ? escapes(text) : text) + (given.includes('n') ? '' : '\n'));
  return 0;
}

function escapes(text: string): string {
  const known: Readonly<Record<string, string>> = {
    n: '\n',
    t: '\t',
    r: '\r',
    '\\': '\\',
    '0': '\0',
    a: '\x07',
    e: '\x1b',
  };
  return text.replace(/\\([ntr\\0ae])/g, (_, c: string) => known[c] as string);
}

function printf({ args, out }: Call): number {
  const [format = '', ...values] = args;
  const specifiers = format.match(specifier)?.filter((found) => found !== '%%').length ?? 0;
  const rounds = specifiers === 0 ? 1 : Math.max(1, Math.ceil(values.length / specifiers));
  let at = 0;
  for (let i = 0; i < rounds; i += 1) {
    const text = escapes(format).replace(specifier, (...found) => {
      const [all = '', flags = '', width = '', precision, type = ''] = found.slice(0, 5) as (string | undefined)[];
      return all === '%%' ? '%' : formatted(values[at++] ?? '', { flags, width: Number(width), precision, type });
    });
    out(text);
  }
  return 0;
}

const specifier = /%%|%([-+ 0#]*)(\d*)(?:\.(\d*))?([sdiufeEgGcbxXo])/g;

interface Format {
  readonly flags: string;
  readonly width: number;
  readonly precision: string | undefined;
  readonly type: string;
}

function formatted(value: string, { flags, width, precision, type }: Format): string {
  const isText = 'sbc'.includes(type);
  const text = isText ? textual(value, type, precision) : numeric(Number(value), type, precision);
  const signed =
    isText || text.startsWith('-') || !/[+ ]/.test(flags) ? text : `${flags.includes('+') ? '+' : ' '}${text}`;
  if (flags.includes('-')) return signed.padEnd(width);
  if (isText || !flags.includes('0')) return signed.padStart(width);
  const [, sign = '', digits = ''] = /^([-+ ]?)(.*)$/.exec(signed) ?? [];
  return sign + digits.padStart(width - sign.length, '0');
}

function textual(value: string, type: string, precision: string | undefined): string {
  const text = type === 'b' ? escapes(value) : value;
  return text.slice(0, type === 'c' ? 1 : precision === undefined ? undefined : Number(precision));
}

function numeric(value: number, type: string, precision: string | undefined): string {
  const digits = precision === undefined ? 6 : Number(precision);
  if ('eE'.includes(type)) return value.toExponential(digits).replace(/e([-+])(\d)$/, 'e$10$2');
  if ('gG'.includes(type)) return String(Number(value.toPrecision(Math.max(digits, 1))));
  if (type === 'f') return value.toFixed(digits);
  const radix = { x: 16, X: 16, o: 8 }[type] ?? 10;
  const text = Math.trunc(value).toString(radix);
  return type === 'X' ? text.toUpperCase() : text;
}

function cat(call: Call): number {
  const files = call.args.filter((a) => a === '-' || !a.startsWith('-'));
  if (files.length < call.args.length) return unmodelled(call);
  if (files.length === 0) {
    call.out(call.stdin.rest);
    call.stdin.rest = '';
  }
  let status = 0;
  for (const name of files) {
    const text = name === '-' ? call.stdin.rest : name === '/dev/null' ? '' : readFile(call, name);
    if (text === undefined) status = 1;
    else call.out(text);
  }
  return status;
}

const letters: Readonly<Record<string, keyof ShellOptions>> = { e: 'errexit', u: 'nounset', x: 'xtrace' };

const dashLetters = 'aefnuvxbCIimqVs';
const dashOptions = new Set(
  'errexit nounset xtrace noglob ignoreeof interactive monitor noexec stdin verbose vi emacs noclobber allexport notify nolog debug'.split(
    ' ',
  ),
);

/** A built-in command of dash that gets an option it does not have ends the script. */
function illegal(call: Call, option: string): ShellExit {
  call.err(call.state.complaint(`${call.name}: Illegal option ${option}`));
  return new ShellExit(2);
}

/** Nothing sends signals to a guest's scripts, but they end; dash does not know those that bash makes up. */
function trap(call: Call): number {
  if (call.args.slice(1).some((signal) => signal === 'EXIT' || signal === '0')) {
    call.state.exitTrap = call.args[0] === '-' ? undefined : call.args[0];
  }
  const made = call.args.slice(1).find((signal) => /^(?:ERR|DEBUG|RETURN)$/.test(signal));
  if (call.state.dialect === 'bash' || !made) return 0;
  call.err(call.state.complaint(`trap: ${made}: bad trap`));
  return 1;
}

function setOptions(call: Call): number {
  const { state, args } = call;
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] as string;
    if (arg === '--' || !/^[-+]/.test(arg)) {
      state.positional = [state.positional[0] ?? 'sh', ...args.slice(arg === '--' ? i + 1 : i)];
      return 0;
    }
    const on = arg.startsWith('-');
    for (const letter of arg.slice(1)) {
      const option = letters[letter];
      if (option) state.options[option] = on;
      else if (letter === 'o') {
        const name = args[++i] ?? '';
        if (state.dialect === 'sh' && !dashOptions.has(name)) throw illegal(call, `${arg[0]}o ${name}`);
        if (name in state.options) state.options[name as keyof ShellOptions] = on;
      } else if (state.dialect === 'sh' && !dashLetters.includes(letter)) throw illegal(call, `-${letter}`);
    }
  }
  return 0;
}

function assign({ args, state }: Call): number {
  for (const arg of args) {
    const equals = arg.indexOf('=');
    if (equals > 0) state.variables.set(arg.slice(0, equals), arg.slice(equals + 1));
  }
  return 0;
}

function local(call: Call): number {
  const names = call.args.map((arg) => arg.split('=')[0] as string);
  if (!names.map((name) => call.state.makeLocal(name)).every(Boolean)) {
    call.err(call.state.complaint('local: not in a function'));
    throw new ShellExit(2);
  }
  return assign(call);
}

function cd(call: Call): number {
  const target = absolute(call.state.cwd, call.args[0] ?? call.state.variables.get('HOME') ?? '/');
  if (call.state.files.kind(target) !== 'directory') return fail(call, `can't cd to ${call.args[0]}`, 2);
  call.state.cwd = target;
  call.state.variables.set('PWD', target);
  return 0;
}

function read(call: Call): number {
  const { args, state, stdin } = call;
  const foreign = args.find((a) => /^-[^pr]/.test(a));
  if (foreign && state.dialect === 'sh') throw illegal(call, foreign.slice(0, 2));
  const names = args.filter((a) => !a.startsWith('-'));
  if (stdin.rest === '') return 1;
  const [line = ''] = lines(stdin.rest);
  stdin.rest = stdin.rest.slice(line.length + 1);
  assignFields(state, names, line);
  return 0;
}

/** The last name takes the rest of the line as it is, without the blanks around it. */
function assignFields(state: ShellState, names: readonly string[], line: string): void {
  const separators = separatorsOf(state);
  const blanks = [...separators].filter((c) => ' \t\n'.includes(c)).join('');
  const bare = (text: string) => [...text].findIndex((c) => !blanks.includes(c));
  const begin = bare(line);
  let rest = begin < 0 ? '' : line.slice(begin);
  while (rest !== '' && blanks.includes(rest.at(-1) as string)) rest = rest.slice(0, -1);
  names.forEach((name, i) => {
    const gap = i === names.length - 1 ? null : separator(separators).exec(rest);
    state.variables.set(name, gap ? rest.slice(0, gap.index) : rest);
    rest = gap ? rest.slice(gap.index + gap[0].length) : '';
  });
}

/** The expressions of `test`: files, strings, numbers, `!`, `-a`, `-o`. */
function test(call: Call, args: readonly string[]): number {
  const or = args.indexOf('-o');
  if (or > 0) return test(call, args.slice(0, or)) === 0 || test(call, args.slice(or + 1)) === 0 ? 0 : 1;
  const and = args.indexOf('-a');
  if (and > 0) return test(call, args.slice(0, and)) === 0 && test(call, args.slice(and + 1)) === 0 ? 0 : 1;
  if (args[0] === '!' && args.length > 1) return test(call, args.slice(1)) === 0 ? 1 : 0;
  if (args.length <= 1) return args[0] ? 0 : 1;
  const [left = '', operator = '', right = ''] = args;
  const illegal = comparison.test(operator) && [left, right].find((value) => !/^\s*[-+]?\d+\s*$/.test(value));
  if (illegal !== undefined && illegal !== false) {
    call.err(call.state.complaint(`${call.name}: Illegal number: ${illegal}`));
    return 2;
  }
  const truth =
    args.length === 2
      ? unary(call, args[0] as string, args[1] as string)
      : binary(args[0] as string, args[1] as string, args[2] ?? '');
  if (truth === undefined || (args[1] === '==' && call.state.dialect === 'sh')) {
    call.err(call.state.complaint(`${call.name}: ${args[0]}: unexpected operator`));
    return 2;
  }
  return truth ? 0 : 1;
}

function unary(call: Call, operator: string, operand: string): boolean | undefined {
  const at = path(call, operand);
  const { files } = call.state;
  const mode = files.entry(at)?.mode ?? '';
  const tests: Readonly<Record<string, () => boolean>> = {
    '-e': () => files.kind(at) !== undefined,
    '-f': () => files.kind(at) === 'file',
    '-d': () => files.kind(at) === 'directory',
    '-s': () => (files.read(at) ?? '') !== '',
    '-x': () => files.kind(at) !== undefined && /[1357]/.test(mode.slice(1)),
    '-r': () => files.kind(at) !== undefined && call.state.mayRead(at),
    '-w': () => files.kind(at) !== undefined && call.state.mayWrite(at),
    '-L': () => files.isLink(at),
    '-h': () => files.isLink(at),
    '-n': () => operand !== '',
    '-z': () => operand === '',
  };
  return tests[operator]?.();
}

const comparison = /^-(eq|ne|lt|le|gt|ge)$/;

function binary(left: string, operator: string, right: string): boolean | undefined {
  const a = Number(left);
  const b = Number(right);
  const tests: Readonly<Record<string, () => boolean>> = {
    '=': () => left === right,
    '==': () => left === right,
    '!=': () => left !== right,
    '-eq': () => a === b,
    '-ne': () => a !== b,
    '-lt': () => a < b,
    '-le': () => a <= b,
    '-gt': () => a > b,
    '-ge': () => a >= b,
  };
  return tests[operator]?.();
}
