/**
 * How much of a costly test runs: `npm test` takes the sample, `npm run test:full` all of it. Property tests take 20 runs
 * in the sample, with the seed that they have in full.
 */
export function sized(sample: number, full: number): number {
  return isFull ? full : sample;
}

/** Read by tests alone; jest.full.config.js sets it. */
export const isFull = process.env['GOLDBOT_TESTS'] === 'full';
