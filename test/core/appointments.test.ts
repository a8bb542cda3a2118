import { barredAt, type RolloutWindow } from '../../core/lifecycle';

const at = (text: string) => new Date(`${text}:00.000Z`);
const now = at('2026-12-01T12:00');
const winter = { name: 'winter', from: '12-20', to: '01-03', zone: 'Europe/Berlin' };
const nights: RolloutWindow = {
  ...{ from: '2026-12-05T21:00:00.000Z', until: '2026-12-06T03:00:00.000Z' },
  every: { from: 'sat 22:00', to: 'sun 04:00', zone: 'Europe/Berlin' },
};
const { every: _, ...once } = nights;

it('bars nothing outside of freezes and inside the window', () => {
  expect(barredAt(at('2026-12-19T22:59'), { freezes: [winter], window: undefined }, now)).toBeUndefined();
  for (const time of ['2026-12-05T21:00', '2026-12-06T02:59', '2026-12-12T22:00']) {
    expect(barredAt(at(time), { freezes: [winter], window: nights }, now)).toBeUndefined();
  }
  expect(barredAt(at('2026-12-05T22:00'), { freezes: [], window: once }, now)).toBeUndefined();
});

it('names the freeze that ends last, and when the first free time is', () => {
  const longer = { ...winter, name: 'audit', from: '2026-12-31', to: '2027-01-07' };
  expect(barredAt(at('2027-01-01T12:00'), { freezes: [winter, longer], window: undefined }, now)).toEqual({
    why: 'is in the freeze “audit”, which ends Thu 7 Jan, 23:00 UTC',
    free: at('2027-01-07T23:00'),
  });
});

it('of a window that comes again the next one is free, unless a freeze lies on it', () => {
  expect(barredAt(at('2026-12-07T12:00'), { freezes: [], window: nights }, now)).toEqual({
    why: 'is not in the window of the rollout, sat 22:00 to sun 04:00 by the clock of Europe/Berlin',
    free: at('2026-12-12T21:00'),
  });
  expect(barredAt(at('2026-12-25T12:00'), { freezes: [winter], window: nights }, now)?.free).toEqual(
    at('2027-01-09T21:00'),
  );
  // The night in which the clocks skip an hour.
  expect(barredAt(at('2027-03-28T12:00'), { freezes: [], window: nights }, now)?.free).toEqual(at('2027-04-03T20:00'));
  // It opens while the freeze lasts.
  const short = { ...winter, from: '2026-12-05 20:00', to: '2026-12-05 23:30' };
  expect(barredAt(at('2026-12-02T12:00'), { freezes: [short], window: nights }, now)?.free).toEqual(
    at('2026-12-05T22:30'),
  );
});

it('a window that comes once is free until it ends; once it is over it bars nothing', () => {
  expect(barredAt(at('2026-12-04T12:00'), { freezes: [], window: once }, now)?.free).toEqual(at('2026-12-05T21:00'));
  expect(barredAt(at('2026-12-07T12:00'), { freezes: [], window: once }, now)).toEqual({
    why: 'is not in the window of the rollout, which ends Sun 6 Dec, 03:00 UTC',
  });
  expect(barredAt(at('2026-12-09T12:00'), { freezes: [], window: once }, at('2026-12-06T03:00'))).toBeUndefined();
});

it('finds no time where freezes leave none of the window', () => {
  const saturdays = { name: 'weekend', from: 'sat', to: 'sun', zone: 'Europe/Berlin' };
  const found = barredAt(at('2026-12-05T22:00'), { freezes: [saturdays], window: nights }, now);
  expect(found).toEqual({ why: 'is in the freeze “weekend”, which ends Sun 6 Dec, 23:00 UTC' });
});
