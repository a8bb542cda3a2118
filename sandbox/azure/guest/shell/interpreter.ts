import { findCommand, hasCommand } from '../commands';
import { absolute, baseName, globPattern } from '../files';
import { Expander } from './expand';
import { parse } from './parser';
import { redirect } from './redirects';
import { dialectOf, type Run, Runaway, ShellExit, type ShellRunner, type ShellState, type Streams } from './state';
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

/** Whoever calls himself (a function, a script, `eval`) deeper than this does so for ever. */
const deepest = 150;

/** Loops in loops, and functions that call themselves twice. */
const mostCommands = 100_000;

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

/** `return` on its way out of the function, or of the script. */
class FunctionReturn extends Error {
  constructor(readonly code: number) {
    super(`return ${code}`);
  }
}

/** Runs scripts in one shell. Errors of the script are exit codes and text; only `ShellExit` and `Runaway` are thrown. */
export class Interpreter implements ShellRunner {
  /** How the last `$(…)` ended: the outcome of a command that only assigns. */
  private substituted = 0;

  constructor(readonly state: ShellState) {}

  /** @throws ShellExit when the script ends itself. */
  run(script: Script, streams: Streams, checked = false): number {
    const { spent } = this.state.context;
    if (spent.depth >= deepest) this.giveUp(`Maximum function recursion depth (${deepest}) reached`, streams);
    spent.depth += 1;
    try {
      for (const item of script) {
        if (item.background) this.background(item, streams);
        else this.andOr(item, streams, checked);
      }
    } finally {
      spent.depth -= 1;
    }
    return this.state.status;
  }

  private giveUp(why: string, streams: Streams): never {
    streams.err(this.state.complaint(why));
    throw new Runaway(why);
  }

  /** Runs a script in a shell of its own and returns its exit code. */
  runText(text: string, streams: Streams, run: Run): number {
    const inner = new Interpreter(this.state.child(run));
    return inner.toEnd(() => inner.run(inner.read(text, streams), streams), streams);
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

  /** The shell that runs a script: the others are inside it. */
  runWhole(script: Script, streams: Streams): number {
    try {
      return this.toEnd(() => this.run(script, streams), streams);
    } catch (error) {
      if (error instanceof Runaway) return 2;
      throw error;
    }
  }

  /** Runs something whose end is an exit code, and then what the shell was told to run when it ends. */
  toEnd(run: () => number, streams: Streams): number {
    const code = this.ended(run);
    const { exitTrap } = this.state;
    if (exitTrap === undefined) return code;
    this.state.exitTrap = undefined;
    this.state.status = code;
    return this.ended(() => {
      this.run(this.read(exitTrap, streams), streams, true);
      return code;
    });
  }

  private ended(run: () => number): number {
    try {
      return run();
    } catch (error) {
      if (error instanceof ShellExit || error instanceof FunctionReturn) return error.code;
      if (error instanceof LoopJump) return this.state.status;
      throw error;
    }
  }

  /** Nothing takes time in a guest: what runs in the background is done before the next command. */
  private background(item: AndOr, streams: Streams): void {
    const inner = new Interpreter(this.state.fork());
    this.state.inBackground = inner.toEnd(() => {
      inner.andOr(item, { ...streams, stdin: { rest: '' } }, false);
      return inner.state.status;
    }, streams);
    this.state.variables.set('!', '4243');
    this.state.status = 0;
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
      const own = { stdin, out, err: streams.err };
      last = part.toEnd(() => part.command(command, own, true), own);
      if (last !== 0) failed = last;
      stdin = { rest: text.join('') };
    });
    return this.state.options.pipefail ? failed : last;
  }

  private command(command: Command, streams: Streams, checked: boolean): number {
    const redirected = redirect(this.state, command.redirects, streams, (word) => this.expander(streams).text(word));
    if (!redirected) return command.kind === 'simple' ? 1 : 2;
    return command.kind === 'simple'
      ? this.simple(command, redirected, checked)
      : this.compound(command, redirected, checked);
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
      case 'case':
        return this.choose(command, streams, checked);
      case 'function':
        this.state.functions.set(command.name, command.body);
        return 0;
      case 'group': {
        if (!command.subshell) return this.run(command.body, streams, checked);
        const inner = new Interpreter(this.state.fork());
        return inner.toEnd(() => inner.run(command.body, streams, checked), streams);
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

  private choose(command: Extract<Command, { kind: 'case' }>, streams: Streams, checked: boolean): number {
    const expander = this.expander(streams);
    const value = expander.text(command.word);
    const arm = command.arms.find(({ patterns }) =>
      patterns.some((pattern) => globPattern(expander.pattern(pattern)).test(value)),
    );
    this.state.status = 0;
    return arm ? this.run(arm.body, streams, checked) : 0;
  }

  private callFunction(body: Command, args: readonly string[], streams: Streams, checked: boolean): number {
    const { state } = this;
    const { positional } = state;
    const locals = new Map<string, string | undefined>();
    state.locals.push(locals);
    state.positional = [positional[0] ?? 'sh', ...args];
    try {
      return this.command(body, streams, checked);
    } catch (error) {
      if (!(error instanceof FunctionReturn)) throw error;
      return error.code;
    } finally {
      state.locals.pop();
      state.positional = positional;
      restoreVariables(state, locals);
    }
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
      const own = { ...outer, out: (chunk: string) => void text.push(chunk) };
      this.substituted = inner.toEnd(() => inner.run(script, own), own);
      return text.join('');
    });
  }

  private simple(command: SimpleCommand, streams: Streams, checked: boolean): number {
    const expander = this.expander(streams);
    this.state.line = command.line;
    this.state.context.spent.commands += 1;
    if (this.state.context.spent.commands > mostCommands) {
      this.giveUp(`the sandbox runs at most ${mostCommands} commands of a script`, streams);
    }
    this.substituted = 0;
    const args = expander.fields(command.words);
    const values = command.assignments.map(({ name, value }) => [name, expander.text(value)] as const);
    if (this.state.options.xtrace && args.length > 0) streams.err(`+ ${args.join(' ')}\n`);
    if (args.length === 0) {
      for (const [name, value] of values) this.state.variables.set(name, value);
      return this.substituted;
    }
    const [name = '', ...rest] = args;
    if (name === 'break' || name === 'continue') throw new LoopJump(name);
    if (name === 'return') throw new FunctionReturn(rest[0] === undefined ? this.state.status : Number(rest[0]) & 255);
    const own = this.state.functions.get(name);
    return this.withVariables(values, () =>
      own ? this.callFunction(own, rest, streams, checked) : this.execute(args, streams),
    );
  }

  private withVariables(values: readonly (readonly [string, string])[], run: () => number): number {
    const before = values.map(([name]) => [name, this.state.variables.get(name)] as const);
    for (const [name, value] of values) this.state.variables.set(name, value);
    const status = run();
    restoreVariables(this.state, before);
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

function restoreVariables({ variables }: ShellState, before: Iterable<readonly [string, string | undefined]>): void {
  for (const [name, value] of before) {
    if (value === undefined) variables.delete(name);
    else variables.set(name, value);
  }
}
