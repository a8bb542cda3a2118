import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser';
import { shared } from './shared';

export const read = ['light', 'dark'] as const;
/** Of a card in pixels: on a phone, and in a channel on a wide screen. */
export const widths = [320, 700] as const;

const modules = join(__dirname, '../../node_modules');
const sandboxPage = join(__dirname, '../../sandbox/page');

/** The host configs of the page's designer, which must be Microsoft's own. */
export const pageConfig = (look: (typeof read)[number]) =>
  join(modules, `adaptivecards-designer/lib/hostConfigs/microsoft-teams-${look}.json`);

/** Draws cards with Microsoft's renderer in a browser, as Teams does, and says what it has against them. */
export class CardsPage {
  private constructor(
    private readonly browser: Browser,
    private readonly page: Page,
    private readonly problems: string[],
  ) {}

  /** `as Teams`: with the elements that Teams alone has, otherwise with what stands in for them. */
  static async open(draws: 'as Teams' | 'plainly' = 'plainly'): Promise<CardsPage> {
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(`thrown: ${error.message}`));
    page.on('console', (line) => ['warning', 'error'].includes(line.type()) && problems.push(line.text()));
    await page.setContent(`<!doctype html><style>${style}</style><div class="card"></div>`);
    await page.addScriptTag({ path: join(modules, 'adaptivecards/dist/adaptivecards.min.js') });
    await page.addScriptTag({ path: join(modules, 'markdown-it/dist/browser/markdown-it.umd.min.js') });
    if (draws === 'as Teams') {
      await page.addStyleTag({ path: join(sandboxPage, 'elements.css') });
      await page.addScriptTag({ path: join(sandboxPage, 'elements.js'), type: 'module' });
    }
    await page.evaluate(`window.hostConfigs = ${JSON.stringify(Object.fromEntries(read.map((l) => [l, config(l)])))}`);
    await page.addScriptTag({ path: join(__dirname, 'cards-in-browser.js') });
    return new CardsPage(browser, page, problems);
  }

  /** What is wrong with each card in each look and width, in the order of the cards. */
  async judge(cards: readonly object[]): Promise<readonly (readonly string[])[]> {
    const found = cards.map((): string[] => []);
    for (const look of read) {
      for (const width of widths) {
        const drawn = (await this.page.evaluate(
          `drawAll(${JSON.stringify(cards)}, ${JSON.stringify({ look, width })})`,
        )) as string[][];
        for (const [i, wrong] of drawn.entries()) found[i]?.push(...wrong.map((w) => `${look}, ${width} px: ${w}`));
      }
    }
    return found.map((wrong) => [...wrong, ...this.problems]);
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}

function config(look: string): object {
  return JSON.parse(readFileSync(join(shared, 'adaptive-cards', `microsoft-teams-${look}.hostconfig.json`), 'utf8'));
}

/** Teams draws buttons and inputs itself and wraps buttons that do not fit; the font is as wide as Segoe UI. */
const style = `
  * { box-sizing: border-box; }
  body { margin: 0; font-family: 'Open Sans', sans-serif; }
  .ac-actionSet { flex-wrap: wrap; row-gap: 8px; }
  .ac-pushButton { border: 1px solid; border-radius: 4px; font: 600 14px 'Open Sans', sans-serif; padding: 5px 12px; }
  .ac-input { width: 100%; border: 1px solid; font: 14px 'Open Sans', sans-serif; padding: 6px 10px; }
  .ac-input[type=checkbox] { width: auto; }
  ol, ul { margin: 0; padding-left: 20px; } p { margin: 0; }`;
