import type { Person } from '../../core/access';
import type { Directory } from '../../core/azure';
import { call } from '../../core/command-call';
import { isUserError, UserError } from '../../core/errors';
import type { RequestId, Run, RunKind, SignalKind } from '../../core/runs';
import type { Clock } from '../../core/time';
import { type AuditRecord, auditAlone, type Database, findApproval, findRun, type Queryable } from '../../store';
import type { Workflow } from '../engine';

export interface ControlDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly workflows: readonly Workflow<unknown, unknown>[];
}

/** The run of a request id, be it the run's own or that of one of its approvals. */
export async function runIdOf(db: Queryable, request: RequestId): Promise<RequestId> {
  const runId = (await findRun(db, request))?.id ?? (await findApproval(db, request))?.runId;
  if (!runId) throw unknownRequest(request);
  return runId;
}

export function unknownRequest(request: RequestId): UserError {
  return new UserError('UNKNOWN_REQUEST', `There is no request ${request}.`, {
    hint: 'See the runs, or what waits for a decision.',
    next: [call('runs'), call('approvals')],
    facts: { request },
  });
}

export function workflowOf({ workflows }: ControlDeps, kind: RunKind): Workflow<unknown, unknown> {
  const workflow = workflows.find((w) => w.kind === kind);
  if (!workflow) throw new Error(`no workflow of kind ${kind}`);
  return workflow;
}

/** Under the run's lock. @throws what the workflow says when the stage does not take the signal. */
export function checkTakes(deps: ControlDeps, run: Run, kind: SignalKind): void {
  const workflow = workflowOf(deps, run.kind);
  const stage = workflow.stages.find((s) => s.name === run.stage);
  if (run.endedAt || !stage?.takes.includes(kind)) throw workflow.refuse(kind, run);
}

export interface Attempt {
  readonly verb: string;
  readonly request?: RequestId;
  readonly subject?: string;
  readonly person: Person;
  readonly detail?: Record<string, unknown>;
}

/** Refused acts change nothing and are remembered nevertheless. */
export async function auditingRefusals<T>(deps: ControlDeps, attempt: Attempt, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (isUserError(error) && error.code !== 'DATABASE_SILENT')
      await auditAlone(deps.database, refusal(deps, attempt, error));
    throw error;
  }
}

function refusal(
  { clock }: ControlDeps,
  { verb, request, subject, person, detail }: Attempt,
  error: UserError,
): AuditRecord {
  return {
    at: clock.now(),
    who: person,
    action: 'refuse',
    subject: subject ?? null,
    request: request ?? null,
    detail: { ...detail, verb, code: error.code, message: error.message },
  };
}
