import type { Approval, RequestId } from '../../core/runs';
import type { Clock } from '../../core/time';
import {
  findApproval,
  findRun,
  type LeasedRun,
  lockApproval,
  lockRun,
  newestApproval,
  type Queryable,
} from '../../store';
import { runIdOf, unknownRequest } from './deps';
import { notAsked } from './refusals';

export interface Asked {
  readonly run: LeasedRun;
  /** A pending one that world time has outrun is given as expired. */
  readonly approval: Approval;
}

/** The approval that a person means: by its own id, or the newest of the run they named. `lock`: run, then approval. */
export async function approvalOf(
  db: Queryable,
  request: RequestId,
  { clock, lock }: { readonly clock: Clock; readonly lock: boolean },
): Promise<Asked> {
  const runId = await runIdOf(db, request);
  const run = await (lock ? lockRun(db, runId) : findRun(db, runId));
  if (!run) throw unknownRequest(request);
  const named = (await findApproval(db, request)) ?? (await newestApproval(db, runId));
  if (!named) throw notAsked(run);
  const approval = (lock ? await lockApproval(db, named.id) : named) ?? named;
  // Read under the lock: an approval that ran out while somebody waited for it has run out.
  const now = clock.now();
  const late = approval.status === 'pending' && approval.expiresAt <= now;
  return { run, approval: late ? { ...approval, status: 'expired' } : approval };
}
