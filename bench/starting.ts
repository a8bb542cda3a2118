import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { testDatabase } from '../test/store/database';
import { buildDist, serveOptions } from '../tools/build';
import type { Result } from './table';

const rounds = 5;
const mostCpu = 1.3;
const mostMemory = 1.5;
/** Until the first garbage of a start is gone. */
const restMs = 5_000;
const root = join(__dirname, '..');
const guid = '8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11';

interface Start {
  /** Of all threads, user and system, until it says that it serves. */
  readonly cpuMs: number;
  /** Five seconds later, as what follows: what is only put off until it serves would be seen here. */
  readonly restedCpuMs: number;
  readonly residentBytes: number;
}

/** B8: what a start costs, and what it then holds in memory: `npm run serve` beside an echo of botbuilder and restify. */
export async function starting(say: (line: string) => void): Promise<readonly Result[]> {
  if (process.platform !== 'linux') {
    say('starting: measured by /proc, so on Linux alone');
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-dist-'));
  const { url, close } = await testDatabase();
  try {
    await buildDist(folder);
    const bots = {
      own: [...serveOptions(), join(folder, 'serve.js')],
      peer: [join(root, 'bench', 'echoes', 'botbuilder.js')],
    };
    const starts = { own: [] as Start[], peer: [] as Start[] };
    // By turns: what else the machine does slows both.
    for (let round = 0; round < rounds; round += 1) {
      for (const name of ['peer', 'own'] as const) starts[name].push(await started(bots[name], url));
    }
    return [judged(typical(starts.own), typical(starts.peer), say)];
  } finally {
    await close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function judged(own: Start, peer: Start, say: (line: string) => void): Result {
  const told = ({ cpuMs, restedCpuMs, residentBytes }: Start) =>
    `${cpuMs} ms (${restedCpuMs} ms after five seconds), ${Math.round(residentBytes / 1e6)} MB`;
  const [cpu, memory] = [own.cpuMs / peer.cpuMs, own.residentBytes / peer.residentBytes];
  say(`starting: goldbot ${told(own)}; botbuilder + restify echo ${told(peer)}; medians of ${rounds}`);
  return {
    id: 'B8',
    what: 'CPU until it serves, resident memory then',
    goldbot: `${told(own)}: ${cpu.toFixed(2)} x, ${memory.toFixed(2)} x`,
    peers: [`botbuilder + restify echo: ${told(peer)}`],
    target: `${mostCpu} x, ${mostMemory} x`,
    reached: cpu <= mostCpu && memory <= mostMemory,
  };
}

function typical(starts: readonly Start[]): Start {
  const middle = (of: (start: Start) => number) => starts.map(of).sort((a, b) => a - b)[rounds >> 1] ?? Number.NaN;
  return {
    cpuMs: middle((s) => s.cpuMs),
    restedCpuMs: middle((s) => s.restedCpuMs),
    residentBytes: middle((s) => s.residentBytes),
  };
}

async function started(command: readonly string[], databaseUrl: string): Promise<Start> {
  const settings = {
    MicrosoftAppId: guid,
    MicrosoftAppTenantId: guid,
    GOLDBOT_TENANTS: guid,
    GOLDBOT_CATALOG: 'catalog',
  };
  const env = { PATH: process.env['PATH'] ?? '', ...settings, DATABASE_URL: databaseUrl, PORT: '0' };
  const child = spawn(process.execPath, [...command], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<never>((_, fail) =>
    child.once('exit', (code) => fail(new Error(`${command.at(-1)} ended: ${code}`))),
  );
  // Nobody waits for it while the figures are read.
  ended.catch(() => {});
  try {
    await Promise.race([line(child.stdout), ended]);
    const pid = child.pid as number;
    const cpuMs = cpuOf(pid);
    await new Promise((done) => setTimeout(done, restMs));
    return { cpuMs, restedCpuMs: cpuOf(pid), residentBytes: residentOf(pid) };
  } finally {
    child.kill('SIGKILL');
  }
}

function line(output: NodeJS.ReadableStream): Promise<void> {
  return new Promise((done) => {
    createInterface({ input: output }).on('line', (text) => /goldbot serves|the echo serves/.test(text) && done());
  });
}

/** In ticks of 10 ms: fields 14 and 15 of proc(5). */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function residentOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
}
