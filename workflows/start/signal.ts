import type { Run } from '../../core/runs';
import {
  type AuditRecord,
  appendAudit,
  bumpTopics,
  findRun,
  insertSignal,
  type LeasedRun,
  lockRun,
  type Queryable,
  rememberIntent,
  takeIntent,
} from '../../store';
import { type ControlDeps, checkTakes, runIdOf, unknownRequest } from './deps';
import { staleCard } from './refusals';
import { becomeActor } from './start-or-join';
import type { SignalRequest } from './types';

export function signal(deps: ControlDeps, request: SignalRequest): Promise<Run> {
  const { person, kind, body = {} } = request;
  return deps.database.transaction(async (tx) => {
    const { run, repeated } = await takeRun(tx, request);
    if (repeated) return run;
    if (request.via === 'button' && (request.hash ?? null) !== run.planHash) throw staleCard(run);
    checkTakes(deps, run, kind);
    const now = deps.clock.now();
    const base = { at: now, who: person, subject: run.subject, runId: run.id };
    const records: AuditRecord[] = [{ ...base, action: kind, request: run.id, detail: body }];
    if (kind === 'rebuild') {
      const dropped = await becomeActor(tx, run.id, { ...person, did: 'rebuilt', now });
      if (dropped) records.push({ ...base, action: 'drop-decision', request: dropped });
    }
    await insertSignal(tx, run.id, { kind, by: person, body, at: now });
    await bumpTopics(tx, [`run:${run.id}`]);
    return settle(tx, request, run, records);
  });
}

/** Takes the intent, then the run's lock. */
export async function takeRun(
  tx: Queryable,
  { request, intent }: Pick<SignalRequest, 'request' | 'intent'>,
): Promise<{ run: LeasedRun; repeated: boolean }> {
  const repeated = (await takeIntent(tx, intent)) !== undefined;
  const run = await lockRun(tx, await runIdOf(tx, request));
  if (!run) throw unknownRequest(request);
  return { run, repeated };
}

/** Remembers the intent and writes the audit, which comes last. */
export async function settle(
  tx: Queryable,
  { intent }: { intent: string },
  run: Run,
  records: AuditRecord[],
): Promise<Run> {
  await rememberIntent(tx, intent, { request: run.id, outcome: 'done' });
  await appendAudit(tx, records);
  return (await findRun(tx, run.id)) ?? run;
}
