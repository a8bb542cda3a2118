import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../test/support/browser';
import { type LocalWorld, startWorld } from '../../test/support/world';
import { listen, type News } from '../../test/transcripts/play';
import { toPalette } from './palette-png';

/** Where a kind of card is met in a conversation, and what is said for it. */
interface Scene {
  readonly kind: string;
  readonly as: string;
  readonly in: string;
  /** Without it, the card comes by itself, or because goldbot is added there. */
  readonly say?: string;
  readonly adds?: true;
  /** The card, where it is not the answer's first: by how its words begin. */
  readonly card?: RegExp;
  /** Words of the card in the state that is looked at; absent: in any. */
  readonly has?: string;
}

const general = 'Image Factory / General';
const approvals = 'Image Factory / approvals';
const ops = 'payments / ops';
const own = 'goldbot';

/**
 * One conversation in which each kind of card is met once, in this order: Ada publishes, Grace decides, people look about
 * and change things. `npm run gallery -- --seen` plays it and draws each card as the page shows it.
 */
export const scenes: readonly Scene[] = [
  { kind: 'welcome', as: 'Ada', in: own, adds: true, card: /^goldbot: / },
  { kind: 'plan', as: 'Ada', in: general, say: 'publish ubuntu-22 --plan' },
  { kind: 'run', as: 'Ada', in: general, say: 'publish ubuntu-22 --note "openssl fix"', card: /^Publishing ubuntu-22/ },
  { kind: 'approval', as: 'Grace', in: approvals, card: /^Publish ubuntu-22 .*\?/ },
  { kind: 'mention', as: 'Heidi', in: approvals, card: /^Publish ubuntu-22 .*\?/ },
  { kind: 'approvals', as: 'Grace', in: approvals, say: 'approvals' },
  { kind: 'offer', as: 'Grace', in: approvals, say: 'lgtm' },
  { kind: 'log', as: 'Ada', in: general, say: 'logs {request}' },
  {
    kind: 'approval-decided',
    as: 'Grace',
    in: approvals,
    say: 'approve {request}',
    card: /^Approved|^Publish ubuntu-22 .* approved/,
  },
  { kind: 'outcome', as: 'Ada', in: general, card: /^Published ubuntu-22/ },
  { kind: 'images', as: 'Ada', in: general, say: 'images' },
  { kind: 'versions', as: 'Ada', in: general, say: 'versions ubuntu-22' },
  { kind: 'version', as: 'Ada', in: general, say: 'show ubuntu-22@1.6.0' },
  { kind: 'contents', as: 'Ada', in: general, say: 'show ubuntu-22@1.6.0 --sbom' },
  { kind: 'diff', as: 'Ada', in: general, say: 'diff ubuntu-22@1.5.0 1.6.0' },
  { kind: 'verify', as: 'Ada', in: general, say: 'verify ubuntu-22@1.6.0' },
  { kind: 'lineage', as: 'Ada', in: general, say: 'lineage ubuntu-22' },
  { kind: 'cost', as: 'Ada', in: general, say: 'cost ubuntu-22' },
  { kind: 'costs', as: 'Ada', in: general, say: 'cost' },
  { kind: 'parity', as: 'Ada', in: general, say: 'parity ubuntu-22' },
  { kind: 'access', as: 'Dana', in: general, say: 'access ubuntu-22' },
  { kind: 'runs', as: 'Ada', in: general, say: 'runs' },
  { kind: 'schedules', as: 'Ada', in: general, say: 'schedule' },
  { kind: 'leftovers', as: 'Heidi', in: general, say: 'leftovers' },
  { kind: 'audit', as: 'Dana', in: general, say: 'audit' },
  { kind: 'doctor', as: 'Heidi', in: general, say: 'doctor' },
  { kind: 'whoami', as: 'Linus', in: own, say: 'whoami' },
  { kind: 'help', as: 'Ada', in: own, say: 'help' },
  { kind: 'help-verb', as: 'Ada', in: own, say: 'help publish' },
  { kind: 'form', as: 'Ada', in: own, say: 'publish' },
  { kind: 'choice', as: 'Ada', in: own, say: 'publsh ubuntu-22' },
  { kind: 'error', as: 'Linus', in: general, say: 'publish ubuntu-22' },
  { kind: 'compliance', as: 'Linus', in: ops, say: 'compliance' },
  { kind: 'compliance-of-teams', as: 'Dana', in: general, say: 'compliance all' },
  { kind: 'machines', as: 'Linus', in: ops, say: 'compliance --list' },
  { kind: 'machine', as: 'Linus', in: ops, say: 'compliance --why vm-payments-api-001' },
  { kind: 'tattoo', as: 'Linus', in: ops, say: 'tattoo vm-payments-api-001' },
  { kind: 'drift', as: 'Linus', in: ops, say: 'drift' },
  { kind: 'forecast', as: 'Linus', in: ops, say: 'forecast' },
  { kind: 'who-uses', as: 'Linus', in: ops, say: 'who uses ubuntu-22@1.5.0' },
  { kind: 'who-has', as: 'Linus', in: ops, say: 'who has openssl' },
  { kind: 'notice', as: 'Linus', in: ops, say: 'digest' },
  { kind: 'digest', as: 'Linus', in: ops, say: 'digest now', card: /: week \d+ / },
  { kind: 'rollout', as: 'Grace', in: general, say: 'rollout ubuntu-22 --team payments --plan' },
  { kind: 'version-plan', as: 'Grace', in: general, say: 'revoke ubuntu-22@1.5.0 --reason "CVE-2026-1"' },
  { kind: 'restrict', as: 'Grace', in: general, say: 'restrict payments audit --plan' },
  {
    kind: 'change',
    as: 'Grace',
    in: general,
    say: 'restrict payments audit --reason "a trial"',
    card: /^Restrict payments/,
    // Not before goldbot has read what the restriction would stop, and asks.
    has: 'Waiting',
  },
];

interface Message {
  readonly id: string;
  readonly from: string;
  readonly card?: { readonly fallbackText?: string };
  /** Azure has not said everything yet: another card follows in its place. */
  readonly pending?: boolean;
}

interface Stage {
  readonly world: LocalWorld;
  readonly news: News;
}

/** How many times faster than the machine's time the world runs. */
const speed = 600;

/** Machine time: how long a scene waits for its card. */
const patienceMs = 240_000;

const looks = [
  { colorScheme: 'light', width: 760 },
  { colorScheme: 'dark', width: 760 },
  { colorScheme: 'light', width: 320 },
] as const;

/** Plays the scenes and writes `<folder>/<kind>.png`: light, dark and a phone of 320 pixels beside one another. */
export async function drawSeen(folder: string, only: readonly string[] = []): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const [browser, world] = await Promise.all([launchBrowser(), startWorld({ speed })]);
  const news = await listen(world);
  const missed: string[] = [];
  let request = '';
  try {
    for (const scene of scenes) {
      try {
        const id = await met(
          { ...scene, ...(scene.say && { say: scene.say.replace('{request}', request) }) },
          { world, news },
        );
        if (scene.kind === 'approval') request = await requestOf(id, scene, world);
        if (only.length === 0 || only.includes(scene.kind))
          writeFileSync(
            join(folder, `${scene.kind}.png`),
            await inOneMoment(world, () => drawn(browser, world, scene, id)),
          );
      } catch (error) {
        missed.push(`${scene.kind}: ${(error as Error).message}`);
      }
    }
  } finally {
    news.stop();
    await browser.close();
    await world.stop();
  }
  if (missed.length > 0) throw new Error(`not drawn:\n${missed.join('\n')}`);
}

/** The message that has the scene's card, once it is there: goldbot answers a busy machine late, or at first in part. */
async function met(scene: Scene, { world, news }: Stage): Promise<string> {
  if (scene.adds) await call(world, '/_sandbox/install', { as: scene.as, in: scene.in });
  const asked = scene.say === undefined ? undefined : await tell(scene, world);
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; ) {
    const seen = news.count;
    const all = await messagesOf(scene, world);
    const after = all.slice(scene.card || asked === undefined ? 0 : all.findIndex(({ id }) => id === asked) + 1);
    const cards = after.filter(({ from, card, pending }) => from === 'goldbot' && card && !pending);
    const ready = cards.filter(({ card }) => JSON.stringify(card).includes(scene.has ?? ''));
    const found = scene.card ? ready.findLast(({ card }) => scene.card?.test(card?.fallbackText ?? '')) : ready[0];
    if (found) return found.id;
    await news.more(seen, deadline);
  }
  throw new Error(`no card ${scene.card ?? 'in answer'} came`);
}

async function messagesOf({ as, in: where }: Scene, world: LocalWorld): Promise<readonly Message[]> {
  const conversation = encodeURIComponent(where === own ? `${as} and goldbot` : where);
  return (await call(world, `/api/conversations/${conversation}/messages?as=${as}`)) as readonly Message[];
}

/** The id of what was said. */
async function tell({ as, in: where, say }: Scene, world: LocalWorld): Promise<string> {
  const text = where === own ? say : `@goldbot ${say}`;
  const { activityId } = (await call(world, '/api/say', { as, in: where, text })) as { activityId: string };
  return activityId;
}

/** A card goes on while its run does: its pictures are of one moment. */
async function inOneMoment<Drawn>(world: LocalWorld, draw: () => Promise<Drawn>): Promise<Drawn> {
  await call(world, '/_sandbox/clock', { speed: 1 });
  try {
    return await draw();
  } finally {
    await call(world, '/_sandbox/clock', { speed });
  }
}

async function requestOf(id: string, scene: Scene, world: LocalWorld): Promise<string> {
  const all = await messagesOf(scene, world);
  const found = /R-[0-9A-Z]{5}/.exec(JSON.stringify(all.find((m) => m.id === id)?.card));
  if (!found) throw new Error('the card names no request');
  return found[0];
}

async function drawn(browser: Browser, world: LocalWorld, scene: Scene, id: string): Promise<Buffer> {
  const pictures: Buffer[] = [];
  for (const { colorScheme, width } of looks) {
    const page = await browser.newPage({
      colorScheme,
      viewport: { width: width + (width > 320 ? 280 : 0), height: 3_200 },
    });
    await page.addInitScript(`localStorage.setItem('tour', '{"closed":true}')`);
    await page.goto(`${world.teamsUrl}/?as=${scene.as}&in=${encodeURIComponent(scene.in)}`);
    const card = page.locator(`article[data-id="${id}"] .card`);
    await card.waitFor({ timeout: 30_000 });
    await page.waitForTimeout(600);
    pictures.push(await card.screenshot());
    await page.close();
  }
  return beside(await browser.newPage(), pictures);
}

/** One picture of them all. */
async function beside(page: Page, pictures: readonly Buffer[]): Promise<Buffer> {
  const images = pictures.map((png) => `<img src="data:image/png;base64,${png.toString('base64')}">`).join('');
  await page.setViewportSize({ width: 1900, height: 400 });
  await page.setContent(
    `<body style="margin:0;background:#888"><div style="display:inline-flex;gap:12px;padding:12px;align-items:start">${images}</div>`,
  );
  await page.waitForFunction('[...document.images].every((image) => image.complete)');
  const whole = await page.locator('div').screenshot();
  await page.close();
  return toPalette(whole);
}

async function call(world: LocalWorld, path: string, body?: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer azure' };
  const init = body && { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch((path.startsWith('/_sandbox') ? world.azureUrl : world.teamsUrl) + path, init);
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
