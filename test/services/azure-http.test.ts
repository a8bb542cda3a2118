import { inspect } from 'node:util';
import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import type { Fence } from '../../core/azure';
import type { Route } from '../../sandbox/kernel/types';
import { createAzure, sandboxClient, sandboxCredential, withDeadline } from '../../services';
import { anyLook, armError, azureOf, failure, held, place } from './azure';

const template = '/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.VirtualMachineImages/imageTemplates/{t}';
const missing: Route = { method: 'GET', path: template, handle: () => armError(404, 'ResourceNotFound', 'No such.') };
const absent = { state: 'absent' } as const;
const accept = (method: string, path: string): Route => ({ method, path, handle: () => ({ status: 202 }) });
const all = [missing, accept('DELETE', template), accept('POST', `${template}/run`)];

describe('a look', () => {
  it('is asked again when the connection breaks', async () => {
    const azure = azureOf(all);
    azure.sandbox.faults.add({ match: {}, dropAfterAccept: true, times: 2 });
    await expect(anyLook(azure.read)).resolves.toEqual({ state: 'absent' });
    expect(azure.sent('GET')).toHaveLength(3);
  });

  it('gives a second try its own time when the first one hung', async () => {
    const azure = azureOf(all, { timeouts: { tryMs: 200 } });
    azure.sandbox.faults.add({ match: {}, delayMs: 600, times: 1 });
    await expect(anyLook(azure.read)).resolves.toEqual({ state: 'absent' });
  });

  it('waits exactly as long as Retry-After says', async () => {
    const waits: number[] = [];
    const azure = azureOf(all, { sleep: async (ms) => void waits.push(ms) });
    azure.sandbox.faults.add({ match: {}, status: 429, times: 1, headers: { 'retry-after': '7' } });
    await anyLook(azure.read);
    expect(waits).toEqual([7000]);
  });

  it('leaves a long Retry-After to the caller and says how long it is', async () => {
    const azure = azureOf(all);
    azure.sandbox.faults.add({ match: {}, status: 429, headers: { 'retry-after': '300' } });
    const error = await failure(anyLook(azure.read));
    expect(error).toMatchObject({ code: 'AZ_THROTTLED', retryAfterMs: 300_000, facts: { retryAfterSeconds: 300 } });
    expect(azure.sent('GET')).toHaveLength(1);
  });

  it('does not repeat a 429 that names no time', async () => {
    const azure = azureOf(all);
    azure.sandbox.faults.add({ match: {}, status: 429 });
    const error = await failure(anyLook(azure.read));
    expect(error.code).toBe('AZ_THROTTLED');
    expect(error.facts).not.toHaveProperty('retryAfterSeconds');
    expect(error.retryAfterMs).toBeUndefined();
    expect(azure.sent('GET')).toHaveLength(1);
  });

  it('gives up after three tries of an Azure that is ill', async () => {
    const azure = azureOf(all);
    azure.sandbox.faults.add({ match: {}, status: 503 });
    await expect(anyLook(azure.read)).rejects.toMatchObject({ code: 'AZ_UNAVAILABLE' });
    expect(azure.sent('GET')).toHaveLength(3);
  });

  it('ends when its time is over, although Azure hangs', async () => {
    const azure = azureOf(all, { timeouts: { readMs: 50 } });
    azure.sandbox.faults.add({ match: {}, delayMs: 400 });
    await expect(anyLook(azure.read)).rejects.toMatchObject({ code: 'AZ_SILENT' });
  });

  it('ends early for somebody who waits at a keyboard, and aborts what it has sent', async () => {
    const signals: AbortSignal[] = [];
    const hanging: HttpClient = {
      sendRequest: (request: PipelineRequest) => {
        signals.push(request.abortSignal as AbortSignal);
        return new Promise(() => {});
      },
    };
    const { read } = azureOf([], { httpClient: hanging });
    const error = await failure(anyLook(withDeadline(read, 60)));
    expect(error).toMatchObject({ code: 'AZ_SILENT', message: 'Azure did not answer in time.' });
    await new Promise((done) => setTimeout(done, 20));
    expect(signals.map((s) => s.aborted)).toEqual([true]);
  });

  it('may be one of dozens under one deadline, which Node is told is no leak', async () => {
    const warnings: string[] = [];
    const warned = ({ message }: Error) => void warnings.push(message);
    process.on('warning', warned);
    const { read } = azureOf(all);
    const build = () => Promise.all(Array.from({ length: 30 }, () => anyLook(read))).then(() => absent);
    await expect(anyLook(withDeadline({ ...read, build }, 60_000))).resolves.toBe(absent);
    // Node warns in a later turn.
    await new Promise((done) => setImmediate(done));
    process.off('warning', warned);
    expect(warnings).toEqual([]);
  });
});

describe('an effect', () => {
  it('is sent once, even when its answer is lost', async () => {
    const azure = azureOf(all);
    azure.sandbox.faults.add({ match: { method: 'POST' }, dropAfterAccept: true });
    await expect(azure.write(held).runTemplate(place, 'x')).rejects.toMatchObject({ code: 'AZ_SILENT' });
    expect(azure.sent('POST')).toHaveLength(1);
  });

  it.each([429, 500, 503, 504])('is sent once, even when Azure answers %d', async (status) => {
    const azure = azureOf(all);
    azure.sandbox.faults.add({ match: { method: 'POST' }, status, headers: { 'retry-after': '0' } });
    await expect(azure.write(held).runTemplate(place, 'x')).rejects.toMatchObject({ name: 'UserError' });
    expect(azure.sent('POST')).toHaveLength(1);
  });

  it('does not leave when the lease is over', async () => {
    const azure = azureOf(all);
    const lost: Fence = { leftMs: () => 0 };
    await expect(azure.write(lost).deleteTemplate(place, 'x')).rejects.toMatchObject({
      code: 'FENCED',
      message: 'This replica no longer holds the run; nothing was sent to Azure.',
      hint: 'Wait a minute; another replica takes over the run.',
    });
    expect(azure.sandbox.exchanges).toHaveLength(0);
  });

  it.each([Number.NaN, -1])('does not leave when the fence says %d', async (left) => {
    const azure = azureOf(all);
    const odd: Fence = { leftMs: () => left };
    await expect(azure.write(odd).deleteTemplate(place, 'x')).rejects.toMatchObject({ code: 'FENCED' });
    expect(azure.sandbox.exchanges).toHaveLength(0);
  });

  it('does not leave when the lease ended while the token was fetched', async () => {
    let left = 20_000;
    const slow = {
      getToken: async () => {
        left = 0;
        return { token: 't', expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    };
    const azure = azureOf(all, { credential: slow });
    const error = await failure(azure.write({ leftMs: () => left }).deleteTemplate(place, 'x'));
    expect(error.code).toBe('FENCED');
    expect(azure.sandbox.exchanges).toHaveLength(0);
  });

  it('stops waiting when the lease ends', async () => {
    const azure = azureOf(all);
    azure.sandbox.faults.add({ match: {}, delayMs: 500 });
    const fence: Fence = { leftMs: () => 40 };
    await expect(azure.write(fence).deleteTemplate(place, 'x')).rejects.toMatchObject({ code: 'AZ_SILENT' });
  });

  it('stops waiting for a token when the lease ends', async () => {
    const never = { getToken: () => new Promise<never>(() => {}) };
    const azure = azureOf(all, { credential: never });
    const fence: Fence = { leftMs: () => 40 };
    await expect(azure.write(fence).deleteTemplate(place, 'x')).rejects.toMatchObject({ code: 'AZ_SILENT' });
  });

  it('keeps to its own fence when two run at once', async () => {
    const azure = azureOf(all);
    const lost: Fence = { leftMs: () => 0 };
    const both = await Promise.allSettled([
      azure.write(held).deleteTemplate(place, 'kept'),
      azure.write(lost).deleteTemplate(place, 'refused'),
    ]);
    expect(both.map((b) => b.status)).toEqual(['fulfilled', 'rejected']);
    expect(azure.sent('DELETE').map((p) => p.split('/').at(-1))).toEqual(['kept']);
  });
});

describe('sandbox mode', () => {
  it('sends to the given address, names the host it was meant for and leaves the request as it was', async () => {
    const seen: { url: string; host: string | undefined }[] = [];
    const inner: HttpClient = {
      async sendRequest(request) {
        seen.push({ url: request.url, host: request.headers.get('x-sandbox-host') });
        return { request, status: 404, headers: createHttpHeaders(), bodyAsText: '{}' };
      },
    };
    const client = sandboxClient('http://127.0.0.1:7071/', inner);
    const { read } = createAzure({ credential: sandboxCredential, subscription: 's', httpClient: client });
    await anyLook(read);
    expect(seen[0]?.url).toMatch(/^http:\/\/127\.0\.0\.1:7071\/subscriptions\/.*api-version=/);
    expect(seen[0]?.host).toBe('management.azure.com');
    const request = { url: 'https://graph.microsoft.com/v1.0/x', headers: createHttpHeaders() } as PipelineRequest;
    const answer = await client.sendRequest(request);
    expect(seen[1]).toEqual({ url: 'http://127.0.0.1:7071/v1.0/x', host: 'graph.microsoft.com' });
    expect(answer.request).toBe(request);
    expect(request.url).toBe('https://graph.microsoft.com/v1.0/x');
    expect(request.headers.has('x-sandbox-host')).toBe(false);
  });
});

describe('a token', () => {
  const secret = 'canary-7f3kq-secret';
  const credential = { getToken: async () => ({ token: secret, expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const faults = [
    { match: {}, status: 400 },
    { match: {}, status: 401 },
    { match: {}, status: 403 },
    { match: {}, status: 409 },
    { match: {}, status: 429 },
    { match: {}, status: 500 },
    { match: {}, dropAfterAccept: true },
    { match: {}, delayMs: 100 },
  ];

  it.each(faults)('never appears in an error or in the log: %j', async (fault) => {
    const lines: unknown[] = [];
    const log = { debug: (...line: unknown[]) => lines.push(line), warn: (...line: unknown[]) => lines.push(line) };
    const azure = azureOf(all, { credential, log, timeouts: { tryMs: 30, writeMs: 30 } });
    azure.sandbox.faults.add(fault);
    const errors = [
      await failure(anyLook(azure.read)),
      await failure(azure.write(held).deleteTemplate(place, 'x')),
      await failure(azure.directory.memberOf('a', ['b'])),
    ];
    const used = azure.sandbox.exchanges.some((e) => e.requestHeaders['authorization']?.includes(secret));
    expect(used || 'delayMs' in fault).toBe(true);
    expect(lines.length).toBeGreaterThan(2);
    const said = inspect([errors, errors.map((e) => e.stack), lines], { depth: 20, showHidden: true });
    expect(said + JSON.stringify([errors, lines])).not.toContain(secret);
  });
});
