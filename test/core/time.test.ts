import { believedMs, days, hours, minutes, seconds, sleep, weeks, within } from '../../core/time';

const never = new Promise<never>(() => {});

describe('durations', () => {
  it('are milliseconds', () => {
    expect([seconds(2), minutes(2), hours(2), days(2), weeks(2)]).toEqual([
      2_000, 120_000, 7_200_000, 172_800_000, 1_209_600_000,
    ]);
  });
});

describe('a wait that somebody else asks for', () => {
  it.each([
    [30_000, 30_000],
    [-1, 0],
    [hours(6), hours(6)],
    [seconds(1e9), hours(6)],
    [Number.POSITIVE_INFINITY, hours(6)],
  ])('of %d ms is believed for %d ms: a wrong number silences nobody for good', (asked, believed) => {
    expect(believedMs(asked)).toBe(believed);
  });
});

describe('a deadline', () => {
  it('gives what the work comes to in time', async () => {
    expect(await within(10_000, Promise.resolve('done'), () => 'late')).toBe('done');
  });

  it('gives what lateness comes to, and leaves the work alone', async () => {
    expect(await within(1, never, () => 'late')).toBe('late');
  });

  it('throws what lateness throws', async () => {
    const late = () => {
      throw new Error('too late');
    };

    await expect(within(1, never, late)).rejects.toThrow('too late');
  });

  it('throws what the work throws in time', async () => {
    await expect(within(10_000, Promise.reject(new Error('broken')), () => 'late')).rejects.toThrow('broken');
  });

  it('is not disturbed by work that fails after it', async () => {
    let fail = (_: Error) => {};
    const work = new Promise<never>((_, reject) => {
      fail = reject;
    });
    expect(await within(1, work, () => 'late')).toBe('late');

    fail(new Error('broken later'));

    await expect(work).rejects.toThrow('broken later');
  });
});

describe('a sleep', () => {
  it('lasts, and then ends by itself', async () => {
    const stop = new AbortController();
    let awake = false;
    const asleep = sleep(60_000, stop.signal).then(() => {
      awake = true;
    });
    await new Promise(setImmediate);
    expect(awake).toBe(false);
    stop.abort();
    await asleep;
    expect(awake).toBe(true);

    await sleep(1);
  });

  it('of many years is not over at once, as Node has it', async () => {
    const stop = new AbortController();
    const slept = sleep(days(10_000), stop.signal).then(() => 'over');

    expect(await Promise.race([slept, sleep(50).then(() => 'asleep')])).toBe('asleep');
    expect(await within(days(10_000), sleep(50), () => 'late')).toBeUndefined();
    stop.abort();
    await slept;
  });

  it('ends early, without an error, when it is aborted', async () => {
    const stop = new AbortController();
    const started = performance.now();
    const asleep = sleep(60_000, stop.signal);

    stop.abort();
    await asleep;
    await sleep(60_000, stop.signal);

    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
