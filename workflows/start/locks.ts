import type { Person } from '../../core/access';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type Lock, lockSentence, type RequestId } from '../../core/runs';
import type { Clock } from '../../core/time';
import {
  appendAudit,
  type Database,
  deleteLock,
  insertLock,
  lockOf,
  lockOpenRun,
  type Queryable,
  redrawRun,
  takeIntent,
  wakeRun,
} from '../../store';

/** Locks that people set by name, and who is refused because of one. */

export interface LockRequest {
  readonly image: string;
  readonly reason: string;
  readonly person: Person;
  /** Unique per act of a person. */
  readonly intent: string;
}

export interface UnlockRequest extends LockRequest {
  /** Whether the person may also lift the locks of others. */
  readonly isAdmin: boolean;
}

export interface Locked {
  readonly lock: Lock;
  /** The image's open publish, which the lock holds back or has held back. */
  readonly openRun?: RequestId;
}

/** Locking and unlocking images; whether the person may has been checked before. Each is done once per intent. */
export interface LockControl {
  /**
   * Locks an image: nothing of it is built or published until it is unlocked. The person's own lock stands as it is.
   * Undefined: done before, and unlocked since.
   *
   * @throws UserError `IMAGE_LOCKED` when somebody else has locked it, `DATABASE_SILENT`.
   */
  lock(request: LockRequest): Promise<Locked | undefined>;
  /**
   * Lifts the lock, and wakes the run that it held. Undefined: the image is not locked.
   *
   * @throws UserError `IMAGE_LOCKED` when it is somebody else's and the person is no admin, `DATABASE_SILENT`.
   */
  unlock(request: UnlockRequest): Promise<Locked | undefined>;
}

interface LockDeps {
  readonly database: Database;
  readonly clock: Clock;
}

export function createLockControl(deps: LockDeps): LockControl {
  return { lock: (request) => lock(deps, request), unlock: (request) => unlock(deps, request) };
}

function lock({ database, clock }: LockDeps, request: LockRequest): Promise<Locked | undefined> {
  const { image, reason, person, intent } = request;
  return database.transaction(async (tx) => {
    const repeated = (await takeIntent(tx, intent)) !== undefined;
    const run = await lockOpenRun(tx, 'publish', image);
    const since = clock.now();
    const by = { oid: person.oid, name: person.name };
    const isNew = !repeated && (await insertLock(tx, { image, by, reason, since }));
    const found = await lockOf(tx, image);
    // What has been unlocked since stays so.
    if (!found) return undefined;
    if (found.by.oid !== person.oid) throw lockedAlready(found);
    if (isNew && run) await redrawRun(tx, run.id);
    const about = { subject: image, runId: run?.id ?? null, detail: { reason } };
    await appendAudit(tx, isNew ? [{ at: since, who: by, action: 'lock', ...about }] : []);
    return { lock: found, ...(run && { openRun: run.id }) };
  });
}

function unlock({ database, clock }: LockDeps, request: UnlockRequest): Promise<Locked | undefined> {
  const { image, reason, person, isAdmin, intent } = request;
  return database.transaction(async (tx) => {
    const repeated = (await takeIntent(tx, intent)) !== undefined;
    const run = await lockOpenRun(tx, 'publish', image);
    const found = await lockOf(tx, image);
    // What somebody has locked since is not meant.
    if (!found || repeated) return undefined;
    if (found.by.oid !== person.oid && !isAdmin) throw lockedAlready(found);
    await deleteLock(tx, image);
    const at = clock.now();
    if (run) {
      await wakeRun(tx, run.id, at);
      await redrawRun(tx, run.id);
    }
    const detail = { reason, lock: { by: found.by.name, reason: found.reason, since: found.since } };
    const who = { oid: person.oid, name: person.name };
    await appendAudit(tx, [{ at, who, action: 'unlock', subject: image, runId: run?.id ?? null, detail }]);
    return { lock: found, ...(run && { openRun: run.id }) };
  });
}

/** Who is refused is told who holds it, why, since when, and what to do. */
function imageLocked(lock: Lock, so: string, { oid }: { readonly oid?: string } = {}): UserError {
  const { image, by, reason, since } = lock;
  return new UserError('IMAGE_LOCKED', `${image} is locked, so ${so}. ${lockSentence(lock)}`, {
    hint: unlockHint(lock, { oid }),
    next: [call('unlock', { image }, 'reason')],
    facts: { image, by: by.name, byOid: by.oid, reason, since: since.toISOString() },
  });
}

/** Who can unlock it, for a person who is held up by it. */
export function unlockHint({ by }: Lock, { oid }: { readonly oid?: string | undefined }): string {
  return by.oid === oid
    ? 'You locked it yourself: unlock it when the reason is gone.'
    : `Ask ${by.name} to unlock it; an admin can, too.`;
}

/** Under the transaction that starts something. @throws UserError `IMAGE_LOCKED`. */
export async function refuseLocked(tx: Queryable, image: string, person: Pick<Person, 'oid'>): Promise<void> {
  const found = await lockOf(tx, image);
  if (found) throw imageLocked(found, 'nothing was started', person);
}

/** To somebody who would lock or unlock it, and may not. */
export function lockedAlready(found: Lock): UserError {
  return imageLocked(found, `it stays as it is`);
}
