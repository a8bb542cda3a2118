import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createSandbox, type ListeningSandbox, startSandbox } from '../../sandbox';
import { programFile } from '../support/programs';

let world: ListeningSandbox;

beforeEach(async () => {
  world = await startSandbox({ startMs: Date.parse('2026-11-22T10:00:00Z'), speed: 0, limits: false });
});

afterEach(() => world.close());

async function api<T>(base: string, path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') {
  const init = {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  };
  const response = await fetch(base + path, init as RequestInit);
  return { status: response.status, headers: response.headers, body: (await response.json()) as T };
}

interface Clock {
  world: string;
  now: string;
  speed: number;
}

const rg = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourcegroups/rg-golden-images?api-version=2021-04-01';
const conversations = '/v3/conversations/19:nowhere@thread.tacv2/members';

describe('the clock', () => {
  it('is the same on both faces, and moves by as much as was asked', async () => {
    const { body: before } = await api<Clock>(world.azureUrl, '/_sandbox/clock');
    await api(world.teamsUrl, '/_sandbox/clock', { advanceMinutes: 90 });

    const { body: after } = await api<Clock>(world.azureUrl, '/_sandbox/clock');

    expect(before).toEqual({ world: world.world.id, now: '2026-11-22T10:00:00.000Z', speed: 0 });
    expect(after.now).toBe('2026-11-22T11:30:00.000Z');
  });

  it('moves to a time, and stays where it is when that is past', async () => {
    const until = async (time: string) =>
      (await api<Clock>(world.teamsUrl, '/_sandbox/clock', { until: time })).body.now;

    expect(await until('2026-11-25T08:00:00Z')).toBe('2026-11-25T08:00:00.000Z');
    expect(await until('2026-11-23T08:00:00Z')).toBe('2026-11-25T08:00:00.000Z');
  });

  it('takes another speed without a jump', async () => {
    await api<Clock>(world.azureUrl, '/_sandbox/clock', { speed: 1_000 });
    const { body: stopped } = await api<Clock>(world.azureUrl, '/_sandbox/clock', { speed: 0 });

    const { body: later } = await api<Clock>(world.azureUrl, '/_sandbox/clock');

    expect(Date.parse(stopped.now)).toBeGreaterThanOrEqual(Date.parse('2026-11-22T10:00:00Z'));
    expect(later).toEqual(stopped);
  });

  it.each([
    [{ advanceMinutes: -5 }, '`advanceMinutes` must be a number from 0'],
    [{ speed: 'fast' }, '`speed` must be a number'],
    [{}, 'Give `advanceMinutes`, `until` or `speed`.'],
    [{ until: 'soon' }, '`until` must be a time within ten years'],
    [{ until: '2126-11-22T10:00:00Z' }, '`until` must be a time within ten years'],
    [{ minutes: 5 }, 'There is no minutes'],
    [[1], 'must be a JSON object'],
  ])('refuses %j and says why', async (body, words) => {
    const refused = await api<{ error: { message: string } }>(world.teamsUrl, '/_sandbox/clock', body);

    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toContain(words);
  });
});

describe('moments', () => {
  const moments = [
    { kind: 'digest', name: 'web', at: '2026-11-30T09:00:00.000Z' },
    { kind: 'digest', name: 'payments', at: '2026-11-27T08:00:00.000Z' },
  ];
  interface Ahead {
    moments: { name: string }[];
    error: { message: string };
  }
  const ahead = async (base: string) =>
    (await api<Ahead>(base, '/_sandbox/moments')).body.moments.map(({ name }) => name);

  it('are told soonest first on both faces until they are past, and end with their world', async () => {
    await api(world.azureUrl, '/_sandbox/moments', { moments });
    expect(await ahead(world.teamsUrl)).toEqual(['payments', 'web']);

    await api(world.teamsUrl, '/_sandbox/clock', { until: '2026-11-27T08:00:00Z' });
    expect(await ahead(world.azureUrl)).toEqual(['web']);

    await api(world.teamsUrl, '/_sandbox/reset', {});
    expect(await ahead(world.teamsUrl)).toEqual([]);
  });

  it.each([
    [{ moments: 'none' }, '`moments` must be a list'],
    [{ moments: [{ kind: 'digest', name: 'web', at: 'soon' }] }, 'A moment is'],
    [{ digests: [] }, 'There is no digests'],
  ])('refuse %j', async (body, words) => {
    const refused = await api<Ahead>(world.teamsUrl, '/_sandbox/moments', body);

    expect([refused.status, refused.body.error.message]).toEqual([400, expect.stringContaining(words)]);
  });
});

describe('faults', () => {
  it('strike as often as was said, where they match, with the words of the face', async () => {
    await api(world.teamsUrl, '/_sandbox/faults', {
      match: { face: 'azure', url: 'rg-golden' },
      status: 429,
      times: 1,
      headers: { 'retry-after': '3' },
    });
    await api(world.azureUrl, '/_sandbox/faults', {
      match: { face: 'teams', url: '19:nowhere@thread' },
      status: 403,
      times: 1,
    });

    const elsewhere = await api(world.azureUrl, rg.replace('rg-golden', 'rg-other'));
    const struck = await api<{ error: { code: string } }>(world.azureUrl, rg);
    const after = await api(world.azureUrl, rg);
    const chat = await api<{ error: { code: string } }>(world.teamsUrl, conversations.replaceAll(':', '%3A'));

    expect(elsewhere.status).not.toBe(429);
    expect([struck.status, struck.body.error.code, struck.headers.get('retry-after')]).toEqual([
      429,
      'TooManyRequests',
      '3',
    ]);
    expect(after.status).not.toBe(429);
    expect([chat.status, chat.body.error.code]).toEqual([403, 'BotNotInConversationRoster']);
  });

  it('let a request take effect and lose its answer', async () => {
    const id = (await api<{ conversations: { id: string; kind: string }[] }>(world.teamsUrl, '/api/state')).body
      .conversations[0]?.id;
    await api(world.teamsUrl, '/_sandbox/faults', {
      match: { face: 'teams', method: 'post' },
      dropAfterAccept: true,
      times: 1,
    });
    const send = fetch(`${world.teamsUrl}/v3/conversations/${id}/activities`, {
      method: 'POST',
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'message', text: 'arrived' }),
    });

    await expect(send).rejects.toThrow('fetch failed');

    expect((await api(world.teamsUrl, `/api/conversations/${id}/messages`)).body).toMatchObject([{ text: 'arrived' }]);
  });

  it('make a request wait while others pass', async () => {
    await api(world.teamsUrl, '/_sandbox/faults', { match: { url: 'rg-golden' }, delayMs: 1_000 });
    const order: string[] = [];

    const slow = api(world.azureUrl, rg).then(() => order.push('slow'));
    await api(world.azureUrl, rg.replace('rg-golden', 'rg-other')).then(() => order.push('quick'));
    await slow;

    expect(order).toEqual(['quick', 'slow']);
  });

  it('are listed with what is left of them, and taken back', async () => {
    await api(world.teamsUrl, '/_sandbox/faults', { match: { face: 'azure' }, status: 500, times: 2 });
    await api(world.azureUrl, rg);

    const left = await api(world.teamsUrl, '/_sandbox/faults');
    const none = await api(world.teamsUrl, '/_sandbox/faults', undefined, 'DELETE');

    expect(left.body).toEqual({ faults: [{ match: { face: 'azure' }, status: 500, times: 1 }] });
    expect(none.body).toEqual({ faults: [] });
  });

  it.each([
    [{ status: 500 }, '`match` must be an object'],
    [{ match: {} }, 'say what happens'],
    [{ match: { face: 'moon' }, status: 500 }, '`face` is azure or teams'],
    [{ match: { url: '(' }, status: 500 }, 'regular expression'],
    [{ match: {}, status: 42 }, '`status` must be a whole number from 200'],
    [{ match: {}, status: 500, times: 0 }, '`times` must be a whole number from 1'],
    [{ match: {}, lro: 'maybe' }, '`lro` is one of failed'],
    [{ match: {}, stauts: 500 }, 'a fault has no stauts'],
  ])('refuses %j and says why', async (body, words) => {
    const refused = await api<{ error: { message: string } }>(world.teamsUrl, '/_sandbox/faults', body);

    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toContain(words);
    expect((await api(world.teamsUrl, '/_sandbox/faults')).body).toEqual({ faults: [] });
  });
});

describe('the requests', () => {
  it('are told as the client meant them, without the control endpoints', async () => {
    await api(world.azureUrl, rg);
    await fetch(`${world.azureUrl}/v1.0/me`, { headers: { 'x-sandbox-host': 'graph.microsoft.com' } });
    await api(world.azureUrl, '/_sandbox/clock');

    const { body } = await api<{ url: string; at: string; method: string }[]>(
      world.teamsUrl,
      '/_sandbox/requests?face=azure',
    );

    expect(body.map((e) => e.url)).toEqual([
      `https://management.azure.com${rg}`,
      'https://graph.microsoft.com/v1.0/me',
    ]);
    expect(body[0]).toMatchObject({
      at: '2026-11-22T10:00:00.000Z',
      method: 'GET',
      requestBody: null,
      status: expect.any(Number),
    });
  });

  it('are told without the password of a machine', async () => {
    const osProfile = { computerName: 'vm-1', adminUsername: 'somebody', adminPassword: 'Not-4-y0u-to-read' };
    const vm = `${rg}/providers/Microsoft.Compute/virtualMachines/vm-1?api-version=2024-07-01`;
    await api(world.azureUrl, vm, { location: 'westeurope', properties: { osProfile } }, 'PUT');
    const { body } = await api<{ requestBody: unknown }[]>(world.azureUrl, '/_sandbox/requests');
    expect(body.at(-1)?.requestBody).toMatchObject({
      properties: { osProfile: { ...osProfile, adminPassword: '(not shown)' } },
    });
    expect(JSON.stringify(body)).not.toContain(osProfile.adminPassword);
  });

  it('that nobody answers are 501 and say which they were', async () => {
    const { status, body } = await api<{ error: { message: string } }>(world.azureUrl, '/nowhere');

    expect(status).toBe(501);
    expect(body.error.message).toBe('The sandbox does not know GET https://management.azure.com/nowhere.');
  });
});

describe('seed and reset', () => {
  it('replaces the estate, and refuses numbers that are none', async () => {
    expect(await api(world.teamsUrl, '/_sandbox/seed', { vms: 50, teams: 3 })).toMatchObject({
      status: 200,
      body: { vms: 50, teams: 3 },
    });
    expect((await api(world.teamsUrl, '/_sandbox/seed', { vms: 1.5, teams: 3 })).status).toBe(400);
    expect((await api(world.teamsUrl, '/_sandbox/seed', { vms: 50 })).status).toBe(400);
  });

  it('brings the first world back under another name, and time goes on', async () => {
    const { id } = world.world;
    await api(world.teamsUrl, '/_sandbox/clock', { advanceMinutes: 60 });
    await api(world.teamsUrl, '/_sandbox/faults', { match: { face: 'azure' }, status: 500 });
    await api(world.teamsUrl, '/api/say', { as: 'Ada', in: 'payments / ops', text: 'hello' });
    const keys = await api(world.teamsUrl, '/.well-known/keys');

    const { body } = await api<Clock>(world.azureUrl, '/_sandbox/reset', {});

    expect(body.world).not.toBe(id);
    expect(body.now).toBe('2026-11-22T11:00:00.000Z');
    expect((await api(world.teamsUrl, '/api/conversations/payments%20%2F%20ops/messages')).body).toEqual([]);
    expect((await api(world.teamsUrl, '/_sandbox/faults')).body).toEqual({ faults: [] });
    expect((await api(world.teamsUrl, '/.well-known/keys')).body).toEqual(keys.body);
  });
});

describe('the world on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-sandbox-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is there again after a restart: its name, its chats, its key', async () => {
    const file = join(folder, 'sandbox.json');
    const first = await startSandbox({ file });
    await api(first.teamsUrl, '/api/say', { as: 'Ada', in: 'payments / ops', text: 'remember me' });
    const keys = await api(first.teamsUrl, '/.well-known/keys');
    await first.close();

    const second = await startSandbox({ file });

    expect(second.world.id).toBe(first.world.id);
    expect(second.world.clock.nowMs()).toBeGreaterThanOrEqual(first.world.clock.snapshot().worldMs - 1_200_000);
    expect((await api(second.teamsUrl, '/.well-known/keys')).body).toEqual(keys.body);
    expect((await api(second.teamsUrl, '/api/conversations/payments%20%2F%20ops/messages')).body).toMatchObject([
      { text: 'remember me' },
    ]);
    await second.close();
  });

  let run: readonly string[] = [];
  beforeAll(async () => {
    run = [await programFile('sandbox')];
  });

  it('is saved when the process is told to end, which it does with a zero', async () => {
    const env = {
      ...process.env,
      GOLDBOT_DATA: join(folder, 'process'),
      SANDBOX_AZURE_PORT: '0',
      SANDBOX_TEAMS_PORT: '0',
      SANDBOX_SPEED: '1',
    };
    const child = spawn(process.execPath, run, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const ready = JSON.parse(line.replace('sandbox ready ', '')) as { azure: string; teams: string; world: string };
    const clock = await api<Clock>(ready.azure, '/_sandbox/clock');
    await api(ready.teams, '/api/say', { as: 'Ada', in: 'payments / ops', text: 'saved' });
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];

    expect(clock.body).toMatchObject({ world: ready.world, speed: 1 });
    expect(code).toBe(0);
    expect(readFileSync(join(folder, 'process', 'sandbox.json'), 'utf8')).toContain('"saved"');
  });

  it.each([
    [
      'a port that is set and taken',
      (taken: number) => ({ SANDBOX_TEAMS_PORT: String(taken) }),
      /SANDBOX_TEAMS_PORT: port \d+ is taken\. Stop what listens there/,
    ],
    [
      'a port that is none',
      () => ({ SANDBOX_AZURE_PORT: 'http' }),
      /SANDBOX_AZURE_PORT is "http"; it must be a port number/,
    ],
    ['a speed that is none', () => ({ SANDBOX_SPEED: 'fast' }), /SANDBOX_SPEED is "fast"; it must be a number/],
  ])('is not touched on %s', async (_, variables, words) => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    const { port } = occupant.address() as { port: number };
    const env = { ...process.env, GOLDBOT_DATA: join(folder, 'none'), SANDBOX_AZURE_PORT: '0', ...variables(port) };

    const failed = await new Promise<{ code: number; stderr: string }>((done) => {
      execFile(process.execPath, run, { env }, (error, _out, stderr) =>
        done({ code: Number(error?.code ?? 0), stderr }),
      );
    });
    occupant.close();

    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(words);
  });
});

it('answers without a network as it does with one', async () => {
  const { sandbox, world: inMemory } = createSandbox({ speed: 0 });
  const url = new URL('http://127.0.0.1/_sandbox/clock');

  const answer = await sandbox.handle({ face: 'teams', method: 'GET', url, headers: {}, body: undefined });

  expect(answer).toMatchObject({ status: 200, body: { world: inMemory.id, speed: 0 } });
});
