import { GuestFiles, parentOf } from '../files';
import type { Guest } from '../model';
import type { Command, Script } from './syntax';

/** `strict`: a test, validator or run command, where an unknown command is an error; a customizer only notes it. */
export type ShellMode = 'customizer' | 'strict';

export interface OutputLine {
  readonly stream: 'out' | 'err';
  readonly text: string;
}

/** A script ended itself, by `exit`, `set -e` or an unset variable under `set -u`. */
export class ShellExit extends Error {
  override readonly name = 'ShellExit';
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

/** A script that would never end is stopped as a whole: no shell of it goes on. */
export class Runaway extends Error {
  override readonly name = 'Runaway';
}

export interface Streams {
  /** What is left to read; `read` takes lines off it. */
  readonly stdin: { rest: string };
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Which shell reads a script: dash, as `/bin/sh` is on Debian and Ubuntu, or bash. */
export type Dialect = 'sh' | 'bash';

/** By the first line of a script file; `/bin/sh` where it has none. */
export function dialectOf(script: string): Dialect {
  return /^#!.*\bbash\b/.test(script) ? 'bash' : 'sh';
}

/** Who runs a script and by which name and shell. */
export interface Run {
  readonly user: string;
  /** `$0` and the arguments. */
  readonly args: readonly string[];
  readonly dialect: Dialect;
}

export interface ShellOptions {
  errexit: boolean;
  nounset: boolean;
  pipefail: boolean;
  xtrace: boolean;
}

/** What all shells of one script share. */
export interface ShellContext {
  readonly guest: Guest;
  readonly mode: ShellMode;
  readonly now: Date;
  readonly notes: string[];
  /** How many lists of commands run inside one another, and how many commands there were. */
  readonly spent: { depth: number; commands: number };
}

/** What one shell knows. A subshell works on a fork: it shares the guest, nothing else. */
export class ShellState {
  status = 0;
  /** The line of the command that is being run, from 1. */
  line = 1;
  dialect: Dialect;
  cwd: string;
  readonly variables: Map<string, string>;
  readonly options: ShellOptions;
  readonly functions: Map<string, Command>;
  /** For each function that runs, the innermost last: what its `local` variables were before. */
  readonly locals: Map<string, string | undefined>[] = [];
  /** How the last command that ran in the background ended. */
  inBackground = 0;
  /** What runs when this shell ends: `trap … EXIT`. */
  exitTrap: string | undefined;

  constructor(
    readonly context: ShellContext,
    public user: string,
    public positional: readonly string[] = ['sh'],
    from?: ShellState,
  ) {
    const home = user === 'root' ? '/root' : `/home/${user}`;
    this.cwd = from?.cwd ?? (this.guest.files[home] ? home : '/');
    this.variables = new Map(
      from?.variables ?? [
        ['HOME', home],
        ['USER', user],
        ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
        ['PWD', this.cwd],
      ],
    );
    this.functions = new Map(from?.functions);
    // A subshell may have local variables where its shell has; they end with it.
    if (from && from.locals.length > 0) this.locals.push(new Map());
    this.options = { ...(from?.options ?? { errexit: false, nounset: false, pipefail: false, xtrace: false }) };
    this.status = from?.status ?? 0;
    this.line = from?.line ?? 1;
    this.dialect = from?.dialect ?? 'sh';
  }

  get guest(): Guest {
    return this.context.guest;
  }

  get mode(): ShellMode {
    return this.context.mode;
  }

  get now(): Date {
    return this.context.now;
  }

  get notes(): string[] {
    return this.context.notes;
  }

  get files(): GuestFiles {
    return new GuestFiles(this.guest);
  }

  get isRoot(): boolean {
    return this.user === 'root';
  }

  /** A variable that has its value back when the function ends; false outside of one. */
  makeLocal(name: string): boolean {
    const values = this.locals.at(-1);
    if (values && !values.has(name)) values.set(name, this.variables.get(name));
    return values !== undefined;
  }

  fork(user = this.user, args = this.positional): ShellState {
    return new ShellState(this.context, user, args, this);
  }

  /** A new shell, as `sh -c` or a script file starts it: it inherits variables and directory, not the options. */
  child({ user, args, dialect }: Run): ShellState {
    const state = this.fork(user, args);
    state.dialect = dialect;
    state.functions.clear();
    state.locals.length = 0;
    Object.assign(state.options, { errexit: false, nounset: false, pipefail: false, xtrace: false });
    return state;
  }

  /** A complaint of the shell itself: `script.sh: 3: …` in dash, `script.sh: line 3: …` in bash. */
  complaint(message: string): string {
    const where = this.dialect === 'bash' ? `line ${this.line}` : this.line;
    return `${this.positional[0] ?? 'sh'}: ${where}: ${message}\n`;
  }

  /** Whether this user may change what is at a path: root everything, others what is theirs or in a directory open to all. */
  mayWrite(path: string): boolean {
    if (this.isRoot || path.startsWith('/dev/')) return true;
    const entry = this.files.entry(path);
    if (entry) return entry.owner.startsWith(`${this.user}:`) || /[2367]$/.test(entry.mode);
    const parent = this.files.entry(parentOf(path));
    return parent
      ? parent.owner.startsWith(`${this.user}:`) || /[2367]$/.test(parent.mode)
      : this.mayWrite(parentOf(path));
  }

  mayRead(path: string): boolean {
    const entry = this.files.entry(path);
    return this.isRoot || !entry || entry.owner.startsWith(`${this.user}:`) || /[4567]$/.test(entry.mode);
  }
}

/** What a command may ask of the shell that runs it. */
export interface ShellRunner {
  /** Runs one command by name, as this user or another, and returns its exit code. */
  execute(args: readonly string[], streams: Streams, user?: string): number;
  /** Runs what was read, in this shell. @throws ShellExit when the script ends itself. */
  run(script: Script, streams: Streams): number;
  /** Reads a script for this shell. @throws ShellExit when it cannot be read. */
  read(text: string, streams: Streams): Script;
  /** Runs a script in a shell of its own and returns its exit code. */
  runText(text: string, streams: Streams, run: Run): number;
  /** Whether a command of this name exists and is modelled. */
  knows(name: string): boolean;
  /** What happens to a command that is not modelled. */
  unknown(args: readonly string[], streams: Streams): number;
  /** Tells the log what was not executed. */
  note(text: string, streams: Streams): void;
}
