import fc from 'fast-check';
import { type DigestTime, isZone, nextDigest, weekdays, weekOf } from '../../core/time';
import { sized } from '../support/size';

const day = 86_400_000;
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'America/Santiago',
  'Africa/Cairo',
  'Asia/Tehran',
];

/** As a person there reads it off: an oracle that shares no arithmetic with the product. */
function onTheWall(at: Date, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
  return `${part('weekday').toLowerCase()} ${part('hour')}:${part('minute')}`;
}

const when = fc.record({
  day: fc.constantFrom(...weekdays),
  time: fc.integer({ min: 0, max: 1439 }).map((m) => new Date(m * 60_000).toISOString().slice(11, 16)),
  zone: fc.constantFrom(...zones),
});
/** 2011 has the Friday that Samoa skipped. */
const start = fc.constantFrom('2010-01-01', '2011-06-01', '2019-06-01', '2026-01-01', '2026-11-23').chain((from) => {
  return fc.nat(500 * 1440).map((minutes) => new Date(Date.parse(from) + minutes * 60_000));
});

function digests(from: Date, time: DigestTime, count: number): Date[] {
  const found: Date[] = [];
  for (let last = from; found.length < count; found.push(last)) last = nextDigest(last, time);
  return found;
}

describe('the digest time', () => {
  it('comes exactly once in each of 52 ISO weeks, wherever the clocks are changed', () => {
    fc.assert(
      fc.property(start, when, (from, time) => {
        const year = digests(from, time, 52);
        const weeks = year.map((at) => weekOf(at, time.zone));
        // Names of weeks are the same everywhere: UTC's Thursdays give them without a change of the clocks.
        const around = Array.from({ length: 15 }, (_, i) => new Date((year[0]?.getTime() ?? 0) + (i - 7) * day));
        const thursday = around.find((d) => d.getUTCDay() === 4 && weekOf(d, 'UTC') === weeks[0])?.getTime() ?? 0;
        expect(weeks).toEqual(weeks.map((_, i) => weekOf(new Date(thursday + i * 7 * day), 'UTC')));
        for (const at of year) expect(at.getTime()).toBeGreaterThan(from.getTime());
      }),
      { numRuns: sized(20, 600) },
    );
  });

  it('stands on the wall as it was asked for, except where the clocks skip it', () => {
    fc.assert(
      fc.property(start, when, (from, time) => {
        const asked = `${time.day} ${time.time}`;
        const other = digests(from, time, 52).filter((at) => onTheWall(at, time.zone) !== asked);
        // Summer time once in 52 weeks, and Samoa's lost Friday.
        expect(other.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: sized(20, 600) },
    );
  });

  it('does not depend on where one starts to ask', () => {
    fc.assert(
      fc.property(start, when, fc.nat(7 * day - 1), (from, time, back) => {
        const digest = nextDigest(from, time);
        const earlier = new Date(Math.max(digest.getTime() - back, from.getTime()));
        if (earlier < digest) expect(nextDigest(earlier, time)).toEqual(digest);
        expect(nextDigest(digest, time).getTime()).toBeGreaterThan(digest.getTime() + 5 * day);
      }),
      { numRuns: sized(20, 1_000) },
    );
  });

  it.each([
    ['winter', '2026-11-23T00:00:00Z', 'fri', '09:00', 'Europe/Berlin', '2026-11-27T08:00:00Z'],
    ['summer', '2026-07-01T00:00:00Z', 'fri', '09:00', 'Europe/Berlin', '2026-07-03T07:00:00Z'],
    ['the very minute is over', '2026-11-27T08:00:00Z', 'fri', '09:00', 'Europe/Berlin', '2026-12-04T08:00:00Z'],
    ['half an hour from UTC', '2026-11-23T00:00:00Z', 'mon', '09:00', 'Asia/Kolkata', '2026-11-23T03:30:00Z'],
    ['skipped in spring', '2026-03-23T12:00:00Z', 'sun', '02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z'],
    ['twice in autumn', '2026-10-20T12:00:00Z', 'sun', '02:30', 'Europe/Berlin', '2026-10-25T00:30:00Z'],
    ['half an hour skipped', '2026-09-29T12:00:00Z', 'sun', '02:10', 'Australia/Lord_Howe', '2026-10-03T15:40:00Z'],
    ['half an hour twice', '2026-03-31T12:00:00Z', 'sun', '01:45', 'Australia/Lord_Howe', '2026-04-04T14:45:00Z'],
    ['a day that never was', '2011-12-27T12:00:00Z', 'fri', '09:00', 'Pacific/Apia', '2011-12-30T19:00:00Z'],
    [
      'the week has already begun there',
      '2026-11-22T11:00:00Z',
      'mon',
      '01:00',
      'Pacific/Apia',
      '2026-11-22T12:00:00Z',
    ],
  ] as const)('is right when: %s', (_, after, weekday, time, zone, expected) => {
    expect(nextDigest(new Date(after), { day: weekday, time, zone })).toEqual(new Date(expected));
  });
});

describe('the ISO week', () => {
  it.each([
    ['2026-11-23T00:00:00Z', 'UTC', '2026-W48'],
    ['2026-11-22T23:59:59Z', 'UTC', '2026-W47'],
    ['2026-11-22T23:30:00Z', 'Europe/Berlin', '2026-W48'],
    ['2026-11-23T03:00:00Z', 'America/New_York', '2026-W47'],
    ['2027-01-03T12:00:00Z', 'UTC', '2026-W53'],
    ['2027-01-04T00:00:00Z', 'UTC', '2027-W01'],
    ['2024-12-30T00:00:00Z', 'UTC', '2025-W01'],
    ['2021-01-03T12:00:00Z', 'UTC', '2020-W53'],
    ['2026-01-01T12:00:00Z', 'UTC', '2026-W01'],
  ])('of %s in %s is %s', (at, zone, week) => {
    expect(weekOf(new Date(at), zone)).toBe(week);
  });
});

describe('a time zone', () => {
  it('is an IANA name that this Node knows', () => {
    expect(['Europe/Berlin', 'UTC', 'america/new_york'].every(isZone)).toBe(true);
    expect(['Europe/Bonn', '', '+02:00', 'CEST ', '09:00'].some(isZone)).toBe(false);
  });
});
