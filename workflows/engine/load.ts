import { type Approval, needsALookAfter } from '../../core/runs';
import type { Clock } from '../../core/time';
import {
  type AuditRecord,
  appendAudit,
  bumpTopics,
  type Claim,
  claimRun,
  closePending,
  type Database,
  goldbot,
  interrupted,
  type LeasedRun,
  newestApproval,
  openSignals,
  type Queryable,
  type StoredSignal,
} from '../../store';

/** A leased run with everything its stage may look at. */
export interface Claimed {
  readonly run: LeasedRun;
  readonly inbox: readonly StoredSignal[];
  readonly approval: Approval | undefined;
}

/** Leases one due run and reads it in the same transaction; an approval that world time has outrun expires in it. */
export function claimAndLoad(
  database: Database,
  clock: Clock,
  claim: Omit<Claim, 'now'>,
): Promise<Claimed | undefined> {
  return database.transaction(async (tx) => {
    const now = clock.now();
    const run = await claimRun(tx, { ...claim, now });
    if (!run) return undefined;
    const expired = await expire(tx, run, now);
    const approval = await newestApproval(tx, run.id);
    const inbox = await openSignals(tx, run.id);
    // Replicas that die over a run cannot say so themselves.
    if (run.lastError === interrupted && run.tries > needsALookAfter) await bumpTopics(tx, [`run:${run.id}`]);
    if (expired) {
      await bumpTopics(tx, [`run:${run.id}`, `approval:${expired.request}`]);
      await appendAudit(tx, [expired]);
    }
    return { run, inbox, approval };
  });
}

async function expire(tx: Queryable, run: LeasedRun, now: Date): Promise<AuditRecord | undefined> {
  const approval = await newestApproval(tx, run.id);
  if (approval?.status !== 'pending' || approval.expiresAt > now) return undefined;
  await closePending(tx, run.id, { status: 'expired', at: now, by: goldbot.name });
  return { at: now, who: goldbot, action: 'expire', subject: run.subject, request: approval.id, runId: run.id };
}
