import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Program, programFile } from '../support/programs';

const root = join(__dirname, '..', '..');
/** Bounds a process that hangs. */
const patience = 45_000;

export interface Started {
  readonly child: ChildProcess;
  /** Everything it printed so far, both streams. */
  words(): string;
  /** Resolves with the first line that fits; rejects with its words when it ends before. */
  line(pattern: RegExp, patienceMs?: number): Promise<RegExpExecArray>;
  /** Exit code; -1 when a signal ended it. */
  readonly ended: Promise<number>;
}

/** A command of package.json as a process of its own, with no environment but what is given. */
export function run(entry: string, environment: Readonly<Record<string, string>>): Started {
  return runNode(['--import', 'tsx', join(root, 'app', `${entry}.ts`)], environment);
}

/** The same program as one file of JavaScript, in a third of the time: gives what starts it as `run` does. */
export async function bundled(entry: Program): Promise<(environment: Readonly<Record<string, string>>) => Started> {
  const file = await programFile(entry);
  return (environment) => runNode([file], environment);
}

const running = new Set<ChildProcess>();

/** Ends what a failed test has left behind: jest would wait for its streams. */
export function endProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Node with these arguments, in the checkout, with no environment but what is given. */
export function runNode(args: readonly string[], environment: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const listeners = new Set<() => void>();
  const heard = (chunk: Buffer) => {
    text += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout?.on('data', heard);
  child.stderr?.on('data', heard);
  running.add(child);
  const ended = new Promise<number>((done) => child.once('exit', (code) => done(code ?? -1)));
  void ended.then(() => running.delete(child));
  return {
    ...{ child, words: () => text, ended },
    line: (pattern, patienceMs = patience) => waitFor(pattern, () => text, { listeners, ended, patienceMs }),
  };
}

function waitFor(
  pattern: RegExp,
  words: () => string,
  { listeners, ended, patienceMs }: { listeners: Set<() => void>; ended: Promise<number>; patienceMs: number },
): Promise<RegExpExecArray> {
  return new Promise((done, fail) => {
    const late = setTimeout(
      () => fail(new Error(`no ${pattern} in ${patienceMs} ms; it said:\n${words()}`)),
      patienceMs,
    );
    const look = () => {
      const found = pattern.exec(words());
      if (!found) return;
      clearTimeout(late);
      listeners.delete(look);
      done(found);
    };
    listeners.add(look);
    void ended.then((code) => {
      look();
      clearTimeout(late);
      fail(new Error(`it ended with ${code} and said:\n${words()}`));
    });
    look();
  });
}
