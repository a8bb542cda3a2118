import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../test/support/browser';
import { type Result, seconds } from './table';

const rounds = 3;
const targetMs = 10_000;
const patienceMs = 120_000;
const root = join(__dirname, '..');

/** B10: from `npm start` in an installed checkout, on an empty folder of data, to the first card that a browser shows. */
export async function firstCard(say: (line: string) => void): Promise<readonly Result[]> {
  const browser = await launchBrowser();
  try {
    const taken: number[] = [];
    for (let round = 0; round < rounds; round += 1) taken.push(await firstCardMs(browser));
    const ms = [...taken].sort((a, b) => a - b)[rounds >> 1] ?? Number.NaN;
    say(`npm start to the first card: ${taken.map(seconds).join(', ')}`);
    return [
      {
        id: 'B10',
        what: '`npm start` to the first card in a browser',
        goldbot: seconds(ms),
        peers: [],
        target: `at most ${seconds(targetMs)}`,
        reached: ms <= targetMs,
      },
    ];
  } finally {
    await browser.close();
  }
}

async function firstCardMs(browser: Browser): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-first-card-'));
  const ports = { PORT: await freePort(), SANDBOX_AZURE_PORT: await freePort(), SANDBOX_TEAMS_PORT: await freePort() };
  const env = { ...environment(), ...ports, GOLDBOT_DATA: folder };
  const started = performance.now();
  const child = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  try {
    const page = await browser.newPage();
    await page.addInitScript(`localStorage.setItem('tour', '{"closed":true}')`);
    await page.goto(`${await readyAt(child.stdout)}/?as=Ada&in=goldbot`);
    await page.locator('#composer textarea').fill('help');
    await page.keyboard.press('Enter');
    await page.locator('#messages .ac-adaptiveCard').first().waitFor({ timeout: patienceMs });
    const ms = performance.now() - started;
    await page.close();
    return ms;
  } finally {
    await ended(child.pid as number);
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** Without what this benchmark itself was started with. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }) };
}

async function readyAt(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const url = /^Ready: (\S+)/.exec(line)?.[1];
    if (url) return url;
  }
  throw new Error('npm start ended before it was ready');
}

/** npm and whatever it started, which is given time to stop its database. */
async function ended(group: number): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    try {
      process.kill(-group, tries === 0 ? 'SIGTERM' : 0);
    } catch {
      return;
    }
    await pause(100);
  }
  process.kill(-group, 'SIGKILL');
}

function freePort(): Promise<string> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => done(String(port)));
    });
  });
}
