import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface SandboxProcess {
  readonly azure: string;
  readonly teams: string;
  readonly stop: () => Promise<void>;
}

const readyLine = /^sandbox ready (\{.*\})$/;

/**
 * Starts the sandbox as a process of its own, as Azure and Teams are others' too. In its own process group, so that a
 * Ctrl-C lets the bot finish first; it ends by itself when this process is gone.
 *
 * @throws Error with the sandbox's last words when it does not start.
 */
export function startSandboxProcess(environment: NodeJS.ProcessEnv): Promise<SandboxProcess> {
  const main = join(__dirname, '..', 'sandbox', 'main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main], {
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return new Promise((done, fail) => {
    let words = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-2_000);
    });
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(words.trim() || `the sandbox ended with exit code ${code}`)));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const found = readyLine.exec(line);
      if (!found?.[1]) return;
      const { azure, teams } = JSON.parse(found[1]) as { azure: string; teams: string };
      done({ azure, teams, stop: () => stop(child) });
    });
  });
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((done) => {
    const impatient = setTimeout(() => child.kill('SIGKILL'), 5_000);
    child.once('exit', () => {
      clearTimeout(impatient);
      done();
    });
    child.kill('SIGTERM');
  });
}
