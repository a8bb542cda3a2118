import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { sandboxAppId } from '../../sandbox/teams/face';
import { cardAttachment, FakeBot, reply } from '../sandbox/fake-bot';
import { launchBrowser } from '../support/browser';
import { inFull, some } from '../support/size';

const root = join(__dirname, '../..');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: readonly string[]; readonly html: string }[];
  }[];
}

let browser: Browser;
let world: ListeningSandbox;
let bot: FakeBot;

beforeAll(async () => {
  browser = await launchBrowser();
  bot = new FakeBot();
  bot.turn = (activity) => {
    if (activity.name === 'task/fetch') return dialogOf('form/hostile');
    if (activity.name?.startsWith('composeExtension/')) return found();
    return reply(activity, cardOf(activity.text));
  };
  const botUrl = await bot.start(() => world.teamsUrl, sandboxAppId);
  world = await startSandbox({ botUrl, limits: false, speed: 0 });
  await say('Ada', 'Image Factory / General', '@goldbot approval/first-version');
  await say('Ada', 'goldbot', 'versions/typical');
});

afterAll(async () => {
  await browser.close();
  await world.close();
  await bot.stop();
});

/** A card of the gallery by its name, as goldbot sends it; `facts`: the widest that it sends. */
function cardOf(said: string) {
  if (said.endsWith('facts')) return cardAttachment([widest]);
  const { body, actions } = gallery(/[\w-]+\/[\w-]+/.exec(said)?.[0] ?? '');
  const form = { type: 'Action.Submit', title: 'Fill in', data: { msteams: { type: 'task/fetch' } } };
  return said.includes('form/') ? cardAttachment([], [form]) : cardAttachment(body, actions);
}

function gallery(name: string) {
  const { card } = JSON.parse(readFileSync(join(root, 'docs/gallery', `${name}.json`), 'utf8'));
  if (!card?.body) throw new Error(`no card ${name}`);
  return card;
}

/** A title that is kept whole, beside words of as many characters as are kept together (cards/render). */
const widest = {
  type: 'FactSet',
  facts: [
    {
      title: 'Counted\u00a0as\u00a0risks',
      value: 'SHA-256 B61E0448B38EE587\u200b4DB3612ECDA81F02\u200b9CD4232F9029EB1E',
    },
  ],
};

/** One version: in the list beside the message box, and as the card that is put into the message. */
function found() {
  const tap = { type: 'invoke', value: { verb: 'show' } };
  const content = { title: 'ubuntu-22 1.5.0', text: 'Latest · published 2026-10-21', tap };
  const preview = { contentType: 'application/vnd.microsoft.card.thumbnail', content };
  const card = {
    contentType: 'application/vnd.microsoft.card.adaptive',
    content: gallery('version-glance/aged'),
    preview,
  };
  return { composeExtension: { type: 'result', attachmentLayout: 'list', attachments: [card] } };
}

/** The dialog that its button opens: a card of the gallery as the bot answers with it. */
function dialogOf(name: string) {
  const card = { contentType: 'application/vnd.microsoft.card.adaptive', content: gallery(name) };
  return { task: { type: 'continue', value: { title: 'Publish', width: 'medium', height: 'medium', card } } };
}

async function say(as: string, where: string, text: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const said = await fetch(`${world.teamsUrl}/api/say`, {
    ...{ method: 'POST', headers },
    body: JSON.stringify({ as, in: where, text }),
  });
  expect(((await said.json()) as { messages: unknown[] }).messages).toHaveLength(1);
}

async function open(address: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options })).newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(world.teamsUrl + address);
  await page.locator('#composer textarea').waitFor({ state: 'attached' });
  await page.locator('#clock-now').getByText('UTC').waitFor();
  return page;
}

/** What axe finds, a line for each element: which rule, and where. */
async function findings(page: Page): Promise<readonly string[]> {
  // As a debugger does it: nothing that the page's policy would have to allow.
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  await page.context().close();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.html}`));
}

const general = '/?as=Ada&in=Image Factory / General';
const phone = { viewport: { width: 320, height: 640 } };
/** High contrast, as Windows has it: the page keeps no colour of its own. */
const forced = { forcedColors: 'active' } as const;
const looks: readonly BrowserContextOptions[] = [phone, {}, { colorScheme: 'dark' }, forced];

describe('axe finds nothing', () => {
  it('in a channel with a card, the tour and the clock open', async () => {
    const page = await open(general);
    await page.locator('#clock').click();
    await page.locator('.card').waitFor();

    expect(await page.locator('#tour').isVisible()).toBe(true);
    expect(await findings(page)).toEqual([]);
  });

  it('in the dark, in one’s own chat, while the people are listed', async () => {
    const page = await open('/?as=Ada&in=goldbot', { colorScheme: 'dark' });
    await page.locator('#me').click();

    expect(await findings(page)).toEqual([]);
  });

  it('in a dialog with a form, on a phone, in light, in dark and in forced colours', async () => {
    await say('Grace', 'goldbot', 'form/hostile');
    for (const options of some(1, looks)) {
      const page = await open('/?as=Grace&in=goldbot', options);
      await page.getByRole('button', { name: 'Fill in' }).click();
      await page.locator('dialog input, dialog textarea').first().waitFor();

      expect(await findings(page)).toEqual([]);
    }
  });

  inFull(
    'in the search beside the message box, and with what it found in the message, however it is shown',
    async () => {
      for (const options of some(1, looks)) {
        const looking = async () => {
          const page = await open('/?as=Ada&in=goldbot', options);
          await page.getByRole('button', { name: 'Find in goldbot' }).click();
          await page.getByRole('button', { name: 'ubuntu-22 1.5.0' }).waitFor();
          return page;
        };
        expect(await findings(await looking())).toEqual([]);
        // By keys alone, as somebody does who sees nothing of it.
        const page = await looking();
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        await page.getByRole('button', { name: 'Take ubuntu-22 1.5.0 out of the message' }).waitFor();
        expect(await findings(page)).toEqual([]);
      }
    },
  );

  it('on a phone of 320 pixels', async () => {
    expect(await findings(await open(general, phone))).toEqual([]);
  });

  inFull('on the list of a phone, and in the dark with the tour', async () => {
    expect(await findings(await open('/?as=Ada', phone))).toEqual([]);
    expect(await findings(await open(general, { colorScheme: 'dark' }))).toEqual([]);
    expect(await findings(await open('/?as=Dana&in=payments / ops'))).toEqual([]);
  });
});

/** Of each kind of card the fullest. */
function fullest(): readonly string[] {
  const gallery = join(root, 'docs/gallery');
  const size = (name: string) => statSync(join(gallery, `${name}.json`)).size;
  const kinds = readdirSync(gallery, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return kinds.flatMap(({ name: kind }) =>
    readdirSync(join(gallery, kind))
      .filter((file) => /^(?!template|data|hostile).*\.json$/.test(file))
      .map((file) => `${kind}/${file.replace('.json', '')}`)
      .sort((a, b) => size(b) - size(a))
      .slice(0, 1),
  );
}

describe('axe finds nothing in any kind of card', () => {
  inFull(
    'in light, in dark and in forced colours',
    async () => {
      for (const name of fullest()) await say('Dana', 'goldbot', name);
      for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark' }, forced] as const)
        expect(await findings(await open('/?as=Dana&in=goldbot', options))).toEqual([]);
    },
    300_000,
  );
});

/** Words that reach beyond what shows them, and the page beyond the window. */
const cut = `[...document.querySelectorAll('.top *, .list *, .tour *, .talk-head *, #composer *, .panel *')]
  .filter((e) => e.checkVisibility() && e.clientWidth > 0 && !e.closest('.hidden-words, .skip'))
  .filter((e) => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => e.outerHTML.slice(0, 90))
  .concat(document.documentElement.scrollWidth > innerWidth ? ['the page'] : [])`;

/** Facts that are wider than their card, or whose title has run into the value. */
const cutFacts = `[...document.querySelectorAll('.ac-factset')].flatMap((set) => [...set.rows].flatMap((row) => {
  const [title, , value] = row.cells;
  const right = set.getBoundingClientRect().right + 1;
  const words = document.createRange();
  words.selectNodeContents(title);
  const isCut = value.getBoundingClientRect().right > right;
  const runsIn = words.getBoundingClientRect().right > value.getBoundingClientRect().left;
  return isCut || runsIn ? [row.innerText.slice(0, 60)] : [];
}))`;

describe('nothing is cut', () => {
  it('on a phone of 320 pixels, where the clock is open', async () => {
    const page = await open(general, phone);
    await page.locator('#clock').click();

    expect(await page.evaluate(cut)).toEqual([]);
    await page.context().close();
  });

  it('in the facts of a card, on a phone of 320 pixels', async () => {
    // In a channel, where the thread takes some of the width.
    await say('Ada', 'Image Factory / approvals', '@goldbot facts');
    const page = await open('/?as=Ada&in=Image Factory / approvals', phone);
    await page.locator('.ac-factset').waitFor();

    expect(await page.evaluate(cutFacts)).toEqual([]);
    await page.context().close();
  });

  it('when the text is twice as large', async () => {
    const page = await open(general);
    const session = await page.context().newCDPSession(page);
    await session.send('Page.setFontSizes', { fontSizes: { standard: 32 } });
    await page.waitForFunction('getComputedStyle(document.documentElement).fontSize === "32px"');
    await page.locator('#clock').click();

    expect(await page.evaluate(cut)).toEqual([]);
    await page.context().close();
  });
});
