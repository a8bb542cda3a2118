import { absolute } from '../files';
import type { ShellRunner, ShellState, Streams } from '../shell/state';

/** One command being run. */
export interface Call extends Streams {
  readonly shell: ShellRunner;
  readonly state: ShellState;
  readonly name: string;
  readonly args: readonly string[];
}

/** Returns the exit code. */
export type ShellCommand = (call: Call) => number;
export type CommandTable = Readonly<Record<string, ShellCommand>>;

/** A use of a known command that the sandbox does not model: like an unknown command. */
export function unmodelled(call: Call): number {
  return call.shell.unknown([call.name, ...call.args], call);
}

export function fail(call: Call, message: string, code = 1): number {
  call.err(`${call.name}: ${message}\n`);
  return code;
}

export function path(call: Call, given: string): string {
  return absolute(call.state.cwd, given);
}

export interface Options {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
}

/** Splits arguments into flags (`-r`, `--long`, `-rf` is two), options with a value (those in `valued`) and the rest. */
export function options(args: readonly string[], valued: readonly string[] = []): Options {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] as string;
    if (arg === '--') return { flags, values, rest: [...rest, ...args.slice(i + 1)] };
    if (arg.startsWith('--')) {
      const [name = '', value] = [
        arg.slice(2).split('=')[0],
        arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : undefined,
      ];
      if (value !== undefined) values.set(name, value);
      else if (valued.includes(name)) values.set(name, args[++i] ?? '');
      else flags.add(name);
    } else if (arg.startsWith('-') && arg.length > 1) {
      i += short(arg.slice(1), args[i + 1], valued, { flags, values });
    } else rest.push(arg);
  }
  return { flags, values, rest };
}

/** Returns how many further arguments were used up. */
function short(
  letters: string,
  next: string | undefined,
  valued: readonly string[],
  into: { flags: Set<string>; values: Map<string, string> },
): number {
  for (let i = 0; i < letters.length; i += 1) {
    const letter = letters[i] as string;
    if (!valued.includes(letter)) {
      into.flags.add(letter);
      continue;
    }
    const attached = letters.slice(i + 1);
    into.values.set(letter, attached || (next ?? ''));
    return attached ? 0 : 1;
  }
  return 0;
}

/** The text a filter works on: its files, or what comes in. Missing files are reported and skipped. */
export function inputs(
  call: Call,
  files: readonly string[],
): { texts: { name: string; text: string }[]; failed: boolean } {
  if (files.length === 0) {
    const text = call.stdin.rest;
    call.stdin.rest = '';
    return { texts: [{ name: '-', text }], failed: false };
  }
  const texts: { name: string; text: string }[] = [];
  for (const name of files) {
    if (name === '-') texts.push({ name, text: call.stdin.rest });
    else if (name !== '/dev/null') {
      const found = readFile(call, name);
      if (found !== undefined) texts.push({ name, text: found });
    }
  }
  return { texts, failed: texts.length < files.filter((f) => f !== '/dev/null').length };
}

export function readFile(call: Call, name: string): string | undefined {
  const at = path(call, name);
  const { files } = call.state;
  const kind = files.kind(at);
  const problem =
    kind === undefined
      ? 'No such file or directory'
      : kind === 'directory'
        ? 'Is a directory'
        : call.state.mayRead(at)
          ? undefined
          : 'Permission denied';
  if (problem) call.err(`${call.name}: ${name}: ${problem}\n`);
  return problem ? undefined : files.read(at);
}

export function lines(text: string): string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** For what only root may do. */
export function refused(call: Call, message = 'Permission denied', code = 1): number | undefined {
  return call.state.isRoot ? undefined : fail(call, message, code);
}

/** Does something to each path; a problem is reported and makes the command fail, but the rest is still processed. */
export function each(
  call: Call,
  names: readonly string[],
  act: (at: string, name: string) => string | undefined,
): number {
  let status = 0;
  for (const name of names) {
    const problem = act(path(call, name), name);
    if (problem === undefined) continue;
    call.err(`${call.name}: ${problem}\n`);
    status = 1;
  }
  return status;
}

/** Writes one line and succeeds. */
export function say({ out }: Call, text: string): number {
  out(`${text}\n`);
  return 0;
}
