import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CatalogueSource } from '../../app/catalogue-files';
import { type Goldbot, startGoldbot } from '../../app/goldbot';
import { createLog } from '../../app/run';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { tenantId } from '../../sandbox/entra/people';
import { sandboxAppId } from '../../sandbox/teams/face';
import { sandboxClient, sandboxCredential } from '../../services';
import { migrate, openDatabase } from '../../store';
import { createReads } from '../../store/reads';
import { until } from '../bot/world';
import { emptyDatabase, type TestDatabase } from './database';
import { parkedConversations } from './parked';
import { loadPreviousVersion, previousVersion } from './previous-version';

/** As the previous version had it: the example, two more images, and two people who decide. */
function catalogueFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-previous-'));
  cpSync(join(__dirname, '../../catalog'), folder, { recursive: true });
  const ubuntu = readFileSync(join(folder, 'images/ubuntu-22.yaml'), 'utf8').replace('quorum: 1', 'quorum: 2');
  writeFileSync(join(folder, 'images/ubuntu-22.yaml'), ubuntu);
  for (const name of ['ubuntu-24', 'ubuntu-26']) {
    const text = ubuntu.replaceAll(': ubuntu-22', `: ${name}`).replace('aliases: [ubuntu, jammy]', 'aliases: []');
    writeFileSync(join(folder, `images/${name}.yaml`), text);
  }
  return folder;
}

const previous = previousVersion();
const rowsOf = (table: string) => previous.rows.filter((line) => line.table === table).map(({ row }) => row);

/** What Teams shows of the previous version's cards: the messages, and the questions whose threads they stand in. */
function putOldMessages({ world }: ListeningSandbox): void {
  const ids = new Map(rowsOf('conversation').map(({ id, name }) => [name, id]));
  const { messages } = world.section<{ messages: object[] }>('teams', () => ({ messages: [], lastId: 0 }));
  const bot = { fromId: 'bot', from: 'goldbot', text: '', at: previous.worldNow };
  for (const { conversation_id: place, activity_id: id, thread_id: rootId } of rowsOf('card')) {
    if (id === null) continue;
    const conversationId = ids.get(place) ?? place;
    if (rootId !== null) messages.push({ ...bot, id: rootId, conversationId });
    messages.push({ ...bot, id, conversationId, ...(rootId !== null && { rootId }) });
  }
}

describe('a database of the previous version', () => {
  const folder = catalogueFolder();
  let box: ListeningSandbox;
  let db: TestDatabase;
  let goldbot: Goldbot;

  const call = async (path: string, body: object) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(box.teamsUrl + path, init);
    // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, asserted field by field
    return (await response.json()) as any;
  };
  const advanceTo = (at: string) =>
    call('/_sandbox/clock', { advanceMinutes: (Date.parse(at) - box.world.clock.nowMs()) / 60_000 });
  const runOf = async (subject: string) => {
    const rows = await db.database.query<{ id: string; stage: string; attempt: number; outcome: string | null }>(
      'select id, stage, attempt, outcome from run where subject = $1 order by created_at limit 1',
      [subject],
    );
    return rows[0];
  };
  const cards = async (topic: string) =>
    db.database.query<{ place: string; posted: boolean }>(
      `select coalesce(name, conversation.id) as place, activity_id is not null as posted from card
       left join conversation on conversation.id = card.conversation_id where topic = $1 order by card.id`,
      [topic],
    );

  const shownOf = async (place: string) => {
    const response = await fetch(`${box.teamsUrl}/api/conversations/${encodeURIComponent(place)}/messages`);
    return ((await response.json()) as { summary?: string }[]).map(({ summary }) => summary);
  };

  beforeAll(async () => {
    box = await startSandbox({ speed: 0, startMs: Date.parse('2026-11-23T00:00:00Z') });
    db = await emptyDatabase();
    await loadPreviousVersion(db.database, previous, box.teamsUrl);
    for (const { at, method, path, body } of previous.azure) {
      await advanceTo(at);
      const headers = { 'content-type': 'application/json', authorization: 'Bearer sandbox' };
      const answer = await fetch(box.azureUrl + path, { method, headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    }
    await advanceTo(previous.worldNow);
    putOldMessages(box);
    goldbot = await startGoldbot({
      databaseUrl: db.url,
      clock: box.world.clock,
      catalogue: new CatalogueSource(folder, () => {}),
      azure: { credential: sandboxCredential, httpClient: sandboxClient(box.azureUrl) },
      bot: {
        appId: sandboxAppId,
        tenants: [tenantId],
        credentials: { kind: 'sandbox' },
        port: 0,
        host: '127.0.0.1',
        sandbox: { teamsUrl: box.teamsUrl },
      },
      owner: 'new',
      log: createLog('silent'),
      engine: { leaseMs: 10_000, renewMs: 3_000, pollMs: 20, backOffMs: 100 },
      secondLookMs: 50,
      schedulePollMs: 100,
    });
    await call('/_sandbox/bot', { url: `${goldbot.bot.url}/api/messages` });
    await call('/_sandbox/clock', { speed: 1_200 });
  });
  afterAll(async () => {
    await goldbot?.drain();
    await box?.close();
    await db?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('asks anew what it asked before requests were bound to an object; approved by both again, it is published', async () => {
    const run = await runOf('ubuntu-22');
    const requests = () =>
      db.database.query<{ id: string; hash: string; status: string }>(
        'select id, plan_hash as hash, status from approval where run_id = $1 order by seq',
        [run?.id],
      );
    await until(async () => (await requests()).length === 2);
    const [asked, anew] = await requests();
    expect([asked?.status, anew?.status]).toEqual(['void', 'pending']);
    const answer = await call('/_sandbox/deliver', {
      as: 'Heidi',
      in: 'Image Factory / approvals',
      activity: {
        type: 'invoke',
        name: 'adaptiveCard/action',
        replyToId: previous.approvalCard,
        value: {
          action: { type: 'Action.Execute', verb: 'approve', data: { request: asked?.id, hash: asked?.hash } },
        },
      },
    });

    expect(answer).toMatchObject({ status: 200, body: { statusCode: 200 } });
    expect(JSON.stringify(answer)).toContain(
      `${asked?.id} is void: it was asked before requests were bound to the very version that was tested; nothing was changed.`,
    );
    for (const as of ['Grace', 'Heidi']) await call('/api/say', { as, in: 'goldbot', text: `approve ${anew?.id}` });
    await until(async () => (await runOf('ubuntu-22'))?.outcome, 50_000);
    expect(await runOf('ubuntu-22')).toMatchObject({ outcome: 'published' });
    await until(async () => (await shownOf('Image Factory / General')).some((text) => text?.startsWith('Published')));
    const published = box.sandbox.exchanges.filter(({ method, url }) => method === 'PATCH' && url.includes('/1.6.0'));
    expect(JSON.stringify(published.map(({ requestBody }) => requestBody))).toContain('"excludeFromLatest":false');
  });

  it('goes on with a build that was running, and with one that waits for somebody to repair it', async () => {
    expect(await runOf('ubuntu-24')).toMatchObject({ stage: 'repair', attempt: 1 });
    await call('/api/say', { as: 'Ada', in: 'goldbot', text: `rebuild ${(await runOf('ubuntu-24'))?.id}` });

    await until(async () => ((await runOf('ubuntu-24'))?.attempt ?? 1) > 1);
    await until(async () => ['approve', 'test'].includes((await runOf('ubuntu-26'))?.stage ?? ''), 50_000);
  });

  it('leaves the parked channel alone, and what waits for a channel that nobody knows', async () => {
    expect(await parkedConversations(db.database)).toEqual([{ id: '19:gone@thread.tacv2' }]);
    const unposted = await cards(`run:${(await runOf('ubuntu-24'))?.id}`);
    expect(unposted).toContainEqual({ place: 'Image Factory / gone', posted: false });
  });

  it('sends the digest that was being counted, and the next one on its day', async () => {
    const digest = async (subject: string) => {
      const run = await runOf(subject);
      return run && (await cards(`digest:${run.id}`)).some(({ posted }) => posted);
    };
    await until(() => digest('data:2026-W48:now'), 50_000);
    await call('/_sandbox/clock', { speed: 60 });
    if (box.world.clock.now() < new Date('2026-11-25T08:00:00Z')) await advanceTo('2026-11-25T08:01:00Z');

    await until(() => digest('web:2026-W48'), 50_000);
  });

  it('posts an approval card that failed 201 times and whose create died, and one whose second post died too: none is given up', async () => {
    const approval = rowsOf('approval')[0]?.['id'];
    const places = async () =>
      (await cards(`approval:${approval}`)).filter(({ posted }) => posted).map(({ place }) => place);
    await until(async () => {
      // The minute before the second post.
      await db.database.query(`update card set not_before = '-infinity' where activity_id is null`);
      return (await places()).length === 4;
    }, 50_000);

    expect((await places()).sort()).toEqual(['Image Factory / approvals', 'data / ops', 'legacy / ops', 'web / ops']);
  });

  it('keeps an audit whose chain is whole', async () => {
    const reads = createReads(db.database);
    const before = rowsOf('audit').length;
    const verdict = await reads.verifyAudit();

    expect(verdict).toMatchObject({ intact: true });
    expect(verdict.entries).toBeGreaterThan(before);
  });

  it('is one that the new version writes no second time: migrating again changes nothing', async () => {
    const again = openDatabase({ url: db.url });
    const schema = () => again.query(`select value from meta where key = 'schema'`);
    const before = await schema();
    await migrate(again);

    expect(await schema()).toEqual(before);
    await again.close();
  });
});
