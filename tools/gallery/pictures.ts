import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { browserHome, launchBrowser } from '../../test/support/browser';
import { toPalette } from './palette-png';

/** A card and the path of its pictures below the folder, without `-light.png`. */
export interface Shot {
  readonly name: string;
  readonly card: object;
}

type Look = 'light' | 'dark';
const bothLooks: readonly Look[] = ['light', 'dark'];

const modules = join(__dirname, '../..', 'node_modules');
/** Its elements are those that Teams draws and the open renderer does not. */
const sandboxPage = join(__dirname, '../..', 'sandbox', 'page');
const elementLooks = () => readFileSync(join(sandboxPage, 'elements.css'), 'utf8');
const font = "'Open Sans', sans-serif";
const width = 560;

/** Teams draws buttons and inputs itself; adaptivecards leaves them to the page. */
function style(look: Look): string {
  const dark = look === 'dark';
  const line = dark ? '#5c5c5c' : '#c8c8c8';
  const text = dark ? '#ffffff' : '#242424';
  return `
    * { box-sizing: border-box; }
    :root { color-scheme: ${look}; }
    .ac-actionSet { flex-wrap: wrap; row-gap: 8px; }
    body { margin: 0; padding: 12px; background: ${dark ? '#1f1f1f' : '#f5f5f5'}; color: ${text};
      font-family: ${font}; -webkit-font-smoothing: antialiased; }
    .card { background: ${dark ? '#2d2c2c' : '#ffffff'}; border-radius: 4px; padding: 4px;
      box-shadow: 0 1px 2px rgba(0, 0, 0, .2); }
    .ac-adaptiveCard { outline: none; }
    .ac-pushButton { background: ${dark ? '#2d2c2c' : '#ffffff'}; border: 1px solid ${line}; border-radius: 4px; color: ${text};
      font: 600 14px ${font}; padding: 5px 12px; min-height: 32px; }
    .ac-pushButton.style-positive { background: #5b5fc7; border-color: #5b5fc7; color: #ffffff; }
    .ac-pushButton.style-destructive { color: ${dark ? '#f9526b' : '#c4314b'}; }
    .ac-input { width: 100%; background: ${dark ? '#1f1f1f' : '#ffffff'}; border: 1px solid ${line}; border-radius: 4px;
      color: ${text}; font: 14px ${font}; padding: 6px 10px; min-height: 32px; }
    .ac-input.ac-toggleInput { width: auto; padding: 0; border: 0; background: none; }
    .ac-input[type=checkbox] { width: auto; min-height: 0; }
    ::placeholder { color: ${dark ? '#9a9a9a' : '#767676'}; }
    ol, ul { margin: 0; padding-left: 20px; } p { margin: 0; }`;
}

/** Open Sans is as wide as Segoe UI and comes with @sparticuz/chromium, so the pictures look alike everywhere. */
function fontFaces(): string {
  const faces = [
    { weight: 400, file: 'OpenSans-Regular.ttf' },
    { weight: 600, file: 'OpenSans-Bold.ttf' },
  ];
  return faces
    .map(({ weight, file }) => {
      const data = readFileSync(join(browserHome, 'fonts', 'fonts', 'Open_Sans', file)).toString('base64');
      return `@font-face { font-family: 'Open Sans'; font-weight: ${weight}; src: url(data:font/ttf;base64,${data}); }`;
    })
    .join('\n');
}

/** Extremely long texts are cut here: the picture shows that nothing breaks, not the whole text. */
const maxHeight = { hostile: 320, usual: 1600 } as const;

/** Draws each card in light and dark into `<folder>/<name>-<look>.png`. */
export async function drawPictures(shots: readonly Shot[], folder: string, looks: readonly Look[] = bothLooks) {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ deviceScaleFactor: 1 });
    for (const look of looks) {
      await prepare(page, look);
      for (const shot of shots) await draw(page, shot, join(folder, `${shot.name}-${look}.png`));
    }
  } finally {
    await browser.close();
  }
}

async function prepare(page: Page, look: Look): Promise<void> {
  await page.setContent(
    `<!doctype html><html data-theme="${look}"><style>${fontFaces()}${style(look)}${elementLooks()}</style><div class="card"></div>`,
  );
  await page.addScriptTag({ path: join(modules, 'adaptivecards/dist/adaptivecards.min.js') });
  await page.addScriptTag({ path: join(modules, 'markdown-it/dist/browser/markdown-it.umd.min.js') });
  await page.addScriptTag({ path: join(sandboxPage, 'elements.js'), type: 'module' });
  const config = join(modules, `adaptivecards-designer/lib/hostConfigs/microsoft-teams-${look}.json`);
  await page.evaluate(`window.hostConfig = ${readFileSync(config, 'utf8')}`);
  await page.evaluate(`hostConfig.fontTypes.default.fontFamily = ${JSON.stringify(font)}`);
  // The subset that Teams reads in cards: bold, italics, lists, links.
  await page.evaluate(`
    const md = (window.markdownit || window.markdownIt)('zero').enable(['emphasis', 'escape', 'link', 'list', 'entity', 'newline']);
    AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
      result.outputHtml = md.render(text);
      result.didProcess = true;
    };`);
}

async function draw(page: Page, shot: Shot, path: string): Promise<void> {
  await page.setViewportSize({ width, height: 400 });
  await page.evaluate(`(() => {
    const card = new AdaptiveCards.AdaptiveCard();
    card.hostConfig = new AdaptiveCards.HostConfig(window.hostConfig);
    const width = document.querySelector('.card').clientWidth;
    card.parse(teamsElements.fitted(${JSON.stringify(shot.card)}, teamsElements.widthName(width)));
    document.querySelector('.card').replaceChildren(card.render());
  })()`);
  mkdirSync(dirname(path), { recursive: true });
  await page.evaluate('document.fonts.ready.then(() => undefined)');
  const height = Math.ceil(await page.evaluate<number>('document.body.getBoundingClientRect().height'));
  const max = shot.name.endsWith('/hostile') ? maxHeight.hostile : maxHeight.usual;
  const clip = { x: 0, y: 0, width, height: Math.min(height, max) };
  writeFileSync(path, toPalette(await page.screenshot({ fullPage: true, clip })));
}
