import type { PublishRun, StageTime } from '../../core/runs';
import {
  countBack,
  dueOccurrence,
  estimatesOf,
  firstAfter,
  occurrenceOf,
  type PastRun,
  projectedEnd,
  type Rhythm,
  scheduleSpec,
} from '../../core/schedule';
import { hours, minutes } from '../../core/time';

const at = (text: string) => new Date(`${text}Z`);
const image = {
  os: 'Linux' as const,
  regions: [
    { name: 'West Europe', replicas: 1, storageAccountType: 'Standard_LRS' as const },
    { name: 'East US', replicas: 1, storageAccountType: 'Standard_LRS' as const },
  ],
};
const typical = estimatesOf(image, [], 'UTC');
const monthly = (readyBy: number | 'last', zone = 'UTC'): Rhythm => ({ readyBy, zone });

/** A published run that began then; minutes that each stage took, approval from `asked` to `decided`. */
function aRun(
  build: number,
  test: number,
  { asked = 0, regions = {} as Record<string, number>, attempt = 1 } = {},
): PastRun {
  const start = at('2026-11-23T06:00:00').getTime();
  const iso = (ms: number) => new Date(start + ms).toISOString();
  let now = 0;
  const times: StageTime[] = [];
  const stage = (name: StageTime['stage'], ms: number) => {
    times.push({ stage: name, attempt, from: iso(now), to: iso(now + ms) });
    now += ms;
  };
  stage('customise', minutes(build));
  stage('test', minutes(test));
  stage('approve', minutes(asked));
  const copied = now;
  stage('replicate', minutes(Math.max(1, ...Object.values(regions))));
  stage('publish', minutes(4));
  return {
    attempt,
    times,
    regions: Object.entries(regions).map(([name, ms]) => ({
      ...{ name, state: 'Completed', progress: 100 },
      completedAt: iso(copied + minutes(ms)),
    })),
  };
}

describe('what a run takes', () => {
  it('is what is typical until three runs of the image are known', () => {
    const two = estimatesOf(image, [aRun(10, 5), aRun(12, 5)], 'UTC');
    expect(two.build).toEqual({ ms: minutes(90), runs: 2, typical: true });
    expect(estimatesOf({ ...image, os: 'Windows' }, [], 'UTC').build.ms).toBe(minutes(180));
    const three = estimatesOf(image, [aRun(10, 5), aRun(90, 5), aRun(12, 5)], 'UTC');
    expect(three.build).toEqual({ ms: minutes(12), runs: 3, typical: false });
  });

  it('is the median, between two in the middle half-way', () => {
    const four = [10, 20, 40, 90].map((build) => aRun(build, 5));
    expect(estimatesOf(image, four, 'UTC').build.ms).toBe(minutes(30));
  });

  it('is that of the published attempt alone', () => {
    const mended = aRun(20, 5, { attempt: 2 });
    const first: StageTime = {
      stage: 'customise',
      attempt: 1,
      from: '2026-11-01T00:00:00Z',
      to: '2026-11-02T00:00:00Z',
    };
    const past = [1, 2, 3].map(() => ({ ...mended, times: [first, ...(mended.times ?? [])] }));
    expect(estimatesOf(image, past, 'UTC').build.ms).toBe(minutes(20));
  });

  it('counts approval in working time', () => {
    // Asked on Monday 23 November at 07:00: an hour before anybody is there; decided two hours later.
    const past = [1, 2, 3].map(() => aRun(30, 30, { asked: 180 }));
    expect(estimatesOf(image, past, 'UTC').approve.ms).toBe(minutes(120));
  });

  it('names the region that takes longest, each by its own median', () => {
    const past = [1, 2, 3].map(() => aRun(30, 30, { regions: { westeurope: 2, eastus: 70 } }));
    expect(estimatesOf(image, past, 'UTC').replicate).toEqual({
      ...{ ms: minutes(70), runs: 3, typical: false },
      region: 'East US',
    });
  });

  it('does not count the time in which a lock or a freeze held it', () => {
    const held = {
      attempt: 1,
      from: '2026-11-23T06:10:00.000Z',
      to: '2026-11-23T06:20:00.000Z',
      stage: 'hold',
    } as const;
    const copied = '2026-11-23T07:20:00.000Z';
    const back = { ...held, stage: 'replicate', from: copied, to: '2026-11-23T07:25:00.000Z' } as const;
    const past = [1, 2, 3].map(() => {
      const { times = [], ...run } = aRun(30, 30, { regions: { 'East US': 21, westeurope: 21 } });
      const replicated = times.findIndex(({ stage }) => stage === 'replicate');
      return {
        ...run,
        times: [...times.slice(0, 1), held, ...times.slice(1, replicated + 1), back, ...times.slice(replicated + 1)],
      };
    });
    const { build, replicate } = estimatesOf(image, past, 'UTC');
    expect([build.ms, replicate.ms]).toEqual([minutes(20), minutes(1)]);
  });

  it('takes a region that the image has not been in for typical', () => {
    const past = [1, 2, 3].map(() => aRun(30, 30, { regions: { westeurope: 2 } }));
    expect(estimatesOf(image, past, 'UTC').replicate).toEqual({
      ...{ ms: hours(3), runs: 0, typical: true },
      region: 'East US',
    });
  });
});

describe('the count back from the day', () => {
  it('leaves a quarter more for each stage, and the weekend out of the approval', () => {
    // Monday 1 February 2027. Publishing and copies: 3 h 51 min; approval: two and a half working days.
    const legs = countBack(at('2027-02-01T00:00:00'), typical, 'UTC');
    expect(legs.map(({ stage, from }) => [stage, from.toISOString().slice(0, 16)])).toEqual([
      ['build', '2027-01-27T10:30'],
      ['test', '2027-01-27T12:22'],
      ['approve', '2027-01-27T13:00'],
      ['replicate', '2027-01-31T20:08'],
      ['publish', '2027-01-31T23:53'],
    ]);
  });

  it('has the test machine before the month begins', () => {
    for (let month = 1; month <= 12; month += 1) {
      const found = occurrenceOf(monthly(1), `2027-${String(month).padStart(2, '0')}`, typical);
      const test = countBack(found?.readyBy ?? at('0'), typical, 'UTC').find(({ stage }) => stage === 'test');
      expect(test?.to.getTime()).toBeLessThan(Date.UTC(2027, month - 1, 1));
    }
  });
});

describe('the rhythm of a schedule', () => {
  it.each([
    ['the first', monthly(1), '2026-11-01T00:00:00', '2026-12', '2026-12-01T00:00:00'],
    ['the first of a zone', monthly(1, 'Europe/Berlin'), '2026-11-01T00:00:00', '2026-12', '2026-11-30T23:00:00'],
    ['the last of February', monthly('last'), '2027-02-10T00:00:00', '2027-02', '2027-02-28T00:00:00'],
    ['the last of a leap year', monthly('last'), '2028-02-10T00:00:00', '2028-02', '2028-02-29T00:00:00'],
    ['the last of 30 days', monthly('last'), '2027-04-10T00:00:00', '2027-04', '2027-04-30T00:00:00'],
    ['the 28th', monthly(28), '2027-02-10T00:00:00', '2027-02', '2027-02-28T00:00:00'],
    ['the first, too near to be met', monthly(1), '2026-11-28T00:00:00', '2027-01', '2027-01-01T00:00:00'],
    ['the first after New Year', monthly(1), '2026-12-31T00:00:00', '2027-02', '2027-02-01T00:00:00'],
  ])('%s', (_, rhythm, after, period, readyBy) => {
    const found = firstAfter(rhythm, at(after), typical);
    expect(found).toMatchObject({ period, readyBy: at(readyBy) });
    expect(found?.startAt.getTime()).toBeGreaterThan(at(after).getTime());
  });

  it('of cron has the day as its period, and promises none', () => {
    const found = firstAfter({ cron: '0 6 * * 1', zone: 'Pacific/Auckland' }, at('2026-11-28T00:00:00'), typical);
    expect(found).toEqual({ period: '2026-11-30', startAt: at('2026-11-29T17:00:00') });
  });

  it('owes the newest time that has passed, and counts those before it', () => {
    const first = firstAfter(monthly(1), at('2026-11-01T00:00:00'), typical);
    if (!first) throw new Error('no first');
    const owed = (now: string) => dueOccurrence(monthly(1), first, { now: at(now), estimates: typical });
    expect(owed('2026-11-27T00:00:00')).toMatchObject({ due: { period: '2026-12' }, missed: 0 });
    expect(owed('2027-02-15T00:00:00')).toMatchObject({ due: { period: '2027-02' }, missed: 2 });
  });

  it('knows the period again when its start has moved, and not one of another rhythm', () => {
    expect(occurrenceOf(monthly(1), '2026-12', typical)?.readyBy).toEqual(at('2026-12-01T00:00:00'));
    expect(occurrenceOf(monthly(1), '2026-12-07', typical)).toBeUndefined();
    expect(occurrenceOf({ cron: '0 6 * * 1', zone: 'UTC' }, '2026-12-07', typical)?.startAt).toEqual(
      at('2026-12-07T06:00:00'),
    );
    expect(occurrenceOf({ cron: '0 6 * * 1', zone: 'UTC' }, '2026-12-08', typical)).toBeUndefined();
    expect(occurrenceOf({ cron: '0 6 * * 1', zone: 'UTC' }, '2026-12', typical)).toBeUndefined();
  });

  it('is what people set, else what the catalogue says', () => {
    const own = { name: 'ubuntu-22', schedule: monthly(1) };
    expect(scheduleSpec(own)).toEqual({ image: 'ubuntu-22', rhythm: monthly(1), on: true });
    expect(scheduleSpec(own, { rhythm: monthly(5), skip: '2026-12' })).toMatchObject({
      rhythm: monthly(5),
      skip: '2026-12',
    });
    expect(scheduleSpec(own, { on: false })?.on).toBe(false);
    expect(scheduleSpec({ name: 'ubuntu-22' })).toBeUndefined();
    expect(scheduleSpec({ name: 'ubuntu-22' }, { on: true })).toBeUndefined();
  });
});

/** By a freeze until then; by a lock when nobody knows. */
const held = (before: string, until?: string): Partial<PublishRun['data']> => {
  const hold = { by: 'x', why: 'y', since: '2026-11-25T08:00:00.000Z' };
  const holds = [
    until === undefined ? { ...hold, kind: 'lock' as const } : { ...hold, kind: 'freeze' as const, until },
  ];
  return { held: { before, at: hold.since, holds } };
};

describe('when an open run will be ready', () => {
  const estimates = typical;
  const run = (stage: PublishRun['stage'], from: string, more: Partial<PublishRun['data']> = {}) => ({
    ...{ stage, attempt: 1, createdAt: at(from) },
    data: { times: [{ stage: stage as StageTime['stage'], attempt: 1, from: `${from}Z` }], ...more },
  });
  const end = (of: ReturnType<typeof run>, now: string) =>
    projectedEnd(of, at(now), { estimates, zone: 'UTC' })?.toISOString().slice(0, 16);

  it.each([
    // Half of the build is left, then the test, two working days, three hours and five minutes.
    ['in the build', run('customise', '2026-11-25T08:00:00'), '2026-11-25T08:45:00', '2026-11-27T13:05'],
    ['in a build that takes long', run('customise', '2026-11-25T08:00:00'), '2026-11-25T12:00:00', '2026-11-27T15:57'],
    ['while people decide', run('approve', '2026-11-27T16:00:00'), '2026-11-30T09:00:00', '2026-12-01T19:05'],
    ['while it is copied', run('replicate', '2026-11-27T16:00:00'), '2026-11-27T18:00:00', '2026-11-27T19:05'],
    ['while it is published', run('publish', '2026-11-27T16:00:00'), '2026-11-27T16:01:00', '2026-11-27T16:05'],
    [
      'in repair: a working day, and all of it again',
      run('repair', '2026-11-25T08:00:00'),
      '2026-11-25T08:00:00',
      '2026-11-27T21:05',
    ],
    [
      'held before it is published: when the freeze is over',
      run('hold', '2026-11-27T16:00:00', held('publish', '2026-12-01T00:00:00.000Z')),
      '2026-11-28T00:00:00',
      '2026-12-01T00:05',
    ],
    [
      'held by a lock before it is copied: a working day',
      run('hold', '2026-11-25T08:00:00', held('replicate')),
      '2026-11-25T08:00:00',
      '2026-11-25T21:05',
    ],
  ])('%s', (_, of, now, expected) => {
    expect(end(of, now)).toBe(expected);
  });

  it('is not known once it is over', () => {
    expect(end(run('age', '2026-11-25T08:00:00'), '2026-11-25T08:00:00')).toBeUndefined();
  });
});
