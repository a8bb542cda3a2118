import { isOfKind, type RequestId, type Run, type RunKind, type RunOfKind } from '../../core/runs';
import {
  type AuditRecord,
  addActor,
  appendAudit,
  bumpTopics,
  dropDecision,
  dropRequestId,
  findRun,
  insertRun,
  lockOpenRun,
  type NewActor,
  newestApproval,
  type Queryable,
  rememberIntent,
  takeIntent,
  takeRequestId,
  wantCard,
} from '../../store';
import { type ControlDeps, workflowOf } from './deps';
import type { Started, StartRequest } from './types';

export function startOrJoin<Kind extends RunKind>(
  deps: ControlDeps,
  request: StartRequest<Kind>,
): Promise<Started<Kind>> {
  return deps.database.transaction(async (tx) => {
    const before = await takeIntent(tx, request.intent);
    if (before) return { run: await mustFind(tx, before.request, request.kind), joined: before.outcome === 'joined' };
    const open = await lockOpenRun(tx, request.kind, request.subject);
    const { id, joined } = open ? { id: open.id, joined: true } : await insertOrLock(deps, tx, request);
    const record = joined ? await join(deps, tx, id, request) : await start(deps, tx, id, request);
    await rememberIntent(tx, request.intent, { request: id, outcome: joined ? 'joined' : 'started' });
    const { card } = request;
    const topic = `run:${id}`;
    if (joined) await bumpTopics(tx, [topic]);
    if (card) {
      const { conversationId, threadId } = card;
      await wantCard(tx, { topic, conversationId, threadId, kind: card.kind ?? 'run' });
    }
    await appendAudit(tx, record);
    return { run: await mustFind(tx, id, request.kind), joined };
  });
}

/** Two people at once: the database lets one of them insert, the other one finds that run. */
async function insertOrLock(
  deps: ControlDeps,
  tx: Queryable,
  { kind, subject, plan }: StartRequest,
): Promise<{ id: RequestId; joined: boolean }> {
  const { stages, first } = workflowOf(deps, kind);
  const id = await takeRequestId(tx, 'run');
  for (;;) {
    const names = stages.map((stage) => stage.name);
    const inserted = await insertRun(tx, {
      id,
      kind,
      subject,
      plan,
      stages: names,
      stage: first,
      now: deps.clock.now(),
    });
    if (inserted) return { id, joined: false };
    const open = await lockOpenRun(tx, kind, subject);
    if (open) {
      await dropRequestId(tx, id);
      return { id: open.id, joined: true };
    }
  }
}

async function start(deps: ControlDeps, tx: Queryable, id: RequestId, request: StartRequest): Promise<AuditRecord[]> {
  const now = deps.clock.now();
  const { person, subject, plan } = request;
  await addActor(tx, id, { ...person, did: 'requested', now });
  return [{ at: now, who: person, action: 'start', subject, request: id, runId: id, detail: { plan } }];
}

async function join(deps: ControlDeps, tx: Queryable, id: RequestId, request: StartRequest): Promise<AuditRecord[]> {
  const now = deps.clock.now();
  const { person, subject } = request;
  const dropped = await becomeActor(tx, id, { ...person, did: 'joined', now });
  const base = { at: now, who: person, subject, runId: id };
  const joined: AuditRecord = { ...base, action: 'join', request: id };
  return dropped ? [joined, { ...base, action: 'drop-decision', request: dropped }] : [joined];
}

/** Actors cannot decide: what the person decided about a pending approval is dropped. Gives that approval's id. */
export async function becomeActor(tx: Queryable, runId: RequestId, actor: NewActor): Promise<RequestId | undefined> {
  await addActor(tx, runId, actor);
  const approval = await newestApproval(tx, runId);
  if (approval?.status !== 'pending' || !(await dropDecision(tx, approval.id, actor.oid))) return undefined;
  await bumpTopics(tx, [`approval:${approval.id}`]);
  return approval.id;
}

async function mustFind<Kind extends RunKind>(tx: Queryable, id: RequestId, kind: Kind): Promise<RunOfKind<Kind>> {
  const run: Run | undefined = await findRun(tx, id);
  if (!run || !isOfKind(run, kind)) throw new Error(`run ${id}, a ${kind}, is not there`);
  return run;
}
