import fc from 'fast-check';
import type { PublishData } from '../../core/runs';
import { hours, minutes } from '../../core/time';
import { look } from '../../workflows/publish/looking';
import type { PlannedContext } from '../../workflows/publish/stage';
import { sized } from '../support/size';

const start = Date.parse('2026-11-23T09:00:00Z');
const limitMs = hours(8);

interface Build {
  readonly copyAt: number;
  readonly endsAt: number;
  readonly usual: NonNullable<PublishData['usual']>;
  readonly os: 'Linux' | 'Windows';
}

/** How often a build is looked at until it ends or its stage's limit is over, and when for the last time. */
function looksOf({ copyAt, endsAt, usual, os }: Build): { readonly count: number; readonly lastMs: number } {
  let data: PublishData = { usual };
  let [count, lastMs] = [0, 0];
  while (lastMs < Math.min(endsAt, limitMs)) {
    const now = new Date(start + lastMs);
    const run = { data, inStage: { limit: { until: new Date(start + limitMs) } } };
    const context = { now, data, run, plan: { recipe: { os } } } as unknown as PlannedContext;
    const isCopying = lastMs >= copyAt;
    const seen = isCopying
      ? ({ what: 'copy', state: 'Distributing' } as const)
      : ({ what: 'build', state: 'Building', since: new Date(start).toISOString() } as const);
    const { ms, data: kept } = look(context, seen);
    data = { ...data, ...kept } as PublishData;
    lastMs += ms;
    count += 1;
  }
  return { count, lastMs };
}

describe('a build with its copy', () => {
  const samples = fc.array(fc.integer({ min: 1_000, max: hours(6) }), { minLength: 1, maxLength: 20 });
  const build = fc.record({
    copyAt: fc.integer({ min: 0, max: hours(9) }),
    endsAt: fc.integer({ min: 0, max: hours(10) }),
    os: fc.constantFrom('Linux' as const, 'Windows' as const),
  });
  const runs = { numRuns: sized(200, 5_000) };

  it('is looked at 34 times at most where builds are known, whatever it takes, and no later than its limit', () => {
    fc.assert(
      fc.property(build, samples, fc.option(samples, { nil: undefined }), (one, known, copy) => {
        const { count, lastMs } = looksOf({ ...one, usual: { build: known, ...(copy && { copy }) } });
        expect(count).toBeLessThanOrEqual(34 + 1);
        expect(lastMs).toBeLessThanOrEqual(limitMs + minutes(10));
      }),
      runs,
    );
  });

  it('is looked at 48 times at most where none is known', () => {
    fc.assert(
      fc.property(build, (one) => {
        expect(looksOf({ ...one, usual: {} }).count).toBeLessThanOrEqual(48 + 1);
      }),
      runs,
    );
  });

  it('is expected later on Windows while none is known', () => {
    const one = { copyAt: minutes(45), endsAt: minutes(53), usual: {} };
    const [linux, windows] = [looksOf({ ...one, os: 'Linux' }), looksOf({ ...one, os: 'Windows' })];
    expect(windows.count).toBeLessThan(linux.count);
  });
});
