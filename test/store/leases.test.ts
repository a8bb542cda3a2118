import { minutes, seconds } from '../../core/time';
import { backOffMs } from '../../store';

it.each([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 4],
  [10, 512],
  [11, 600],
  [5_000, 600],
])('after %i failures in a row a row rests for %i s', (tries, s) => {
  expect(backOffMs(tries)).toBe(seconds(s));
});

it('rests as its own kind of work says', () => {
  const terms = { firstMs: seconds(30), mostMs: minutes(2) };

  expect([1, 2, 3, 4].map((tries) => backOffMs(tries, terms) / 1000)).toEqual([30, 60, 120, 120]);
});
