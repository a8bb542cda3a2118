import { type InstanceSeen, nextOfSet, type SetProgress, type SetSeen, tallyOf } from '../../core/lifecycle';

const definition = '/g/images/ubuntu-22';
const at = (minute: number) => new Date(Date.UTC(2026, 10, 30, 9, minute));
const one = (id: string, version: string, more: Partial<InstanceSeen> = {}): InstanceSeen => ({
  ...{ id, definition, version, state: 'running', health: 'healthy', isShielded: false },
  ...more,
});
const all = (version: string, n = 5) => Array.from({ length: n }, (_, i) => one(String(i), version));
const set = (instances: readonly InstanceSeen[], more: Partial<SetSeen> = {}): SetSeen => ({
  ...{
    name: 'set',
    isFlexible: false,
    image: `${definition}/versions/1.5.0`,
    mode: 'Manual',
    isBusy: false,
    instances,
  },
  ...more,
});
const old = { image: `${definition}/versions/1.4.0` };
const asked = (ids: readonly string[], minute: number): SetProgress => ({
  ...{ on: 0, of: 5, state: 'now', batch: { ids, at: at(minute).toISOString() } },
});
const next = (
  seen: SetSeen | undefined,
  progress?: SetProgress,
  minute = 0,
  upgrade?: Parameters<typeof nextOfSet>[1]['upgrade'],
) =>
  nextOfSet(
    seen,
    { definition: definition.toUpperCase(), version: '1.5.0', since: at(0), progress, upgrade },
    at(minute),
  );

describe('the next step of a scale set on its way to a version', () => {
  it('is its model, then one instance, then a fifth at a time, then nothing', () => {
    expect(next(set(all('1.4.0'), old))).toMatchObject({ kind: 'model' });
    expect(next(set(all('1.4.0', 12)))).toMatchObject({ kind: 'upgrade', ids: ['0'] });
    const [first, ...rest] = all('1.4.0', 12);
    const second = next(set([{ ...(first as InstanceSeen), version: '1.5.0' }, ...rest]), asked(['0'], 0), 5);
    expect(second).toMatchObject({ kind: 'upgrade', ids: ['1', '2', '3'], progress: { on: 1, of: 12 } });
    expect(next(set(all('1.5.0')))).toEqual({ kind: 'over', progress: { on: 5, of: 5, state: 'done' } });
    expect(next(set([], old))).toMatchObject({ kind: 'model' });
    expect(next(set([]))).toMatchObject({ kind: 'over', progress: { of: 0, state: 'done' } });
  });

  it('leaves the model of one that takes the latest', () => {
    expect(next(set(all('1.4.0'), { image: definition }))).toMatchObject({ kind: 'upgrade', ids: ['0'] });
    expect(next(set(all('1.4.0'), { image: `${definition}/versions/LATEST` }))).toMatchObject({ kind: 'upgrade' });
  });

  it('is to wait while Azure works on it, while a batch is on its way, and until that is healthy', () => {
    const [, ...rest] = all('1.4.0');
    const said = (step: ReturnType<typeof next>) => (step.kind === 'wait' ? step.why : step.kind);
    expect(said(next(set(all('1.4.0'), { isBusy: true })))).toBe('Azure is changing set');
    const busy = one('0', '1.4.0', { state: 'busy' });
    expect(said(next(set([busy, ...rest]), asked(['0'], 0), 5))).toBe('Azure upgrades instance 0 of set');
    expect(said(next(set(all('1.4.0')), asked(['0', '1'], 0), 20))).toBe('Azure upgrades instances 0 and 1 of set');
    const ill = one('0', '1.5.0', { health: 'unhealthy' });
    expect(said(next(set([ill, ...rest]), asked(['0'], 0), 10))).toBe('instance 0 of set is not healthy yet');
  });

  it.each([
    ['is unhealthy', { health: 'unhealthy' as const }],
    ['could not be made', { state: 'failed' as const }],
    ['was asked to change and does not run', { state: 'stopped' as const }],
  ])('is to stop at the first instance that %s ten minutes after it was asked for', (_, how) => {
    const [, ...rest] = all('1.4.0');
    const step = next(set([one('0', '1.5.0', how), ...rest]), asked(['0'], 0), 11);
    expect(step).toMatchObject({
      kind: 'stop',
      why: 'has instance 0 unhealthy on 1.5.0',
      progress: { state: 'failed' },
    });
  });

  it('is to stop where Azure took an upgrade and the instance still runs what it ran', () => {
    const step = next(set(all('1.4.0')), asked(['0'], 0), 31);
    expect(step).toMatchObject({ kind: 'stop', why: expect.stringContaining('instance 0 still on 1.4.0') });
  });

  it('touches no set that is not well already, and tells who is not', () => {
    const [a, b, ...rest] = all('1.4.0').map((instance, n) =>
      n < 2 ? { ...instance, health: 'unhealthy' as const } : instance,
    );
    const ill = [a as InstanceSeen, b as InstanceSeen, ...rest];
    expect(next(set(ill, old))).toMatchObject({
      kind: 'stop',
      why: expect.stringContaining('instances 0 and 1 unhealthy'),
    });
    expect(next(set(ill))).toMatchObject({ kind: 'stop' });
    expect(next(set([a as InstanceSeen, ...all('1.4.0').slice(1)], old))).toMatchObject({ kind: 'model' });
  });

  it('leaves what does not run, what its owner shields, and says so', () => {
    const step = next(
      set([one('0', '1.4.0', { state: 'stopped' }), one('1', '1.4.0', { isShielded: true }), one('2', '1.5.0')]),
    );
    expect(step).toMatchObject({
      ...{ kind: 'over', progress: { on: 1, of: 3, state: 'done' } },
    });
    expect(step.progress.note).toBe('was left with instance 0 not running, and instance 1 protected by the owner');
  });

  it.each([
    ['is gone', undefined, 'is gone'],
    [
      'has gone over to another image',
      set(all('1.4.0'), { image: '/g/images/other/versions/1.5.0' }),
      'has gone over to another image',
    ],
    [
      'would lose all at once',
      set(all('1.4.0'), { ...old, mode: 'Automatic' }),
      'would lose all its instances at once',
    ],
  ])('is none for one that %s', (_, seen, note) => {
    const step = next(seen, { on: 2, of: 5, state: 'now' });
    expect(step).toMatchObject({ kind: 'over', progress: { state: 'left', note: expect.stringContaining(note) } });
  });

  it('leaves the judgement to Azure while Azure moves it, and stops with it', () => {
    const ill = set([one('0', '1.5.0', { health: 'unhealthy' }), ...all('1.4.0').slice(1)]);
    const upgrade = { startedAt: at(1), state: 'running' as const, pending: 3 };
    expect(next(ill, undefined, 40, upgrade)).toMatchObject({ kind: 'wait', why: 'Azure upgrades set batch by batch' });
    const faulted = { ...upgrade, state: 'faulted' as const, error: '40% are unhealthy.' };
    expect(next(ill, undefined, 40, faulted)).toMatchObject({
      kind: 'stop',
      why: 'was not upgraded by Azure: 40% are unhealthy',
    });
    // One of before this run says nothing about it.
    expect(next(set(all('1.4.0')), undefined, 5, { ...faulted, startedAt: at(-60) })).toMatchObject({
      kind: 'upgrade',
    });
    expect(next(ill, undefined, 40, { ...upgrade, state: 'cancelled' })).toMatchObject({
      why: expect.stringContaining('somebody cancelled it'),
    });
  });
});

it('a tally is of all sets', () => {
  expect(tallyOf({ a: { on: 1, of: 3, state: 'now' }, b: { on: 2, of: 2, state: 'done' } })).toEqual({ on: 3, of: 5 });
  expect(tallyOf(undefined)).toEqual({ on: 0, of: 0 });
});
