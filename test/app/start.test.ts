import { mkdtempSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inFull, isFull } from '../support/size';
import { bundled, endProcesses, run, type Started } from './processes';

/** Any free ports: other worlds may run on this machine. */
const anyPorts = { PORT: '0', SANDBOX_AZURE_PORT: '0', SANDBOX_TEAMS_PORT: '0' };
const folder = () => mkdtempSync(join(tmpdir(), 'goldbot-start-'));

/** As package.json has it; in the sample its program alone, compiled once. */
const npmStart = (data: string): Started => run('start', { GOLDBOT_DATA: data, ...anyPorts });
let quick: Awaited<ReturnType<typeof bundled>>;
beforeAll(async () => {
  quick = await bundled('start');
});
const start = (data: string, more: Record<string, string> = {}): Started =>
  quick({ GOLDBOT_DATA: data, ...anyPorts, ...more });
const pageOf = async (started: Started, patienceMs?: number): Promise<string> =>
  (await started.line(/Ready: (http:\S+)/, patienceMs))[1] ?? '';
/** `npm start` compiles every source of which tsx has nothing kept: 18 s of CPU, of which the other tests leave few. */
const cold = 150_000;

afterAll(endProcesses);

async function say(page: string, text: string): Promise<string> {
  const response = await fetch(`${page}/api/say`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ as: 'Ada', in: 'Image Factory / General', text }),
  });
  const { messages } = (await response.json()) as { messages: { text: string }[] };
  return messages.map((m) => m.text).join('\n');
}

async function leave(started: Started): Promise<number> {
  started.child.kill('SIGINT');
  return started.ended;
}

describe('npm start', () => {
  it('brings up a world that answers, tells a second start where it is, and ends on Ctrl-C', async () => {
    const data = folder();
    const first = isFull ? npmStart(data) : start(data);
    const page = await pageOf(first, cold);
    expect(await say(page, '@goldbot help')).toContain('publish');

    const second = start(data);
    expect(await second.ended).toBe(0);
    expect(second.words()).toContain(`goldbot is already running: ${page}`);

    expect(await leave(first)).toBe(0);
    await expect(fetch(page)).rejects.toThrow();
  }, 240_000);

  inFull(
    'goes on after kill -9 with what it knew, and a reset with a run that is open brings a new world',
    async () => {
      const data = folder();
      const killed = start(data);
      await say(await pageOf(killed), '@goldbot publish ubuntu-22');
      killed.child.kill('SIGKILL');
      await killed.ended;

      const next = start(data);
      const page = await pageOf(next);
      expect(await say(page, '@goldbot runs')).toMatch(/R-\w{5}/);

      const reset = await fetch(`${page}/_sandbox/reset`, { method: 'POST' });
      expect(reset.status).toBe(200);
      expect(await say(page, '@goldbot runs')).not.toMatch(/R-\w{5}/);
      expect(await leave(next)).toBe(0);
    },
  );

  it('says which port is taken when it was asked for that very one', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => other.once('listening', done));
    const { port } = other.address() as AddressInfo;
    for (const name of ['PORT', 'SANDBOX_TEAMS_PORT']) {
      const started = start(folder(), { [name]: String(port) });
      expect(await started.ended).not.toBe(0);
      expect(started.words()).toContain(String(port));
      expect(started.words()).toContain(name);
    }
    other.close();
  });

  it('does not start with a catalogue that has mistakes, and names file and line', async () => {
    const started = start(folder(), { GOLDBOT_CATALOG: join(__dirname, '..') });
    expect(await started.ended).not.toBe(0);
    expect(started.words()).toMatch(/azure\.yaml:1: is missing/);
  });
});

describe('the commands of the README', () => {
  it('are the ones that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
    expect(readme).toContain('npm ci && npm start');
    expect(readme).toContain('npm ci && npm test');
    const named = [...readme.matchAll(/npm run ([a-z]+)/g)].map((found) => found[1] ?? '');
    for (const name of ['start', 'test', ...named]) expect(Object.keys(scripts)).toContain(name);
  });
});
