import { sleep } from '../../core/time';

/**
 * Waits for a fact, and gives it. Long enough for a machine ten times slower than this one, and within the time of a test,
 * so that what did not come is told by its own words.
 */
export async function until<T>(look: () => T | Promise<T>, ms = 50_000): Promise<NonNullable<T>> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`still not so after ${ms} ms: ${look}`);
    await sleep(20);
  }
}
