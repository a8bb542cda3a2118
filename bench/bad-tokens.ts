import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { startSandbox } from '../sandbox';
import { testDatabase } from '../test/store/database';
import { worldStart } from '../test/support/world-start';
import { Driver, letIn, tenants } from './activities';
import { ContestantProcess } from './contestant-process';
import { StubConnector } from './stub-connector';
import { type Result, times } from './table';

const perSecond = 1_000;
const floodMs = 15_000;
/** Of those who have good tokens. */
const goodPerSecond = 20;
const target = 2;

interface Asked {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly answered: number;
}

/**
 * B15: what people wait for their answers while somebody sends a thousand activities a second whose tokens name the right
 * key and bear no signature of it: what a stranger can make goldbot do that costs it most.
 */
export async function badTokens(say: (line: string) => void): Promise<readonly Result[]> {
  const store = await testDatabase();
  const sandbox = await startSandbox({ speed: 1, startMs: worldStart, azure: { throttle: false } });
  const stub = new StubConnector(sandbox.teams.link.tokens);
  await stub.open();
  const teamsUrl = stub.serviceUrl.replace(/\/$/, '');
  letIn(sandbox.world);
  const input = { databaseUrl: store.url, azureUrl: sandbox.azureUrl, teamsUrl, tenants };
  const goldbot = await ContestantProcess.goldbot(input);
  try {
    const token = await sandbox.teams.link.tokens.sign(stub.serviceUrl);
    const driver = new Driver(stub, token);
    await driver.send(goldbot.url, 'status', 400);
    const quiet = await asking(driver, goldbot.url);
    const flood = floodOf(goldbot.url, token);
    const [flooded, refused] = await Promise.all([asking(driver, goldbot.url), flood]);
    const told = ({ p50Ms, p99Ms, answered }: Asked) =>
      `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(0)} ms of ${answered}`;
    const rate = Math.round(refused / (floodMs / 1_000));
    say(`good traffic under ${rate} bad tokens/s: ${told(flooded)}; without: ${told(quiet)}`);
    return [
      {
        id: 'B15',
        what: `\`status\` under ${rate} bad tokens/s (of ${perSecond} wanted)`,
        goldbot: `${told(flooded)}: ${times(flooded.p50Ms, quiet.p50Ms)}`,
        peers: [`without them: ${told(quiet)}`],
        target: `${target} x, every question answered, every bad one refused`,
        reached: flooded.p50Ms <= quiet.p50Ms * target && rate >= perSecond * 0.9,
      },
    ];
  } finally {
    await goldbot.stop();
    await stub.close();
    await sandbox.close();
    await store.close();
  }
}

/** Until its answer was posted; each has to be answered. */
async function asking(driver: Driver, url: string): Promise<Asked> {
  const waits: Promise<number>[] = [];
  const until = performance.now() + floodMs;
  while (performance.now() < until) {
    waits.push(driver.answerMs(url, 'status'));
    await new Promise((done) => setTimeout(done, 1_000 / goodPerSecond));
  }
  const ms = (await Promise.all(waits)).sort((a, b) => a - b);
  const at = (share: number) => ms[Math.ceil(ms.length * share) - 1] ?? 0;
  return { p50Ms: at(0.5), p99Ms: at(0.99), answered: ms.length };
}

/** In a process of its own; how many were refused. @throws Error when one was not. */
function floodOf(url: string, token: string): Promise<number> {
  const [header, claims] = token.split('.');
  const forged = `${header}.${claims}.${'A'.repeat(342)}`;
  const script = join(__dirname, 'programs', 'flood.js');
  const args = [script, JSON.stringify({ url, forged, perSecond, floodMs })];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((done, fail) => {
    child.once('message', (refused) => done(refused as number));
    child.once('exit', (code) => fail(new Error(`the flood ended: ${code}`)));
  });
}
