import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { createDatabaseIfMissing, openDatabase } from '../../store';
import { verifyAudit } from '../../store/audit';
import { type EmbeddedServer, startEmbedded } from '../../store/embedded';
import { isFull } from '../support/size';
import { until } from '../support/until';
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
    const all = await ask<Message[]>(`/api/conversations/${encodeURIComponent(where)}/messages?as=Grace`);
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

/** Ends goldbot and its server, and keeps a copy of the folder; answers its moment. */
async function copied(name: string): Promise<Date> {
  await stop();
  execFileSync('cp', ['-a', data(), join(folder, name)]);
  return sandbox.world.clock.now();
}

async function putBack(name: string, copyOf: Date): Promise<void> {
  await stop();
  rmSync(data(), { recursive: true });
  execFileSync('cp', ['-a', join(folder, name), data()]);
  await start(copyOf);
}

/** Copies a whole server: `test:full` alone. */
(isFull ? describe : describe.skip)('a database that is put back from a copy of its folder', () => {
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

  const copies: Record<string, Date> = {};
  const counted = () => [orders().length, hidings().length];
  let before: readonly number[] = [];

  it('is copied while a run builds and while it waits for approval, and goes on to publish', async () => {
    await start();
    await say('Ada', 'publish ubuntu-22');
    await until(() => orders().length > 0);
    copies['building'] = await copied('building');
    await start();
    await message(general, /Waiting for approval: ubuntu-22/);
    copies['waiting'] = await copied('waiting');
    await start();
    await approve(/Publish ubuntu-22 1\.6\.0\?/);
    await message(general, /Published ubuntu-22 1\.6\.0/);
    before = counted();
    expect(before[0]).toBe(1);
  }, 120_000);

  it('that was building then builds and hides nothing of what is published, and tells people', async () => {
    await putBack('building', copies['building'] as Date);
    const told = await message(general, /Needs repair: ubuntu-22 1\.6\.0/);
    expect(told.text).toContain('1.6.0 is published already, since');
    expect(told.text).toContain('Who approved it cannot be known from these records.');
    expect(told.text).not.toContain('Nothing was published');
    const [run] = /R-\w{5}/.exec(told.text) ?? [];
    await say('Ada', `cancel ${run} --reason "it is published"`);
    await message(general, /1\.6\.0 is public already and stays that way/);
    expect(counted()).toEqual(before);
  }, 120_000);

  it('that waited then asks again on the card that had been decided, and publishes the same once more in name only', async () => {
    await putBack('waiting', copies['waiting'] as Date);
    await message(general, /Waiting for approval: ubuntu-22/);
    await message(approvals, /Publish ubuntu-22 1\.6\.0\?[\s\S]*"verb":"approve"/);
    await approve(/Publish ubuntu-22 1\.6\.0\?/);
    await message(general, /Published ubuntu-22 1\.6\.0/);
    expect(counted()).toEqual(before);

    const database = openDatabase({ url: server.url('goldbot') });
    expect(await verifyAudit(database)).toMatchObject({ intact: true });
    expect(await database.query(`select 1 from audit where entry like '%"restored"%'`)).toHaveLength(1);
    await database.close();
  }, 120_000);
});
