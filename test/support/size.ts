/**
 * How much of a costly test runs: `npm test` takes the sample, `npm run test:full` all of it. Property tests take 20 runs
 * in the sample, with the seed that they have in full.
 */
export function sized(sample: number, full: number): number {
  return isFull ? full : sample;
}

/** Of cases of one kind, the first of which stand for the others in the sample. */
export function some<T>(sample: number, all: readonly T[]): readonly T[] {
  return isFull ? all : all.slice(0, sample);
}

/** Of cases of one kind of which none stands for another: one of `n` in the sample, from the first to the last of them. */
export function spread<T>(n: number, all: readonly T[]): readonly T[] {
  return isFull ? all : all.filter((_, i) => i % n === 0);
}

const size = process.env['GOLDBOT_TESTS'];

/** `npm run chaos`: what is full, and whatever the table of test/chaos/matrix.ts has in yet larger numbers. */
export const isChaos = size === 'chaos';

/** Read by tests alone; jest.full.config.js sets it. */
export const isFull = size === 'full' || isChaos;

/** What takes long and has a quicker brother in the sample. */
export function inFull(name: string, test: () => unknown, timeoutMs?: number): void {
  (isFull ? it : it.skip)(name, test as () => Promise<void>, timeoutMs);
}
