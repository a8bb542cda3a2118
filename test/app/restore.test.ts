import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { createDatabaseIfMissing, openDatabase } from '../../store';
import { verifyAudit } from '../../store/audit';
import { type EmbeddedServer, startEmbedded } from '../../store/embedded';
import { goldbotBeside } from '../support/world';
import { worldStart } from '../support/world-start';

/** The database of `npm start` is copied, and later put back, while Azure and Teams have gone on. */

interface Message {
  readonly id: string;
  readonly text: string;
  readonly card?: unknown;
}

const patienceMs = 40_000;
const general = 'Image Factory / General';
const approvals = 'Image Factory / approvals';

let sandbox: ListeningSandbox;
let folder: string;
let server: EmbeddedServer;
let stop = async () => {};
beforeAll(async () => {
  sandbox = await startSandbox({ speed: 1_200, startMs: worldStart });
  folder = mkdtempSync(join(tmpdir(), 'goldbot-restore-'));
  // The server's user must be able to pass through.
  chmodSync(folder, 0o711);
});
afterAll(async () => {
  await stop();
  await sandbox?.close();
  rmSync(folder, { recursive: true, force: true });
});

const data = () => join(folder, 'postgres');
async function start(restored?: Date): Promise<void> {
  server = await startEmbedded({ dataDir: data(), log: () => {}, port: 5_800, settings: { fsync: 'off' } });
  await createDatabaseIfMissing(server.url('goldbot'));
  const goldbot = await goldbotBeside(sandbox, { databaseUrl: server.url('goldbot'), ...(restored && { restored }) });
  stop = async () => {
    await goldbot.drain();
    await server.stop();
  };
}

async function ask<Answer>(path: string, body?: unknown): Promise<Answer> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${sandbox.teamsUrl}${path}`, body === undefined ? {} : init);
  expect(response.status).toBeLessThan(300);
  return (await response.json()) as Answer;
}

const say = async (as: string, text: string) => ask('/api/say', { as, in: general, text: `@goldbot ${text}` });

/** The newest message there that fits, once there is one. */
async function message(where: string, fits: RegExp): Promise<Message> {
  const deadline = Date.now() + patienceMs;
  let seen = '';
  while (Date.now() < deadline) {
    const all = await ask<Message[]>(`/api/conversations/${encodeURIComponent(where)}/messages`);
    const found = all.findLast((one) => fits.test(one.text + JSON.stringify(one.card)));
    if (found) return found;
    seen = all.map(({ text }) => text).join('\n---\n');
    await pause(40);
  }
  throw new Error(`no ${fits} in ${where}:\n${seen}`);
}

const approve = async (asks: RegExp) => {
  const { id: activityId } = await message(approvals, asks);
  return ask<{ message?: string }>('/api/click', { as: 'Grace', activityId, verb: 'approve' });
};

const orders = () =>
  sandbox.sandbox.exchanges.filter((e) => e.method === 'PUT' && /imageTemplates\/[^/]+\?/.test(e.url));
const hidings = () =>
  sandbox.sandbox.exchanges.filter(
    (e) => e.method === 'PATCH' && /"excludeFromLatest":true/.test(JSON.stringify(e.requestBody)),
  );

describe('a database that is put back from a copy of its folder', () => {
  it('goes on with its runs, builds and publishes nothing twice, and shows in Teams what it knows', async () => {
    await start();
    await say('Ada', 'publish ubuntu-22');
    await message(general, /Waiting for approval: ubuntu-22/);
    await say('Ada', 'publish windows-2022');
    while (!orders().some(({ url }) => url.includes('windows-2022'))) await pause(10);
    await stop();
    const copyOf = sandbox.world.clock.now();
    execFileSync('cp', ['-a', data(), join(folder, 'copy')]);

    await start();
    await approve(/Publish ubuntu-22 1\.6\.0\?/);
    await message(general, /Published ubuntu-22 1\.6\.0/);
    await message(general, /Waiting for approval: windows-2022/);
    await approve(/Publish windows-2022 1\.3\.0\?/);
    await message(general, /Published windows-2022 1\.3\.0/);
    await stop();
    const [ordered, hidden] = [orders().length, hidings().length];

    renameSync(data(), join(folder, 'lost'));
    execFileSync('cp', ['-a', join(folder, 'copy'), data()]);
    await start(copyOf);

    // What was published after the copy is not built again, and is not hidden.
    const told = await message(general, /Needs repair: windows-2022 1\.3\.0/);
    expect(JSON.stringify(told)).toContain('1.3.0 is published already, since');
    expect(JSON.stringify(told)).toContain('Who approved it cannot be known from these records.');
    expect(told.text).not.toContain('Nothing was published');
    // Who approved is not in the copy either: the card asks again, and what was published stays what it is.
    await message(general, /Waiting for approval: ubuntu-22/);
    const clicked = await approve(/Publish ubuntu-22 1\.6\.0\?[\s\S]*"verb":"approve"/);
    expect(clicked.message ?? '').not.toMatch(/not|no /);
    await message(general, /Published ubuntu-22 1\.6\.0/);
    const [run] = /R-\w{5}/.exec(told.text) ?? [];
    await say('Ada', `cancel ${run} --reason "it is published"`);
    await message(general, /1\.3\.0 is public already and stays so/);

    expect(orders()).toHaveLength(ordered);
    expect(hidings()).toHaveLength(hidden);
    const database = openDatabase({ url: server.url('goldbot') });
    expect(await verifyAudit(database)).toMatchObject({ intact: true });
    await database.close();
  }, 120_000);
});
