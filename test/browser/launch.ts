import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/** A browser without a window. */
export async function launchBrowser(): Promise<Browser> {
  // One process for all pages dies with the first page that is closed.
  const args = chromium.args.filter((a) => a !== '--single-process');
  const executablePath = await chromium.executablePath();
  try {
    return await playwright.launch({ executablePath, args });
  } catch (error) {
    // Seen once on a busy machine: chromium died of SIGSEGV before it had a page. Nothing had been judged by then.
    process.stderr.write(
      `the browser did not start, and is started again: ${(error as Error).message.split('\n')[0]}\n`,
    );
    return playwright.launch({ executablePath, args });
  }
}
