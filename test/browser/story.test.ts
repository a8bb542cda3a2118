import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { type Browser, type Locator, type Page, chromium as playwright } from 'playwright-core';
import { type LocalWorld, startWorld } from '../support/world';

/** Set by `npm run screenshots`: the pictures of the README are taken from this very story. */
const docs = process.env['GOLDBOT_SCREENSHOTS'] ? join(__dirname, '../../docs') : undefined;

jest.setTimeout(150_000);

let browser: Browser;
let world: LocalWorld;
let page: Page;
let problems: string[];

beforeAll(async () => {
  // One process for all pages dies with the first page that is closed.
  const args = chromium.args.filter((a) => a !== '--single-process');
  const executablePath = await chromium.executablePath();
  [browser, world] = await Promise.all([playwright.launch({ executablePath, args }), startWorld({ speed: 600 })]);
  problems = [];
  page = await browser.newPage({ viewport: { width: 1280, height: 1060 }, colorScheme: 'light' });
  page.setDefaultTimeout(60_000);
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => line.type() === 'error' && problems.push(line.text()));
});

afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const messages = (): Locator => page.locator('#messages');
const lastCard = (title: string | RegExp): Locator =>
  page.locator('#messages .ac-adaptiveCard').filter({ hasText: title }).last();

async function open(as: string, where: string): Promise<void> {
  await page.goto(`${world.teamsUrl}/?as=${as}&in=${encodeURIComponent(where)}`);
  await page.locator('#composer textarea').waitFor();
}

async function write(text: string): Promise<void> {
  await page.locator('#composer textarea').fill(text);
  await page.keyboard.press('Enter');
}

const press = (card: Locator, button: string) => card.getByRole('button', { name: button, exact: true }).click();

async function breakTheImage(set: unknown): Promise<void> {
  await fetch(`${world.azureUrl}/_sandbox/guest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ image: 'ubuntu-22', set }),
  });
}

async function picture(name: string): Promise<void> {
  if (!docs) return;
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.waitForTimeout(400);
    await page.screenshot({ path: join(docs, `${name}-${scheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

describe('the story of one image, in the browser', () => {
  it('is asked for, fails a test, is rebuilt, refused to its requester, approved by another, and shows', async () => {
    await breakTheImage({ services: { chrony: null } });
    await open('Ada', 'Image Factory / General');
    await write('@goldbot publish ubuntu-22');

    const broken = lastCard('Needs repair: ubuntu-22 1.6.0');
    await broken.waitFor();
    expect(await broken.textContent()).toMatch(/time/);
    await picture('repair');

    await breakTheImage(null);
    await press(broken, 'Rebuild');
    await lastCard('Waiting for approval: ubuntu-22 1.6.1').waitFor();

    await open('Ada', 'Image Factory / approvals');
    const asked = lastCard('Publish ubuntu-22 1.6.1?');
    await press(asked, 'Approve');
    await messages()
      .getByText(/You cannot approve R-\w{5}: you requested it, Ada/)
      .waitFor();
    expect(await asked.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(1);

    await open('Grace', 'Image Factory / approvals');
    await picture('approval');
    await press(lastCard('Publish ubuntu-22 1.6.1?'), 'Approve');
    await lastCard(/Approved: ubuntu-22 1\.6\.1|ubuntu-22 1\.6\.1.*approved/i).waitFor();
    expect(await page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);

    await open('Ada', 'Image Factory / General');
    await lastCard('Published ubuntu-22 1.6.1').waitFor();
    await picture('story');
    await write('@goldbot versions ubuntu-22');
    const versions = lastCard(/4 versions/);
    await versions.waitFor();
    expect(await versions.textContent()).toMatch(/1\.6\.1[\s\S]*Latest[\s\S]*1\.5\.0[\s\S]*Aged/);
    await picture('versions');
    expect(problems).toEqual([]);
  });
});
