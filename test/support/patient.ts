import { setTimeout as sleep } from 'node:timers/promises';
import { isUserError } from '../../core/errors';

/**
 * Asks again where Azure has no time: it answers only so many questions a second of the machine's time, however fast the
 * world is.
 *
 * @throws Error after ten tries.
 */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; tries < 10; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!isUserError(error) || error.code !== 'AZ_THROTTLED') throw error;
      await sleep(1_100);
    }
  }
  throw new Error('Azure answers nobody');
}
