import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { elementsOfTeams } from '../conformance/cards';
import { launchBrowser } from '../support/browser';
import { isFull } from '../support/size';

const modules = join(__dirname, '../../node_modules');
const gallery = join(__dirname, '../../docs/gallery');
const files = readdirSync(gallery, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
const templates = files.filter((file) => file.endsWith('/template.json')).map((file) => dirname(file));
/** Texts of extreme length are drawn in other tests. */
const all = files.filter((file) => !/\/(template|data|hostile)\.json$/.test(file));
/** Of every third card the fullest in `npm test`: the designer takes its time. */
const fullest = all.filter((file) => sizeOf(file) === Math.max(...besides(file).map(sizeOf)));
const cases = isFull ? all : fullest.filter((_, n) => n % 3 === 0);

function besides(file: string): readonly string[] {
  return all.filter((other) => dirname(other) === dirname(file));
}

function sizeOf(file: string): number {
  return statSync(join(gallery, file)).size;
}

function read(file: string) {
  return JSON.parse(readFileSync(join(gallery, file), 'utf8'));
}

/** What the designer has against a card, and the words that it shows of it. */
interface Shown {
  readonly found: readonly string[];
  readonly text: string;
}

/** Microsoft's Adaptive Cards Designer, with the editor that it needs, as its README sets it up. */
const page = `<!doctype html>
<link rel="stylesheet" href="/adaptivecards-designer/dist/adaptivecards-designer.css">
<script src="/adaptivecards/dist/adaptivecards.js"></script>
<script>var exports = {};</script>
<script src="/adaptive-expressions/lib/browser.js"></script>
<script>window.AEL = exports; exports = undefined;</script>
<script src="/adaptivecards-templating/dist/adaptivecards-templating.min.js"></script>
<script src="/adaptivecards-designer/dist/adaptivecards-designer.js"></script>
<script src="/monaco-editor/min/vs/loader.js"></script>
<div id="designer"></div>
<script>
  Object.assign(ACDesigner.GlobalSettings, { enableDataBindingSupport: true, showSampleDataEditorToolbox: true });
  const designer = new ACDesigner.CardDesigner(
    ACDesigner.defaultMicrosoftHosts.filter(({ name }) => /Teams.*Light/.test(name)),
  );
  designer.assetPath = '/adaptivecards-designer/dist';
  designer.attachTo(document.getElementById('designer'));
  designer.targetVersion = AdaptiveCards.Versions.v1_5;
  designer.bindingPreviewMode = ACDesigner.BindingPreviewMode.SampleData;
  require.config({ paths: { vs: '/monaco-editor/min/vs' } });
  require(['vs/editor/editor.main'], () => {
    designer.monacoModuleLoaded();
    window.ready = true;
  });
  window.load = (template, data) => {
    let found = [];
    designer.onCardValidated = (_, entries) => { found = entries.map(({ message }) => message); };
    designer.sampleData = data;
    designer.setCard(template);
    found = [];
    designer.togglePreview();
    const shown = document.getElementById('designerHost') ?? document.getElementById('cardArea');
    const told = { found, text: shown.innerText };
    // Drawn for editing a card costs most, and this one was: the next begins from an empty one.
    designer.setCard({ type: 'AdaptiveCard', body: [] });
    designer.togglePreview();
    return told;
  };
</script>`;

const expressions = '/adaptive-expressions/lib/browser.js';

/** The browser build of adaptive-expressions has an empty object for Node's `assert`, which its parser calls. */
function withAssert(script: string): string {
  const stub = /Array2DHashSet=void 0;var \w+=(\(\w+\(\),\w+\(\w+\)\))/.exec(script)?.[1];
  if (stub === undefined) throw new Error('adaptive-expressions: is its `assert` there now?');
  return script.replaceAll(stub, '(() => {})');
}

/** Serves the page and the packages that it loads; nothing else. */
function serve(): Promise<Server> {
  const types: Readonly<Record<string, string>> = { css: 'text/css', js: 'text/javascript', ttf: 'font/ttf' };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://page').pathname);
    if (path === '/') return response.setHeader('content-type', 'text/html').end(page);
    const file = join(modules, path);
    if (!file.startsWith(modules) || !existsSync(file)) {
      response.writeHead(404);
      return response.end();
    }
    response.setHeader('content-type', types[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
    if (path === expressions) return response.end(withAssert(readFileSync(file, 'utf8')));
    return createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** What Teams alone draws brings a fallback along, which the designer shows. */
function ofTeams(message: string): boolean {
  const [, type = ''] = /^Unknown element type "([\w.]+)"\. Fallback will be used/.exec(message) ?? [];
  return elementsOfTeams.test(type);
}

describe('the Adaptive Cards Designer', () => {
  const problems: string[] = [];
  let server: Server;
  let browser: Browser;
  let tab: Page;

  beforeAll(async () => {
    server = await serve();
    browser = await launchBrowser();
    tab = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    tab.on('pageerror', (error) => problems.push(error.message));
    tab.on('console', (line) => {
      if (line.type() === 'error' || /expansion error|Invalid JSON/.test(line.text())) problems.push(line.text());
    });
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await tab.waitForFunction('window.ready === true', undefined, { timeout: 60_000 });
    problems.length = 0;
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  const load = (card: object, data: object) =>
    tab.evaluate(([c, d]) => (globalThis as unknown as { load(c: object, d: object): Shown }).load(c, d), [
      card,
      data,
    ] as const);

  it('has every card to read', () => {
    expect(templates.length).toBeGreaterThan(25);
    expect(all.length).toBeGreaterThan(100);
    expect(new Set(fullest.map(dirname))).toEqual(new Set(all.map(dirname)));
  });

  it.each(cases)('draws %s, and has nothing against it', async (file) => {
    const { card, text: twin } = read(file);
    const { found, text } = await load(card, {});
    expect(found.filter((message) => !ofTeams(message))).toEqual([]);
    // The page reads no markdown: the escapes of the title show.
    expect(text.replaceAll('\\', '')).toContain(twin.split('\n')[0]);
    expect(problems.splice(0)).toEqual([]);
  });

  it.each(templates)('fills the template of %s with its sample data', async (card) => {
    const data = read(`${card}/data.json`);
    const { text } = await load(read(`${card}/template.json`), data);
    expect(text).toContain(data['title']);
    expect(text).not.toContain(['$', '{'].join(''));
    expect(problems.splice(0)).toEqual([]);
  });
});
