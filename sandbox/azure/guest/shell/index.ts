import type { Guest } from '../model';
import { Interpreter } from './interpreter';
import { parse } from './parser';
import { type Dialect, dialectOf, type OutputLine, type ShellMode, ShellState } from './state';
import { NotModelled, type Script, ShellSyntaxError } from './syntax';

export { type Dialect, dialectOf, type OutputLine, type ShellMode } from './state';

export interface RunShellOptions {
  readonly mode: ShellMode;
  /** World time: what `date` says, and how new the package archive is. */
  readonly now: Date;
  /** Image Builder connects as an ordinary user who may `sudo`; run commands run as root, the default. */
  readonly user?: string;
  /** As if the script began with `set -e`, which Image Builder's inline scripts do. */
  readonly errexit?: boolean;
  readonly args?: readonly string[];
  /** Which shell runs it; by its first line when not said. */
  readonly dialect?: Dialect;
}

export interface ShellResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What was not executed because the sandbox does not model it. */
  readonly log: readonly string[];
  /** Both outputs in the order in which they came. */
  readonly lines: readonly OutputLine[];
}

/** Runs a script in a guest and changes the guest as the script does. What it can do is in guest/README.md. */
export function runShell(guest: Guest, script: string, options: RunShellOptions): ShellResult {
  const notes: string[] = [];
  const output: OutputLine[] = [];
  const context = { guest, mode: options.mode, now: options.now, notes, spent: { depth: 0, commands: 0 } };
  const state = new ShellState(context, options.user ?? 'root', options.args ?? ['sh']);
  state.dialect = options.dialect ?? dialectOf(script);
  state.options.errexit = options.errexit ?? false;
  const streams = {
    stdin: { rest: '' },
    out: (text: string) => void output.push({ stream: 'out', text }),
    err: (text: string) => void output.push({ stream: 'err', text }),
  };
  const interpreter = new Interpreter(state);
  const read = readScript(script.replaceAll('\r\n', '\n'), state.dialect);
  if (read.script) {
    return result(interpreter.runWhole(read.script, streams), output, notes);
  }
  const unread = unreadable(read.problem, state, notes);
  output.push(unread.line);
  return result(unread.exitCode, output, notes);
}

function readScript(
  text: string,
  dialect: Dialect,
): { script: Script; problem?: undefined } | { script?: undefined; problem: Error } {
  try {
    return { script: parse(text, dialect) };
  } catch (error) {
    if (error instanceof ShellSyntaxError || error instanceof NotModelled) return { problem: error };
    throw error;
  }
}

/** A script that cannot be parsed does not run: an error, or a note in a customizer if only the sandbox is to blame. */
function unreadable(problem: Error, state: ShellState, notes: string[]): { exitCode: number; line: OutputLine } {
  if (problem instanceof ShellSyntaxError) {
    state.line = problem.line;
    return { exitCode: 2, line: { stream: 'err', text: state.complaint(`Syntax error: ${problem.message}`) } };
  }
  const note = `not executed: the whole script (the sandbox's shell does not model ${problem.message})`;
  notes.push(note);
  if (state.mode === 'strict') return { exitCode: 127, line: { stream: 'err', text: `sandbox: ${note}\n` } };
  return { exitCode: 0, line: { stream: 'out', text: `sandbox: ${note}\n` } };
}

function result(exitCode: number, output: readonly OutputLine[], log: readonly string[]): ShellResult {
  const text = (stream: 'out' | 'err') =>
    output
      .filter((l) => l.stream === stream)
      .map((l) => l.text)
      .join('');
  return { exitCode, stdout: text('out'), stderr: text('err'), log, lines: wholeLines(output) };
}

/** Chunks joined into lines, without the newline. */
function wholeLines(output: readonly OutputLine[]): OutputLine[] {
  const lines: OutputLine[] = [];
  const open: Record<'out' | 'err', string> = { out: '', err: '' };
  for (const { stream, text } of output) {
    const parts = (open[stream] + text).split('\n');
    open[stream] = parts.pop() ?? '';
    lines.push(...parts.map((line) => ({ stream, text: line })));
  }
  for (const stream of ['out', 'err'] as const) if (open[stream]) lines.push({ stream, text: open[stream] });
  return lines;
}
