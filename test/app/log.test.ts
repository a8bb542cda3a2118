import { RestError } from '@azure/core-rest-pipeline';
import { createLog } from '../../app/run';
import { telemetryOf, tracedLog } from '../../app/telemetry';
import { logFieldRows } from '../../core/log';
import { sleep } from '../../core/time';
import { memoryTelemetry } from '../support/memory-telemetry';

const canary = 'eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiJhZGEifQ.c2lnbmF0dXJl';

function logged(fields: object): Record<string, unknown> {
  let line = '';
  const write = (text: string) => {
    line += text;
  };
  createLog('debug', { write }).warn(fields as never, 'something happened');
  return JSON.parse(line);
}

describe('the log', () => {
  it('has the fields of the list and no other, whatever it is handed', () => {
    const {
      level: _,
      time: _time,
      ...rest
    } = logged({ run: 'R-7F3KQ', headers: { authorization: canary }, said: 'hello', body: 'x' });
    expect(rest).toEqual({ run: 'R-7F3KQ', msg: 'something happened' });
  });

  it.each(Object.keys(logFieldRows))('has no token in the field %s', (field) => {
    const line = JSON.stringify(logged({ [field]: `it was ${canary} all along` }));
    expect(line).toContain('all along');
    expect(line).not.toContain('eyJ');
  });

  it('has the kind, the code, the words and the stack of an error and nothing that hangs on it', () => {
    const request = { url: 'https://x/?sig=abc', headers: { authorization: `Bearer ${canary}` } };
    const inner = Object.assign(new Error(`GET https://x/?sv=1&sig=abcdef&se=2 with Bearer ${canary}`), { request });
    const error = new RestError('no answer', { code: 'ECONNRESET', request: request as never });
    error.cause = inner;
    const line = logged({ err: error });
    expect(line['err']).toEqual({
      type: 'RestError',
      code: 'ECONNRESET',
      message: 'no answer',
      stack: expect.stringContaining('log.test.ts'),
      cause: {
        type: 'Error',
        message: 'GET https://x/?sv=1&sig=[cut]&se=2 with Bearer [cut]',
        stack: expect.stringContaining('log.test.ts'),
      },
    });
    expect(JSON.stringify(line)).not.toMatch(/eyJ|abcdef|authorization/);
  });

  it.each([
    ['postgresql://goldbot:hunter2@db:5432/goldbot', 'postgresql://goldbot:[cut]@db:5432/goldbot'],
    ['client_secret=hunter2&scope=x', 'client_secret=[cut]&scope=x'],
    ['{"token": "hunter2"}', '{"token":"[cut]"}'],
    ['AccountKey=hunter2;EndpointSuffix=x', 'AccountKey=[cut];EndpointSuffix=x'],
    ['GET https://management.azure.com/subscriptions/a', 'GET https://management.azure.com/subscriptions/a'],
  ])('tells %s as %s', (said, told) => {
    expect(logged({ why: said })['why']).toBe(told);
  });

  it('cuts a thing with parts, and an error that nobody called one', () => {
    const line = logged({ why: { request: { token: canary } }, error: new Error(canary), channels: ['a', { b: 1 }] });
    expect(line).toMatchObject({ why: '[cut]', error: { type: 'Error', message: '[cut]' }, channels: ['a', '[cut]'] });
  });
});

describe('the log of what telemetry sees', () => {
  const { telemetry, spans } = memoryTelemetry();
  const lines: Record<string, unknown>[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(JSON.parse(line)) });
  const traced = tracedLog(log, telemetry);
  beforeEach(() => {
    lines.length = 0;
  });

  it('says in each line within which trace it was written, also after a wait', async () => {
    await telemetry.span({ name: 'step' }, async () => {
      await sleep(1);
      for (const level of ['debug', 'info', 'warn', 'error', 'fatal'] as const)
        traced[level]({ run: 'R-7F3KQ' }, level);
    });
    const [step] = spans().slice(-1);
    expect(lines.map(({ msg, run, trace }) => [msg, run, trace])).toEqual(
      ['debug', 'info', 'warn', 'error', 'fatal'].map((level) => [level, 'R-7F3KQ', step?.trace]),
    );
    expect(lines.map(({ level }) => level)).toEqual([20, 30, 40, 50, 60]);
  });

  it('says nothing of a trace outside of one', () => {
    traced.info({}, 'goldbot serves');
    expect(lines).toEqual([expect.not.objectContaining({ trace: expect.anything() })]);
  });

  it('is the log itself where nobody listens, and another where somebody does', async () => {
    const parts = { log, owner: 'replica-1' };
    expect(telemetryOf({}, parts).log).toBe(log);
    const on = telemetryOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }, parts);
    await on.telemetry.span({ name: 'step' }, async () => on.log.info({}, 'within'));
    expect(lines.find(({ msg }) => msg === 'within')?.['trace']).toMatch(/^[0-9a-f]{32}$/);
    await on.close();
  });
});
