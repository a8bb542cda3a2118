import type { Browser, Page } from 'playwright-core';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { sandboxAppId } from '../../sandbox/teams/face';
import { launchBrowser } from '../support/browser';
import { cardAttachment, connector, FakeBot, reply } from './fake-bot';

let browser: Browser;
let world: ListeningSandbox;
let bot: FakeBot;
let page: Page;
let problems: string[];
/** What the browser says of what a test does on purpose; it may say so when the test is over. */
let expected: RegExp;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

beforeEach(async () => {
  bot = new FakeBot();
  const botUrl = await bot.start(() => world.teamsUrl, sandboxAppId);
  world = await startSandbox({ botUrl, limits: false });
  problems = [];
  expected = /^$/;
  page = await (await browser.newContext({ viewport: { width: 1200, height: 800 } })).newPage();
  page.setDefaultTimeout(10_000);
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (line) => line.type() === 'error' && problems.push(line.text()));
});

afterEach(async () => {
  await page.context().close();
  await world.close();
  await bot.stop();
  expect(problems.filter((problem) => !expected.test(problem))).toEqual([]);
});

const composer = () => page.locator('#composer textarea');

const ask = cardAttachment(
  [
    { type: 'TextBlock', text: 'Publish ubuntu-22 1.6.0?', weight: 'Bolder' },
    {
      type: 'TextBlock',
      text: '**bold** and `code` # no heading [bad](javascript:alert(1)) [good](https://example.com)',
      wrap: true,
    },
    { type: 'Input.Text', id: 'reason', label: 'Reason', placeholder: 'What must change?' },
  ],
  [{ type: 'Action.Execute', title: 'Approve', verb: 'approve', style: 'positive', data: { request: 'R-7F3KQ' } }],
);

async function say(as: string, where: string, text: string): Promise<void> {
  await fetch(`${world.teamsUrl}/api/say`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ as, in: where, text }),
  });
}

describe('a newcomer', () => {
  it('gets the first words from the empty channel, sends them, and reads the answer in the thread', async () => {
    bot.turn = (activity) => reply(activity, { text: `heard ${activity.text}` });
    await page.goto(world.teamsUrl);

    await page.getByRole('button', { name: 'Write “@goldbot publish ubuntu-22”' }).click();
    await composer().press('Enter');

    await page.locator('#messages').getByText('heard').waitFor();
    expect(bot.turns[0]?.text).toBe('<at>goldbot</at> publish ubuntu-22');
    expect(await page.locator('.thread .message').allInnerTexts()).toEqual([
      expect.stringContaining('goldbot publish ubuntu-22'),
      expect.stringContaining('heard goldbot publish ubuntu-22'),
    ]);
  });

  it('is told when goldbot would not hear, and is offered its name after an @', async () => {
    await page.goto(world.teamsUrl);
    await composer().pressSequentially('publish');
    const warned = await page.getByText('goldbot hears only what mentions it.').isVisible();

    await composer().fill('');
    await composer().pressSequentially('@go');
    await page.getByRole('option', { name: /goldbot/ }).waitFor();
    await composer().press('Enter');

    expect(warned).toBe(true);
    expect(await composer().inputValue()).toBe('@goldbot ');
  });
});

describe('a card', () => {
  beforeEach(async () => {
    bot.turn = (activity) => reply(activity, ask);
    await say('Ada', 'Image Factory / approvals', '@goldbot ask');
    await page.goto(`${world.teamsUrl}/?as=Ada&in=Image Factory / approvals`);
    await page.getByPlaceholder('What must change?').waitFor();
  });

  it("shows Teams' markdown and nothing more", async () => {
    const card = page.locator('.card');

    expect(await card.locator('strong').textContent()).toBe('bold');
    expect(await card.locator('code, h1, h2').count()).toBe(0);
    expect(
      await card.locator('a').evaluateAll((links) => links.map((a) => (a as unknown as { href: string }).href)),
    ).toEqual(['https://example.com/']);
  });

  it('says next to it why a click was refused', async () => {
    const refusal = {
      statusCode: 200,
      type: 'application/vnd.microsoft.activity.message',
      value: 'You asked yourself.',
    };
    bot.turn = () => refusal;

    await page.getByRole('button', { name: 'Approve' }).click();

    await page.getByRole('status').getByText('You asked yourself.').waitFor();
    expect(bot.turns.at(-1)?.value.action.data).toMatchObject({ request: 'R-7F3KQ' });
  });

  it('says under the words of Teams that goldbot would not have the click', async () => {
    bot.turn = () => {
      throw Object.assign(new Error('not of this tenant'), { name: 'Refused' });
    };

    await page.getByRole('button', { name: 'Approve' }).click();

    await page.locator('.notice', { hasText: 'Something went wrong.' }).getByText('The bot answered 401.').waitFor();
  });

  it('is edited in place: what was typed stays, and so does the place where one reads', async () => {
    const [activity] = bot.turns;
    if (!activity) throw new Error('nothing heard');
    await page.getByPlaceholder('What must change?').fill('half a reas');
    const message = page.locator('.message.by-bot');
    const id = await message.getAttribute('data-id');
    await message.evaluate((element) => Object.assign(element, { mark: 'same element' }));
    const edited = structuredClone(ask) as { attachments: { content: { body: { text?: string }[] } }[] };
    Object.assign(edited.attachments[0]?.content.body[0] ?? {}, { text: 'Publish ubuntu-22 1.6.1?' });

    await connector(activity, 'PUT', `conversations/${activity.conversation.id}/activities/${id}`, {
      type: 'message',
      ...edited,
    });

    await page.getByText('Publish ubuntu-22 1.6.1?').waitFor();
    expect(await page.getByPlaceholder('What must change?').inputValue()).toBe('half a reas');
    expect(await page.getByPlaceholder('What must change?').evaluate((e) => e.matches(':focus'))).toBe(true);
    expect(await message.evaluate((element) => (element as unknown as { mark: string }).mark)).toBe('same element');
  });
});

describe('the page', () => {
  it('lets one be somebody else, who sees their own chat and what is new to them', async () => {
    await say('Ada', 'goldbot', 'my secret');
    await page.goto(`${world.teamsUrl}/?as=Ada&in=goldbot`);
    await page.getByText('my secret').waitFor();

    await page.getByRole('button', { name: /You are Ada/ }).click();
    await page.getByRole('menuitemradio', { name: /Grace/ }).click();
    await page.getByRole('heading', { name: 'Hello Grace' }).waitFor();
    await say('Ada', 'payments / ops', 'news for everybody');

    await page.locator('.entry.news', { hasText: 'ops' }).waitFor();
    expect(await page.getByText('my secret').count()).toBe(0);
    expect(await page.title()).toMatch(/^\(1\) /);
  });

  it('fits a narrow window: the list, then the conversation, nothing sideways', async () => {
    bot.turn = (activity) => reply(activity, ask);
    await say('Ada', 'goldbot', 'ask');
    await page.setViewportSize({ width: 400, height: 800 });
    await page.goto(world.teamsUrl);

    await page.getByRole('button', { name: 'goldbot', exact: false }).first().click();
    await page.getByPlaceholder('What must change?').waitFor();
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    await page.getByRole('button', { name: 'Back to the list' }).click();

    expect(wide).toBe(400);
    expect(await page.locator('.list').isVisible()).toBe(true);
    expect(await page.locator('.talk').isVisible()).toBe(false);
  });

  it('says so on the message when goldbot did not get it', async () => {
    await bot.stop();
    expected = /status of 502/;
    await page.goto(`${world.teamsUrl}/?in=goldbot`);

    await composer().fill('anybody there?');
    await composer().press('Enter');

    await page.getByText(/goldbot did not get this\. No bot answers at/).waitFor();
  });

  it('says beside the message that goldbot refused its sender', async () => {
    bot.turn = () => {
      throw Object.assign(new Error('not of this tenant'), { name: 'Refused' });
    };
    await page.goto(`${world.teamsUrl}/?as=Mallory&in=goldbot`);

    await composer().fill('versions ubuntu-22');
    await composer().press('Enter');

    await page.locator('.message', { hasText: 'versions ubuntu-22' }).getByText('Mallory was refused.').waitFor();
    await page.getByText('The bot answered 401').waitFor();
  });

  it('leads back and forward between conversations and people', async () => {
    const at = () => page.evaluate('decodeURIComponent(location.search).replaceAll("+", " ")');
    const title = (name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();
    await page.goto(world.teamsUrl);
    await page.locator('.entry', { hasText: 'approvals' }).click();
    await title('approvals');
    await page.getByRole('button', { name: /You are Ada/ }).click();
    await page.getByRole('menuitemradio', { name: /Grace/ }).click();
    await page.getByRole('button', { name: /You are Grace/ }).waitFor();
    expect(await at()).toBe('?as=Grace&in=Image Factory / approvals');

    await page.goBack();
    await page.getByRole('button', { name: /You are Ada/ }).waitFor();
    await title('approvals');
    await page.goBack();
    await title('General');
    await page.goForward();
    await title('approvals');
    expect(await at()).toBe('?as=Ada&in=Image Factory / approvals');
  });

  it('keeps what was begun, for each person and conversation, over a reload', async () => {
    await page.goto(`${world.teamsUrl}/?as=Ada&in=goldbot`);
    await composer().fill('versions of');
    await page.locator('.entry', { hasText: 'approvals' }).click();
    await page.getByRole('heading', { name: 'approvals', level: 1 }).waitFor();
    const elsewhere = await composer().inputValue();
    const marked = await page.locator('.entry', { hasText: 'goldbot' }).getByText('Draft').count();

    await page.reload();
    await page.locator('.entry', { hasText: 'goldbot' }).click();
    await page.getByRole('heading', { name: 'goldbot', level: 1 }).waitFor();
    const kept = await composer().inputValue();
    await page.goto(`${world.teamsUrl}/?as=Grace&in=goldbot`);
    await composer().waitFor();

    expect([elsewhere, marked, kept, await composer().inputValue()]).toEqual(['', 1, 'versions of', '']);
  });

  it('counts what comes while one reads further up, and leads there', async () => {
    for (let i = 0; i < 12; i += 1) await say('Ada', 'payments / ops', `line ${i}`);
    await page.goto(`${world.teamsUrl}/?as=Linus&in=payments / ops`);
    await page.getByText('line 11').waitFor();
    await page.locator('#messages').evaluate((element) => element.scrollTo(0, 0));
    await say('Ada', 'payments / ops', 'one more');
    await say('Ada', 'payments / ops', 'and another');

    await page.getByRole('button', { name: '2 new messages' }).click();

    await page.locator('#news').waitFor({ state: 'hidden' });
    expect(await page.locator('.message', { hasText: 'one more' }).evaluate((e) => e.matches(':focus'))).toBe(true);
    expect(await page.locator('#aloud').textContent()).toContain('Ada: and another');
  });

  it('shows somebody else beside, who acts there', async () => {
    await page.goto(`${world.teamsUrl}/?as=Ada&in=payments / ops`);
    await page.getByRole('button', { name: /You are Ada/ }).click();
    await page.getByRole('menuitem', { name: 'Open Grace beside' }).click();
    const grace = page.frameLocator('iframe');

    await grace.locator('#composer textarea').fill('hello from Grace');
    await grace.locator('#composer textarea').press('Enter');
    await page.locator('#messages').getByText('hello from Grace').waitFor();
    const address = page.url();
    await page.getByRole('button', { name: 'Close Grace' }).click();

    expect(address).toContain('beside=Grace');
    expect(await page.locator('iframe').count()).toBe(0);
    expect(page.url()).not.toContain('beside');
  });

  it('goes to a moment that somebody has told the sandbox', async () => {
    const at = new Date(world.world.clock.nowMs() + 3 * 24 * 3_600_000).toISOString();
    await fetch(`${world.teamsUrl}/_sandbox/moments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ moments: [{ kind: 'digest', name: 'payments', at }] }),
    });
    await page.goto(world.teamsUrl);

    await page.locator('#clock').click();
    await page.getByRole('button', { name: /Next digest.*payments/ }).click();
    await page.getByText('goldbot waits for nothing').waitFor();

    expect(world.world.clock.nowMs()).toBeGreaterThanOrEqual(Date.parse(at));
  });

  it('lets an hour of world time pass', async () => {
    await page.goto(world.teamsUrl);
    const before = world.world.clock.nowMs();

    await page.locator('#clock').click();
    await page.getByRole('button', { name: '+1 h' }).click();
    await page.waitForFunction(`Date.parse(document.querySelector('#clock-now').dateTime) >= ${before + 3_600_000}`);

    expect(world.world.clock.nowMs()).toBeGreaterThanOrEqual(before + 3_600_000);
  });
});
