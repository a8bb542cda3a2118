import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from '../../core/errors';
import { silentTelemetry, type Telemetry } from '../../core/telemetry';
import { sleep } from '../../core/time';
import { createTelemetry, type Destinations } from '../../services';
import { memoryTelemetry } from '../support/memory-telemetry';

describe('telemetry by OpenTelemetry', () => {
  const { telemetry, spans, points } = memoryTelemetry();

  it('puts what begins during a span within it, also after a wait, and names it by what it is about', async () => {
    await telemetry.span({ name: 'activity', attributes: { 'goldbot.activity': 'message' } }, async () => {
      await sleep(1);
      await telemetry.span({ name: 'command' }, async (span) => span.set({ 'goldbot.command': 'publish' }));
    });
    const [command, activity] = spans().slice(-2);
    expect(command).toMatchObject({ name: 'command publish', parent: activity?.id, trace: activity?.trace });
    expect(activity).toMatchObject({ name: 'activity message', parent: undefined, failed: false });
  });

  it('begins a trace of its own for a step, linked to where its run was started, also in another process', async () => {
    let here: string | undefined;
    await telemetry.span({ name: 'command' }, async () => {
      here = telemetry.here();
      const links = [here, null, undefined, 'nonsense'];
      await telemetry.span({ name: 'step', links, root: true }, async () => {});
    });
    const [step, command] = spans().slice(-2);
    expect(here).toBe(`00-${command?.trace}-${command?.id}-01`);
    expect(step).toMatchObject({ links: [command?.id], parent: undefined });
    expect(step?.trace).not.toBe(command?.trace);
    expect(telemetry.here()).toBeUndefined();
  });

  it('tells a refusal by its code and a bug by its name, and neither by its words', async () => {
    const refusal = new UserError('WRONG_ROLE', 'Ada Lovelace is no publisher.', { hint: 'Ask Grace.' });
    await expect(telemetry.span({ name: 'command' }, () => Promise.reject(refusal))).rejects.toBe(refusal);
    const bug = new TypeError('Ada is not a function');
    await expect(telemetry.span({ name: 'command' }, () => Promise.reject(bug))).rejects.toBe(bug);
    const [refused, broken] = spans().slice(-2);
    expect(refused).toMatchObject({ failed: false, attributes: { 'goldbot.code': 'WRONG_ROLE' } });
    expect(broken).toMatchObject({ failed: true, attributes: { 'error.type': 'TypeError' } });
    expect(JSON.stringify(spans())).not.toContain('Ada');
  });

  it('adds up counters, and reads gauges from whoever watches last; who cannot be read is silent', async () => {
    telemetry.count('goldbot.refusals', { 'goldbot.code': 'WRONG_ROLE', 'goldbot.command': 'publish' });
    telemetry.count('goldbot.refusals', { 'goldbot.code': 'WRONG_ROLE', 'goldbot.command': 'publish' });
    telemetry.watch(() => Promise.reject(new Error('no database')));
    expect((await points()).map(({ name }) => name)).toEqual(['goldbot.refusals']);
    telemetry.watch(async () => [{ name: 'goldbot.queue.length', value: 7, by: { 'goldbot.queue': 'runs' } }]);
    expect(await points()).toEqual([
      { name: 'goldbot.refusals', by: { 'goldbot.code': 'WRONG_ROLE', 'goldbot.command': 'publish' }, value: 2 },
      { name: 'goldbot.queue.length', by: { 'goldbot.queue': 'runs' }, value: 7 },
    ]);
  });
});

describe('a collector', () => {
  let server: Server;
  let status = 503;
  const got: { readonly path: string | undefined; readonly body: string }[] = [];
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      if (status === 200) got.push({ path: request.url, body });
      response.statusCode = status;
      response.end('{}');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterAll(() => server.close());

  const sending = (otlp: string) => {
    const told: Parameters<Destinations['onTrouble']>[0][] = [];
    const telemetry = createTelemetry({ instance: 'replica-1', otlp, onTrouble: (trouble) => told.push(trouble) });
    return { telemetry, told };
  };

  it('gets spans as OTLP', async () => {
    status = 200;
    const { telemetry, told } = sending(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await telemetry.span({ name: 'activity', attributes: { 'goldbot.activity': 'invoke' } }, async () => {});
    await telemetry.close(5_000);
    const traces = got.filter(({ path }) => path === '/v1/traces').map(({ body }) => JSON.parse(body));
    expect(traces[0].resourceSpans[0].resource.attributes).toContainEqual({
      key: 'service.instance.id',
      value: { stringValue: 'replica-1' },
    });
    expect(traces[0].resourceSpans[0].scopeSpans[0].spans[0]).toMatchObject({ name: 'activity invoke', kind: 2 });
    expect(told).toEqual([]);
  });

  it('that refuses everything is told once, and changes nothing of what goldbot does', async () => {
    status = 400;
    const { telemetry, told } = sending(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    telemetry.count('goldbot.refusals', { 'goldbot.code': 'WRONG_ROLE' });
    expect(await telemetry.span({ name: 'activity' }, async () => 'done')).toBe('done');
    await telemetry.close(5_000);
    expect(told).toEqual([{ why: 'OTLPExporterError 400' }]);
  });
});

describe('without a setting', () => {
  it('work is done as if nobody had ever thought of telemetry', async () => {
    const telemetry: Telemetry = silentTelemetry;
    expect(await telemetry.span({ name: 'step' }, async (span) => [span.set({}), span.fail(), 'done'])).toContain(
      'done',
    );
    expect(telemetry.on).toBe(false);
    expect(telemetry.here()).toBeUndefined();
  });
});
