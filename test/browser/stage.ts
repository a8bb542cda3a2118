import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { toPalette } from '../../tools/gallery/palette-png';
import { launchBrowser } from '../support/browser';
import { type LocalWorld, startWorld } from '../support/world';

/** Set by `npm run screenshots`: the pictures of the README are taken from these very stories. */
const docs = process.env['GOLDBOT_SCREENSHOTS'] ? join(__dirname, '../../docs') : undefined;

/** A whole goldbot, its sandbox, and a person before the sandbox's page. */
export class Stage {
  /** What the page complained of. */
  readonly problems: string[] = [];

  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
    readonly world: LocalWorld,
  ) {
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (line) => line.type() === 'error' && this.problems.push(line.text()));
  }

  /** `prepare`: another tenant than the story's. `tour`: it is open, as for a newcomer. */
  static async open(
    viewport: { width: number; height: number },
    prepare?: NonNullable<Parameters<typeof startWorld>[0]>['prepare'],
    { tour = false }: { readonly tour?: boolean } = {},
  ): Promise<Stage> {
    const [browser, world] = await Promise.all([
      launchBrowser(),
      startWorld({ speed: 600, ...(prepare && { prepare }) }),
    ]);
    const page = await browser.newPage({ viewport, colorScheme: 'light' });
    // The stories are of conversations; the tour has one of its own.
    if (!tour) await page.addInitScript(`localStorage.setItem('tour', '{"closed":true}')`);
    return new Stage(browser, page, world);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.world.stop();
  }

  /** Becomes this person in this conversation. */
  async goTo(as: string, where: string): Promise<void> {
    await this.page.goto(`${this.world.teamsUrl}/?as=${as}&in=${encodeURIComponent(where)}`);
    await this.page.locator('#composer textarea').waitFor();
  }

  async write(text: string): Promise<void> {
    await this.page.locator('#composer textarea').fill(text);
    await this.page.keyboard.press('Enter');
  }

  messages(): Locator {
    return this.page.locator('#messages');
  }

  lastCard(title: string | RegExp): Locator {
    return this.page.locator('#messages .ac-adaptiveCard').filter({ hasText: title }).last();
  }

  async press(card: Locator, button: string): Promise<void> {
    await card.getByRole('button', { name: button, exact: true }).click();
  }

  /** Of the sandbox: `/_sandbox/guest`, or what somebody asks Azure for who is not goldbot. */
  async tell(path: string, body: unknown, method = 'POST'): Promise<void> {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer azure' };
    const response = await fetch(this.world.azureUrl + path, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }

  /** Into `docs/`; nothing in a test. `height`: of a window in which the whole thread shows. */
  async picture(
    name: string,
    { schemes = ['light', 'dark'], height }: { schemes?: readonly ('light' | 'dark')[]; height?: number } = {},
  ): Promise<void> {
    if (!docs) return;
    const usual = this.page.viewportSize() ?? { width: 1280, height: 1060 };
    if (height !== undefined) await this.page.setViewportSize({ ...usual, height });
    // In one step: a card of the whole thread may be drawn anew between finding it and scrolling to it.
    await this.page.evaluate("[...document.querySelectorAll('#messages .ac-adaptiveCard')].at(-1)?.scrollIntoView()");
    for (const scheme of schemes) {
      await this.page.emulateMedia({ colorScheme: scheme });
      await this.page.waitForTimeout(400);
      writeFileSync(join(docs, `${name}-${scheme}.png`), toPalette(await this.page.screenshot()));
    }
    await this.page.emulateMedia({ colorScheme: 'light' });
    await this.page.setViewportSize(usual);
  }
}
