import { findCommand, hasCommand } from '../commands';
import { absolute, baseName } from '../files';
import { Expander } from './expand';
import { parse } from './parser';
import { redirect } from './redirects';
import { dialectOf, type Run, ShellExit, type ShellRunner, type ShellState, type Streams } from './state';
import {
  type AndOr,
  type Command,
  NotModelled,
  type Pipeline,
  type Script,
  ShellSyntaxError,
  type SimpleCommand,
} from './syntax';

/** A loop that has not ended by then never will: nothing changes in a guest while a script waits. */
const mostTurns = 1_000;

/** Commands of bash itself: dash looks for a program of that name, and there is none. */
const bashBuiltIns = new Set(
  'source [[ function select shopt declare typeset let pushd popd dirs mapfile readarray disown caller compgen coproc'.split(
    ' ',
  ),
);

/** `break` and `continue` on their way to the loop around them. */
class LoopJump extends Error {
  constructor(readonly to: 'break' | 'continue') {
    super(to);
  }
}

/** Runs scripts in one shell. Errors of the script are exit codes and text; only `ShellExit` is thrown. */
export class Interpreter implements ShellRunner {
  /** How the last `$(…)` ended: the outcome of a command that only assigns. */
  private substituted = 0;

  constructor(readonly state: ShellState) {}

  /** @throws ShellExit when the script ends itself. */
  run(script: Script, streams: Streams, checked = false): number {
    for (const item of script) this.andOr(item, streams, checked);
    return this.state.status;
  }

  /** Runs a script in a shell of its own and returns its exit code. */
  runText(text: string, streams: Streams, run: Run): number {
    const inner = new Interpreter(this.state.child(run));
    return inner.toEnd(() => inner.run(inner.read(text, streams), streams));
  }

  /** Reads a script for this shell, as `.` and `eval` do. */
  read(text: string, streams: Streams): Script {
    try {
      return parse(text, this.state.dialect);
    } catch (error) {
      if (error instanceof NotModelled) throw new ShellExit(this.unknown([`script with ${error.message}`], streams));
      if (!(error instanceof ShellSyntaxError)) throw error;
      this.state.line = error.line;
      streams.err(this.state.complaint(`Syntax error: ${error.message}`));
      throw new ShellExit(2);
    }
  }

  /** Runs something whose end is an exit code. */
  toEnd(run: () => number): number {
    try {
      return run();
    } catch (error) {
      if (error instanceof ShellExit) return error.code;
      if (error instanceof LoopJump) return this.state.status;
      throw error;
    }
  }

  private andOr({ first, rest }: AndOr, streams: Streams, checked: boolean): void {
    this.pipeline(first, streams, checked || rest.length > 0);
    rest.forEach(({ operator, pipeline }, i) => {
      if ((operator === '&&') === (this.state.status === 0))
        this.pipeline(pipeline, streams, checked || i < rest.length - 1);
    });
  }

  /** `checked`: somebody looks at the outcome, so `set -e` does not end the script. */
  private pipeline({ commands, negated }: Pipeline, streams: Streams, checked: boolean): void {
    const [only] = commands;
    const status =
      only && commands.length === 1 ? this.command(only, streams, checked || negated) : this.piped(commands, streams);
    this.state.status = negated ? Number(status === 0) : status;
    if (this.state.options.errexit && this.state.status !== 0 && !checked && !negated)
      throw new ShellExit(this.state.status);
  }

  private piped(commands: readonly Command[], streams: Streams): number {
    let stdin = streams.stdin;
    let failed = 0;
    let last = 0;
    commands.forEach((command, i) => {
      const text: string[] = [];
      const isLast = i === commands.length - 1;
      const out = isLast ? streams.out : (chunk: string) => void text.push(chunk);
      const part = new Interpreter(this.state.fork());
      last = part.toEnd(() => part.command(command, { stdin, out, err: streams.err }, true));
      if (last !== 0) failed = last;
      stdin = { rest: text.join('') };
    });
    return this.state.options.pipefail ? failed : last;
  }

  private command(command: Command, streams: Streams, checked: boolean): number {
    const redirected = redirect(this.state, command.redirects, streams, (word) => this.expander(streams).text(word));
    if (!redirected) return command.kind === 'simple' ? 1 : 2;
    return command.kind === 'simple' ? this.simple(command, redirected) : this.compound(command, redirected, checked);
  }

  private compound(command: Exclude<Command, SimpleCommand>, streams: Streams, checked: boolean): number {
    switch (command.kind) {
      case 'if':
        return this.branch(command, streams, checked);
      case 'for':
        return this.loop(
          this.expander(streams)
            .fields(command.words)
            .map((value) => () => {
              this.state.variables.set(command.name, value);
              return true;
            }),
          command.body,
          streams,
          checked,
        );
      case 'while': {
        const test = () => (this.run(command.condition, streams, true) === 0) !== command.until;
        return this.loop(
          Array.from({ length: mostTurns }, () => test),
          command.body,
          streams,
          checked,
        );
      }
      case 'group': {
        if (!command.subshell) return this.run(command.body, streams, checked);
        const inner = new Interpreter(this.state.fork());
        return inner.toEnd(() => inner.run(command.body, streams, checked));
      }
    }
  }

  private branch(command: Extract<Command, { kind: 'if' }>, streams: Streams, checked: boolean): number {
    for (const { condition, body } of command.branches) {
      if (this.run(condition, streams, true) === 0) return this.run(body, streams, checked);
    }
    this.state.status = 0;
    return command.otherwise ? this.run(command.otherwise, streams, checked) : 0;
  }

  /** Each turn says whether there is one; the loop's status is that of its last body. */
  private loop(turns: readonly (() => boolean)[], body: Script, streams: Streams, checked: boolean): number {
    let status = 0;
    for (const turn of turns) {
      if (!turn()) break;
      try {
        status = this.run(body, streams, checked);
      } catch (error) {
        if (!(error instanceof LoopJump)) throw error;
        if (error.to === 'break') break;
      }
    }
    this.state.status = status;
    return status;
  }

  private expander(streams: Streams): Expander {
    return new Expander(this.state, streams, (script, outer) => {
      const text: string[] = [];
      const inner = new Interpreter(this.state.fork());
      this.substituted = inner.toEnd(() => inner.run(script, { ...outer, out: (chunk) => void text.push(chunk) }));
      return text.join('');
    });
  }

  private simple(command: SimpleCommand, streams: Streams): number {
    const expander = this.expander(streams);
    this.state.line = command.line;
    this.substituted = 0;
    const args = expander.fields(command.words);
    const values = command.assignments.map(({ name, value }) => [name, expander.text(value)] as const);
    if (this.state.options.xtrace && args.length > 0) streams.err(`+ ${args.join(' ')}\n`);
    if (args.length === 0) {
      for (const [name, value] of values) this.state.variables.set(name, value);
      return this.substituted;
    }
    if (args[0] === 'break' || args[0] === 'continue') throw new LoopJump(args[0]);
    return this.withVariables(values, () => this.execute(args, streams));
  }

  private withVariables(values: readonly (readonly [string, string])[], run: () => number): number {
    const before = values.map(([name]) => [name, this.state.variables.get(name)] as const);
    for (const [name, value] of values) this.state.variables.set(name, value);
    const status = run();
    for (const [name, value] of before) {
      if (value === undefined) this.state.variables.delete(name);
      else this.state.variables.set(name, value);
    }
    return status;
  }

  /** Runs one command by name: built in, or a script file of the guest. */
  execute(args: readonly string[], streams: Streams, user = this.state.user): number {
    const [name = ''] = args;
    if (this.state.dialect === 'sh' && bashBuiltIns.has(name)) {
      streams.err(this.state.complaint(`${name}: not found`));
      return 127;
    }
    const shell = user === this.state.user ? this : new Interpreter(this.state.fork(user));
    const known = findCommand(name, this.state.guest);
    const { stdin, out, err } = streams;
    if (known) return known({ shell, state: shell.state, args: args.slice(1), name: baseName(name), stdin, out, err });
    if (name.includes('/')) return shell.file(name, args, streams);
    return shell.unknown(args, streams);
  }

  /** @throws ShellExit never; a script file ends alone. */
  private file(name: string, args: readonly string[], streams: Streams): number {
    const path = absolute(this.state.cwd, name);
    const text = this.state.files.read(path);
    if (text === undefined) {
      streams.err(this.state.complaint(`${name}: not found`));
      return 127;
    }
    if (!/[1357]/.test(this.state.files.entry(path)?.mode.slice(1) ?? '')) {
      streams.err(this.state.complaint(`${name}: Permission denied`));
      return 126;
    }
    return this.runText(text, streams, { user: this.state.user, args, dialect: dialectOf(text) });
  }

  unknown(args: readonly string[], streams: Streams): number {
    const [name] = args;
    if (this.state.mode === 'strict') {
      streams.err(
        this.state.complaint(this.state.dialect === 'bash' ? `${name}: command not found` : `${name}: not found`),
      );
      return 127;
    }
    this.note(`not executed: ${args.join(' ')} (the sandbox does not model ${name})`, streams);
    return 0;
  }

  /** Whether a command of this name exists and is modelled. */
  knows(name: string): boolean {
    return hasCommand(name, this.state.guest);
  }

  note(text: string, streams: Streams): void {
    this.state.notes.push(text);
    streams.out(`sandbox: ${text}\n`);
  }
}
