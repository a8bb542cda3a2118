import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

const packageFile = join(__dirname, '../../node_modules/@sparticuz/chromium/package.json');
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

/** Holds the unpacked browser and its fonts: whole from the moment it is there. */
export const browserHome = join(tmpdir(), `goldbot-chromium-${version}`);

/** A browser without a window. */
export async function launchBrowser(): Promise<Browser> {
  await unpack();
  // One process for all pages dies with the first page that is closed; a GPU that is played by the processor draws no better
  // and costs several times as much.
  const args = chromium.args.filter((arg) => !/^--(single-process|.*(gpu|angle|swiftshader).*)$/.test(arg));
  return playwright.launch({ executablePath: join(browserHome, 'chromium'), args: [...args, '--disable-gpu'] });
}

/**
 * The package unpacks into the folder for temporary files and takes whatever lies there for whole: of two processes on a
 * fresh machine the second starts what the first is still writing (ETXTBSY, or a SIGSEGV before the first page). Each
 * unpacks into a folder of its own, and the first that is ready gives it its name.
 */
async function unpack(): Promise<void> {
  if (existsSync(browserHome)) return;
  const own = await mkdtemp(`${browserHome}-`);
  const script = "require('@sparticuz/chromium').executablePath()";
  await promisify(execFile)(process.execPath, ['--eval', script], {
    cwd: __dirname,
    env: { ...process.env, TMPDIR: own },
  });
  try {
    await rename(own, browserHome);
  } catch (error) {
    if (!existsSync(browserHome)) throw error;
    await rm(own, { recursive: true });
  }
}
