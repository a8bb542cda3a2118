import type { Guest } from '../model';
import { commands } from './cmdlets';
import { commandNotFound, Endless, ExitScript, errorText, LoopControl, positionOf, Terminating } from './errors';
import { Interpreter } from './interpreter';
import { parse } from './parser';
import { type OutputLine, type PowerShellMode, Runtime } from './runtime';
import { NotModelled, ParseError } from './syntax';
import { collected, customObject, toBool, type Value } from './values';

export type { OutputLine, PowerShellMode } from './runtime';

export interface RunPowerShellOptions {
  readonly mode: PowerShellMode;
  /** World time. */
  readonly now: Date;
  /** `SYSTEM`, or an administrator. */
  readonly user?: string;
  /** The path that errors name. */
  readonly file?: string;
  /** How it was started: `file` for `powershell -File`, `command` as Packer does, which ends with `exit $LastExitCode`. */
  readonly as?: 'file' | 'command';
  readonly parameters?: readonly { readonly name?: string; readonly value: string }[];
}

export interface PowerShellResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What was not executed because the sandbox does not model it. */
  readonly log: readonly string[];
  /** Both outputs in the order in which they came. */
  readonly lines: readonly OutputLine[];
  /** World milliseconds for which the script slept. */
  readonly sleptMs: number;
}

/** Runs a script in a Windows guest and changes the guest as the script does. What it can do is in guest/README.md. */
export function runPowerShell(guest: Guest, script: string, options: RunPowerShellOptions): PowerShellResult {
  const text = script.replaceAll('\r\n', '\n');
  const file = options.file ?? 'C:\\script.ps1';
  const runtime = new Runtime({
    guest,
    mode: options.mode,
    now: options.now,
    user: options.user ?? 'SYSTEM',
    file,
    text,
  });
  const exitCode = exitCodeOf(runtime, text, options);
  const { output, notes, sleptMs } = runtime;
  const joined = (stream: 'out' | 'err') =>
    output
      .filter((l) => l.stream === stream)
      .map((l) => l.text)
      .join('');
  return { exitCode, stdout: joined('out'), stderr: joined('err'), log: notes, lines: wholeLines(output), sleptMs };
}

/** Whether an expression about `$_` is true, as a filter of Windows Update asks. */
export function holds(expression: string, item: Readonly<Record<string, Value>>): boolean {
  const guest: Guest = {
    os: { name: '', version: '', kernel: '' },
    files: {},
    packages: {},
    services: {},
    users: {},
    registry: {},
  };
  const runtime = new Runtime({
    guest,
    mode: 'strict',
    now: new Date(0),
    user: 'SYSTEM',
    file: 'filter',
    text: expression,
  });
  runtime.set('_', customObject(item));
  const values: Value[] = [];
  try {
    new Interpreter(runtime, commands).main(parse(expression), [], (value) => values.push(value));
  } catch (error) {
    if (error instanceof ParseError || error instanceof NotModelled || error instanceof Terminating) return false;
    throw error;
  }
  return toBool(collected(values));
}

function exitCodeOf(runtime: Runtime, text: string, { as = 'file', parameters = [] }: RunPowerShellOptions): number {
  try {
    const engine = new Interpreter(runtime, commands);
    const extent = { from: 0, to: 0 };
    const args = parameters.map(({ name, value }) => ({ ...(name !== undefined && { name }), value, extent }));
    engine.main(parse(text), args, (value) => runtime.show(value));
    runtime.flush();
    return as === 'command' ? (runtime.lastExit ?? 0) : 0;
  } catch (error) {
    runtime.flush();
    return endedBy(runtime, error, as);
  }
}

/** The exit code of a script that did not come to its end. */
function endedBy(runtime: Runtime, error: unknown, as: 'file' | 'command'): number {
  if (error instanceof ExitScript) return error.code;
  if (error instanceof LoopControl) return as === 'command' ? (runtime.lastExit ?? 0) : 0;
  if (error instanceof Endless) {
    runtime.sleptMs = Math.max(runtime.sleptMs, 24 * 3_600_000);
    return 1;
  }
  if (error instanceof Terminating) {
    runtime.write('err', runtime.errorTextOf(error));
    return 1;
  }
  if (error instanceof ParseError) {
    runtime.write('err', parseErrorText(runtime, error));
    // `& script.ps1; exit $LastExitCode` goes on after a script that cannot be read: there is no exit code.
    return as === 'command' ? 0 : 1;
  }
  if (!(error instanceof NotModelled)) throw error;
  return notModelled(runtime, error);
}

/** The sandbox's own limits: a script that cannot be read, or a command in a test that nothing stands behind. */
function notModelled(runtime: Runtime, { what, extent }: NotModelled): number {
  if (runtime.mode === 'customizer') {
    runtime.note(`the whole script (the sandbox's PowerShell does not model ${what})`);
    return 0;
  }
  runtime.notes.push(`not executed: ${what}`);
  const problem = { ...commandNotFound(what), prefix: what };
  runtime.write('err', errorText(problem, runtime.placeOf(extent)));
  return 1;
}

function parseErrorText(runtime: Runtime, { message, id, extent }: ParseError): string {
  const { file, text } = runtime.place;
  const { line, char, source } = positionOf({ file, text, extent });
  const mark = `${' '.repeat(Math.max(0, char - 1 - (source.length - source.trimStart().length)))}~`;
  return `At ${file}:${line} char:${char}\n+ ${source.trimStart()}\n+ ${mark}\n${message}\n    + CategoryInfo          : ParserError: (:) [], ParseException\n    + FullyQualifiedErrorId : ${id}\n \n`;
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
