import fc from 'fast-check';
import { experienceOf, looksAt, medianOf, nextLook, typicalCopyMs, usualOf } from '../../core/runs';
import { hours, minutes, seconds } from '../../core/time';
import { sized } from '../support/size';

const usuals = fc.record({
  medianMs: fc.integer({ min: 1_000, max: hours(12) }),
  spread: fc.double({ min: 0.02, max: 1, noNaN: true }),
});
const plans = fc.record({
  before: fc.integer({ min: 0, max: 12 }),
  close: fc.integer({ min: 1, max: 40 }),
  after: fc.integer({ min: 1, max: 8 }),
  untilMs: fc.integer({ min: 1, max: hours(24) }),
});
const runs = { numRuns: sized(100, 5_000) };

/** When somebody looks who keeps to the plan, until the end that nobody sees before the look after it. */
function lookedAt(endMs: number, looks: readonly number[]): number[] {
  const at: number[] = [];
  let now = 0;
  do {
    now += nextLook(now, looks);
    at.push(now);
  } while (now < endMs && at.length < 1_000);
  return at;
}

describe('a long wait', () => {
  it('costs no more looks than its budget, whatever it takes, and is never without a next one', () => {
    const duration = fc.integer({ min: 0, max: hours(24) });
    fc.assert(
      fc.property(usuals, plans, duration, (usual, plan, endMs) => {
        const looks = looksAt(usual, plan);
        const at = lookedAt(Math.min(endMs, plan.untilMs), looks);
        expect(at.length).toBeLessThanOrEqual(plan.before + plan.close + plan.after + 1);
        for (const ms of looks) expect(nextLook(ms, looks)).toBeGreaterThan(0);
        expect(nextLook(hours(1_000), looks)).toBe(minutes(10));
      }),
      runs,
    );
  });

  it('is looked at in this order, the last time when it is over', () => {
    fc.assert(
      fc.property(usuals, plans, (usual, plan) => {
        const looks = looksAt(usual, plan);
        expect(looks).toHaveLength(plan.before + plan.close + plan.after);
        for (const [i, ms] of looks.entries()) expect(ms).toBeGreaterThanOrEqual(looks[i - 1] ?? 0);
        expect(looks.at(-1)).toBeGreaterThan(plan.untilMs);
        expect(Math.max(...looks)).toBeLessThanOrEqual(plan.untilMs + 2);
      }),
      runs,
    );
  });

  it('is looked at most closely about the time that it usually takes', () => {
    const plan = { before: 4, close: 12, after: 5, untilMs: hours(6) };
    const usual = { medianMs: minutes(50), spread: 0.03 };
    const looks = looksAt(usual, plan);
    const gapAfter = (ms: number) => nextLook(ms, looks);
    expect(gapAfter(minutes(10))).toBeGreaterThan(minutes(5));
    expect(gapAfter(minutes(50.5))).toBeLessThan(seconds(60));
    expect(gapAfter(minutes(80))).toBeGreaterThan(minutes(5));
  });

  it('goes on past its limit, for whoever has another one', () => {
    expect(nextLook(minutes(5), [])).toBe(minutes(10));
    expect(nextLook(999, [1_000])).toBe(2_000);
  });
});

describe('what is usual', () => {
  const typical = { medianMs: 7, spread: 0.5 };

  it('is what is typical while nothing is known', () => {
    expect(usualOf([], typical)).toBe(typical);
    expect(usualOf([0, -1], typical)).toBe(typical);
  });

  it('is the median, and the surer the more is known', () => {
    const one = usualOf([minutes(30)], typical);
    const ten = usualOf(
      Array.from({ length: 10 }, () => minutes(30)),
      typical,
    );
    expect([one.medianMs, ten.medianMs]).toEqual([minutes(30), minutes(30)]);
    expect([one.spread, ten.spread]).toEqual([0.1, 0.02]);
  });

  it('is uncertain where the times differ', () => {
    const alike = usualOf([100, 101, 99, 100, 102], typical);
    const unlike = usualOf([100, 50, 200, 100, 150], typical);
    expect(unlike.spread).toBeGreaterThan(3 * alike.spread);
  });

  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[], 0],
  ])('has a median: of %j %d', (samples, median) => {
    expect(medianOf(samples)).toBe(median);
  });
});

describe('what earlier runs waited', () => {
  const of = { image: 'a', os: 'Linux' as const };
  const run = (image: string, os: 'Linux' | 'Windows', took: object) => ({ image, os, took });

  it('is that of the image, else of its kind, else of all, each for itself', () => {
    const runs = [
      run('a', 'Linux', { build: 1 }),
      run('b', 'Linux', { build: 2, copy: 3 }),
      run('c', 'Windows', { build: 4, copy: 5, regions: 6 }),
      run('a', 'Linux', { build: 7 }),
    ];
    expect(experienceOf(runs, of)).toEqual({ build: [1, 7], copy: [3], regions: [6] });
    expect(experienceOf([], of)).toEqual({});
  });

  it('is read from the stages of runs that noted nothing else', () => {
    const times = [
      { stage: 'customise', from: '2026-11-01T10:00:00Z', to: '2026-11-01T11:00:00Z' },
      { stage: 'tattoo', from: '2026-11-01T11:00:00Z', to: '2026-11-01T12:00:00Z' },
      { stage: 'replicate', from: '2026-11-01T12:00:00Z', to: '2026-11-01T12:30:00Z' },
      { stage: 'age', from: '2026-11-01T12:30:00Z' },
    ];
    expect(experienceOf([{ image: 'a', times }], of)).toEqual({
      build: [hours(1) - typicalCopyMs],
      regions: [minutes(30)],
    });
    expect(experienceOf([{ image: 'a', times: times.slice(1) }], of)).toEqual({ regions: [minutes(30)] });
    const cancelled = [times[0], { stage: 'cleanup', from: '2026-11-01T11:00:00Z' }] as typeof times;
    expect(experienceOf([{ image: 'a', times: cancelled }], of)).toEqual({});
  });
});
