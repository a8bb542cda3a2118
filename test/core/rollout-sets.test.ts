import {
  type InstanceSeen,
  nextOfAsked,
  nextOfSet,
  reimagedWords,
  reimaging,
  type SetProgress,
  type SetSeen,
  tallyOf,
} from '../../core/lifecycle';

const definition = '/g/images/ubuntu-22';
const id = '/subscriptions/s/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachineScaleSets/one';
const at = (minute: number) => new Date(Date.UTC(2026, 10, 30, 9, minute));
const one = (id: string, version: string, more: Partial<InstanceSeen> = {}): InstanceSeen => ({
  ...{ id, definition, version, state: 'running', health: 'healthy', isShielded: false, hasModel: true },
  ...more,
});
const all = (version: string, n = 5) => Array.from({ length: n }, (_, i) => one(String(i), version));
const set = (instances: readonly InstanceSeen[], more: Partial<SetSeen> = {}): SetSeen => ({
  ...{
    name: 'set',
    isFlexible: false,
    takesReimage: true,
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
  mayReimage = false,
) =>
  nextOfSet(
    seen,
    { id, definition: definition.toUpperCase(), version: '1.5.0', since: at(0), progress, upgrade, mayReimage },
    at(minute),
  );

describe('the next step of a scale set on its way to a version', () => {
  it('is its model, then one instance, then a fifth at a time, then nothing', () => {
    expect(next(set(all('1.4.0'), old))).toMatchObject({ kind: 'model' });
    expect(next(set(all('1.4.0', 12)))).toMatchObject({ kind: 'upgrade', ids: ['0'] });
    const [first, ...rest] = all('1.4.0', 12);
    const second = next(set([{ ...(first as InstanceSeen), version: '1.5.0' }, ...rest]), asked(['0'], 0), 5);
    expect(second).toMatchObject({ kind: 'upgrade', ids: ['1', '2', '3'], progress: { on: 1, of: 12 } });
    expect(next(set(all('1.5.0')))).toEqual({ kind: 'over', progress: { on: 5, of: 5, state: 'done', isNamed: true } });
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

  it('knows an instance that Azure is changing as one of the batch, also where nobody came to say that it was asked', () => {
    const [, , ...rest] = all('1.4.0');
    const seen = set([one('0', '1.5.0'), one('1', '1.4.0', { state: 'busy' }), ...rest]);
    const step = next(seen, asked(['0'], 0), 40);
    expect(step).toMatchObject({ kind: 'wait', progress: { batch: { ids: ['1'], at: at(40).toISOString() } } });
    const still = set([one('0', '1.5.0'), ...all('1.4.0').slice(1)]);
    expect(next(still, step.progress, 60)).toMatchObject({ kind: 'wait' });
    expect(next(still, step.progress, 71)).toMatchObject({ kind: 'stop' });
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
    expect(step).toMatchObject({
      kind: 'stop',
      why: expect.stringMatching(
        /^has instance 0 still on 1\.4\.0, although Azure took the upgrade; its owner reimages it \(az vmss reimage --resource-group rg-web --name \S+ --instance-ids 0\), or a rollout that is asked for with the role goldbot-reimage on rg-web does$/,
      ),
    });
    const flexible = next(set(all('1.4.0'), { isFlexible: true, takesReimage: false }), asked(['0', '1'], 0), 31);
    expect(flexible).toMatchObject({
      why: expect.stringMatching(/instances 0 and 1 still on .*; its owner replaces them$/),
    });
  });

  describe('where people agreed to reimage what took the model and kept its disk', () => {
    const agreed = (seen: SetSeen, progress: SetProgress, minute: number) =>
      next(seen, progress, minute, undefined, true);
    const [first, ...others] = all('1.4.0');
    const with0 = (more: Partial<InstanceSeen>, ofSet: Partial<SetSeen> = {}) =>
      set([{ ...(first as InstanceSeen), ...more }, ...others], ofSet);

    it('is that, of the batch alone, and not before Azure had its time', () => {
      expect(agreed(with0({}), asked(['0'], 0), 30)).toMatchObject({ kind: 'wait' });
      expect(agreed(with0({}), asked(['0'], 0), 31)).toMatchObject({
        ...{ kind: 'reimage', ids: ['0'] },
        otherwise: expect.stringContaining('its owner reimages it'),
      });
    });

    it.each([
      ['did not take the model', { hasModel: false }, {}],
      ['is shielded by its owner', { isShielded: true }, {}],
      ['could not be made', { state: 'failed' as const }, {}],
      ['is of a set that Azure is changing', {}, { isBusy: true }],
      ['would keep its image', {}, { takesReimage: false }],
    ])('is to stop as without it for one that %s', (_, instance, ofSet) => {
      expect(agreed(with0(instance, ofSet), asked(['0'], 0), 31)).toMatchObject({ kind: 'stop' });
    });

    it('is on record before Azure is asked, gives it its time anew, and is done once', () => {
      const due = reimaging(asked(['0', '1'], 0), ['0'], at(31));
      expect(agreed(with0({}), due, 31)).toMatchObject({ kind: 'reimage', ids: ['0', '1'] });
      // Whoever asked did not come to say so.
      expect(agreed(with0({ state: 'busy' }), due, 33)).toMatchObject({ kind: 'wait' });
      expect(agreed(with0({}, { isBusy: true }), due, 33)).toMatchObject({ kind: 'wait' });
      const after = reimaging(due, ['0', '1'], at(31));
      expect(agreed(with0({}), after, 61)).toMatchObject({
        ...{ kind: 'wait', why: 'Azure reimages instances 0 and 1 of set' },
      });
      expect(agreed(with0({}), after, 62)).toMatchObject({
        kind: 'stop',
        why: expect.stringMatching(
          /^has instances 0 and 1 still on 1\.4\.0, .* and goldbot reimaged them; its owner looks why/,
        ),
      });
    });

    it.each([
      ['was', { isAsked: true as const }],
      ['may have been', {}],
    ])('stays on record where Azure %s asked, and goes on with the next batch', (_, isAsked) => {
      const progress = asked(['0'], 31);
      const batch = { ids: ['0'], at: at(31).toISOString(), reimage: { ids: ['0'], ...isAsked } };
      const step = agreed(with0({ version: '1.5.0', hasModel: false }), { ...progress, batch }, 40);
      expect(step).toMatchObject({ kind: 'upgrade', ids: ['1'], progress: { on: 1, reimaged: ['0'] } });
      const later = { ...step.progress, batch: { ids: ['1'], at: at(41).toISOString() } };
      const done = agreed(set(all('1.5.0')), later, 50);
      expect(done).toMatchObject({ kind: 'over', progress: { state: 'done', reimaged: ['0'] } });
      expect(reimagedWords(done.progress)).toBe('had instance 0 reimaged');
    });
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

describe('the next step of a set that Azure upgrades once its owner lets it', () => {
  const question = { name: 'q', waiting: ['/set'], until: at(60), latest: at(90), otherwise: 'approve' as const };
  const follows = (instances: readonly InstanceSeen[]) => set(instances, { image: definition });
  const of = (seen: SetSeen | undefined, more: Partial<Parameters<typeof nextOfAsked>[1]> = {}, minute = 0) =>
    nextOfAsked(
      seen,
      { id, definition, version: '1.5.0', since: at(0), asks: 'hook', questions: [], ...more },
      at(minute),
    );

  it('is to answer what Azure asks, then to watch, and to be over once all have it or a newer one', () => {
    expect(of(follows(all('1.4.0')), { questions: [question] })).toMatchObject({ kind: 'approve', question });
    const running = { startedAt: at(-5), state: 'running' as const, pending: 3 };
    expect(of(follows(all('1.4.0')), { upgrade: running })).toMatchObject({ kind: 'wait' });
    expect(of(follows([one('0', '1.5.0'), one('1', '1.6.0')]))).toMatchObject({
      kind: 'over',
      progress: { on: 2, state: 'done' },
    });
  });

  it('is to let what a policy defers begin, once', () => {
    expect(of(follows(all('1.4.0')), { asks: 'deferral' })).toMatchObject({ kind: 'approve' });
    expect(of(follows(all('1.4.0')), { asks: 'deferral', progress: asked([], 0) }, 5)).toMatchObject({ kind: 'wait' });
  });

  it('waits an hour for Azure to ask or to begin, and leaves it then', () => {
    const first = of(follows(all('1.4.0')));
    expect(first).toMatchObject({ kind: 'wait', progress: { batch: { at: at(0).toISOString() } } });
    const later = of(follows(all('1.4.0')), { progress: first.progress }, 61);
    expect(later).toMatchObject({
      kind: 'over',
      progress: { state: 'left', note: expect.stringContaining('begun nothing within an hour') },
    });
  });

  it('stops with an upgrade that went wrong, and tells what one that is over has left', () => {
    const upgrade = { startedAt: at(1), state: 'faulted' as const, pending: 0, error: '40% are unhealthy.' };
    expect(of(follows(all('1.4.0')), { upgrade }, 30)).toMatchObject({
      kind: 'stop',
      why: expect.stringContaining('40%'),
    });
    const over = of(
      follows([one('0', '1.4.0', { state: 'stopped' }), one('1', '1.5.0')]),
      { upgrade: { ...upgrade, state: 'completed' } },
      30,
    );
    expect(over).toMatchObject({
      kind: 'over',
      progress: { state: 'done', note: 'was left with instance 0 not running' },
    });
  });

  it('is none for one that is gone, or that names a version now', () => {
    expect(of(undefined)).toMatchObject({ kind: 'over', progress: { state: 'left', note: 'is gone' } });
    expect(of(set(all('1.4.0')))).toMatchObject({ progress: { note: 'does not follow this image any more' } });
  });
});

it('a tally is of all sets', () => {
  expect(tallyOf({ a: { on: 1, of: 3, state: 'now' }, b: { on: 2, of: 2, state: 'done' } })).toEqual({ on: 3, of: 5 });
  expect(tallyOf(undefined)).toEqual({ on: 0, of: 0 });
});
