import { type AuditRecord, boundTo } from '../../core/audit';
import type { Directory } from '../../core/azure';
import type { Catalogue } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { unknownRequest } from '../../core/requests';
import { isOfKind, type RequestId, type Run, type RunKind, type RunOfKind, type SignalKind } from '../../core/runs';
import type { Telemetry } from '../../core/telemetry';
import type { Clock } from '../../core/time';
import {
  addActor,
  appendAudit,
  type Database,
  dropDecision,
  dropRequestId,
  findApproval,
  findRun,
  insertRun,
  insertSignal,
  type LeasedRun,
  lockOpenRun,
  lockRun,
  type NewActor,
  newestApproval,
  type Queryable,
  redrawRun,
  rememberIntent,
  requestKind,
  takeIntent,
  takeRequestId,
  wantCard,
} from '../../store';
import { listedBy, takenBy, type Workflow } from '../engine';
import type { SignalRequest, Started, StartRequest } from './control';
import { refuseLocked } from './locks';

/** Starting and joining runs, and the signals that people send them. */

export interface ControlDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly directory: Pick<Directory, 'membersNow'>;
  /** The catalogue in force now. */
  readonly catalogue: () => Catalogue;
  readonly workflows: readonly Workflow<unknown, unknown>[];
  /** The command in progress is kept with what it starts or says. */
  readonly telemetry?: Pick<Telemetry, 'here'>;
}

/** The run of a request id, be it the run's own or that of one of its approvals. */
export async function runIdOf(db: Queryable, request: RequestId): Promise<RequestId> {
  const runId = (await findRun(db, request))?.id ?? (await findApproval(db, request))?.runId;
  if (!runId) throw await unknown(db, request);
  return runId;
}

/** Ids of requests are never given twice, and stay known. */
export async function unknown(db: Queryable, request: RequestId): Promise<UserError> {
  return unknownRequest(request, (await requestKind(db, request)) !== undefined);
}

function workflowOf({ workflows }: ControlDeps, kind: RunKind): Workflow<unknown, unknown> {
  const workflow = workflows.find((w) => w.kind === kind);
  if (!workflow) throw new Error(`no workflow of kind ${kind}`);
  return workflow;
}

/** Under the run's lock. @throws what the workflow says when the stage does not take the signal. */
export function checkTakes(deps: ControlDeps, run: Run, kind: SignalKind): void {
  const workflow = workflowOf(deps, run.kind);
  const stage = workflow.stages.find((s) => s.name === run.stage);
  if (run.endedAt || !stage || !takenBy(stage, run).includes(kind)) throw workflow.refuse(kind, run);
}

/**
 * Inserts the run's row, or joins the open run of the subject. Nothing else happens here: the engine claims the row
 * when it is due (engine/worker.ts, engine/step.ts). Done once per intent.
 *
 * @throws UserError `IMAGE_LOCKED`.
 */
export function startOrJoin<Kind extends RunKind>(
  deps: ControlDeps,
  request: StartRequest<Kind>,
): Promise<Started<Kind>> {
  return deps.database.transaction(async (tx) => {
    const before = await takeIntent(tx, request.intent);
    if (before) return { run: await mustFind(tx, before.request, request.kind), joined: before.outcome === 'joined' };
    const open = (await lockOpenRun(tx, request.kind, request.subject)) ?? (await lockJoined(tx, request));
    if (!open && request.kind === 'publish') await refuseLocked(tx, request.subject, request.person);
    const { id, joined } = open ? { id: open.id, joined: true } : await insertOrLock(deps, tx, request);
    const record = joined ? await join(deps, tx, id, request) : await start(deps, tx, id, request);
    await rememberIntent(tx, request.intent, { request: id, outcome: joined ? 'joined' : 'started' });
    const { card } = request;
    const topic = `run:${id}`;
    if (joined) await redrawRun(tx, id);
    if (card) {
      await wantCard(tx, { topic, ...card, kind: card.kind ?? 'run' });
    }
    await appendAudit(tx, record);
    return { run: await mustFind(tx, id, request.kind), joined };
  });
}

async function lockJoined(tx: Queryable, { joins, kind, subject }: StartRequest): Promise<LeasedRun | undefined> {
  const found = joins && (await lockRun(tx, joins));
  const isOpen = found && !found.endedAt && found.kind === kind && found.subject === subject;
  return isOpen ? found : undefined;
}

/** When two people start at once, the database lets one insert, and the other finds that run. */
async function insertOrLock(
  deps: ControlDeps,
  tx: Queryable,
  { kind, subject, plan }: StartRequest,
): Promise<{ id: RequestId; joined: boolean }> {
  const workflow = workflowOf(deps, kind);
  const id = await takeRequestId(tx, 'run');
  for (;;) {
    const inserted = await insertRun(tx, {
      id,
      kind,
      subject,
      plan,
      stages: listedBy(workflow),
      stage: workflow.first,
      now: deps.clock.now(),
      trace: deps.telemetry?.here(),
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
  const { person, subject, plan } = request;
  const base = { at: now, who: person, subject, runId: id };
  const dropped = await becomeActor(tx, base, { ...person, did: 'joined', now });
  return [{ ...base, action: 'join', request: id, detail: { plan } }, ...dropped];
}

/** Actors cannot decide, so the person's decision about a pending approval request is dropped. Returns that for the audit. */
export async function becomeActor(
  tx: Queryable,
  base: Pick<AuditRecord, 'at' | 'who'> & { readonly subject: string; readonly runId: RequestId },
  actor: NewActor,
): Promise<AuditRecord[]> {
  await addActor(tx, base.runId, actor);
  const approval = await newestApproval(tx, base.runId);
  if (approval?.status !== 'pending') return [];
  // Nor does what somebody decided in their place: an actor has nothing to pass on.
  const own = approval.decisions.filter((one) => one.oid === actor.oid || one.inPlaceOf?.oid === actor.oid);
  for (const { oid } of own) await dropDecision(tx, approval.id, oid);
  return own.map(({ oid, name, verdict, reason, via, at }): AuditRecord => {
    const whose = oid === actor.oid ? {} : { person: name };
    const detail = { why: actor.did, ...whose, decision: { verdict, reason, via, at }, ...boundTo(approval) };
    return { ...base, action: 'drop-decision', request: approval.id, detail };
  });
}

async function mustFind<Kind extends RunKind>(tx: Queryable, id: RequestId, kind: Kind): Promise<RunOfKind<Kind>> {
  const run: Run | undefined = await findRun(tx, id);
  if (!run || !isOfKind(run, kind)) throw new Error(`run ${id}, a ${kind}, is not there`);
  return run;
}

export function signal(deps: ControlDeps, request: SignalRequest): Promise<Run> {
  const { person, kind, body = {} } = request;
  return deps.database.transaction(async (tx) => {
    const { run, repeated } = await takeRun(tx, request);
    if (repeated) return run;
    if (request.via === 'button' && (request.hash ?? null) !== run.planHash) throw staleCard(run);
    checkTakes(deps, run, kind);
    if (kind === 'rebuild') await refuseLocked(tx, run.subject, person);
    if (kind === 'review') await refusePart(tx, run, person);
    const now = deps.clock.now();
    const base = { at: now, who: person, subject: run.subject, runId: run.id };
    const { stage, attempt, planHash } = run;
    const { machine = '', when, ...said } = body;
    const detail = { stage, attempt, planHash, via: request.via, ...said };
    const about = { ...base, request: run.id };
    const records: AuditRecord[] = [
      kind === 'appoint'
        ? { ...about, action: kind, detail: { ...detail, machine, ...(when !== undefined && { when }) } }
        : { ...about, action: kind, detail },
    ];
    if (kind === 'rebuild') records.push(...(await becomeActor(tx, base, { ...person, did: 'rebuilt', now })));
    await insertSignal(tx, run.id, { kind, by: person, body, at: now, trace: deps.telemetry?.here() });
    await redrawRun(tx, run.id);
    return settle(tx, request, run, records);
  });
}

/** Nobody reviews what they asked for or agreed to. @throws UserError `APPROVAL_OWN`. */
async function refusePart(tx: Queryable, run: Run, { oid, name }: StartRequest['person']): Promise<void> {
  const decided = (await newestApproval(tx, run.id))?.decisions ?? [];
  if (![...run.actors, ...decided].some((one) => one.oid === oid)) return;
  throw new UserError('APPROVAL_OWN', `You cannot review ${run.id}: you took part in it, ${name}.`, {
    hint: 'Ask somebody who neither asked for it nor decided about it.',
    next: [call('status', { request: run.id })],
  });
}

/** Takes the intent, then the run's lock. */
export async function takeRun(
  tx: Queryable,
  { request, intent }: Pick<SignalRequest, 'request' | 'intent'>,
): Promise<{ run: LeasedRun; repeated: boolean }> {
  const repeated = (await takeIntent(tx, intent)) !== undefined;
  const run = await lockRun(tx, await runIdOf(tx, request));
  if (!run) throw await unknown(tx, request);
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

/** A click for another plan than the current one, or for none: the card did not show what it would do. */
export function staleCard(run: Pick<Run, 'id'>): UserError {
  return new UserError('CARD_STALE', `That card is not for the current plan of ${run.id}; nothing was done.`, {
    hint: 'See the current state.',
    next: [call('status', { request: run.id })],
  });
}
