import { isUserError } from '../../core/errors';
import { needsALookAfter } from '../../core/runs';
import type { Clock } from '../../core/time';
import { appendAudit, bumpTopics, type Database, goldbot, lockLeased, writeFailure } from '../../store';
import type { Claimed } from './load';

const longestBackOffMs = 600_000;

/** Machine time to wait after `tries` steps in a row that did not work out: 1, 2, 4 … seconds, 10 minutes at most. */
export function backOffMs(tries: number, firstMs = 1_000): number {
  return Math.min(firstMs * 2 ** Math.min(Math.max(tries - 1, 0), 20), longestBackOffMs);
}

/** What Azure asked for with a 429 or 503, in milliseconds; undefined when it named no time. */
function askedToWaitMs(error: unknown): number | undefined {
  const seconds = isUserError(error) ? error.facts['retryAfterSeconds'] : undefined;
  return typeof seconds === 'number' && seconds >= 0 ? seconds * 1_000 : undefined;
}

export interface FailureContext {
  readonly database: Database;
  readonly clock: Clock;
  /** Machine time of the first back-off. */
  readonly backOffMs: number;
}

/**
 * Notes that a step did not work out and gives the run back for later. Never the end of a run: after five times in a row
 * its card says that it needs a look. Being asked to wait is no mistake and is not counted.
 */
export async function failStep(context: FailureContext, claimed: Claimed, error: unknown): Promise<void> {
  await context.database.transaction(async (tx) => {
    const run = await lockLeased(tx, { id: claimed.run.id, token: claimed.run.leaseToken });
    if (!run) return;
    const moved = run.signalSeq !== claimed.run.signalSeq;
    const waitMs = askedToWaitMs(error);
    const uncounted = waitMs !== undefined || (isUserError(error) && error.code === 'FENCED');
    const tries = moved ? 0 : uncounted ? run.tries - 1 : run.tries;
    // What Azure asked for is kept even when somebody clicked; our own back-off is not.
    const retryMs = waitMs ?? (moved ? 0 : backOffMs(tries, context.backOffMs));
    const text = describe(error);
    await writeFailure(tx, run.id, { error: text, retryMs, tries });
    const troubled = tries >= needsALookAfter;
    if (troubled && (tries === needsALookAfter || text !== run.lastError)) await bumpTopics(tx, [`run:${run.id}`]);
    if (tries !== needsALookAfter) return;
    const detail = { stage: run.stage, tries, error: text };
    const about = { subject: run.subject, request: run.id, runId: run.id };
    await appendAudit(tx, [{ at: context.clock.now(), who: goldbot, action: 'needs-a-look', ...about, detail }]);
  });
}

/** For the card: what is meant for people as it is; a bug by its name and first line. */
function describe(error: unknown): string {
  // Waiting does not help against a missing role: the card must say who can do what about it.
  if (isUserError(error)) return error.code === 'AZ_FORBIDDEN' ? `${error.message} ${error.hint}` : error.message;
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return `${name}: ${message.split('\n')[0] ?? ''}`.slice(0, 500);
}
