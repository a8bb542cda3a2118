import { isUserError } from '../../core/errors';
import type { Database } from '../../store';

/** Then it is the server that is gone. */
const mostTries = 100;

/**
 * Asks again when no connection to the database came about in time, as on a busy machine; nothing was sent then, so
 * nothing is done twice. For what a harness does itself: replicas in processes of their own cope as the product does.
 */
export function patient(database: Database): Database {
  return {
    ...database,
    query: (text, values) => repeated(() => database.query(text, values)),
    transaction: (work) => repeated(() => database.transaction(work)),
  };
}

async function repeated<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries >= mostTries || !isUnconnected(error)) throw error;
    }
  }
}

/** In the words of pg's pool, and of its client. */
function isUnconnected(error: unknown): boolean {
  if (!isUserError(error) || error.code !== 'DATABASE_SILENT') return false;
  return /timeout exceeded when trying to connect|due to connection timeout/.test(String(error.cause));
}
