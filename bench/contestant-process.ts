import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ProgramInput } from './programs/goldbot';

const folder = __dirname;
const cpu = ['--require', join(folder, 'echoes', 'cpu.js')];

/** A bot in a process of its own, whose CPU can be asked for. */
export class ContestantProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Where it takes activities. */
    readonly url: string,
  ) {}

  /** One of `bench/echoes/`. */
  static echo(name: 'botbuilder' | 'agents-hosting' | 'teams-apps' | 'bare'): Promise<ContestantProcess> {
    return ContestantProcess.start([...cpu, join(folder, 'echoes', `${name}.js`)]);
  }

  static goldbot(input: ProgramInput, options: readonly string[] = []): Promise<ContestantProcess> {
    const program = join(folder, 'programs', 'goldbot.ts');
    return ContestantProcess.start([...options, ...cpu, '--import', 'tsx', program, JSON.stringify(input)]);
  }

  /** `npm run bot`, which lives by the clock of a sandbox that is there already. */
  static beside(sandbox: { readonly azureUrl: string; readonly teamsUrl: string }, databaseUrl: string) {
    const { azureUrl: SANDBOX_AZURE_URL, teamsUrl: SANDBOX_TEAMS_URL } = sandbox;
    const data = mkdtempSync(join(tmpdir(), 'goldbot-bench-'));
    const env = { SANDBOX_AZURE_URL, SANDBOX_TEAMS_URL, DATABASE_URL: databaseUrl, GOLDBOT_DATA: data, PORT: '0' };
    return ContestantProcess.start([...cpu, '--import', 'tsx', join(folder, '..', 'app', 'bot.ts')], env);
  }

  private static async start(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
    const env = { PATH: process.env['PATH'] ?? '', ...more };
    const child = spawn(process.execPath, [...args], { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    const port = await new Promise<string>((done, fail) => {
      child.once('exit', (code) => fail(new Error(`${args.at(-1)} ended: ${code}`)));
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        const found = /(?:serves |^Bot: \S+:)(\d+)/.exec(line)?.[1];
        if (found) done(found);
      });
    });
    return new ContestantProcess(child, `http://127.0.0.1:${port}/api/messages`);
  }

  /** Of all threads, user and system, until now. */
  cpuMs(): Promise<number> {
    return new Promise((done, fail) => {
      this.child.once('message', (usage: NodeJS.CpuUsage) => done((usage.user + usage.system) / 1_000));
      this.child.send('cpu', (error) => error && fail(error));
    });
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.disconnect();
    const cut = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(cut);
  }
}
