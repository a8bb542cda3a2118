import type { Approval } from '../core/approval';
import type { RequestId } from '../core/ids';
import type { Run } from '../core/run';

export interface AuditEntry {
  readonly seq: number;
  /** World time. */
  readonly at: Date;
  /** `oid` is null for goldbot itself. */
  readonly who: { readonly oid: string | null; readonly name: string };
  /** Verb of what happened: `start`, `join`, `approve`, `stage`, … */
  readonly action: string;
  /** The image. */
  readonly subject: string | null;
  /** The run or approval. */
  readonly request: RequestId | null;
  readonly runId: RequestId | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditFilter {
  /** Object id, or part of a name. */
  readonly who?: string;
  readonly image?: string;
  /** World time. */
  readonly since?: Date;
  /** Newest first; 100 when absent. */
  readonly limit?: number;
}

export type AuditVerdict =
  | { readonly intact: true; readonly entries: number }
  | { readonly intact: false; readonly entries: number; readonly firstBroken: number; readonly why: string };

/** What people may see of the store. Nothing here changes anything. */
export interface Reads {
  run(id: RequestId): Promise<Run | undefined>;
  runOfApproval(id: RequestId): Promise<Run | undefined>;
  openRuns(): Promise<readonly Run[]>;
  openRun(image: string): Promise<Run | undefined>;
  /** Newest first. `failed`: ended otherwise than published. */
  runs(filter: { image?: string; failed?: boolean; limit?: number }): Promise<readonly Run[]>;
  approval(id: RequestId): Promise<Approval | undefined>;
  /** Oldest first; those that world time has outrun are left out. */
  approvalsPending(now: Date): Promise<readonly Approval[]>;
  /** Newest first. */
  approvalsOfRun(runId: RequestId): Promise<readonly Approval[]>;
  audit(filter?: AuditFilter): Promise<readonly AuditEntry[]>;
  verifyAudit(): Promise<AuditVerdict>;
  /** Median duration of the published runs of an image in milliseconds of world time; undefined without any. */
  duration(image: string): Promise<number | undefined>;
  requestKind(id: RequestId): Promise<'run' | 'approval' | undefined>;
  /** Every version number that a run of the image ever took, open or ended. */
  versionsTaken(image: string): Promise<readonly string[]>;
}
